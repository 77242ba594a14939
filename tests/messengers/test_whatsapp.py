"""WhatsApp: what is asked of Meta, who gets it and who not, what the pages show."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.consenting import give_consent
from consent.gate import verdict, verdicts
from consent.suppressing import is_suppressed
from contacts.channels import Channel
from delivery.content.liquid import BadTemplateError, MissingFieldError
from delivery.engine.claiming import ask_of
from delivery.engine.sending import send_due
from delivery.messengers.protocol import Recipient
from delivery.models import Delivery, Message, Sender, Trial
from delivery.senders import messenger_of
from delivery.test_sends import ask_trial, send_trials
from lib.clock import now
from messengers.keyring import keys_of
from messengers.models import TemplateLook, WhatsAppTemplate, WhatsAppWindow
from messengers.whatsapp.choosing import read_choice
from messengers.whatsapp.codes import MEANINGS
from messengers.whatsapp.payloads import template_payload
from messengers.whatsapp.showing import faults_of
from messengers.whatsapp.templates import ask_templates, keep_templates, refresh_due
from tests.closing import with_none_open
from tests.delivery.test_ways_out import Watch
from tests.factories.contacts import letter
from tests.messengers.meta import (
    ACCOUNT,
    NUMBER_ID,
    SPRING,
    Meta,
    chat_campaign,
    chatting,
    error,
    make_whatsapp_sender,
)
from touchpoints.models import Touchpoint
from workspaces.current import working_in

State = Delivery.State
ONE, TWO = "+4915200000001", "+4915200000002"


@pytest.fixture
def meta():
    found = Meta()
    yield found
    found.close()


@pytest.fixture
def sender(inside, meta):
    return make_whatsapp_sender(meta.url)


def open_window(sender, contact, number=ONE, *, hours_ago=1.0):
    return WhatsAppWindow.objects.create(
        sender=sender, contact=contact, number=number, last_at=now() - timedelta(hours=hours_ago)
    )


def test_a_template_is_asked_for_as_meta_documents_it(inside, meta, sender, send):
    reader = chatting(ONE)

    campaign = send(chat_campaign(sender))

    (asked,) = meta.asked
    assert (asked.path, asked.headers["Authorization"]) == (f"/v24.0/{NUMBER_ID}/messages", "Bearer the-token")
    note = asked.tree.pop("biz_opaque_callback_data")
    assert note.startswith(f"<{campaign.message_id}.{reader.pk}.1.t")
    image = {"type": "image", "image": {"link": "https://kettle.example/box.jpg"}}
    assert asked.tree == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": ONE,
        "type": "template",
        "template": {
            "name": "spring_offer",
            "language": {"code": "de"},
            "components": [
                {"type": "header", "parameters": [image]},
                {"type": "body", "parameters": [{"type": "text", "text": "Greta"}, {"type": "text", "text": "Bonn"}]},
                {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "box"}]},
            ],
        },
    }
    assert Delivery.objects.get(state=State.SENT).contact_id == reader.pk
    assert Touchpoint.objects.get(kind=1, message_id=campaign.message_id).channel == Channel.WHATSAPP


def test_places_may_have_names(inside, meta, send):
    named = {**SPRING, "components": [{"type": "BODY", "text": "Hallo {{first_name}}"}]}
    chatting(ONE)

    send(
        chat_campaign(
            make_whatsapp_sender(meta.url, templates=[named]), body="template: spring_offer de\nfirst_name: x"
        )
    )

    (part,) = meta.asked[0].tree["template"]["components"]
    assert part["parameters"] == [{"type": "text", "parameter_name": "first_name", "text": "x"}]


@given(lines=st.permutations([*(f"{no}: v{no}" for no in range(1, 12)), "header: h", "button 1: a", "button 2: b"]))
def test_values_go_by_their_number_whatever_the_order_of_the_lines(lines):
    choice = read_choice("\n".join(["template: spring_offer de", *lines]))
    known = WhatsAppTemplate(
        workspace_id=1, header="TEXT", header_text="{{1}}", buttons=[["URL", "a", ""], ["QUICK_REPLY", "b", ""]]
    )

    header, body, *buttons = template_payload(ONE, choice, choice.fill({}), known)["template"]["components"]

    assert [one["text"] for one in body["parameters"]] == [f"v{no}" for no in range(1, 12)]
    assert header["parameters"] == [{"type": "text", "text": "h"}]
    assert [(one["index"], one["sub_type"]) for one in buttons] == [("0", "url"), ("1", "quick_reply")]


def test_a_place_of_the_header_may_have_a_name():
    choice = read_choice("template: spring_offer de\nheader: Bonn")
    known = WhatsAppTemplate(workspace_id=1, header="TEXT", header_text="News from {{city}}")

    (header,) = template_payload(ONE, choice, choice.fill({}), known)["template"]["components"]

    assert header["parameters"] == [{"type": "text", "parameter_name": "city", "text": "Bonn"}]


def part(kind, **facts):
    return {"type": kind, **facts}


TEXT_HEADER = part("HEADER", format="TEXT", text="News for {{1}}")
LINK, REPLY = {"type": "URL", "text": "Go", "url": "https://k.example/{{1}}"}, {"type": "QUICK_REPLY", "text": "Stop"}
PLAIN_LINK = LINK | {"url": "https://k.example/"}
COUPON = {"type": "COPY_CODE", "text": "Copy", "example": "SPRING"}


@pytest.mark.parametrize(
    ("parts", "lines", "said"),
    [
        ([TEXT_HEADER], "", "has a place in its header"),
        ([TEXT_HEADER], "header: Greta", ""),
        ([TEXT_HEADER | {"text": "News"}], "header: Greta", "has nothing to fill in its header"),
        ([TEXT_HEADER | {"text": "News"}], "", ""),
        ([], "header: Greta", "has nothing to fill in its header"),
        ([part("BUTTONS", buttons=[PLAIN_LINK, LINK])], "", "has these buttons to fill: 2. The text fills: –"),
        ([part("BUTTONS", buttons=[PLAIN_LINK, LINK])], "button 2: box", ""),
        ([part("BUTTONS", buttons=[PLAIN_LINK, LINK])], "button 1: x\nbutton 2: box", "The text fills: 1, 2"),
        ([part("BUTTONS", buttons=[COUPON])], "", "has these buttons to fill: 1"),
        ([part("BUTTONS", buttons=[COUPON])], "button 1: SPRING", ""),
        ([part("BUTTONS", buttons=[REPLY])], "", ""),
        ([part("BUTTONS", buttons=[REPLY])], "button 1: stop", ""),
        ([], "button 1: box", "has these buttons to fill: –"),
    ],
)
def test_every_place_of_a_template_is_counted_before_anything_leaves(inside, meta, parts, lines, said):
    sender = make_whatsapp_sender(meta.url, templates=[{**SPRING, "components": [part("BODY", text="Hi"), *parts]}])

    faults = faults_of(chat_campaign(sender, body=f"template: spring_offer de\n{lines}").message)

    assert said in "".join(faults)
    assert bool(faults) == bool(said)


def test_free_text_goes_to_who_wrote_within_a_day_with_links_that_count(inside, meta, sender, send):
    lately, long_ago, never = chatting(ONE), chatting(TWO), chatting("+4915200000003")
    open_window(sender, lately, ONE, hours_ago=23.9)
    open_window(sender, long_ago, TWO, hours_ago=24.1)

    send(chat_campaign(sender, body="The [box](https://kettle.example/b) is here."))

    (asked,) = meta.asked
    assert (asked.tree["to"], asked.tree["type"]) == (ONE, "text")
    assert "/c/" in asked.tree["text"]["body"]
    rows = dict(Delivery.objects.values_list("contact_id", "reason"))
    assert rows == {lately.pk: "", long_ago.pk: "window", never.pk: "window"}


def test_the_gate_says_when_they_wrote_last(inside, sender):
    person = chatting(ONE)
    message = chat_campaign(sender, body="Hello").message
    assert verdict(ask_of(message), person).reason == "window"

    window = open_window(sender, person, hours_ago=30)
    refused = verdict(ask_of(message), person).first_failure

    when = window.last_at.astimezone(inside_zone(inside)).strftime("%H:%M")
    assert str(refused.text).startswith("They last wrote on WhatsApp on ")
    assert f"{when}: after 24 hours only an approved template may go" in str(refused.text)


def inside_zone(workspace):
    from zoneinfo import ZoneInfo

    return ZoneInfo(workspace.zone)


def test_a_window_is_open_with_the_number_that_was_written_to(inside, meta, sender):
    person = chatting(ONE)
    open_window(sender, person)
    other = make_whatsapp_sender(meta.url, phone_number_id="999999")

    assert verdict(ask_of(chat_campaign(sender, body="Hi").message), person).reason == ""
    assert verdict(ask_of(chat_campaign(other, body="Hi").message), person).reason == "window"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({**SPRING, "status": "PAUSED"}, "Paused by WhatsApp"),
        ({**SPRING, "status": "REJECTED", "rejected_reason": "INVALID_FORMAT"}, "Rejected. Invalid format"),
        ({**SPRING, "status": "PENDING"}, "In review at WhatsApp"),
        ({**SPRING, "status": "DISABLED"}, "Disabled by WhatsApp"),
        ({**SPRING, "language": "en"}, "There is no template “spring_offer” in “de”"),
        (
            {**SPRING, "components": [{"type": "BODY", "text": "Hi {{1}}"}]},
            "has 1 place to fill: 1. The text fills: 1, 2",
        ),
    ],
)
def test_a_template_that_whatsapp_would_refuse_goes_to_nobody_and_the_pre_flight_says_why(
    as_ada, kettle, meta, told, said
):
    with working_in(kettle):
        sender = make_whatsapp_sender(meta.url, templates=[told])
        person, campaign = chatting(ONE), chat_campaign(sender)
        refused = verdict(ask_of(campaign.message), person).first_failure

    assert (refused.code, said in str(refused.text)) == ("template_state", True)
    page = as_ada.get(f"/w/kettle/campaigns/{campaign.pk}/").text
    assert said in page
    assert "WhatsApp does not let this template go out" in page


def test_the_gate_asks_these_questions_of_whatsapp_alone_and_as_often_for_fifty(
    inside, sender, django_assert_num_queries
):
    people = [chatting(f"+49152000000{at:02}") for at in range(50)]
    message = chat_campaign(sender, body="Hi").message
    codes = [one.code for one in verdict(ask_of(message), people[0]).reasons]
    assert {"window", "template_state"} <= set(codes)

    from consent.asking import Ask

    assert "window" not in [one.code for one in verdict(Ask(), people[0]).reasons]
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        verdicts(ask_of(message), [people[0].pk])
    with django_assert_num_queries(len(one)):
        verdicts(ask_of(message), [person.pk for person in people])


def test_a_yes_to_texts_is_no_yes_to_whatsapp(inside, meta, sender, send):
    texted = chatting(ONE, asked=False)
    give_consent(texted, topic=letter(), channel=Channel.MOBILE, wording="Text me", page="https://kettle.example/")

    send(chat_campaign(sender))

    assert (meta.asked, Delivery.objects.get(contact=texted).reason) == ([], "no_consent")


def test_what_whatsapp_refuses_is_of_that_person_alone_and_makes_no_number_dead(inside, meta, sender, send):
    readers = [chatting(f"+491520000000{at}") for at in range(5)]
    meta.answers = {
        "+4915200000001": error(131026, words="not on WhatsApp"),
        "+4915200000002": error(131056, words="pair rate limit"),
        "+4915200000003": error(131000, status=500),
    }

    send(chat_campaign(sender))
    send_due(inside)

    assert meta.counts == Counter({f"+491520000000{at}": 1 for at in range(5)})
    rows = {row.contact_id: row for row in Delivery.objects.all()}
    states = [rows[one.pk].state for one in readers]
    assert states == [State.SENT, State.FAILED, State.DEFERRED, State.DEFERRED, State.SENT]
    assert rows[readers[1].pk].answer.startswith("131026")
    assert not is_suppressed("+4915200000001", channel=Channel.WHATSAPP)


@pytest.mark.parametrize(
    "always",
    [error(190, status=401), error(368), error(131031), error(132015), error(132001, status=404), error(100, subcode=33),
     (401, {}), (302, {})],
)  # fmt: skip
def test_trouble_with_our_account_or_template_fails_nobody(inside, meta, sender, send, always):
    chatting(ONE)
    meta.always = always

    campaign = send(chat_campaign(sender))

    assert (campaign.message.state, Delivery.objects.get().state) == (Message.State.PAUSED, State.QUEUED)


@pytest.mark.parametrize("always", [error(130429), error(80007), error(4), (429, {}), error(131048)])
def test_who_is_asked_to_wait_waits_with_everything(inside, meta, sender, send, always):
    chatting(ONE)
    meta.always = always

    campaign = send(chat_campaign(sender))

    assert campaign.message.state == Message.State.SENDING
    assert Delivery.objects.get().state in {State.QUEUED, State.DEFERRED}
    assert len(meta.asked) == 1


def test_a_killed_line_leaves_one_in_doubt_and_no_second_message(inside, meta, sender, send):
    chatting(ONE)
    chatting(TWO)
    meta.cuts = {ONE}

    send(chat_campaign(sender))
    meta.cuts = set()
    send_due(inside)

    assert sorted(Delivery.objects.values_list("state", flat=True)) == sorted([State.SENT, State.IN_DOUBT])
    assert set(meta.counts.values()) == {1}


def test_messages_leave_while_no_workspace_is_open(inside, meta, sender):
    messenger = messenger_of(sender)
    run = messenger.prepare(inside, chat_campaign(sender).message)
    to = Recipient(1, 0, ONE, 1, {"contact": {}})

    outcomes = with_none_open(lambda: [str(one.kind) for _to, one in run.send(iter([to]), Watch())])

    assert outcomes == ["accepted"]
    with_none_open(messenger.close)
    messenger.close()


def test_a_test_goes_to_the_number_that_was_entered(inside, meta, ada, sender):
    ask_trial(sender, by=ada)
    send_trials(inside)
    assert Trial.objects.get().said == "Enter a number for tests in the sender."
    sender.settings |= {"test_number": TWO}
    sender.save()

    ask_trial(sender, by=ada, message=chat_campaign(sender).message)
    send_trials(inside)

    assert meta.counts == Counter({TWO: 1})
    assert meta.asked[0].tree["template"]["name"] == "spring_offer"
    assert "biz_opaque_callback_data" not in meta.asked[0].tree


def test_what_a_field_holds_is_never_read_as_a_line():
    choice = read_choice("template: spring de\n1: {{ contact.first_name }}")

    filled = choice.fill({"contact": {"first_name": "Eve\n2: evil\theader:     x"}})

    assert dict(filled.body) == {"1": "Eve 2: evil header:   x"}
    assert (filled.header, filled.buttons) == ("", {})


@pytest.mark.parametrize(
    "body",
    ["template: spring", "template: spring deutsch!", "template: s de\nhello", "template: s de\n1: a\n1: b",
     "template: s de\n1: {{ x | nofilter }}", "template: s de\n0: a", "template: s de\nbutton 0: a"],
)  # fmt: skip
def test_a_choice_that_cannot_be_read_says_so(body):
    with pytest.raises(BadTemplateError):
        read_choice(body)


@pytest.mark.parametrize("body", ["", "Hello", "Our template: a new one", "\n\nHi\ntemplate: s de"])
def test_other_texts_are_free_text(body):
    assert read_choice(body) is None


def test_a_place_that_comes_out_empty_keeps_the_person_out():
    choice = read_choice("template: s de\n1: {% if contact.city %}{{ contact.city }}{% endif %}")

    with pytest.raises(MissingFieldError):
        choice.fill({"contact": {}})


def test_templates_are_read_page_by_page_and_only_with_the_cursor(inside, meta, sender):
    meta.pages = [[SPRING], [{**SPRING, "name": "summer", "status": "PAUSED"}, {"name": 7}, None]]
    keep_templates(sender, [{**SPRING, "name": "gone"}])

    ask_templates(sender)
    due = refresh_due(inside)

    assert [one.path.partition("?")[0] for one in meta.gets] == [f"/v24.0/{ACCOUNT}/message_templates"] * 2
    assert "after=c0" in meta.gets[1].path
    assert meta.gets[0].headers["Authorization"] == "Bearer the-token"
    found = dict(WhatsAppTemplate.objects.values_list("name", "state"))
    assert found == {"spring_offer": "APPROVED", "summer": "PAUSED"}
    assert due > now() + timedelta(hours=23)


def test_trouble_with_the_templates_keeps_what_we_know_and_is_tried_again(inside, meta, sender):
    meta.always = error(190, status=401)

    ask_templates(sender)
    due = refresh_due(inside)

    look = TemplateLook.objects.get()
    assert "(190)" in look.trouble
    assert WhatsAppTemplate.objects.count() == 1
    assert now() < due < now() + timedelta(hours=2)


def test_a_sender_is_made_on_its_page_and_its_keys_are_sealed_and_kept(as_ada, kettle):
    facts = {
        "name": "Chats", "phone_number_id": NUMBER_ID, "account_id": ACCOUNT, "secret": "t-1", "app_secret": "s-1",
        "price": "0.07", "test_number": "", "version": "v24.0", "per_second": 10, "connections": 4,
    }  # fmt: skip
    new = "/w/kettle/campaigns/senders/new/?kind=whatsapp"
    assert as_ada.get(new).status_code == 200
    assert as_ada.post(new, facts | {"app_secret": ""}).status_code == 422
    assert as_ada.post(new, facts | {"phone_number_id": "+49 152"}).status_code == 422
    assert as_ada.post(new, facts).status_code == 302

    with working_in(kettle):
        sender = Sender.objects.get()
        assert keys_of(sender) == {"token": "t-1", "app_secret": "s-1"}
        assert "t-1" not in str(sender.settings) + str(bytes(sender.sealed_secret))
        assert TemplateLook.objects.get(sender=sender).next_at <= now()
    here = f"/w/kettle/campaigns/senders/{sender.pk}/"
    as_ada.post(here, facts | {"secret": "", "app_secret": "s-2"})
    with working_in(kettle):
        assert keys_of(Sender.objects.get()) == {"token": "t-1", "app_secret": "s-2"}
    page = as_ada.get(here).text
    assert "/chats/whatsapp/" in page
    assert "Needs your keys" in page
    assert "No template yet" in page
    assert "s-2" not in page


def test_the_page_shows_templates_and_what_was_refused_with_cause_and_fix(as_ada, kettle, meta, member):
    with working_in(kettle):
        sender = make_whatsapp_sender(meta.url)
        campaign = chat_campaign(sender)
        Delivery.objects.create(
            message=campaign.message, contact=chatting(ONE), state=State.FAILED, answer="131026 Message undeliverable"
        )
    here = f"/w/kettle/campaigns/senders/{sender.pk}/"

    page = as_ada.get(here).text

    assert "spring_offer" in page
    assert "Not on WhatsApp, or it cannot be delivered there" in page
    assert as_ada.post(f"{here}templates/").status_code == 302
    assert member("marketer").post(f"{here}templates/").status_code == 403


def test_a_stranger_refreshes_nothing(as_eve, kettle, meta):
    with working_in(kettle):
        sender = make_whatsapp_sender(meta.url)

    assert as_eve.post(f"/w/kettle/campaigns/senders/{sender.pk}/templates/").status_code == 404
    assert as_eve.post(f"/w/rival/campaigns/senders/{sender.pk}/templates/").status_code == 404


def test_the_preview_shows_the_filled_template_and_its_price_and_the_pre_flight_the_sum(as_ada, kettle, meta):
    with working_in(kettle):
        sender = make_whatsapp_sender(meta.url)
        chatting(ONE)
        campaign, free = chat_campaign(sender), chat_campaign(sender, body="Hello *there*")

    page = as_ada.get(f"/w/kettle/campaigns/{campaign.pk}/preview/").text
    assert "Hallo Greta, die Kiste für Bonn ist da." in page
    assert "[ Ansehen ]" in page
    assert "It costs 0.07" in page
    assert "approved by WhatsApp" in page
    assert "wrote to you within the last 24 hours" in as_ada.get(f"/w/kettle/campaigns/{free.pk}/preview/").text
    assert "It costs about 0.07 EUR for 1 person" in as_ada.get(f"/w/kettle/campaigns/{campaign.pk}/").text


def test_every_code_says_what_to_do():
    assert all(
        str(one.cause) and str(one.fix) and one.does in {"", "ours", "message", "wait", "later", "person"}
        for one in MEANINGS.values()
    )


def test_an_erased_person_leaves_no_window(inside, sender):
    from privacy.erasing import erase_person

    person = chatting(ONE)
    open_window(sender, person)

    erase_person(person.pk, by=None)

    assert not WhatsAppWindow.objects.exists()
