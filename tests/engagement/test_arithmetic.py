"""What moments are worth, in numbers worked out by hand: factors, days, decay, bounds, and the same in SQL."""

import math
from datetime import timedelta

import numpy as np
import pytest

from contacts.models import Audience, AudienceRole
from engagement import formula
from engagement.modelling import current_model
from engagement.models import DayWeight, Fall, Heat, Score
from engagement.reading import Shown, _directions, shown_for
from engagement.rebuilding import rebuild_scores
from lib.clock import now
from lib.sql import run_text
from tests.engagement import oracle
from tests.engagement.test_formula import shown_by_segments
from tests.engagement.world import NOON, happen, person, with_sum


def weights_of(who: int) -> dict[tuple[int, int], tuple[int, float]]:
    rows = DayWeight.objects.filter(contact_id=who)
    return {(row.kind, row.target): (row.count, round(row.weight, 9)) for row in rows}


@pytest.mark.parametrize(
    ("minor", "factor"),
    [
        (None, 1), (0, 1), (-500, 1), (100, 1 + math.log(2) / math.log(31)), (3000, 2), (96_000, 3), (2_879_999, 1 + math.log(28_800.99) / math.log(31)),
        (2_979_000, 4), (2_979_100, 4), (10**9, 4),
    ],
)  # fmt: skip
def test_a_purchase_counts_by_its_value_up_to_four_times(here, minor, factor):
    who = person()
    happen(who, "purchase", 1, value_minor=minor)

    assert weights_of(who) == {(20, 0): (1, pytest.approx(factor))}


def test_the_median_purchase_of_a_model_counts_twice_and_a_median_below_one_is_one(here):
    model = current_model()
    for median, minor in ((9_900, 9_900), (1, 100), (100, 100)):
        model.median_value_minor = median
        model.save()
        happen(who := person(), "purchase", 1, value_minor=minor)
        assert weights_of(who) == {(20, 0): (1, 2.0)}


@pytest.mark.parametrize(
    ("kind", "facts", "expected"),
    [
        ("message", {"sentiment_milli": 250}, {(33, 1): (1, 1), (33, 2): (1, 0.25)}),
        ("message", {"sentiment_milli": -250}, {(33, 1): (1, 1), (33, 3): (1, 0.25)}),
        ("message", {"sentiment_milli": 0}, {(33, 1): (1, 1)}),
        ("message", {}, {(33, 1): (1, 1)}),
        ("complaint", {"sentiment_milli": 900}, {(60, 3): (1, 1)}),
        ("share", {"weight_milli": 4200}, {(35, 4): (1, 4.2)}),
        ("share", {"weight_milli": 1}, {(35, 4): (1, 0.001)}),
        ("share", {"weight_milli": 0}, {}),
        ("visit", {"weight_milli": 4200}, {(11, 0): (1, 1)}),
        ("visit", {"certainty": 1}, {}),
        ("visit", {"certainty": 2}, {}),
        ("delivered", {}, {}),
    ],
)  # fmt: skip
def test_a_moment_counts_by_its_own_factor(here, kind, facts, expected):
    who = person()
    happen(who, kind, 1, **facts)

    assert weights_of(who) == expected
    rebuild_scores()
    assert weights_of(who) == expected


@pytest.mark.parametrize(
    ("times", "u"), [(1, 1), (2, math.log2(3)), (3, 2), (6, math.log2(7)), (7, 3), (8, 3), (40, 3)]
)
def test_many_moments_of_a_day_count_by_their_logarithm_up_to_three(here, times, u):
    who = person()
    happen(who, "visit", 1, times=times)
    first = float(Score.objects.get().involvement_short)
    rebuild_scores()

    grown = 2 ** (days_to("2026-03-17") / 14)
    assert first == pytest.approx(u * grown)
    assert Score.objects.get().involvement_short == pytest.approx(u * grown)
    assert Heat.objects.get().heat == pytest.approx(u * 2 ** (days_to("2026-03-17") / 30))
    assert formula.day_points(np.array([2.0 * times]), np.array([times])).tolist() == pytest.approx([2 * u])


def days_to(day: str) -> int:
    from datetime import date

    return (date.fromisoformat(day) - date(2024, 3, 1)).days


def test_days_are_those_of_the_models_zone(here):
    who = person()
    happen(who, "visit", 0.5 + 1 / 24 + 1 / 86400)  # 22:59:59 in London, 23:59:59 in Berlin
    happen(who, "visit", 0.5 + 1 / 24)

    assert sorted(str(row.day) for row in DayWeight.objects.all()) == ["2026-03-17", "2026-03-18"]
    assert Score.objects.get().involvement_short == pytest.approx(
        2 ** (days_to("2026-03-17") / 14) + 2 ** (days_to("2026-03-18") / 14)
    )


def test_each_sum_and_the_heat_get_what_their_kinds_are_worth(here):
    who = person()
    for kind, more in [
        ("clicked", {}),
        ("signed_up", {}),
        ("call", {"sentiment_milli": 500}),
        ("complained", {}),
        ("referral", {"weight_milli": 2000}),
    ]:
        happen(who, kind, 1, **more)

    age, score = days_to("2026-03-17"), Score.objects.get(contact_id=who)
    expected = {
        "involvement_short": (2, 14), "involvement_long": (2, 90), "interaction_short": (3, 7), "interaction_long": (0, 60),
        "warm_short": (1, 30), "warm_long": (0, 180), "cold_short": (0, 30), "cold_long": (12, 180),
        "influence_short": (0, 30), "influence_long": (16, 180),
    }  # fmt: skip
    assert {name: getattr(score, name) for name in expected} == pytest.approx(
        {name: points * 2 ** (age / half_life) for name, (points, half_life) in expected.items()}
    )
    assert Heat.objects.get().heat == pytest.approx(36 * 2 ** (age / 30))
    assert (score.version, score.touched_at, score.level, score.week_overall) == (1, NOON, 0, None)


def test_nothing_overflows_however_far_a_day_lies():
    assert [float(formula.decay(days, 1)) for days in (3, -3, 999, 1e6, -1e6)] == [
        0.125,
        8,
        2.0**-999,
        2.0**-1000,
        2.0**1000,
    ]
    assert formula.shown(np.array([[1e300, -1e300]]), np.array([[1e-5, 1e-5]])).tolist() == [[100, -100]]


@pytest.mark.parametrize(
    ("days", "grown"), [(3, 8), (-3, 0.125), (999, 2.0**999), (1e6, 2.0**1000), (-1e6, 2.0**-1000)]
)
def test_growth_in_sql_has_the_same_bounds(inside, days, grown):
    assert run_text(f"SELECT {formula.growth_sql('%(days)s::float8', '1.0')}", {"days": days}) == [(grown,)]


def test_the_sums_that_a_segment_compares_have_no_overflow_either(here):
    who = person()
    Score.objects.create(contact_id=who, involvement_short=1e300, cold_short=1e300)
    model, at = current_model(), NOON

    found = shown_by_segments(who, at, model)

    assert (found["involvement"], found["intimacy"], found["influence"]) == (100, -100, 0)
    assert found["overall"] == pytest.approx(50)


def test_reach_is_never_less_than_one():
    assert [formula.reach_milli(n) for n in (-5, None, 0, 1, 90, 999_990)] == [1000, 1000, 1000, 1041, 2000, 6000]


def test_the_scale_that_shows_fifty():
    k = formula.scale_showing_fifty(7.0)

    assert formula.shown(np.array([[7.0]]), np.array([[k]])).tolist() == [[pytest.approx(50)]]


ROLES = {"customer": 1, "prospect": 2, "influencer": 3, "employee": 4, "critic": 5}


@pytest.mark.parametrize(
    ("plays", "counts"),
    [
        ([], "prospect"), (["prospect"], "prospect"), (["critic", "prospect"], "critic"),
        (["prospect", "influencer"], "influencer"), (["critic", "influencer"], "influencer"),
        (["influencer", "employee"], "employee"), (["employee", "customer"], "customer"),
        (["prospect", "critic", "influencer", "employee", "customer"], "customer"),
    ],
)  # fmt: skip
def test_of_several_roles_one_scale_and_mix_counts_by_precedence(here, plays, counts):
    here.scores_employees = True
    model = current_model()
    for role, scales in model.scales.items():
        model.scales[role] = {name: k * (1 + int(role) / 10) for name, k in scales.items()}
    model.save()
    who = person("", *(ROLES[role] for role in plays))
    if counts != "customer":  # a role that ended
        AudienceRole.objects.create(contact_id=who, role=Audience.CUSTOMER, until=NOON)
    rows = [*happen(who, "visit", 2, times=3).rows, *happen(who, "review", 9, sentiment_milli=700).rows]
    rows += [*happen(who, "share", 1, weight_milli=2500).rows]

    naive = oracle.shown(rows, model, NOON, role=str(ROLES[counts]))

    found = shown_for([who])[who]
    assert {name: getattr(found, name) for name in naive} == pytest.approx(naive)
    assert shown_by_segments(who, NOON, model) == pytest.approx(naive)


def shown(intimacy: float = 0, **more) -> Shown:
    return Shown(0, 0, intimacy, **{"influence": 0, "overall": 0, "level": 0, **more})


@pytest.mark.parametrize(
    ("intimacy", "stance"),
    [(100, "for"), (15, "for"), (14.99, "mixed"), (0, "mixed"), (-14.99, "mixed"), (-15, "against"), (-100, "against")],
)
def test_a_stance_begins_at_fifteen(intimacy, stance):
    assert shown(intimacy).stance == stance


@pytest.mark.parametrize(
    ("level", "influence", "name"), [(6, 40, "advocate"), (6, 39.9, "champion"), (5, 99, "loyal"), (0, 0, "unknown")]
)
def test_a_level_has_a_name(level, influence, name):
    assert shown(level=level, influence=influence).level_name == name


def test_two_points_against_last_week_make_a_direction():
    overall, week = np.array([10, 10, 10, 10, 10, 10.0]), np.array([8, 8.01, 10, 11.99, 12, np.nan])

    assert _directions(overall, week).tolist() == [1, 0, 0, 0, -1, 0]


def test_shown_scores_carry_level_and_direction_and_leave_out_who_has_none(here):
    anna, ben, nobody = person(), person(), person()
    with_sum(anna, involvement_short=9.0)
    with_sum(ben, cold_long=2.0)
    Score.objects.filter(contact_id=anna).update(level=3, week_overall=20)

    found = shown_for([anna, ben, nobody])

    assert set(found) == {anna, ben}
    assert (found[anna].level, found[anna].direction) == (3, 1)
    assert (found[anna].involvement, found[anna].overall) == (pytest.approx(50), pytest.approx(25))
    assert (found[ben].intimacy, found[ben].overall, found[ben].direction) == (pytest.approx(-50), 0, 0)
    assert found[anna].direction == 1
    later = shown_for([anna], NOON + timedelta(days=14))[anna]
    assert later.involvement == pytest.approx(100 * (1 - 2**-0.5))
    assert shown_for([]) == {}


def test_who_was_touched_is_due_now_and_who_was_due_before_stays_so(here):
    anna, ben = person(), person()
    happen(anna, "visit", 1)
    happen(ben, "visit", 1)
    Fall.objects.filter(contact_id=anna).update(due_at=NOON + timedelta(days=9))
    Fall.objects.filter(contact_id=ben).update(due_at=NOON - timedelta(days=9))

    happen(anna, "visit", 1)
    happen(ben, "visit", 1)

    assert dict(Fall.objects.values_list("contact_id", "due_at")) == {anna: NOON, ben: NOON - timedelta(days=9)}
    assert now() == NOON
