"""Three belts, enumerated from the catalogue: nothing here names a table by hand."""

import re
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import DatabaseError, DataError, IntegrityError, connection, models, transaction
from django.urls import URLPattern, URLResolver, get_resolver

from lib.rooms import house
from tests.conftest import make_user
from tests.leaking import make_row
from workspaces import agenda
from workspaces.current import NoWorkspaceError, working_in
from workspaces.founding import found_workspace
from workspaces.granting import APPEND_ONLY
from workspaces.models import AgendaItem, User, Workspace
from workspaces.owned import Owned, OwnedForeignKey, OwnedManager, owned_models

GLOBAL_WITH_WORKSPACE = {
    "workspaces_membership",
    "workspaces_invitation",
    "workspaces_apikey",
    "workspaces_agendaitem",
    "workspaces_demo",
}
DEFINER_FUNCTIONS = {
    "ensure_partitions",
    "erase_facts",
    "erase_history",
    "erase_proofs",
    "forget_pages",
    "forget_unconfirmed",
    "mark_demo",
    "remove_demo_rows",
    "remove_imported",
    "rewrite_texts",
    "survey_tables",
}
MODELS = sorted(owned_models(), key=lambda model: model._meta.label)


def fetch(sql: str, *params: object) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params or None)
        return cursor.fetchall() if cursor.description else []


def tables_with_workspace() -> dict[str, tuple]:
    return {
        row[0]: row[1:]
        for row in fetch("""
            SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
              (SELECT array_agg(a.attname::text ORDER BY k.place) FROM pg_index i,
                 unnest(i.indkey) WITH ORDINALITY AS k (attnum, place)
                 JOIN pg_attribute a ON a.attnum = k.attnum AND a.attrelid = c.oid
               WHERE i.indrelid = c.oid AND i.indisprimary),
              (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid AND p.polqual IS NOT NULL
                 AND p.polwithcheck IS NOT NULL)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
            WHERE c.relkind IN ('r', 'p') AND EXISTS (
              SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'workspace_id' AND NOT attisdropped)
        """)
    }


def test_every_table_of_a_workspace_has_its_policy_and_its_key(db):
    tables = tables_with_workspace()

    assert tables.keys() >= GLOBAL_WITH_WORKSPACE
    for name, (enabled, forced, _part, key, policies) in tables.items():
        if name not in GLOBAL_WITH_WORKSPACE:
            assert (name, enabled, forced, policies, key[0]) == (name, True, True, 1, "workspace_id")


def test_the_tables_of_workspaces_are_exactly_the_owned_models(db):
    tables = {name for name, (*_, part, _key, _p) in tables_with_workspace().items() if not part}

    assert tables - GLOBAL_WITH_WORKSPACE == {model._meta.db_table for model in MODELS}


def test_every_policy_reads_the_open_workspace(db):
    for (condition,) in fetch("SELECT DISTINCT qual FROM pg_policies WHERE schemaname = 'public'"):
        assert "ecrm.workspace" in condition


def test_every_reference_between_owned_tables_holds_the_workspace(db):
    rows = fetch("""
        SELECT k.conname, array_agg(a.attname::text) FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
        JOIN pg_class t ON t.oid = k.confrelid AND t.relrowsecurity
        WHERE k.contype = 'f' GROUP BY k.oid, k.conname""")

    assert len(rows) > 35
    for name, columns in rows:
        assert "workspace_id" in columns, name


def test_every_owned_reference_of_the_models_stands_in_the_database(db):
    by_key = {row[0] for row in fetch("SELECT conname FROM pg_constraint WHERE contype = 'f'")}
    as_set = {row[0] for row in fetch("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'")}

    for model in MODELS:
        for field in model._meta.local_fields:
            if isinstance(field, OwnedForeignKey):
                name, is_held = f"{model._meta.db_table}_{field.column}_own", field.is_held and not model.is_derived
                assert (name, name in by_key) == (name, is_held and not field.as_set)
                for one in (name, f"{name}_moved", f"{name}_gone"):
                    assert (one, one in as_set) == (one, is_held and field.as_set)


def test_no_row_is_held_to_its_workspace_twice_and_no_derived_one_at_all(db):
    rows = fetch("""
        SELECT c.relname FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
        WHERE k.contype = 'f' AND k.confrelid = 'workspaces_workspace'::regclass AND c.relrowsecurity""")

    held = {row[0] for row in rows}
    for model in MODELS:
        own = [f for f in model._meta.local_fields if isinstance(f, OwnedForeignKey)]
        is_held_by_another = any(not field.null for field in own)
        expected = not (model.is_derived or is_held_by_another or getattr(model, "fastened_by_sql", False))
        assert (model, model._meta.db_table in held) == (model, expected)


def test_every_unique_rule_begins_with_the_workspace(db):
    rows = fetch("""
        SELECT c.relname, i.indexrelid::regclass::text,
          (SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = i.indkey[0])
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid AND c.relrowsecurity WHERE i.indisunique""")

    for table, index, first in rows:
        assert (table, index, first) == (table, index, "workspace_id")


def test_functions_with_their_owners_rights_are_on_the_list(db):
    rows = fetch(
        "SELECT proname FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE prosecdef AND nspname = 'public'"
    )

    assert {row[0] for row in rows} == DEFINER_FUNCTIONS


def test_every_view_asks_as_its_reader(db):
    rows = fetch(
        "SELECT relname, reloptions::text FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind = 'v' AND nspname = 'public'"
    )

    assert [name for name, options in rows if "security_invoker=true" not in (options or "")] == []


def test_the_app_is_neither_superuser_nor_owner_nor_exempt(db):
    ((superuser, bypass, owns),) = fetch("""
        SELECT rolsuper, rolbypassrls, EXISTS (
            SELECT 1 FROM pg_class c WHERE c.relowner = r.oid AND c.relpersistence <> 't'
        ) FROM pg_roles r WHERE rolname = current_user""")

    assert (superuser, bypass, owns) == (False, False, False)


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[SimpleNamespace]:
    """Ada's and Eve's workspaces with a row of every Owned model in both.

    Made once, in a transaction around the tests of this module; what a test itself does is undone after it.
    """
    around = transaction.atomic()
    with django_db_blocker.unblock():
        around.__enter__()
        ada, eve = make_user("ada@kettle.example", "Ada Berg"), make_user("eve@rival.example", "Eve Stone")
        kettle = found_workspace("kettle", "Kettle & Co", owner=ada, zone="Europe/Berlin")
        rival = found_workspace("rival", "Rival Teas", owner=eve)
        rows = {}
        for workspace in (rival, kettle):
            with working_in(workspace):
                rows[workspace.slug] = {model: make_row(model) for model in MODELS}
    yield SimpleNamespace(ada=ada, eve=eve, kettle=kettle, rival=rival, rows=rows)
    with django_db_blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)


@pytest.fixture
def ada(world, db) -> User:
    return world.ada


@pytest.fixture
def eve(world, db) -> User:
    return world.eve


@pytest.fixture
def kettle(world, db) -> Workspace:
    return world.kettle


@pytest.fixture
def rival(world, db) -> Workspace:
    return world.rival


@pytest.fixture
def both(world, db) -> dict:
    """A row of every Owned model in both workspaces."""
    return world.rows


def tables() -> list[str]:
    return [model._meta.db_table for model in MODELS]


def test_raw_sql_without_a_workspace_sees_nothing(both):
    assert {table: fetch(f'SELECT count(*) FROM "{table}"')[0][0] for table in tables()} == dict.fromkeys(tables(), 0)


def test_raw_sql_in_a_workspace_sees_its_rows_only(both, kettle):
    with working_in(kettle):
        for table in tables():
            assert (table, fetch(f'SELECT DISTINCT workspace_id FROM "{table}"')) == (table, [(kettle.pk,)])


def test_a_partition_read_directly_shows_nothing_of_others(both, kettle, rival):
    parts = [
        row[0]
        for row in fetch(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'touchpoints_touchpoint'::regclass"
        )
    ]
    assert len(parts) > 24

    with working_in(kettle):
        seen = {row[0] for part in parts for row in fetch(f'SELECT DISTINCT workspace_id FROM "{part}"')}
    assert seen == {kettle.pk}
    assert {fetch(f'SELECT count(*) FROM "{part}"')[0][0] for part in parts} == {0}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_writing_touches_own_rows_only(both, kettle, rival, model):
    table = model._meta.db_table
    with working_in(kettle):
        if table in APPEND_ONLY:
            for statement in (f'UPDATE "{table}" SET id = id', f'DELETE FROM "{table}"'):
                with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
                    fetch(statement)
            return
        with connection.cursor() as cursor:
            cursor.execute(f'UPDATE "{table}" SET id = id')
            assert cursor.rowcount == len(fetch(f'SELECT 1 FROM "{table}" WHERE workspace_id = %s', kettle.pk))
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            fetch(f'UPDATE "{table}" SET workspace_id = %s', rival.pk)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_a_row_for_somebody_else_is_refused(both, kettle, rival, model):
    with working_in(kettle), pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        make_row(model, workspace_id=rival.pk)


HELD = [m for m in MODELS if not m.is_derived]
REFERENCES = [(m, f) for m in HELD for f in m._meta.local_fields if isinstance(f, OwnedForeignKey) and f.is_held]


def test_the_ledger_alone_is_held_by_its_writer(both, kettle):
    """tests/touchpoints/test_holding.py: what recording refuses, and whom it holds."""
    free = [(m, f) for m in HELD for f in m._meta.local_fields if isinstance(f, OwnedForeignKey) and not f.is_held]

    assert [(model._meta.label, field.name) for model, field in free] == [("touchpoints.Touchpoint", "contact")]


@pytest.mark.parametrize(("model", "field"), REFERENCES, ids=lambda one: getattr(one, "name", None) or one._meta.label)
def test_a_reference_to_somebody_elses_row_is_refused(both, kettle, model, field):
    foreign = both["rival"][field.related_model]
    with working_in(kettle), pytest.raises((IntegrityError, DataError)), transaction.atomic():
        make_row(model, **{field.attname: foreign.pk})


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_orm_raises_without_a_workspace_and_filters_inside_one(both, rival, model):
    with pytest.raises(NoWorkspaceError):
        model.objects.count()
    with working_in(rival):
        assert set(model.objects.values_list("workspace_id", flat=True)) == {rival.pk}
        assert not model.objects.filter(pk=both["kettle"][model].pk).exists()


def test_there_is_no_manager_for_all_workspaces():
    for model in MODELS:
        assert all(isinstance(manager, OwnedManager) for manager in model._meta.managers), model
        assert model._base_manager.name == "objects"


def test_after_an_error_a_rollback_or_in_another_thread_nothing_is_seen(both, kettle):
    with pytest.raises(DatabaseError), working_in(kettle):
        fetch("SELECT 1 / 0")
    assert fetch("SELECT count(*) FROM contacts_contact") == [(0,)]

    with working_in(kettle):
        transaction.set_rollback(False)
    assert fetch("SELECT count(*) FROM contacts_contact") == [(0,)]

    seen = []

    def look() -> None:
        try:
            seen.append(fetch("SELECT count(*) FROM contacts_contact"))
        finally:
            connection.close()

    with working_in(kettle):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == [[(0,)]]


def test_work_on_the_agenda_opens_its_own_workspace_only(kettle, rival, monkeypatch):
    seen = []

    def look(workspace):
        with working_in(workspace):
            seen.append({row.workspace_id for row in apps.get_model("workspaces.AuditEntry").objects.all()})

    monkeypatch.setitem(house.works, "test.look", look)
    for workspace in (kettle, rival):
        with working_in(workspace):
            agenda.set_due("test.look")
        agenda.do_work(workspace, "test.look")

    assert seen == [{kettle.pk}, {rival.pk}]
    assert not AgendaItem.objects.filter(work="test.look").exists()


def patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from patterns(entry, prefix + str(entry.pattern))
        else:
            yield prefix + str(entry.pattern), entry


INSIDE = [row for row in patterns(get_resolver("ecrm.urls_workspace")) if not row[0].startswith("admin/")]


@pytest.mark.parametrize(("route", "pattern"), INSIDE, ids=lambda one: one if isinstance(one, str) else "")
def test_every_page_inside_names_its_permission(route, pattern):
    from workspaces.permissions import PERMISSIONS

    assert getattr(pattern.callback, "permission", None) in PERMISSIONS


def test_every_page_is_hidden_from_a_stranger_and_knows_no_foreign_object(both, as_eve):
    """Eve, an owner elsewhere, gets 404 in Kettle & Co; and Kettle's objects are 404 in her own workspace."""
    wrong = []
    for route, pattern in INSIDE:
        names = pattern.pattern.converters
        foreign = {name: _foreign_value(name, pattern, both) for name in names}
        path = "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda hole, known=foreign: str(known[hole[1]]), route)
        answers = [as_eve.get(f"/w/kettle{path}"), as_eve.post(f"/w/kettle{path}")]
        if any(name == "pk" or name.endswith("_id") for name in names):
            answers += [as_eve.get(f"/w/rival{path}"), as_eve.post(f"/w/rival{path}")]
        wrong += [
            (path, one.request["REQUEST_METHOD"], one.status_code)
            for one in answers
            if one.status_code not in {404, 405}
        ]
    assert wrong == []


def test_the_admin_of_a_workspace_is_closed_to_strangers_and_marketers(both, as_eve, member, as_ada):
    for model in MODELS:
        path = f"admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert as_eve.get(f"/w/kettle/{path}").status_code == 404
        assert as_ada.get(f"/w/kettle/{path}").status_code == 200, path
        foreign = both["rival"][model]
        assert as_ada.get(f"/w/kettle/{path}{foreign.pk}/change/").status_code == 302, "not found: back to the index"
    assert member("marketer").get("/w/kettle/admin/").status_code == 403


def _foreign_value(name: str, pattern: URLPattern, both: dict) -> object:
    """The id of a row of Kettle's, of the model the page's room is about: the largest id, so that Eve has none such."""
    converter = type(pattern.pattern.converters[name]).__name__
    if converter == "IntConverter":
        return max(row.pk for row in both["kettle"].values() if isinstance(row.pk, int))
    if converter == "UUIDConverter":
        return "00000000-0000-4000-8000-000000000000"
    return "nowhere"


def test_every_owned_model_stands_in_the_workspaces_admin():
    from workspaces.admin import ReadOnlyAdmin, workspace_admin

    registered = workspace_admin._registry
    assert {model for model in MODELS if model not in registered} == set()
    for model in MODELS:
        if model._meta.db_table in APPEND_ONLY:
            assert isinstance(registered[model], ReadOnlyAdmin)
    assert all(issubclass(model, Owned) for model in registered)


def test_models_of_others_are_not_on_the_workspaces_admin():
    from workspaces.admin import platform_admin

    assert not [model for model in platform_admin._registry if issubclass(model, Owned)]
    assert issubclass(models.Model, object)


GLOBAL_TASKS = {
    "agenda.tick",
    "touchpoints.drain_stream",
    "touchpoints.ensure_partitions",
}
GLOBAL_COMMANDS = {
    "seed_demo",
    "stack_facts",
    "doctor",
    "flow",
    "backup",
    "restore",
    "migration_sql",
    "createworkspace",
    "parse_bounce",
    "receive_bounce",
}


def test_every_task_names_the_workspace_it_works_in():
    import inspect

    from ecrm.celery import app

    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}

    without = {name for name, task in ours.items() if "workspace_id" not in inspect.signature(task.run).parameters}
    assert without <= GLOBAL_TASKS


def test_every_command_that_reads_rows_names_its_workspace():
    from django.core.management import get_commands, load_command_class

    rooms = {"ecrm", "workspaces", "contacts", "touchpoints", "engagement", "campaigns", "social", "portal"}
    ours = {name: app for name, app in get_commands().items() if app in rooms}

    without = set()
    for name, app in ours.items():
        parser = load_command_class(app, name).create_parser("manage.py", name)
        if "workspace" not in {action.dest for action in parser._actions}:
            without.add(name)
    assert without <= GLOBAL_COMMANDS
