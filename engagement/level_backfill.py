"""Levels in hindsight: what the moves of the last weeks were, told from the day weights after a history came in."""

from datetime import timedelta

import numpy as np
from django.db import transaction

from engagement.announcing_levels import touch
from engagement.audience_snapshots import rows_at, start_of
from engagement.levels import Level, next_levels
from engagement.modelling import current_model
from engagement.models import LevelMove
from engagement.news import levels_moved
from engagement.reading import figures
from lib.clock import now
from lib.sql import run_sql
from workspaces.current import current_workspace_id

STEP_DAYS = 2


@transaction.atomic
def trace_moves(days: int = 35) -> int:
    """Write the level moves of the last `days`, looked at every second day, and everybody's level at the end.

    For a history that was imported or made: replaces moves in that span. Returns how many moves there were.
    """
    model, today = current_model(), now().date()
    levels: dict[int, int] = {}
    moves: list[LevelMove] = []
    for back in range(days, -1, -STEP_DAYS):
        day = today - timedelta(days=back)
        rows = rows_at(day, model)
        if not len(rows.contact_ids):
            continue
        before = np.array([levels.get(contact, Level.UNKNOWN) for contact in rows.contact_ids])
        at = start_of(day, model)
        after = next_levels(before, figures(rows, model, at).overall)
        for place in np.flatnonzero((after != before) & (before != Level.UNKNOWN)):
            contact = rows.contact_ids[int(place)]
            moves.append(LevelMove(contact_id=contact, at=at, before=int(before[place]), after=int(after[place])))
        levels.update(zip(rows.contact_ids, after.tolist(), strict=True))
    LevelMove.objects.filter(at__gte=now() - timedelta(days=days + 1)).delete()
    LevelMove.objects.bulk_create(moves, batch_size=2000)
    run_sql(
        "engagement/set_levels",
        {"workspace": current_workspace_id(), "ids": list(levels), "levels": list(levels.values()), "at": now()},
    )
    touch(list(levels))
    levels_moved.tell(contact_ids=list(levels))
    return len(moves)
