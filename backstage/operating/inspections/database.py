"""PostgreSQL: its version, our role, row security, migrations, partitions, its clock."""

from datetime import date

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backstage.operating.findings import Finding, bad, good, warn
from lib.clock import now
from lib.sql import run_sql, run_text
from workspaces.current import working_in
from workspaces.models import Workspace
from workspaces.orphans import count_orphans
from workspaces.owned import Owned

OLDEST = 16
MONTHS_AHEAD = 3
SKEW_WARNING_SECONDS, SKEW_RED_SECONDS = 2, 60


def version() -> Finding:
    """PostgreSQL is new enough."""
    [(number, name)] = run_text("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
    if int(str(number)) // 10_000 < OLDEST:
        return bad("PostgreSQL", f"version {name}", f"Move to PostgreSQL {OLDEST} or newer.")
    return good("PostgreSQL", f"version {name}")


def role() -> Finding:
    """We are neither superuser nor above row security, and do not own the tables."""
    [(name, is_super, bypasses, owns)] = run_text(
        "SELECT rolname, rolsuper, rolbypassrls, EXISTS (SELECT FROM pg_class c WHERE c.relowner = r.oid"
        " AND c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace)"
        " FROM pg_roles r WHERE rolname = current_user"
    )
    if is_super or bypasses:
        right = "a superuser" if is_super else "exempt from row security (BYPASSRLS)"
        remedy = "Connect as ecrm_app (docs/deploy.md, Roles): with this role nothing keeps workspaces apart."
        return bad("database role", f"{name} is {right}", remedy)
    if owns:
        remedy = "Use ecrm_app in DATABASE_URL and ecrm_owner in OWNER_DATABASE_URL (docs/deploy.md, Roles)."
        says = f"{name} owns the tables: workspaces are kept apart, but written facts could be changed"
        return warn("database role", says, remedy)
    return good("database role", f"{name}: no superuser, bound by row security, owns no table")


def row_security() -> Finding:
    """Every table with a workspace_id that is not one of the platform's own has forced row security and a policy."""
    shared = [m._meta.db_table for m in apps.get_models(include_auto_created=True) if not issubclass(m, Owned)]
    open_tables = [str(row[0]) for row in run_sql("backstage/unprotected_tables", {"shared": shared})]
    if open_tables:
        remedy = "Run manage.py migrate as the owner. If it stays, stop the web server and report this: data may leak."
        return bad("row security", f"missing on {', '.join(open_tables)}", remedy)
    [(count,)] = run_text("SELECT count(*) FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    return good("row security", f"forced on {count} tables")


def migrations() -> Finding:
    """Tables and code are of one version."""
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        names = ", ".join(f"{m.app_label}.{m.name}" for m, _ in waiting[:5])
        return bad("migrations", f"{len(waiting)} are not applied: {names}", "Run manage.py migrate.")
    return good("migrations", "all applied")


def partitions() -> Finding:
    """The ledger has a partition for each of the coming months."""
    today = now().date()
    months = today.year * 12 + today.month - 1 + MONTHS_AHEAD
    needed = date(months // 12, months % 12 + 1, 1)
    [(last,)] = run_text(
        "SELECT max(substring(pg_get_expr(c.relpartbound, c.oid) FROM $$TO \\('(\\d{4}-\\d\\d-\\d\\d)$$))"
        " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = to_regclass('touchpoints_touchpoint')"
    )
    if last is None or date.fromisoformat(str(last)) < needed:
        says = f"the ledger ends at {last}, it should reach {needed}"
        return bad("partitions", says, "Is beat running? It makes them each night; migrate makes them too.")
    return good("partitions", f"the ledger reaches {last}")


def clock() -> Finding:
    """The database and this machine agree on the time."""
    [(theirs,)] = run_text("SELECT extract(epoch FROM clock_timestamp())::float8")
    skew = abs(float(str(theirs)) - now().timestamp())
    says, remedy = (
        f"{skew:.1f} s apart from the database's",
        "Let both machines follow a time server (chrony, ntpd).",
    )
    if skew > SKEW_RED_SECONDS:
        return bad("clock", says, remedy)
    return warn("clock", says, remedy) if skew > SKEW_WARNING_SECONDS else good("clock", says)


def orphans() -> Finding:
    """No derived row refers to a person or a segment that is gone: no foreign key would have seen to it."""
    found = []
    for workspace in Workspace.objects.order_by("pk"):
        with working_in(workspace):
            found += [f"{workspace.slug}: {count} in {where}" for where, count in count_orphans().items()]
    if found:
        remedy = (
            "The nightly audit sweeps them. If they come back, report it: something deletes rows by a way of its own."
        )
        return warn("orphans", "; ".join(found[:3]), remedy)
    return good("orphans", "every derived row has its person")
