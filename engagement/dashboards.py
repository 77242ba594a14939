"""Read models of home: who needs care, how the four I's move, levels by audience, channels both ways, who came back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.channels import FAMILIES, channels_of
from contacts.models import Audience, AudienceRole
from engagement.audience_snapshots import EVERYBODY
from engagement.four import FOUR, NAMES
from engagement.levels import GOOD, KNOWN, Level
from engagement.models import Annotation, AudienceSnapshot, LevelMove
from lib.clock import now
from lib.local_words import date_format, in_sentence
from lib.sql import load_sql, run_dicts, run_sql
from segments.members.filling import is_big
from touchpoints.kinds import KINDS
from touchpoints.models import DayCount, Touchpoint
from workspaces.current import current_workspace, current_workspace_id
from workspaces.kept_figures import kept_figure

PERIODS = {4: gettext_lazy("4 weeks"), 12: gettext_lazy("12 weeks"), 52: gettext_lazy("Year")}
COMPLAINT, FALLING, RISEN = range(3)
MOST_KEPT = 50
THANKED_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Care:
    """One person to care for today, and why."""

    contact_id: int
    name: str
    roles: str
    level: int
    direction: int
    why: str
    by: str
    is_urgent: bool


def people_to_care_for(limit: int = 6, *, many: bool | None = None) -> tuple[list[Care], int]:
    """The first people who need somebody today, and how many there are.

    One query; in a big workspace of whom was found within the last minutes (`care_now`), as they are now.
    """
    found = _shown("engagement.care", care_now, many=many)
    if found is None:
        return [], 0
    params = {
        "workspace": current_workspace_id(),
        "contacts": [one[0] for one in found["people"]],
        "reasons": [one[1] for one in found["people"]],
        "moments": [one[2] for one in found["people"]],
        "limit": limit,
    }
    rows = run_dicts(load_sql("engagement/cared_for"), params) if found["people"] else []
    return [_care(row) for row in rows], found["total"]


def care_now(_argument: int) -> dict[str, Any]:
    """`{total, people: [[contact, reason, moment], …]}`: the first of everybody who needs somebody, and how many."""
    moment = now()
    rows = run_dicts(
        load_sql("engagement/care"),
        {
            "workspace": current_workspace_id(),
            "complaint": COMPLAINT,
            "falling": FALLING,
            "risen": RISEN,
            "good": int(GOOD),
            "now": moment,
            "soon": moment + timedelta(days=14),
            "lately": moment - timedelta(days=7),
            "limit": MOST_KEPT,
        },
    )
    people = [[row["id"], row["reason"], row["at"].isoformat()] for row in rows]
    return {"total": rows[0]["total"] if rows else 0, "people": people}


def _shown(name: str, count: Callable[[int], Any], argument: int = 0, *, many: bool | None) -> Any:
    """What a page shows of everybody: counted now, in a big workspace what is kept; None before it was counted.

    `many`: whether it is a big one, where the caller has asked already.
    """
    if not (is_big() if many is None else many):
        return count(argument)
    kept = kept_figure(name, argument)
    return kept.data if kept else None


def counted_at(*, many: bool) -> datetime | None:
    """When what is kept of everybody was counted; None in a workspace that counts while one waits."""
    kept = kept_figure("engagement.levels") if many else None
    return kept.at if kept else None


def _care(row: dict[str, Any]) -> Care:
    day = date_format(row["at"], "j F")
    level = row["level"] or 0
    words = {
        COMPLAINT: (
            _("Open complaint since %(day)s. Offers are paused until it is resolved.") % {"day": day},
            -1,
        ),
        FALLING: (
            _("Falls to %(level)s on %(day)s, if nothing happens.")
            % {"level": in_sentence(Level(max(level - 1, 1)).label), "day": day},
            -1,
        ),
        RISEN: (
            _("Became %(level)s on %(day)s. Nobody has said thank you yet.")
            % {"level": in_sentence(Level(level).label), "day": day},
            1,
        ),
    }
    why, direction = words[row["reason"]]
    roles = ", ".join(str(Audience(role).label) for role in row["roles"]) or _("No role yet")
    name = row["name"] or row["email"] or _("Visitor")
    by, is_urgent = _by(row["reason"], row["at"])
    return Care(row["id"], name, roles, level, direction, why, by, is_urgent)


def _by(reason: int, at: datetime) -> tuple[str, bool]:
    """Until when somebody should care, and whether that is today: a fall by its day, thanks within a week."""
    until = {COMPLAINT: now(), FALLING: at, RISEN: at + THANKED_WITHIN}[reason]
    is_today = until <= now() + timedelta(days=1)
    return (_("today"), True) if is_today else (date_format(until, "j M"), False)


def four_over_time(weeks: int, role: int = EVERYBODY) -> dict[str, Any]:
    """The mean of each I by week, oldest first, with annotations by position; empty until two standings exist."""
    today = now().astimezone(ZoneInfo(current_workspace().zone)).date()
    rows = list(
        AudienceSnapshot.objects.filter(role=role, day__gte=today - timedelta(weeks=weeks))
        .order_by("day")
        .values("day", "people", *NAMES)
    )
    rows = [row for at, row in enumerate(rows) if at == len(rows) - 1 or (today - row["day"]).days % 7 == 0]
    labels = [date_format(row["day"], "j M") for row in rows]
    highest = max((abs(row[name]) for row in rows for name in NAMES), default=0)
    return {
        "people": rows[-1]["people"] if rows else 0,
        "high": max(20, 20 * ceil(highest / 20)),
        "charts": [
            {
                "kind": one.name,
                "say": one.said,
                "series": [(label, round(row[one.name])) for label, row in zip(labels, rows, strict=True)],
            }
            for one in FOUR
        ]
        if len(rows) > 1
        else [],
        "annotations": _annotations([row["day"] for row in rows]),
    }


def _annotations(days: list[date]) -> list[tuple[str, int, int]]:
    found = []
    for note in Annotation.objects.all():
        inside = [at for at, day in enumerate(days) if note.starts_on <= day <= note.ends_on]
        if inside:
            found.append((note.name, inside[0], inside[-1]))
    return found


def levels_by_audience(*, many: bool | None = None) -> list[dict[str, Any]]:
    """For each audience: people by level (six shares), who moved up and down in four weeks.

    Empty in a big workspace before it was counted for the first time.
    """
    since = now() - timedelta(weeks=4)
    counted = _shown("engagement.levels", levels_now, many=many)
    if counted is None:
        return []
    by_role = {int(role): counted.get(str(int(role)), [0] * len(KNOWN)) for role in Audience}
    moved = {
        row["contact__roles__role"]: (row["up"], row["down"])
        for row in LevelMove.objects.filter(at__gte=since, contact__roles__until=None)
        .values("contact__roles__role")
        .annotate(up=Count("id", filter=Q(after__gt=F("before"))), down=Count("id", filter=Q(after__lt=F("before"))))
    }
    return [
        {
            "name": Audience(role).label,
            "role": role,
            "people": sum(levels),
            "parts": [
                (f"level-{level.value}", count, f"{level.label}: {count}")
                for level, count in zip(KNOWN, levels, strict=True)
                if count
            ],
            "up": moved.get(role, (0, 0))[0],
            "down": moved.get(role, (0, 0))[1],
        }
        for role, levels in by_role.items()
    ]


def levels_now(_argument: int) -> dict[str, list[int]]:
    """Audience → people by level, of those who play the role now."""
    counted: Any = (
        AudienceRole.objects.filter(until=None)
        .values("role")
        .annotate(**{f"level_{n}": Count("id", filter=Q(contact__scores__level=n)) for n in KNOWN})
    )
    return {str(row["role"]): [row[f"level_{n}"] for n in KNOWN] for row in counted}


def channels_both_ways(weeks: int = 4) -> dict[str, Any]:
    """Touchpoints in and out by family of channels. One query over day counts."""
    since = now().date() - timedelta(weeks=weeks)
    sums: dict[tuple[int, int], int] = {
        (row["channel"], row["direction"]): row["n"]
        for row in DayCount.objects.filter(day__gt=since).values("channel", "direction").annotate(n=Sum("count"))
    }
    rows: list[dict[str, Any]] = [
        {
            "name": name,
            "icon": icon,
            "colour": f"channel-{family}",
            "theirs": sum(sums.get((c, Touchpoint.Direction.INWARD), 0) for c in channels_of(family)),
            "ours": sum(sums.get((c, Touchpoint.Direction.OUTWARD), 0) for c in channels_of(family)),
        }
        for family, (name, icon) in FAMILIES.items()
    ]
    whole = max([max(row["theirs"], row["ours"]) for row in rows] + [1])
    theirs, ours = sum(r["theirs"] for r in rows), sum(r["ours"] for r in rows)
    is_known = bool(sums) or DayCount.objects.exists()  # quiet weeks are zeros; a ledger without a line says nothing
    return {"rows": rows, "whole": whole, "ratio": ours / theirs if theirs else None, "is_known": is_known}


def who_came_back(months: int = 6, *, many: bool | None = None) -> list[tuple[str, int, list[int | None]]]:
    """Rows for the cohort chart: month, first-time buyers, percent of them who bought again n months later."""
    this_month = _this_month()
    cohorts: dict[date, tuple[int, list[int | None]]] = {}
    for day, people, n, again in _shown("engagement.cohorts", cohort_cells, months, many=many) or []:
        first = date.fromisoformat(day)
        month = first.year * 12 + first.month - 1 + n
        is_over = month < this_month.year * 12 + this_month.month - 1
        cohorts.setdefault(first, (people, []))[1].append(round(100 * again / people) if is_over else None)
    return [
        (date_format(first, "F"), people, shares) for first, (people, shares) in cohorts.items() if first < this_month
    ]


def cohort_cells(months: int) -> list[tuple[str, int, int, int]]:
    """(first day of the month, first-time buyers, n, how many of them bought again n months later), by month and n."""
    workspace, this_month = current_workspace(), _this_month()
    rows = run_sql(
        "engagement/cohorts",
        {
            "workspace": workspace.pk,
            "zone": workspace.zone,
            "purchase": KINDS["purchase"].code,
            "since": (this_month - timedelta(days=31 * months)).replace(day=1),
            "months": months,
        },
        facts=load_sql("touchpoints/facts"),
    )
    return [(first.isoformat(), people, n, again) for first, people, n, again in rows]


def _this_month() -> date:
    return now().astimezone(ZoneInfo(current_workspace().zone)).date().replace(day=1)


def movement() -> tuple[int, int]:
    """(up, down): how many people changed level in the last four weeks."""
    moves = LevelMove.objects.filter(at__gte=now() - timedelta(weeks=4)).aggregate(
        up=Count("id", filter=Q(after__gt=F("before"))), down=Count("id", filter=Q(after__lt=F("before")))
    )
    return moves["up"], moves["down"]


def risers_and_fallers(limit: int = 8) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The latest moves up and down, newest first, in good relationships first."""
    recent = LevelMove.objects.filter(at__gte=now() - timedelta(weeks=4), contact__erased_at=None).select_related(
        "contact"
    )
    up = recent.filter(after__gt=F("before")).order_by("-after", "-at")[:limit]
    down = recent.filter(after__lt=F("before")).order_by("-before", "-at")[:limit]
    return [_move(one) for one in up], [_move(one) for one in down]


def _move(one: LevelMove) -> dict[str, Any]:
    return {"contact": one.contact, "before": Level(one.before), "after": Level(one.after), "at": one.at}
