"""When each team is there and within which time it answers; without a team: Monday to Friday, nine to six, no holidays."""

from collections.abc import Sequence
from datetime import date, time
from functools import cache
from zoneinfo import ZoneInfo

from conversations.models import Connection, Conversation, Team
from conversations.service_levels.sla_clock import TARGETS, Targets
from conversations.service_levels.working_hours import USUAL, Day, Hours
from lib.clock import now
from lib.once import once_a_page
from workspaces.current import current_workspace

YEARS = 2  # of holidays before and after this one


def hours_of(team: Team | None) -> Hours:
    """The opening hours of a team, in the workspace's zone."""
    zone = ZoneInfo(current_workspace().zone)
    if team is None:
        return Hours(zone)
    closed = holidays_of(team.country, team.region, now().year) if team.country else frozenset()
    return Hours(zone, week_of(team.week), closed | {date.fromisoformat(one) for one in team.closed})


def week_of(kept: Sequence[Sequence[str] | None]) -> tuple[Day, ...]:
    """A week as a team keeps it; one that is not of seven days is the usual one."""
    if len(kept) != len(USUAL):
        return USUAL
    return tuple((time.fromisoformat(one[0]), time.fromisoformat(one[1])) if one else None for one in kept)


def targets_of(team: Team | None) -> Targets:
    """Within how many working minutes a team answers."""
    if team is None:
        return TARGETS
    usual = team.public_minutes, team.private_minutes, team.urgent_minutes, team.resolution_minutes
    return Targets(*usual, own=team.targets)


@cache
def holidays_of(country: str, region: str, year: int) -> frozenset[date]:
    """Public holidays there two years around this one; a region that is not known counts for nothing."""
    import holidays  # noqa: PLC0415 - 14 MB, which a process without teams of a country need not hold

    years = range(year - YEARS, year + YEARS + 1)
    try:
        found = holidays.country_holidays(country, subdiv=region or None, years=years)
    except NotImplementedError:
        return holidays_of(country, "", year) if region else frozenset()
    return frozenset(found)


@cache
def regions_of(country: str) -> tuple[str, ...]:
    """The regions whose holidays are known, by their codes; nothing where the country is not."""
    import holidays  # noqa: PLC0415

    return tuple(holidays.list_supported_countries(include_aliases=False).get(country, ()))


@once_a_page
def hours_by_connection() -> dict[int, Hours]:
    """Connection → the hours of its team. One query."""
    rows = Connection.objects.exclude(team=None).select_related("team")
    return {row.pk: hours_of(row.team) for row in rows}


def hours_for(conversation: Conversation) -> Hours:
    """The hours that count for this conversation."""
    return hours_by_connection().get(conversation.connection_id) or hours_of(None)
