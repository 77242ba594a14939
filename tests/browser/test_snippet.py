"""The web snippet on somebody else's site, in a real browser."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from contacts.models import Contact, Identity
from touchpoints.models import DayCount, Touchpoint
from workspaces.current import working_in
from workspaces.keys import make_key

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def visit(page_at, live_server, kettle):
    """`visit(consent=…)`: a page of the shop, on a server of its own, that carries the snippet."""
    with working_in(kettle):
        key = make_key("browser", "Shop site")[1]
    shop = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    threading.Thread(target=shop.serve_forever, args=(0.01,), daemon=True).start()

    def open_shop(consent: str = ""):
        shop.page = (
            "<!doctype html><title>Tea</title>"
            f'<script src="{live_server.url}/t/ecrm.js" data-key="{key}" data-consent="{consent}"></script>'
        ).encode()
        page = page_at(user=None)
        page.goto(f"http://127.0.0.1:{shop.server_port}/tea?utm_source=letter")
        return page

    yield open_shop
    shop.shutdown()
    shop.server_close()


class Shop(BaseHTTPRequestHandler):
    """Somebody else's site."""

    def do_GET(self):
        self.send_response(200 if self.path != "/favicon.ico" else 204)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        if self.path != "/favicon.ico":
            self.wfile.write(self.server.page)

    def log_message(self, *words):
        """Say nothing."""


def settle(page) -> None:
    with page.expect_response(lambda one: one.url.endswith("/v1/batch")):
        page.evaluate("ecrm.flush()")


def test_a_visit_and_a_name_land_on_one_timeline(visit, kettle):
    page = visit()
    page.evaluate("ecrm.identify('K-7', {email: 'ina@example.org', name: 'Ina'})")
    page.evaluate("ecrm.track('Shop Visit', {place: 'Haga'})")
    settle(page)

    with working_in(kettle):
        contact = Contact.objects.get()
        kinds = sorted(Touchpoint.objects.values_list("kind", flat=True))
        first = Touchpoint.objects.get(kind=10)
        verified = set(Identity.objects.values_list("verified_at", flat=True))
    assert (contact.name, kinds) == ("Ina", [10, 12, 22])
    assert first.payload["context"]["campaign"] == {"source": "letter"}
    assert verified == {None}, "what a browser claims proves nothing"


def test_without_consent_nothing_is_kept_and_with_it_the_visitor_is_known_again(visit, kettle):
    page = visit(consent="required")
    settle(page)
    with working_in(kettle):
        assert (Contact.objects.count(), Touchpoint.objects.count()) == (0, 0)
        assert DayCount.objects.get().count == 1
    assert page.evaluate("localStorage.length") == 0

    page.evaluate("ecrm.consent(true)")
    for _twice in range(2):
        page.evaluate("ecrm.page()")
        settle(page)
    with working_in(kettle):
        assert (Contact.objects.count(), Touchpoint.objects.count()) == (1, 2)


@pytest.mark.parametrize("status", [429, 503])
def test_what_a_busy_server_did_not_take_is_sent_again_by_itself(visit, kettle, problems, status):
    page = visit()
    settle(page)
    page.clock.install()
    page.route("**/v1/batch", lambda route: route.fulfill(status=status, headers={"Access-Control-Allow-Origin": "*"}))
    page.evaluate("ecrm.track('Shop Visit', {place: 'Haga'})")
    with page.expect_response(lambda one: one.status == status):
        page.evaluate("ecrm.flush()")
    page.unroute("**/v1/batch")

    with page.expect_response(lambda one: one.url.endswith("/v1/batch") and one.status == 200):
        page.clock.fast_forward(10_500)

    with working_in(kettle):
        assert Touchpoint.objects.filter(kind=22).count() == 1
    assert problems
    problems.clear()  # the refusal we made up
