"""Days that come: whose birthday, renewal or other day of a custom field a standing campaign waits for."""

from calendar import isleap
from datetime import date, datetime, time, timedelta

from campaigns.models import StandingCampaign
from campaigns.standing.entering import enter_at
from consent.rules import zone_of
from lib.clock import now
from lib.sql import array_of_texts, run_sql
from workspaces.current import current_workspace, current_workspace_id

AHEAD = timedelta(hours=26)  # the furthest clocks show a day so long before the last ones do
AGAIN = timedelta(hours=1)  # whose day was written down meanwhile is found then
MOST_BEHIND = 2  # days that nobody looked for, because the server was away, and are looked for all the same


def look_for_days(standing: StandingCampaign) -> datetime:
    """Whose day comes enters; returns when to look again. Two statements a day; may be repeated.

    A day of the year that this year does not have, the 29 February, comes on the 28th.
    """
    here = zone_of(current_workspace().zone)
    today, until = now().astimezone(here).date(), (now() + AHEAD).astimezone(here).date()
    known = standing.dates_until or until
    day = max(min(known, today), today - timedelta(days=MOST_BEHIND))
    while day <= until:
        _look_for(standing, day)
        day += timedelta(days=1)
    if standing.dates_until != until:
        standing.dates_until = until
        standing.save(update_fields=["dates_until"])
    return now() + AGAIN


def _look_for(standing: StandingCampaign, day: date) -> None:
    """Those who get it on this day of their own clock."""
    about = day - timedelta(days=standing.offset_days)
    days = [about.strftime("%m-%d")] if standing.is_yearly else [about.isoformat()]
    if standing.is_yearly and days == ["02-28"] and not isleap(about.year):
        days.append("02-29")
    mine = {"workspace": current_workspace_id(), "field": standing.field, "zone": current_workspace().zone}
    rows = run_sql("campaigns/days_coming", mine | {"days": array_of_texts(days), "yearly": standing.is_yearly})
    at = time(standing.at_hour)
    here = current_workspace().zone
    enter_at(
        standing,
        {one: (about.toordinal(), datetime.combine(day, at, zone_of(zone, here))) for one, zone in rows},
    )
