"""The calendar's page."""

from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from campaigns import calendar
from workspaces.permissions import may, needs

FARTHEST = timedelta(days=365 * 20)


@needs("campaigns.see")
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """Four weeks in one grid; `?from=` is a day of the first."""
    monday = _monday(request.GET.get("from", ""))
    weeks = calendar.weeks_from(monday)
    today = timezone.localdate()
    this_week = next((week for week in weeks if any(day.is_today for day in week)), weeks[0])
    week = [one for day in this_week for one in day.going]
    every = [one for row in weeks for day in row for one in day.going]
    counts = calendar.emails_a_person(week)
    context: dict[str, Any] = {
        "weeks": weeks,
        "first": monday,
        "last": weeks[-1][-1].on,
        "before": monday - timedelta(days=7 * calendar.WEEKS),
        "after": monday + timedelta(days=7 * calendar.WEEKS),
        "day_names": [day.on for day in weeks[0]],
        "open_count": sum(one.is_open and one.kind != "draft" for one in every),
        "draft_count": sum(one.kind == "draft" for one in every),
        "every": every,
        "crowded": calendar.crowded_day(weeks),
        "standing": calendar.standing_emails(),
        "week": week,
        "week_from": this_week[0].on,
        "counts": counts,
        "reached": sum(people for _number, people in counts or ()),
        "most": max((people for _number, people in counts or ()), default=1),
        "today": today,
        "can_edit": may(request.membership.role, "campaigns.edit"),  # type: ignore[attr-defined]
        "tabs": tabs_of("calendar"),
    }
    return render(request, "campaigns/calendar/page.html", context)


def tabs_of(here: str) -> list[dict[str, Any]]:
    """List and calendar of campaigns."""
    pages = (("list", _("List")), ("calendar", _("Calendar")))
    return [{"name": name, "url": reverse(f"campaigns:{key}"), "current": key == here} for key, name in pages]


def _monday(asked: str) -> date:
    """The first day shown: this week's Monday where nothing that can be read is asked for."""
    today = timezone.localdate()
    try:
        day = date.fromisoformat(asked[:10])
    except ValueError:
        day = today
    return calendar.first_monday(day if abs(day - today) < FARTHEST else today)
