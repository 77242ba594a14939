"""The demo's gateway for texts: what is answered by SMS is taken, delivered and answered once, and nothing leaves here."""

import threading
import time
from urllib.parse import urlsplit

import pytest
from django.test import Client

from backstage.demo.people import Person
from backstage.demo.text_gateway import ACCOUNT, THANKS, TextGateway, endpoint_for, is_here, seal_of, serve
from backstage.demo.texting import KNOWN, STRANGER, make_texts
from backstage.dev.product import texts_facts
from conversations.answers.handing_over import send_due
from conversations.answers.replying import reply_to
from conversations.models import Connection, Conversation, Mention, Reply
from lib.clock import now
from tests.factories.contacts import make_contact
from workspaces.current import working_in

TOKEN = "a token of the demo"


@pytest.fixture
def clock():
    """Seconds that pass when we say so."""
    return [time.time()]


@pytest.fixture
def gateway(settings, monkeypatch, clock):
    """Listening; what it tells comes to the product without a port of its own."""
    settings.ECRM_FETCH_LOOPBACK = True
    settings.ECRM_URL = "http://127.0.0.1:8000"
    server = serve(0, TOKEN, lambda: clock[0])
    answers = []

    def call(url, fields):
        head = {"X-Twilio-Signature": seal_of(TOKEN, url, fields)}
        answers.append(Client().post(urlsplit(url).path, fields, headers=head).status_code)

    server.gateway.call = call
    server.answers = answers
    server.service_actions = lambda: None  # it speaks when the test says so
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    monkeypatch.setenv("ECRM_TEXTS_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("ECRM_TEXTS_TOKEN", TOKEN)
    yield server
    server.shutdown()
    server.server_close()


def test_the_whole_loop_they_write_we_answer_it_is_delivered_they_answer_once(kettle, ada, gateway, clock):
    with working_in(kettle):
        greta = make_contact("Greta")
        make_texts([Person(greta, [], now(), 1.0, 0.0, 0.0, None)], now(), ada)
        asked = Mention.objects.get(author__handle=KNOWN)
        assert asked.author.contact_id == greta.pk
        assert Mention.objects.filter(author__handle=STRANGER, author__contact=None).exists()
        assert Connection.objects.get(network="sms").name == "Demo gateway for texts (echo)"
        reply_to(asked, "It is: it should be there on Thursday.", by=ada)
    send_due(kettle)

    (sent,) = gateway.gateway.sent
    assert (sent["to"], sent["body"]) == (KNOWN, "It is: it should be there on Thursday.")
    with working_in(kettle):
        assert Reply.objects.get().state == "sent"
    clock[0] += 60
    gateway.gateway.tell_due()

    assert gateway.answers == [200, 200]  # delivered, and answered: both proven by the signature
    with working_in(kettle):
        talk = Conversation.objects.get(pk=asked.conversation_id)
        assert (talk.state, talk.mentions.order_by("-pk").first().text) == ("waiting", THANKS)
        reply_to(talk.mentions.order_by("-pk").first(), "Good.", by=ada)
    send_due(kettle)
    clock[0] += 60
    gateway.gateway.tell_due()
    with working_in(kettle):
        assert Mention.objects.filter(text=THANKS).count() == 1  # the second answer is met with silence


def test_it_calls_nobody_but_this_machine():
    called, moment = [], [0.0]
    gateway = TextGateway(TOKEN, lambda url, _fields: called.append(url), lambda: moment[0])

    for told in ("https://api.twilio.example/x", "http://10.0.0.1/x", "http://[", "", "http://127.0.0.1.evil.example/"):
        assert gateway.take(told, {"To": KNOWN, "Body": "x", "StatusCallback": told})[0] == 201
    assert gateway.take("http://127.0.0.1:8000/in", {"To": STRANGER, "Body": "x"})[0] == 201
    moment[0] = 100.0
    gateway.tell_due()

    assert called == ["http://127.0.0.1:8000/in"]
    assert is_here("http://localhost/x")


@pytest.mark.parametrize(
    ("fields", "status"),
    [({"To": "x", "Body": "x"}, 400), ({"To": KNOWN}, 400), ({"To": KNOWN, "Body": "x" * 1601}, 400)],
)
def test_what_twilio_would_refuse_it_refuses(fields, status):
    assert TextGateway(TOKEN, lambda *_one: None).take("", fields)[0] == status


def test_it_knows_one_account_and_one_key(gateway):
    import httpx

    url = f"http://127.0.0.1:{gateway.server_port}"
    good = f"{endpoint_for(url, 'http://127.0.0.1/in')}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    said = {"To": KNOWN, "Body": "Hello"}

    with httpx.Client(trust_env=False) as api:
        assert api.post(good, data=said).status_code == 401
        assert api.post(good, data=said, auth=(ACCOUNT, "x")).status_code == 401
        assert api.post(f"{url}/elsewhere", data=said, auth=(ACCOUNT, TOKEN)).status_code == 404
        assert api.post(good, data=said, auth=(ACCOUNT, TOKEN)).status_code == 201
        listed = api.get(good, params={"To": KNOWN}, auth=(ACCOUNT, TOKEN)).json()["messages"]
    assert [one["body"] for one in listed] == ["Hello"]


def test_its_port_and_token_are_kept_and_only_a_demo_has_them(tmp_path):
    demo = {"ECRM_DEMO": "1", "ECRM_FETCH_LOOPBACK": "1"}
    first = texts_facts(tmp_path, demo)

    assert first["ECRM_TEXTS_URL"].startswith("http://127.0.0.1:")
    assert texts_facts(tmp_path, demo) == first
    assert texts_facts(tmp_path, demo | {"ECRM_DEMO": "0"}) == {}


def test_without_a_gateway_the_demo_has_no_sender_of_texts(inside, ada, monkeypatch):
    monkeypatch.delenv("ECRM_TEXTS_URL", raising=False)
    assert make_texts([], now(), ada) is None
