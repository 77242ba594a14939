"""A webhook behind the Protocol, and what leaves for one person. What holds by every messenger: test_every_messenger.py."""

import json
import threading
from collections import Counter
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from delivery.engine.controlling import WrongStateError, approve
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message, Trial
from delivery.test_sends import ask_trial, send_trials
from delivery.transactional.messages import open_standing, send_to_one
from lib.standard_webhooks import BadSecretError, new_secret, sign, signed_headers
from tests.factories.campaigns import make_campaign, make_message, make_webhook_sender
from tests.factories.contacts import make_contact, make_reader
from touchpoints.models import Touchpoint

State = Delivery.State


class Listener:
    """An HTTP server on loopback that keeps what it is sent and answers by rules: address → status."""

    def __init__(self) -> None:
        self.bodies, self.headers, self.answers, self.text = [], [], {}, "{}"
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                raw = self.rfile.read(int(self.headers["Content-Length"]))
                body = json.loads(raw)
                listener.bodies.append(body)
                listener.headers.append((dict(self.headers), raw))
                self.send_response(listener.answers.get(body["to"], 202))
                self.end_headers()
                self.wfile.write(listener.text.encode())

            def log_message(self, *_args):
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/messages"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def counts(self) -> Counter:
        return Counter(body["to"] for body in self.bodies)


@pytest.fixture
def listener(settings, monkeypatch) -> Iterator[Listener]:
    settings.ECRM_FETCH_LOOPBACK = True
    found = Listener()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def hook(inside, listener):
    """A webhook sender and its secret."""
    secret = new_secret()
    return make_webhook_sender(listener.url, secret), secret


def test_a_campaign_goes_out_by_webhook_signed_and_once(inside, hook, listener, send):
    sender, secret = hook
    readers = [make_reader() for _ in range(3)]
    make_contact("Never Asked")

    campaign = send(make_campaign(sender))

    assert listener.counts == Counter({reader.email: 1 for reader in readers})
    assert campaign.message.state == Message.State.SENT
    assert Delivery.objects.filter(state=State.SENT).count() == 3
    assert Touchpoint.objects.filter(kind=1, message_id=campaign.message_id).count() == 3
    headers, raw = listener.headers[0]
    assert headers["webhook-id"] == f"msg_{campaign.message_id}.{listener.bodies[0]['contact']}.0"
    assert headers["webhook-signature"] == sign(secret, headers["webhook-id"], int(headers["webhook-timestamp"]), raw)
    assert "/c/" in listener.bodies[0]["text"]
    assert "/u/" in listener.bodies[0]["unsubscribe"]


@pytest.mark.parametrize(
    ("status", "state", "reason"),
    [(500, State.DEFERRED, "asked_to_wait"), (400, State.FAILED, "refused"), (409, State.DEFERRED, "asked_to_wait")],
)
def test_an_answer_means_the_same_as_by_email(inside, hook, listener, send, status, state, reason):
    reader, other = make_reader(), make_reader()
    listener.answers = {reader.email: status}

    send(make_campaign(hook[0]))

    row = Delivery.objects.get(contact=reader)
    assert (row.state, row.reason) == (state, reason)
    assert Delivery.objects.get(contact=other).state == State.SENT


def test_a_retry_bears_the_same_id(inside, hook, listener, send):
    reader = make_reader()
    listener.answers = {reader.email: 503}
    campaign = send(make_campaign(hook[0]))
    assert "asked us to wait" in campaign.message.state_reason
    listener.answers = {}
    campaign.message.chunks.update(not_before=None)

    send_due(inside)

    assert [headers["webhook-id"] for headers, _raw in listener.headers] == [
        f"msg_{campaign.message_id}.{reader.pk}.0"
    ] * 2
    assert Delivery.objects.get().state == State.SENT


def test_a_server_that_is_not_there_loses_nobody(inside, hook, listener, send):
    make_reader()
    hook[0].settings |= {"url": "http://127.0.0.1:1/"}
    hook[0].save()

    campaign = send(make_campaign(hook[0]))

    assert campaign.message.state == Message.State.PAUSED
    assert Delivery.objects.get().state == State.QUEUED


def test_trying_a_sender_says_the_code_and_nothing_that_was_heard(inside, hook, listener, ada):
    listener.text = "secret of the house"
    ask_trial(hook[0], by=ada)
    assert (ask_trial(hook[0], by=ada).state, listener.bodies) == ("waiting", [])

    send_trials(inside)

    assert [body["test"] for body in listener.bodies] == [True]
    assert Trial.objects.get().said == "Sent to ada@kettle.example; the server took it (202)."
    listener.answers = {"ada@kettle.example": 400}
    ask_trial(hook[0], by=ada)
    send_trials(inside)
    hook[0].refresh_from_db()
    assert hook[0].last_error == "The server refused it (400)."


def test_a_signature_is_the_one_of_the_specification():
    """The example of the Standard Webhooks specification (its libraries' own test vector)."""
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'

    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", body, timestamp=1614265330)

    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    with pytest.raises(BadSecretError):
        sign("whsec_no base64!", "x", 0, b"")


@pytest.fixture
def receipt(inside, sender) -> Message:
    """A standing receipt that needs no consent."""
    message = make_message(sender, purpose="transactional", topic=None, name="Receipt", subject="Your order")
    return open_standing(approve(message, by=None))


def test_a_receipt_goes_to_one_person_once_an_order(inside, room, receipt):
    buyer = make_contact("Greta Lind")

    for order in (501, 502, 501):
        send_to_one(receipt, buyer, occasion=order)
    send_due(inside)
    send_to_one(receipt, buyer, occasion=502)
    send_due(inside)

    assert room.counts == {buyer.email: 2}
    assert sorted(Delivery.objects.values_list("occasion", "state")) == [(501, State.SENT), (502, State.SENT)]
    receipt.refresh_from_db()
    assert receipt.state == Message.State.SENDING
    assert Touchpoint.objects.filter(kind=1, message_id=receipt.pk).count() == 2


def test_a_receipt_passes_the_gate_like_everything(inside, room, receipt):
    from consent.suppressing import suppress

    buyer = make_contact("Greta Lind")
    suppress(buyer.email)

    send_to_one(receipt, buyer, occasion=1)
    send_due(inside)

    assert room.letters == []
    assert Delivery.objects.get().reason == "blocked"


def test_only_a_standing_message_takes_one_more_person(inside, sender):
    with pytest.raises(WrongStateError):
        send_to_one(make_message(sender), make_contact(), occasion=1)
