import http.server
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from django.utils import timezone

from conversations.models import Connection, Mention
from social.connecting import WORK, connect, poll_due, poll_one, set_active
from workspaces import agenda
from workspaces.current import working_in

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en"><title>Tea table</title>
{entries}</feed>"""
ENTRY = """<entry><id>tag:tea,{n}</id><title>{title}</title><link href="https://tea.example/{n}"/><author><name>Ines</name></author>
<published>{at}</published><updated>{updated}</updated><content type="html">{body}</content></entry>"""


class Source(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.asked.append(dict(self.headers))
        status, headers, body = self.server.answer
        if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
            status, body = 304, b""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def source(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Source)
    server.asked, server.answer = [], (200, {}, b"")
    server.url = f"http://127.0.0.1:{server.server_port}/feed"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def feed(kettle, source):
    with working_in(kettle):
        return connect("feed", name="Tea table", url=source.url, by=None)[0]


def entry(n, body="Which first flush?", *, at=None, updated=None, title="Cold brew"):
    at = at or timezone.now() - timedelta(hours=1)
    return ENTRY.format(n=n, body=body, title=title, at=at.isoformat(), updated=(updated or at).isoformat())


def serve(source, *entries, **headers):
    source.answer = (200, headers, ATOM.format(entries="".join(entries)).encode())


def look(kettle, feed):
    with working_in(kettle):
        Connection.objects.filter(pk=feed.pk).update(due_at=timezone.now())
    poll_due(kettle)
    with working_in(kettle):
        feed.refresh_from_db()
        return list(Mention.objects.order_by("published_at").values_list("remote_id", "is_silent"))


def test_the_first_look_is_silent_and_what_comes_after_waits(kettle, source, feed):
    old = timezone.now() - timedelta(days=40)
    serve(source, entry(0, at=old), entry(1))
    assert look(kettle, feed) == [("tag:tea,1", True)]

    serve(source, entry(1), entry(2, at=timezone.now() - timedelta(minutes=1)))
    assert look(kettle, feed) == [("tag:tea,1", True), ("tag:tea,2", False)]


def test_what_did_not_change_is_not_sent_again(kettle, source, feed):
    serve(source, entry(1), ETag='"v1"')
    look(kettle, feed)
    look(kettle, feed)

    assert [asked.get("If-None-Match") for asked in source.asked] == [None, '"v1"']
    assert (feed.failures, feed.last_error, feed.polled_at is None) == (0, "", False)


def test_an_update_is_an_edit(kettle, source, feed):
    at = timezone.now() - timedelta(hours=2)
    serve(source, entry(1, "Good", at=at))
    look(kettle, feed)
    serve(source, entry(1, "Not &lt;b&gt;good&lt;/b&gt;", at=at, updated=at + timedelta(hours=1)))
    look(kettle, feed)

    with working_in(kettle):
        assert Mention.objects.get().text == "Cold brew\nNot good"


def test_a_feed_that_is_gone_is_switched_off(kettle, source, feed):
    source.answer = (410, {}, b"")
    look(kettle, feed)
    assert (feed.is_active, feed.due_at) == (False, None)
    assert feed.last_error == "The source says that it is gone for good (410)."


def test_what_a_source_does_wrong_is_said_in_the_teams_language(kettle, source, feed):
    kettle.locale = "de"
    kettle.save()
    source.answer = (500, {}, b"")
    agenda.do_work(kettle, WORK)
    feed = _as_known(kettle, feed)
    assert feed.last_error == "Statt des Feeds kam die Antwort 500."


@pytest.mark.parametrize("as_date", [False, True])
def test_asked_to_wait_we_wait(kettle, source, feed, as_date):
    wait = format_datetime(datetime.now(UTC) + timedelta(seconds=600), usegmt=True) if as_date else "600"
    source.answer = (429, {"Retry-After": wait}, b"")
    look(kettle, feed)
    assert 580 < (feed.due_at - timezone.now()).total_seconds() <= 600


@pytest.mark.parametrize("body", [b"<html><body>Hello</body></html>", b"", b"\x00\xff" * 500])
def test_what_is_no_feed_is_said_and_tried_again_later(kettle, source, feed, body):
    source.answer = (200, {"Content-Type": "text/html"}, body)
    look(kettle, feed)
    assert (feed.failures, feed.last_error, feed.is_active) == (1, "What lies there is no feed.", True)


def test_a_feed_inside_our_own_network_is_refused(kettle, source, feed, settings):
    settings.ECRM_FETCH_LOOPBACK = False
    look(kettle, feed)
    assert (feed.is_active, feed.failures, source.asked) == (False, 1, [])

    with working_in(kettle):
        set_active(feed, True, by=None)
    assert (feed.is_active, feed.last_error) == (True, "")


def test_what_another_look_stored_meanwhile_is_theirs(kettle, source, feed):
    """Two workers look at the same moment: the slower one stores nothing and moves no cursor back."""
    serve(source, entry(1), ETag='"v1"')
    look(kettle, feed)
    slow = _as_known(kettle, feed)
    serve(source, entry(1), entry(2, at=timezone.now() - timedelta(minutes=2)), ETag='"v2"')
    look(kettle, feed)

    serve(source, entry(1), entry(3, at=timezone.now() - timedelta(minutes=1)), ETag='"v3"')
    found = poll_one(kettle, slow)

    assert (found.new, _as_known(kettle, feed).cursor["etag"]) == ([], '"v2"')
    assert [name for name, _silent in look(kettle, feed)] == ["tag:tea,1", "tag:tea,2", "tag:tea,3"]


def test_what_is_paused_while_it_is_looked_at_stays_paused(kettle, source, feed):
    known = _as_known(kettle, feed)
    with working_in(kettle):
        set_active(feed, False, by=None)
    source.answer = (500, {}, b"")

    poll_one(kettle, known)

    feed = _as_known(kettle, feed)
    assert (feed.is_active, feed.due_at, feed.failures, feed.last_error) == (False, None, 0, "")


def _as_known(kettle, feed):
    with working_in(kettle):
        return Connection.objects.get(pk=feed.pk)
