"""The six-leaf rule on the same people in the shapes of two other programs, beside ours, in one run.

Mautic's: one wide row a person, opens and orders in tables of their own, each line of a segment a subquery over the
whole. listmonk's: facts about a person in one JSON column, lists in a table, a segment is the WHERE that somebody types.
Both stand in the same PostgreSQL, with the indexes that those programs make, without row security (ours has it), and
with the score as a number that is already there (ours is computed at the moment it is asked). All three must find the
same people, or nothing is printed.
"""

import os
from typing import Any

import psycopg
from django.db import connection

from bench.segments import SIX, _count, _told
from bench.world import the_world
from lib.sql import run_text
from segments.rules.counting import ids_fitting
from touchpoints.kinds import KINDS
from workspaces.current import working_in
from workspaces.models import Workspace

TABLES = (
    """CREATE UNLOGGED TABLE shape_leads AS SELECT c.id, c.country, r.role = 1 AS is_customer, 0::float8 AS points
       FROM contacts_contact c JOIN contacts_audiencerole r ON r.workspace_id = c.workspace_id AND r.contact_id = c.id
       WHERE c.workspace_id = %(workspace)s""",
    "UPDATE shape_leads SET points = 40 WHERE id = ANY(%(scored)s)",
    """CREATE UNLOGGED TABLE shape_email_stats AS SELECT row_number() OVER () AS id, contact_id AS lead_id,
       occurred_at AS date_read FROM touchpoints_touchpoint
       WHERE workspace_id = %(workspace)s AND kind = %(opened)s AND certainty = 0""",
    """CREATE UNLOGGED TABLE shape_orders AS SELECT row_number() OVER () AS id, contact_id AS lead_id, occurred_at AS at
       FROM touchpoints_touchpoint WHERE workspace_id = %(workspace)s AND kind = %(purchase)s AND certainty = 0""",
    """CREATE UNLOGGED TABLE shape_lists AS SELECT contact_id AS lead_id, 1 AS list_id FROM consent_consentnow
       WHERE workspace_id = %(workspace)s AND channel = 1 AND state = 1""",
    "CREATE INDEX ON shape_orders (lead_id, at)",
    """CREATE UNLOGGED TABLE shape_subscribers AS SELECT l.id, jsonb_build_object('country', l.country,
         'type', CASE WHEN l.is_customer THEN 'customer' ELSE 'other' END, 'score', l.points,
         'last_order', (SELECT max(o.at) FROM shape_orders o WHERE o.lead_id = l.id)) AS attribs FROM shape_leads l""",
    "ALTER TABLE shape_leads ADD PRIMARY KEY (id)",
    "CREATE INDEX ON shape_leads (country)",
    "CREATE INDEX ON shape_email_stats (lead_id, date_read)",
    "CREATE INDEX ON shape_lists (lead_id, list_id)",
    "ALTER TABLE shape_subscribers ADD PRIMARY KEY (id)",
    "ANALYZE shape_leads",
    "ANALYZE shape_email_stats",
    "ANALYZE shape_orders",
    "ANALYZE shape_lists",
    "ANALYZE shape_subscribers",
)
AS_MAUTIC = """SELECT l.id FROM shape_leads l WHERE l.is_customer AND l.country IN ('DE', 'AT', 'CH', 'NL', 'SE')
  AND l.id IN (SELECT s.lead_id FROM shape_email_stats s WHERE s.date_read >= now() - interval '30 days'
               GROUP BY s.lead_id HAVING count(*) >= 3)
  AND EXISTS (SELECT FROM shape_orders o WHERE o.lead_id = l.id)
  AND NOT EXISTS (SELECT FROM shape_orders o WHERE o.lead_id = l.id AND o.at > now() - interval '60 days')
  AND EXISTS (SELECT FROM shape_lists k WHERE k.lead_id = l.id AND k.list_id = 1) AND l.points >= 40"""
AS_LISTMONK = """SELECT s.id FROM shape_subscribers s
  WHERE s.attribs ->> 'type' = 'customer' AND s.attribs ->> 'country' IN ('DE', 'AT', 'CH', 'NL', 'SE')
  AND (SELECT count(*) FROM shape_email_stats v
       WHERE v.lead_id = s.id AND v.date_read >= now() - interval '30 days') >= 3
  AND (s.attribs ->> 'last_order')::timestamptz <= now() - interval '60 days'
  AND EXISTS (SELECT FROM shape_lists k WHERE k.lead_id = s.id AND k.list_id = 1)
  AND (s.attribs ->> 'score')::float8 >= 40"""
NAMES = ("shape_leads", "shape_email_stats", "shape_orders", "shape_lists", "shape_subscribers")


def run(_workspace: Workspace) -> None:
    """Print the figures."""
    world = the_world()
    with working_in(world):
        ours = ids_fitting(SIX)
        scored = sorted(ids_fitting({"all": [SIX["all"][-1]]}))
    with psycopg.connect(os.environ["ADMIN_DATABASE_URL"], autocommit=True) as admin:
        _forget(admin)
        _fill(admin, world, scored)
        with connection.cursor() as cursor:
            cursor.execute("SET max_parallel_workers_per_gather = 0")  # what a helper of a backend spends nobody sees
        try:
            for name, sql in (("Mautic", AS_MAUTIC), ("listmonk", AS_LISTMONK)):
                found = {row[0] for row in run_text(sql)}
                if found != ours:
                    print(f"{name}: other people ({len(found)}, ours {len(ours)}; {len(found ^ ours)} differ)")
                    return
            base = _told("six leaves, ours", lambda: _count(world, SIX))
            for name, sql in (("Mautic", AS_MAUTIC), ("listmonk", AS_LISTMONK)):
                took = _told(f"six leaves, {name}’s shape", lambda sql=sql: _run(sql))  # type: ignore[misc]
                print(f"{len(ours):,} people; {name}’s shape takes {took / max(base, 1e-9):.1f} times ours")
        finally:
            _forget(admin)


def _run(sql: str) -> None:
    run_text(f"SELECT count(*) FROM ({sql}) AS fits")


def _fill(admin: "psycopg.Connection[Any]", world: Workspace, scored: list[int]) -> None:
    params = {
        "workspace": world.pk,
        "scored": scored,
        "opened": KINDS["opened"].code,
        "purchase": KINDS["purchase"].code,
    }
    for statement in (*TABLES, *(f"GRANT SELECT ON {name} TO ecrm_app" for name in NAMES)):
        admin.execute(statement, params if "%(" in statement else None)  # type: ignore[arg-type]


def _forget(admin: "psycopg.Connection[Any]") -> None:
    for name in NAMES:
        admin.execute(f"DROP TABLE IF EXISTS {name}")  # type: ignore[arg-type]
