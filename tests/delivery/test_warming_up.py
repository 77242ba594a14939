"""The ramp of a sender that warms up: how it steps, what a bad day does, when it ends, and what a person may do."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.models import WarmUp
from delivery.pace.warming_up import (
    FIRST,
    NoPlanError,
    end_warm_up,
    note_day,
    outlook,
    pause_warm_up,
    plan_of,
    ramp,
    resume_warm_up,
    start_warm_up,
)
from workspaces.models import AuditEntry

MONDAY = date(2026, 3, 2)
BAD = {"kind": "bounces"}
State = WarmUp.State


def plan(*steps: int, **facts) -> WarmUp:
    """A plan that no database knows."""
    return WarmUp(steps=list(steps), **({"workspace_id": 1, "days_a_step": 1} | facts))


def day_of(one: WarmUp, number: int, taken: int | None = None, trouble=None) -> bool:
    """That day is over: `taken` were counted, all that may leave if it is not said."""
    one.day = MONDAY + timedelta(days=number)
    one.taken_count = one.most if taken is None else taken
    return note_day(one, one.day, trouble or {})


@given(st.integers(1, 2_000_000))
def test_the_ramp_begins_at_fifty_never_more_than_doubles_and_ends_where_it_should(most):
    steps = ramp(most)

    assert steps[0] == min(FIRST, most)
    assert steps[-1] == most
    assert all(one < two <= 2 * one for one, two in pairwise(steps))


@given(
    st.integers(1, 3),
    st.lists(st.tuples(st.sampled_from([0, 0.49, 0.5, 1]), st.booleans()), max_size=60),
)
def test_whatever_the_days_bring_it_steps_by_one_and_only_up_after_good_days(pace, days):
    one, good, bad = plan(*ramp(800), days_a_step=pace), 0, 0
    for number, (share, is_bad) in enumerate(days):
        step, used = one.step, int(share * one.most)
        ended = day_of(one, number, used, BAD if is_bad else {})
        is_used = used > 0 if step == 4 else 2 * used >= one.steps[step] and used > 0
        good, bad = (0, bad + 1) if is_bad else (good + is_used, 0)
        if one.step > step:
            assert (one.step, is_bad, good) == (step + 1, False, pace)
        elif is_bad and bad == 2:
            assert one.step == max(0, step - 1)
        else:
            assert one.step == step
        assert ended == (step == 4 and not is_bad and good >= 7)
        if one.step != step or bad == 2:
            good = bad = 0
        if ended:
            break


def test_a_usual_plan_doubles_every_two_days():
    one = plan(50, 100, 200, days_a_step=2)

    most = []
    for number in range(6):
        most.append(one.most)
        day_of(one, number)

    assert most == [50, 50, 100, 100, 200, 200]


def test_a_day_on_which_little_left_teaches_receivers_nothing():
    one = plan(50, 100)

    for number in range(10):
        day_of(one, number, taken=24)

    assert one.most == 50


def test_a_bad_day_holds_the_step_and_two_step_back():
    one = plan(50, 100, 200, step=1)

    day_of(one, 0, trouble=BAD)
    assert (one.most, one.trouble) == (100, BAD)
    day_of(one, 1, trouble=BAD)
    assert (one.most, one.trouble) == (50, BAD)
    day_of(one, 2)
    assert (one.most, one.trouble) == (100, {})


def test_it_ends_after_seven_good_days_on_the_last_step():
    one = plan(50, step=0)

    ends = [day_of(one, number, taken=1) for number in range(7)]

    assert ends == [False] * 6 + [True]


def test_a_day_counts_once():
    one = plan(50, 100, 200)
    day_of(one, 0)
    assert not note_day(one, MONDAY, {})
    assert one.most == 100


def test_a_paused_plan_stays_at_its_step():
    one = plan(50, 100, 200, step=1, state=State.PAUSED)

    for number in range(5):
        day_of(one, number, trouble=BAD if number % 2 else {})

    assert one.most == 100


@pytest.mark.parametrize(
    ("people", "expected"), [(0, (0, 0)), (50, (50, 0)), (51, (50, 1)), (150, (50, 1)), (300, (50, 2)), (351, (50, 3))]
)
def test_what_is_told_before_approval_is_what_happens(inside, sender, people, expected):
    one = start_warm_up(sender, most=200, days_a_step=1, by=None)

    assert outlook(one, people) == expected
    one.state = State.PAUSED
    assert outlook(one, 300) == (50, 5)


def test_a_person_starts_pauses_and_ends_it(inside, sender, ada):
    assert plan_of(sender) is None

    start_warm_up(sender, most=200, days_a_step=2, by=ada)
    assert pause_warm_up(sender, by=ada).state == State.PAUSED
    with pytest.raises(NoPlanError):
        pause_warm_up(sender, by=ada)
    assert resume_warm_up(sender, by=ada).state == State.RUNNING
    assert plan_of(sender).steps == [50, 100, 200]
    end_warm_up(sender, by=ada)

    assert plan_of(sender) is None
    with pytest.raises(NoPlanError):
        end_warm_up(sender, by=ada)
    actions = list(
        AuditEntry.objects.filter(actor_id=ada.pk, action__startswith="warm_up.")
        .order_by("pk")
        .values_list("action", flat=True)
    )
    assert actions == ["warm_up.started", "warm_up.paused", "warm_up.resumed", "warm_up.ended"]


def test_started_anew_it_begins_at_its_first_step(inside, sender, ada):
    start_warm_up(sender, most=200, days_a_step=2, by=ada)
    WarmUp.objects.update(step=2, good_days=3, trouble=BAD)

    one = start_warm_up(sender, most=400, days_a_step=1, by=ada)

    assert (one.most, one.good_days, one.trouble, one.steps[-1]) == (50, 0, {}, 400)
    assert WarmUp.objects.count() == 1
