"""The shipped model is the one that the help and the model page speak of: every weight, half-life, scale and mix."""

import math

import numpy as np
import pytest

from contacts.models import Audience
from engagement import formula
from engagement.defaults import feeds, shipped_mixes, shipped_scales, shipped_weights
from engagement.four import BY_NAME, FOUR, find_four
from engagement.model_table import Weight, weights_table
from engagement.modelling import current_model, make_model, measured_scales
from engagement.models import ScoreModel
from tests.engagement.world import NOON
from touchpoints.kinds import BY_CODE

INVOLVEMENT, INTERACTION, WARM, COLD, INFLUENCE = range(5)
CONSTANT, BY_VALUE, BY_WARMTH, BY_COLDNESS, BY_REACH = range(5)
# target: (days, ten-sum) of the short and the long half-life
LASTS = {
    (INVOLVEMENT, "short"): (14.0, 0), (INVOLVEMENT, "long"): (90.0, 1),
    (INTERACTION, "short"): (7.0, 2), (INTERACTION, "long"): (60.0, 3),
    (WARM, "short"): (30.0, 4), (WARM, "long"): (180.0, 5),
    (COLD, "short"): (30.0, 6), (COLD, "long"): (180.0, 7),
    (INFLUENCE, "short"): (30.0, 8), (INFLUENCE, "long"): (180.0, 9),
}  # fmt: skip
DOCUMENTED = {
    (INVOLVEMENT, "short", CONSTANT): {"visit": 1, "screen": 1, "page": 0.3, "ad_click": 0.5, "opened": 0.2, "clicked": 2},
    (INVOLVEMENT, "long", BY_VALUE): {"purchase": 5},
    (INVOLVEMENT, "long", CONSTANT): {
        "event_visit": 4, "shop_visit": 4, "meeting": 4, "code_used": 4, "signed_up": 2,
    },
    (INTERACTION, "short", CONSTANT): {
        "reply": 3, "comment": 3, "message": 3, "mention": 3, "call": 3, "chat": 3, "meeting": 3, "answer": 1.5, "called": 1.5,
    },
    (INTERACTION, "long", CONSTANT): {
        "question": 3, "callback_request": 3, "form": 3, "survey": 3, "preference": 3, "idea": 4, "community_post": 4,
        "review": 4,
    },
    (WARM, "short", BY_WARMTH): {"mention": 2, "message": 2, "reply": 2, "comment": 2, "chat": 2, "call": 2},
    (COLD, "short", BY_COLDNESS): {"mention": 2, "message": 2, "reply": 2, "comment": 2, "chat": 2, "call": 2},
    (WARM, "long", BY_WARMTH): {"review": 4, "rating": 4, "nps": 4},
    (COLD, "long", BY_COLDNESS): {"review": 4, "rating": 4, "nps": 4},
    (COLD, "short", CONSTANT): {"complaint": 3},
    (WARM, "short", CONSTANT): {"resolved": 4},
    (WARM, "long", CONSTANT): {"preference_shared": 2},
    (COLD, "long", CONSTANT): {"unsubscribed": 6, "complained": 12},
    (INFLUENCE, "short", BY_REACH): {"share": 3, "user_content": 5, "mention": 1},
    (INFLUENCE, "long", BY_REACH): {"referral": 8, "nps": 2},
}  # fmt: skip


def test_every_weight_with_its_half_life_its_sum_and_its_mode():
    rows = {(BY_CODE[row["kind"]].key, row["target"]): row for row in shipped_weights()}
    documented = {
        (kind, target): (float(weight), *LASTS[target, lasts], mode)
        for (target, lasts, mode), kinds in DOCUMENTED.items()
        for kind, weight in kinds.items()
    }

    assert {key: (row["weight"], row["half_life"], row["sum"], row["mode"]) for key, row in rows.items()} == documented
    assert len(shipped_weights()) == len(documented)


def test_the_ten_sums_stand_in_their_order():
    assert formula.SUMS == (
        "involvement_short", "involvement_long", "interaction_short", "interaction_long", "warm_short", "warm_long",
        "cold_short", "cold_long", "influence_short", "influence_long",
    )  # fmt: skip
    # one point in each sum, a short half-life later
    left = formula.raw_scores(np.eye(10), np.array([14, 90, 7, 60, 30, 180, 30, 180, 30, 180]))
    assert left.round(12).tolist() == [
        [0.5, 0, 0, 0], [0.5, 0, 0, 0], [0, 0.5, 0, 0], [0, 0.5, 0, 0], [0, 0, 0.5, 0], [0, 0, 0.5, 0],
        [0, 0, -0.5, 0], [0, 0, -0.5, 0], [0, 0, 0, 0.5], [0, 0, 0, 0.5],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("preset", "fifty"),
    [
        ("everyday", (12.0, 5.0, 2.5, 4.0)),
        ("shop", (9.0, 4.0, 2.0, 3.5)),
        ("service", (6.0, 6.0, 2.5, 3.5)),
        ("membership", (10.0, 6.0, 3.0, 5.0)),
    ],
)
def test_a_raw_score_as_high_as_its_preset_shows_fifty(preset, fifty):
    scales = shipped_scales(preset)

    assert set(scales) == {"1", "2", "3", "4", "5"}
    for of_role in scales.values():
        names = ("involvement", "interaction", "intimacy", "influence")
        raw, k = np.array([fifty]), np.array([[of_role[name] for name in names]])
        assert formula.shown(raw, k)[0].tolist() == pytest.approx([50] * 4)
        assert formula.shown(-raw, k)[0].tolist() == pytest.approx([-50] * 4)
        assert formula.shown(2 * raw, k)[0].tolist() == pytest.approx([75] * 4)
        assert formula.shown(raw * 0, k)[0].tolist() == [0] * 4
    assert shipped_scales() == shipped_scales("shop")


def test_what_each_audience_is_mixed_of():
    mixes = shipped_mixes()

    assert mixes == {
        "1": [0.40, 0.25, 0.20, 0.15],
        "2": [0.50, 0.30, 0.10, 0.10],
        "3": [0.10, 0.30, 0.20, 0.40],
        "4": [0.20, 0.40, 0.15, 0.25],
        "5": [0.10, 0.40, 0.30, 0.20],
    }
    assert [sum(mix) for mix in mixes.values()] == pytest.approx([1] * 5)
    assert formula.overall(
        np.array([[100, 100, -100, 100.0], [10, 20, 30, 40]]), np.array([mixes["1"]] * 2)
    ).tolist() == (pytest.approx([80, 4 + 5 + 6 + 6]))


def test_the_signs_on_the_timeline_say_what_a_kind_feeds():
    said = {BY_CODE[code].key: names for code, names in feeds().items()}

    assert said["visit"] == ("involvement",)
    assert said["meeting"] == ("involvement", "interaction")
    assert said["mention"] == ("interaction", "intimacy", "influence")
    assert said["review"] == ("interaction", "intimacy")
    assert said["nps"] == ("intimacy", "influence")
    assert said["complained"] == ("intimacy",)
    assert "delivered" not in said


def test_the_four_and_which_of_them_goes_below_zero():
    assert [(one.name, one.is_signed) for one in FOUR] == [
        ("involvement", False), ("interaction", False), ("intimacy", True), ("influence", False),
    ]  # fmt: skip
    assert [find_four("intimacy"), find_four("overall")] == [BY_NAME["intimacy"], None]
    assert [(one.sign.name, one.sign.label) for one in FOUR[:1]] == [("involvement", "Involvement")]


def test_the_model_page_lists_the_weights_by_i_and_strength_and_cold_as_less(inside):
    rows = weights_table()
    warm_and_cold = [row for row in rows if row.four == "intimacy"]

    assert len(rows) == len(shipped_weights())
    assert [row.four for row in rows] == sorted((row.four for row in rows), key=list(BY_NAME).index)
    assert rows[:2] == [
        Weight("purchase", "involvement", 5.0, "value", 90.0),
        Weight("TV or print code used", "involvement", 4.0, "", 90.0),
    ]
    assert [(row.kind, row.weight, row.varies, row.half_life_days) for row in warm_and_cold[:9]] == [
        ("spam complaint", -12.0, "", 180.0),
        ("unsubscribed", -6.0, "", 180.0),
        ("complaint resolved", 4.0, "", 30.0),
        ("rating", 4.0, "warmth", 180.0),
        ("rating", -4.0, "coldness", 180.0),
        ("recommendation answer", 4.0, "warmth", 180.0),
        ("recommendation answer", -4.0, "coldness", 180.0),
        ("review", 4.0, "warmth", 180.0),
        ("review", -4.0, "coldness", 180.0),
    ]
    assert {row.varies for row in rows if row.four == "influence"} == {"reach"}


def test_a_kind_that_nobody_knows_any_more_is_left_out_of_the_page(inside):
    model = current_model()
    model.weights = [{**model.weights[0], "kind": 998}, *model.weights[:2]]
    model.save()

    assert [row.kind for row in weights_table()] == ["app screen", "visit"]


def test_a_new_model_is_in_force_alone_and_counts_from_two_years_back(here):
    first = current_model()
    second = make_model(preset="service", median_value_minor=990)

    assert (first.version, second.version, second.zone) == (1, 2, "Europe/Berlin")
    assert first.landmark.isoformat() == "2024-03-01T00:00:00+01:00"
    assert (first.median_value_minor, second.median_value_minor) == (3000, 990)
    assert first.scales == shipped_scales("shop")
    assert second.scales == shipped_scales("service")
    assert second.mixes == shipped_mixes()
    assert list(ScoreModel.objects.order_by("version").values_list("version", "is_current")) == [(1, False), (2, True)]
    assert current_model().pk == second.pk
    assert NOON.year - first.landmark.year == 2


def quartile(values: list[float]) -> float:
    """The third, with a straight line between neighbours."""
    place = 0.75 * (len(values) - 1)
    low = math.floor(place)
    return values[low] + (place - low) * (values[min(low + 1, len(values) - 1)] - values[low])


@pytest.mark.parametrize(
    ("people", "active", "is_measured"), [(199, 199, False), (200, 49, False), (200, 50, True), (240, 90, True)]
)
def test_scales_are_measured_where_200_people_stand_and_50_of_them_do_something(people, active, is_measured):
    values = [1.0 + n for n in range(active)]
    rows = [(value, 0.0, 0.0, 0.0) for value in values] + [(1e-7, 0.0, 0.0, 0.0)] * (people - active)
    fallback = shipped_scales()

    measured = measured_scales({int(Audience.CRITIC): rows}, fallback)

    own = {**fallback["5"], "involvement": quartile(values) / math.log(2)} if is_measured else fallback["5"]
    assert measured == {**fallback, "5": pytest.approx(own)}
    assert measured["1"] is not fallback["1"]
