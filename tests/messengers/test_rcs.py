"""RCS: what is asked of Google, an id that makes twice once, and what its webhook tells."""

import json
import threading
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.planning import plan_due
from consent.models import Consent
from consent.suppressing import is_suppressed
from contacts.channels import Channel
from delivery.engine.sending import send_due
from delivery.messengers.protocol import Recipient
from delivery.models import Delivery, Message, Sender, Trial
from delivery.senders import messenger_of
from delivery.test_sends import ask_trial, send_trials
from lib.clock import now
from lib.connections.kept_lines import KeptLines
from messengers.keyring import keys_of
from messengers.rcs.accounts import SCOPE, ServiceAccount
from messengers.rcs.addresses import hook_address
from messengers.rcs.hearing import take_call
from messengers.rcs.ids import is_id_of, message_uuid
from messengers.rcs.payloads import split_suggestions
from tests.closing import with_none_open
from tests.delivery.test_ways_out import Watch
from tests.factories.campaigns import started
from tests.messengers.google import (
    AGENT,
    CLIENT_TOKEN,
    Google,
    check_assertion,
    key_file,
    make_rcs_sender,
    private_key,
    signed,
)
from tests.messengers.meta import chat_campaign, chatting
from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint
from workspaces.current import working_in

State = Delivery.State
ONE, TWO = "+4915200000001", "+4915200000002"
TEXT = """Hi {{ contact.first_name | default: "you" }}, the box is here.

- [See the box](https://kettle.example/box)
- Tell me more
"""


HALF_AN_HOUR_AGO = now()  # of each test, once: the same word is told with the same moment


@pytest.fixture(autouse=True)
def half_an_hour_ago(monkeypatch):
    monkeypatch.setitem(globals(), "HALF_AN_HOUR_AGO", now() - timedelta(minutes=30))


@pytest.fixture
def google():
    found = Google()
    yield found
    found.close()


@pytest.fixture
def sender(inside, google):
    return make_rcs_sender(google.url)


def someone(number=ONE):
    return chatting(number, channel=Channel.RCS)


def rich(sender, **facts):
    return chat_campaign(sender, **({"body": TEXT} | facts))


def test_a_message_is_asked_for_as_google_documents_it(inside, google, sender, send):
    reader = someone()

    campaign = send(rich(sender))

    (asked,) = google.asked
    name = message_uuid(inside.pk, campaign.message_id, reader.pk, 0)
    assert (asked.path, asked.query) == (f"/v1/phones/{ONE}/agentMessages", {"messageId": name, "agentId": AGENT})
    assert asked.headers["Authorization"] == "Bearer token-1"
    content = asked.tree["contentMessage"]
    link, reply = content["suggestions"]
    assert content["text"] == "Hi Greta, the box is here."
    assert "/c/" in link["action"]["openUrlAction"]["url"]
    assert (link["action"]["text"], link["action"]["postbackData"]) == ("See the box", "1:See the box")
    assert reply == {"reply": {"text": "Tell me more", "postbackData": "2:Tell me more"}}
    assert Delivery.objects.get(state=State.SENT).contact_id == reader.pk


def test_google_lets_us_in_by_a_signed_word_and_once_for_all(inside, google, sender, send):
    for at in range(12):
        someone(f"+49152000000{at:02}")

    send(rich(sender))

    (asked,) = google.tokens
    claims = check_assertion(asked["assertion"])
    assert asked["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assert (claims["iss"], claims["scope"], claims["aud"]) == ("rcs@kettle.example", SCOPE, f"{google.url}/token")
    assert claims["exp"] - claims["iat"] == 3600
    assert len(google.asked) == 12


def test_a_token_is_kept_until_shortly_before_its_end(google, settings):
    settings.ECRM_FETCH_LOOPBACK = True
    moment = [1_000_000.0]
    account = ServiceAccount("a@b.example", private_key(), f"{google.url}/token", clock=lambda: moment[0])

    found = []
    for passed in (0, 3_400, 200, 10):
        moment[0] += passed
        found.append(account.token(seconds=5))

    assert found == ["token-1", "token-1", "token-2", "token-2"]


def test_a_line_that_broke_is_asked_again_with_the_same_id_and_that_settles_it(inside, google, sender, send):
    someone()
    google.cuts[ONE] = 1

    send(rich(sender))

    assert len(google.asked) == 2
    assert len({one.query["messageId"] for one in google.asked}) == 1
    assert len(google.taken) == 1
    assert Delivery.objects.get().state == State.SENT


def test_a_phone_without_rcs_gets_nothing_and_its_number_is_well(inside, google, sender, send):
    reader, other = someone(), someone(TWO)
    google.answers = {ONE: (404, {"error": {"code": 404, "status": "NOT_FOUND"}})}

    campaign = send(rich(sender))

    rows = {row.contact_id: (row.state, row.reason) for row in Delivery.objects.all()}
    assert rows == {reader.pk: (State.EXCLUDED, "no_rcs"), other.pk: (State.SENT, "")}
    assert not is_suppressed(ONE, channel=Channel.RCS)
    assert campaign.message.state == Message.State.SENT


@pytest.mark.parametrize("always", [(401, {}), (403, {"error": {"status": "PERMISSION_DENIED"}})])
def test_trouble_with_our_account_fails_nobody(inside, google, sender, send, always):
    someone()
    google.always = always

    campaign = send(rich(sender))

    assert (campaign.message.state, Delivery.objects.get().state) == (Message.State.PAUSED, State.QUEUED)


def test_an_account_that_cannot_be_read_stops_before_anybody_is_begun(inside, google, send):
    from delivery.senders import keep_secret

    someone()
    sender = make_rcs_sender(google.url)
    keep_secret(sender, "{}")

    campaign = send(rich(sender))

    assert (campaign.message.state, Delivery.objects.get().state) == (Message.State.PAUSED, State.QUEUED)


def test_eight_at_once_share_the_lines_that_are_closed_at_the_end(inside, google, sender, send, monkeypatch):
    made, closed = [], []

    class Counted(KeptLines):
        def __init__(self, *args, **facts):
            made.append((self, threading.current_thread()))
            super().__init__(*args, **facts)

        def close(self):
            closed.append(self)
            super().close()

    monkeypatch.setattr("messengers.http.provider.KeptLines", Counted)
    for at in range(8):
        someone(f"+491520000000{at}")

    send(rich(sender), slices=1)

    ((lines, thread),) = made
    assert (closed, thread) == ([lines], threading.main_thread())
    assert len(google.asked) == 8


def test_messages_leave_while_no_workspace_is_open(inside, google, sender):
    messenger = messenger_of(sender)
    run = messenger.prepare(inside, rich(sender).message)

    outcomes = with_none_open(
        lambda: [str(one.kind) for _to, one in run.send(iter([Recipient(1, 0, ONE, 1, {"contact": {}})]), Watch())]
    )

    assert outcomes == ["accepted"]
    with_none_open(messenger.close)


def test_a_test_goes_to_the_number_that_was_entered(inside, google, ada):
    ask_trial(make_rcs_sender(google.url, test_number=TWO), by=ada)
    send_trials(inside)

    assert Trial.objects.get().state == Trial.State.SENT
    assert google.asked[0].to == TWO


def test_an_id_is_a_uuid_of_that_message_alone():
    name = message_uuid(1, 2, 3, 4)

    assert (UUID(name).version, str(UUID(name))) == (8, name)
    assert is_id_of(name, 1, 2, 3, 4)
    assert not any(is_id_of(name, *other) for other in ((2, 2, 3, 4), (1, 3, 3, 4), (1, 2, 4, 4), (1, 2, 3, 5)))


@pytest.mark.parametrize(
    ("text", "words", "labels"),
    [
        ("Hello", "Hello", []),
        ("Hello\n\n- Yes\n- No", "Hello", ["Yes", "No"]),
        ("- a\n\nHello", "- a\n\nHello", []),
        ("Hi\n- https://x.example/a", "Hi", ["https://x.example/a"]),
        ("- only", "", ["only"]),
    ],
)
def test_the_list_at_the_end_becomes_buttons(text, words, labels):
    found, suggestions = split_suggestions(text)

    assert (found, [one.label for one in suggestions]) == (words, labels)


def test_a_sender_is_made_on_its_page_and_its_keys_are_sealed(as_ada, kettle, google, settings):
    settings.ECRM_FETCH_LOOPBACK = True
    facts = {
        "name": "Rich", "agent_id": AGENT, "secret": key_file(f"{google.url}/token"), "client_token": "c-1",
        "price": "0.06", "test_number": "", "per_second": 10, "connections": 4,
    }  # fmt: skip
    new = "/w/kettle/campaigns/senders/new/?kind=rcs"
    assert as_ada.get(new).status_code == 200
    assert as_ada.post(new, facts | {"secret": "{}"}).status_code == 422
    assert as_ada.post(new, facts | {"secret": key_file("file:///etc/passwd")}).status_code == 422
    assert as_ada.post(new, facts).status_code == 302

    with working_in(kettle):
        sender = Sender.objects.get()
        assert keys_of(sender)["client_token"] == "c-1"
        assert "PRIVATE" not in str(sender.settings) + str(bytes(sender.sealed_secret))
    page = as_ada.get(f"/w/kettle/campaigns/senders/{sender.pk}/").text
    assert "/chats/rcs/" in page
    assert "PRIVATE" not in page


def test_the_preview_shows_the_buttons_and_the_price(as_ada, kettle, google):
    with working_in(kettle):
        sender = make_rcs_sender(google.url)
        someone()
        campaign = rich(sender)

    page = as_ada.get(f"/w/kettle/campaigns/{campaign.pk}/preview/").text
    assert "[ Tell me more ]" in page
    assert "It costs 0.06" in page


@pytest.fixture
def sent(kettle, google):
    """One message that left: (sender, contact, its id)."""
    with working_in(kettle):
        sender, contact = make_rcs_sender(google.url), someone()
        started(rich(sender))
        plan_due(kettle)
        send_due(kettle)
        Delivery.objects.update(sent_at=now() - timedelta(hours=1))
    return sender, contact, google.asked[0].query["messageId"]


@pytest.fixture
def call(client, kettle):
    """`call(sender, news)`: Google's own signed call."""

    def go(sender, news, token=CLIENT_TOKEN):
        return client.post(urlsplit(hook_address(kettle.pk, sender.pk)).path, **signed(news, token))

    return go


def event(kind, name, *, minutes=0, number=ONE):
    at = (HALF_AN_HOUR_AGO + timedelta(minutes=minutes)).isoformat()
    facts = {"senderPhoneNumber": number, "eventType": kind, "eventId": f"e-{kind}", "agentId": AGENT}
    return facts | {"messageId": name, "sendTime": at}


def test_google_makes_sure_that_the_address_is_ours(client, kettle, sent):
    path = urlsplit(hook_address(kettle.pk, sent[0].pk)).path

    def ask(token):
        return client.post(path, json.dumps({"clientToken": token, "secret": "12345"}), content_type="application/json")

    assert (ask(CLIENT_TOKEN).status_code, ask(CLIENT_TOKEN).text) == (200, "12345")
    assert [ask("guess").status_code, ask("").status_code] == [401, 401]


def test_forged_calls_and_addresses_of_others_open_nothing(client, kettle, rival, sent, call):
    sender, _contact, name = sent
    news = event("READ", name)
    path = urlsplit(hook_address(kettle.pk, sender.pk)).path

    assert call(sender, news, token="guess").status_code == 401
    assert client.post(path, **(signed(news) | {"headers": {}})).status_code == 401
    assert client.post(path[:-3] + "AA/", **signed(news)).status_code == 404
    assert client.post(urlsplit(hook_address(rival.pk, sender.pk)).path, **signed(news)).status_code == 404
    assert client.get(path).status_code == 405
    with working_in(rival):
        theirs = make_rcs_sender("http://127.0.0.1:1")
    answer = client.post(urlsplit(hook_address(rival.pk, theirs.pk)).path, **signed(news))
    assert answer.json() == {"taken": 0, "unknown": 1}
    with working_in(kettle):
        assert Delivery.objects.get().delivered_at is None


def test_delivered_and_read_are_told_a_hundred_times(kettle, sent, call):
    sender, contact, name = sent

    for _ in range(50):
        for kind in ("READ", "DELIVERED"):
            assert call(sender, event(kind, name)).json() == {"taken": 1, "unknown": 0}

    with working_in(kettle):
        row = Delivery.objects.get(contact=contact)
        assert (row.delivered_at is not None, row.opened_at is not None) == (True, True)
        assert Touchpoint.objects.filter(contact_id=contact.pk, kind=KINDS["opened"].code).count() == 1


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(order=st.permutations(["DELIVERED", "READ", "DELIVERED", "IS_TYPING"]))
def test_any_order_gives_the_same_end(kettle, sent, order):
    sender, contact, name = sent
    minutes = {"DELIVERED": 1, "READ": 2, "IS_TYPING": 3}
    with working_in(kettle):
        Delivery.objects.update(delivered_at=None)
        start = now()
        for kind in order:
            at = (start - timedelta(minutes=30 - minutes[kind])).isoformat()
            tree = event(kind, name) | {"sendTime": at}
            take_call(sender, signed(tree)["data"].encode())
        assert Delivery.objects.get(contact=contact).delivered_at == start - timedelta(minutes=29)


@pytest.mark.parametrize(
    "news",
    [{"text": "Stop"}, {"suggestionResponse": {"text": "STOPP", "postbackData": "2:STOPP"}},
     {"eventType": "UNSUBSCRIBE", "eventId": "u1"}],
)  # fmt: skip
def test_stop_is_a_no_to_rcs_alone(kettle, sent, call, news):
    sender, contact, _name = sent
    facts = {"senderPhoneNumber": ONE, "messageId": "in-1", "sendTime": now().isoformat(), "agentId": AGENT}

    for _ in range(3):
        assert call(sender, facts | news).json() == {"taken": 1, "unknown": 0}

    with working_in(kettle):
        no = Consent.objects.get(contact=contact, state=Consent.State.WITHDRAWN)
        assert (no.channel, no.source) == (Channel.RCS, "rcs")
        assert is_suppressed(ONE, channel=Channel.RCS)
        assert not is_suppressed(ONE, channel=Channel.MOBILE)


@pytest.mark.parametrize(
    "news",
    [[], {}, {"eventType": 7}, {"senderPhoneNumber": "junk", "eventType": "READ"}, {"agentId": "another", "text": "STOP"},
     {"senderPhoneNumber": ONE, "eventType": "READ", "messageId": "no-uuid"}],
)  # fmt: skip
def test_whatever_a_proven_call_holds_is_no_trouble(kettle, sent, call, news):
    assert call(sent[0], news).json() == {"taken": 0, "unknown": 1}


def test_what_cannot_be_read_is_refused(client, kettle, sent, call):
    assert call(sent[0], b"{").status_code == 400
    path = urlsplit(hook_address(kettle.pk, sent[0].pk)).path
    assert client.post(path, "{", content_type="application/json", headers={"X-Goog-Signature": "x"}).status_code == 400
