"""Guessing what a file holds and what its columns mean, where it may be orders or a list of an event."""

from collections.abc import Mapping, Sequence

from contacts.fields import field_of_header
from imports.facts.targets import AMOUNT, AT, EVENT, EVENT_AT, ITEM, LINE_AMOUNT, NUMBER, STATUS, TICKET, VISIT_STATUS
from imports.mapping import presets
from imports.models import ImportRun
from imports.presets.base import Preset
from imports.presets.plain_attendance import PRESET as PLAIN_ATTENDANCE
from imports.presets.plain_orders import PRESET as PLAIN_ORDERS
from imports.sniffing import ADDRESS
from imports.targets import LEAVE_OUT, SEVERAL

Holds = ImportRun.Holds
PLAIN = {Holds.ORDERS: PLAIN_ORDERS, Holds.ATTENDANCE: PLAIN_ATTENDANCE}


def guess_holds(header: Sequence[str]) -> str:
    """What a file of no program we know holds, by the names of its columns; people, where nothing says otherwise."""
    orders = set(guess_fact_mapping(PLAIN_ORDERS, header).values())
    if NUMBER in orders and orders & {AMOUNT, LINE_AMOUNT, ITEM, STATUS} and AT in orders:
        return Holds.ORDERS.value
    visits = set(guess_fact_mapping(PLAIN_ATTENDANCE, header).values())
    if EVENT in visits and visits & {VISIT_STATUS, TICKET, EVENT_AT}:
        return Holds.ATTENDANCE.value
    return Holds.PEOPLE.value


def fact_preset_for(holds: str, file_name: str, header: list[str]) -> Preset:
    """The program that wrote a file that holds this, or the plain one."""
    known = (one for one in presets() if one.holds == holds and one.fits(file_name, header))
    return next(known, PLAIN[Holds(holds)])


def guess_fact_mapping(preset: Preset, header: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> dict[str, str]:
    """Column → target; what neither the program nor its plain sibling names is left out, and so is a second of a kind."""
    plain, mapping = PLAIN[Holds(preset.holds)], dict[str, str]()
    for name in header:
        target = preset.target(name)
        if target is None and preset.name == plain.name:
            target = field_of_header(name)
        is_second = target in mapping.values() and target not in SEVERAL
        mapping[name] = target if target and not is_second else LEAVE_OUT
    return mapping if "email" in mapping.values() else _with_addresses(mapping, header, sample)


def _with_addresses(
    mapping: Mapping[str, str], header: Sequence[str], sample: Sequence[Sequence[str]]
) -> dict[str, str]:
    """A column of nothing but addresses is whose the rows are."""
    for place, name in enumerate(header):
        cells = [cell for row in sample if place < len(row) and (cell := row[place].strip())]
        if cells and not mapping[name] and all(ADDRESS.match(cell) for cell in cells):
            return {**mapping, name: "email"}
    return dict(mapping)
