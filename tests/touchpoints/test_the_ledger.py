"""The ledger to the letter: ids, moments, kinds, rows, what a retry and a failure leave, what is corrected."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from contacts.models import Contact, Identity
from contacts.resolving import Hint
from lib.sql import run_text
from touchpoints import kind_codes, recording, timestamps
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import BadFactError, Fact, check_moment, fact_id, moment_of
from touchpoints.kind_codes import codes_for
from touchpoints.kind_names import find_code, icon_of, kind_choices, name_of
from touchpoints.kinds import KINDS
from touchpoints.models import CorrectedFact, Correction, DayCount, OwnKind, Received, Touchpoint
from touchpoints.news import touchpoints_corrected, touchpoints_recorded
from touchpoints.recording import TooManyFactsError, record
from touchpoints.rewriting import rewrite_texts
from touchpoints.rows import columns_of, rows_sql
from touchpoints.sources import source_for
from touchpoints.timestamps import forget_arrivals, plan_forgetting
from touchpoints.unknown import count_without_person
from workspaces.current import working_in
from workspaces.models import AgendaItem

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
MOMENT = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)

# code: key, channel, whether we reached them
DOCUMENTED_KINDS = {
    1: ("sent", 1, True), 2: ("delivered", 1, True), 3: ("opened", 1, False), 4: ("clicked", 1, False),
    5: ("bounced", 1, True), 6: ("unsubscribed", 1, False), 7: ("complained", 1, False), 10: ("page", 2, False),
    11: ("visit", 2, False), 12: ("identify", 2, False), 13: ("form", 2, False), 14: ("screen", 4, False),
    15: ("signed_up", 2, False), 20: ("purchase", 2, False), 21: ("refund", 2, False), 22: ("shop_visit", 10, False),
    23: ("event_visit", 10, False), 24: ("code_used", 10, False), 25: ("meeting", 10, False), 26: ("ad_click", 5, False),
    27: ("event_registration", 10, False), 28: ("event_no_show", 10, False), 29: ("event_cancelled", 10, False),
    30: ("mention", 3, False), 31: ("reply", 3, False), 32: ("answer", 3, True), 33: ("message", 1, False),
    34: ("comment", 3, False), 35: ("share", 3, False), 36: ("referral", 2, False), 37: ("user_content", 3, False),
    38: ("liked", 3, True),
    40: ("call", 6, False), 41: ("called", 6, True), 42: ("callback_request", 6, False), 43: ("chat", 7, False),
    44: ("question", 2, False), 50: ("review", 9, False), 51: ("rating", 9, False), 52: ("nps", 2, False),
    53: ("survey", 2, False), 54: ("idea", 8, False), 55: ("community_post", 8, False), 60: ("complaint", 1, False),
    61: ("resolved", 1, True), 62: ("preference", 2, False), 63: ("preference_shared", 2, False), 64: ("sms", 4, True),
    65: ("push", 4, True), 99: ("other", 2, False),
}  # fmt: skip


@pytest.fixture
def shop(here):
    return source_for("shop", "The shop")


@pytest.fixture
def greta(here):
    return Contact.objects.create(name="Greta").pk


@pytest.fixture
def heard(monkeypatch):
    """The batches that were told; nobody else hears them."""
    batches = []
    for news in (touchpoints_recorded, touchpoints_corrected):
        monkeypatch.setattr(news, "hearers", [lambda batch: batches.append(batch)])
    return batches


def said(who: int, name: str, kind: str | int = "message", moment: datetime | None = MOMENT, **more) -> Fact:
    return Fact(kind, name, moment, contact_id=who, **more)


def day_counts() -> list[tuple]:
    rows = DayCount.objects.order_by("day", "channel", "kind", "message_id", "direction", "slot")
    return list(
        rows.values_list(
            "day", "channel", "kind", "message_id", "direction", "slot", "count", "sentiment_sum", "value_sum"
        )
    )


def test_the_codes_of_kinds_stay_for_ever(here, shop, greta):
    assert {kind.code: (key, kind.channel, kind.is_outward) for key, kind in KINDS.items()} == DOCUMENTED_KINDS
    record([said(greta, key, key) for key in KINDS], source=shop)

    rows = {row.external_id: row for row in Touchpoint.objects.all()}
    assert {rows[key].kind: (key, rows[key].channel, bool(rows[key].direction)) for key in rows} == DOCUMENTED_KINDS


def test_the_id_of_a_fact_stays_for_ever():
    moment = datetime(2026, 1, 2, 3, 4, 5, 678_901, tzinfo=UTC)

    id_ = fact_id(7, 9, "order-1", moment)

    assert str(id_) == "019b7ca9-8f2e-7331-b9f7-b83690a1fc03"  # as written by the first release
    assert (id_.version, id_.variant, id_.int >> 80) == (7, "specified in RFC 4122", 1_767_323_045_678)
    assert moment_of(id_) == moment.replace(microsecond=678_000)
    others = [fact_id(8, 9, "order-1", moment), fact_id(7, 8, "order-1", moment), fact_id(7, 9, "order-2", moment)]
    others += [fact_id(7, 9, "order-1", moment + timedelta(milliseconds=1)), fact_id(79, 0, "rder-1", moment)]
    assert len({id_, *others}) == 6


def test_ids_of_strangers_tell_some_moment():
    assert moment_of(UUID(int=0)) == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment_of(UUID(int=2**128 - 1)) == datetime(9999, 12, 31, tzinfo=UTC)
    assert moment_of(UUID(int=1 << 80)) == datetime(1970, 1, 1, microsecond=1000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOON + timedelta(minutes=10), None), (NOON + timedelta(minutes=10, microseconds=1), "more than 10 minutes ahead"),
        (datetime(1970, 1, 1, tzinfo=UTC), None), (datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC), "before 1970"),
    ],
)  # fmt: skip
def test_moments_that_cannot_be(moment, words):
    if words is None:
        assert check_moment(moment, now=NOON) is None
    else:
        with pytest.raises(BadFactError, match=words):
            check_moment(moment, now=NOON)


def test_a_batch_has_a_size(shop, greta, monkeypatch):
    assert recording.MOST_FACTS == 5_000
    monkeypatch.setattr(recording, "MOST_FACTS", 2)

    assert record([said(greta, f"a{n}") for n in range(2)], source=shop).fresh_count == 2
    with pytest.raises(TooManyFactsError, match="3 facts; 2 at most"):
        record([said(greta, f"b{n}") for n in range(3)], source=shop)
    assert Touchpoint.objects.count() == 2


def test_every_column_comes_from_its_fact(shop, greta):
    record(
        [
            said(
                greta, "a\\b\tc\nd\re", "page", MOMENT, channel=7, direction=1, message_id=5, sentiment_milli=-7, value_minor=8,
                currency="EUR", weight_milli=9, certainty=2, actor_id=11, payload={"t": 'a\\b\t"c\nd\re\0f', "\0n": [1.5, None]},
            ),
            said(greta, "\\N", "sent", None, direction=0),
            Fact(4711, "x", MOMENT, hints=(Hint(Identity.Kind.EXTERNAL_ID, "u1"),)),
        ],
        source=shop,
    )  # fmt: skip

    names = (
        "contact_id", "channel", "kind", "direction", "message_id", "sentiment_milli", "value_minor", "currency",
        "weight_milli", "certainty", "actor_id", "payload", "occurred_at", "identity_id", "received_at", "source_id",
    )  # fmt: skip
    rows = {row.external_id: [getattr(row, name) for name in names] for row in Touchpoint.objects.all()}
    number = Identity.objects.get()
    assert rows == {
        "a\\b\tc\nd\re": [
            greta, 7, 10, 1, 5, -7, 8, "EUR", 9, 2, 11, {"t": 'a\\b\t"c\nd\ref', "n": [1.5, None]}, MOMENT, None, NOON, shop.pk,
        ],
        "\\N": [greta, 1, 1, 0, None, None, None, None, 1000, 0, None, {}, NOON, None, NOON, shop.pk],
        "x": [
            number.contact_id, 2, 4711, 0, None, None, None, None, 1000, 0, None, {}, MOMENT, number.pk, NOON, shop.pk,
        ],
    }  # fmt: skip


def test_what_a_batch_did_is_told_and_returned_in_the_order_of_its_facts(shop, greta, heard):
    ben = Contact.objects.create(name="Ben").pk
    first = record([said(ben, "b")], source=shop)
    facts = [said(ben, "c", channel=3), said(greta, "a"), said(ben, "b"), said(ben, "c", channel=4)]

    done = record(facts, source=shop)

    assert done.contact_ids == [ben, greta, ben, ben]
    assert (done.ids[2], done.ids[0]) == (first.ids[0], done.ids[3])
    assert done.moments == [MOMENT] * 4
    assert (done.fresh_count, done.fresh_contact_ids) == (2, [greta, ben])
    assert done.fresh_ids == {done.ids[0], done.ids[1]}
    assert {row.channel for row in done.rows if row.contact_id == ben} == {3}
    assert heard == [first, done]
    assert record(facts, source=shop).rows == ()
    assert len(heard) == 2
    assert record([], source=shop).ids == []


def test_what_a_receiver_refuses_was_never_recorded(shop, greta, monkeypatch):
    def fail(batch):
        raise ZeroDivisionError

    monkeypatch.setattr(touchpoints_recorded, "hearers", [fail])
    with pytest.raises(ZeroDivisionError):
        record(
            [said(greta, "a", has_foreign_id=True), Fact("visit", "v", MOMENT, hints=(Hint(1, "new"),))], source=shop
        )

    assert (Touchpoint.objects.count(), Received.objects.count(), Identity.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("trusted", [True, False])
def test_who_is_not_trusted_fills_empty_fields_only(shop, trusted):
    hints = (Hint(Identity.Kind.EXTERNAL_ID, "u1"),)
    record([Fact("identify", "1", MOMENT, hints=hints, profile={"name": "Ina", "plan": "gold"})], source=shop)

    record(
        [
            Fact(
                "identify", "2", MOMENT, hints=hints, profile={"name": "Eve", "city": "Bonn", "plan": "none", "size": 3}
            ),
            Fact("visit", "3", MOMENT, hints=hints),
        ],
        source=shop,
        trusted=trusted,
    )

    contact = Contact.objects.get()
    assert (contact.name, contact.city) == ("Eve" if trusted else "Ina", "Bonn")
    values = dict(contact.field_values.values_list("name", "text"))
    assert values == {"plan": "none" if trusted else "gold", "size": "3"}


def test_by_default_who_tells_is_trusted(shop):
    hints = (Hint(Identity.Kind.EXTERNAL_ID, "u1"),)
    for name in ("Ina", "Ida"):
        record([Fact("identify", name, MOMENT, hints=hints, profile={"name": name})], source=shop)

    assert Contact.objects.get().name == "Ida"


def test_moments_are_cut_to_milliseconds_and_a_foreign_id_keeps_its_first(shop, greta):
    precise = MOMENT.replace(microsecond=123_987)
    record(
        [said(greta, "own", moment=precise), said(greta, "round", moment=MOMENT.replace(microsecond=5_000))],
        source=shop,
    )
    for shift in (0, 60):
        moment = precise + timedelta(seconds=shift)
        record(
            [said(greta, "foreign", moment=moment, has_foreign_id=True), said(greta, "own", moment=moment)], source=shop
        )
    other = record([said(greta, "foreign", moment=MOMENT, has_foreign_id=True)], source=source_for("else", "Else"))

    found = sorted((row.external_id, row.occurred_at) for row in Touchpoint.objects.all())
    cut = MOMENT.replace(microsecond=123_000)
    assert found == [
        ("foreign", MOMENT), ("foreign", cut), ("own", cut), ("own", cut + timedelta(seconds=60)),
        ("round", MOMENT.replace(microsecond=5_000)),
    ]  # fmt: skip
    assert (other.fresh_count, Received.objects.count()) == (1, 2)


def test_in_one_batch_the_first_moment_of_an_id_counts_and_of_long_ids_300_letters(shop, greta):
    long = "x" * 300
    facts = [
        said(greta, long + "a", moment=MOMENT, has_foreign_id=True),
        said(greta, long + "b", moment=MOMENT + SECOND, has_foreign_id=True),
        said(greta, "n", moment=None),
        said(greta, long[:-1] + "y", moment=MOMENT + SECOND, has_foreign_id=True),
    ]

    assert record(facts, source=shop).moments == [MOMENT, MOMENT, NOON, MOMENT + SECOND]
    assert sorted(len(key) for key in Received.objects.values_list("key", flat=True)) == [1, 300, 300]
    assert set(Received.objects.values_list("received_at", flat=True)) == {NOON}


def test_first_arrivals_are_forgotten_after_thirty_days_in_sets(kettle, here, greta, shop, monkeypatch):
    assert (timestamps.AT_ONCE, timestamps.MOST_ROUNDS) == (10_000, 20)
    monkeypatch.setattr(timestamps, "AT_ONCE", 2)
    monkeypatch.setattr(timestamps, "MOST_ROUNDS", 2)

    def arrived(*ages: timedelta) -> None:
        for age in ages:
            Received.objects.create(
                source_id=1, key=f"k{Received.objects.count()}{age}", occurred_at=MOMENT, received_at=NOON - age
            )

    month = timedelta(days=30)
    arrived(month - SECOND, month, month + SECOND, month + 2 * SECOND, month + 3 * SECOND)
    assert forget_arrivals(kettle) == NOON + timedelta(days=1)
    assert sorted(NOON - at for at in Received.objects.values_list("received_at", flat=True)) == [month - SECOND, month]
    arrived(*[month + SECOND] * 5)
    assert forget_arrivals(kettle) == NOON
    assert Received.objects.count() == 3
    assert forget_arrivals(kettle) == NOON + timedelta(days=1)
    AgendaItem.objects.all().delete()
    plan_forgetting(kettle)
    assert AgendaItem.objects.values_list("work", "due_at").get() == (timestamps.WORK, NOON + timedelta(days=1))


def test_kinds_get_their_codes_known_ones_aliases_and_own_ones(here):
    names = [
        7,
        "visit",
        "Order Completed",
        "ORDER REFUNDED",
        "Tea",
        "tea",
        "  Tea\0",
        "b" * 81,
        "b" * 80,
        1003,
        "purchase",
    ]
    for _again in range(2):
        assert codes_for(names) == {
            7: 7, 1003: 1003, "visit": 11, "Order Completed": 20, "ORDER REFUNDED": 21, "purchase": 20, "Tea": 1000,
            "  Tea\0": 1000, "b" * 81: 1001, "b" * 80: 1001, "tea": 1002,
        }  # fmt: skip
    assert dict(OwnKind.objects.values_list("key", "code")) == {"Tea": 1000, "b" * 80: 1001, "tea": 1002}
    assert codes_for(["More"]) == {"More": 1003}
    assert codes_for([]) == {}


def test_a_workspace_has_500_kinds_of_its_own_and_the_rest_is_other(kettle, rival):
    with working_in(kettle):
        OwnKind.objects.bulk_create(OwnKind(key=f"k{n:03}", code=1000 + n) for n in range(498))
        assert codes_for(["c", "b", "a", "k001"]) == {"a": 1498, "b": 1499, "c": 99, "k001": 1001}
        assert codes_for(["d", "a"]) == {"d": 99, "a": 1498}
        assert OwnKind.objects.count() == 500
    with working_in(rival):
        assert codes_for(["c"]) == {"c": 1000}


def test_known_kinds_are_not_asked_for_again_after_commit(
    here, django_capture_on_commit_callbacks, django_assert_num_queries, monkeypatch
):
    monkeypatch.setattr(kind_codes, "_own", {})
    with django_capture_on_commit_callbacks(execute=True):
        codes_for(["Tea"])

    with django_assert_num_queries(0):
        assert codes_for(["Tea", "visit"]) == {"Tea": 1000, "visit": 11}
    assert codes_for(["Tea", "Cup"]) == {"Tea": 1000, "Cup": 1001}


def test_kinds_by_name(here):
    OwnKind.objects.create(key="Tea", code=1000)
    OwnKind.objects.create(key="Cup", code=1001)

    asked = ["purchase", "Order Completed", "order completed", "Tea", "tea", "", None, 20, ["purchase"]]
    assert [find_code(one) for one in asked] == [20, 20, 20, 1000, None, None, None, None, None]
    assert [name_of(one) for one in ("purchase", "order completed", "Tea", "nobody")] == [
        "purchase",
        "purchase",
        "Tea",
        "nobody",
    ]
    assert [icon_of(one) for one in ("purchase", "Tea", "nobody")] == ["shopping-bag", "activity", "activity"]
    choices = kind_choices()
    assert choices[:2] == [("sent", "email sent"), ("delivered", "email delivered")]
    assert choices[-3:] == [("other", "other"), ("Cup", "Cup"), ("Tea", "Tea")]
    assert len(choices) == len(DOCUMENTED_KINDS) + 2


def test_rows_travel_as_columns_with_their_sign(shop, greta):
    rows = record(
        [said(greta, f"{n}", moment=MOMENT + n * timedelta(milliseconds=1), value_minor=n or None) for n in range(3)],
        source=shop,
    ).rows
    asked = "SELECT extract(epoch FROM occurred_at)::float8 * 1000, value_minor, kind, sign FROM {} r ORDER BY 1"
    first = MOMENT.timestamp() * 1000

    signed = run_text(asked.format(rows_sql("value_minor", "kind", signed=True)), columns_of(rows, minus=2))
    assert signed == [(first, None, 33, -1), (first + 1, 1, 33, -1), (first + 2, 2, 33, 1)]
    plain = run_text(asked.format(rows_sql("value_minor", "kind")), columns_of(rows))
    assert plain == [(first, None, 33, 1), (first + 1, 1, 33, 1), (first + 2, 2, 33, 1)]
    assert run_text(asked.format(rows_sql("value_minor", "kind")), columns_of([])) == []


def test_day_counts_add_up_by_day_channel_kind_message_and_direction(shop, greta, monkeypatch):
    monkeypatch.setattr(random, "randrange", lambda n: n - 1)
    late = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # the 2nd in Berlin
    facts = [
        said(greta, "a", sentiment_milli=300, value_minor=10),
        said(greta, "b", sentiment_milli=-100),
        said(greta, "c", value_minor=5, message_id=4),
        said(greta, "d", direction=1),
        said(greta, "e", channel=3),
        said(greta, "f", "visit"),
        said(greta, "g", moment=late),
    ]
    first, second = date(2026, 3, 1), date(2026, 3, 2)

    record(facts[:1], source=shop)
    record(facts, source=shop)
    record(facts, source=shop)

    assert day_counts() == [
        (first, 1, 33, 4, 0, 7, 1, 0, 5),
        (first, 1, 33, None, 0, 7, 2, 200, 10),
        (first, 1, 33, None, 1, 7, 1, 0, 0),
        (first, 2, 11, None, 0, 7, 1, 0, 0),
        (first, 3, 33, None, 0, 7, 1, 0, 0),
        (second, 1, 33, None, 0, 7, 1, 0, 0),
    ]


def test_recorders_do_not_queue_for_one_row(shop, greta):
    from touchpoints.counting import count_the_day

    batch = record([said(greta, "a")], source=shop)
    random.seed(5)
    for _time in range(60):
        count_the_day(batch)

    assert {row[5] for row in day_counts()} == set(range(8))
    assert sum(row[6] for row in day_counts()) == 61


def test_a_correction_takes_away_what_was_counted_and_adds_what_counts(shop, greta, monkeypatch):
    monkeypatch.setattr(random, "randrange", lambda n: 0)
    batch = record(
        [said(greta, "a", sentiment_milli=300, value_minor=10), said(greta, "b", sentiment_milli=100, value_minor=1)],
        source=shop,
    )
    monkeypatch.setattr(random, "randrange", lambda n: 1)
    one, other = batch.ids
    day, key = date(2026, 3, 1), (1, 33, None, 0)

    def second_slot() -> tuple | None:
        return next((row[6:] for row in day_counts() if row[5] == 1), None)

    correct([Change(one, Field.CERTAINTY, 2)])
    assert second_slot() is None
    correct([Change(one, Field.SENTIMENT, -300)])
    assert second_slot() == (0, -600, 0)
    correct([Change(one, Field.SENTIMENT, 300), Change(one, Field.VALUE, 110), Change(other, Field.VALUE, None)])
    assert second_slot() == (0, 0, 99)
    correct([Change(one, Field.DELETED, 1)])
    assert second_slot() == (-1, -300, -11)
    assert day_counts()[0] == (day, *key, 0, 2, 400, 11)
    correct([Change(one, Field.DELETED, 0)])
    assert second_slot() == (0, 0, 99)


def test_a_correction_is_kept_applied_and_told(shop, greta, monkeypatch):
    ben = Contact.objects.create(name="Ben").pk
    batch = record(
        [said(ben, "b", moment=MOMENT + SECOND, value_minor=1), said(greta, "a", sentiment_milli=300, value_minor=7)],
        source=shop,
    )
    heard = []
    monkeypatch.setattr(touchpoints_corrected, "hearers", [lambda batch: heard.append(batch)])
    bens, gretas = batch.ids

    changed = correct(
        [
            Change(bens, Field.VALUE, 2), Change(gretas, Field.SENTIMENT, -300), Change(gretas, Field.VALUE, 7),
            Change(gretas, Field.CERTAINTY, 1), Change(bens, Field.VALUE, 3),
        ],
        by_id=9,
    )  # fmt: skip

    assert changed == 2
    log = Correction.objects.order_by("pk").values_list("touchpoint_id", "field", "value", "by_id", "at", "occurred_at")
    assert list(log) == [
        (bens, "value", 2, 9, NOON, MOMENT + SECOND), (gretas, "sentiment", -300, 9, NOON, MOMENT),
        (gretas, "certainty", 1, 9, NOON, MOMENT), (bens, "value", 3, 9, NOON, MOMENT + SECOND),
    ]  # fmt: skip
    truth = CorrectedFact.objects.order_by("-occurred_at")
    names = ("touchpoint_id", "occurred_at", "sentiment_milli", "certainty", "value_minor", "is_deleted")
    assert list(truth.values_list(*names)) == [
        (bens, MOMENT + SECOND, None, 0, 3, False),
        (gretas, MOMENT, -300, 1, 7, False),
    ]
    (told,) = heard
    rows = {row.id: row for row in batch.rows}
    assert {row.id: row for row in told.before} == rows
    assert {row.id: row for row in told.after} == {
        bens: rows[bens]._replace(value_minor=3), gretas: rows[gretas]._replace(sentiment_milli=-300, certainty=1),
    }  # fmt: skip
    assert (told.contact_ids, told.first_moment) == ([greta, ben], MOMENT)
    assert told.columns["row_minus"] == 2

    assert correct([Change(gretas, Field.DELETED, 1), Change(bens, Field.VALUE, 3)], by_id=9) == 1
    assert (heard[1].after, [row.id for row in heard[1].before]) == ((None,), [gretas])
    assert heard[1].columns["row_minus"] == 1
    assert correct([Change(gretas, Field.VALUE, 8)]) == 1  # of what is deleted: kept, counted nowhere
    assert len(heard) == 2
    assert correct([Change(gretas, Field.DELETED, 0)]) == 1
    assert (heard[2].before, heard[2].after[0].value_minor) == ((None,), 8)
    assert list(truth.values_list("value_minor", "is_deleted")) == [(3, False), (8, False)]
    assert correct([]) == 0


def test_a_change_that_ends_where_it_began_changes_nothing(shop, greta, heard):
    (id_,) = record([said(greta, "a", value_minor=7)], source=shop).ids
    heard.clear()

    assert correct([Change(id_, Field.VALUE, 8), Change(id_, Field.VALUE, 7)]) == 0
    assert (heard, CorrectedFact.objects.count()) == ([], 0)


def test_a_correction_that_a_receiver_refuses_was_never_made(shop, greta, monkeypatch):
    def fail(batch):
        raise ZeroDivisionError

    (id_,) = record([said(greta, "a")], source=shop).ids
    monkeypatch.setattr(touchpoints_corrected, "hearers", [fail])

    with pytest.raises(ZeroDivisionError):
        correct([Change(id_, Field.VALUE, 8)])
    assert (Correction.objects.count(), CorrectedFact.objects.count()) == (0, 0)


def test_facts_of_another_workspace_cannot_be_corrected_or_rewritten(kettle, rival):
    with working_in(kettle):
        greta = Contact.objects.create(name="Greta").pk
        batch = record([said(greta, "a", payload={"text": "mine"})], source=source_for("shop", "Shop"))
    (id_,) = batch.ids
    with working_in(rival):
        assert correct([Change(id_, Field.VALUE, 8)]) == 0
        assert rewrite_texts({id_: "yours"}) == 0


def test_words_are_put_in_place_of_words_and_of_nothing_else(shop, greta):
    facts = [
        said(greta, "both", payload={"text": "old", "note": "n"}),
        said(greta, "gone", payload={"text": "old", "url": "/x"}),
        said(greta, "silent", payload={"note": "n"}),
        said(greta, "long", payload={"text": "old"}),
        said(greta, "ours", payload={"text": "ours"}, direction=1),
        said(greta, "page", "page", payload={"text": "page"}),
        said(greta, "left", payload={"text": "left alone"}),
    ]
    ids = dict(zip([fact.external_id for fact in facts], record(facts, source=shop).ids, strict=True))

    words = {"both": "new", "gone": None, "silent": "new", "long": "y" * 601, "ours": "x", "page": "x"}
    assert rewrite_texts({ids[name]: text for name, text in words.items()}) == 3
    assert dict(Touchpoint.objects.values_list("external_id", "payload")) == {
        "both": {"text": "new", "note": "n"}, "gone": {"url": "/x"}, "silent": {"note": "n"}, "long": {"text": "y" * 600},
        "ours": {"text": "ours"}, "page": {"text": "page"}, "left": {"text": "left alone"},
    }  # fmt: skip
    assert rewrite_texts({}) == 0


def test_visitors_without_a_name_are_counted_by_day_channel_and_kind(here):
    facts = [
        Fact("page", "1", MOMENT), Fact("page", "2", MOMENT + SECOND), Fact("visit", "3", MOMENT), Fact("Tea", "4", MOMENT),
        Fact("screen", "5"), Fact("page", "6", datetime(2026, 3, 2, tzinfo=UTC)),
    ]  # fmt: skip
    count_without_person(facts)
    count_without_person(facts[:1])

    first, second, today = date(2026, 3, 1), date(2026, 3, 2), date(2026, 3, 18)
    assert day_counts() == [
        (first, 2, 10, None, 0, 0, 3, 0, 0), (first, 2, 11, None, 0, 0, 1, 0, 0), (first, 2, 1000, None, 0, 0, 1, 0, 0),
        (second, 2, 10, None, 0, 0, 1, 0, 0), (today, 4, 14, None, 0, 0, 1, 0, 0),
    ]  # fmt: skip
    assert (Touchpoint.objects.count(), Contact.objects.count()) == (0, 0)


def test_a_source_is_made_once(here):
    assert source_for("web", "Web").pk == source_for("web", "Other").pk
    assert source_for("web", "Other").name == "Web"


def test_a_payload_is_stored_as_it_came(shop, greta):
    payload = json.loads('{"a": {"b": ["ü", "\\u2028", "\\\\u0000"]}, "n": 12345678901234567890123}')
    record([said(greta, "a", payload=payload)], source=shop)

    assert Touchpoint.objects.get().payload == payload
