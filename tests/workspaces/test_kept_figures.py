"""Figures about everybody: counted at once where people are few, kept and counted in the background where they are many."""

from datetime import timedelta

import pytest

from engagement import dashboards
from lib.clock import now
from lib.rooms import house
from lib.sql import run_text
from segments.members import filling
from segments.rules.statements import TooSlowError
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.kept_figures import WORK, keep_figures, kept_figure
from workspaces.models import AgendaItem, KeptFigure


@pytest.fixture
def big(kettle, monkeypatch):
    """Kettle has three people, which is many here."""
    monkeypatch.setattr(filling, "SMALL", 2)
    with working_in(kettle):
        for name in ("Ada", "Ben", "Carl"):
            make_contact(name)
    return kettle


def test_a_figure_is_asked_for_counted_once_and_shown_with_its_moment(kettle, monkeypatch):
    counted = []
    monkeypatch.setitem(house.kept_figures, "test.people", lambda argument: counted.append(argument) or [argument, 7])
    with working_in(kettle):
        AgendaItem.objects.filter(work=WORK).delete()
        assert kept_figure("test.people", 3) is None
        assert AgendaItem.objects.filter(work=WORK).exists()

    assert keep_figures(kettle) is None
    keep_figures(kettle)

    assert counted == [3]
    with working_in(kettle):
        kept = kept_figure("test.people", 3)
        assert (kept.data, kept.at <= now()) == ([3, 7], True)
        assert KeptFigure.objects.get().asked_at is None


def test_one_that_is_old_is_shown_and_counted_anew_and_one_that_nobody_counts_goes(kettle, monkeypatch):
    monkeypatch.setitem(house.kept_figures, "test.people", lambda argument: "new")
    with working_in(kettle):
        KeptFigure.objects.create(name="test.people", data="old", at=now() - timedelta(hours=1))
        KeptFigure.objects.create(name="test.gone", data=1, at=now(), asked_at=now())
        assert kept_figure("test.people").data == "old"

    keep_figures(kettle)

    with working_in(kettle):
        assert list(KeptFigure.objects.values_list("name", "data")) == [("test.people", "new")]


def test_home_of_a_big_workspace_counts_nobody_and_then_shows_what_was_counted(big, as_ada):
    first = as_ada.get("/w/kettle/").text
    assert "Being counted. Look again in a minute." in first

    keep_figures(big)

    page = as_ada.get("/w/kettle/").text
    assert "Being counted" not in page
    assert "as counted at" in page


def test_what_is_kept_says_the_same_as_what_is_counted_at_once(big, monkeypatch):
    with working_in(big):
        for show in (dashboards.levels_by_audience, dashboards.who_came_back, dashboards.people_to_care_for):
            show()
    keep_figures(big)

    with working_in(big):
        kept = [dashboards.levels_by_audience(), dashboards.who_came_back(), dashboards.people_to_care_for()]
        monkeypatch.setattr(filling, "SMALL", 1_000)
        assert [dashboards.levels_by_audience(), dashboards.who_came_back(), dashboards.people_to_care_for()] == kept


def test_figures_of_another_workspace_are_none_of_ours(big, rival):
    with working_in(big):
        kept_figure("engagement.levels")
    keep_figures(big)
    with working_in(rival):
        assert kept_figure("engagement.levels") is None


def test_one_that_cannot_be_counted_stops_no_other_and_keeps_what_it_was(kettle, monkeypatch):
    monkeypatch.setitem(house.kept_figures, "test.slow", lambda argument: run_text("SELECT 1 / 0"))
    monkeypatch.setitem(house.kept_figures, "test.people", lambda argument: 7)
    with working_in(kettle):
        KeptFigure.objects.create(name="test.slow", data="old", at=now() - timedelta(hours=1))
        for name in ("test.slow", "test.people"):
            kept_figure(name)

    keep_figures(kettle)

    with working_in(kettle):
        assert set(KeptFigure.objects.values_list("name", "data")) == {("test.slow", "old"), ("test.people", 7)}
        assert not KeptFigure.objects.exclude(asked_at=None).exists()


def test_it_is_asked_for_once_a_minute_and_forgotten_when_nobody_looks(kettle, django_assert_num_queries):
    with working_in(kettle):
        KeptFigure.objects.create(name="test.old", data=1, at=now() - timedelta(days=61))
        kept_figure("test.people")
        with django_assert_num_queries(1):
            assert kept_figure("test.people") is None

    keep_figures(kettle)

    with working_in(kettle):
        assert not KeptFigure.objects.filter(name="test.old").exists()


def test_one_that_cannot_be_counted_stops_no_other(kettle, monkeypatch):
    def is_too_slow(_argument):
        raise TooSlowError("too slow")

    monkeypatch.setitem(house.kept_figures, "test.slow", is_too_slow)
    monkeypatch.setitem(house.kept_figures, "test.people", lambda argument: argument)
    with working_in(kettle):
        kept_figure("test.slow", 1)
        kept_figure("test.people", 2)

    keep_figures(kettle)

    with working_in(kettle):
        assert kept_figure("test.people", 2).data == 2
        assert kept_figure("test.slow", 1) is None
