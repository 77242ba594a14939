"""Rows of files read whole, the timeline shown whole, the last contact on each channel, the stream to its end."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import redis

from contacts.channels import Channel
from contacts.merging import link_contacts
from contacts.models import Contact, Identity
from contacts.resolving import Hint
from lib.rooms import house
from lib.valkey import valkey
from touchpoints import stream
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.models import OwnKind
from touchpoints.money import read_minor
from touchpoints.months import by_month
from touchpoints.panels import last_contact_panel
from touchpoints.reading_csv import COLUMNS, BadRow, read_facts
from touchpoints.recording import record
from touchpoints.sources import source_for
from touchpoints.timeline import Event, Filters, read_timeline
from workspaces.current import current_workspace, working_in

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
LATE = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)
HEAD = "kind,occurred_at,id,user_id,email,phone,handle,channel,value,currency,sentiment,note"


def read(*lines: str, head: str = HEAD) -> list:
    return [one for _line, one in read_facts([f"{head}\n", *(f"{line}\n" for line in lines)], now=NOON)]


def reasons(*lines: str, head: str = HEAD) -> list[str | None]:
    return [one.reason if isinstance(one, BadRow) else None for one in read(*lines, head=head)]


def test_the_columns_are_those_that_the_help_names():
    assert COLUMNS.replace(" ", "") == HEAD


def test_a_whole_row_is_one_fact():
    (fact,) = read(
        "Purchase,2026-03-01T10:00:00+01:00, o1 ,u1,Ina@Example.org,+49 30 901820,ina@tea,Web,12.5,eur,-0.25, note "
    )

    assert fact == Fact(
        "Purchase",
        "o1",
        datetime(2026, 3, 1, 9, tzinfo=UTC),
        hints=(
            Hint(Identity.Kind.EXTERNAL_ID, "u1", True, "from a file"),
            Hint(Identity.Kind.EMAIL, "ina@example.org", False, "from a file"),
            Hint(Identity.Kind.PHONE, "+4930901820", False, "from a file"),
            Hint(Identity.Kind.HANDLE, "ina@tea", False, "from a file"),
        ),
        channel=2,
        value_minor=1250,
        currency="EUR",
        sentiment_milli=-250,
        payload={"note": "note"},
    )
    assert fact.occurred_at.utcoffset() == timedelta()


def test_a_bare_row_is_a_fact_too_and_its_own_text_makes_it_repeatable():
    (fact,) = read("visit,2026-03-01,u1", head=" KIND ,occurred_at,User_Id")

    assert fact == Fact(
        "visit",
        "row-visit|2026-03-01|u1",
        datetime(2026, 3, 1, tzinfo=UTC),
        hints=(Hint(1, "u1", True, "from a file"),),
    )
    (long,) = read(f"visit,2026-03-01,u1,{'n' * 400}", head="kind,occurred_at,user_id,note")
    assert long.external_id == ("row-visit|2026-03-01|u1|" + "n" * 400)[:284]


def test_ids_are_cut_at_300_letters_and_currencies_at_three():
    (fact,) = read(f"visit,2026-03-01,{'i' * 301},{'u' * 301},,,{'h' * 301},,,euros,,")

    assert (len(fact.external_id), [len(hint.value) for hint in fact.hints], fact.currency) == (300, [300, 300], "EUR")


def test_every_channel_has_its_word():
    rows = read(*(f"visit,2026-03-01,,u1,,,,{word},,,," for word in ("EMAIL", "web", "Offline", "")))

    assert [row.channel for row in rows] == [Channel.EMAIL, Channel.WEB, Channel.OFFLINE, None]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (",2026-03-01,,u1,,,,,,,,", "no kind"),
        ("visit,2026-03-01,,,,,,,,,,", "nobody is named: user_id, email, phone or handle"),
        ("visit,2026-03-01,,undefined,,,guest,,,,,", "nobody is named: user_id, email, phone or handle"),
        ("visit,2026-03-01,,u1,nobody,,,,,,,", "This is no email address."),
        ("visit,yesterday,,u1,,,,,,,,", "occurred_at 'yesterday' is not ISO 8601"),
        ("visit,,,u1,,,,,,,,", "occurred_at '' is not ISO 8601"),
        ("visit,2026-03-18T12:10:00.001,,u1,,,,,,,,", "timestamp lies more than 10 minutes ahead"),
        ("visit,2026-03-18T12:10:00,,u1,,,,,,,,", None),
        ("visit,2026-03-18T13:10:00+01:00,,u1,,,,,,,,", None),
        ("visit,1969-12-31,,u1,,,,,,,,", "timestamp lies before 1970"),
        ("visit,2026-03-01,,u1,,,,pigeon,,,,", "channel is 'pigeon'; known are email, web, social, mobile, ads, call, chat, "
         "community, review, offline, push, whatsapp, rcs"),
        ("visit,2026-03-01,,u1,,,,,lots,,,", "value 'lots' is not an amount"),
        ("visit,2026-03-01,,u1,,,,,0,,,", None),
        ("visit,2026-03-01,,u1,,,,,,,glad,", "sentiment 'glad' is not a number from -1 to 1"),
        ("visit,2026-03-01,,u1,,,,,,,1.1,", "sentiment '1.1' is not a number from -1 to 1"),
        ("visit,2026-03-01,,u1", "another number of columns than the header has"),
        ("visit,2026-03-01,,u1,,,,,,,,,more", "another number of columns than the header has"),
    ],
)  # fmt: skip
def test_a_row_that_cannot_be_kept_says_why(row, reason):
    assert reasons("visit,2026-03-01,,u1,,,,,,,,", row, "visit,2026-03-01,,u1,,,,,,,,") == [None, reason, None]


@pytest.mark.parametrize(
    ("text", "milli"),
    [
        ("1", 1000),
        ("-1", -1000),
        ("+1.0", 1000),
        ("0", 0),
        (".5", 500),
        ("-0.25", -250),
        ("0.0004", 0),
        ("0.123456789", 123),
        ("", None),
    ],
)
def test_sentiment_in_a_file_is_a_number_from_minus_one_to_one(text, milli):
    assert read(f"visit,2026-03-01,,u1,,,,,,,{text},")[0].sentiment_milli == milli


def test_lines_are_named_and_a_broken_file_ends_where_it_breaks():
    text = [
        HEAD + "\n",
        'visit,2026-03-01,,u1,,,,,,,,"two\n',
        'lines"\n',
        ",2026-03-01,,u1,,,,,,,,\n",
        'visit,2026-03-01,,"u"1,,,,,,,,\n',
        "x\n",
    ]
    found = list(read_facts(text, now=NOON))

    assert [line for line, _one in found] == [3, 4, 5]
    assert found[1][1] == BadRow(4, "no kind")
    assert found[2][1] == BadRow(5, "',' expected after '\"'")
    assert list(read_facts([], now=NOON)) == list(read_facts([HEAD], now=NOON)) == []


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        (10**13, 10**15), (10**13 + 1, None), (-(10**13), -(10**15)), ("9999999999999.99", 10**15 - 1), ("10000000000000.01", None),
        (10**15 + 1, None), (0, 0), (-0.0, 0), (True, None), (False, None), (b"1", None),
        ("0" * 17 + "1", 100), ("0" * 18 + "1", None), ("1" + " " * 38 + "5", 1500), ("1" + " " * 39 + "5", None),
        ("0.005", 0), ("0.015", 2), ("0.025", 2), ("0.0251", 3), (11.775, 1178), (0.00501, 0),
        ("-5", -500), ("5-", None), ("+5", 500), ("-(5)", None), ("(-5)", None), ("(5", None), ("5)", None), ("- €5", None),
        ("-€-5", None), ("€+5", 500), ("1,23", 123), ("1,2345", 123), ("1,234", 123400), ("0,234", 23400), ("1.234.567", 123456700),
        ("1,234,56", None), ("1.2.3", None), ("12,34,567", 123456700), ("1,234.567", 123457), ("1.234,567", 123457), ("1 234.5", 123450), ("1_234", None),
        ("5 EUR.", 500), ("5 EURO", None), ("€5€", 500), ("12..5", None), ("1e3", None), (" 7 ", 700), ("7.", None), (",5", 50),
    ],
)  # fmt: skip
def test_money_at_its_bounds(written, minor):
    assert read_minor(written) == minor


@pytest.fixture
def greta(here):
    return Contact.objects.create(name="Greta")


def happen(contact: Contact, name: str, kind: str = "message", at: datetime = NOON, **more) -> UUID:
    return record([Fact(kind, name, at, contact_id=contact.pk, **more)], source=source_for("test", "Test")).ids[0]


def shown(contact: Contact, **filters) -> list[Event]:
    return list(read_timeline(contact.pk, Filters(**filters)).rows)


def test_an_event_is_shown_whole(greta, ada):
    id_ = happen(
        greta, "a", "purchase", direction=1, channel=6, sentiment_milli=200, value_minor=123_456, currency="USD", actor_id=ada.pk,
        certainty=1,
        payload={
            "subject": "Tea", "text": "t" * 601, "note": "n", "link": "/w/kettle/x", "public": True, "url": "https://x.example/",
            "context": {"page": {"title": "Shop"}}, "place": "Till", "minutes": 7, "reason": "r" * 161,
        },
    )  # fmt: skip

    assert shown(greta) == [
        Event(
            id_, NOON, "out", "Call, from us", "shopping-bag", "Bought: 1,234.56 USD: Tea", ("involvement",), "positive", "t" * 600,
            ["Ada Berg", "https://x.example/", "Shop", "Till", "7 minutes", "r" * 160, "Not sure that it was a person, not counted"],
            True, "/w/kettle/x",
        )
    ]  # fmt: skip


def test_an_event_of_which_little_is_known_is_shown_too(greta):
    OwnKind.objects.create(key="Tea", code=1000)
    happen(
        greta,
        "own",
        "Tea",
        at=NOON - timedelta(hours=1),
        channel=8,
        payload={"link": "https://evil.example/", "name": "Oolong"},
    )
    happen(
        greta,
        "lost",
        1999,
        at=NOON - timedelta(hours=2),
        actor_id=10**9,
        payload={"title": "T", "note": "n", "minutes": 0},
    )
    happen(
        greta,
        "free",
        "refund",
        at=NOON - timedelta(hours=3),
        value_minor=0,
        certainty=2,
        payload={"url": "/a", "place": "/a", "context": {"page": None}},
    )

    assert [(e.direction, str(e.channel), e.icon, e.title, e.kinds, e.text, e.lines, e.public, e.url) for e in shown(greta)] == [
        ("in", "Community, from them", "messages", "Tea: Oolong", (), "", [], None, ""),
        ("in", "Web, from them", "world-www", "Something happened: T", (), "n", [], None, ""),
        ("in", "Web, from them", "receipt-refund", f"Got money back: 0.00 {current_workspace().currency}", (), "",
         ["/a", "A machine, not counted"], None, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("milli", "word"),
    [(200, "positive"), (199, "neutral"), (0, "neutral"), (-199, "neutral"), (-200, "negative"), (None, "")],
)
def test_a_feeling_has_a_word(greta, milli, word):
    happen(greta, "a", sentiment_milli=milli)

    assert shown(greta)[0].sentiment == word


def test_the_timeline_is_filtered_and_holds_who_was_linked_and_no_deleted_facts(greta):
    visitor = Contact.objects.create(name="Visitor")
    ids = [
        happen(greta, "a", "message"), happen(greta, "b", "page", NOON - timedelta(hours=1)),
        happen(visitor, "c", "page", NOON - timedelta(hours=2)), happen(greta, "d", "sent", NOON - timedelta(hours=3)),
    ]  # fmt: skip
    happen(Contact.objects.create(name="Other"), "e")
    correct([Change(happen(greta, "f"), Field.DELETED, 1)])
    link_contacts(visitor.pk, greta.pk)

    def places(**filters) -> list[int]:
        return [ids.index(event.pk) for event in shown(greta, **filters)]

    assert places() == [0, 1, 2, 3]
    assert (places(direction=0), places(direction=1)) == ([0, 1, 2], [3])
    assert (places(channel=1), places(channel=2), places(kind=10), places(kind=10, direction=1)) == (
        [0, 3],
        [1, 2],
        [1, 2],
        [],
    )


def test_pages_follow_one_another_also_through_moments_that_are_equal(greta):
    record([Fact("call", f"{n}", NOON, contact_id=greta.pk) for n in range(5)], source=source_for("test", "Test"))
    happen(greta, "older", at=NOON - timedelta(days=400))

    pages, cursor = [], ""
    while True:
        page = read_timeline(greta.pk, Filters(), cursor=cursor, limit=2)
        pages.append([event.pk for event in page.rows])
        if not (cursor := page.cursor):
            break

    assert [len(page) for page in pages] == [2, 2, 2]
    seen = [pk for page in pages for pk in page]
    assert seen[:5] == sorted(seen[:5], reverse=True)
    assert len(set(seen)) == 6
    assert read_timeline(greta.pk, Filters(), cursor="nonsense", limit=2).rows[0].pk == seen[0]
    assert (
        len(read_timeline(greta.pk, Filters(), limit=6).rows),
        read_timeline(greta.pk, Filters(), limit=6).cursor,
    ) == (6, "")


def test_events_are_grouped_by_the_months_of_the_workspace(greta):
    happen(greta, "a", at=LATE)  # 0:30 of the 2nd in Berlin
    happen(greta, "b", at=LATE - timedelta(hours=1))
    happen(greta, "c", at=LATE + timedelta(hours=22))

    months = by_month(shown(greta))

    assert [(one.at.isoformat(), [event.at.strftime("%d %H:%M") for event in one.events]) for one in months] == [
        ("2026-03-01T00:00:00+01:00", ["02 22:30", "02 00:30", "01 23:30"]),
    ]
    assert [one.goes_on for one in by_month(shown(greta), after=LATE + timedelta(days=3))] == [True]
    assert [one.goes_on for one in by_month(shown(greta), after=LATE + timedelta(days=40))] == [False]


def test_the_last_contact_on_each_channel_newest_first(greta, ada):
    visitor = Contact.objects.create(name="Visitor")
    happen(greta, "old", "message", NOON - timedelta(days=3))
    happen(greta, "new", "complaint", NOON - timedelta(days=2), actor_id=ada.pk)
    happen(greta, "own", "Tea", NOON - timedelta(days=1))
    happen(visitor, "call", "call", NOON - timedelta(days=4), actor_id=10**9)
    correct([Change(happen(greta, "gone", "chat"), Field.DELETED, 1)])
    link_contacts(visitor.pk, greta.pk)

    rows = last_contact_panel(None, greta)["rows"]

    shown = [
        (row["icon"], str(row["said"]), NOON - row["at"], str(row["channel"]), row["by"], row["count"]) for row in rows
    ]
    assert shown == [
        ("world-www", "Something happened", timedelta(days=1), "Web", "", 1),
        ("mail", "Complained", timedelta(days=2), "Email", "Ada Berg", 2),
        ("phone", "Called us", timedelta(days=4), "Call", "", 1),
    ]
    assert last_contact_panel(None, Contact.objects.create(name="New")) is None


@pytest.mark.parametrize(
    ("asked", "filters"),
    [
        ("", (None, None)), ("direction=0&channel=3", (0, 3)), ("direction=1", (1, None)), ("direction=2&channel=12", (None, None)),
        ("direction=x&channel=0", (None, None)), ("kind=10", (None, None)),
    ],
)  # fmt: skip
def test_filters_come_from_the_address_and_nonsense_shows_everything(as_ada, kettle, asked, filters):
    with working_in(kettle):
        contact = Contact.objects.create(name="Greta")
    panel = as_ada.get(f"/w/kettle/touchpoints/of/{contact.pk}/?{asked}").context["panel"]

    assert (panel["filters"].direction, panel["filters"].channel, panel["filters"].kind) == (*filters, None)
    assert (panel["months"], panel["cursor"], panel["may_log"]) == ([], "", True)
    assert panel["channels"][0] == (1, "Email")


@pytest.fixture
def heard(monkeypatch):
    """What the handler "test.heard" was given; it fails for items named in `poison`."""

    class Heard(list):
        poison = frozenset()

    got = Heard()

    def hear(workspace, items):
        if {item["n"] for item in items} & got.poison:
            raise ValueError("poison")
        got.append((current_workspace().slug, [item["n"] for item in items]))

    monkeypatch.setitem(house.stream_handlers, "test.heard", hear)
    monkeypatch.setitem(house.stream_handlers, "test.other", lambda workspace, items: got.append("other"))
    valkey().delete(stream.STREAM, stream.DEAD)
    yield got
    valkey().delete(stream.STREAM, stream.DEAD)


def test_the_streams_bounds():
    assert (stream.REST_MS, stream.BATCH, stream.MOST_TRIES) == (5_000, 1_000, 5)


def test_an_item_is_buried_whole_after_exactly_five_tries_and_holds_up_nobody(heard, kettle):
    heard.poison = frozenset({1})
    stream.push(kettle.pk, "test.heard", {"n": 1, "at": NOON})
    stream.push(kettle.pk, "test.other", {"n": 2})

    assert stream.drain(rest_ms=0) == 1
    for _try in range(2):
        assert stream.drain(rest_ms=0) == 0
    assert (stream.waiting_count(), valkey().xlen(stream.DEAD), heard) == (1, 0, ["other"])
    assert [stream.drain(rest_ms=0) for _try in range(2)].count(1) == 1
    assert (stream.waiting_count(), valkey().xlen(stream.DEAD)) == (0, 1)
    ((_id, fields),) = valkey().xrange(stream.DEAD)
    assert fields == {
        b"workspace": str(kettle.pk).encode(),
        b"name": b"test.heard",
        b"data": b'{"n": 1, "at": "2026-03-18 12:00:00+00:00"}',
    }
    assert stream.drain(rest_ms=0) == 0


def test_a_failed_item_is_done_once_its_handler_is_well_again(heard, kettle):
    heard.poison = frozenset({1})
    stream.push(kettle.pk, "test.heard", {"n": 1})
    stream.drain(rest_ms=0)
    heard.poison = frozenset()

    assert (stream.drain(rest_ms=0), heard, stream.drain(rest_ms=0)) == (1, [("kettle", [1])], 0)
    assert valkey().xpending(stream.STREAM, stream.GROUP)["pending"] == 0


def test_items_of_a_workspace_that_is_gone_are_dropped(heard, kettle):
    stream.push(10**9, "test.heard", {"n": 1})

    assert (stream.drain(rest_ms=0), stream.waiting_count(), heard) == (1, 0, [])


def test_more_than_a_batch_is_taken_batch_by_batch(heard, kettle, monkeypatch):
    monkeypatch.setattr(stream, "BATCH", 2)
    for n in range(12):
        stream.push(kettle.pk, "test.heard", {"n": n})

    assert stream.drain(rest_ms=0) == 10
    assert heard == [("kettle", [n, n + 1]) for n in range(0, 10, 2)]
    assert (stream.drain(rest_ms=0), stream.waiting_count()) == (2, 0)


def test_what_is_wrong_with_the_stream_is_not_hidden(heard, kettle):
    valkey().set(stream.STREAM, "no stream")

    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        stream.drain(rest_ms=0)
