"""Each kind of leaf drives by an index, as the app's own role, under row security."""

import json
import random
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from consent.models import Consent
from consent.settling import settle_words
from contacts.models import Company, Contact, Position
from delivery.models import Delivery
from emails.models import OfferCode, OfferPool
from engagement.interests.reading import tag_for
from engagement.models import Interest, LevelMove, Score
from lib.sql import run_text
from segments.leaf_types.base import leaf_types
from segments.models import Segment, SegmentMember, SegmentPick
from segments.rules.compiler import compile_rule
from tests.conftest import as_owner_sql
from tests.factories.campaigns import make_message
from tests.factories.contacts import letter
from workspaces.current import current_workspace_id

PEOPLE, FACTS = 4_000, 40_000


@pytest.fixture
def crowd(inside):
    rng, now = random.Random(7), timezone.now()
    Contact.objects.bulk_create(Contact(name=f"P{n}", email=f"p{n}@people.example") for n in range(PEOPLE))
    ids = list(Contact.objects.values_list("pk", flat=True))
    workspace = current_workspace_id()
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO contacts_audiencerole (workspace_id, contact_id, role, since, source)
            SELECT %s, id, 1 + id %% 40, now(), '' FROM unnest(%s::bigint[]) AS p(id)""",
            [workspace, ids],
        )
        cursor.execute(
            """INSERT INTO contacts_fieldvalue (workspace_id, contact_id, name, text, number, updated_at)
            SELECT %s, id, 'n' || k, 'v' || id %% 500, id %% 500, now()
            FROM unnest(%s::bigint[]) AS p(id), generate_series(1, 5) k""",
            [workspace, ids],
        )
        cursor.execute(
            """INSERT INTO contacts_tag (workspace_id, contact_id, name)
            SELECT %s, id, 't' || id %% 200 FROM unnest(%s::bigint[]) AS p(id)""",
            [workspace, ids],
        )
        cursor.execute(
            """INSERT INTO contacts_identity (workspace_id, contact_id, kind, value, evidence, created_at)
            SELECT %s, id, 2, 'p' || id, '', now() FROM unnest(%s::bigint[]) AS p(id)""",
            [workspace, ids],
        )
        moments = [now - timedelta(days=rng.random() * 600) for _ in range(FACTS)]
        cursor.execute(
            """INSERT INTO touchpoints_touchpoint (workspace_id, id, occurred_at, received_at, contact_id, channel,
              kind, direction, source_id, external_id)
            SELECT %s, gen_random_uuid(), t.at, t.at, t.who, 1, 10 + t.n %% 30, 0, 1, '' FROM
            unnest(%s::timestamptz[], %s::bigint[]) WITH ORDINALITY AS t(at, who, n)""",
            [workspace, moments, [rng.choice(ids) for _ in moments]],
        )
    segments = [Segment.objects.create(name=f"S{n}") for n in range(30)]
    SegmentMember.objects.bulk_create(
        SegmentMember(segment=segments[n % 30], contact_id=pk) for n, pk in enumerate(ids)
    )
    SegmentPick.objects.bulk_create(SegmentPick(segment=segments[n % 30], contact_id=pk) for n, pk in enumerate(ids))
    as_owner_sql("ANALYZE")
    return ids, segments


def plan_of(compiled):
    rows = run_text("EXPLAIN (FORMAT JSON) " + compiled.sql, compiled.params)
    plan = rows[0][0] if not isinstance(rows[0][0], str) else json.loads(rows[0][0])
    return list(nodes(plan[0]["Plan"]))


def nodes(plan):
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def scanned_whole(compiled):
    return {node["Relation Name"] for node in plan_of(compiled) if node["Node Type"] == "Seq Scan"}


def test_the_role_is_the_apps_own(crowd):
    assert run_text(
        "SELECT current_user, (SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user)"
    ) == [("ecrm_app", False)]


def test_no_leaf_reads_its_table_whole(crowd):
    _ids, segments = crowd
    rules = {
        "contacts_audiencerole": {"role": {"in": ["customer"]}},
        "contacts_fieldvalue": {"field": {"name": "n1", "op": "=", "value": "v7"}},
        "contacts_fieldvalue ": {"field": {"name": "n1", "op": "<", "value": 5}},
        "contacts_tag": {"tag": {"has_any": ["t7"]}},
        "segments_segmentmember": {"segment": {"id": segments[3].pk}},
        "segments_segmentpick": {"picked": {"list": segments[3].pk}},
    }

    found = {table: table.strip() in scanned_whole(compile_rule(rule)) for table, rule in rules.items()}

    assert found == dict.fromkeys(rules, False)


def test_event_leaves_read_an_index_of_each_month_only(crowd):
    for rule in (
        {"did": {"kind": "purchase", "count": {"op": ">=", "n": 2}, "window": {"last_days": 40}}},
        {"did": {"kind": "purchase", "count": {"op": "=", "n": 0}, "window": {"last_days": 40}}},
        {"last": {"kind": "purchase", "ago": {"op": "<=", "days": 40}}},
    ):
        plan = plan_of(compile_rule(rule))
        months = {node["Relation Name"] for node in plan if node.get("Relation Name", "").startswith("touchpoint_")}
        with_rows = {
            name
            for name in months
            if run_text(f"SELECT count(*) FROM {name}")[0][0] > 500  # a nearly empty month is read whole, and rightly
        }
        whole = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}

        assert with_rows & whole == set()
        assert 0 < len(months) <= 6


def test_a_recheck_of_one_contact_reads_nothing_whole(crowd):
    ids, segments = crowd
    rule = {
        "all": [
            {"role": {"in": ["customer"]}},
            {"did": {"kind": "purchase", "count": {"op": ">=", "n": 1}, "window": {"last_days": 300}}},
            {"any": [{"field": {"name": "n1", "op": "=", "value": "v7"}}, {"tag": {"has_any": ["t7"]}}]},
            {"not": {"segment": {"id": segments[0].pk}}},
        ]
    }

    whole = scanned_whole(compile_rule(rule, only=[ids[50]]))

    assert {name for name in whole if run_text(f"SELECT count(*) FROM {name}")[0][0] > 500} == set()


def test_a_driven_rule_and_its_counts_read_nothing_whole(crowd):
    _ids, segments = crowd
    rule = {
        "all": [
            {"role": {"in": ["customer"]}},
            {"did": {"kind": "purchase", "count": {"op": ">=", "n": 1}, "window": {"last_days": 300}}},
            {"segment": {"id": segments[3].pk}},
        ]
    }
    compiled = compile_rule(rule)

    assert [compiled.conditions[(n,)] for n in range(3)].count("TRUE") == 1  # whose set drives
    assert {name for name in scanned_whole(compiled) if run_text(f"SELECT count(*) FROM {name}")[0][0] > 500} == set()


@pytest.mark.parametrize(
    "rule",
    [
        {"did": {"kind": "purchase", "window": {"last_days": 40}}},
        {"sequence": {"steps": [{"kind": "form"}, {"kind": "purchase"}], "within_days": 40}},
    ],
)
def test_event_leaves_need_no_more_than_an_index(crowd, rule):
    plan = plan_of(compile_rule(rule))
    months = [
        node for node in plan if node.get("Relation Name", "").startswith("touchpoint_2") and "Index Name" in node
    ]

    assert months
    assert {node["Node Type"] for node in months if "kind" in node["Index Name"]} == {"Index Only Scan"}


def test_an_order_is_found_by_one_sort_and_one_walk_a_step(crowd):
    """Moments are never joined with moments, which grows with the square of what one person did."""
    ids, _segments = crowd
    kinds = ["form", "purchase", "refund", "form"]
    rule = {"sequence": {"steps": [{"kind": kind} for kind in kinds], "within_days": 40}}

    for compiled in (compile_rule(rule), compile_rule(rule, only=ids[:100])):
        plan = plan_of(compiled)
        walks = [node for node in plan if node["Node Type"] == "WindowAgg"]

        assert len(walks) == len(kinds) - 1
        assert len([one for walk in walks for one in walk["Plans"] if "Sort" in one["Node Type"]]) == 1


def test_a_recheck_of_a_batch_reads_nothing_whole(crowd):
    ids, segments = crowd
    rule = {
        "all": [
            {"role": {"in": ["customer"]}},
            {"last": {"kind": "purchase", "ago": {"op": ">=", "days": 60}}},
            {"consent": {"channel": "email", "topic": "letter", "state": "none"}},
            {"not": {"segment": {"id": segments[0].pk}}},
        ]
    }
    compiled = compile_rule(rule, only=ids[:100])

    assert {name for name in scanned_whole(compiled) if run_text(f"SELECT count(*) FROM {name}")[0][0] > 500} == set()


EVERY_LEAF = {
    "role": {"in": ["customer"]},
    "field": {"name": "n1", "op": "=", "value": "v7"},
    "tag": {"has_any": ["t7"]},
    "owner": {"in": [7]},
    "company": {"in": [0]},
    "consent": {"channel": "email", "topic": "letter", "state": "given"},
    "suppressed": {"channel": "email"},
    "segment": {"id": 0},
    "picked": {"list": 0},
    "bucket": {"salt": "may", "from": 0, "to": 100},
    "did": {"kind": "purchase", "window": {"last_days": 40}},
    "last": {"kind": "purchase", "ago": {"op": "<=", "days": 40}},
    "sequence": {"steps": [{"kind": "form"}, {"kind": "purchase"}, {"kind": "refund"}], "within_days": 40},
    "score": {"name": "interaction", "op": ">=", "value": 90},
    "interest": {"in": "t7", "at_least": "clear"},
    "offer": {"key": "o7", "is": "unused"},
    "level": {"op": ">=", "value": 5},
    "level_moved": {"direction": "up", "window": {"last_days": 7}},
    "message": {"did": "opened", "message": 0},
}
# What has to be computed of everybody, or looked for at everybody, when a segment is filled: no index holds the answer.
COMPUTED = {
    "bucket": set(),  # a hash of the number, of everybody
    "suppressed": {"contacts_identity"},  # addresses are known by their hash alone
    "score": {"engagement_score"},  # it decays from minute to minute
    "level": {"engagement_score"},  # a few steps of everybody
}
PEOPLE_TABLE = {"contacts_contact"}  # who is still there is asked of everybody found: a hash join over 4,000


@pytest.fixture
def whole_world(crowd):
    """The crowd with a word, a score, a level, a move and a delivery each."""
    ids, segments = crowd
    messages = [make_message() for _ in range(40)]
    Consent.objects.bulk_create(
        Consent(contact_id=pk, topic=letter(), state=Consent.State.GIVEN if pk % 50 == 0 else Consent.State.WITHDRAWN)
        for pk in ids
    )
    settle_words(ids)
    moment = timezone.now()
    tags = [tag_for(f"t{number}").pk for number in range(50)]
    Interest.objects.bulk_create(Interest(contact_id=pk, tag_id=tags[pk % 50], sum=100) for pk in ids)
    Score.objects.bulk_create(
        Score(contact_id=pk, level=5 if pk % 50 == 0 else 1, level_at=moment, interaction_short=pk % 9) for pk in ids
    )
    LevelMove.objects.bulk_create(
        LevelMove(contact_id=pk, at=moment - timedelta(days=pk % 300), before=1, after=2) for pk in ids
    )
    Delivery.objects.bulk_create(
        Delivery(message=messages[n % 40], contact_id=pk, state=Delivery.State.SENT, opened_at=moment)
        for n, pk in enumerate(ids)
    )
    pools = [OfferPool(name=f"O{n}", key=f"o{n}") for n in range(40)]
    OfferPool.objects.bulk_create(pools)
    OfferCode.objects.bulk_create(
        OfferCode(pool=pools[n % 40], code=f"C{n}", folded=f"c{n}", contact_id=pk, message_id=1, given_at=moment)
        for n, pk in enumerate(ids)
    )
    Contact.objects.filter(pk__in=ids[::40]).update(owner_id=7)
    companies = Company.objects.bulk_create(Company(name=f"C{n}") for n in range(100))
    Position.objects.bulk_create(Position(contact_id=pk, company=companies[n % 100]) for n, pk in enumerate(ids))
    as_owner_sql("ANALYZE")
    return ids, {
        "company": {"in": [companies[7].pk]},
        "segment": {"id": segments[3].pk},
        "picked": {"list": segments[3].pk},
        "message": {"message": messages[3].pk},
    }


def big_tables_read_whole(compiled):
    return {name for name in scanned_whole(compiled) if run_text(f"SELECT count(*) FROM {name}")[0][0] > 500}


def test_every_leaf_of_the_house_is_driven_by_an_index(whole_world):
    ids, numbers = whole_world
    assert set(EVERY_LEAF) == {one.type for one in leaf_types()}  # a new leaf says here what it reads
    whole, of_some = {}, {}
    for kind, argument in EVERY_LEAF.items():
        rule = {kind: argument | numbers.get(kind, {})}
        whole[kind] = big_tables_read_whole(compile_rule(rule)) - COMPUTED.get(kind, set()) - PEOPLE_TABLE
        of_some[kind] = big_tables_read_whole(compile_rule(rule, only=ids[:20]))

    assert {kind: found for kind, found in whole.items() if found} == {}
    assert {kind: found for kind, found in of_some.items() if found} == {}
