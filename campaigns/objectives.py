"""What a programme answers for, measured: the baseline when it is set, the current value whenever somebody looks."""

from datetime import date, timedelta

from campaigns.models import Programme
from engagement.models import Objective
from lib.clock import now
from lib.sql import load_sql, run_text
from touchpoints.kinds import KINDS
from workspaces.current import current_workspace_id

STALE_AFTER = timedelta(minutes=10)
Metric = Objective.Metric
# value: major units bought; usage, interaction: moments; purchases: people; perception: mean sentiment −100…100
MEASURES: dict[str, tuple[str, tuple[str, ...]]] = {
    Metric.VALUE: ("coalesce(sum(t.value_minor), 0) / 100.0", ("purchase",)),
    Metric.USAGE: ("count(*)", ("page", "visit", "screen")),
    Metric.INTERACTION: (
        "count(*)",
        (
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
    ),
    Metric.PURCHASES: ("count(DISTINCT t.contact_id)", ("purchase",)),
    Metric.PERCEPTION: ("coalesce(avg(t.sentiment_milli), 0) / 10.0", ()),
}


def measure(metric: str, *, audience: int, days: int) -> float:
    """The metric over the people who play this role now, in the last `days` days; what people did only."""
    column, kinds = MEASURES[Metric(metric)]
    kinds_test = "t.kind = ANY(%(kinds)s)" if kinds else "t.sentiment_milli IS NOT NULL"
    text = (
        f"SELECT {column} FROM {load_sql('touchpoints/facts')} t"
        " JOIN contacts_audiencerole r ON r.workspace_id = %(workspace)s AND r.contact_id = t.contact_id"
        " AND r.role = %(audience)s AND r.until IS NULL"
        f" WHERE t.workspace_id = %(workspace)s AND t.occurred_at >= %(since)s AND t.certainty = 0 AND {kinds_test}"
    )
    params = {
        "workspace": current_workspace_id(),
        "audience": audience,
        "since": now() - timedelta(days=days),
        "kinds": [KINDS[kind].code for kind in kinds],
    }
    return round(float(run_text(text, params)[0][0]), 2)


def set_objective(programme: Programme, *, metric: str, target: float | None, check_on: date | None) -> None:
    """Give the programme its objective; the baseline is measured now, once for a metric. Saves the programme."""
    if not metric:
        programme.objective = None
        programme.save(update_fields=["objective"])
        return
    objective = programme.objective or Objective()
    if objective.pk is None or objective.metric != metric or objective.baseline is None:
        objective.metric = metric
        objective.baseline = measure(metric, audience=programme.audience, days=objective.window_days)
        objective.current, objective.measured_at = objective.baseline, now()
    objective.target, objective.check_on = target, check_on
    objective.save()
    programme.objective = objective
    programme.save(update_fields=["objective"])


def measured(programme: Programme) -> Objective | None:
    """The objective with a current value that is at most ten minutes old."""
    objective = programme.objective
    if objective is None:
        return None
    if objective.measured_at is None or now() - objective.measured_at > STALE_AFTER:
        objective.current = measure(objective.metric, audience=programme.audience, days=objective.window_days)
        objective.measured_at = now()
        objective.save(update_fields=["current", "measured_at"])
    return objective
