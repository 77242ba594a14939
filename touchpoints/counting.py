"""How often something happened each day: counted in the recording transaction, read by every chart."""

import random
from typing import Any

from ecrm.lib.sql import run_sql
from workspaces.current import current_workspace

SLOTS = 8


def count_the_day(**_: Any) -> None:
    """Add the fresh rows to DayCount, in a random slot, so that recorders do not queue for one row."""
    workspace = current_workspace()
    run_sql(
        "touchpoints/count_the_day",
        {"workspace": workspace.pk, "zone": workspace.zone, "slot": random.randrange(SLOTS)},  # noqa: S311 - no secret
    )
