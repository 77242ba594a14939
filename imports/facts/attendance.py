"""Attendance: who registered for an event, who came, who did not, who gave the place back. One person, one event, one visit.

That somebody came does not undo that they had registered: both are facts. Whether they came is what the last file says
that knows it; a list of registrations brought in later knows it no better. Several tickets of one person are one visit:
who came with one of them came. An event is one of its day: each ticket may say a moment of its own (when it was checked
in), and the first of them counts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from imports.drafts import Draft
from imports.facts import targets as t
from imports.facts.amounts import BadCellError, line_of
from imports.facts.cells import Cells
from imports.facts.keys import key_of_visit
from imports.facts.statuses import VisitStatus, judge_status
from imports.facts.telling import FIRST_COUNTS, Entry, Said, Wanted, join_items, moment
from imports.twins import told_apart

LONGEST_EVENT, LONGEST_TICKET = 200, 120
REGISTERED = VisitStatus.REGISTERED.value


class Attendance:
    """How rows of an event are read. `about` says what the file does not: the event, when it was, what they all did."""

    def __init__(self, about: Mapping[str, Any], answers: Mapping[str, Mapping[str, str]]) -> None:
        self.event, self.event_at = str(about.get("event", "")), str(about.get("event_at") or "")
        self.unsaid, self.answers = str(about.get("unsaid") or VisitStatus.ATTENDED), answers

    def entry(self, line: int, cells: Cells, draft: Draft, now: datetime) -> Entry:
        """What a row says; who cannot be recognised has no key. BadCellError."""
        event = line_of(cells[t.EVENT], LONGEST_EVENT) or self.event
        if not event:
            raise BadCellError(_("No event is named in this row."))
        at = cells.moment(t.EVENT_AT, until=None) or self.event_at
        registered = cells.moment(t.REGISTERED_AT, until=now)
        status = self._status(cells, is_ahead=bool(at) and moment(at) > now)
        self._check(status, at, registered, now)
        said: Said = {"of": "visit", "event": event, **({"at": at} if at else {})}
        said |= {"registered_at": registered} if registered else {}
        ticket = [line_of(cells[t.TICKET], LONGEST_TICKET), line_of(cells[t.TICKET_NUMBER], LONGEST_TICKET), status]
        day = moment(at).astimezone(cells.reading.zone).date().isoformat() if at else ""
        key = key_of_visit(event, told_apart(draft, draft.key), day) if draft.key else None
        return Entry(line, draft, key, said, ticket)

    def _status(self, cells: Cells, *, is_ahead: bool) -> str:
        text = cells[t.VISIT_STATUS]
        if not text:
            return REGISTERED if is_ahead else self.unsaid
        said = judge_status(t.VISIT_STATUS, text, self.answers.get(cells.column(t.VISIT_STATUS), {}))
        if said is None:
            words = _("“%(text)s” is no status we know. Say what it means, or leave the column out.")
            raise BadCellError(words % {"text": text[:40]})
        return REGISTERED if said == VisitStatus.NO_SHOW and is_ahead else said  # not checked in yet

    def _check(self, status: str, at: str, registered: str, now: datetime) -> None:
        """Every fact needs a moment that has been."""
        if not at and not registered:
            raise BadCellError(_("No date in this row."))
        is_ahead = bool(at) and moment(at) > now
        if status == VisitStatus.ATTENDED and is_ahead:
            raise BadCellError(_("They came to an event that lies in the future: one of the two is wrong."))
        if status in {VisitStatus.ATTENDED, VisitStatus.NO_SHOW} and not at:
            raise BadCellError(_("Nothing says when the event was."))
        if is_ahead and not registered:
            raise BadCellError(_("The event lies ahead, and nothing says when they registered."))


def told_of_visit(saids: Sequence[Said]) -> Said:
    """What all files say together, the earliest first: of each ticket the last word that knows whether they came."""
    whole: Said = {}
    for said in saids:
        have = whole.get("items", [])
        knowing = [item for item in said.get("items", []) if item[2] != REGISTERED]
        rest = [item for item in said.get("items", []) if item[2] == REGISTERED and item not in have]
        moments = {name: min(whole.get(name, said[name]), said[name]) for name in FIRST_COUNTS if name in said}
        joined = join_items([one for one in have if one[2] != REGISTERED], knowing, 2)
        joined += [one for one in have if one[2] == REGISTERED] + rest
        whole = {**whole, **said, "event": whole.get("event", said["event"]), "items": joined}
        whole |= moments
    return whole


def facts_of_visit(whole: Said) -> list[Wanted]:
    """The registration, where somebody says that there was one, and what came of it."""
    items = whole.get("items", [])
    if not items:
        return []
    known = {item[2] for item in items} - {REGISTERED}
    tickets = ", ".join(sorted({item[0] for item in items if item[0]}))
    payload = {"name": whole["event"], **({"ticket": tickets} if tickets else {})}
    at, registered = str(whole.get("at", "")), str(whole.get("registered_at", ""))
    found = []
    has_registered = registered or any(item[2] == REGISTERED for item in items)
    if has_registered:
        found.append(_wanted("event_registration", registered or at, payload))
    if VisitStatus.ATTENDED in known:
        found.append(_wanted("event_visit", at, payload))
    elif VisitStatus.NO_SHOW in known:
        found.append(_wanted("event_no_show", at, payload))
    elif known and not _holds_another(items):
        found.append(_wanted("event_cancelled", registered or at, payload))
    return found


def _holds_another(items: Sequence[list[Any]]) -> bool:
    """Whether a ticket is left that was not given back."""
    back = {tuple(item[:2]) for item in items if item[2] == VisitStatus.CANCELLED}
    return any(tuple(item[:2]) not in back for item in items)


def _wanted(kind: str, at: str, payload: Mapping[str, Any]) -> Wanted:
    return Wanted(kind, kind, moment(at), None, None, None, payload)
