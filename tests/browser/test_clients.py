"""Other people's browser clients, from npm, on a page of another origin: only their addresses are changed."""

import os
import shutil
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from contacts.models import Contact, Identity
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.keys import make_key

pytestmark = pytest.mark.django_db(transaction=True)

PACKAGES = {"@segment/analytics-next": "1.84.3", "@rudderstack/analytics-js": "3.34.1"}
KEPT = Path(os.environ.get("ECRM_VAR", Path(__file__).parent.parent.parent / "var")) / "browser-clients"
SEGMENT = """
  <script src="/@segment/analytics-next/dist/umd/index.js"></script>
  <script>
    var client = AnalyticsNext.AnalyticsBrowser.load({writeKey: "KEY", cdnURL: "DOOR"});
    var said = Promise.all([
      client.page("Tea", {shelf: "green"}),
      client.identify("K-7", {email: "ina@example.org", name: "Ina"}),
      client.track("Order Completed", {revenue: 20, currency: "EUR"}),
    ]);
  </script>"""
RUDDER = """
  <script src="/@rudderstack/analytics-js/dist/npm/modern/bundled/umd/index.js"></script>
  <script>
    var client = new rudderanalytics.RudderAnalytics();
    client.load("KEY", "DOOR", {configUrl: "DOOR/v1", logLevel: "ERROR"});
    client.page("Tea", {shelf: "green"});
    client.identify("K-7", {email: "ina@example.org", name: "Ina"});
    client.track("Order Completed", {revenue: 20, currency: "EUR"});
    var said = Promise.resolve();
  </script>"""


@pytest.fixture(scope="session")
def clients() -> Path:
    """The packages as npm brings them, kept under var/ for the next time."""
    folder = KEPT / "-".join(PACKAGES.values())
    if not (folder / "node_modules" / "@rudderstack").is_dir():
        if shutil.which("npm") is None:
            pytest.skip("npm is absent: the browser clients of others were SKIPPED")
        folder.mkdir(parents=True, exist_ok=True)
        wanted = [f"{name}@{version}" for name, version in PACKAGES.items()]
        command = ["npm", "install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", str(folder), *wanted]
        try:
            done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("npm brings nothing here: the browser clients of others were SKIPPED")
        if done.returncode:
            pytest.skip("npm brings nothing here: the browser clients of others were SKIPPED")
    return folder / "node_modules"


class Shop(SimpleHTTPRequestHandler):
    """Somebody else's site: one page, and the packages' own files."""

    def do_GET(self) -> None:
        if self.path.startswith("/@"):
            return super().do_GET()
        page = b"" if self.path == "/favicon.ico" else self.server.page
        self.send_response(200 if page else 204)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page)
        return None

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def shop(clients):
    """A server on an origin of its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Shop, directory=str(clients)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("code", "paths"), [(SEGMENT, "pit"), (RUDDER, ("page", "identify", "track"))])
def test_what_the_client_sends_lands_once(page_at, live_server, kettle, shop, problems, code, paths):
    with working_in(kettle):
        key = make_key("browser", "Shop site")[1]
    shop.page = (
        b"<!doctype html><title>Tea</title>" + code.replace("KEY", key).replace("DOOR", live_server.url).encode()
    )
    page = page_at(user=None)
    arrived = {}
    page.on("response", lambda one: arrived.update({one.url.rpartition("/v1/")[2]: one}) if "/v1/" in one.url else None)

    page.goto(f"http://127.0.0.1:{shop.server_port}/tea?utm_source=letter")
    while not all(path in arrived for path in paths):
        page.wait_for_event("response", timeout=10_000)
    # its promise is a courtesy of the client's, and sometimes never kept: what arrived decides
    page.evaluate("Promise.race([said, new Promise((done) => setTimeout(done, 5000))])")

    assert [arrived[path].status for path in paths] == [200, 200, 200]  # bodies of keepalive requests may never be told
    with working_in(kettle):
        contact = Contact.objects.get(name="Ina")
        facts = Touchpoint.objects.order_by("kind")
        assert [row.kind for row in facts] == [10, 12, 20]
        assert facts[2].value_minor == 2000
        assert contact.email == "ina@example.org"
        assert set(Identity.objects.values_list("verified_at", flat=True)) == {None}
    assert [line for line in problems if "/v1/" in line] == []
