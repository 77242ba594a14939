import random
from datetime import timedelta
from itertools import batched
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.merging import link_contacts, unlink_contact
from contacts.models import AudienceRole, Identity
from contacts.resolving import Hint
from engagement.announcing_levels import sweep_levels
from engagement.audience_snapshots import fill_audience_snapshots, write_audience_snapshot
from engagement.explaining import explain_scores
from engagement.formula import SUMS
from engagement.levels import Level
from engagement.models import Fall, LevelMove, Score
from engagement.reading import shown_for
from engagement.rebuilding import rebuild_scores
from tests.examples import examples
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for

KINDS = ["visit", "page", "clicked", "opened", "purchase", "message", "review", "complaint", "share", "nps"]


def sums() -> dict[int, list[float]]:
    heat = dict(Score.objects.values_list("contact_id", "heat"))
    return {row[0]: [*row[1:], heat[row[0]]] for row in Score.objects.values_list("contact_id", *SUMS)}


def assert_same(left: dict[int, list[float]], right: dict[int, list[float]]) -> None:
    assert left.keys() == right.keys()
    for contact, values in left.items():
        assert values == pytest.approx(right[contact], rel=1e-9, abs=1e-9)


facts = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 3),
        st.integers(0, 60 * 24 * 400),
        st.integers(0, 50_000) | st.none(),
        st.integers(-1000, 1000) | st.none(),
        st.sampled_from([0, 0, 0, 1, 2]),
    ),
    min_size=1,
    max_size=40,
)


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=facts, order=st.randoms(use_true_random=False), size=st.integers(1, 9))
def test_scores_do_not_depend_on_order_or_batches_and_equal_a_rebuild(inside, rows, order: random.Random, size):
    from django.db import transaction

    start = timezone.now() - timedelta(days=401)
    made = [
        Fact(
            kind,
            f"e{n}",
            start + timedelta(minutes=minutes),
            hints=(Hint(1, f"c{who}"),),
            value_minor=value,
            sentiment_milli=feeling,
            certainty=certainty,
        )
        for n, (kind, who, minutes, value, feeling, certainty) in enumerate(rows)
    ]
    order.shuffle(made)
    with transaction.atomic():
        source = source_for("test", "Test")
        for batch in batched([*made, *made[:5]], size):
            record(batch, source=source)
        incremental = sums()
        rebuild_scores()
        rebuilt = {k: v for k, v in sums().items() if any(v)}
        transaction.set_rollback(True)

    assert_same({k: v for k, v in incremental.items() if any(v)}, rebuilt)


@pytest.fixture
def shop(inside):
    return source_for("shop", "Shop")


def happen(shop, who: str, kind: str, days_ago: float, **more) -> int:
    n = f"{who}-{kind}-{days_ago}-{more}"
    fact = Fact(
        kind, n, timezone.now() - timedelta(days=days_ago), hints=(Hint(Identity.Kind.EXTERNAL_ID, who),), **more
    )
    return record([fact], source=shop).contact_ids[0]


def test_a_purchase_moves_involvement_and_decays(shop):
    anna = happen(shop, "anna", "purchase", 1, value_minor=5000)

    now, later = shown_for([anna])[anna], shown_for([anna], timezone.now() + timedelta(days=90))[anna]

    assert now.involvement > later.involvement > 0
    assert (now.interaction, now.intimacy, now.influence) == (0, 0, 0)


def test_machines_do_not_move_scores(shop):
    anna = happen(shop, "anna", "opened", 1, certainty=2)

    assert anna not in shown_for([anna])


def test_two_hundred_opens_on_a_day_count_like_seven(shop):
    seven, many = (
        [happen(shop, who, "opened", 1 + n / 10_000) for n in range(count)][0] for who, count in (("a", 7), ("b", 100))
    )

    shown = shown_for([seven, many])

    assert shown[many].involvement == pytest.approx(shown[seven].involvement)


def test_cold_words_lower_intimacy_and_never_the_others(shop):
    anna = happen(shop, "anna", "message", 0.1, sentiment_milli=-800)

    shown = shown_for([anna])[anna]

    assert shown.intimacy < 0 < shown.interaction
    assert shown.stance in {"against", "mixed"}


def test_employees_are_not_scored_unless_the_workspace_wants_it(shop, kettle):
    anna = happen(shop, "anna", "page", 3)
    AudienceRole.objects.create(contact_id=anna, role=4)
    rebuild_scores()
    assert not any(sums()[anna][:-1])

    kettle.scores_employees = True
    rebuild_scores()
    assert any(sums()[anna])


def test_linked_contacts_share_one_score_and_part_again(shop):
    anna, visitor = happen(shop, "anna", "purchase", 3), happen(shop, "visitor", "visit", 2)
    apart = sums()

    link_contacts(visitor, anna)
    together = sums()
    unlink_contact(visitor)

    assert together[anna][0] == pytest.approx(apart[anna][0] + apart[visitor][0])
    assert not any(together[visitor])
    assert_same(sums(), apart)


def test_a_level_is_announced_and_falls_at_its_moment(shop, time_machine):
    start = timezone.now()
    happen(shop, "old", "visit", 40)
    anna = happen(shop, "anna", "purchase", 0.01, value_minor=20_000)
    for day in range(12):
        happen(shop, "anna", "visit", day + 0.5)
    sweep_levels()
    before = Score.objects.get(contact_id=anna).level
    fall = Fall.objects.get(contact_id=anna).due_at
    assert before >= Level.WARM
    assert fall > start

    time_machine.move_to(fall - timedelta(minutes=5))
    sweep_levels()
    assert Score.objects.get(contact_id=anna).level == before

    time_machine.move_to(fall + timedelta(minutes=1))
    sweep_levels()
    assert Score.objects.get(contact_id=anna).level == before - 1
    assert LevelMove.objects.get(contact_id=anna).after == before - 1


def test_a_young_workspace_says_unknown(shop):
    anna = happen(shop, "anna", "purchase", 1)
    sweep_levels()

    assert Score.objects.get(contact_id=anna).level == Level.UNKNOWN


def test_contributions_add_up_to_the_raw_score(shop):
    for day in range(9):
        anna = happen(shop, "anna", "visit", day)
        happen(shop, "anna", "message", day, sentiment_milli=-400 + day * 100)
        happen(shop, "anna", "purchase", day, value_minor=day * 1000)
    shown = shown_for([anna])[anna]

    for one in explain_scores(anna):
        assert sum(c.raw for c in one.contributions) == pytest.approx(one.raw, abs=1e-6)
        assert sum(c.points for c in one.contributions) == pytest.approx(getattr(shown, one.name), abs=1e-6)


def test_standings_tell_how_everybody_stood(shop):
    happen(shop, "anna", "purchase", 20)
    happen(shop, "ben", "visit", 2)

    day = timezone.now().astimezone(ZoneInfo("Europe/Berlin")).date()  # of the workspace, where it may be tomorrow
    today, before = write_audience_snapshot(day), write_audience_snapshot(day - timedelta(days=10))

    assert (today[0].people, before[0].people) == (2, 1)
    assert fill_audience_snapshots() == 12
