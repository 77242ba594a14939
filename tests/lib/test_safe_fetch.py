import http.server
import threading
import time

import pytest

from lib.connections.outgoing import UnsafeAddressError, parse_allowed
from lib.connections.safe_fetch import FetchFailedError, check_url, safe_fetch


class Site(http.server.BaseHTTPRequestHandler):
    """Answers by path: a page, a redirect anywhere, too much, too slowly."""

    def do_GET(self):
        self.server.keys = [*getattr(self.server, "keys", []), self.headers.get("Authorization")]
        self.server.seen.append((self.command, self.path, self.headers.get("Host")))
        if self.path.startswith("/to/") or self.path == "/loop":
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        if self.path == "/dripping-headers":
            self.drip(b"HTTP/1.1 200 OK\r\n" + b"X-Drip: 1\r\n" * 50)
            return
        self.send_response(200)
        self.send_header("X-Kind", "page")
        self.end_headers()
        try:
            if self.path == "/large":
                for _ in range(100):
                    self.wfile.write(b"x" * 10_000)
            elif self.path == "/slow":
                for _ in range(600):
                    self.wfile.write(b"x")
                    self.wfile.flush()
                    time.sleep(0.1)
            else:
                self.wfile.write(b"hello")
        except OSError:
            self.server.left.set()  # the other side hung up in the middle

    do_POST = do_GET  # noqa: N815

    def drip(self, data):
        """One byte each 50 ms: never silent for long, never done."""
        try:
            for byte in data:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def site(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.seen, server.left = [], threading.Event()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def at(site, path):
    return f"http://127.0.0.1:{site.server_port}{path}"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://0/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[64:ff9b::a00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fe80::1]/",
        "http://[fc00::1]/",
        "http://[ff02::1]/",
        "http://10.1.2.3/",
        "http://172.16.0.1/",
        "http://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://224.0.0.1/",
        "http://255.255.255.255/",
        "ftp://93.184.215.14/",
        "file:///etc/passwd",
        "gopher://93.184.215.14/",
        "http://user:secret@93.184.215.14/",
        "http://93.184.215.14:22/",
        "http://93.184.215.14:6379/",
        "http:///nothing",
    ],
)
def test_what_is_not_public_is_refused(settings, url):
    settings.ECRM_FETCH_LOOPBACK = False
    with pytest.raises(UnsafeAddressError):
        check_url(url)


def test_a_public_address_is_fine(settings):
    settings.ECRM_FETCH_LOOPBACK = False
    parsed, address = check_url("https://feeds.example/rss", lambda host, port: ["93.184.215.14"])
    assert (parsed.host, address) == ("feeds.example", "93.184.215.14")


def test_one_private_address_among_public_ones_is_refused(settings):
    settings.ECRM_FETCH_LOOPBACK = False
    with pytest.raises(UnsafeAddressError):
        check_url("https://feeds.example/", lambda host, port: ["93.184.215.14", "10.0.0.1"])


def test_a_name_is_resolved_once_and_that_address_is_used(site):
    answers = [["127.0.0.1"], ["93.184.215.14"]]
    asked = []

    def rebinding(host, port):
        asked.append(host)
        return answers[len(asked) - 1]

    found = safe_fetch(f"http://feeds.example:{site.server_port}/", resolver=rebinding)

    assert (found.status, found.body, found.headers["x-kind"], asked) == (200, b"hello", "page", ["feeds.example"])
    assert site.seen == [("GET", "/", f"feeds.example:{site.server_port}")]


def test_a_redirect_is_followed(site):
    assert safe_fetch(at(site, "/to/" + at(site, "/page"))).body == b"hello"


def test_a_key_of_ours_goes_nowhere_else(site):
    elsewhere = at(site, "/page").replace("127.0.0.1", "localhost")
    headers = {"Authorization": "Bearer ours", "Accept": "text/plain"}

    safe_fetch(at(site, "/to/" + at(site, "/page")), headers=headers)
    assert site.keys == ["Bearer ours", "Bearer ours"]
    site.keys = []
    assert safe_fetch(at(site, "/to/" + elsewhere), headers=headers).body == b"hello"
    assert site.keys == ["Bearer ours", None]


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "file:///etc/passwd", "http://[64:ff9b::a00:1]/"])
def test_a_redirect_to_a_private_place_is_refused(site, target):
    with pytest.raises(UnsafeAddressError):
        safe_fetch(at(site, "/to/" + target))


def test_loopback_is_refused_unless_a_setting_allows_it(site, settings):
    settings.ECRM_FETCH_LOOPBACK = False
    with pytest.raises(UnsafeAddressError):
        safe_fetch(at(site, "/page"))
    assert site.seen == []


def test_redirects_end(site):
    with pytest.raises(FetchFailedError, match="redirects"):
        safe_fetch(at(site, "/loop"))
    assert len(site.seen) == 6


def test_a_post_is_not_redirected(site):
    found = safe_fetch(at(site, "/to/" + at(site, "/page")), method="POST", content=b"x")
    assert (found.status, len(site.seen)) == (302, 1)


def test_too_much_is_refused(site):
    with pytest.raises(FetchFailedError, match="larger"):
        safe_fetch(at(site, "/large"), largest=50_000)


@pytest.mark.parametrize("path", ["/slow", "/dripping-headers"])
def test_dripping_ends(site, path):
    with pytest.raises(FetchFailedError, match="too slow"):
        safe_fetch(at(site, path), seconds=0.3)
    assert path != "/slow" or site.left.wait(50), "it listened to the last drop"


@pytest.mark.parametrize("target", ["http://[::1", "http://\x00/", "//"])
def test_a_redirect_to_nonsense_is_a_failure_in_plain_words(site, target):
    with pytest.raises((FetchFailedError, UnsafeAddressError)):
        safe_fetch(at(site, "/to/" + target))


def test_a_header_that_cannot_be_sent_is_a_failure_in_plain_words(site):
    with pytest.raises(FetchFailedError):
        safe_fetch(at(site, "/page"), headers={"If-None-Match": "\ud800"})


def test_a_redirect_to_our_own_valkey_is_refused(site, settings):
    settings.ECRM_OWN_PORTS = frozenset({37451})
    with pytest.raises(UnsafeAddressError):
        safe_fetch(at(site, "/to/http://127.0.0.1:37451/"))


def test_a_redirect_to_loopback_is_refused(site, settings):
    settings.ECRM_FETCH_LOOPBACK = False
    settings.ECRM_OUTGOING_ALLOWED = parse_allowed([f"127.0.0.1:{site.server_port}"])
    for elsewhere in ("http://127.0.0.1:1/", "http://[::1]/", "http://localhost:8080/", "http://0x7f000001/"):
        with pytest.raises(UnsafeAddressError):
            safe_fetch(at(site, "/to/" + elsewhere))


def test_nobody_there(site):
    port = site.server_port
    site.shutdown()
    site.server_close()
    with pytest.raises(FetchFailedError):
        safe_fetch(f"http://127.0.0.1:{port}/")
