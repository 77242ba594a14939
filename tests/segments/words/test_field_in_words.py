"""The field "In words" of the builder: a sentence becomes the draft's rule, or is shown with what was not understood."""

import html
import json
import re

import pytest

from contacts.models import Audience
from segments.members.rechecking import refresh_with_readers
from segments.models import Segment
from tests.factories.contacts import make_contact
from workspaces.current import working_in

HERE = "/w/kettle/segments/"
NEW = f"{HERE}new/"
VIP = {"all": [{"tag": {"has_any": ["vip"]}}]}
CUSTOMERS = {"all": [{"role": {"in": ["customer"]}}]}


def hidden(answer, name):
    return html.unescape(re.search(rf'name="{name}" value="([^"]*)"', answer.text)[1])


def say(client, words, *, url=NEW, rule=VIP, do="say", **more):
    return client.post(url, {"rule": json.dumps(rule), "words": words, "do": do, **more})


@pytest.fixture
def vips(kettle):
    with working_in(kettle):
        make_contact("Greta Lindqvist", tags=["vip"])
        make_contact("Carl Other", roles=[Audience.CUSTOMER])
        segment = Segment.objects.create(name="VIPs", rule=VIP)
        refresh_with_readers(segment)
    return segment


@pytest.mark.parametrize("do", ["say", "why", ""])  # the button, what Enter presses, and what htmx sends of it
def test_a_sentence_replaces_the_rule_and_reads_back(as_ada, do):
    answer = say(as_ada, "all customers", do=do)

    assert (answer.status_code, json.loads(hidden(answer, "rule"))) == (200, CUSTOMERS)
    assert re.search(r'name="words"\s+value=""', answer.text)
    assert "People who are customers" in answer.text


def test_a_step_is_taken_back(as_ada):
    said = say(as_ada, "all customers")

    undone = as_ada.post(NEW, {"rule": hidden(said, "rule"), "past": hidden(said, "past"), "do": "undo"})

    assert json.loads(hidden(undone, "rule")) == VIP
    assert hidden(undone, "past") == ""


def test_what_is_not_understood_is_marked_and_the_rule_stays(as_ada):
    answer = say(as_ada, "custmers who opend an email")

    assert answer.status_code == 422
    assert json.loads(hidden(answer, "rule")) == VIP
    assert re.findall(r"<mark>(.*?)</mark>", answer.text) == ["custmers", "opend"]
    assert 'value="say:customers who opend an email"' in answer.text


def test_a_suggestion_is_taken_by_a_button_without_the_field(as_ada):
    answer = as_ada.post(NEW, {"rule": json.dumps(VIP), "words": "custmers", "do": "say:customers"})

    assert json.loads(hidden(answer, "rule")) == CUSTOMERS


def test_the_other_language_is_understood_too(as_ada):
    assert json.loads(hidden(say(as_ada, "alle Kunden"), "rule")) == CUSTOMERS


@pytest.mark.parametrize(
    "words",
    ["(" * 500, "who " * 400, '"', "“" * 3, "\\x00", "not not not", ") or (", "who and or but", "a" * 7_000, "1 2 3 % € ; :",
     "in the last 99999999999999999999 days", "between and", "level", "at least", "whose", "never", "line “{”", "line “[1]”"],
)  # fmt: skip
def test_nonsense_is_answered(as_ada, words):
    assert say(as_ada, words).status_code in {200, 422}


def test_nobody_may_ask_in_words_what_their_role_does_not_see(as_ada, kettle, client, django_user_model):
    from tests.conftest import Role
    from workspaces.models import Membership, User

    with working_in(kettle):
        make_contact("Greta Lindqvist")
    analyst = User.objects.create_user("analyst@kettle.example", password="slow water")
    Membership.objects.create(workspace=kettle, user=analyst, role=Role.ANALYST)
    client.force_login(analyst)

    answer = say(client, 'people whose email begins with "g"')

    assert "so it cannot ask for them either" in answer.text


def test_before_saving_it_is_told_who_would_enter_and_leave(as_ada, vips):
    answer = say(as_ada, "all customers", url=f"{HERE}{vips.pk}/")
    told = " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())

    assert "1 person would enter, 1 would leave." in told
    assert "enters Carl Other plays the role of customer: Customer" in told
    assert "leaves Greta Lindqvist plays the role of customer: no role" in told


def test_a_draft_that_changes_nothing_tells_of_nobody(as_ada, vips):
    assert "If you save this" not in as_ada.post(f"{HERE}{vips.pk}/", {"rule": json.dumps(VIP), "do": "why"}).text


def test_a_name_that_is_taken_is_refused(as_ada, vips):
    answer = as_ada.post(NEW, {"rule": json.dumps(VIP), "name": "VIPs", "do": "save"})

    assert answer.status_code == 422
    assert "Another segment is called that already." in answer.text


def test_the_list_says_each_segment_in_words(as_ada, vips):
    assert "People who have one of the tags “vip”" in as_ada.get(HERE).text


def test_a_rule_that_leads_back_to_itself_is_refused_in_words_too(as_ada, kettle, vips):
    with working_in(kettle):
        around = Segment.objects.create(name="Around", rule={"all": [{"segment": {"id": vips.pk, "in": True}}]})

    for words in ('people in the segment "VIPs"', 'people in the segment "Around"'):
        said = say(as_ada, words, url=f"{HERE}{vips.pk}/")
        saved = as_ada.post(f"{HERE}{vips.pk}/", {"rule": hidden(said, "rule"), "name": "VIPs", "do": "save"})

        assert saved.status_code == 422
        assert "This leads back to the segment itself." in saved.text
    with working_in(kettle):
        assert Segment.objects.get(pk=vips.pk).rule == VIP
        assert Segment.objects.get(pk=around.pk).rule["all"]
