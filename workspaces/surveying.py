"""Surveying: the planner knows how much the open workspace has, before anything heavy is asked of it.

PostgreSQL counts a table anew only when a tenth of it has changed. A workspace that came in meanwhile beside a big one
has, as the planner believes, one row: it joins everybody with everybody then, and walks the whole workspace for each
person (planning 10,000 beside 200,000: 3.2 s instead of 0.05; a claim of 1,000: 0.9 s instead of 0.01).
"""

import time

from django.db import models

from lib.sql import fill, run_text
from workspaces.current import current_workspace_id
from workspaces.owned import owned_models

LOOK_AGAIN_SECONDS, SOON_SECONDS = 60.0, 2.0  # soon where the planner believes in less than MUCH: it may grow fast
MUCH = 5_000
TOO_FEW, AND_SO_MANY = 10, 500  # unknown: it has ten times what is believed, and 500 more
BELIEVED = "EXPLAIN (FORMAT JSON) SELECT FROM {table} WHERE workspace_id = %(workspace)s"
COUNTED = "SELECT count(*) FROM (SELECT FROM {table} WHERE workspace_id = %(workspace)s LIMIT %(most)s) AS rows_here"
_look_at: dict[tuple[int, str], float] = {}  # (workspace, table) → when this process looks again


def survey(*asked: type[models.Model]) -> list[str]:
    """Let these tables (default: all of the workspaces' rows) be counted anew where the planner knows too little.

    Returns their names. Call inside working_in, before a heavy statement; costs half a millisecond a table, and nothing
    when this process has just looked. What is counted is locked against other counting until the transaction ends.
    """
    workspace, moment, counted = current_workspace_id(), time.monotonic(), []
    for model in asked or owned_models():
        table = model._meta.db_table
        if moment < _look_at.get((workspace, table), 0.0):
            continue
        believed = _believed(table, workspace)
        _look_at[workspace, table] = moment + (LOOK_AGAIN_SECONDS if believed >= MUCH else SOON_SECONDS)
        if _is_unknown(table, workspace, believed) and _analyze(table):
            counted.append(table)
    return counted


def _believed(table: str, workspace: int) -> int:
    plan = run_text(fill(BELIEVED, table=f'"{table}"'), {"workspace": workspace})[0][0][0]["Plan"]
    return int(plan["Plan Rows"])


def _is_unknown(table: str, workspace: int, believed: int) -> bool:
    if believed >= 2 * MUCH:  # it knows that there is much; the walk to see whether it is more yet would cost too much
        return False
    most = TOO_FEW * believed + AND_SO_MANY
    asked = {"workspace": workspace, "most": most}
    return bool(run_text(fill(COUNTED, table=f'"{table}"'), asked)[0][0] >= most)


def _analyze(table: str) -> bool:
    return bool(run_text("SELECT analyze_table(%(name)s)", {"name": table})[0][0])
