"""What this room shows on the contact page."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from contacts.channels import Channel, icon_of
from contacts.duplicates.comparing import Joining
from contacts.merging import everyone_in
from contacts.models import Contact
from contacts.showing import shown
from lib.asked import whole_number
from lib.clock import now
from lib.pages import read_cursor
from lib.sql import load_sql, run_dicts
from touchpoints.kinds import BY_CODE
from touchpoints.last_of_each import last_of_each
from touchpoints.models import Touchpoint
from touchpoints.months import by_month, count_months, end_of_month
from touchpoints.timeline import Filters, read_timeline
from workspaces.current import current_workspace_id
from workspaces.models import User
from workspaces.permissions import may
from workspaces.requests import Request

MOST_COUNTED, MOST_LAST = 10_000, 10
JUST_NOW = timedelta(days=2)


def timeline_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """Everything, in order: a page of it by month, the filters, and the strip of twelve months on the first page."""
    filters, after = read_filters(request), request.GET.get("after", "")
    page = read_timeline(contact.pk, filters, cursor=after)
    key = read_cursor(after, datetime, UUID)
    if shown(request, contact).is_masked:  # what somebody wrote may name them
        for event in page.rows:
            event.text = ""
    return {
        "contact": contact,
        "months": by_month(page.rows, after=key[0] if key else None),
        "strip": [] if key else count_months(contact.pk),
        "is_first": key is None,
        "cursor": page.cursor,
        "filters": filters,
        "channels": Channel.choices,
        "may_log": may(request.membership.role, "touchpoints.log"),
    }


def last_contact_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """The last moment on each channel, who handled it, and how many there were."""
    rows = run_dicts(
        load_sql("touchpoints/last_by_channel"),
        {"workspace": current_workspace_id(), "contacts": everyone_in(contact.pk)},
    )
    if not rows:
        return None
    names = dict(User.objects.filter(pk__in=[r["actor_id"] for r in rows if r["actor_id"]]).values_list("pk", "name"))
    return {"rows": [_last(row, names) for row in rows]}


def company_panel(request: Request, contact_ids: Sequence[int]) -> dict[str, Any] | None:
    """The last moment with each of these people, the newest first. Three statements, whatever their number."""
    newest = sorted(last_of_each(contact_ids).items(), key=lambda one: one[1].at, reverse=True)[:MOST_LAST]
    if not newest:
        return None
    people = Contact.objects.in_bulk([pk for pk, _last in newest])
    return {"rows": [(shown(request, people[pk]), last) for pk, last in newest if pk in people]}


def _last(row: dict[str, Any], names: dict[int, str]) -> dict[str, Any]:
    kind, channel = BY_CODE.get(row["kind"]), Channel(row["channel"])
    said = kind.said if kind else _("Something happened")
    return {
        "icon": icon_of(channel),
        "said": said,
        "at": row["at"],
        "by": names.get(row["actor_id"], ""),
        "channel": channel.label,
        "count": row["n"],
    }


def read_filters(request: Request) -> Filters:
    """Filters from the address; nonsense shows everything."""

    def number(name: str, allowed: list[int]) -> int | None:
        asked = whole_number(request.GET.get(name, ""))
        return asked if asked in allowed else None

    before = end_of_month(request.GET.get("month", ""))
    return Filters(number("direction", Touchpoint.Direction.values), number("channel", Channel.values), None, before)


def joining_panel(request: Request, joining: Joining) -> dict[str, Any]:
    """How much happened with each of two people who are about to become one, counted up to 10,000 each."""
    pair = [everyone_in(one.pk) for one in (joining.survivor, joining.loser)]
    found = [Touchpoint.objects.filter(contact__in=those)[: MOST_COUNTED + 1].count() for those in pair]
    counts = [min(count, MOST_COUNTED) for count in found]
    return {"counts": counts, "total": sum(counts), "is_more": max(found) > MOST_COUNTED}


def just_now_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """What this person is doing just now: the newest thing they did themselves within two days. Two queries."""
    since = now() - JUST_NOW
    page = read_timeline(contact.pk, Filters(direction=int(Touchpoint.Direction.INWARD)), limit=1)
    if not page.rows or page.rows[0].at < since:
        return None
    event = page.rows[0]
    return {"event": event, "pages": len(event.folded), "last": event.folded[-1] if event.folded else ""}
