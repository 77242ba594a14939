"""Webhooks: each event signed, at least once, tried for three days, off when nobody takes it, once more by hand."""

import base64
import hmac
import itertools
import json
import threading
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import time_machine

from contacts.editing import create_contact
from lib.standard_webhooks import sign
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import AgendaItem, AuditEntry, WebhookDelivery, WebhookEndpoint
from workspaces.webhooks import delivering
from workspaces.webhooks.connecting import add_webhook
from workspaces.webhooks.delivering import PAUSES, deliver_webhooks

pytestmark = pytest.mark.django_db
START = datetime(2026, 5, 4, 12, tzinfo=UTC)


class Shop:
    """A server that takes events, or answers what it is told to."""

    def __init__(self):
        self.status, self.taken, self.per_path, self.says = 200, [], {}, b""
        shop = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                shop.taken.append((self.path, self.headers, body))
                self.send_response(shop.per_path.get(self.path, shop.status))
                self.send_header("Content-Length", str(len(shop.says)))
                self.end_headers()
                with suppress(OSError):
                    self.wfile.write(shop.says)

            def log_message(self, *_args):
                """Silence."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    def url(self, path="/hook"):
        return f"http://127.0.0.1:{self.server.server_port}{path}"


@pytest.fixture
def shop(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    made = Shop()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def hook(kettle, shop):
    with working_in(kettle):
        made, secret = add_webhook("Shop", shop.url(), ["contact.changed"], by=None)
    made.clear = secret
    return made


@contextmanager
def at(moment):
    with time_machine.travel(moment, tick=False) as clock:
        yield clock


def happen(kettle, name="Greta"):
    with working_in(kettle):
        return create_contact(by=None, name=name).pk


def deliveries(kettle):
    with working_in(kettle):
        return list(WebhookDelivery.objects.order_by("pk").select_related("endpoint"))


def test_an_event_is_sent_signed_and_once(kettle, shop, hook):
    pk = happen(kettle)
    assert AgendaItem.objects.filter(workspace=kettle, work="workspaces.deliver_webhooks").exists()

    due = deliver_webhooks(kettle)
    deliver_webhooks(kettle)

    [(path, headers, body)] = shop.taken
    said = json.loads(body)
    assert (path, said["type"], said["data"]) == ("/hook", "contact.changed", {"contact_ids": [pk]})
    assert datetime.fromisoformat(said["timestamp"])
    name, moment = headers["Webhook-Id"], int(headers["Webhook-Timestamp"])
    assert headers["Webhook-Signature"] == sign(hook.clear, name, moment, body)
    assert due is None
    assert [(one.state, one.attempts, one.status) for one in deliveries(kettle)] == [("delivered", 1, 200)]


def test_what_it_answers_beside_its_status_is_all_the_same(kettle, shop, hook):
    shop.says = b"<p>Thank you</p>" * 100_000
    happen(kettle)

    deliver_webhooks(kettle)

    assert [(one.state, one.error) for one in deliveries(kettle)] == [(WebhookDelivery.State.DELIVERED, "")]


def test_its_signature_is_that_of_the_specification(kettle, shop, hook):
    """Counted here by hand, from the text of Standard Webhooks."""
    happen(kettle)
    deliver_webhooks(kettle)

    ((_path, head, body),) = shop.taken
    key = base64.b64decode(hook.clear.removeprefix("whsec_"))
    signed = f"{head['webhook-id']}.{head['webhook-timestamp']}.{body.decode()}".encode()
    mac = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    assert head["webhook-signature"].split(" ") == [f"v1,{mac}"]
    assert 24 <= len(key) <= 64
    assert "." not in head["webhook-id"]


def test_only_what_it_wants_and_only_from_now_on(kettle, shop):
    happen(kettle, "Before")
    with working_in(kettle):
        add_webhook("Shop", shop.url(), ["segment.left"], by=None)
        add_webhook("ERP", shop.url("/erp"), ["contact.changed"], by=None)
    pk = happen(kettle, "After")

    deliver_webhooks(kettle)

    assert [(path, json.loads(body)["data"]) for path, _headers, body in shop.taken] == [
        ("/erp", {"contact_ids": [pk]})
    ]


def test_what_fails_is_tried_again_for_three_days_under_one_id_then_it_is_switched_off(kettle, shop, hook):
    shop.status = 500
    with at(START) as clock:
        happen(kettle)
        moments = []
        for _try in range(20):
            moments.append(datetime.now(UTC))
            deliver_webhooks(kettle)
            [one] = deliveries(kettle)
            if one.endpoint.disabled_at or one.state != "waiting":
                break
            clock.move_to(one.due_at)

    assert [later - earlier for earlier, later in itertools.pairwise(moments)] == list(PAUSES)[: len(moments) - 1]
    assert timedelta(days=3) <= moments[-1] - START < timedelta(days=4)
    assert len({headers["Webhook-Id"] for _path, headers, _body in shop.taken}) == 1
    assert "three days" in one.endpoint.disabled_reason
    assert "500" in one.endpoint.disabled_reason
    count = len(shop.taken)
    happen(kettle, "Later")
    deliver_webhooks(kettle)
    assert len(shop.taken) == count


def test_one_that_works_again_forgets_that_it_failed(kettle, shop, hook):
    shop.status = 503
    with at(START) as clock:
        happen(kettle)
        deliver_webhooks(kettle)
        assert deliveries(kettle)[0].endpoint.failing_since == START
        shop.status = 204
        clock.shift(5)
        assert deliver_webhooks(kettle) is None

    [one] = deliveries(kettle)
    assert (one.state, one.attempts, one.endpoint.failing_since) == ("delivered", 2, None)


def test_an_address_that_is_gone_is_switched_off_at_once(kettle, shop, hook):
    shop.status = 410
    happen(kettle)

    deliver_webhooks(kettle)

    with working_in(kettle):
        assert "410" in WebhookEndpoint.objects.get().disabled_reason
        assert AuditEntry.objects.filter(action="webhook.disabled").exists()


def test_a_long_queue_of_one_that_fails_holds_up_nobody(kettle, shop, hook, monkeypatch):
    monkeypatch.setattr(delivering, "A_ROUND", 2)
    for n in range(3):
        happen(kettle, f"Before {n}")
    with working_in(kettle):
        add_webhook("ERP", shop.url("/erp"), ["contact.changed"], by=None)
    shop.per_path["/hook"] = 500
    happen(kettle, "After")

    deliver_webhooks(kettle)

    assert [path for path, _headers, _body in shop.taken] == ["/hook", "/erp"]


def test_a_failing_address_is_asked_once_a_round_and_holds_up_nobody(kettle, shop, hook):
    with working_in(kettle):
        add_webhook("ERP", shop.url("/erp"), ["contact.changed"], by=None)
    shop.per_path["/hook"] = 500
    for n in range(3):
        happen(kettle, f"P{n}")

    with at(START + timedelta(days=365)):
        due = deliver_webhooks(kettle)
        assert due > datetime.now(UTC)

    paths = [path for path, _headers, _body in shop.taken]
    assert (paths.count("/hook"), paths.count("/erp")) == (1, 3)


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7/hook", "http://127.0.0.1:5432/", "ftp://shop.example/", "http://u:p@127.0.0.1/"]
)
def test_an_address_that_we_do_not_connect_to_is_refused(as_ada, kettle, settings, url):
    settings.ECRM_FETCH_LOOPBACK = False

    answer = as_ada.post("/w/kettle/settings/webhooks/", {"name": "X", "url": url, "types": ["contact.changed"]})

    assert answer.status_code == 422
    with working_in(kettle):
        assert WebhookEndpoint.objects.count() == 0


def test_an_address_that_became_private_is_not_sent_to(kettle, shop, hook, settings):
    settings.ECRM_FETCH_LOOPBACK = False
    happen(kettle)

    deliver_webhooks(kettle)

    [one] = deliveries(kettle)
    assert (shop.taken, one.state, one.status) == ([], "waiting", None)
    assert "not a public address" in one.error


# --- The pages -------------------------------------------------------------------------------------------------------


def test_a_webhook_is_added_on_its_page_and_its_secret_is_shown_once(as_ada, kettle, shop):
    page = "/w/kettle/settings/webhooks/"
    made = as_ada.post(page, {"name": "Shop", "url": shop.url(), "types": ["contact.changed", "consent.changed"]})

    assert "whsec_" in made.text
    assert "whsec_" not in as_ada.get(page).text
    assert "Shop" in as_ada.get(page).text
    assert as_ada.post(page, {"name": "Shop", "url": shop.url(), "types": ["moon.rose"]}).status_code == 422


def test_its_page_shows_the_tries_and_sends_one_again(as_ada, kettle, shop, hook):
    shop.status = 500
    happen(kettle)
    deliver_webhooks(kettle)
    page = f"/w/kettle/settings/webhooks/{hook.pk}/"
    shown = as_ada.get(page).text
    assert "It answered 500." in shown
    [one] = deliveries(kettle)
    shop.status = 200

    as_ada.post(f"/w/kettle/settings/webhooks/deliveries/{one.pk}/again/")
    deliver_webhooks(kettle)

    assert [(row.state, row.attempts) for row in deliveries(kettle)] == [("delivered", 1)]
    first, second = (headers["Webhook-Id"] for _path, headers, _body in shop.taken)
    assert first == second


def test_one_that_is_switched_off_catches_up_when_it_is_on_again(as_ada, kettle, shop, hook):
    own = f"/w/kettle/settings/webhooks/{hook.pk}"
    as_ada.post(f"{own}/disable/")
    happen(kettle)
    deliver_webhooks(kettle)
    assert shop.taken == []
    assert "Switched off by hand." in as_ada.get(f"{own}/").text

    as_ada.post(f"{own}/enable/")
    deliver_webhooks(kettle)

    assert len(shop.taken) == 1
    as_ada.post(f"{own}/remove/")
    assert as_ada.get(f"{own}/").status_code == 404
    assert deliveries(kettle) == []


def test_who_may_make_no_keys_sees_no_webhooks(member, as_eve, hook):
    for path in ("webhooks/", f"webhooks/{hook.pk}/"):
        assert member("marketer").get(f"/w/kettle/settings/{path}").status_code == 403
        break
    assert as_eve.get(f"/w/kettle/settings/webhooks/{hook.pk}/").status_code == 404
    assert as_eve.get(f"/w/rival/settings/webhooks/{hook.pk}/").status_code == 404
    assert as_eve.post(f"/w/rival/settings/webhooks/{hook.pk}/remove/").status_code == 404


def test_another_workspaces_events_are_not_sent(kettle, rival, shop, hook):
    machine_of(rival).post("/contacts", {"name": "Eve's"})

    deliver_webhooks(kettle)
    deliver_webhooks(rival)

    assert shop.taken == []
