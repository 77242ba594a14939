"""Mailbox providers: at whose domains everybody can have a mailbox, and whose domains one house decides about.

The former say nothing about where somebody works; the latter belong together, in figures and when we are asked to wait.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


@dataclass(frozen=True)
class Provider:
    """One house of mailboxes. `domains` in full; `families`: the first label of names like yahoo.co.jp."""

    key: str
    name: str | Promise
    domains: tuple[str, ...]
    families: tuple[str, ...] = ()

    @property
    def brand(self) -> str:
        """Its name in every language."""
        return self.name if isinstance(self.name, str) else self.key.upper()


PROVIDERS = (
    Provider("google", "Google", ("gmail.com", "googlemail.com")),
    Provider("microsoft", "Microsoft", ("msn.com", "windowslive.com", "passport.com"), ("outlook", "hotmail", "live")),
    Provider("yahoo", "Yahoo", ("ymail.com", "rocketmail.com", "aol.com", "aim.com", "verizon.net"), ("yahoo",)),
    Provider("apple", "Apple", ("icloud.com", "me.com", "mac.com")),
    Provider("gmx", _("GMX and Web.de"), ("web.de", "mail.com", "email.de"), ("gmx",)),
    Provider("telekom", "T-Online", ("t-online.de", "magenta.de")),
    Provider("freenet", "freenet", ("freenet.de",)),
    Provider("orange", "Orange", ("orange.fr", "wanadoo.fr")),
    Provider("proton", "Proton", ("proton.me", "protonmail.com", "pm.me")),
)
OTHERS = Provider("others", _("All others"), ())


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


def provider_of(domain: str) -> Provider:
    """Whose mailboxes these are, by the part after the @."""
    name = domain.lower()
    first = name.partition(".")[0]
    return next((one for one in PROVIDERS if name in one.domains or first in one.families), OTHERS)
