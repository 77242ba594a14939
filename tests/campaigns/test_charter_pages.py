"""The pages of a programme: its charter as a form, its preview, its costs; who may, and without JavaScript."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.charters.previewing import detectable
from campaigns.models import Programme, ProgrammeCost
from contacts.models import Audience
from delivery.models import Message
from engagement.models import Objective
from lib.clock import now
from tests.campaigns.test_charters import buys, sent_to
from tests.conftest import make_user
from tests.factories.campaigns import make_programme
from tests.factories.contacts import letter, make_contact
from tests.factories.sign_up_forms import make_form
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import AuditEntry, Role

P = "/w/kettle/programmes/"
SAID = {
    "name": "Spring cups", "preset": "win_back", "audience": "1", "topic": "", "purpose": "", "gives": "the tea you liked",
    "asks": "a word", "metric": "purchases", "target": "15", "check_on": "2027-03-01", "weekly_cap": "1",
    "selling_percent": "40", "holdout_percent": "20", "budget": "1200.50", "is_active": "on",
}  # fmt: skip


@pytest.fixture
def programme(kettle):
    with working_in(kettle):
        return make_programme(asks="Which tea you liked", holdout_percent=20)


def test_the_form_has_six_roles_with_a_sentence_each_and_units_spelled_out(as_ada):
    page = as_ada.get(f"{P}new/").text

    for words in ("Turns a first order into a habit.", "Sells nothing.", "and nobody else.", "then leaves it."):
        assert words in page
    assert "People who bought: % of people who bought in 28 days" in page
    assert "EUR bought by each person in 28 days" in page


def test_a_charter_is_kept_and_looked_at_without_javascript(as_ada, kettle):
    with working_in(kettle):
        people = [make_contact(f"P{n}", f"p{n}@people.example", roles=(Audience.CUSTOMER,)) for n in range(4)]
        buys(people[0], "a", 3)

    looked = as_ada.post(f"{P}new/", SAID | {"look": "1"})

    assert looked.status_code == 200
    assert "the tea you liked" in looked.text
    assert "Measured now: <b>25</b>" in looked.text
    assert "With 4 people" not in looked.text  # a fifth of four people is nobody to compare with
    with working_in(kettle):
        assert not Programme.objects.exists()
    made = as_ada.post(f"{P}new/", SAID)
    with working_in(kettle):
        kept = Programme.objects.select_related("objective").get()
        assert (kept.budget_minor, kept.objective.target, kept.holdout_percent) == (120_050, 15.0, 20)
    page = as_ada.get(made["Location"]).text
    assert "the tea you liked" in page
    assert "no offer went out with this holdout" in page


def test_the_preview_measures_the_start_and_writes_nothing(as_ada, kettle):
    with working_in(kettle):
        for n in range(30):
            make_contact(f"P{n}", f"p{n}@people.example", roles=(Audience.CUSTOMER,))
        before = AuditEntry.objects.count()

    said = as_ada.post(f"{P}preview/", SAID | {"name": "<b>x</b>"}).text

    assert "&lt;b&gt;x&lt;/b&gt;" in said
    assert "It is for 30 people now" in " ".join(said.split())
    assert "On 1 March 2027 it says whether it worked" in " ".join(said.split())
    assert "Under 5,000 people a comparison proves little." in said
    with working_in(kettle):
        assert (Programme.objects.count(), AuditEntry.objects.count()) == (0, before)


def test_a_difference_that_can_be_seen_shrinks_with_more_people():
    assert detectable(11.4, 1_284, 20) == pytest.approx(6.22, abs=0.05)
    assert detectable(11.4, 100_000, 20) < 1
    assert detectable(11.4, 1_284, 0) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("target", ""), ("target", "much"), ("check_on", "9000-01-01"), ("holdout_percent", "60"), ("preset", "spam"),
        ("metric", "love"), ("budget", "-1"), ("name", ""), ("audience", "77"), ("weekly_cap", "-3"), ("budget", "1e40"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_and_stays_in_the_form(as_ada, kettle, field, value):
    answer = as_ada.post(f"{P}new/", SAID | {field: value})

    assert answer.status_code == 422
    assert "Nothing was saved yet" in answer.text
    assert "a word" in answer.text
    assert as_ada.post(f"{P}preview/", SAID | {field: value}).status_code == 200
    with working_in(kettle):
        assert not Programme.objects.exists()


def test_no_target_yet_is_a_choice(as_ada, kettle):
    assert as_ada.post(f"{P}new/", SAID | {"target": "", "target_later": "on"}).status_code == 302
    with working_in(kettle):
        kept = Programme.objects.select_related("objective").get()
        assert (kept.objective.metric, kept.objective.target) == ("purchases", None)
        for days in (3, 2, 1):
            sent_to(kept, [], days=days)
    assert "Three emails went out" in as_ada.get(f"{P}{kept.pk}/").text
    assert "Three emails went out without a target." in as_ada.get("/w/kettle/").text


def test_after_its_day_the_page_says_how_it_ended_and_asks_for_the_next(as_ada, kettle, programme):
    day = now().date() - timedelta(days=1)
    with working_in(kettle):
        programme.objective = Objective.objects.create(metric="usage", baseline=1, current=9, target=5, check_on=day)
        programme.save()
        programme.figures.create(metric="usage", day=day, value=9, people=3)

    page = " ".join(as_ada.get(f"{P}{programme.pk}/").text.split())

    assert "It met its target: 9 on" in page
    assert "Set the next target" in page
    assert "The day of its check has come." in as_ada.get("/w/kettle/").text


def test_costs_are_added_and_removed(as_ada, kettle, programme):
    here = f"{P}{programme.pk}/"
    as_ada.post(f"{here}costs/", {"name": "Samples", "amount": "63.60", "day": "2026-11-01"})
    with working_in(kettle):
        cost = ProgrammeCost.objects.get()
        assert cost.amount_minor == 6_360
    assert "Samples" in as_ada.get(here).text
    wrong = as_ada.post(f"{here}costs/", {"name": "Hours", "amount": "lots", "day": "2026-11-01"})
    assert (wrong.status_code, "Hours" in wrong.text) == (422, True)
    assert as_ada.post(f"{P}{programme.pk + 1}/costs/{cost.pk}/remove/").status_code == 404
    as_ada.post(f"{here}costs/{cost.pk}/remove/")
    with working_in(kettle):
        assert not ProgrammeCost.objects.exists()


def test_an_analyst_sees_an_editor_edits_a_stranger_finds_nothing(member, client, kettle, programme):
    paths = [f"{P}{programme.pk}/edit/", f"{P}new/"]
    posts = [f"{P}preview/", f"{P}{programme.pk}/costs/", f"{P}{programme.pk}/costs/1/remove/"]
    analyst, editor, stranger = member(Role.ANALYST), member(Role.EDITOR), client
    stranger.force_login(make_user("stranger@other.example", "Stranger"))

    assert "Edit charter" not in analyst.get(f"{P}{programme.pk}/").text
    assert {analyst.get(path).status_code for path in paths} == {403}
    assert {analyst.post(path).status_code for path in posts} == {403}
    assert "Edit charter" in editor.get(f"{P}{programme.pk}/").text
    assert {editor.get(path).status_code for path in paths} == {200}
    assert {stranger.get(path).status_code for path in [*paths, f"{P}{programme.pk}/"]} == {404}
    assert {stranger.post(path).status_code for path in posts} == {404}


def test_what_belongs_to_it_costs_the_same_for_one_and_for_many(as_ada, kettle, programme):
    here = f"{P}{programme.pk}/"
    with working_in(kettle):
        programme.topic = letter()
        programme.save()
        people = [make_contact(f"P{n}", f"p{n}@people.example") for n in range(3)]
        sent_to(programme, people)
        make_form("Tea news")

    def statements():
        with CaptureQueriesContext(connection) as seen:
            assert as_ada.get(here).status_code == 200
        return len(seen)

    statements()
    one = statements()
    with working_in(kettle):
        for days in range(2, 8):
            sent_to(programme, people, days=days, purpose=Message.Purpose.SUBSCRIBED)
    assert statements() == one
    page = as_ada.get(here).text
    for words in ("Tea news", "Everybody", "sells", "helps", "What it promised"):
        assert words in page


def test_readers_see_the_exchange_of_the_programmes_that_wrote_to_them(client, kettle, programme):
    from portal.access_links import relationship_link

    with working_in(kettle):
        greta, nobody = make_contact("Greta", "greta@people.example"), make_contact("Nina", "nina@people.example")
        programme.holdout_percent = 0
        programme.save()
        make_programme(name="Other", gives="Quite another gift")
        sent_to(programme, [greta], days=3)
        links = [relationship_link(kettle, one.pk) for one in (greta, nobody)]

    seen, unseen = (client.get(link[link.index("/p/") :], headers={"Accept-Language": "en"}).text for link in links)

    assert "You get: First choice" in seen
    assert "We ask: Which tea you liked" in seen
    assert "Quite another gift" not in seen
    assert "Why we write to you" not in unseen


def test_the_api_keeps_charters_and_shows_their_figures(kettle):
    machine = machine_of(kettle)
    said = {"name": "Second pot", "role": "loyalty", "audience": "customer", "gives": "First choice", "metric": "usage"}
    made = machine.post("/programmes", said)
    assert made.status_code == 201
    body = made.json()
    assert (body["role"], body["metric"], body["target"]) == ("loyalty", "usage", None)
    assert body["unit"] == "visits for each 100 people in 28 days"
    here = f"/programmes/{body['id']}"
    changed = machine.patch(here, {"target": 12.5, "check_on": "2027-03-01"}).json()
    assert (changed["target"], changed["gives"], changed["metric"]) == (12.5, "First choice", "usage")
    figures = machine.get(f"{here}/figures").json()
    assert (figures["lift"]["verdict"], figures["cost_and_return"]["gain"], figures["checked"]) == (
        "none_held",
        None,
        None,
    )
    cost = machine.post(f"{here}/costs", {"name": "Hours", "amount_minor": 9_900, "day": "2026-11-20"})
    assert cost.status_code == 201
    assert machine.get(f"{here}/costs").json()["items"] == [cost.json()]
    assert machine.delete(f"{here}/costs/{cost.json()['id']}").status_code == 204
    assert [one["name"] for one in machine.get("/programmes").json()["items"]] == ["Second pot"]
    assert machine.get("/programmes/999999").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"topic": 999_999}, {"role": "spam"}, {"metric": "love"}, {"target": 3}, {"check_on": "9000-01-01"},
        {"holdout_percent": 51}, {"budget_minor": -1}, {"name": ""}, {"surprise": 1},
    ],
)  # fmt: skip
def test_the_api_says_what_is_wrong_with_a_charter(kettle, wrong):
    answer = machine_of(kettle).post("/programmes", {"name": "Second pot"} | wrong)

    assert answer.status_code == 422
    assert answer.json()["errors"]
    with working_in(kettle):
        assert not Programme.objects.exists()
