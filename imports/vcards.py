"""Files of vCards (2.1, 3.0, 4.0) become tables of text: one row a person, further addresses in columns of their own.

Pictures, sounds and keys are left out.
"""

import csv
import quopri
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from imports.reading import UnusableFileError

BEGIN = re.compile(rb"\A(\xef\xbb\xbf)?\s*BEGIN:VCARD", re.IGNORECASE)
SKIPPED = {"begin", "end", "version", "prodid", "rev", "photo", "logo", "sound", "key"}
NAMES = {
    "fn": "Full name", "email": "Email", "tel": "Phone", "org": "Organisation", "title": "Job title", "note": "Note",
    "bday": "Birthday", "categories": "Tags", "uid": "UID", "url": "URL", "nickname": "Nickname", "lang": "Language",
}  # fmt: skip
PARTS = {
    "n": ("Last name", "First name", "Middle name", "Prefix", "Suffix"),
    "adr": ("Post box", "Address 2", "Street", "City", "Region", "Postcode", "Country"),
}
MOST_COLUMNS = 400


def is_vcard(head: bytes) -> bool:
    """Whether a file that begins like this holds vCards."""
    return BEGIN.match(head) is not None


def write_cards(source: Path, target: Path) -> None:
    """The cards of a file as CSV. UnusableFileError where there is none."""
    columns: dict[str, None] = dict.fromkeys(["Full name", "First name", "Last name", "Email", "Phone"])
    for card in _cards(source):
        columns.update(dict.fromkeys(card))
    if len(columns) > MOST_COLUMNS:
        raise UnusableFileError(_("These vCards have too many different fields."))
    with target.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, list(columns), restval="")
        out.writeheader()
        out.writerows(_cards(source))


def _cards(source: Path) -> Iterator[dict[str, str]]:
    card: dict[str, str] | None = None
    for line in _unfolded(source):
        name, parameters, value = _split(line)
        if name == "begin":
            card = {}
        elif name == "end" and card is not None:
            if card:
                yield card
            card = None
        elif card is not None and name and name not in SKIPPED:
            _add(card, name, _decoded(value, parameters), parameters)


def _unfolded(source: Path) -> Iterator[str]:
    """The logical lines: a line that begins with a blank goes on, so does one of quoted-printable that ends in =."""
    held = ""
    with source.open(encoding="utf-8-sig", errors="replace", newline=None) as file:
        for raw in file:
            line = raw.rstrip("\r\n")
            if line[:1] in {" ", "\t"} and held:
                held += line[1:]
            elif held.endswith("=") and "QUOTED-PRINTABLE" in held.upper():
                held = held[:-1] + line
            else:
                if held:
                    yield held
                held = line
            held = held[:1_000_000]
    if held:
        yield held


def _split(line: str) -> tuple[str, dict[str, str], str]:
    """Name, parameters and value: item1.EMAIL;TYPE=home:a@b.example."""
    head, _colon, value = _outside_quotes(line)
    name, *parameters = head.split(";")
    found = {}
    for one in parameters:
        key, equals, said = one.partition("=")
        found[key.strip().upper() if equals else "TYPE"] = said.strip('" ') if equals else key
    return name.rpartition(".")[2].strip().lower(), found, value


def _outside_quotes(line: str) -> tuple[str, str, str]:
    quoted = False
    for place, one in enumerate(line):
        if one == '"':
            quoted = not quoted
        elif one == ":" and not quoted:
            return line[:place], ":", line[place + 1 :]
    return line, "", ""


def _decoded(value: str, parameters: dict[str, str]) -> str:
    if "QUOTED-PRINTABLE" in {parameters.get("ENCODING", "").upper(), parameters.get("TYPE", "").upper()}:
        try:
            return quopri.decodestring(value.encode()).decode(parameters.get("CHARSET", "utf-8"), "replace")
        except LookupError:
            return value
    return value


def _add(card: dict[str, str], name: str, value: str, parameters: dict[str, str]) -> None:
    if name in PARTS:
        for label, part in zip(PARTS[name], re.split(r"(?<!\\);", value), strict=False):
            _put(card, label, _plain(part))
    elif name == "tel":
        _put(card, "Phone", _plain(value.removeprefix("tel:")))
    elif name == "org":
        company, *units = [_plain(part) for part in re.split(r"(?<!\\);", value)]
        _put(card, "Organisation", company)
        _put(card, "Department", ", ".join(filter(None, units)))
    elif name == "categories":
        parts = [_plain(one).replace('"', "") for one in re.split(r"(?<!\\),", value)]
        _put(card, "Tags", ",".join(f'"{one}"' for one in parts if one))
    else:
        _put(card, NAMES.get(name, name.upper()), _plain(value))


def _put(card: dict[str, str], label: str, text: str) -> None:
    """Under its name, a second one under the next number."""
    if not text:
        return
    number = Counter(re.sub(r" \d+\Z", "", one) for one in card)[label] + 1
    card[label if number == 1 else f"{label} {number}"] = text


def _plain(text: str) -> str:
    return re.sub(r"\\([,;:\\])", r"\1", re.sub(r"\\[nN]", "\n", text)).strip()
