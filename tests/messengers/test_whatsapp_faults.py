"""A template that may not go or that Meta does not take: it holds its message, passes nobody over, and stops no other."""

import json
import time
from collections import Counter
from datetime import timedelta

import pytest

from campaigns.planning import plan_due
from consent.models import Consent
from consent.suppressing import is_suppressed, suppress_all
from contacts.channels import Channel
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import approve, resume, schedule
from delivery.engine.delivering import ChunkDelivery, Stop
from delivery.engine.sending import send_due
from delivery.messengers.protocol import FAULTY, Outcome, OutcomeKind
from delivery.models import Delivery, Message, Trial
from delivery.test_sends import ask_trial, send_trials
from lib.clock import now
from messengers.models import WhatsAppTemplate
from messengers.whatsapp.hearing import take_call
from messengers.whatsapp.templates import ask_templates, keep_templates, refresh_due
from tests.factories.campaigns import again, planned, started
from tests.messengers.meta import (
    BODY,
    SPRING,
    Meta,
    chat_campaign,
    chatting,
    error,
    make_whatsapp_sender,
    template_told,
)

State = Delivery.State
NUMBERS = ["+4915200000001", "+4915200000002", "+4915200000003"]


@pytest.fixture
def meta():
    found = Meta()
    yield found
    found.close()


@pytest.fixture
def sender(inside, meta):
    return make_whatsapp_sender(meta.url)


def by_webhook(inside, meta, sender, *, is_well):
    at = int((now() + timedelta(minutes=2 if is_well else 1)).timestamp())
    take_call(sender, json.dumps(template_told("APPROVED" if is_well else "PAUSED", at)).encode())


def by_reading(inside, meta, sender, *, is_well):
    meta.pages = [[SPRING if is_well else {**SPRING, "status": "PAUSED"}]]
    ask_templates(sender)
    refresh_due(inside)


def by_its_absence(inside, meta, sender, *, is_well):
    meta.pages = [[SPRING] if is_well else []]
    ask_templates(sender)
    refresh_due(inside)


@pytest.mark.parametrize("tell", [by_webhook, by_reading, by_its_absence])
@pytest.mark.parametrize("state", ["scheduled", "planning", "sending", "resumed"])
def test_a_template_that_stops_being_approved_passes_nobody_over(inside, meta, sender, tell, state):
    for number in NUMBERS:
        chatting(number)
    campaign = chat_campaign(sender)
    if state == "scheduled":
        schedule(approve(campaign.message, by=None), now() + timedelta(hours=1), by=None)
    else:
        started(campaign)
    if state in {"sending", "resumed"}:
        plan_due(inside)

    tell(inside, meta, sender, is_well=False)
    if state == "scheduled":
        schedule(campaign.message, by=None)
    if state == "resumed":
        send_due(inside)
        resume(campaign.message, by=None)
    plan_due(inside)
    send_due(inside)

    held = again(campaign).message
    assert (held.state, "spring_offer" in held.state_reason) == (Message.State.PAUSED, True)
    assert (meta.asked, Delivery.objects.filter(state=State.EXCLUDED).count()) == ([], 0)
    tell(inside, meta, sender, is_well=True)
    resume(held, by=None)
    send_due(inside)
    assert meta.counts == Counter(dict.fromkeys(NUMBERS, 1))
    assert not Delivery.objects.filter(reason=FAULTY).exists()


class Run:
    """Takes the first; then the template is gone."""

    def send(self, recipients, watch):
        for one in recipients:
            if watch.may_go(one):
                WhatsAppTemplate.objects.update(state="PAUSED")
                yield one, Outcome(OutcomeKind.ACCEPTED, "200")


def test_a_chunk_on_its_way_stops_with_its_template_and_passes_nobody_over(inside, meta, sender, monkeypatch):
    first, second, no = (chatting(number) for number in NUMBERS)
    planned(chat_campaign(sender))
    long_ago = time.monotonic() - 15
    chunk = ChunkDelivery(
        claim_chunk(inside), time.monotonic() + 20, 100_000, beaten_at=long_ago, asked_all_at=long_ago
    )
    monkeypatch.setattr("delivery.engine.delivering.HEARTBEAT_SECONDS", 0)
    monkeypatch.setattr("delivery.engine.delivering.ASK_ALL_SECONDS", 0)
    suppress_all([NUMBERS[2]], channel=Channel.WHATSAPP, reason="objection", source="")

    with pytest.raises(Stop, match="spring_offer") as stop:
        chunk.deliver(Run())
    chunk.exclude_those_who_said_no()

    assert not stop.value.blames_sender
    assert {one: (result.state, result.reason) for one, result in chunk.results.items()} == {
        first.pk: (State.SENT, ""),
        no.pk: (State.EXCLUDED, "objection"),
    }
    assert {one.contact_id for one in chunk.left()} == {second.pk}


def test_one_whose_template_is_well_goes_on_beside_it(inside, meta, sender):
    chatting(NUMBERS[0])
    summer = {**SPRING, "name": "summer_offer"}
    meta.pages = [[{**SPRING, "status": "PAUSED"}, summer]]
    held, goes = (
        planned(chat_campaign(sender)),
        planned(chat_campaign(sender, body=BODY.replace("spring_offer", "summer_offer"))),
    )
    ask_templates(sender)
    refresh_due(inside)

    for _ in range(3):
        send_due(inside)

    assert [one.tree["template"]["name"] for one in meta.asked] == ["summer_offer"]
    assert (again(held).message.state, again(goes).message.state) == ("paused", "sent")


OF_THE_MESSAGE = [132000, 132001, 132007, 132012, 132015, 132016]


@pytest.mark.parametrize("code", OF_THE_MESSAGE)
def test_one_message_that_meta_does_not_take_stops_no_other(inside, meta, sender, code):
    """Four times, as often as would let a sender rest; nobody has failed."""
    for number in NUMBERS:
        chatting(number)
    goes = chat_campaign(sender, body=BODY.replace("spring_offer", "summer_offer"))
    keep_templates(sender, [SPRING, {**SPRING, "name": "summer_offer"}])
    wrong = planned(chat_campaign(sender))
    meta.answers = {"spring_offer": error(code)}

    for _ in range(4):
        send_due(inside)
        resume(wrong.message, by=None)
    send_due(inside)

    stopped = again(wrong).message
    assert (stopped.state, f"({code})" in stopped.state_reason) == (Message.State.PAUSED, True)
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.QUEUED}
    sender.refresh_from_db()
    assert (sender.failures, sender.last_error, sender.rests_until) == (0, "", None)
    planned(goes)
    send_due(inside)
    assert again(goes).message.state == Message.State.SENT


def test_who_was_under_way_gets_their_word_when_the_message_is_refused(inside, meta, sender):
    for number in NUMBERS:
        chatting(number)
    campaign = planned(chat_campaign(sender))
    meta.answers = {NUMBERS[1]: error(132000)}

    send_due(inside)

    states = dict(Delivery.objects.values_list("address", "state"))
    assert states == {NUMBERS[0]: State.SENT, NUMBERS[1]: State.QUEUED, NUMBERS[2]: State.SENT}
    assert again(campaign).message.state == Message.State.PAUSED


def test_a_test_of_such_a_message_says_why(inside, meta, ada, sender):
    sender.settings |= {"test_number": NUMBERS[0]}
    sender.save()
    meta.always = error(132012)

    ask_trial(sender, by=ada, message=chat_campaign(sender).message)
    send_trials(inside)

    assert "(132012)" in Trial.objects.get().said


@pytest.mark.parametrize("code", [131026, 131049, 131050, 130472])
def test_however_many_cannot_be_reached_on_whatsapp_the_others_get_it(inside, meta, sender, code):
    numbers = [f"+49152000001{at:02}" for at in range(23)]
    for number in numbers:
        chatting(number)
    meta.answers = dict.fromkeys(numbers[:-1], error(code))

    campaign = planned(chat_campaign(sender))
    send_due(inside)

    assert again(campaign).message.state == Message.State.SENT
    states = Counter(Delivery.objects.values_list("state", flat=True))
    assert states == {State.FAILED: 22, State.SENT: 1}


def test_what_is_refused_to_everybody_says_its_whole_code(inside, meta, sender):
    for at in range(20):
        chatting(f"+49152000001{at:02}")
    meta.always = error(131053)

    campaign = planned(chat_campaign(sender))
    send_due(inside)

    assert again(campaign).message.state_reason == "The server refuses everybody (131053)."


def test_who_wants_no_offers_has_said_no_when_meta_answers_so(inside, meta, sender):
    stopped, other = chatting(NUMBERS[0]), chatting(NUMBERS[1])
    meta.answers = {NUMBERS[0]: error(131050)}

    planned(chat_campaign(sender))
    send_due(inside)
    planned(chat_campaign(sender))
    send_due(inside)

    assert meta.counts == Counter({NUMBERS[0]: 1, NUMBERS[1]: 2})
    no = Consent.objects.get(channel=Channel.WHATSAPP, state=Consent.State.WITHDRAWN)
    assert (no.contact_id, no.topic_id) == (stopped.pk, None)
    assert is_suppressed(NUMBERS[0], channel=Channel.WHATSAPP)
    assert not is_suppressed(NUMBERS[1], channel=Channel.WHATSAPP)
    assert Delivery.objects.filter(contact=other, state=State.SENT).count() == 2
