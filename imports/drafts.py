"""From the cells of a row to what they say about a person, by a mapping of columns to targets."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.addresses import (
    BROKEN_BY_A_SPREADSHEET,
    BadAddressError,
    normalise_email,
    normalise_handle,
    normalise_phone,
)
from contacts.channels import Channel
from contacts.fields import Place, field_at, field_of_trait, fields_at
from contacts.models import Audience
from contacts.reserved_ids import names_nobody
from lib.clock import is_storable, now
from lib.foreign_json import BadJsonError, read_json

FIELD = "field"  # a custom field under the column's own name
OTHER_TARGETS = {
    "phone": gettext_lazy("phone"),
    "handle": gettext_lazy("social handle"),
    "external_id": gettext_lazy("customer number"),
    "tags": gettext_lazy("tags"),
    "role": gettext_lazy("role"),
    "opt_out": gettext_lazy("unsubscribed from email"),
    "opted_in_at": gettext_lazy("consent given at"),
    "opted_in_ip": gettext_lazy("consent given from IP"),
    "attributes": gettext_lazy("fields as JSON"),
    FIELD: gettext_lazy("a custom field"),
}
YES = {"true", "yes", "y", "1", "ja", "wahr", "x", "email", "blocklisted", "disabled", "unsubscribed"}
NUMBER = re.compile(r"-?(0|[1-9]\d{0,14})(\.\d{1,9})?\Z")
NUMBER_WITH_COMMA = re.compile(r"-?([1-9]\d{0,2}(\.\d{3})*|[1-9]\d*|0)(,\d{1,9})?\Z")
GERMAN_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\Z")


def targets() -> dict[str, Any]:
    """What a column can be imported as: target → its words."""
    own = {one.name: one.label for one in fields_at(Place.IMPORT)}
    return {"": gettext_lazy("leave out"), **own, **OTHER_TARGETS}


@dataclass(frozen=True, slots=True)
class Reading:
    """How values are written in a file."""

    list_separator: str = ","
    decimal_comma: bool = False
    region: str | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    id_prefix: str = ""


@dataclass(slots=True)
class Draft:
    """What one row says. `notes` are the things left out, with why; `error` makes the row unusable."""

    line: int
    email: str = ""
    phone: str = ""
    handle: str = ""
    external_id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    custom: dict[str, Any] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    role: int | None = None
    opted_out: set[int] = field(default_factory=set)
    opted_in_at: datetime | None = None
    opted_in_ip: str | None = None
    notes: list[str] = field(default_factory=list)
    error: str = ""


def draft_of(line: int, row: Mapping[str, str], mapping: Mapping[str, str], reading: Reading) -> Draft:
    """The draft of a row; `mapping` says for each column its target ("field" keeps the column's name)."""
    draft = Draft(line)
    for column, target in mapping.items():
        text = row.get(column, "").strip().strip("\u00a0").strip()
        if text and target:
            _take(draft, column, target, text, reading)
    _complete(draft)
    return draft


def parse_value(text: str, reading: Reading) -> Any:
    """A cell as number, moment or text. Leading zeros and long digits stay text: they are numbers of things."""
    text = text.removeprefix("'")
    if reading.decimal_comma and NUMBER_WITH_COMMA.match(text):
        return float(text.replace(".", "").replace(",", "."))
    if not reading.decimal_comma and NUMBER.match(text):
        return float(text)
    moment = parse_moment(text, reading)
    return moment if moment is not None else text


def parse_moment(text: str, reading: Reading) -> datetime | None:
    """A moment from ISO text or a German day, in the file's zone when it names none; None outside of 1900 to 2200."""
    day = GERMAN_DAY.match(text)
    try:
        if day:
            moment: datetime | None = datetime(int(day[3]), int(day[2]), int(day[1]), tzinfo=reading.zone)
        elif len(text) < 10 or text[4:5] != "-":
            return None
        else:
            moment = parse_datetime(text if len(text) > 10 else f"{text} 00:00")
    except ValueError:
        return None
    if moment is not None and moment.tzinfo is None:
        moment = moment.replace(tzinfo=reading.zone)
    return moment if moment is not None and is_storable(moment) else None


def split_list(text: str, separator: str) -> list[str]:
    """The parts of a cell that holds a list, quotes around parts taken off."""
    return [part for one in text.split(separator) if (part := one.strip().strip('"').strip())]


def _take(draft: Draft, column: str, target: str, text: str, reading: Reading) -> None:  # noqa: C901, PLR0912 - a line each
    try:
        match target:
            case "country":
                _fit_country(draft, text)
            case "email":
                draft.email = normalise_email(text)
            case "phone":
                draft.phone = normalise_phone(text, reading.region)
            case "handle":
                draft.handle = normalise_handle(text)
            case "external_id":
                draft.external_id = _number_of(text, reading)
            case "tags":
                draft.tags += [tag[:60] for tag in split_list(text, reading.list_separator)]
            case "role":
                draft.role = role_of(text)
                draft.custom[column[:80]] = text
            case "opt_out":
                draft.opted_out |= opt_outs(text, reading)
            case "opted_in_at":
                draft.opted_in_at = parse_moment(text, reading) or draft.opted_in_at
            case "opted_in_ip":
                draft.opted_in_ip = _ip(text)
            case "attributes":
                _take_json(draft, text)
            case "field":
                draft.custom[column[:80]] = parse_value(text, reading)
            case _ if (known := field_at(Place.IMPORT, target)) is not None:
                draft.fields[target] = text[: known.length]
    except BadAddressError as error:
        if target == "email":
            draft.error = str(error)
        else:
            draft.notes.append(f"{column}: {error}")


def opt_outs(text: str, reading: Reading) -> set[int]:
    """The channels that a cell such as "true", "email|sms" or "blocklisted" switches off."""
    words = {word.lower() for word in split_list(text, reading.list_separator)}
    off: set[int] = {int(Channel.EMAIL)} if words & YES else set()
    return off | ({int(Channel.MOBILE)} if words & {"sms", "text"} else set())


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


def _take_json(draft: Draft, text: str) -> None:
    try:
        found = read_json(text)
    except BadJsonError:
        draft.notes.append(_("The fields are no JSON: left out."))
        return
    for name, value in found.items() if isinstance(found, dict) else ():
        if name == "tags" and isinstance(value, Sequence) and not isinstance(value, str):
            draft.tags += [tag[:60] for tag in value if isinstance(tag, str) and tag]
        elif isinstance(value, str) and (known := field_of_trait(str(name))) and known.name != "email":
            draft.fields.setdefault(known.name, value[: known.length])
        elif isinstance(value, str | int | float | bool):
            draft.custom[str(name)[:80]] = value


def _number_of(text: str, reading: Reading) -> str:
    if BROKEN_BY_A_SPREADSHEET.match(text):
        raise BadAddressError(_("a spreadsheet has broken this number (%(text)s); left out") % {"text": text})
    if names_nobody(text):
        raise BadAddressError(_("“%(text)s” stands for a missing id and names nobody; left out") % {"text": text[:40]})
    return f"{reading.id_prefix}{text}"[:320]


def _ip(text: str) -> str | None:
    try:
        return str(ip_address(text)).partition("%")[0]
    except ValueError:
        return None


def _complete(draft: Draft) -> None:
    if not draft.fields.get("name"):
        name = " ".join(filter(None, (draft.fields.get("given_name"), draft.fields.get("family_name"))))
        if name:
            draft.fields["name"] = name[:200]
    if draft.fields.get("name", "")[:1] in tuple("=+-@"):
        draft.notes.append(_("The name looks like a formula: kept as text."))
    if not (draft.error or draft.email or draft.phone or draft.external_id or draft.handle):
        draft.error = _("No address, number or handle in this row.")
    draft.tags = sorted(set(draft.tags))
    if draft.opted_in_at and draft.opted_in_at > now():
        draft.opted_in_at = None


def _fit_country(draft: Draft, text: str) -> None:
    """A country's two letters; anything else is kept as a custom field of another name."""
    code = text.upper()
    if len(code) == 2 and code.isalpha():
        draft.fields["country"] = code
    else:
        draft.custom["country as written"] = text
