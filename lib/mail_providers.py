"""Domains at which everybody can have a mailbox: they say nothing about where somebody works."""

# By the part before the last dot; gmx.de and gmx.at are one.
FOR_EVERYBODY = frozenset(
    {
        "aol", "fastmail", "freenet", "gmail", "gmx", "googlemail", "hotmail", "icloud", "live", "mail", "mailbox", "me",
        "outlook", "posteo", "proton", "protonmail", "t-online", "web", "yahoo", "ymail", "zoho", "yandex", "tutanota",
        "tuta", "hey", "msn", "mac", "pm", "qq", "163", "126", "orange", "wanadoo", "laposte", "libero", "virgilio",
        "bluewin", "hispeed", "chello", "aon", "a1", "arcor", "kabelmail", "email", "online", "comcast", "verizon",
        "btinternet", "rediffmail", "seznam", "wp", "onet", "interia", "o2", "free", "sfr", "rocketmail", "duck",
    }
)  # fmt: skip
SECOND_LEVELS = frozenset({"co", "com", "org", "net", "ac", "or", "gov", "edu"})


def is_for_everybody(domain: str) -> bool:
    """Whether anybody can have a mailbox there: gmail.com, yahoo.co.uk, mail.gmx.net."""
    return bool(FOR_EVERYBODY & {brand_of(domain)})


def brand_of(domain: str) -> str:
    """The part of a domain that names its owner: kettle of mail.kettle.example, yahoo of yahoo.co.uk; "" without one."""
    parts = domain.lower().strip(".").split(".")
    if len(parts) < 2:
        return ""
    if len(parts) > 2 and parts[-2] in SECOND_LEVELS and len(parts[-1]) == 2:
        return parts[-3]
    return parts[-2]
