"""The workspace's own holdout: what all offers together changed, counted each night and said in a sentence."""

from datetime import timedelta

import pytest

from campaigns.charters.lifting_all import FIGURE, WORK, measure_nightly
from campaigns.charters.lifting_all import lift_of_all as lift_under
from campaigns.composing import EVERYTHING, set_workspace_holdout, workspace_holdout
from delivery.models import Message
from lib.bucketing import bucket
from lib.clock import now
from tests.campaigns.test_charters import buys, sent_to
from tests.factories.campaigns import make_programme
from tests.factories.contacts import make_contact
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.kept_figures import keep_figures
from workspaces.models import AgendaItem, KeptFigure


@pytest.fixture
def world(kettle):
    """Two programmes' offers to eighty people, of whom a fifth gets none; every second of the others buys for 20, of those held out nobody."""
    with working_in(kettle):
        set_workspace_holdout(20)
        people = [make_contact(f"P{n}", f"p{n}@people.example") for n in range(80)]
        held = [one for one in people if bucket(one.pk, EVERYTHING) < 2000]
        rest = [one for one in people if one not in held]
        for programme in (make_programme(name="One"), make_programme(name="Two")):
            sent_to(programme, people)
        sent_to(make_programme(name="Asked"), people, purpose=Message.Purpose.SUBSCRIBED, days=60)
        for n, one in enumerate(rest[::2]):
            buys(one, f"o{n}", 10)
        buys(held[0], "before", 50)  # before the first offer
    return held, rest


def lift_of_all():
    return lift_under(workspace_holdout())


def counted(kettle):
    assert AgendaItem.objects.filter(workspace=kettle, work=WORK).exists()
    keep_figures(kettle)
    with working_in(kettle):
        return lift_of_all()


def test_those_held_out_of_everything_are_compared_with_all_others(world, kettle):
    held, rest = world
    measure_nightly(kettle)

    found = counted(kettle)

    lift = found.lift
    assert (lift.held.people, lift.reached.people, found.percent) == (len(held), len(rest), 20)
    assert lift.difference.reached_share == pytest.approx(100 * len(rest[::2]) / len(rest))
    assert lift.difference.held_share == 0
    assert lift.value.points == pytest.approx(20 * len(rest[::2]) / len(rest))
    assert lift.difference.low < lift.difference.points < lift.difference.high
    assert lift.verdict == "early"  # fewer than a hundred held out


def test_the_night_comes_again_and_only_while_somebody_is_held_out(world, kettle):
    at = measure_nightly(kettle)
    assert now() < at < now() + timedelta(days=1, minutes=1)
    with working_in(kettle):
        assert KeptFigure.objects.get(name=FIGURE).asked_at is not None
        set_workspace_holdout(0)
        assert lift_of_all() is None
    assert measure_nightly(kettle) is None


def test_another_share_is_another_comparison(world, kettle):
    measure_nightly(kettle)
    assert counted(kettle) is not None
    with working_in(kettle):
        set_workspace_holdout(5)
        assert lift_of_all() is None  # counted within a minute
    keep_figures(kettle)
    with working_in(kettle):
        assert lift_of_all().lift.verdict == "no_offer"


def test_the_sentence_stands_below_the_programmes_and_beside_the_holdout(world, kettle, as_ada, member):
    asked = as_ada.get("/w/kettle/programmes/")
    assert "It is being counted" in asked.text
    keep_figures(kettle)

    for where in ("/w/kettle/programmes/", "/w/kettle/campaigns/holdout/"):
        page = as_ada.get(where).text
        assert "What do all offers together change?" in page
        assert "20 % of all people get none" in page
        assert "with 95 % certainty between" in page
        assert "In EUR for each person" in page
    assert "What do all offers together change?" in member("analyst").get("/w/kettle/programmes/").text


def test_without_a_holdout_nothing_is_said(as_ada, kettle):
    assert "What do all offers together change?" not in as_ada.get("/w/kettle/programmes/").text


def test_machines_read_it(world, kettle):
    machine = machine_of(kettle)
    first = machine.get("/holdout").json()
    keep_figures(kettle)
    second = machine.get("/holdout").json()

    assert first == {"percent": 20, "counted_at": None, "lift": None, "value": None}
    assert (second["lift"]["verdict"], second["lift"]["held"]) == ("early", len(world[0]))
    assert second["value"]["low"] < second["value"]["value"] < second["value"]["high"]
