"""Feeds of the library: what is new comes in once a day, with what it says of itself; nothing comes twice."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from emails.library.feeds import MOST_AT_ONCE, WORK, BadFeedError, add_feed, check_feeds
from emails.library.keeping import remove_item
from emails.models import LibraryFeed, LibraryItem
from engagement.interests.reading import names_of, tag_for
from engagement.models import InterestTag
from lib.clock import now
from tests.emails.drawings import drawn
from workspaces.current import working_in
from workspaces.models import AgendaItem, AuditEntry

HERE = "/w/kettle/emails/library/feeds/"
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel>
<title>Tea journal</title><language>en-GB</language>{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><link>{link}</link><description>&lt;p&gt;Four minutes.&lt;/p&gt;</description>
<pubDate>Mon, 02 Mar 2026 09:00:00 GMT</pubDate><category>Oolong</category><category>Unheard of</category>{more}</item>"""


@pytest.fixture
def site(settings):
    """A feed and a picture on loopback; `site.items` is what stands in it, `site.status` how it answers."""
    settings.ECRM_FETCH_LOOPBACK = True

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            is_picture = self.path.endswith(".png")
            body = drawn() if is_picture else self.server.body.encode()
            self.send_response(200 if is_picture else self.server.status)
            self.send_header("Content-Type", "image/png" if is_picture else "application/rss+xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.status, server.body = 200, ""
    server.url = f"http://127.0.0.1:{server.server_address[1]}/feed"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def serve(site, *names: str, more: str = "") -> None:
    items = "".join(ITEM.format(title=name, link=f"https://tea.example/{name}", more=more) for name in names)
    site.body = RSS.format(items=items)


def taken() -> list[str]:
    return list(LibraryItem.objects.order_by("title").values_list("title", flat=True))


@pytest.fixture
def feed(kettle, site, ada):
    """A feed of podcasts about cups."""
    with working_in(kettle):
        tag_for("Oolong")
        return add_feed(site.url, kind="podcast", tags=["Cups"], by=ada)


def test_what_is_new_comes_in_with_what_it_says_of_itself(kettle, site, feed):
    serve(site, "Slow", more='<media:thumbnail url="/pot.png"/>')

    due = check_feeds(kettle)

    with working_in(kettle):
        item = LibraryItem.objects.get()
        assert (item.title, item.teaser, item.url, item.kind, item.language) == (
            "Slow", "Four minutes.", "https://tea.example/Slow", "podcast", "en",
        )  # fmt: skip
        assert (item.published_at.isoformat(), item.picture is not None) == ("2026-03-02T09:00:00+00:00", True)
        assert sorted(names_of(item.tags).values()) == ["Cups", "Oolong"]
        assert not InterestTag.objects.filter(name="Unheard of").exists()  # a foreign feed makes none
        feed.refresh_from_db()
    assert (feed.title, feed.taken_count, feed.trouble) == ("Tea journal", 1, "")
    assert due == feed.checked_at + timedelta(days=1)


def test_nothing_comes_twice_nor_again_after_it_was_taken_away(kettle, site, feed, ada, time_machine):
    serve(site, "A", "B")
    check_feeds(kettle)
    with working_in(kettle):
        remove_item(LibraryItem.objects.get(title="A"), by=ada)
    serve(site, "A", "B", "C")

    check_feeds(kettle)  # not a day later: it is not asked
    with working_in(kettle):
        assert taken() == ["B"]
    time_machine.move_to(now() + timedelta(days=1, minutes=1))
    check_feeds(kettle)

    with working_in(kettle):
        assert taken() == ["B", "C"]


def test_a_poison_entry_and_a_broken_feed_stop_no_other(kettle, site, feed, ada):
    serve(site, "Good", "Other")
    site.body = site.body.replace("https://tea.example/Other", "javascript:alert(1)").replace(
        "<channel>", "<channel>\x00"
    )
    with working_in(kettle):
        gone = add_feed(site.url + "?2", kind="article", by=ada)
        LibraryFeed.objects.filter(pk=gone.pk).update(url="http://127.0.0.1:1/feed")

    check_feeds(kettle)

    with working_in(kettle):
        assert taken() == ["Good"]
        gone.refresh_from_db()
        assert gone.trouble
    site.status = 503
    with working_in(kettle):
        LibraryFeed.objects.update(checked_at=None)
    check_feeds(kettle)
    with working_in(kettle):
        feed.refresh_from_db()
    assert feed.trouble == "The feed answers 503."


@pytest.mark.parametrize("body", ["<html><body>Hello</body></html>", "", "{}"])
def test_what_is_no_feed_is_said(kettle, site, feed, body):
    site.body = body

    check_feeds(kettle)

    with working_in(kettle):
        feed.refresh_from_db()
        assert (feed.trouble, taken()) == ("There is no feed at this address.", [])


def test_of_a_long_feed_the_newest_come_first_and_no_more_at_a_time(kettle, site, feed):
    serve(site, *(f"T{n:02}" for n in range(MOST_AT_ONCE + 5)))

    check_feeds(kettle)

    with working_in(kettle):
        assert LibraryItem.objects.count() == MOST_AT_ONCE
    serve(site, *(f"N{n:02}" for n in range(MOST_AT_ONCE + 3)))
    for expected in (2 * MOST_AT_ONCE, 2 * MOST_AT_ONCE + 3):  # what is left comes a day later
        with working_in(kettle):
            LibraryFeed.objects.update(checked_at=None)
        check_feeds(kettle)
        with working_in(kettle):
            assert LibraryItem.objects.count() == expected


def test_a_feed_is_added_and_removed_on_its_page(as_ada, kettle, site):
    serve(site, "Slow")
    added = as_ada.post(HERE, {"url": site.url, "kind": "article", "interests": "Oolong"}, follow=True).text
    assert "It is looked at now, and once a day from then on." in added
    with working_in(kettle):
        assert AgendaItem.objects.filter(work=WORK, due_at__lte=now()).exists()
    check_feeds(kettle)
    page = as_ada.get(HERE).text
    assert ("Tea journal" in page, "1 taken in" in page, "Oolong" in page) == (True, True, True)

    with working_in(kettle):
        feed = LibraryFeed.objects.get()
    as_ada.post(f"{HERE}{feed.pk}/remove/")

    with working_in(kettle):
        assert (LibraryFeed.objects.count(), taken()) == (0, ["Slow"])
        logged = AuditEntry.objects.filter(action__startswith="library.feed_").order_by("pk")
        assert list(logged.values_list("action", flat=True)) == ["library.feed_added", "library.feed_removed"]


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"url": "http://10.0.0.1/feed", "kind": "article"}, "Write the address of a feed of the public web."),
        ({"url": "javascript:alert(1)", "kind": "article"}, "Write the address of a feed of the public web."),
        ({"url": "", "kind": "article"}, "This field is required."),
        ({"url": "https://tea.example/feed", "kind": "song"}, "Select a valid choice."),
    ],
)
def test_what_cannot_be_a_feed_is_said(as_ada, kettle, said, what):
    answer = as_ada.post(HERE, said)

    assert (answer.status_code, what in answer.text) == (422, True)
    with working_in(kettle):
        assert not LibraryFeed.objects.exists()


def test_a_feed_is_taken_in_once_and_strangers_take_in_none(kettle, site, feed, ada, as_eve, member):
    with working_in(kettle), pytest.raises(BadFeedError, match="taken in already"):
        add_feed(site.url, kind="article", by=ada)

    assert as_eve.get(HERE).status_code == 404
    assert member("analyst").get(HERE).status_code == 403


def test_what_it_brings_is_changed_and_it_is_looked_at_when_asked(as_ada, kettle, feed, member):
    with working_in(kettle):
        LibraryFeed.objects.update(checked_at=now())

    asked = as_ada.get(f"{HERE}{feed.pk}/")
    refused = as_ada.post(f"{HERE}{feed.pk}/", {"kind": "song"})
    changed = as_ada.post(f"{HERE}{feed.pk}/", {"kind": "video", "interests": "Cups", "url": "https://other.example/"})
    looked = as_ada.post(f"{HERE}{feed.pk}/refresh/")

    assert (asked.status_code, refused.status_code, changed.url, looked.url) == (200, 422, HERE, HERE)
    with working_in(kettle):
        kept = LibraryFeed.objects.get(pk=feed.pk)
        assert (kept.kind, kept.url, kept.checked_at, len(kept.tags)) == ("video", feed.url, None, 1)
        assert AgendaItem.objects.filter(work=WORK, due_at__lte=now()).exists()
    assert member("analyst").post(f"{HERE}{feed.pk}/refresh/").status_code == 403
    assert as_ada.get(f"{HERE}99999/").status_code == 404
