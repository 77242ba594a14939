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
FEW_PAGES = 3 * 8_192  # of whole tables: the 500 rows that matter do not find room in less
SURVEY = """SELECT name, believed, was_counted FROM survey_tables(ARRAY(
  SELECT c.relname::text FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace AND s.nspname = 'public'
  WHERE c.relname = ANY(%(names)s)
    AND (c.relkind <> 'r' OR NOT c.relforcerowsecurity OR pg_relation_size(c.oid) >= %(few)s) ORDER BY c.relname))"""
_look_at: dict[tuple[int, str], float] = {}  # (workspace, table) → when this process looks again


def survey(*asked: type[models.Model], grows: bool = False) -> list[str]:
    """Let these tables (default: all of the workspaces' rows) be counted anew where the planner knows too little.

    Returns their names. Call inside working_in, before a heavy statement: one statement of half a millisecond for each
    table of more than a few pages, and none when this process has just looked (`grows`: it looked a moment ago, but
    thousands came in since). What is counted is locked against other counting until the transaction ends.
    """
    workspace, moment = current_workspace_id(), time.monotonic()
    tables = [model._meta.db_table for model in asked or owned_models()]
    early = SOON_SECONDS if grows else 0.0
    names = [table for table in tables if moment >= _look_at.get((workspace, table), 0.0) - early]
    found = run_text(SURVEY, {"names": names, "few": FEW_PAGES}) if names else []
    much = {name for name, believed, _was_counted in found if believed >= MUCH}
    for name in names:
        _look_at[workspace, name] = moment + (LOOK_AGAIN_SECONDS if name in much else SOON_SECONDS)
    return [name for name, _believed, was_counted in found if was_counted]
