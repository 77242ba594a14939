"""The page of a campaign that is not sent yet: what is missing is asked, what is settled changes in place."""

import re
from datetime import timedelta

import pytest

from campaigns.composing import compose
from campaigns.models import Campaign
from consent.models import Topic
from delivery.engine.controlling import approve
from delivery.models import Message
from lib.clock import now
from segments.models import Segment
from tests.factories.campaigns import everybody, make_campaign, make_programme, make_sender
from tests.factories.contacts import make_reader
from workspaces.current import working_in

C = "/w/kettle/campaigns/"
HTMX = {"HX-Request": "true"}


def words(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def only() -> Campaign:
    return Campaign.objects.select_related("message__content", "message__topic", "segment").get()


def test_a_campaign_begins_with_a_name_and_a_kind_and_the_rest_is_asked(as_ada, kettle):
    with working_in(kettle):
        sender = make_sender()

    made = as_ada.post(f"{C}new/", {"name": "Gift cards", "purpose": "subscribed"})

    answer = as_ada.get(made["Location"])
    page = words(answer.text)
    assert [one.part for one, _form in answer.context["questions"]] == ["segment", "words", "email", "topic", "address"]
    assert answer.context["faults"] == []
    for question in (
        "Who gets it?",
        "What does the subject say?",
        "What does the email say?",
        "What did people ask for?",
    ):
        assert question in page
    assert "Missing, 5 things" in page
    assert "Who does it come from?" not in page  # there is but one
    with working_in(kettle):
        assert (only().message.sender, only().message.content.body_format) == (sender, "blocks")


def test_a_name_is_needed(as_ada, kettle):
    assert as_ada.post(f"{C}new/", {"name": " ", "purpose": "subscribed"}).status_code == 422
    with working_in(kettle):
        assert not Campaign.objects.exists()


def test_the_only_topic_and_those_of_a_link_are_chosen_by_themselves(as_ada, kettle):
    with working_in(kettle):
        segment = everybody()
        programme = make_programme(preset="loyalty")
    page = as_ada.get(f"{C}new/?segment={segment.pk}&programme={programme.pk}")
    assert page.context["form"].initial["purpose"] == "marketing"
    assert "Second pot" in page.text
    with working_in(kettle):
        Topic.objects.exclude(key="letter").delete()

    as_ada.post(f"{C}new/", {"name": "X", "purpose": "marketing", "segment": segment.pk, "programme": programme.pk})

    with working_in(kettle):
        made = only()
        assert (made.segment, made.programme, made.message.topic.key) == (segment, programme, "letter")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_each_missing_thing_is_answered_by_its_own_small_form(as_ada, kettle, headers):
    kettle.postal_address = "Tea Street 1"
    kettle.save()
    with working_in(kettle):
        make_reader()
        sender, segment = make_sender(), everybody()
        made = make_campaign(None, segment=None, subject="", topic=None)
        topic = Topic.objects.get(key="letter")
    said = {
        "segment": {"segment": segment.pk}, "words": {"subject": "Hello", "preheader": ""},
        "sender": {"sender": sender.pk}, "topic": {"purpose": "subscribed", "topic": topic.pk},
    }  # fmt: skip
    left = ["Missing, 4 things", "Missing, 3 things", "Missing, 2 things", "Missing, one thing"]

    for (part, answer), missing in zip(said.items(), left, strict=True):
        assert missing in words(as_ada.get(f"{C}{made.pk}/").text)
        assert as_ada.post(f"{C}{made.pk}/set/{part}/", answer, headers=headers).status_code == 302

    page = words(as_ada.get(f"{C}{made.pk}/").text)
    assert ("Missing" in page, "Ready. 1 person gets it at once." in page) == (False, True)


def test_what_cannot_be_taken_is_said_at_its_place_and_changes_nothing(as_ada, kettle, ready):
    with working_in(kettle):
        was = only().message.content.subject

    answer = as_ada.post(f"{C}{ready.pk}/set/words/", {"subject": "{{ broken"}, headers=HTMX)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert re.search(r'<details class="changeable[^>]*open', answer.text)
    with working_in(kettle):
        assert only().message.content.subject == was
    assert as_ada.post(f"{C}{ready.pk}/set/segment/", {"segment": "999999"}).status_code == 422
    assert as_ada.post(f"{C}{ready.pk}/set/topic/", {"purpose": "subscribed", "topic": ""}).status_code == 422
    assert as_ada.post(f"{C}{ready.pk}/set/when/", {"intended_at": "2001-01-01T10:00"}).status_code == 422
    assert as_ada.post(f"{C}{ready.pk}/set/holdout/", {"holdout_percent": "77"}).status_code == 422
    assert as_ada.post(f"{C}{ready.pk}/set/nonsense/", {}).status_code == 404


def test_an_approved_campaign_stays_as_it_was_approved(as_ada, kettle, ready):
    with working_in(kettle):
        approve(ready.message, by=None)

    said = as_ada.post(f"{C}{ready.pk}/set/words/", {"subject": "Other"}, follow=True).text

    assert "Take it back to change it" in said
    assert '<details class="changeable' not in said
    with working_in(kettle):
        assert only().message.content.subject != "Other"


def test_a_moment_makes_the_preflight_say_when_how_many_get_it(as_ada, kettle, ready):
    at = (now() + timedelta(days=3)).replace(hour=10, minute=0)

    as_ada.post(f"{C}{ready.pk}/set/when/", {"intended_at": at.strftime("%Y-%m-%dT%H:%M")})

    page = as_ada.get(f"{C}{ready.pk}/")
    assert [count for _label, count in page.context["plan"]] == [0, 3]
    assert page.context["form"].initial["at"] == page.context["at"]  # what is sent begins with it
    assert "Meant for" in words(page.text)


def test_the_gate_is_asked_about_that_moment_and_not_about_now(as_ada, kettle, ready):
    with working_in(kettle):
        compose(
            ready, purpose=Message.Purpose.MARKETING, intended_at=(now() + timedelta(days=3)).replace(hour=1, minute=30)
        )  # night in Berlin

    page = as_ada.get(f"{C}{ready.pk}/")

    assert [count for _label, count in page.context["plan"]][::2] == [0, 3]
    assert "At 8 o’clock where they are" in page.text


def test_a_holdout_shows_what_it_costs_and_what_it_would_show(as_ada, kettle, ready):
    with working_in(kettle):
        compose(ready, purpose=Message.Purpose.MARKETING)

    page = as_ada.get(f"{C}{ready.pk}/")

    assert [one["percent"] for one in page.context["holdouts"]] == [20, 10, 5, 0]
    as_ada.post(f"{C}{ready.pk}/set/holdout/", {"holdout_percent": "20"})
    with working_in(kettle):
        assert only().message.holdouts == [[f"campaign-{ready.pk}", 2000]]


def test_a_segment_built_for_a_draft_comes_back_into_it(as_ada, as_eve, member, kettle, ready):
    build = f"/w/kettle/segments/new/?for=campaign-{ready.pk}"
    rule = '{"all": [{"role": {"in": ["customer"]}}]}'
    assert f"/w/kettle/segments/new/?for=campaign-{ready.pk}" in as_ada.get(f"{C}{ready.pk}/").text

    back = as_ada.post(build, {"do": "save", "name": "Customers", "rule": rule})

    assert (back.status_code, back["Location"]) == (302, f"{C}{ready.pk}/")
    with working_in(kettle):
        assert (only().segment.name, only().message.content.subject) == ("Customers", ready.message.content.subject)
        approve(ready.message, by=None)
    late = as_ada.post(build, {"do": "save", "name": "Others", "rule": rule}, follow=True)
    assert "no draft any more" in late.text
    for address in ("https://evil.example/", "campaign-999999", "campaign-x", "nobody-1"):
        on = as_ada.post(f"/w/kettle/segments/new/?for={address}", {"do": "save", "name": address, "rule": rule})
        with working_in(kettle):
            assert on["Location"] == f"/w/kettle/segments/{Segment.objects.get(name=address).pk}/"


@pytest.mark.parametrize(
    "path", ["set/words/", "review/", "review/send-back/", "review/withdraw/", "duplicate/", "follow-up/"]
)
def test_steps_of_the_page_need_their_role(member, as_eve, kettle, ready, path):
    for role in ("analyst", "community"):
        assert member(role).post(f"{C}{ready.pk}/{path}", {"subject": "Other"}).status_code == 403
    assert as_eve.post(f"{C}{ready.pk}/{path}").status_code == 404
    with working_in(kettle):
        assert Campaign.objects.count() == 1


def test_an_analyst_reads_the_page_and_changes_nothing(member, ready):
    page = member("analyst").get(f"{C}{ready.pk}/").text

    assert ("changeable" in page.replace("changeable-form", ""), "/set/" in page) == (False, False)
    assert "Pre-flight" in page


def test_an_offer_of_no_topic_that_nobody_agreed_to_asks_for_its_topic(as_ada, kettle):
    kettle.postal_address = "Tea Street 1, Ulm"
    kettle.save()
    with working_in(kettle):
        make_reader("Greta Grün", email="greta@tea.example")
        campaign = make_campaign(make_sender(), purpose=Message.Purpose.MARKETING, topic=None)
        topic = Topic.objects.get(key="letter")

    lacking = as_ada.get(f"{C}{campaign.pk}/")
    assert [one.part for one, _form in lacking.context["questions"]] == ["topic"]
    assert "Choose the one they agreed to." in words(lacking.text)
    assert lacking.context["faults"] == []

    as_ada.post(f"{C}{campaign.pk}/set/topic/", {"purpose": "marketing", "topic": topic.pk})

    assert list(as_ada.get(f"{C}{campaign.pk}/").context["questions"]) == []
