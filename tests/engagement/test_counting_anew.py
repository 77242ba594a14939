"""Scores counted anew: whose, what is due and told then, what a comparison finds, what an explanation holds."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext

from contacts.merging import link_contacts
from contacts.models import AudienceRole, Contact
from engagement import rebuilding
from engagement.checking import Difference, compare_with_rebuild
from engagement.explaining import Contribution, explain_scores
from engagement.formula import SUMS
from engagement.modelling import current_model
from engagement.models import DayWeight, Fall, Score, Touched
from engagement.news import scores_changed
from engagement.rebuilding import rebuild_linked, rebuild_scores
from engagement.rescoring import rescore_changed
from engagement.scoring import LEVELS_WORK
from engagement.tasks import announce_levels
from tests.engagement.world import NOON, happen, person
from touchpoints.correcting import Change, Field, correct
from workspaces.models import AgendaItem

LATER = NOON + timedelta(days=40)


@pytest.fixture
def told(monkeypatch):
    heard = []
    monkeypatch.setattr(scores_changed, "hearers", [lambda contact_ids: heard.append(contact_ids)])
    return heard


def fail(**_facts) -> None:
    raise ZeroDivisionError


def nothing_is_due() -> None:
    Touched.objects.all().delete()
    Fall.objects.update(due_at=LATER)
    AgendaItem.objects.filter(work=LEVELS_WORK).delete()


def due() -> dict[int, bool]:
    """Who is due now."""
    touched = {who for row in Touched.objects.values_list("contact_ids", flat=True) for who in row}
    falls = {who for who, at in Fall.objects.values_list("contact_id", "due_at") if at <= NOON}
    return {who: who in touched | falls for who in Score.objects.values_list("contact_id", flat=True)}


def work_due() -> bool:
    return AgendaItem.objects.filter(work=LEVELS_WORK, due_at__lte=NOON).exists()


def spoil() -> None:
    """Every sum says something wrong."""
    Score.objects.update(**dict.fromkeys((*SUMS, "heat"), 5.0), touched_at=None)


def is_spoilt(who: int) -> bool:
    score = Score.objects.get(contact_id=who)
    return {getattr(score, name) for name in SUMS} | {score.heat} == {5.0}


def test_recording_makes_the_levels_due(here):
    happen(person(), "visit")

    assert work_due()


def test_some_are_counted_anew_and_nobody_else(here, told):
    anna, ben, carl = (person() for _n in range(3))
    for who in (anna, ben, carl):
        happen(who, "visit", 2)
    spoil()
    nothing_is_due()

    assert rebuild_scores([ben, anna]) == 3

    assert [is_spoilt(who) for who in (anna, ben, carl)] == [False, False, True]
    assert due() == {anna: True, ben: True, carl: False}
    assert (told, work_due()) == ([[anna, ben]], True)
    assert Score.objects.get(contact_id=anna).involvement_long == 0
    assert [Score.objects.get(contact_id=who).touched_at for who in (anna, carl)] == [NOON, None]


def test_everybody_is_counted_anew(here, told):
    anna, ben = person(), person()
    happen(anna, "visit", 2)
    happen(ben, "visit", 2)
    DayWeight.objects.filter(contact_id=ben).update(kind=10)
    spoil()
    nothing_is_due()

    assert rebuild_scores() == 2
    assert (is_spoilt(anna), is_spoilt(ben), due(), told) == (False, False, {anna: True, ben: True}, [[anna, ben]])
    assert set(DayWeight.objects.values_list("kind", "count")) == {(11, 1)}


def test_what_is_right_already_is_neither_written_nor_told(here, told):
    anna, ben = person(), person()
    happen(anna, "visit", 2)
    happen(ben, "message", 2, sentiment_milli=-500)
    nothing_is_due()
    rows = [(m, sorted(m.objects.values_list(RawSQL("xmin::text", ()), "pk"))) for m in (DayWeight, Score, Fall)]

    assert rebuild_scores() == 2

    assert (told, work_due()) == ([], False)
    assert rows == [(m, sorted(m.objects.values_list(RawSQL("xmin::text", ()), "pk"))) for m, _rows in rows]


def test_everybody_is_counted_anew_range_by_range_each_a_transaction(here, told, monkeypatch):
    monkeypatch.setattr(rebuilding, "RANGE", 2)
    people = [person() for _n in range(5)]
    for who in people:
        happen(who, "visit", 2)
    spoil()
    told.clear()

    steps = rebuilding.rebuild_workspace(here)
    next(steps)
    assert [is_spoilt(who) for who in people] == [False, False, True, True, True]
    assert sum(changed for _looked_at, changed in steps) == 3
    assert [is_spoilt(who) for who in people] == [False] * 5
    assert [len(ids) for ids in told] == [2, 2, 1]


def test_people_whose_facts_are_gone_or_who_may_not_be_scored_have_zeros_and_no_days(here):
    anna, ben = person(), person()
    for who in (anna, ben):
        happen(who, "visit", 2)
    Contact.objects.filter(pk=anna).update(is_profiled=False)

    rebuild_scores()

    assert Score.objects.get(contact_id=anna).involvement_short == Score.objects.get(contact_id=anna).heat == 0
    assert set(DayWeight.objects.values_list("contact_id", flat=True)) == {ben}


def test_with_nobody_nothing_is_told(here, told):
    assert (rebuild_scores(), rebuild_scores([person()]), told) == (0, 0, [])


def test_of_two_linked_the_one_who_stands_for_both_is_counted_too(here):
    anna, visitor, ben = (person() for _n in range(3))
    for who in (anna, visitor, ben):
        happen(who, "visit", 2)
    link_contacts(visitor, anna)
    spoil()

    rebuild_linked([(visitor, anna)])
    assert [is_spoilt(who) for who in (anna, visitor, ben)] == [False, False, True]
    assert {row.contact_id: row.count for row in DayWeight.objects.all()} == {anna: 2, ben: 1}

    spoil()
    rebuild_scores([visitor])
    assert [is_spoilt(who) for who in (anna, visitor, ben)] == [False, False, True]
    assert {row.contact_id: row.count for row in DayWeight.objects.all()} == {anna: 2, ben: 1}


def test_a_rebuild_or_a_correction_that_fails_changes_nothing(here, monkeypatch):
    fact = happen(who := person(), "message", 2, sentiment_milli=500)
    spoil()
    before = list(DayWeight.objects.order_by("pk").values_list("pk", "weight"))
    monkeypatch.setattr(scores_changed, "hearers", [fail])

    with pytest.raises(ZeroDivisionError):
        rebuild_scores([who])
    with pytest.raises(ZeroDivisionError):
        correct([Change(fact.ids[0], Field.SENTIMENT, -500)])
    assert list(DayWeight.objects.order_by("pk").values_list("pk", "weight")) == before


def test_a_correction_recounts_its_people_alone_and_drops_empty_days(here, told):
    anna, ben = person(), person()
    fact = happen(anna, "message", 2, sentiment_milli=500)
    happen(anna, "message", 2, sentiment_milli=500)
    happen(ben, "message", 2, sentiment_milli=500)
    spoil()
    nothing_is_due()
    told.clear()

    correct([Change(fact.ids[0], Field.SENTIMENT, -250)])

    assert (is_spoilt(anna), is_spoilt(ben), told, work_due()) == (False, True, [[anna]], True)
    assert due() == {anna: True, ben: False}
    rows = DayWeight.objects.filter(contact_id=anna).order_by("target").values_list("target", "count", "weight")
    assert list(rows) == [(1, 2, 2.0), (2, 1, 0.5), (3, 1, 0.25)]
    correct([Change(fact.ids[0], Field.DELETED, 1)])
    rows = DayWeight.objects.filter(contact_id=anna).order_by("target").values_list("target", "count", "weight")
    assert list(rows) == [(1, 1, 1.0), (2, 1, 0.5)]


def test_a_correction_holds_its_people_before_it_counts(here):
    fact = happen(person(), "message", 2, sentiment_milli=500)

    with CaptureQueriesContext(connection) as asked:
        correct([Change(fact.ids[0], Field.SENTIMENT, -250)])

    texts = [one["sql"] for one in asked.captured_queries]
    held = next(at for at, text in enumerate(texts) if "ORDER BY c.id FOR UPDATE" in text)
    assert held < next(at for at, text in enumerate(texts) if "INTO engagement_dayweight" in text)


def test_a_correction_of_what_nobody_scores_recounts_nobody(here, told):
    fact = happen(person(), "delivered", 2)

    correct([Change(fact.ids[0], Field.VALUE, 700)])

    assert (told, Score.objects.count()) == ([], 0)


def test_a_comparison_finds_whose_sums_are_wrong_and_changes_nothing(here):
    anna, ben, carl = (person() for _n in range(3))
    happen(anna, "visit", 2)
    happen(ben, "visit", 2)
    assert (compare_with_rebuild().people, compare_with_rebuild().largest < 1e-12) == (2, True)
    true = Score.objects.get(contact_id=anna).involvement_short

    Score.objects.filter(contact_id=anna).update(involvement_short=true * 0.75)
    Score.objects.filter(contact_id=ben).update(heat=Score.objects.get(contact_id=ben).heat * 0.9)
    assert compare_with_rebuild() == Difference(2, pytest.approx(0.25), anna)
    assert Score.objects.get(contact_id=anna).involvement_short == true * 0.75

    Score.objects.filter(contact_id=anna).update(involvement_short=true)
    assert compare_with_rebuild() == Difference(2, pytest.approx(0.1), ben)

    Score.objects.create(contact_id=carl, cold_long=3)
    assert compare_with_rebuild() == Difference(3, 1.0, carl)
    Score.objects.all().delete()
    assert compare_with_rebuild().people == 0
    assert compare_with_rebuild().largest == 1.0


def test_who_may_not_be_scored_loses_their_sums_and_gets_them_back(here, told):
    anna, ben = person(), person()
    happen(anna, "visit", 2)
    happen(ben, "visit", 2)
    told.clear()

    Contact.objects.filter(pk=anna).update(is_profiled=False)
    rescore_changed([anna, ben])
    assert (told, Score.objects.get(contact_id=anna).involvement_short) == ([[anna]], 0)
    assert not DayWeight.objects.filter(contact_id=anna).exists()
    rescore_changed([anna])
    assert len(told) == 1

    Contact.objects.filter(pk=anna).update(is_profiled=True)
    rescore_changed([anna])
    assert (told[1:], Score.objects.get(contact_id=anna).involvement_short > 0) == ([[anna]], True)


@pytest.mark.parametrize("scores_employees", [False, True])
def test_who_comes_to_work_for_us_is_not_scored_unless_wanted(here, told, scores_employees):
    here.scores_employees = scores_employees
    happen(who := person(), "visit", 2)
    AudienceRole.objects.create(contact_id=who, role=4, until=NOON)
    told.clear()
    rescore_changed([who])
    assert told == []

    AudienceRole.objects.create(contact_id=who, role=4)
    rescore_changed([who])
    assert told == ([] if scores_employees else [[who]])
    assert (Score.objects.get().involvement_short > 0) is scores_employees


def test_who_is_erased_is_not_scored(here):
    happen(who := person(), "visit", 2)
    Contact.objects.filter(pk=who).update(erased_at=NOON)

    rescore_changed([who])

    assert (Score.objects.get().involvement_short, DayWeight.objects.count()) == (0, 0)


def test_another_role_makes_the_level_due_but_counts_nothing_anew(here, told):
    anna, ben, new = (person() for _n in range(3))
    happen(anna, "visit", 2)
    happen(ben, "visit", 2)
    told.clear()
    nothing_is_due()

    rescore_changed([anna, new])

    assert (due(), told, work_due()) == ({anna: True, ben: False}, [], True)
    nothing_is_due()
    rescore_changed([new])
    assert not work_due()


@pytest.mark.parametrize(("count", "looks"), [(50, True), (51, False)])
def test_up_to_fifty_people_are_asked_for_a_past_that_was_never_scored(here, told, count, looks):
    who = person()
    Contact.objects.filter(pk=who).update(is_profiled=False)
    happen(who, "visit", 2)
    assert not Score.objects.exists()
    Contact.objects.filter(pk=who).update(is_profiled=True)

    rescore_changed([who, *(10**9 + n for n in range(count - 1))])

    assert Score.objects.exists() is looks
    assert told == ([[who]] if looks else [])


def test_the_linked_are_looked_at_under_the_name_that_stands_for_them(here, told):
    anna, visitor = person(), person()
    happen(visitor, "visit", 2)
    link_contacts(visitor, anna)
    told.clear()
    nothing_is_due()

    rescore_changed([visitor])

    assert (told, due().get(visitor, False)) == ([], False)


def test_the_agendas_work_announces_levels_and_comes_back_for_the_next_fall(kettle, here):
    happen(person(), "clicked", 31)
    happen(person(), "clicked", 1, times=6)

    assert announce_levels(kettle) > NOON
    assert sorted(Score.objects.values_list("level", flat=True)) == [1, 2]


def test_an_explanation_tells_each_kind_its_points_and_what_is_left_in_thirty_days(here):
    who = person()
    happen(who, "message", 3, sentiment_milli=500)
    happen(who, "message", 1, times=3, sentiment_milli=-1000)
    happen(who, "complaint", 10)
    happen(who, "rating", 5, sentiment_milli=1000)
    DayWeight.objects.create(  # a kind that the model no longer knows, before all others
        contact_id=who, kind=0, target=2, day=date(2026, 3, 1), count=3, weight=3, added_count=0, added_weight=0
    )
    DayWeight.objects.create(  # a day on which nothing is left
        contact_id=who, kind=33, target=2, day=date(2026, 3, 1), count=0, weight=3, added_count=0, added_weight=0
    )

    involvement, interaction, intimacy, influence = explain_scores(who)

    noon = (NOON - current_model().landmark).total_seconds() / 86400 % 1
    parts = {
        (60, 3): -3 * 0.5 ** ((10 + noon) / 30),
        (51, 2): 4 * 0.5 ** ((5 + noon) / 180),
        (33, 2): 2 * 0.5 * 0.5 ** ((3 + noon) / 30),
        (33, 3): -2 * 2 * 0.5 ** ((1 + noon) / 30),
    }
    raw = sum(parts.values())
    assert (intimacy.name, intimacy.raw, intimacy.half_lives) == ("intimacy", pytest.approx(raw), (30.0, 180.0))
    per = intimacy.value / raw

    def line(kind: int, target: int, name: str, events: int, day: int, half_life: float) -> Contribution:
        amount = parts[kind, target]
        left = amount * 0.5 ** (30 / half_life)
        return Contribution(
            kind,
            name,
            events,
            date(2026, 3, day),
            *(pytest.approx(one) for one in (amount, amount * per, left)),
            half_life,
        )

    assert intimacy.contributions == [
        line(51, 2, "rating", 1, 13, 180.0),
        line(33, 3, "message", 3, 17, 30.0),
        line(60, 3, "complaint", 1, 8, 30.0),
        line(33, 2, "message", 1, 15, 30.0),
    ]
    assert [one.kind for one in interaction.contributions] == [33]
    assert (interaction.contributions[0].events, interaction.contributions[0].last_day) == (4, date(2026, 3, 17))
    assert (involvement.value, involvement.contributions, influence.contributions) == (0, [], [])
    assert interaction.value == pytest.approx(sum(one.points for one in interaction.contributions))


def test_an_explanation_looks_at_a_moment_and_of_a_stranger_it_is_empty(here):
    happen(who := person(), "visit", 1)

    now, later = explain_scores(who)[0], explain_scores(who, NOON + timedelta(days=14))[0]

    assert later.raw == pytest.approx(now.raw / 2)
    assert [(one.value, one.raw, one.contributions) for one in explain_scores(person())] == [(0, 0, [])] * 4


def test_warm_and_cold_that_cancel_out_have_no_points(here):
    who = person()
    happen(who, "message", 1, sentiment_milli=1000)
    happen(who, "message", 1, sentiment_milli=-1000)

    intimacy = explain_scores(who)[2]

    assert (intimacy.raw, intimacy.value) == (0, 0)
    assert [one.points for one in intimacy.contributions] == [0, 0]
    assert sorted(one.raw > 0 for one in intimacy.contributions) == [False, True]
