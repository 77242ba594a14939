"""A workspace that the statistics do not know yet, beside a big one: planning and claiming cost as much a person."""

import re
from contextlib import contextmanager

import pytest
from django.db import connection, transaction

from campaigns.planning import plan_campaign
from consent import settling
from consent.models import ConsentNow
from contacts.models import Contact
from contacts.resolving import Hint
from delivery.engine.claiming import claim_chunk
from lib.clock import now
from lib.sql import run_text
from segments.members.membership import refresh
from segments.rules.counting import count_lines
from tests.conftest import as_owner_sql
from tests.factories.campaigns import everybody, make_campaign, make_sender, started
from tests.factories.crowds import make_crowd, send_to_all
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces import surveying
from workspaces.current import working_in
from workspaces.models import User
from workspaces.owned import owned_models

BIG, FRESH = 4_000, 1_500
# Buffers a person of the hungriest statement. Measured: 3, 11, 0.2, 15 6 and 58; where the planner takes the workspace for
# an empty one 15, 31, 15, 27, 26 and 109 for these few people, and more with each person more.
PLANNED, CLAIMED, COUNTED, FILLED, FOUND, SETTLED = 6, 18, 2, 21, 12, 75


class Reader:
    """Runs each statement once more under EXPLAIN, taken back, and keeps how many buffers it read."""

    def __init__(self):
        self.read = []

    def __call__(self, execute, sql, params, many, context):
        if re.match(r"(\s*--.*\n)*\s*(WITH|SELECT|INSERT|UPDATE|DELETE)", sql) and "survey_tables" not in sql:
            with transaction.atomic(), connection.cursor() as cursor:
                asked = cursor.cursor.mogrify(sql, params)
                found = cursor.cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + asked).fetchone()[0]
                self.read.append((found[0]["Plan"]["Shared Hit Blocks"] + found[0]["Plan"]["Shared Read Blocks"], sql))
                transaction.set_rollback(True)
        return execute(sql, params, many, context)

    @property
    def most(self):
        return max(self.read)

    def of(self, words):
        return max(count for count, sql in self.read if words in sql)


@contextmanager
def reading():
    reader = Reader()
    with connection.execute_wrapper(reader):
        yield reader


def visits(number):
    """A thousand people look at a page."""
    return [Fact("page", f"{number}-{n}", now(), hints=(Hint(2, f"p{n + 1}@people.example"),)) for n in range(1_000)]


def believed(workspace):
    """How many people the planner takes this workspace for."""
    asked = "EXPLAIN (FORMAT JSON) SELECT FROM contacts_contact WHERE workspace_id = %(workspace)s"
    return run_text(asked, {"workspace": workspace.pk})[0][0][0]["Plan"]["Plan Rows"]


@pytest.fixture
def fresh(kettle, rival):
    """Kettle & Co with a crowd and what they got, come in since the tables were counted with a bigger crowd at a rival's."""
    with working_in(rival):
        make_crowd(BIG)
        send_to_all(make_campaign().message)
        record(visits(0), source=source_for("shop", "Shop"))
    as_owner_sql("ANALYZE")
    with working_in(kettle):
        make_crowd(FRESH)
        send_to_all(make_campaign().message)
        assert believed(kettle) <= 1, "the statistics know it: this proves nothing"
        yield kettle


def test_planning_and_claiming_read_as_little_as_anywhere(fresh):
    campaign = started(make_campaign(make_sender(), weekly_cap=5))

    with reading() as planning:
        plan_campaign(campaign)
    with reading() as claiming:
        lease = claim_chunk(fresh)

    assert len(lease.recipients) == 1_000
    assert planning.most[0] < FRESH * PLANNED, planning.most
    assert claiming.most[0] < 1_000 * CLAIMED, claiming.most


def test_counting_and_filling_a_segment_read_as_little_as_anywhere(fresh):
    rule = {"all": [{"consent": {"channel": "email", "topic": "letter", "state": "given"}}]}
    segment = everybody()
    segment.rule = rule
    segment.save()

    with reading() as counting:
        assert count_lines(rule).people == FRESH
    with reading() as filling:
        refresh(segment)

    assert counting.most[0] < FRESH * COUNTED, counting.most
    assert filling.most[0] < FRESH * FILLED, filling.most


def test_settling_what_everybody_said_reads_as_little_as_anywhere(fresh, monkeypatch):
    monkeypatch.setattr(settling, "AT_ONCE", 250)
    ConsentNow.objects.all().delete()

    with reading() as settled:
        assert settling.settle_everybody(fresh) == FRESH

    assert settled.most[0] < 250 * SETTLED, settled.most


def test_recording_reads_as_little_as_anywhere(fresh):
    source = source_for("shop", "Shop")

    def visits(number):
        return [
            Fact("page", f"{number}-{n}", now(), hints=(Hint(2, f"p{n + 1}@people.example"),)) for n in range(1_000)
        ]

    record(visits(1), source=source)
    surveying._look_at.clear()  # what two seconds would do
    with reading() as recording:
        record(visits(2), source=source)

    assert recording.of("The identities of a batch") < 1_000 * FOUND, recording.most


def test_a_workspace_is_surveyed_once_and_only_where_too_little_is_known(fresh):
    assert surveying.survey(Contact) == ["contacts_contact"]
    assert FRESH * 0.5 < believed(fresh) < FRESH * 2
    assert surveying.survey(Contact) == []
    surveying._look_at.clear()
    assert surveying.survey(Contact) == []


def test_tables_of_a_few_pages_are_not_looked_through(inside):
    """A rule in a new workspace asks of few tables: two pages hold fewer than the 500 rows of two numbers that matter."""
    names = [one._meta.db_table for one in owned_models()]
    sizes = dict(run_text("SELECT relname, pg_relation_size(oid) FROM pg_class WHERE relkind = 'r'"))

    looked = {name for name, *_ in run_text(surveying.SURVEY, {"names": names, "few": surveying.FEW_PAGES})}

    assert looked == {name for name in names if sizes.get(name, surveying.FEW_PAGES) >= surveying.FEW_PAGES}
    assert 0 < len(looked) < len(names)
    assert (surveying.FEW_PAGES - 8_192) // (24 + 4 + 2 * 8) < 500


def test_the_app_counts_no_other_tables(inside):
    with pytest.raises(Exception, match="is no table of the workspaces"), transaction.atomic():
        surveying.survey(User)


def test_nothing_is_counted_for_nobody(db):
    with pytest.raises(Exception, match="no workspace is open"), transaction.atomic():
        run_text("SELECT survey_tables(ARRAY['contacts_contact'])")
