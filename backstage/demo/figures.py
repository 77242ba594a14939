"""The demo's figures of weeks gone by, computed by what computes them for everybody each night."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from backstage.demo.programmes import PROGRAMMES
from campaigns.models import Programme
from campaigns.objectives import history_of, measure_programme
from lib.clock import now
from lib.sql import run_text
from segments.models import Segment, SegmentCount
from segments.rules.compiler import compile_rule
from workspaces.current import current_workspace, current_workspace_id


def grow_segments(weeks: int = 12) -> None:
    """The counts of the last weeks, as the rules would have counted then."""
    today = now().astimezone(ZoneInfo(current_workspace().zone)).replace(hour=3, minute=30)
    for segment in Segment.objects.all():
        for back in range(weeks, 0, -1):
            moment = today - timedelta(weeks=back)
            compiled = compile_rule(segment.rule, now=moment)
            text = f"SELECT count(*) FROM ({compiled.sql} AND c.created_at <= %(then)s) AS fits"
            people = run_text(text, compiled.params | {"workspace": current_workspace_id(), "then": moment})[0][0]
            SegmentCount.objects.create(segment=segment, day=moment.date(), people=people)


def set_targets(programmes: list[Programme]) -> None:
    """Measure each programme as any night does. It began twelve weeks ago, one of them in the best of these weeks, and
    its target lies some way above.
    """
    for programme, (*_words, more) in zip(programmes, PROGRAMMES, strict=True):
        objective = programme.objective
        if objective is None:
            continue
        measure_programme(programme, objective)
        weeks = [one.value for one in history_of(programme, objective)]
        objective.baseline = max(weeks) if programme.preset == "win_back" else weeks[0]
        top = max(weeks[-1], objective.baseline) * more
        objective.target = round(top, 0 if top > 20 else 1)
        objective.save(update_fields=["baseline", "target"])
