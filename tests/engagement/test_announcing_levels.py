"""Levels: when each is announced, when it falls by time alone, who is told; and the same in hindsight."""

from datetime import date, datetime, timedelta
from math import log, log2
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from contacts.merging import link_contacts
from engagement import announcing_levels
from engagement.announcing_levels import has_history, next_crossings, sweep_levels
from engagement.audience_snapshots import rows_at
from engagement.level_backfill import trace_moves
from engagement.levels import ADVOCATE_LABEL, GOOD, Level, ceilings, floors
from engagement.modelling import current_model
from engagement.models import Fall, LevelMove, Score, Touched
from engagement.news import levels_moved
from engagement.reading import figures, rows_now, shown_for
from tests.engagement.world import NOON, happen, person, with_sum
from touchpoints.models import DayCount


@pytest.fixture
def told(monkeypatch):
    """Whose levels moved, as they were told."""
    heard = []
    monkeypatch.setattr(levels_moved, "hearers", [lambda contact_ids: heard.append(sorted(contact_ids))])
    return heard


@pytest.fixture
def old(here):
    """The workspace knows its people for 30 days."""
    DayCount.objects.create(day=date(2026, 2, 16), channel=1, kind=1, direction=0, slot=0, count=1)


def raw_for(overall: float, share: float = 0.5, k: float = 9 / log(2)) -> float:
    """The involvement of a prospect that shows so much overall."""
    return -k * log(1 - overall / 100 / share)


def due(who: int, at: datetime | None = None) -> None:
    Fall.objects.update_or_create(contact_id=who, defaults={"due_at": at or NOON})


def test_the_bounds_of_each_level():
    levels = np.arange(7)

    assert floors(levels).tolist() == [-1, -1, 2.5, 15, 35, 55, 75]
    assert ceilings(levels).tolist() == [1e9, 5, 20, 40, 60, 80, 1e9]
    assert [level.label for level in Level] == ["Unknown", "Dormant", "Aware", "Warm", "Engaged", "Loyal", "Champion"]
    assert (GOOD, str(ADVOCATE_LABEL)) == (5, "Advocate")


@pytest.mark.parametrize(
    ("day", "knows"), [(date(2026, 2, 15), True), (date(2026, 2, 16), True), (date(2026, 2, 17), False)]
)
def test_a_workspace_has_a_history_after_thirty_days(here, day, knows):
    assert has_history(NOON) is False
    DayCount.objects.create(day=day, channel=1, kind=1, direction=0, slot=0, count=1)

    assert has_history(NOON) is knows


@pytest.mark.parametrize(
    ("before", "overall", "after"),
    [
        (0, 0, 1),
        (0, 30, 3),
        (2, 19.999, 2),
        (2, 20.001, 3),
        (3, 15.001, 3),
        (3, 14.999, 2),
        (1, 30, 3),
        (4, 3, 1),
        (4, 34.999, 3),
    ],
)
def test_a_level_is_announced_with_its_move_and_its_next_fall(old, told, before, overall, after):
    who = person()
    with_sum(who, involvement_short=raw_for(overall))
    Score.objects.update(level=before)
    due(who)

    next_due = sweep_levels()

    moves = [(who, NOON, before, after)] if before and before != after else []
    assert list(LevelMove.objects.values_list("contact_id", "at", "before", "after")) == moves
    score = Score.objects.get()
    assert (score.level, score.level_at) == (after, NOON if before != after else None)
    assert told == ([[who]] if before != after else [])
    floor = {1: None, 2: 2.5, 3: 15}[after]
    if floor is None:
        assert (next_due, Fall.objects.count()) == (None, 0)
        return
    falls = NOON + timedelta(days=14 * log2(raw_for(overall) / raw_for(floor)))
    assert Fall.objects.get().due_at == next_due
    assert timedelta(0) < next_due - falls < timedelta(seconds=15)
    assert (
        shown_for([who], next_due)[who].overall
        < floor
        <= shown_for([who], next_due - timedelta(seconds=15))[who].overall
    )


@pytest.mark.parametrize("minutes", [10, 60 * 24 * 3, 60 * 24 * 700])
def test_a_fall_is_known_whether_it_comes_soon_or_in_two_years(old, minutes):
    who = person()
    lasting = raw_for(2.5, 0.1, 3.5 / log(2)) * 2 ** (minutes / 1440 / 180)
    with_sum(who, influence_long=lasting)
    Score.objects.update(level=2)
    due(who)

    sweep_levels()

    assert timedelta(0) < Fall.objects.get().due_at - NOON - timedelta(minutes=minutes) < timedelta(minutes=1)


def test_a_fall_beyond_eight_hundred_days_is_nobodys_business_yet(old):
    near, far = person(), person()
    for who, days in ((near, 790), (far, 810)):
        with_sum(who, influence_long=raw_for(2.5, 0.1, 3.5 / log(2)) * 2 ** (days / 180))
        due(who)
    Score.objects.update(level=2)

    sweep_levels()

    assert list(Fall.objects.values_list("contact_id", flat=True)) == [near]


def test_somebody_whose_anger_fades_before_their_love_rises_by_time_alone(old, told, time_machine):
    who = person()
    with_sum(who, involvement_short=0.0, warm_long=20.0, cold_short=30.0, influence_long=0.0)
    model = current_model()
    model.mixes["2"] = [0, 0, 1, 0]
    model.save()
    Score.objects.update(level=1)
    due(who)

    rises = sweep_levels()
    assert shown_for([who])[who].overall == 0
    assert shown_for([who], rises)[who].overall >= 5 > shown_for([who], rises - timedelta(seconds=15))[who].overall
    time_machine.move_to(rises, tick=False)
    sweep_levels()

    assert (Score.objects.get().level, told) == (2, [[who]])
    assert LevelMove.objects.values_list("before", "after").get() == (1, 2)


def test_nobody_is_looked_at_before_they_are_due_and_the_next_moment_is_the_earliest(old, told):
    first, second = person(), person()
    for who, hours in ((first, 2), (second, 1)):
        with_sum(who, involvement_short=9.0)
        due(who, NOON + timedelta(hours=hours))

    assert sweep_levels() == NOON + timedelta(hours=1)
    assert (told, set(Score.objects.values_list("level", flat=True))) == ([], {0})


def test_only_so_many_are_looked_at_at_once_those_who_wait_longest_first(old, told, monkeypatch):
    monkeypatch.setattr(announcing_levels, "SWEEP", 2)
    people = [person() for _n in range(3)]
    for n, who in enumerate(people):
        with_sum(who, involvement_short=9.0)
        due(who, NOON - timedelta(hours=n))

    assert sweep_levels() == NOON
    assert told == [sorted(people[1:])]


def test_people_without_a_score_are_not_looked_at_again(old, told):
    gone, scored = person(), person()
    with_sum(scored, involvement_short=9.0)
    due(gone)
    due(scored)

    sweep_levels()

    assert list(Fall.objects.values_list("contact_id", flat=True)) == [scored]
    due(gone, NOON + timedelta(days=300))
    assert sweep_levels() == Fall.objects.get(contact_id=scored).due_at


def test_before_there_is_a_history_a_level_is_unknown_and_was_never_moved(here, told):
    who = person()
    with_sum(who, involvement_short=9.0)
    Score.objects.update(level=4)
    due(who)

    assert sweep_levels() is None
    assert (Score.objects.get().level, LevelMove.objects.count(), told) == (0, 0, [[who]])


def test_a_sweep_that_fails_announces_nothing(old, monkeypatch):
    def fail(contact_ids):
        raise ZeroDivisionError

    monkeypatch.setattr(levels_moved, "hearers", [fail])
    who = person()
    with_sum(who, involvement_short=9.0)
    due(who)

    with pytest.raises(ZeroDivisionError):
        sweep_levels()
    assert (Score.objects.get().level, Fall.objects.get().due_at) == (0, NOON)


def test_crossings_of_nobody(old):
    assert next_crossings(rows_now([]), current_model(), NOON, np.array([])) == []


def test_a_move_is_announced_at_most_once(old, told):
    who = person()
    with_sum(who, involvement_short=9.0)
    Score.objects.update(level=2)
    for _twice in range(2):
        due(who)
        sweep_levels()

    assert (LevelMove.objects.count(), told) == (1, [[who]])


def levels_by_hand(rows: list[float]) -> list[tuple[int, int, int]]:
    """(place, before, after) of each move of somebody who showed these overall scores, one after the other."""
    bounds, level, moves = [0, 5, 20, 40, 60, 80], 0, []
    for place, overall in enumerate(rows):
        plain = sum(overall >= bound for bound in bounds)
        lost = bounds[level - 1] - min(5, bounds[level - 1] / 2) if level else 0
        after = plain if plain > level or overall < lost else level
        if level and after != level:
            moves.append((place, level, after))
        level = after
    return moves


def test_moves_in_hindsight_are_those_that_would_have_been_announced(here, told):
    anna, ben = person(), person()
    happen(anna, "visit", 33.2)
    for days_ago in (27.2, 24.2):
        happen(anna, "clicked", days_ago, times=6)
    happen(ben, "visit", 9.3)
    earlier = NOON - timedelta(days=37)
    LevelMove.objects.bulk_create(
        LevelMove(contact_id=anna, at=at, before=5, after=6) for at in (earlier, NOON - timedelta(days=36), NOON)
    )
    Fall.objects.update(due_at=NOON + timedelta(days=99))
    told.clear()

    count = trace_moves()

    zone, model = ZoneInfo("Europe/Berlin"), current_model()
    days = [datetime(2026, 3, 18, tzinfo=zone) - timedelta(days=back) for back in range(35, -1, -2)]
    days = [datetime(day.year, day.month, day.day, tzinfo=zone) for day in days]
    seen = []
    for day in days:
        rows = rows_at(day.date(), model)
        found = dict(zip(rows.contact_ids, figures(rows, model, day).overall, strict=True))
        if anna in found:
            seen.append((day, found[anna]))
    expected = [
        (anna, seen[place][0], before, after) for place, before, after in levels_by_hand([one for _day, one in seen])
    ]
    assert [(before, after) for _who, _at, before, after in expected] == [(1, 2), (2, 3), (3, 2)]
    kept = [(anna, earlier, 5, 6)]
    moves = LevelMove.objects.order_by("at").values_list("contact_id", "at", "before", "after")
    assert list(moves) == [*kept, *expected]
    assert count == len(expected)
    assert dict(Score.objects.values_list("contact_id", "level")) == {anna: expected[-1][3], ben: 1}
    assert sorted(Touched.objects.latest("pk").contact_ids) == sorted([anna, ben])
    assert told == [sorted([anna, ben])]


def test_hindsight_that_fails_changes_nothing(here, monkeypatch):
    def fail(contact_ids):
        raise ZeroDivisionError

    who = person()
    happen(who, "clicked", 9, times=6)
    LevelMove.objects.create(contact_id=who, at=NOON, before=5, after=6)
    monkeypatch.setattr(levels_moved, "hearers", [fail])

    with pytest.raises(ZeroDivisionError):
        trace_moves()
    assert (LevelMove.objects.count(), Score.objects.get().level) == (1, 0)


def test_whoever_was_merged_has_moves_and_scores_under_one_name(old, told):
    anna, visitor = person(), person()
    happen(visitor, "clicked", 1, times=6)
    link_contacts(visitor, anna)
    Fall.objects.update(due_at=NOON)

    sweep_levels()

    assert dict(Score.objects.values_list("contact_id", "level")) == {visitor: 1, anna: 2}
