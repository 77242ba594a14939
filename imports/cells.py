"""Reading a cell into the draft of its row, by the target of its column.

Every cell that holds something is accounted for: it is in the draft, or a note names its column, or its column is left
out.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import ip_address
from typing import Any

from django.utils.translation import gettext as _

from contacts.addresses import BROKEN_BY_A_SPREADSHEET, BadAddressError, normalise_email, normalise_handle
from contacts.countries import country_code
from contacts.custom_fields.values import LONGEST_TEXT, Written
from contacts.fields import field_of_trait
from contacts.folding import folded
from contacts.models import Audience
from contacts.reserved_ids import names_nobody
from imports.drafts import LONGEST_NAME, Cell, Draft, custom_name
from imports.judging import STOPS, Word, channels_off, judge, worst
from imports.own_cells import put_declared, take_company, take_declared, take_owner, take_role_there
from imports.targets import COMPANY, CONSENT, CUSTOM, DECLARED, MOMENT, NUMBER, OWNER, ROLE_THERE
from imports.values import (
    NO_DAY,
    Reading,
    parse_moment,
    read_phones,
    split_emails,
    split_list,
    written_moment,
    written_number,
)
from lib.clock import now
from lib.foreign.foreign_json import BadJsonError, read_json

LONGEST_TAG, LONGEST_ID = 60, 320
FORMULA = ("=", "+", "-", "@")
BLANKS = " \t\r\n\u00a0"  # around a cell
TOTALS = re.compile(
    r"(summe|gesamt|gesamtsumme|insgesamt|zwischensumme|total|totals|grand total|subtotal|sum)\b[\s:=]*[\d.,]*\Z",
    re.IGNORECASE,
)


def in_country(reading: Reading, home: str) -> Reading:
    """How values are written by somebody who lives there; "" where nothing says so."""
    return replace(reading, region=home) if home and home != reading.region else reading


def role_of(text: str) -> int | None:
    """The role behind a word of another system, if it is plain."""
    words = {
        "customer": Audience.CUSTOMER, "kunde": Audience.CUSTOMER, "stammkunde": Audience.CUSTOMER,
        "lead": Audience.PROSPECT, "subscriber": Audience.PROSPECT, "prospect": Audience.PROSPECT,
        "opportunity": Audience.PROSPECT, "marketing qualified lead": Audience.PROSPECT,
        "sales qualified lead": Audience.PROSPECT, "evangelist": Audience.INFLUENCER,
        "influencer": Audience.INFLUENCER, "employee": Audience.EMPLOYEE,
    }  # fmt: skip
    return words.get(text.strip().lower())


def take(draft: Draft, cell: Cell) -> None:
    """What a cell says goes into the draft; what cannot be read is noted."""
    draft.columns.setdefault(cell.target, cell.column)
    try:
        if cell.target in CONSENT:
            _take_word(draft, cell)
        elif cell.target in CUSTOM:
            _take_custom(draft, cell)
        elif cell.target.startswith(DECLARED):
            take_declared(draft, cell)
        else:
            TAKERS.get(cell.target, _take_own)(draft, cell)
    except BadAddressError as error:
        draft.note(cell.column, _("“%(text)s” is left out: %(why)s") % {"text": cell.text[:60], "why": error})


def _take_own(draft: Draft, cell: Cell) -> None:
    length = cell.reading.own.get(cell.target)
    if length is None:
        draft.note(cell.column, _("“%(text)s” is left out: nobody knows what it is") % {"text": cell.text[:60]})
    elif draft.fields.get(cell.target):
        draft.keep(cell.column, Written(cell.text))  # another column was first: this one stands beside it
    else:
        draft.fields[cell.target] = draft.fitting(cell.column, cell.text, length)


def _take_country(draft: Draft, cell: Cell) -> None:
    if code := country_code(cell.text):
        draft.fields.setdefault("country", code)
        return
    draft.keep("country as written", Written(cell.text))
    draft.note(cell.column, _("“%(text)s” is no country we know: kept as a custom field") % {"text": cell.text[:60]})


def _take_email(draft: Draft, cell: Cell) -> None:
    found = [normalise_email(part) for part in split_emails(cell.text)]
    draft.emails = [*found, *draft.emails] if cell.target == "email" else [*draft.emails, *found]


def _take_phones(draft: Draft, cell: Cell) -> None:
    found, said = read_phones(cell.text, cell.reading)
    draft.phones += [number for number in found if number not in draft.phones]
    for words in said:
        draft.note(cell.column, words)


def _take_handle(draft: Draft, cell: Cell) -> None:
    draft.handles.append(normalise_handle(cell.text))


def _take_number(draft: Draft, cell: Cell) -> None:
    if BROKEN_BY_A_SPREADSHEET.match(cell.text):
        raise BadAddressError(_("a spreadsheet has broken this number"))
    if names_nobody(cell.text):
        raise BadAddressError(_("it stands for a missing id and names nobody"))
    draft.external_ids.append(draft.fitting(cell.column, f"{cell.reading.id_prefix}{cell.text}", LONGEST_ID))


def _take_tags(draft: Draft, cell: Cell) -> None:
    parts = split_list(cell.text, cell.reading.list_separator)
    if not parts:
        draft.note(cell.column, _("“%(text)s” holds no tag") % {"text": cell.text[:60]})
    draft.tags += [draft.fitting(cell.column, part, LONGEST_TAG) for part in parts]


def _take_role(draft: Draft, cell: Cell) -> None:
    draft.role = role_of(cell.text)
    draft.keep(cell.column, Written(cell.text))


def _take_sms(draft: Draft, cell: Cell) -> None:
    word = judge("opt_out", cell.text, cell.answers)
    if word is not None:  # not understood is a no here too
        draft.others_off |= channels_off("sms", ",")


def _take_word(draft: Draft, cell: Cell) -> None:
    """A yes, a no, or a word that nobody understands: that is no consent, and noted."""
    if cell.target == "opt_out":
        draft.others_off |= channels_off(cell.text, cell.reading.list_separator)
    word = judge(cell.target, cell.text, cell.answers)
    if word is None:
        return
    before, draft.word = draft.word, worst((draft.word, word))
    if word is Word.UNCLEAR:
        draft.note(cell.column, _("“%(text)s” is not understood: no consent") % {"text": cell.text[:60]})
    elif word is Word.NO:
        draft.note(cell.column, _("“%(text)s”: no consent") % {"text": cell.text[:60]})
    elif word in STOPS:
        draft.note(cell.column, _("“%(text)s”: no email goes there") % {"text": cell.text[:60]})
    elif before is not None and before is not word:
        draft.note(cell.column, _("“%(text)s” does not count beside the no in this row") % {"text": cell.text[:60]})


def _take_moment(draft: Draft, cell: Cell) -> None:
    moment = parse_moment(cell.text, cell.reading)
    if moment is None or moment > now():
        draft.note(cell.column, _("“%(text)s” is no date of a consent: left out") % {"text": cell.text[:60]})
        return
    before, column = draft.opted_in_at, draft.columns["opted_in_at"]
    if before is not None and moment < before:
        draft.keep(cell.column, Written(cell.text, moment=moment))
        return
    if before is not None:  # asked for on one day and confirmed on another: the later one proves it
        draft.keep(column, Written(before.isoformat(), moment=before))
        draft.proofs.remove(column)
    draft.opted_in_at, draft.columns["opted_in_at"] = moment, cell.column
    draft.proofs.append(cell.column)


def _take_ip(draft: Draft, cell: Cell) -> None:
    try:
        found = str(ip_address(cell.text)).partition("%")[0]
    except ValueError:
        draft.note(cell.column, _("“%(text)s” is no IP address: left out") % {"text": cell.text[:60]})
        return
    if draft.opted_in_ip not in {None, found}:
        draft.keep(draft.columns["opted_in_ip"], Written(str(draft.opted_in_ip)))
        draft.proofs.remove(draft.columns["opted_in_ip"])
    draft.opted_in_ip, draft.columns["opted_in_ip"] = found, cell.column
    draft.proofs.append(cell.column)


def _take_custom(draft: Draft, cell: Cell) -> None:
    value: Written | None = Written(cell.text)
    if cell.target == MOMENT and NO_DAY.match(cell.text):
        draft.note(cell.column, _("“%(text)s” is no date: left out") % {"text": cell.text})
        return
    if cell.target == NUMBER:
        value = written_number(cell.text, cell.reading)
    elif cell.target == MOMENT:
        value = written_moment(cell.text, cell.reading)
    if value is None:
        kind = _("number") if cell.target == NUMBER else _("date")
        words = _("“%(text)s” is no %(kind)s: kept as text") % {"text": cell.text[:60], "kind": kind}
        draft.note(cell.column, words)
        value = Written(cell.text)
    draft.keep(cell.column, value)


def _take_json(draft: Draft, cell: Cell) -> None:
    try:
        found = read_json(cell.text)
    except BadJsonError:
        found = None
    if not isinstance(found, dict):
        draft.note(cell.column, _("this is no JSON of fields: left out"))
        return
    for name, value in found.items():
        _take_item(draft, cell.column, str(name), value, cell.reading)


def _take_item(draft: Draft, column: str, name: str, value: Any, reading: Reading) -> None:
    if name == "tags" and isinstance(value, list):
        draft.tags += [draft.fitting(column, tag, LONGEST_TAG) for tag in value if isinstance(tag, str) and tag]
        if all(isinstance(tag, str) for tag in value):
            return
    elif isinstance(value, str) and (known := field_of_trait(name)) and known.name != "email":
        if not draft.fields.get(known.name):
            draft.fields[known.name] = draft.fitting(column, value, known.length)
            return
    elif (
        isinstance(value, str | int | float) and (field := reading.declared.get(folded(name, LONGEST_NAME))) is not None
    ):
        put_declared(draft, Cell(column, "", "", reading, {}), field, str(value))
        return
    elif isinstance(value, str) and name.strip():
        draft.custom[custom_name(name, draft.reserved)] = Written(draft.fitting(column, value, LONGEST_TEXT))
        return
    elif isinstance(value, int | float) and name.strip():
        draft.custom[custom_name(name, draft.reserved)] = value
        return
    elif value is None or value in ({}, []):
        return
    draft.note(column, _("“%(name)s” is left out") % {"name": name[:60]})


def complete(draft: Draft, cells: Sequence[str]) -> None:
    """What follows from all cells together: the full name, whether somebody can be recognised by the row at all."""
    if not draft.fields.get("name"):
        given, family = draft.fields.get("given_name"), draft.fields.get("family_name")
        if name := f"{given} {family}" if given and family else given or family:
            draft.fields["name"] = name[:200]
    if draft.fields.get("name", "").startswith(FORMULA):
        draft.notes.append(_("The name looks like a formula: kept as text."))
    reachable = draft.emails or draft.phones or draft.handles
    if not reachable and TOTALS.match(next((text for one in cells if (text := one.strip())), "")):
        draft.error = _("A line of totals: it makes nobody.")
    elif not reachable and (
        "email" in draft.columns or not draft.external_ids
    ):  # a number alone where the email is bad
        why = " ".join(draft.notes)
        draft.error = " ".join(filter(None, (_("No address, number or handle in this row."), why)))
    if draft.role_there and not draft.company:
        draft.note(draft.columns[ROLE_THERE], _("a role without a company is left out"))
    if draft.tags:
        draft.tags = sorted({tag for tag in draft.tags if tag})
    if len(draft.emails) > 1:
        draft.emails = list(dict.fromkeys(draft.emails))


TAKERS: dict[str, Callable[[Draft, Cell], None]] = {
    "country": _take_country,
    "email": _take_email,
    "email_more": _take_email,
    "phone": _take_phones,
    "handle": _take_handle,
    "external_id": _take_number,
    "tags": _take_tags,
    "role": _take_role,
    COMPANY: take_company,
    ROLE_THERE: take_role_there,
    OWNER: take_owner,
    "opt_out_sms": _take_sms,
    "opted_in_at": _take_moment,
    "opted_in_ip": _take_ip,
    "attributes": _take_json,
}
