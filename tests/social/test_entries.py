"""What a feed holds: newest by date, told apart by what tells them apart, plain text kept plain."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, Identity
from conversations.models import Connection, Conversation, Mention, PublicAuthor, SetAside
from lib.foreign import feed_entries as reading
from lib.foreign.feed_entries import read_entries
from social.connecting import connect, poll_due
from social.networks.entries import choose_identity
from social.networks.feed import LARGEST
from tests.examples import examples
from tests.factories.contacts import make_contact
from tests.social.test_feed import look, source
from touchpoints.models import Touchpoint
from workspaces.current import working_in

__all__ = ["source"]
NOW = datetime.now(UTC).replace(microsecond=0)
RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"><channel><title>R</title><link>{site}</link><description>d</description><language>en</language>
{items}
</channel></rss>"""


def rss(*items, site="https://reviews.example/"):
    return RSS.format(items="\n".join(items), site=site).encode("utf-8", "surrogatepass")


def item(title="Kettle leaks", text="It leaks", link="", guid="", at=None, more=""):
    at = NOW - timedelta(hours=1) if at is None else at
    parts = [f"<title>{title}</title>", f"<description>{text}</description>"]
    parts += [f"<link>{link}</link>"] if link else []
    parts += [f'<guid isPermaLink="false">{guid}</guid>'] if guid else []
    parts += [f"<pubDate>{at if isinstance(at, str) else format_datetime(at)}</pubDate>"] if at else []
    return f"<item>{''.join(parts)}{more}</item>"


def listen(kettle, source, name="Feed"):
    with working_in(kettle):
        return connect("feed", name=name, url=source.url, by=None)[0]


@pytest.fixture
def feed(kettle, source):
    return listen(kettle, source)


def serve(source, *items, **more):
    source.answer = (200, {"Content-Type": "application/rss+xml"}, rss(*items, **more))


def texts(kettle):
    with working_in(kettle):
        return sorted(Mention.objects.values_list("text", flat=True))


def test_an_id_counts_within_its_feed(kettle, source, feed):
    serve(source, item("Kettle leaks", "It leaks", "https://a.example/1", "1"), item("Kettle two", "fine", "https://a.example/2", "2"))  # fmt: skip
    look(kettle, feed)
    other = listen(kettle, source, "Other")
    serve(source, item("Bike squeaks", "It squeaks", "https://b.example/1", "1"), item("Bike two", "fine", "https://b.example/2", "2"))  # fmt: skip
    look(kettle, other)

    assert feed.last_error == ""
    assert len(texts(kettle)) == 4


def test_without_guids_and_with_one_link_each_entry_stands(kettle, source, feed):
    link = "https://status.example/"
    serve(source, *(item(f"Incident {n}", f"Text {n}", link) for n in (1, 2, 3)))
    look(kettle, feed)
    look(kettle, feed)

    assert len(texts(kettle)) == 3
    assert feed.cursor["identity"] == "link+title"
    with working_in(kettle):
        assert Conversation.objects.count() == 3


@pytest.mark.parametrize(
    ("rows", "way"),
    [
        ([{"id": "1", "link": "a"}, {"id": "2", "link": "a"}], "guid"),
        ([{"id": "1", "link": "a"}, {"id": "1", "link": "b"}], "link"),
        ([{"link": "a"}, {"link": "b"}], "link"),
        ([{"link": "a", "title": "x"}, {"link": "a", "title": "y"}], "link+title"),
        (
            [{"link": "a", "title": "x", "published": "1"}, {"link": "a", "title": "x", "published": "2"}],
            "link+title+date",
        ),
        ([], "guid"),
    ],
)
def test_the_feed_itself_says_what_tells_its_entries_apart(rows, way):
    assert choose_identity(rows) == way


def test_a_stricter_way_stays_and_coming_to_it_calls_nobody(kettle, source, feed):
    serve(source, item("One", link="https://a.example/1", guid="g1"))
    look(kettle, feed)
    assert feed.cursor["identity"] == "guid"
    serve(source, item("One", link="https://a.example/1", guid="g"), item("Two", link="https://a.example/2", guid="g"))
    look(kettle, feed)
    assert feed.cursor["identity"] == "link"
    with working_in(kettle):
        assert set(Conversation.objects.values_list("state", flat=True)) == {"done"}
    serve(source, item("Three", link="https://a.example/3", guid="g3"))
    look(kettle, feed)
    assert feed.cursor["identity"] == "link"


@pytest.mark.parametrize("count", [300, 1_500])
@pytest.mark.parametrize("is_reversed", [False, True])
def test_the_newest_count_wherever_they_stand_and_the_page_says_what_was_left_out(as_ada, kettle, source, feed, count, is_reversed):  # fmt: skip
    posts = [
        item(
            f"Post {n}",
            f"Text {n}",
            f"https://old.example/{n}",
            f"old-{n}",
            NOW - timedelta(minutes=2 * (count - n) + 1),
        )
        for n in range(1, count + 1)
    ]
    serve(source, *(reversed(posts) if is_reversed else posts))
    look(kettle, feed)

    kept = texts(kettle)
    assert (len(kept), f"Post {count}\nText {count}" in kept, "Post 1\nText 1" in kept) == (200, True, False)
    assert f"It holds {count} entries; the newest 200 are read." in as_ada.get("/w/kettle/inbox/connections/").text


def test_a_relative_link_leads_to_the_feeds_host(kettle, source, feed):
    serve(source, item("Relative", link="/blog/1", guid="rel-1"), site="https://rel.example/blog/")
    look(kettle, feed)

    with working_in(kettle):
        assert Mention.objects.get().url == source.url.removesuffix("/feed") + "/blog/1"


def test_a_large_feed_is_read_and_one_beyond_the_limit_says_so(as_ada, kettle, source, feed):
    serve(source, *(item(f"Episode {n}", f"<![CDATA[{'note ' * 2000}]]>", guid=f"e{n}") for n in range(259)))
    look(kettle, feed)
    assert len(source.answer[2]) > 2_500_000
    assert len(texts(kettle)) == 200

    source.answer = (200, {}, b"<rss>" + b" " * LARGEST)
    look(kettle, feed)
    assert f"larger than {LARGEST} bytes" in as_ada.get("/w/kettle/inbox/connections/").text


def test_many_small_entries_are_sorted_before_they_are_read():
    many = rss(*(item(f"Post {n}", at=NOW - timedelta(minutes=5000 - n), guid=f"g{n}") for n in range(5_000)))

    found = read_entries(many, url="https://a.example/feed", content_type="application/rss+xml")

    assert (found.count, len(found.rows), found.rows[0].title) == (5_000, 200, "Post 4999")


def test_who_a_feed_says_wrote_is_nobodys_contact(kettle, source, feed):
    with working_in(kettle):
        vic = make_contact("Vic", email="vic@gmail.example")
        for kind in (Identity.Kind.EMAIL, Identity.Kind.HANDLE):
            Identity.objects.update_or_create(kind=kind, value="vic@gmail.example", defaults={"contact": vic})
    serve(source, item("Old", guid="0", at=NOW - timedelta(days=2)))
    look(kettle, feed)
    complaint = "Your kettle is broken and leaks, I want a refund"
    serve(source, *(item("About kettles", complaint, f"https://gmail.example/{n}", f"sp-{n}", more=f"<author>{name}</author>")
                    for n, name in enumerate(["vic", "vic@gmail.example", "vic@gmail.example (Vic)"])))  # fmt: skip
    look(kettle, feed)

    with working_in(kettle):
        vic.refresh_from_db()
        assert set(PublicAuthor.objects.values_list("contact", flat=True)) == {None}
        assert (vic.complaint_since, Touchpoint.objects.count(), Contact.objects.count()) == (None, 0, 1)
        assert Mention.objects.count() == 4


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("5 a&lt;b and &lt;anna@example.org&gt;", "5 a<b and <anna@example.org>"),
        ("<![CDATA[5 a<b and <anna@example.org> & <https://x.example>]]>", "5 a<b and <anna@example.org> & <https://x.example>"),
        ("&lt;p&gt;Hi &amp;amp; you&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;", "Hi & you"),
        ("R&amp;D", "R&D"),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f Go!", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f Go!"),
    ],
)  # fmt: skip
def test_plain_text_stays_plain_and_html_becomes_text(kettle, source, feed, text, kept):
    serve(source, item("Title a&lt;b", text, guid="1"))
    look(kettle, feed)

    assert texts(kettle) == [f"Title a<b\n{kept}"]


ODD = {
    "before 1970": item("Odd", guid="odd", at="Sun, 01 Feb 1959 10:00:00 +0000"),
    "year 1": item("Odd", guid="odd", at="Mon, 01 Jan 0001 00:00:00 +1400"),
    "a day to come": item("Odd", guid="odd", at=NOW + timedelta(days=3)),
}
FINE = {
    "year 9999": item("Odd", guid="odd", at="Fri, 31 Dec 9999 23:59:59 -1400"),
    "no date": item("Odd", guid="odd", at=""),
    "nonsense for a date": item("Odd", guid="odd", at="the day after"),
    "half a letter": item("Odd &#xD800; \ud800", guid="odd"),
    "NUL": item("Odd \0 &#0;", "x\0y", guid="odd"),
    "odd bytes": item("Odd \x01\x02\x1f\ufffe", guid="odd"),
    "an endless id": item("Odd", guid="odd" * 5000),
    "an endless author": item("Odd", guid="odd", more=f"<author>{'a' * 9000}</author>"),
    "an endless link": item("Odd", link="https://x.example/" + "a" * 9000, guid="odd"),
}


@pytest.mark.parametrize("what", [*ODD, *FINE])
def test_a_poison_entry_by_a_known_author_stops_nothing(kettle, source, feed, what, as_ada):
    """Its neighbours come in, other feeds of the workspace are looked at, the page says what could not be kept."""
    with working_in(kettle):
        other = connect("feed", name="Other", url=source.url, by=None)[0]
        Connection.objects.filter(pk=feed.pk).update(cursor={"looked": True})
    serve(source, item("Before", guid="a"), ODD.get(what) or FINE[what], item("After", guid="z"))

    poll_due(kettle)
    poll_due(kettle)

    with working_in(kettle):
        kept = set(Mention.objects.filter(connection=feed).values_list("text", flat=True))
        feed.refresh_from_db()
        other.refresh_from_db()
        assert (feed.failures, other.failures, other.polled_at is None) == (0, 0, False)
        assert {"Before\nIt leaks", "After\nIt leaks"} <= kept
        assert (len(kept), SetAside.objects.filter(connection=feed).count()) == ((2, 1) if what in ODD else (3, 0))
    assert ("could not be kept" in as_ada.get("/w/kettle/inbox/connections/").text) == (what in ODD)


def test_what_cannot_be_stored_is_tried_again_when_it_is_mended(kettle, source, feed, monkeypatch):
    from conversations.mentions import setting_aside

    hear, tries = setting_aside.hear, []

    def fragile(connection, items, **more):
        tries.append(len(items))
        if any("poison" in one.text for one in items):
            raise ZeroDivisionError
        return hear(connection, items, **more)

    monkeypatch.setattr(setting_aside, "hear", fragile)
    with working_in(kettle):
        Connection.objects.filter(pk=feed.pk).update(cursor={"looked": True})
    good = [item(f"Good {n}", guid=f"g{n}") for n in range(3)]
    serve(source, *good, item("poison", guid="p"))
    look(kettle, feed)
    with working_in(kettle):
        assert (Mention.objects.count(), SetAside.objects.get().reason) == (3, "cannot be stored: ZeroDivisionError")
    tries.clear()
    look(kettle, feed)
    assert tries == [3]
    serve(source, *good, item("mended", guid="p"))
    look(kettle, feed)

    with working_in(kettle):
        assert (Mention.objects.count(), SetAside.objects.count()) == (4, 0)


def test_a_page_that_breaks_the_reader_is_said_and_the_next_source_is_looked_at(kettle, source, feed, monkeypatch):
    real = reading.feedparser.parse

    def parse(body, **more):
        if b"breaks" in body:
            raise RecursionError
        return real(body, **more)

    monkeypatch.setattr(reading.feedparser, "parse", parse)
    serve(source, item("breaks", guid="1"))
    look(kettle, feed)
    assert (feed.failures, feed.last_error, feed.is_active) == (
        1,
        "What it sent cannot be read (RecursionError).",
        True,
    )

    serve(source, item("Fine", guid="1"))
    look(kettle, feed)
    assert (feed.failures, feed.last_error) == (0, "")
    assert len(texts(kettle)) == 1


def test_a_tag_of_odd_letters_does_not_stop_the_next_look(kettle, source, feed):
    source.answer = (200, {"ETag": '"\xe9\xff"', "Last-Modified": "\xe9"}, rss(item(guid="1")))
    look(kettle, feed)
    look(kettle, feed)

    assert (feed.failures, len(texts(kettle))) == (0, 1)


STRANGE = st.text(st.characters(exclude_categories=()), max_size=20) | st.sampled_from(
    [
        "\0",
        "\ud800",
        "https://[",
        "//",
        "Thu, 01 Jan 1960 00:00:00 +0000",
        "Fri, 31 Dec 9999 23:59:59 -1400",
        "undefined",
    ]
)
FUZZ = settings(
    max_examples=examples(40),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def running(kettle, feed):
    """The feed, past its first look."""
    with working_in(kettle):
        Connection.objects.filter(pk=feed.pk).update(cursor={"looked": True})
    return feed


@FUZZ
@given(title=STRANGE, text=STRANGE, link=STRANGE, guid=STRANGE, at=STRANGE, author=STRANGE)
def test_no_entry_costs_its_neighbours(kettle, source, running, title, text, link, guid, at, author):
    said = [escape(one) for one in (title, text, link, guid, at or " ")]
    serve(source, item("Before", guid="good 1"), item(*said, more=f"<author>{escape(author)}</author>"), item("After", guid="good 2"))  # fmt: skip

    look(kettle, running)

    assert (running.failures, running.last_error) == (0, "")
    assert {"Before\nIt leaks", "After\nIt leaks"} <= set(texts(kettle))


@FUZZ
@given(
    odd=st.binary(max_size=40) | STRANGE.map(lambda text: text.encode("utf-8", "surrogatepass")), at=st.integers(0, 400)
)
def test_no_bytes_end_the_look_or_hold_the_next_source(kettle, source, running, odd, at):
    """A page that cannot be read is a failure of its source, in words; the other source is looked at."""
    page = rss(item("One", guid="1"), item("Two", guid="2"))
    source.answer = (200, {"Content-Type": "application/rss+xml"}, page[:at] + odd + page[at:])
    with working_in(kettle):
        Connection.objects.exclude(pk=running.pk).update(is_active=False)
        other = connect("feed", name="Other", url=source.url, by=None)[0]

    look(kettle, running)

    with working_in(kettle):
        other.refresh_from_db()
    assert other.polled_at is not None or other.failures == 1
    assert (running.failures == 0) == (running.last_error == "")
