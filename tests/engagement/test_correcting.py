from collections import Counter
from contextlib import suppress
from datetime import timedelta
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.merging import SamePersonError, link_contacts, unlink_contact
from contacts.resolving import Hint
from engagement.checking import compare_with_rebuild
from engagement.explaining import explain_scores
from engagement.models import DayWeight, Touched
from engagement.reading import shown_for
from tests.examples import examples
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.models import CorrectedFact, Correction, DayCount, Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for

KINDS = ["visit", "clicked", "purchase", "message", "mention", "review", "complaint"]
PEOPLE = 4

minutes = st.integers(0, 60 * 24 * 120)
feelings = st.integers(-1000, 1000) | st.none()
recording = st.tuples(
    st.just("record"), st.sampled_from(KINDS), st.integers(0, PEOPLE - 1), minutes, st.integers(0, 50_000), feelings,
    st.sampled_from([0, 0, 0, 2]),
)  # fmt: skip
correction = st.one_of(
    st.tuples(st.just("correct"), st.integers(0, 30), st.just(Field.SENTIMENT), feelings),
    st.tuples(st.just("correct"), st.integers(0, 30), st.just(Field.CERTAINTY), st.sampled_from([0, 2])),
    st.tuples(st.just("correct"), st.integers(0, 30), st.just(Field.VALUE), st.integers(0, 50_000)),
    st.tuples(st.just("correct"), st.integers(0, 30), st.just(Field.DELETED), st.sampled_from([0, 1, 1])),
)
person = st.integers(0, PEOPLE - 1)
linking = st.one_of(st.tuples(st.just("link"), person, person), st.tuples(st.just("unlink"), person))
steps = st.lists(st.one_of(recording, recording, correction, linking), min_size=4, max_size=30)


def day_counts() -> dict[tuple, tuple[int, int, int]]:
    """DayCount as charts read it: summed over slots."""
    sums: dict[tuple, list[int]] = {}
    for row in DayCount.objects.all():
        place = sums.setdefault((row.day, row.channel, row.kind, row.direction), [0, 0, 0])
        for n, value in enumerate((row.count, row.sentiment_sum, row.value_sum)):
            place[n] += value
    return {key: tuple(value) for key, value in sums.items() if any(value)}


def day_counts_from_scratch(zone: str) -> dict[tuple, tuple[int, int, int]]:
    counts, feelings_, values = Counter(), Counter(), Counter()
    truths = {row.touchpoint_id: row for row in CorrectedFact.objects.all()}
    for fact in Touchpoint.objects.all():
        truth = truths.get(fact.id, fact)
        if getattr(truth, "is_deleted", False):
            continue
        key = (fact.occurred_at.astimezone(ZoneInfo(zone)).date(), fact.channel, fact.kind, fact.direction)
        counts[key] += 1
        feelings_[key] += truth.sentiment_milli or 0
        values[key] += truth.value_minor or 0
    return {key: (counts[key], feelings_[key], values[key]) for key in counts}


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=steps)
def test_whatever_happens_scores_and_day_counts_are_what_a_count_from_scratch_gives(inside, steps):
    now = timezone.now()
    with transaction.atomic():
        source = source_for("test", "Test")
        first = [Fact("visit", f"first{n}", now - timedelta(days=3), hints=(Hint(1, f"c{n}"),)) for n in range(PEOPLE)]
        people = record(first, source=source).contact_ids
        facts: list[UUID] = []
        for n, (what, *rest) in enumerate(steps):
            if what == "record":
                kind, who, ago, value, feeling, certainty = rest
                fact = Fact(
                    kind, f"e{n}", now - timedelta(minutes=ago), contact_id=people[who], value_minor=value,
                    sentiment_milli=feeling, certainty=certainty,
                )  # fmt: skip
                done = record([fact], source=source)
                facts.append(done.ids[0])
            elif what == "correct" and facts:
                which, field, value = rest
                correct([Change(facts[which % len(facts)], field, value)])
            elif what == "link":
                unlink_contact(people[rest[0]])
                with suppress(SamePersonError):
                    link_contacts(people[rest[0]], people[rest[1]])
            elif what == "unlink":
                unlink_contact(people[rest[0]])
        found = compare_with_rebuild()
        counted, scratch = day_counts(), day_counts_from_scratch(inside.zone)
        transaction.set_rollback(True)

    assert found.largest < 1e-9
    assert counted == scratch


@pytest.fixture
def said(inside):
    """Greta wrote us something warm yesterday."""
    fact = Fact("message", "m1", timezone.now() - timedelta(days=1), hints=(Hint(1, "greta"),), sentiment_milli=800)
    return record([fact], source=source_for("inbox", "Inbox"))


def change(batch, field: Field, value: int | None) -> Change:
    return Change(batch.ids[0], field, value)


def test_a_corrected_feeling_moves_intimacy_at_once(said):
    greta = said.contact_ids[0]
    before = shown_for([greta])[greta]

    assert correct([change(said, Field.SENTIMENT, -800)], by_id=7) == 1

    after = shown_for([greta])[greta]
    assert (before.intimacy > 0, after.intimacy) == (True, pytest.approx(-before.intimacy))
    assert after.interaction == pytest.approx(before.interaction)
    assert [greta] in Touched.objects.values_list("contact_ids", flat=True)
    assert Correction.objects.values_list("field", "value", "by_id").get() == ("sentiment", -800, 7)


def test_a_feeling_that_turns_out_unclear_counts_for_nothing(said):
    greta = said.contact_ids[0]
    correct([change(said, Field.SENTIMENT, None)])

    assert shown_for([greta])[greta].intimacy == 0


def test_what_says_nothing_new_is_not_written_down(said):
    assert [correct([change(said, Field.SENTIMENT, -800)]) for _time in range(2)] == [1, 0]
    assert correct([Change(id_, Field.VALUE, 3) for id_ in (uuid4(), UUID(int=0), UUID(int=2**128 - 1))]) == 0
    assert Correction.objects.count() == 1


def test_a_deleted_fact_counts_for_nothing_and_leaves_the_timeline(said):
    from touchpoints.timeline import Filters, read_timeline

    greta = said.contact_ids[0]
    correct([change(said, Field.DELETED, 1)])

    assert not any(one.raw for one in explain_scores(greta))
    assert not DayWeight.objects.exists()
    assert day_counts() == {}
    assert read_timeline(greta, Filters()).rows == []


def test_a_machine_unmasked_as_a_person_begins_to_count(inside):
    fact = Fact("clicked", "c1", timezone.now() - timedelta(days=1), hints=(Hint(1, "ben"),), certainty=2)
    batch = record([fact], source=source_for("test", "Test"))
    ben = batch.contact_ids[0]
    assert ben not in shown_for([ben])

    correct([change(batch, Field.CERTAINTY, 0)])

    assert shown_for([ben])[ben].involvement > 0


def test_the_work_of_correcting_does_not_grow_with_it(inside, django_assert_max_num_queries):
    facts = [
        Fact("message", f"m{n}", timezone.now() - timedelta(days=1), hints=(Hint(1, f"p{n}"),), sentiment_milli=500)
        for n in range(60)
    ]
    batch = record(facts, source=source_for("inbox", "Inbox"))
    changes = [Change(id_, Field.SENTIMENT, -500) for id_ in batch.ids]

    with django_assert_max_num_queries(24) as few:
        correct(changes[:1])
    with django_assert_max_num_queries(len(few.captured_queries)):
        assert correct(changes[1:]) == 59


def test_a_receiver_that_records_again_starves_nobody(inside, monkeypatch):
    from touchpoints.news import touchpoints_recorded

    source = source_for("test", "Test")

    def echo(batch) -> None:
        """Whoever buys is thanked, in the same transaction."""
        bought = [row for row in batch.rows if row.kind == 20]
        if bought:
            record(
                [Fact("answer", f"thanks-{row.id}", row.occurred_at, contact_id=row.contact_id) for row in bought],
                source=source,
            )

    monkeypatch.setattr(touchpoints_recorded, "hearers", [echo, *touchpoints_recorded.hearers])
    fact = Fact("purchase", "b1", timezone.now() - timedelta(days=1), hints=(Hint(1, "greta"),), value_minor=4000)
    greta = record([fact], source=source).contact_ids[0]

    shown = shown_for([greta])[greta]
    assert shown.involvement > 0 < shown.interaction
    assert sum(count for count, _feeling, _value in day_counts().values()) == 2
    assert compare_with_rebuild().largest < 1e-9
