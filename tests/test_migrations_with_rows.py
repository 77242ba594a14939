"""Migrations that fill or alter meet tables with rows: rooms go back to an older state and forward again."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations import RunPython, RunSQL, SeparateDatabaseAndState
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation

from consent.consenting import give_consent, withdraw_consent
from consent.models import ConsentNow
from contacts.companies.keeping import create_company, merge_companies
from contacts.merging import link_contacts
from contacts.models import Audience, CompanyTerm, Merged, SearchTerm
from contacts.searching import index_people
from engagement.announcing_levels import sweep_levels
from engagement.models import DayWeight, Heat, Score
from imports.models import ImportedRow, ImportRun
from lib.clock import now
from segments.members.rechecking import refresh_with_readers, request_recheck
from segments.models import Segment, SegmentDue, SegmentMember, SegmentRecheck
from tests.conftest import become
from tests.databases import drop_test_database, make_test_database, use
from tests.factories.contacts import letter, make_contact
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.models import CorrectedFact, DayCount, Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.founding import found_workspace
from workspaces.models import Workspace

# The state just before the first migration of a room that moves rows, or makes an index or a column of those there are.
BEFORE = [
    ("contacts", "0002_fewer_foreign_keys"),
    ("consent", "0002_fewer_foreign_keys"),
    ("imports", "0003_where_reading_goes_on"),
    ("segments", "0004_filling"),
    ("engagement", "0002_fewer_foreign_keys"),
    ("touchpoints", "0003_fewer_foreign_keys"),
]
# Migrations with SQL or Python of their own that no row can matter to: what they make is functions and rights.
OF_NO_ROWS = {
    ("conversations", "0008_held_teams"),
    ("touchpoints", "0002_rewrite_texts"),
    ("workspaces", "0002_remove_demo_rows"),
    ("workspaces", "0004_survey_tables"),
    ("workspaces", "0009_found_by_the_key"),
}
KEPT = {
    Merged: ("loser_id", "survivor_id", "into_id"),
    Touchpoint: ("id", "occurred_at", "contact_id", "kind", "value_minor", "sentiment_milli"),
    CorrectedFact: ("touchpoint_id", "sentiment_milli"),
    DayCount: ("day", "kind", "count"),
    DayWeight: ("contact_id", "kind", "day", "count", "weight"),
    Heat: ("contact_id", "heat"),
    Score: ("contact_id", "involvement_short", "warm_long", "level", "audience", "heat"),
    ConsentNow: ("contact_id", "channel", "topic_id", "state", "expires_at"),
    SegmentMember: ("segment_id", "contact_id", "entered_at"),
    SegmentDue: ("segment_id", "due_at"),
    SearchTerm: ("contact_id", "term"),
    ImportedRow: ("run_id", "line", "outcome"),
}


@pytest.fixture
def apart(transactional_db: None) -> Iterator[None]:
    """A database of its own, as the owner of the tables: one that stops half-way is nobody else's."""
    name = connection.settings_dict["NAME"]
    become(None)
    make_test_database(f"{name}_older")
    yield
    become(None)
    drop_test_database(f"{name}_older")
    use(name)
    become("ecrm_app")


def live(workspace: Workspace, people: int) -> None:
    """People who said yes and no, to whom things happened, who stand in segments."""
    with working_in(workspace):
        roles = [[], [Audience.CUSTOMER], [Audience.CRITIC, Audience.EMPLOYEE], [Audience.PROSPECT]]
        made = [make_contact(roles=roles[n % 4], tags=["vip"]) for n in range(people)]
        for number, one in enumerate(made):
            if number % 3:
                give_consent(one, topic=letter(), wording="Yes", page="https://kettle.example/")
            if number % 3 == 2:
                withdraw_consent(one, topic=letter())
        facts = [
            Fact(kind, f"{kind}-{one.pk}", now() - timedelta(days=3), contact_id=one.pk, value_minor=990, **more)
            for one in made
            for kind, more in (("purchase", {}), ("message", {"sentiment_milli": 400}), ("page", {}))
        ]
        record(facts, source=source_for("shop", "Shop"))
        said = Touchpoint.objects.filter(sentiment_milli__isnull=False).first()
        correct([Change(said.pk, Field.SENTIMENT, -900)])
        rule = {"all": [{"tag": {"has_any": ["vip"]}}, {"last": {"kind": "page", "ago": {"op": "<", "days": 9}}}]}
        refresh_with_readers(Segment.objects.create(name="VIPs", rule=rule))
        link_contacts(made[1].pk, made[0].pk)
        sweep_levels()
        index_people([one.pk for one in made])
        run = ImportRun.objects.create(file_name="people.csv", path="people.csv")
        ImportedRow.objects.bulk_create(ImportedRow(run=run, line=line, outcome="created") for line in (2, 3))
        request_recheck([one.pk for one in made])


def rows_of(workspace: Workspace) -> dict[str, list[tuple[object, ...]]]:
    with working_in(workspace):
        return {model.__name__: sorted(model.objects.values_list(*names), key=repr) for model, names in KEPT.items()}


def replayed() -> list[tuple[str, str]]:
    """The migrations that come after those states."""
    graph = MigrationExecutor(connection).loader.graph
    back = [one for room, name in BEFORE for one in graph.backwards_plan((room, name)) if one != (room, name)]
    return sorted(set(back))


def go_back(to: Sequence[tuple[str, str]]) -> None:
    """Each migration unapplied from the state before it: Django's own way keeps every model of every state (10 s)."""
    executor = MigrationExecutor(connection)
    for migration, _is_back in executor.migration_plan(list(to)):
        before = executor.loader.project_state((migration.app_label, migration.name), at_end=False)
        executor.unapply_migration(before, migration)


def test_what_older_states_knew_is_known_after_migrating(apart):
    kettle, tea = found_workspace("kettle", "Kettle & Co"), found_workspace("tea", "Tea")
    live(kettle, 7)
    live(tea, 4)
    before = [rows_of(one) for one in (kettle, tea)]
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()

    go_back(BEFORE)
    with connection.cursor() as cursor:  # a state in which nobody knew these yet
        cursor.execute(
            "SELECT to_regclass('consent_consentnow'), (SELECT count(*) FROM information_schema.columns"
            " WHERE table_name = 'engagement_score' AND column_name IN ('audience', 'heat'))"
        )
        assert cursor.fetchone() == (None, 0)
    MigrationExecutor(connection).migrate(latest)

    assert all(rows for known in before for rows in known.values())
    assert [rows_of(one) for one in (kettle, tea)] == before
    with working_in(kettle):
        assert not SegmentRecheck.objects.exists()  # each as it was: the nightly audit finds whom it misses


def test_companies_that_are_older_than_their_words_are_found_after_migrating(apart):
    workspaces = found_workspace("kettle", "Kettle & Co"), found_workspace("tea", "Tea")
    for one in workspaces:
        with working_in(one):
            stays = create_company("Teehaus am Markt", domains=["shop.teehaus.example"], by=None)
            goes = create_company("Kannen AG", by=None)
            merge_companies(stays, goes, by=None)
    known = [company_words(one) for one in workspaces]

    go_back([("contacts", "0016_long_changes")])
    for one in workspaces:
        with working_in(one):
            CompanyTerm.objects.all().delete()
    MigrationExecutor(connection).migrate(MigrationExecutor(connection).loader.graph.leaf_nodes())

    assert all(("Teehaus am Markt", "teehaus") in words for words in known)
    assert [company_words(one) for one in workspaces] == known


def company_words(workspace: Workspace) -> list[tuple[str, str]]:
    with working_in(workspace):
        return sorted(CompanyTerm.objects.values_list("company__name", "term"))


def test_no_migration_with_sql_or_python_of_its_own_is_left_out(db):
    migrations = MigrationExecutor(connection).loader.graph.nodes
    own = {
        key
        for key, migration in migrations.items()
        if apps.get_app_config(key[0]).path.startswith(str(settings.BASE_DIR / key[0])) and key[1] != "0001_initial"
        for one in _all(migration.operations)
        if isinstance(one, RunPython | RunSQL)
    }

    assert own - set(replayed()) == OF_NO_ROWS


def _all(operations: list[Operation]) -> Iterator[Operation]:
    for one in operations:
        yield one
        if isinstance(one, SeparateDatabaseAndState):
            yield from _all(one.database_operations)
