"""How often something happened each day: counted in the recording transaction, read by every chart."""

import random
from collections.abc import Mapping
from functools import cache

from lib.sql import load_sql, run_prepared
from touchpoints.correcting import Corrected
from touchpoints.recording import Recorded
from touchpoints.rows import rows_sql
from workspaces.current import current_workspace

SLOTS = 8
COLUMNS = ("channel", "kind", "message_id", "direction", "sentiment_milli", "value_minor")


def count_the_day(batch: Recorded) -> None:
    """Add a batch's new rows to DayCount."""
    _add(batch.columns, signed=False)


def correct_the_day(batch: Corrected) -> None:
    """Take from DayCount what the corrected facts counted for, and add what they count for now."""
    _add(batch.columns, signed=True)


def _add(columns: Mapping[str, str | int], *, signed: bool) -> None:
    """Into a random slot, so that recorders do not queue for one row."""
    workspace = current_workspace()
    slot = random.randrange(SLOTS)  # noqa: S311 - no secret
    params = {**columns, "workspace": workspace.pk, "zone": workspace.zone, "slot": slot}
    run_prepared(_statement(signed), params)


@cache
def _statement(signed: bool) -> str:
    return load_sql("touchpoints/count_the_day", rows=rows_sql(*COLUMNS, signed=signed))
