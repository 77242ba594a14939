"""Interests on pages and by the API: the settings, the contact page, and who may not."""

import pytest

from contacts.models import Contact
from engagement.interests.keeping import WORK
from engagement.interests.reading import interests_of, tag_for
from engagement.interests.saying import say_interests
from engagement.models import InterestTag, InterestWord, PageRule
from engagement.models.interests import Said
from engagement.tasks import count_interests_anew
from lib.clock import now
from tests.machines import machine_of
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import AgendaItem

SETTINGS = "/w/kettle/settings/interests/"


@pytest.fixture
def greta(kettle) -> Contact:
    with working_in(kettle):
        return Contact.objects.create(name="Greta Lindqvist")


@pytest.fixture
def tea(kettle) -> InterestTag:
    with working_in(kettle):
        return tag_for("Tea")


def test_the_settings_teach_where_there_is_nothing_and_list_what_there_is(as_ada, kettle):
    assert "No interests yet" in as_ada.get(SETTINGS).text

    assert as_ada.post(f"{SETTINGS}add/", {"name": "Green tea"}).status_code == 302
    assert (
        as_ada.post(f"{SETTINGS}pages/", {"begins": "kettle.example/tea", "names": "Green tea, Cups"}).status_code
        == 302
    )

    page = as_ada.get(SETTINGS).text
    assert ("Green tea" in page, "Cups" in page, "kettle.example/tea" in page) == (True, True, True)
    as_ada.post(f"{SETTINGS}pages/", {"begins": "kettle.example/tea", "remove": ""})
    with working_in(kettle):
        assert PageRule.objects.count() == 0


@pytest.mark.parametrize(
    ("where", "said"),
    [("add/", {"name": " "}), ("pages/", {"begins": "https://", "names": "Tea"}), ("pages/", {"begins": "a.example"})],
)
def test_what_says_nothing_is_answered_with_the_form(as_ada, kettle, where, said):
    assert as_ada.post(SETTINGS + where, said).status_code == 422


def test_a_tag_is_renamed_merged_and_removed_on_its_page(as_ada, kettle, tea):
    with working_in(kettle):
        cups = tag_for("Cups")
    page = f"{SETTINGS}{tea.pk}/"

    assert as_ada.post(f"{page}rename/", {"name": "cups"}).status_code == 422
    assert as_ada.post(f"{page}rename/", {"name": "Fine tea"}).status_code == 302
    assert "Fine tea" in as_ada.get(page).text
    assert as_ada.post(f"{page}merge/", {"into": tea.pk}).status_code == 422
    assert as_ada.post(f"{page}merge/", {"into": cups.pk}).status_code == 302
    assert as_ada.get(page).status_code == 404
    assert as_ada.post(f"{SETTINGS}{cups.pk}/remove/").status_code == 302
    with working_in(kettle):
        assert InterestTag.objects.count() == 0


def test_a_colleague_writes_down_what_somebody_said_and_the_page_says_who_did(as_ada, ada, kettle, greta, tea):
    where = f"/w/kettle/contacts/{greta.pk}/interests/"

    assert as_ada.post(where, {"name": "tea", "said": "1"}).status_code == 302
    part = as_ada.post(where, {"tag": tea.pk, "said": "2"}, headers={"HX-Request": "true"})

    assert "Not interested in" in part.text
    assert "written down by" in part.text
    with working_in(kettle):
        assert list(InterestWord.objects.values_list("said", "by_id")) == [(Said.NOT_WANTED, ada.pk)]
        assert interests_of([greta.pk]) == {}
    whole = as_ada.get(f"/w/kettle/contacts/{greta.pk}/").text
    assert part.text.count("<form") == whole[whole.index('id="interested"') :].split("</section>")[0].count("<form")
    assert as_ada.post(where, {"said": "1"}, headers={"HX-Request": "true"}).status_code == 422
    told = as_ada.post(where, {"said": "1"}, follow=True)
    assert told.redirect_chain == [(f"/w/kettle/contacts/{greta.pk}/", 302)]
    assert "Say what they are interested in." in told.text


def test_strangers_and_those_who_may_not_change_nothing(client, eve, kettle, greta, tea):
    client.force_login(eve)

    assert client.get(SETTINGS).status_code == 404
    assert client.post(f"/w/kettle/contacts/{greta.pk}/interests/", {"tag": tea.pk, "said": "1"}).status_code == 404


def test_machines_read_and_say_interests(kettle, greta):
    machine = machine_of(kettle)

    made = machine.post("/interests", {"name": "Tea"})
    assert (made.status_code, made.json()["name"]) == (201, "Tea")
    said = machine.call(
        "PUT",
        f"/contacts/{greta.pk}/interests",
        {"items": [{"name": "tea"}, {"name": "Cups", "said": "not_interested"}]},
    )
    assert [(one["name"], one["level"], one["said"]) for one in said.json()["items"]] == [
        ("Tea", "strong", "interested"),
        ("Cups", None, "not_interested"),
    ]
    assert machine.get(f"/contacts/{greta.pk}/interests").json() == said.json()
    tags = {one["name"]: one["id"] for one in machine.get("/interests").json()["items"]}
    assert machine.patch(f"/interests/{tags['Cups']}", {"name": "tea"}).status_code == 409
    assert machine.patch(f"/interests/{tags['Cups']}", {"name": "Mugs"}).json()["name"] == "Mugs"
    assert machine.patch(f"/interests/{tags['Cups']}", {"merge_into": tags["Tea"]}).json()["id"] == tags["Tea"]
    assert machine.delete(f"/interests/{tags['Tea']}").status_code == 204
    assert machine.get("/interests").json() == {"items": []}


def test_a_tag_that_is_not_there_is_said_by_nobody(kettle, greta):
    with working_in(kettle):
        assert say_interests(greta.pk, {999: Said.WANTS}) == 0


def test_visits_before_a_rule_count_too_once_the_agenda_has_worked(as_ada, kettle, greta):
    with working_in(kettle):
        page = {"context": {"page": {"url": "https://www.kettle.example/tea"}}}
        facts = [Fact("page", "p1", now(), contact_id=greta.pk, payload=page)]
        record(facts, source=source_for("test", "Test"))

    as_ada.post(f"{SETTINGS}pages/", {"begins": "kettle.example/tea", "names": "Tea"})
    with working_in(kettle):
        assert AgendaItem.objects.filter(work=WORK).exists()
    count_interests_anew(kettle)

    with working_in(kettle):
        assert interests_of([greta.pk], at_least=0.2).keys() == {greta.pk}


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\u3000 \u2003", "\t\0"])
def test_the_api_takes_no_name_of_blanks(kettle, greta, tea, blank):
    machine = machine_of(kettle)

    answers = [
        machine.call("POST", "/interests", {"name": blank}),
        machine.call("PATCH", f"/interests/{tea.pk}", {"name": blank}),
        machine.call("PUT", f"/contacts/{greta.pk}/interests", {"items": [{"name": "Cups"}, {"name": blank}]}),
    ]

    assert [one.status_code for one in answers] == [422] * 3
    with working_in(kettle):
        assert [tag.name for tag in InterestTag.objects.all()] == ["Tea"]


def test_machines_hear_by_ids_what_was_said_by_the_person_or_by_us(as_ada, ada, kettle, greta, tea):
    with working_in(kettle):
        say_interests(greta.pk, {tea.pk: Said.WANTS})
        say_interests(greta.pk, {tea.pk: Said.WANTS})  # nothing new
        say_interests(greta.pk, {tea.pk: Said.NOT_WANTED}, by=ada)

    told = machine_of(kettle).get("/events?type=interest.changed").json()["items"]

    assert [(one["type"], one["data"]) for one in told] == [
        ("interest.changed", {"contact_ids": [greta.pk], "interest_ids": [tea.pk], "by": by})
        for by in ("person", "colleague")
    ]
