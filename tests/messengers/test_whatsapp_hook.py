"""WhatsApp's webhook: proven, in any order, as often as it likes, and never of somebody else."""

import json
from datetime import UTC, datetime, timedelta
from itertools import permutations
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.planning import plan_due
from consent.consenting import give_all, give_consent, newest_word
from consent.models import Consent
from consent.suppressing import is_suppressed
from contacts.channels import Channel
from contacts.models import Contact
from delivery.engine.sending import send_due
from delivery.models import Delivery
from lib.clock import now
from lib.connections.safe_fetch import safe_fetch
from messengers.models import WhatsAppTemplate, WhatsAppWindow
from messengers.whatsapp import templates
from messengers.whatsapp.addresses import hook_address, verify_token
from messengers.whatsapp.hearing import take_call
from messengers.whatsapp.stopping import hear_stops
from messengers.whatsapp.templates import ask_templates, keep_templates, refresh_due
from tests.factories.campaigns import again, started
from tests.factories.contacts import letter
from tests.messengers.meta import (
    ACCOUNT,
    SECRET,
    SPRING,
    Meta,
    chat_campaign,
    chatting,
    make_whatsapp_sender,
    signed,
    template_told,
    told,
)
from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.tracking_mode import TrackingMode

ONE, TWO = "+4915200000001", "+4915200000002"
SEEN = ("sent_at", "delivered_at", "soft_bounced_at", "bounced_at", "opened_at", "machine_opened_at", "answer", "state")


HALF_AN_HOUR_AGO = 0  # of each test, once: the same word is told with the same moment


@pytest.fixture(autouse=True)
def half_an_hour_ago(monkeypatch):
    monkeypatch.setitem(globals(), "HALF_AN_HOUR_AGO", int(now().timestamp()) - 1_800)


@pytest.fixture
def sent(kettle):
    """One message that left: (sender, contact, its note)."""
    meta = Meta()
    with working_in(kettle):
        sender, contact = make_whatsapp_sender(meta.url), chatting(ONE, at=now() - timedelta(days=1))
        started(chat_campaign(sender))
        plan_due(kettle)
        send_due(kettle)
        Delivery.objects.update(sent_at=now() - timedelta(hours=1))
    yield sender, contact, meta.asked[0].tree["biz_opaque_callback_data"]
    meta.close()


@pytest.fixture
def call(client, kettle):
    """`call(sender, tree)`: Meta's own signed call."""

    def go(sender, tree, secret=SECRET):
        return client.post(urlsplit(hook_address(kettle.pk, sender.pk)).path, **signed(tree, secret))

    return go


def status(note, state, *, minutes=0, code=0):
    at = HALF_AN_HOUR_AGO + minutes * 60
    found = {"id": "wamid.1", "status": state, "timestamp": str(at), "recipient_id": ONE[1:]}
    found |= {"biz_opaque_callback_data": note}
    return found | ({"errors": [{"code": code, "title": "Message undeliverable"}]} if code else {})


def written(text, sid="wamid.in1", *, minutes_ago=5, number=ONE[1:]):
    at = int((now() - timedelta(minutes=minutes_ago)).timestamp())
    return {"from": number, "id": sid, "timestamp": str(at), "type": "text", "text": {"body": text}}


def test_meta_makes_sure_that_the_address_is_ours(client, kettle, sent):
    path = urlsplit(hook_address(kettle.pk, sent[0].pk)).path
    asked = {
        "hub.mode": "subscribe",
        "hub.challenge": "1158201444",
        "hub.verify_token": verify_token(kettle.pk, sent[0].pk),
    }

    answer = client.get(path, asked)

    assert (answer.status_code, answer.text, answer["Content-Type"]) == (200, "1158201444", "text/plain; charset=utf-8")
    for wrong in ({"hub.verify_token": "guess"}, {"hub.mode": "x"}, {"hub.challenge": "<script>"}):
        assert client.get(path, asked | wrong).status_code == 403
    assert client.get(path).status_code == 403


def test_forged_calls_and_addresses_of_others_open_nothing(client, kettle, rival, sent, call):
    sender, _contact, note = sent
    tree = told(statuses=[status(note, "delivered")])
    path = urlsplit(hook_address(kettle.pk, sender.pk)).path

    assert call(sender, tree, secret="guess").status_code == 401
    assert client.post(path, json.dumps(tree), content_type="application/json").status_code == 401
    good = signed(tree)
    bent = good | {"data": good["data"].replace(b"delivered", b"delivereD")}
    assert client.post(path, **bent).status_code == 401
    assert client.post(path[:-3] + "AA/", **good).status_code == 404
    assert client.post(urlsplit(hook_address(rival.pk, sender.pk)).path, **good).status_code == 404
    assert client.put(path).status_code == 405
    with working_in(kettle):
        assert Delivery.objects.get().delivered_at is None


def test_what_another_workspace_sent_is_not_ours_to_hear_of(client, kettle, rival, sent):
    """The rival has the same number and the same secret: what it is told changes nothing of ours."""
    _sender, _contact, note = sent
    with working_in(rival):
        theirs = make_whatsapp_sender("http://127.0.0.1:1")

    answer = client.post(
        urlsplit(hook_address(rival.pk, theirs.pk)).path, **signed(told(statuses=[status(note, "read")]))
    )

    assert (answer.status_code, answer.json()) == (200, {"taken": 0, "unknown": 1})
    with working_in(kettle):
        assert Delivery.objects.get().delivered_at is None


def test_delivered_and_read_are_told_a_hundred_times(kettle, sent, call):
    sender, contact, note = sent

    for _ in range(50):
        for state in ("read", "delivered"):
            assert call(sender, told(statuses=[status(note, state)])).json() == {
                "taken": 2 if state == "read" else 1,
                "unknown": 0,
            }

    with working_in(kettle):
        row = Delivery.objects.get(contact=contact)
        assert row.delivered_at is not None
        assert row.opened_at is not None
        assert Touchpoint.objects.filter(contact_id=contact.pk, kind=KINDS["opened"].code).count() == 1


def test_who_may_not_be_measured_has_read_nothing(kettle, sent, call):
    sender, contact, note = sent
    with working_in(kettle):
        kettle.mail_tracking = TrackingMode.NONE
        kettle.save()

    call(sender, told(statuses=[status(note, "read")]))

    with working_in(kettle):
        row = Delivery.objects.get(contact=contact)
        assert (row.delivered_at is not None, row.opened_at) == (True, None)


def test_a_message_in_doubt_is_settled_by_a_word_that_it_was_taken(kettle, sent, call):
    sender, contact, note = sent
    with working_in(kettle):
        Delivery.objects.update(state=Delivery.State.IN_DOUBT, reason="in_flight", sent_at=None)

    call(sender, told(statuses=[status(note, "sent")]))

    with working_in(kettle):
        row = Delivery.objects.get(contact=contact)
        assert (row.state, row.delivered_at) == (Delivery.State.SENT, None)


@pytest.mark.parametrize("code", [131026, 131047, 131049, 130472, 131056])
def test_a_failure_is_noted_with_its_code_and_makes_no_number_dead(kettle, sent, call, code):
    sender, contact, note = sent

    call(sender, told(statuses=[status(note, "failed", code=code)]))

    with working_in(kettle):
        row = Delivery.objects.get(contact=contact)
        assert row.soft_bounced_at is not None
        assert row.answer.startswith(str(code))
        assert not is_suppressed(ONE, channel=Channel.WHATSAPP)


def test_who_wants_no_offers_on_whatsapp_has_said_no_to_the_channel(kettle, sent, call):
    sender, contact, note = sent

    for _ in range(3):
        call(sender, told(statuses=[status(note, "failed", code=131050)]))

    with working_in(kettle):
        no = Consent.objects.get(contact=contact, channel=Channel.WHATSAPP, state=Consent.State.WITHDRAWN)
        assert no.topic_id is None
        assert not Consent.objects.filter(
            contact=contact, channel=Channel.EMAIL, state=Consent.State.WITHDRAWN
        ).exists()


def stands(contact, number=ONE):
    """(the state of their newest word on WhatsApp, whether its address is suppressed)."""
    word = newest_word(contact, topic=None, channel=Channel.WHATSAPP)
    return (word.state if word else None, is_suppressed(number, channel=Channel.WHATSAPP))


STOPPED, STARTED = (Consent.State.WITHDRAWN, True), (Consent.State.GIVEN, False)


def test_a_second_no_after_a_start_counts_and_an_old_one_told_again_does_not(kettle, sent, call):
    sender, contact, note = sent
    first, second = status(note, "failed", minutes=-60, code=131050), status(note, "failed", minutes=29, code=131050)

    def end_of(tree):
        call(sender, tree)
        with working_in(kettle):
            return stands(contact)

    assert end_of(told(statuses=[first])) == STOPPED
    assert end_of(told(messages=[written("START", "wamid.s1", minutes_ago=20)])) == STARTED
    assert end_of(told(statuses=[first])) == STARTED
    assert end_of(told(statuses=[second])) == STOPPED
    assert end_of(told(statuses=[first, second])) == STOPPED
    with working_in(kettle):
        assert Consent.objects.filter(contact=contact, channel=Channel.WHATSAPP, topic=None).count() == 3


def test_a_no_that_is_first_told_late_ends_no_yes_that_they_said_after_it(kettle, sent, call):
    """What a file says of them is no word of theirs."""
    sender, contact, note = sent
    late = status(note, "failed", code=131050)
    with working_in(kettle):
        yes = {"wording": "Yes", "page": "https://kettle.example/", "at": now() - timedelta(minutes=20)}
        give_consent(contact, topic=letter(), channel=Channel.WHATSAPP, **yes)
        of_a_file = chatting(TWO, asked=False)
        give_all([(of_a_file.pk, None, None)], topic=letter(), channel=Channel.WHATSAPP, source="import 7")

    call(sender, told(statuses=[late, late | {"recipient_id": TWO[1:]}]))

    with working_in(kettle):
        assert stands(contact) == (None, False)
        assert stands(of_a_file, TWO) == STOPPED


def test_many_noes_of_one_call_take_as_many_statements_as_one(inside, django_assert_num_queries):
    people = {f"+49152000001{at:02}": chatting(f"+49152000001{at:02}") for at in range(50)}
    moments = dict.fromkeys(people, now() + timedelta(minutes=1))
    hear_stops(dict([moments.popitem()]))
    with CaptureQueriesContext(connection) as one:
        hear_stops(dict([moments.popitem()]))

    with django_assert_num_queries(len(one)):
        hear_stops(moments)

    assert all(is_suppressed(number, channel=Channel.WHATSAPP) for number in people)


TELLING = st.lists(
    st.sampled_from([("sent", 0), ("delivered", 0), ("read", 0), ("failed", 131026), ("failed", 131049)]),
    min_size=1,
    max_size=5,
    unique=True,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(told_once=TELLING, data=st.data())
def test_any_order_and_any_repeats_give_the_same_end(kettle, sent, told_once, data):
    sender, contact, note = sent
    calls = [status(note, state, minutes=no, code=code) for no, (state, code) in enumerate(told_once)]

    def end_of(order):
        with working_in(kettle):
            Delivery.objects.update(**dict.fromkeys(SEEN[1:6]), answer="", state=Delivery.State.SENT)
            for one in order:
                take_call(sender, json.dumps(told(statuses=[one])).encode())
            return Delivery.objects.values_list("delivered_at", "soft_bounced_at", "answer", "state").get(
                contact=contact
            )

    repeats = data.draw(st.lists(st.sampled_from(calls), max_size=4))
    mixed = data.draw(st.permutations([*calls, *repeats]))
    assert end_of(mixed) == end_of(calls)


@pytest.mark.parametrize("word", ["STOP", "abmelden", "Stopp!"])
def test_stop_is_a_no_to_whatsapp_and_an_old_one_ends_no_later_yes(kettle, sent, call, word):
    sender, contact, _note = sent

    for _ in range(3):
        call(sender, told(messages=[written(word)]))

    with working_in(kettle):
        no = Consent.objects.get(contact=contact, channel=Channel.WHATSAPP, state=Consent.State.WITHDRAWN)
        assert (no.source, Touchpoint.objects.get(pk=no.touchpoint_id).payload["text"]) == ("whatsapp", word)
        assert is_suppressed(ONE, channel=Channel.WHATSAPP)
        assert not is_suppressed(ONE, channel=Channel.MOBILE)
    call(sender, told(messages=[written("Start", "wamid.in2")]))
    call(sender, told(messages=[written(word)]))
    with working_in(kettle):
        assert not is_suppressed(ONE, channel=Channel.WHATSAPP)


def test_what_somebody_writes_is_on_their_timeline_once_and_opens_their_window(kettle, sent, call):
    sender, contact, _note = sent
    older = written("Earlier", "wamid.in0", minutes_ago=300)

    for message in (written("When does it come?"), older, written("When does it come?")):
        assert call(sender, told(messages=[message])).json() == {"taken": 1, "unknown": 0}

    with working_in(kettle):
        facts = Touchpoint.objects.filter(contact_id=contact.pk, kind=33, channel=Channel.WHATSAPP)
        assert sorted(one.payload["text"] for one in facts) == ["Earlier", "When does it come?"]
        window = WhatsAppWindow.objects.get(sender=sender, number=ONE)
        assert window.last_at > now() - timedelta(minutes=6)
        started(chat_campaign(sender, body="On Friday."))
        plan_due(kettle)
        send_due(kettle)
        assert Delivery.objects.filter(state=Delivery.State.SENT).count() == 2


@pytest.mark.parametrize(
    ("message", "text"),
    [
        ({"type": "button", "button": {"text": "Yes"}}, "Yes"),
        ({"type": "interactive", "interactive": {"button_reply": {"title": "Tell me more"}}}, "Tell me more"),
        ({"type": "image", "image": {"caption": "My kettle"}}, "My kettle"),
        ({"type": "audio", "audio": {"id": "1"}}, "[audio]"),
    ],
)
def test_other_kinds_of_messages_are_told_in_words(kettle, sent, call, message, text):
    sender, contact, _note = sent
    plain = written("x")
    del plain["text"]

    call(sender, told(messages=[plain | message]))

    with working_in(kettle):
        assert Touchpoint.objects.get(contact_id=contact.pk, kind=33).payload["text"] == text


def test_strangers_open_no_window_and_become_nobody(kettle, sent, call):
    sender, *_ = sent
    with working_in(kettle):
        before = Contact.objects.count()

    call(sender, told(messages=[written("Hi", "wamid.x", number="4915299999999"), written("STOP", "y", number="junk")]))

    with working_in(kettle):
        assert (Contact.objects.count(), WhatsAppWindow.objects.count()) == (before, 0)


@pytest.mark.parametrize(
    "tree",
    [[], {}, {"entry": 7}, {"entry": [{"changes": [{"value": []}]}]}, told(statuses=[None, {}, {"status": 7}]),
     told(messages=[None, {}, {"id": [], "from": {}}]), {"entry": [None, {"changes": {"a": 1}}]}],
)  # fmt: skip
def test_whatever_a_proven_call_holds_is_no_trouble(kettle, sent, call, tree):
    assert call(sent[0], tree).status_code == 200


def test_what_is_no_json_is_refused(client, kettle, sent):
    import hmac

    seal = hmac.digest(b"app-secret", b"{", "sha256").hex()
    path = urlsplit(hook_address(kettle.pk, sent[0].pk)).path
    answer = client.post(path, b"{", content_type="application/json", headers={"X-Hub-Signature-256": f"sha256={seal}"})

    assert answer.status_code == 400


def test_the_newest_word_on_a_template_counts_in_any_order(kettle, sent, call):
    sender, *_ = sent
    start = datetime(2026, 11, 1, tzinfo=UTC)
    words = [("PAUSED", int(start.timestamp()), "NONE"), ("APPROVED", int(start.timestamp()) + 60, "NONE"),
             ("REJECTED", int(start.timestamp()) + 120, "ABUSIVE_CONTENT")]  # fmt: skip

    for order in permutations(words):
        with working_in(kettle):
            WhatsAppTemplate.objects.update(state="APPROVED", heard_at=start - timedelta(days=1))
        for one in order:
            call(sender, template_told(*one))
        with working_in(kettle):
            found = WhatsAppTemplate.objects.get()
            assert (found.state, found.said) == ("REJECTED", "Abusive content")


def test_a_campaign_on_its_way_stops_when_its_template_is_paused_and_passes_nobody_over(kettle, sent, call):
    sender, *_ = sent
    with working_in(kettle):
        chatting("+4915200000007")
        going, other = started(chat_campaign(sender)), started(chat_campaign(sender, body="Free text"))
        plan_due(kettle)

    call(sender, template_told("PAUSED", int(now().timestamp()) + 60))

    with working_in(kettle):
        send_due(kettle)
        stopped, free = again(going).message, again(other).message
        assert (stopped.state, "spring_offer" in stopped.state_reason) == ("paused", True)
        assert free.state != "paused"
        assert not Delivery.objects.filter(message=stopped, reason="template_state").exists()


@pytest.mark.parametrize("listed", [[SPRING], []])
def test_what_is_heard_while_the_templates_are_read_stands(kettle, sent, call, monkeypatch, listed):
    """The list left WhatsApp before its news did, and is kept after it."""
    sender, *_ = sent
    meta = Meta()
    meta.pages = [listed]

    def fetch_and_hear(*args, **facts):
        answer = safe_fetch(*args, **facts)
        call(sender, template_told("PAUSED", int(now().timestamp())))
        return answer

    with working_in(kettle):
        sender.settings |= {"endpoint": meta.url}
        sender.save()
        ask_templates(sender)
    monkeypatch.setattr(templates, "safe_fetch", fetch_and_hear)
    refresh_due(kettle)

    with working_in(kettle):
        found = WhatsAppTemplate.objects.get()
        assert (found.state, found.footer) == ("PAUSED", "STOP beendet es")
        keep_templates(sender, listed, as_of=now() + timedelta(seconds=2))
        assert [one.state for one in WhatsAppTemplate.objects.all()] == ["APPROVED"] * len(listed)
    meta.close()


def test_one_address_serves_all_numbers_of_the_account(kettle, sent, call):
    sender, _contact, note = sent
    with working_in(kettle):
        other = make_whatsapp_sender("http://127.0.0.1:1", phone_number_id="777777")
        foreign = make_whatsapp_sender("http://127.0.0.1:1", phone_number_id="888888", account_id="9999999")

    assert call(other, told(statuses=[status(note, "delivered")])).json() == {"taken": 1, "unknown": 0}
    assert call(foreign, told(statuses=[status(note, "read")])).json() == {"taken": 0, "unknown": 1}
    assert call(sender, told(statuses=[status(note, "sent")], number="1")).json() == {"taken": 0, "unknown": 1}
    assert sender.settings["account_id"] == ACCOUNT
