"""What a programme answers for, measured each night by one function over the people whom it reaches.

Nobody's looking changes a figure: pages read what the last night wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.models import Programme, ProgrammeFigure
from contacts.models import Audience
from engagement.audience_snapshots import next_night
from engagement.models import Annotation, Objective
from lib.clock import now
from lib.sql import load_sql, run_text
from segments.leaf_types.base import RuleError
from segments.rules.compiler import Rule, compile_rule
from segments.rules.statements import TooSlowError, bounded
from touchpoints.kinds import KINDS
from workspaces import agenda
from workspaces.current import current_workspace, current_workspace_id, working_in
from workspaces.models import Workspace

WORK = "campaigns.measure_programmes"
WEEKS = 12  # of history, measured when an objective is set
SECONDS = 120
Metric = Objective.Metric
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Measure:
    """How a metric is counted over people: the column of campaigns/figure.sql, the kinds it looks at (none: whatever
    has a sentiment), and its unit in words.
    """

    column: str
    kinds: tuple[str, ...]
    unit: str | Promise


TALKING = (
    *(
        "form",
        "call",
        "callback_request",
        "chat",
        "question",
        "review",
        "survey",
        "idea",
        "community_post",
        "complaint",
    ),
)
EACH_HUNDRED = "100.0 * count(f.kind) / nullif((SELECT n FROM people), 0)"
MEASURES: dict[str, Measure] = {
    Metric.VALUE: Measure(
        "sum(CASE WHEN f.kind = %(refund)s THEN -f.value_minor ELSE f.value_minor END) / 100.0"
        " / nullif((SELECT n FROM people), 0)",
        ("purchase", "refund"),
        _("%(currency)s bought by each person in %(days)s days"),
    ),
    Metric.USAGE: Measure(EACH_HUNDRED, ("page", "visit", "screen"), _("visits for each 100 people in %(days)s days")),
    Metric.INTERACTION: Measure(EACH_HUNDRED, TALKING, _("answers and questions for each 100 people in %(days)s days")),
    Metric.PURCHASES: Measure(
        "100.0 * count(DISTINCT own.person) / nullif((SELECT n FROM people), 0)",
        ("purchase",),
        _("%% of people who bought in %(days)s days"),
    ),
    Metric.PERCEPTION: Measure("avg(f.sentiment_milli) / 10.0", (), _("mean sentiment in %(days)s days, −100 to 100")),
}


def unit_of(objective: Objective) -> str:
    """The unit of an objective's figures, in words."""
    words = {"currency": current_workspace().currency, "days": objective.window_days}
    return str(MEASURES[Metric(objective.metric)].unit) % words


def rule_of(programme: Programme) -> Rule:
    """Whom the programme reaches or holds out, as a segment's rule: who plays its role now and, where it has a topic,
    consented to that topic by email.
    """
    lines: list[Rule] = [{"role": {"in": [Audience(programme.audience).name.lower()]}}]
    if programme.topic is not None:
        lines.append({"consent": {"channel": "email", "topic": programme.topic.key, "state": "given"}})
    return {"all": lines}


def measure(metric: str, rule: Rule, *, days: int, until: datetime, seconds: int | None = None) -> tuple[float, int]:
    """(The metric in its unit, of how many people): what those who fit `rule` now did in the `days` before `until`.

    TooSlowError after so many `seconds`.
    """
    how = MEASURES[Metric(metric)]
    compiled = compile_rule(rule)
    which = "t.kind = ANY(%(kinds)s)" if how.kinds else "t.sentiment_milli IS NOT NULL"
    facts = load_sql("touchpoints/facts")
    text = load_sql("campaigns/figure", audience=compiled.sql, measure=how.column, facts=facts, which=which)
    params = compiled.params | {
        "workspace": current_workspace_id(),
        "since": until - timedelta(days=days),
        "until": until,
        "kinds": [KINDS[kind].code for kind in how.kinds],
        "refund": KINDS["refund"].code,
    }
    with bounded(seconds or SECONDS):
        people, value = run_text(text, params)[0]
    return round(float(value or 0), 2), people


def set_objective(
    programme: Programme, *, metric: str, target: float | None, check_on: date | None, anew: bool = False
) -> None:
    """Give the programme its objective and save it. A new metric is measured within a minute, with its last weeks.

    `anew`: other people are reached from now on, so what was measured of the ones before is no start for these.
    """
    if not metric:
        programme.objective = None
        programme.save(update_fields=["objective"])
        return
    objective = programme.objective or Objective()
    objective.target, objective.check_on = target, check_on
    if objective.metric == metric and not anew:
        objective.save(update_fields=["target", "check_on"])  # a night may be measuring it just now
    else:
        objective.metric = metric
        objective.baseline = objective.current = objective.measured_at = None
        objective.save()
        programme.figures.filter(metric=metric).delete()
    programme.objective = objective
    programme.save(update_fields=["objective"])
    if objective.baseline is None:
        agenda.set_due(WORK)


def measure_due(workspace: Workspace) -> datetime | None:
    """The agenda's work: measure who was not measured since last night; back in the next one."""
    with working_in(workspace):
        wanted = list(Programme.objects.filter(is_active=True, objective__isnull=False).values_list("pk", flat=True))
    for pk in wanted:
        with working_in(workspace):
            programme = Programme.objects.select_related("objective", "topic").filter(pk=pk).first()
            if programme and programme.objective:
                _measure_in_time(programme, programme.objective)
    with working_in(workspace):
        return next_night() if wanted else None


def _measure_in_time(programme: Programme, objective: Objective) -> None:
    """Measure it; one that cannot be measured keeps its figures of the night before, and holds back no other."""
    try:
        with transaction.atomic():
            measure_programme(programme, objective)
    except (RuleError, TooSlowError) as error:
        log.warning("programme_not_measured", programme=programme.pk, why=str(error))


def measure_programme(programme: Programme, objective: Objective) -> None:
    """Write today's figure, unless it stands already; the first time the last weeks' too, and the baseline."""
    today = now().astimezone(ZoneInfo(current_workspace().zone)).date()
    if objective.baseline is None:
        days = [today - timedelta(weeks=back) for back in range(WEEKS, -1, -1)]
    elif ProgrammeFigure.objects.filter(programme=programme, metric=objective.metric, day=today).exists():
        return
    else:
        days = [today]
    figures = [_figure(programme, objective, day) for day in days]
    ProgrammeFigure.objects.bulk_create(
        figures,
        update_conflicts=True,
        unique_fields=["workspace", "programme", "metric", "day"],
        update_fields=["value", "people"],
    )
    if objective.baseline is None:
        objective.baseline = figures[-1].value
    objective.current, objective.measured_at = figures[-1].value, now()
    objective.save(update_fields=["baseline", "current", "measured_at"])


def _figure(programme: Programme, objective: Objective, day: date) -> ProgrammeFigure:
    """The figure of the days before `day`, up to its first minute in the workspace's zone."""
    until = datetime.combine(day, time.min, ZoneInfo(current_workspace().zone))
    value, people = measure(objective.metric, rule_of(programme), days=objective.window_days, until=until)
    return ProgrammeFigure(programme=programme, metric=objective.metric, day=day, value=value, people=people)


def history_of(programme: Programme, objective: Objective) -> Sequence[ProgrammeFigure]:
    """The last figure of each of the last weeks, oldest first."""
    since = now().date() - timedelta(weeks=WEEKS, days=1)
    rows = ProgrammeFigure.objects.filter(programme=programme, metric=objective.metric, day__gt=since).order_by("day")
    weeks: dict[int, ProgrammeFigure] = {}
    last = rows.last()
    for row in rows:
        weeks[((last.day - row.day).days if last else 0) // 7] = row
    return [weeks[back] for back in sorted(weeks, reverse=True)]


def annotations_over(days: Sequence[date]) -> list[tuple[str, int, int]]:
    """The workspace's annotations over these days: (name, first and last place among them). One statement."""
    found = []
    for note in Annotation.objects.all() if days else ():
        inside = [at for at, day in enumerate(days) if note.starts_on <= day <= note.ends_on]
        if inside:
            found.append((note.name, inside[0], inside[-1]))
    return found


def bullet_of(objective: Objective) -> dict[str, Any]:
    """Where an objective stands between its baseline and its target; `share` is 1 when the target is reached.

    `is_known`: it was measured at all; until then its numbers are no figures.
    """
    base, target = objective.baseline or 0.0, objective.target or 0.0
    current = base if objective.current is None else objective.current
    share = (current - base) / (target - base) if target != base else 1.0
    return {
        "is_known": objective.baseline is not None,
        "base": base,
        "now": current,
        "target": target,
        "whole": max(base, current, target) * 1.15 or 1.0,
        "share": share,
        "is_reached": share >= 1,
        "is_behind": share < 0,
        "tone": "tone-good" if share >= 0.5 else "tone-warn" if share >= 0 else "tone-bad",
    }
