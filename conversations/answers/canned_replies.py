"""Answers given often: whom they greet, and which words in braces they may hold."""

import re

VARIABLES = {"name"}
BRACES = re.compile(r"\{([^{}]*)\}")
TITLES = {
    "mr", "mrs", "ms", "miss", "mx", "sir", "dr", "prof", "professor", "rev", "herr", "frau", "hr", "fr", "dipl", "ing",
    "med", "phd", "mag", "m", "mme", "mlle", "sr", "sra",
}  # fmt: skip


def first_name(name: str) -> str:
    """How one greets a person of this name: "Bell, Anna" and "Dr. Anna Bell" are Anna; "" where there is no name."""
    _family, comma, given = name.partition(",")
    words = [word.strip("()\"'“”„") for word in (given if comma and given.strip() else name).split()]
    named = [word for word in words if any(one.isalpha() for one in word)]
    plain = [word for word in named if word.rstrip(".").lower() not in TITLES]
    return (plain or named or [""])[0].rstrip(",")


def fill_in(text: str, name: str) -> str:
    """A canned answer for this person; without a name the sentence stays whole."""
    first = first_name(name)
    if first:
        return text.replace("{name}", first)
    without = re.sub(r"(?m)^\{name\}[,:!]?[ \t]*(\w?)", lambda found: found[1].upper(), text)
    return re.sub(r",?[ \t]*\{name\}", "", without)


def unknown_variables(text: str) -> list[str]:
    """What stands in braces and means nothing: it would be sent as it is written."""
    return sorted(set(BRACES.findall(text)) - VARIABLES)
