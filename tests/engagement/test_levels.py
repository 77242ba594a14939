import numpy as np
import pytest

from engagement.levels import KNOWN, Level, ceilings, floors, key_of, next_levels, plain_levels


@pytest.mark.parametrize(
    ("overall", "level"),
    [(0, 1), (4.9, 1), (5, 2), (19.9, 2), (20, 3), (40, 4), (60, 5), (79.9, 5), (80, 6), (100, 6)],
)
def test_a_level_begins_at_its_threshold(overall, level):
    assert plain_levels(np.array([float(overall)])).tolist() == [level]


@pytest.mark.parametrize(
    ("level", "overall", "after"),
    [(Level.WARM, 15.1, 3), (Level.WARM, 14.9, 2), (Level.CHAMPION, 75, 6), (Level.CHAMPION, 61, 5), (Level.AWARE, 3, 2),
     (Level.AWARE, 2.4, 1), (Level.WARM, 41, 4), (Level.UNKNOWN, 41, 4)],
)  # fmt: skip
def test_a_level_is_lost_five_points_below_its_threshold_and_rises_at_once(level, overall, after):
    assert next_levels(np.array([int(level)]), np.array([float(overall)])).tolist() == [after]


def test_floors_lie_below_ceilings():
    levels = np.array([int(level) for level in KNOWN])

    assert (floors(levels) < ceilings(levels)).all()


def test_an_advocate_is_a_champion_whose_voice_reaches():
    assert [key_of(6, 39), key_of(6, 40), key_of(5, 90), key_of(0)] == ["champion", "advocate", "loyal", "unknown"]
