"""The page of an email of blocks: each step is kept, nothing of a colleague is lost, what cannot go out says why."""

import json

import pytest

from campaigns.beginning import begin_with
from campaigns.checking.looking import check_campaign
from campaigns.finding import uses_of_segment
from contacts.editing import add_tag
from delivery.engine.controlling import approve
from delivery.models import Content, Sender
from emails.editing import copied, show_to
from emails.gallery.beginning import STARTING_POINTS
from emails.reading import read_blocks
from segments.members.membership import remove as remove_segment
from segments.models import Segment
from tests.emails.making import made
from tests.factories.campaigns import make_campaign, make_sender
from tests.factories.contacts import make_reader
from workspaces.current import working_in
from workspaces.models import Role

WORDS = ({"kind": "heading", "text": "Spring"}, {"kind": "text", "html": "<p>Hello</p>"},
         {"kind": "button", "text": "Choose", "href": "https://kettle.example/box"})  # fmt: skip


@pytest.fixture
def campaign(kettle, ada):
    """A draft of three blocks."""
    kettle.postal_address = "Tea Street 1, 89073 Ulm"
    kettle.save()
    with working_in(kettle):
        make_reader("Greta Lindqvist")
        made_one = make_campaign(make_sender(), body="", body_format="blocks")
        begin_with(made_one, made(*WORDS), by_id=ada.pk)
        return made_one


@pytest.fixture
def step(as_ada, campaign):
    """Take a step as the page does."""

    def take(do: str, *, expect: int = 200, **more: str):
        answer = as_ada.post(page(campaign), {"do": do, **more}, headers={"HX-Request": "true"})
        assert answer.status_code == expect, answer.text
        return answer.text

    return take


def page(campaign, more: str = "") -> str:
    return f"/w/kettle/campaigns/{campaign.pk}/email/{more}"


def kept(kettle, campaign) -> list:
    with working_in(kettle):
        return read_blocks(Content.objects.get(pk=campaign.message.content_id).blocks)


def test_the_page_shows_each_block_and_the_form_of_the_chosen_one(as_ada, campaign):
    text = as_ada.get(page(campaign, "?block=b2")).text

    assert text.count('class="outline-block"') == 3
    assert '<h2 tabindex="-1">' in text
    assert "&lt;p&gt;Hello&lt;/p&gt;" in text
    assert "Everyone" in text
    assert "Nothing to fix" in text


def test_what_is_typed_is_kept_and_drawn(step, kettle, campaign):
    text = step("save:b1", text="Summer", level="1", align="left", space="16")

    assert "Summer" in text
    assert 'id="block"' not in text  # somebody writes in it
    assert kept(kettle, campaign)[0].text == "Summer"
    with working_in(kettle):
        content = Content.objects.get(pk=campaign.message.content_id)
        assert "Summer" in content.body
        assert content.versions.count() == 1


def test_words_of_the_envelope_are_kept(step, kettle, campaign):
    step("words", subject="The last boxes", preheader="One an evening")

    with working_in(kettle):
        content = Content.objects.get(pk=campaign.message.content_id)
        assert (content.subject, content.preheader) == ("The last boxes", "One an evening")


@pytest.mark.parametrize(
    ("do", "order"),
    [
        ("move:b3:up", ["b1", "b3", "b2"]),
        ("move:b1:down", ["b2", "b1", "b3"]),
        ("move:b1:up", ["b1", "b2", "b3"]),
        ("move:b3:top", ["b3", "b1", "b2"]),
        ("move:b1:end", ["b2", "b3", "b1"]),
        ("move:b1:1", ["b2", "b1", "b3"]),
        ("move:b1:far", ["b1", "b2", "b3"]),
        ("remove:b2", ["b1", "b3"]),
    ],
)
def test_blocks_move_and_go(step, kettle, campaign, do, order):
    step(do)

    assert [one.id for one in kept(kettle, campaign)] == order


def test_a_block_is_added_doubled_pasted_and_taken_back(step, kettle, campaign):
    before = kept(kettle, campaign)

    assert "The quote says nothing yet." in step("add:quote", chosen="b1")
    step("copy:b3")
    step("paste:b1", text=copied(before[2]))
    assert [type(one).__name__ for one in kept(kettle, campaign)] == [
        "HeadingBlock", "ButtonBlock", "QuoteBlock", "TextBlock", "ButtonBlock", "ButtonBlock",
    ]  # fmt: skip

    with working_in(kettle):
        first = Content.objects.get(pk=campaign.message.content_id).versions.order_by("number").first()
    step("replace", blocks=first.blocks)
    assert kept(kettle, campaign) == before


@pytest.mark.parametrize(
    ("do", "more", "said"),
    [
        ("save:b9", {}, "This block is gone meanwhile."),
        ("remove:b9", {}, "This block is gone meanwhile."),
        ("add:virus", {}, "There is no kind of block called"),
        ("paste:b1", {"text": "{}"}, "What was copied is no block."),
        ("replace", {"blocks": "{"}, "These are no blocks that we know"),
        ("save:b1", {"text": "x" * 301, "level": "1", "align": "left", "space": "16"}, "at most 300 characters"),
        ("who:b1", {"who": "grmblfx"}, "was not understood"),
        ("who:b1", {"who": ""}, "Say who sees it"),
        ("who:b1", {"leaf": "["}, "This condition cannot be read."),
        ("who:b1", {"leaf": '{"segment": {"id": 99999, "in": true}}'}, "segment"),
    ],
)
def test_what_cannot_be_done_says_so_and_changes_nothing(step, kettle, campaign, do, more, said):
    before = kept(kettle, campaign)

    assert said in step(do, expect=422, **more)
    assert kept(kettle, campaign) == before


@pytest.mark.parametrize("do", ["", "save", "fly:b1", "move", "move:b1", ":::", "drop:b1:x", "replace:b1"])
def test_odd_steps_are_no_fault(as_ada, campaign, do):
    assert as_ada.post(page(campaign), {"do": do}).status_code in {302, 422}


def test_without_scripts_each_step_is_a_page(as_ada, kettle, campaign):
    answer = as_ada.post(page(campaign), {"do": "add:divider", "chosen": "b1"})

    assert answer.status_code == 302
    assert answer.url.startswith(page(campaign, "?block="))
    assert answer.url.endswith("#block")
    long = as_ada.post(
        page(campaign), {"do": "save:b1", "text": "x" * 301, "level": "1", "align": "left", "space": "16"}
    )
    assert long.status_code == 422
    assert "x" * 301 in long.text  # what was written is still there


def test_a_colleague_who_wrote_meanwhile_loses_nothing(step, kettle, campaign, bob):
    with working_in(kettle):
        seen = Content.objects.get(pk=campaign.message.content_id).version
        begin_with(campaign, made({"kind": "heading", "text": "Bob's"}, *WORDS[1:]), by_id=bob.pk)

    text = step("save:b1", text="Ada's", level="1", align="left", space="16", version=str(seen))

    assert "Somebody else wrote meanwhile." in text
    assert kept(kettle, campaign)[0].text == "Ada's"
    with working_in(kettle):
        assert "Bob's" in campaign.message.content.versions.get(is_clash=True).blocks


def test_the_history_brings_back_what_it_was(as_ada, step, kettle, campaign):
    step("save:b1", text="Summer", level="1", align="left", space="16")

    assert "Bring back" in as_ada.get(page(campaign, "history/")).text
    as_ada.post(page(campaign, "history/1/"))

    assert kept(kettle, campaign)[0].text == "Spring"
    assert as_ada.post(page(campaign, "history/77/")).status_code == 404


def test_the_preview_marks_each_block_for_the_page_and_no_email_does(as_ada, kettle, campaign):
    answer = as_ada.get(page(campaign, "preview/"))

    assert [mark for mark in ("<!--b:b1-->", "<!--/b:b1-->", "<!--b:b3-->") if mark not in answer.text] == []
    assert "sandbox allow-same-origin allow-popups" in answer["Content-Security-Policy"]
    assert "script-src" not in answer["Content-Security-Policy"]
    assert "allow-scripts" not in answer["Content-Security-Policy"]
    with working_in(kettle):
        assert "<!--b:" not in Content.objects.get(pk=campaign.message.content_id).body


def test_the_preview_is_dark_or_light_whatever_the_screen_is(as_ada, campaign):
    light, dark = (as_ada.get(page(campaign, f"preview/{how}")).text for how in ("", "?dark=1"))

    assert "@media not all" in light
    assert "@media all" in dark
    assert "prefers-color-scheme" not in light + dark
    assert as_ada.get(page(campaign, "preview/?text=1"))["Content-Type"].startswith("text/plain")


def test_an_email_that_cannot_be_written_says_why(as_ada, step, campaign):
    step("save:b1", text="Hello {{ contact.first_nam", level="1", align="left", space="16")

    answer = as_ada.get(page(campaign, "preview/"))

    assert answer.status_code == 422
    assert answer.text


def test_a_block_is_shown_to_those_who_fit_and_the_page_says_how_many(as_ada, step, kettle, campaign):
    with working_in(kettle):
        ann, ben = make_reader("Ann Lee"), make_reader("Ben Low")
        add_tag(ann, "oolong", by=None)

    text = step("who:b3", who="tagged oolong")

    assert "1 person" in text
    assert kept(kettle, campaign)[2].when is not None
    for person, sees in ((ann, True), (ben, False)):
        shown = as_ada.get(page(campaign, f"preview/?as={person.pk}")).text
        assert ("Choose" in shown) is sees, person
    step("drop:b3:0")
    assert kept(kettle, campaign)[2].when is None


def test_typed_words_offer_conditions_with_how_many_they_leave(as_ada, kettle, campaign):
    with working_in(kettle):
        add_tag(make_reader(), "oolong", by=None)

    text = as_ada.get(page(campaign, "who/?who=oolong")).text

    assert "oolong" in text
    assert "data-leaf" in text
    assert "Nothing begins with these words" in as_ada.get(page(campaign, "who/?who=zzz")).text


def test_a_condition_on_a_segment_that_is_gone_keeps_the_email_back(as_ada, kettle, campaign, ada):
    with working_in(kettle):
        segment = Segment.objects.create(name="Loyal", rule={"all": []}, owner_id=ada.pk)
        rule = {"all": [{"segment": {"id": segment.pk, "in": True}}]}
        begin_with(campaign, show_to(made(*WORDS), "b3", rule), by_id=ada.pk)
        assert [use.name for use in uses_of_segment(segment.pk)] == ["Spring letter"]
        assert check_campaign(campaign, kettle).is_ready
        remove_segment(segment)

        check = check_campaign(campaign, kettle)

    assert not check.is_ready
    assert any("Block 3, Button: Nobody sees this block" in text for text in check.blocks)
    assert 'class="broken"' in as_ada.get(page(campaign, "?block=b3")).text
    assert "condition" in as_ada.get(page(campaign)).text


def test_what_a_block_lacks_keeps_the_email_back_or_is_told(kettle, campaign, ada):
    with working_in(kettle):
        begin_with(campaign, made({"kind": "button", "text": ""}, {"kind": "image", "picture": 5}), by_id=ada.pk)

        check = check_campaign(campaign, kettle)

    assert "Block 1, Button: The button says nothing yet." in check.blocks
    assert any("No alt text" in text for text in check.warns)


@pytest.mark.parametrize(
    "block",
    [
        {"kind": "image", "picture": 999_999, "alt": "A cup"},
        {"kind": "card", "name": "Tea", "picture": 999_999, "alt": "A cup"},
    ],
)
def test_a_picture_that_is_gone_is_told_at_its_block_and_keeps_the_email_back(as_ada, kettle, campaign, ada, block):
    with working_in(kettle):
        begin_with(campaign, made(block, *WORDS), by_id=ada.pk)
        check = check_campaign(campaign, kettle)
        body = Content.objects.get(pk=campaign.message.content_id).body

    assert [text for text in check.blocks if ": Its picture is gone" in text] == check.blocks
    assert "Its picture is gone" in as_ada.get(page(campaign, "?block=b1")).text
    assert "1 to fix" in as_ada.get(page(campaign)).text
    as_ada.post(f"/w/kettle/campaigns/{campaign.pk}/approve/")
    with working_in(kettle):
        assert Content.objects.get(pk=campaign.message.content_id).messages.get().state == "draft"
    assert "mj-image" not in body
    assert 'alt="A cup"' not in as_ada.get(page(campaign, "preview/")).text


def test_what_is_approved_is_not_changed(as_ada, kettle, campaign, ada):
    before = kept(kettle, campaign)
    with working_in(kettle):
        approve(campaign.message, by=ada)

    answers = [
        as_ada.get(page(campaign)),
        as_ada.post(page(campaign), {"do": "remove:b1"}),
        as_ada.post(page(campaign, "history/1/")),
        as_ada.post(f"/w/kettle/campaigns/{campaign.pk}/begin/", {"with": "nothing"}),
    ]

    assert [one.status_code for one in answers] == [302, 302, 404, 302]
    assert kept(kettle, campaign) == before


def test_only_those_who_may_write_come_in(kettle, campaign, as_eve, member):
    client = member(Role.ANALYST)

    assert {client.get(page(campaign, more)).status_code for more in ("", "preview/", "who/", "history/")} == {403}
    assert client.post(page(campaign), {"do": "remove:b1"}).status_code == 403
    assert as_eve.get(page(campaign)).status_code == 404


def test_the_statements_of_a_page_do_not_grow_with_its_blocks(
    as_ada, kettle, campaign, ada, django_assert_max_num_queries
):
    def count(blocks: int) -> int:
        with working_in(kettle):
            begin_with(campaign, made(*[WORDS[0]] * blocks), by_id=ada.pk)
        with django_assert_max_num_queries(200) as seen:
            as_ada.get(page(campaign, "?block=b1"))
        return len(seen)

    count(1)
    assert count(1) == count(50)


def test_it_begins_empty_from_words_and_from_an_earlier_email(as_ada, kettle, campaign):
    with working_in(kettle):
        new = make_campaign(make_sender(), name="Next", body="", body_format="blocks")
    where = f"/w/kettle/campaigns/{new.pk}/begin/"

    assert as_ada.get(page(new)).url == where
    assert "Spring letter" in as_ada.get(where).text
    assert as_ada.post(where, {"with": "words", "words": " "}).status_code == 422
    assert as_ada.post(where, {"with": "words", "words": "<h1>Tea</h1><p>Now</p>"}).url == page(new)
    assert [type(one).__name__ for one in kept(kettle, new)] == ["BrandBlock", "HeadingBlock", "TextBlock"]
    as_ada.post(where, {"with": "earlier", "earlier": str(campaign.pk)})
    assert kept(kettle, new) == kept(kettle, campaign)
    assert as_ada.post(where, {"with": "earlier", "earlier": "999999"}).status_code == 422
    as_ada.post(where, {"with": "nothing"})
    assert [type(one).__name__ for one in kept(kettle, new)] == ["BrandBlock", "TextBlock"]


@pytest.mark.parametrize("key", sorted(STARTING_POINTS))
def test_each_template_is_drawn_small_and_begins_an_email(as_ada, kettle, campaign, key):
    where = f"/w/kettle/campaigns/{campaign.pk}/begin/"

    shown = as_ada.get(f"{where}{key}/")
    begun = as_ada.post(where, {"with": "template", "template": key})

    assert f"{where}{key}/" in as_ada.get(where).text
    assert "Kettle &amp; Co" in shown.text
    assert "script-src" not in shown["Content-Security-Policy"]
    assert begun.url == page(campaign)
    assert len(kept(kettle, campaign)) >= 3
    with working_in(kettle):
        assert "Spring" in campaign.message.content.versions.get().blocks


def test_a_template_that_is_none_is_told_so(as_ada, campaign):
    where = f"/w/kettle/campaigns/{campaign.pk}/begin/"

    assert as_ada.get(f"{where}nothing/").status_code == 404
    assert "There is no such template." in as_ada.post(where, {"with": "template", "template": "x"}).text


def test_how_it_holds_is_told_beside_the_email(as_ada, step, campaign):
    assert "12 mail clients" in as_ada.get(page(campaign, "holds/")).text
    step("save:b1", text="Hello {{ contact.first_nam", level="1", align="left", space="16")
    assert as_ada.get(page(campaign, "holds/")).status_code == 204


def test_a_campaign_of_blocks_is_made_by_the_form_and_leads_to_its_beginning(as_ada, kettle):
    facts = {"name": "June", "purpose": "subscribed", "holdout_percent": 0, "subject": "Hi", "body_format": "blocks"}

    answer = as_ada.post("/w/kettle/campaigns/new/all/", facts | {"body": "thrown away"})

    assert answer.url.endswith("/begin/")
    with working_in(kettle):
        assert Content.objects.get(subject="Hi").body == ""


def test_a_form_that_is_saved_again_leaves_the_blocks_as_they_are(as_ada, kettle, campaign):
    before = kept(kettle, campaign)
    facts = {"name": "July", "purpose": "subscribed", "holdout_percent": 0, "subject": "Hi", "body_format": "blocks"}

    as_ada.post(f"/w/kettle/campaigns/{campaign.pk}/edit/", facts | {"body": "thrown away"})

    assert kept(kettle, campaign) == before
    with working_in(kettle):
        assert "Spring" in Content.objects.get(subject="Hi").body


def test_everything_on_the_page_can_be_said_in_json(kettle, campaign):
    for one in kept(kettle, campaign):
        assert json.loads(copied(one))["blocks"][0]["id"] == one.id


def test_an_email_of_blocks_does_not_become_a_text_by_itself(as_ada, kettle, campaign):
    with working_in(kettle):
        texts = Sender.objects.create(name="Texts", kind="sms", settings={"account_sid": "AC", "from_number": "+49151"})
        before = Content.objects.get(pk=campaign.message.content_id)
    facts = {"name": "July", "purpose": "subscribed", "holdout_percent": 0, "subject": "Hi", "body_format": "blocks"}

    answer = as_ada.post(f"/w/kettle/campaigns/{campaign.pk}/edit/", facts | {"sender": texts.pk, "body": before.body})

    assert answer.status_code == 422
    assert "This email is made of blocks." in answer.text
    with working_in(kettle):
        after = Content.objects.get(pk=before.pk)
    assert (after.body, after.body_format, after.blocks) == (before.body, "blocks", before.blocks)


def test_what_was_written_by_hand_is_not_lost_to_blocks_and_comes_back(as_ada, kettle):
    with working_in(kettle):
        new = make_campaign(make_sender(), name="Hand", body="# Hello", body_format="markdown")
    as_ada.post(f"/w/kettle/campaigns/{new.pk}/begin/", {"with": "nothing"})

    answer = as_ada.post(page(new, "history/1/"))

    assert answer.url == f"/w/kettle/campaigns/{new.pk}/edit/"
    with working_in(kettle):
        content = Content.objects.get(pk=new.message.content_id)
    assert (content.body, content.body_format, content.blocks) == ("# Hello", "markdown", "")


def test_by_hand_is_chosen_for_whoever_wants_to_write_by_hand(as_ada, campaign):
    where = f"/w/kettle/campaigns/{campaign.pk}/edit/"

    assert '<option value="blocks" selected>' in as_ada.get(where).text
    assert '<option value="markdown" selected>' in as_ada.get(f"{where}?by=hand").text
