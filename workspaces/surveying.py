"""Surveying: the planner knows how much the open workspace has, before anything heavy is asked of it.

PostgreSQL counts a table anew only when a tenth of it has changed. A workspace that came in meanwhile beside a big one
has, as the planner believes, one row: it joins everybody with everybody then, and walks the whole workspace for each
person (planning 10,000 beside 200,000: 3.2 s instead of 0.05; a claim of 1,000: 0.9 s instead of 0.01).
"""

import time

from django.db import models

from lib.sql import run_text
from workspaces.current import current_workspace_id
from workspaces.owned import owned_models

LOOK_AGAIN_SECONDS, SOON_SECONDS = 60.0, 2.0  # soon where the planner believes in less than MUCH: it may grow fast
MUCH = 5_000
SURVEY = "SELECT name, believed, was_counted FROM survey_tables(%(names)s)"
_look_at: dict[tuple[int, str], float] = {}  # (workspace, table) → when this process looks again


def survey(*asked: type[models.Model], grows: bool = False) -> list[str]:
    """Let these tables (default: all of the workspaces' rows) be counted anew where the planner knows too little.

    Returns their names. Call inside working_in, before a heavy statement: one statement of half a millisecond a table,
    and none when this process has just looked (`grows`: it looked a moment ago, but thousands came in since). What is
    counted is locked against other counting until the transaction ends.
    """
    workspace, moment = current_workspace_id(), time.monotonic()
    tables = [model._meta.db_table for model in asked or owned_models()]
    early = SOON_SECONDS if grows else 0.0
    names = [table for table in tables if moment >= _look_at.get((workspace, table), 0.0) - early]
    found = run_text(SURVEY, {"names": names}) if names else []
    for name, believed, _was_counted in found:
        _look_at[workspace, name] = moment + (LOOK_AGAIN_SECONDS if believed >= MUCH else SOON_SECONDS)
    return [name for name, _believed, was_counted in found if was_counted]
