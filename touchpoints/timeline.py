"""The read model of one person's history: keyset pages over the ledger, newest first."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.channels import Channel, icon_of
from contacts.merging import everyone_in
from lib.local_words import number
from lib.pages import Page, read_cursor, write_cursor
from lib.rooms import house
from lib.sql import load_sql, run_dicts
from touchpoints.answer_times import answer_times, duration
from touchpoints.call_results import result_words
from touchpoints.kinds import BY_CODE, KINDS
from touchpoints.models import OwnKind, Touchpoint
from touchpoints.visits import is_view, pages_of, visits_in
from workspaces.current import current_workspace, current_workspace_id
from workspaces.models import User

PAGE_ROWS = 40
ROWS_AN_EVENT = 3  # page views of one visit are one event: so many facts are read for a page of events


@dataclass(frozen=True, slots=True)
class Filters:
    """What of the history to show; None shows all."""

    direction: int | None = None
    channel: int | None = None
    kind: int | None = None
    before: datetime | None = None


@dataclass(slots=True)
class Event:
    """One moment as the page shows it; the attributes components/event.html reads."""

    pk: UUID
    at: datetime
    direction: str
    channel: str
    icon: str
    title: str
    kinds: tuple[str, ...] = ()
    sentiment: str = ""
    text: str = ""
    lines: list[str] = field(default_factory=list)
    public: bool | None = None
    url: str = ""
    folded: list[str] = field(default_factory=list)


def read_timeline(contact_id: int, filters: Filters, *, cursor: str = "", limit: int = PAGE_ROWS) -> Page[Event]:
    """A page of the history of a contact and everybody linked to it. Three queries, whatever the length.

    A visit is one event however many pages it had (of more than three pages' worth of them it is a beginning and an
    end); one that may go on beyond this page is left to the next.
    """
    members = {f"contact_{place}": pk for place, pk in enumerate(everyone_in(contact_id))}
    params: dict[str, Any] = {"workspace": current_workspace_id(), "limit": limit * ROWS_AN_EVENT + 1, **members}
    clauses = []
    for name in ("direction", "channel", "kind"):
        if (value := getattr(filters, name)) is not None:
            clauses.append(f"AND t.{name} = %({name})s")
            params[name] = value
    if filters.before is not None:
        clauses.append("AND t.occurred_at < %(before)s::timestamptz")
        params["before"] = filters.before
    if key := read_cursor(cursor, datetime, UUID):
        clauses.append("AND (t.occurred_at, t.id) < (%(at)s::timestamptz, %(id)s::uuid)")
        params |= {"at": key[0], "id": key[1]}
    narrowed = " ".join(clauses)
    each = " UNION ALL ".join(load_sql("touchpoints/timeline_of_one", one=one, filters=narrowed) for one in members)
    rows = run_dicts(load_sql("touchpoints/timeline", facts=load_sql("touchpoints/facts"), each=each), params)
    more = len(rows) > limit * ROWS_AN_EVENT
    visits = list(visits_in(rows[: limit * ROWS_AN_EVENT]))
    if more and len(visits) > 1 and is_view(visits[-1][-1]):
        visits.pop()
    more, visits = more or len(visits) > limit, visits[:limit]
    last = visits[-1][-1] if more else None
    return Page(_events(visits), write_cursor(last["occurred_at"].isoformat(), str(last["id"])) if last else "")


def _events(visits: list[list[dict[str, Any]]]) -> list[Event]:
    rows = [row for visit in visits for row in visit]
    actors = dict(User.objects.filter(pk__in={r["actor_id"] for r in rows if r["actor_id"]}).values_list("pk", "name"))
    own = {row["kind"] for row in rows} - BY_CODE.keys()
    names = dict(OwnKind.objects.filter(code__in=own).values_list("code", "key")) if own else {}
    waits, events = answer_times(rows), []
    for visit in visits:
        event = _event(visit[0], actors, names)
        if len(visit) > 1:
            _fold(event, visit)
        elif took := waits.get(event.pk):
            event.lines.append(_("after %(time)s") % {"time": duration(took)})
        events.append(event)
    return events


def _fold(event: Event, visit: list[dict[str, Any]]) -> None:
    """One event for a visit, at its beginning: how many pages, and which."""
    pages = pages_of(visit)
    event.title, event.icon, event.text = str(KINDS["visit"].said), KINDS["visit"].icon, ""
    event.at = visit[-1]["occurred_at"]
    event.lines = [ngettext("%(n)s page", "%(n)s pages", len(pages)) % {"n": len(pages)}] if pages else []
    event.folded = [title for title in pages if title]


def _event(row: dict[str, Any], actors: dict[int, str], names: dict[int, str]) -> Event:
    kind, payload = BY_CODE.get(row["kind"]), json.loads(row["payload"])
    channel = Channel(row["channel"]) if row["channel"] in Channel.values else Channel.WEB
    outward = row["direction"] == Touchpoint.Direction.OUTWARD
    event = Event(
        pk=row["id"],
        at=row["occurred_at"],
        direction="out" if outward else "in",
        channel=_("%(channel)s, from us") % {"channel": channel.label}
        if outward
        else _("%(channel)s, from them") % {"channel": channel.label},
        icon=kind.icon if kind else icon_of(channel),
        title=_title(row, kind.said if kind else names.get(row["kind"], _("Something happened")), payload),
        kinds=house.timeline_badges.get(row["kind"], ()),
        sentiment=_sentiment(row["sentiment_milli"]),
        text=str(payload.get("text") or payload.get("note") or "")[:600],
        public=payload.get("public"),
        url=str(payload.get("link") or "") if str(payload.get("link") or "").startswith("/") else "",
    )
    event.lines = _lines(row, payload, actors)
    return event


def _title(row: dict[str, Any], said: object, payload: dict[str, Any]) -> str:
    title = str(said)
    if row["value_minor"] is not None:
        title = f"{title}: {number(row['value_minor'] / 100, 2)} {(row['currency'] or current_workspace().currency).strip()}"
    subject = payload.get("subject") or payload.get("name") or payload.get("title")
    return f"{title}: {subject}" if subject else title


def _lines(row: dict[str, Any], payload: dict[str, Any], actors: dict[int, str]) -> list[str]:
    lines = []
    if row["actor_id"] in actors:
        lines.append(actors[row["actor_id"]])
    page = (payload.get("context") or {}).get("page") or {}
    for value in (
        payload.get("url"),
        page.get("title"),
        payload.get("place"),
        payload.get("minutes") and _("%(n)s minutes") % {"n": payload["minutes"]},
        result_words(payload.get("result")),
        payload.get("reason"),
    ):
        if value and str(value) not in lines:
            lines.append(str(value)[:160])
    if row["certainty"] == Touchpoint.Certainty.MACHINE:
        lines.append(_("A machine, not counted"))
    elif row["certainty"] == Touchpoint.Certainty.UNCERTAIN:
        lines.append(_("Not sure that it was a person, not counted"))
    return lines


def _sentiment(milli: int | None) -> str:
    if milli is None:
        return ""
    return "positive" if milli >= 200 else "negative" if milli <= -200 else "neutral"
