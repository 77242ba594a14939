"""Snapshots of audiences, last week's scores, measured scales: whole rows, days and nights."""

import math
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest

from contacts.merging import link_contacts
from contacts.models import AudienceRole
from engagement.audience_snapshots import (
    MENDING,
    NIGHTLY,
    fill_audience_snapshots,
    keep_the_week,
    measure_scales,
    mend_audience_snapshots,
    next_night,
    write_audience_snapshot,
)
from engagement.modelling import current_model
from engagement.models import AudienceSnapshot, DayWeight, Score
from engagement.reading import shown_for
from engagement.tasks import mend_snapshots, start_audience_snapshots, write_audience_snapshots
from tests.engagement.world import NOON, happen, person
from touchpoints.correcting import Change, Field, correct
from workspaces.models import AgendaItem

TODAY = date(2026, 3, 18)
MIDNIGHT = datetime(2026, 3, 17, 23, tzinfo=UTC)  # of the 18th, in Berlin


def days_back(*backs: int) -> list[date]:
    return [TODAY - timedelta(days=back) for back in backs]


def standing(role: int, day: date = TODAY) -> tuple:
    row = AudienceSnapshot.objects.get(day=day, role=role)
    return row.people, [row.involvement, row.interaction, row.intimacy, row.influence], row.levels


def blank(*days: date, stale: bool = False) -> None:
    AudienceSnapshot.objects.bulk_create(
        AudienceSnapshot(
            day=day,
            role=0,
            people=77,
            involvement=0,
            interaction=0,
            intimacy=0,
            influence=0,
            levels=[0] * 6,
            is_stale=stale,
        )
        for day in days
    )


def due_at(work: str) -> datetime | None:
    return AgendaItem.objects.filter(work=work).values_list("due_at", flat=True).first()


@pytest.fixture
def crowd(here):
    """A customer, a lively critic who is a prospect too, a shadow of a visit, and what happened only today."""
    buyer, critic, shadow = person("Buyer", 1), person("Critic", 5, 2), person("Shadow")
    happen(buyer, "purchase", 20, value_minor=3000)
    happen(buyer, "visit", 0.2, times=9)
    happen(critic, "message", 3, times=5, sentiment_milli=-900)
    happen(shadow, "page", 60)
    return buyer, critic, shadow


def test_a_snapshot_holds_people_means_and_levels_of_the_start_of_its_day(crowd):
    buyer, critic, shadow = crowd

    written = write_audience_snapshot(TODAY)

    assert [row.role for row in written] == [0, 1, 2, 3, 4, 5]
    four = shown_at_midnight(current_model())
    assert four[shadow][-1] < 0.5 < min(four[buyer][-1], four[critic][-1])
    means = [(a + b) / 2 for a, b in zip(four[buyer][:4], four[critic][:4], strict=True)]
    assert standing(0) == (2, pytest.approx(means), levels_of([one[-1] for one in four.values()]))
    assert standing(1) == (1, pytest.approx(four[buyer][:4]), levels_of([four[buyer][-1]]))
    assert standing(5) == (1, pytest.approx(four[critic][:4]), levels_of([four[critic][-1]]))
    assert standing(2) == (0, [0, 0, 0, 0], [1, 0, 0, 0, 0, 0])
    assert standing(3) == standing(4) == (0, [0, 0, 0, 0], [0] * 6)


def shown_at_midnight(model) -> dict[int, list[float]]:
    """The four and the overall score of everybody at the start of today, from the day weights before it."""
    sums: dict[int, np.ndarray] = {}
    weights = {(row["kind"], row["target"]): row for row in model.weights}
    signs = {0: (0, 1), 1: (1, 1), 2: (2, 1), 3: (2, -1), 4: (3, 1)}
    for row in DayWeight.objects.filter(day__lt=TODAY):
        weight = weights[row.kind, row.target]
        age = (MIDNIGHT - model.landmark).total_seconds() / 86400 - (row.day - date(2024, 3, 1)).days
        column, sign = signs[row.target]
        u = row.weight / row.count * min(3, math.log2(1 + row.count))
        sums.setdefault(row.contact_id, np.zeros(4))[column] += (
            sign * weight["weight"] * u * 0.5 ** (age / weight["half_life"])
        )
    found = {}
    for who, raw in sums.items():
        role = AudienceRole.objects.filter(contact_id=who, until=None).values_list("role", flat=True)
        role = next(str(one) for one in (1, 4, 3, 5, 2) if one in role or one == 2)
        names = ["involvement", "interaction", "intimacy", "influence"]
        four = [
            math.copysign(100 * (1 - math.exp(-abs(v) / model.scales[role][n])), v)
            for v, n in zip(raw, names, strict=True)
        ]
        found[who] = [*four, sum(max(0, v) * share for v, share in zip(four, model.mixes[role], strict=True))]
    return found


def levels_of(overall: list[float]) -> list[int]:
    bounds = [0, 5, 20, 40, 60, 80, 1e9]
    return [sum(low <= one < high for one in overall) for low, high in pairwise(bounds)]


def test_somebody_counts_as_active_from_half_a_point_on(here):
    k = current_model().scales["2"]["involvement"]
    for raw_then in (0.99, 1.01):
        half_a_point = -k * math.log(1 - 0.5 / 50)
        happen(who := person(), "visit", 7)
        DayWeight.objects.filter(contact_id=who).update(weight=raw_then * half_a_point * 2 ** (7 / 14))

    write_audience_snapshot(TODAY)

    assert (standing(0)[0], standing(0)[2]) == (1, [2, 0, 0, 0, 0, 0])


def test_writing_again_replaces_what_stood_and_is_no_longer_stale(crowd):
    blank(TODAY, stale=True)

    write_audience_snapshot(TODAY)

    row = AudienceSnapshot.objects.get(day=TODAY, role=0)
    assert (row.people, row.is_stale) == (2, False)


def test_a_correction_makes_the_days_after_it_stale_within_twelve_weeks(here):
    who = person()
    old, recent = (happen(who, "message", ago, sentiment_milli=900).ids[0] for ago in (300, 10))
    days = days_back(0, 7, 9, 10, 11, 83, 84, 85)
    blank(*days)
    AgendaItem.objects.all().delete()

    correct([Change(recent, Field.SENTIMENT, -900)])
    stale = AudienceSnapshot.objects.filter(is_stale=True).order_by("-day")
    assert list(stale.values_list("day", flat=True)) == days_back(0, 7, 9)
    assert due_at(MENDING) == NOON

    correct([Change(old, Field.SENTIMENT, -900)])
    assert list(stale.all().values_list("day", flat=True)) == days_back(0, 7, 9, 10, 11, 83)


def test_a_day_begins_in_the_workspaces_zone(here):
    who = person()
    fact = happen(who, "message", 2.5 - 11.5 / 24, sentiment_milli=900).ids[0]  # 23:30 of the 15th in London
    blank(*days_back(1, 2, 3))

    correct([Change(fact, Field.SENTIMENT, -900)])

    assert list(AudienceSnapshot.objects.filter(is_stale=True).values_list("day", flat=True)) == days_back(1)


def test_a_correction_that_no_snapshot_counted_mends_nothing(here):
    fact = happen(person(), "message", 1, sentiment_milli=900).ids[0]
    blank(*days_back(1, 5))
    AgendaItem.objects.all().delete()

    correct([Change(fact, Field.SENTIMENT, -900)])

    assert due_at(MENDING) is None


def test_two_who_are_one_are_mended_at_night(here):
    one, other = person(), person()
    blank(*days_back(1, 83, 84))
    AgendaItem.objects.all().delete()

    link_contacts(one, other)

    assert sorted(AudienceSnapshot.objects.filter(is_stale=True).values_list("day", flat=True)) == days_back(83, 1)
    assert due_at(MENDING) == datetime(2026, 3, 19, 2, 15, tzinfo=UTC)


def test_stale_days_are_mended_seven_at_a_time_the_newest_first(kettle, here):
    days = days_back(*range(1, 16))
    blank(*days, stale=True)

    assert mend_snapshots(kettle) == NOON
    stale = AudienceSnapshot.objects.filter(is_stale=True)
    assert sorted(set(stale.values_list("day", flat=True))) == sorted(days[7:])
    assert mend_audience_snapshots() == NOON
    assert list(stale.values_list("day", flat=True)) == days[14:]
    assert mend_audience_snapshots() is None
    assert not stale.exists()
    blank(*days_back(*range(20, 27)), stale=True)
    assert mend_audience_snapshots() is None


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-03-18T03:14:59+01:00", "2026-03-18T03:15:00+01:00"),
        ("2026-03-18T03:15:00+01:00", "2026-03-19T03:15:00+01:00"),
        ("2026-03-18T00:30:17+01:00", "2026-03-18T03:15:00+01:00"),
        ("2026-03-18T23:30:00+01:00", "2026-03-19T03:15:00+01:00"),
        ("2026-07-01T12:00:00+02:00", "2026-07-02T03:15:00+02:00"),
    ],
)
def test_the_night_is_a_quarter_past_three_where_the_workspace_is(time_machine, inside, local, expected):
    time_machine.move_to(datetime.fromisoformat(local), tick=False)

    assert next_night() == datetime.fromisoformat(expected)


def test_missing_weeks_are_filled_and_today_written_anew(here):
    happen(person(), "visit", 30)
    blank(*days_back(7, 21))

    assert fill_audience_snapshots() == 11

    rows = AudienceSnapshot.objects.filter(role=0).order_by("-day")
    assert [row.day for row in rows] == days_back(*range(0, 85, 7))
    assert [row.people for row in rows] == [1, 77, 1, 77, 1, *[0] * 8]
    AudienceSnapshot.objects.filter(day=TODAY).update(people=77)
    assert fill_audience_snapshots(14) == 0
    assert AudienceSnapshot.objects.get(role=0, day=TODAY).people == 1


def test_the_night_writes_standings_and_the_week_and_comes_back_tomorrow(kettle, crowd, time_machine):
    time_machine.move_to(datetime(2026, 3, 18, 23, 30, tzinfo=UTC), tick=False)  # the 19th in Berlin

    assert write_audience_snapshots(kettle) == datetime(2026, 3, 19, 2, 15, tzinfo=UTC)

    assert AudienceSnapshot.objects.filter(role=0).order_by("-day").first().day == date(2026, 3, 19)
    assert Score.objects.filter(week_overall=None).count() == 1  # the critic's words are not a week old
    start_audience_snapshots(kettle)
    assert due_at(NIGHTLY) is not None


def test_last_weeks_overall_score_is_that_of_a_week_ago(here):
    old, new, gone = person(), person(), person()
    happen(old, "visit", 9, times=3)
    happen(old, "visit", 2, times=3)
    happen(new, "visit", 7)  # on the day itself: not yet

    keep_the_week()

    raw = 2.0 * 0.5 ** (2 / 14)  # three visits of the 9th, at the first moment of the 11th
    expected = 50 * (1 - math.exp(-raw / current_model().scales["2"]["involvement"]))
    assert Score.objects.get(contact_id=old).week_overall == pytest.approx(expected)
    assert Score.objects.get(contact_id=new).week_overall is None
    assert not Score.objects.filter(contact_id=gone).exists()


def test_with_nobody_a_week_ago_nothing_is_kept(here):
    happen(person(), "visit", 1)

    keep_the_week()

    assert Score.objects.get().week_overall is None


def test_scales_are_measured_by_the_strength_of_feeling_either_way(here, monkeypatch):
    from engagement import modelling

    monkeypatch.setattr(modelling, "FEW", 4)
    people = [person("", 5) for _n in range(4)]
    for n, who in enumerate(people):
        happen(who, "complaint", 4, times=n + 1)
    before = dict(current_model().scales)

    model = measure_scales()

    raws = [3 * min(3, math.log2(2 + n)) * 0.5 ** (4 / 30) for n in range(4)]
    k = (raws[2] + 0.25 * (raws[3] - raws[2])) / math.log(2)
    assert model.scales["5"] == pytest.approx({**before["5"], "intimacy": k})
    assert {role: model.scales[role] for role in "1234"} == {role: before[role] for role in "1234"}
    assert current_model().scales == model.scales
    assert shown_for(people)[people[0]].intimacy < 0
