"""Pages looked at in one go stand as one visit; an answer says how long it took."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories.contacts import make_contact
from touchpoints.answer_times import duration
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from touchpoints.timeline import Filters, read_timeline

pytestmark = pytest.mark.usefixtures("inside")
NOON = datetime(2026, 6, 10, 12, 0, tzinfo=UTC)


def kept(*facts: tuple[str, float, dict]) -> list:
    """(kind, minutes after noon, more) of one person → their events, newest first."""
    contact = make_contact()
    record(
        [
            Fact(kind, f"f{n}", NOON + timedelta(minutes=at), contact_id=contact.pk, **more)
            for n, (kind, at, more) in enumerate(facts)
        ],
        source=source_for("site", "Site"),
    )
    return read_timeline(contact.pk, Filters()).rows


def page(title: str) -> dict:
    return {"payload": {"context": {"page": {"title": title}}}}


def test_pages_within_half_an_hour_of_each_other_are_one_visit():
    events = kept(
        ("visit", 0, {}), ("page", 1, page("Kettles")), ("page", 31, page("Lids")), ("page", 61.1, page("Tea"))
    )

    assert [(one.lines, one.folded) for one in events] == [(["Tea"], []), (["2 pages"], ["Kettles", "Lids"])]
    assert (events[1].title, events[1].at) == ("Visited the site", NOON)


@pytest.mark.parametrize(
    "between", [("purchase", 2, {"value_minor": 100}), ("page", 2, {"certainty": 2}), ("screen", 2, {"channel": 4})]
)
def test_what_comes_between_parts_a_visit(between):
    events = kept(("page", 1, page("Kettles")), between, ("page", 3, page("Lids")))

    assert len(events) == 3


def test_an_answer_tells_how_long_it_took_since_the_first_they_said():
    mail = {"channel": 1}
    events = kept(
        ("message", 0, mail),
        ("message", 50, mail),
        ("answer", 112, mail),
        ("answer", 120, mail),
        ("message", 130, mail),
    )

    assert [[line for line in one.lines if line.startswith("after")] for one in events] == [
        [], [], ["after 1 h 52 min"], [], [],
    ]  # fmt: skip


def test_an_answer_on_another_channel_answers_nothing_here():
    events = kept(("message", 0, {"channel": 1}), ("answer", 9, {"channel": 3}))

    assert [line for one in events for line in one.lines if line.startswith("after")] == []


@pytest.mark.parametrize(
    ("seconds", "words"), [(5, "1 min"), (60, "1 min"), (3599, "59 min"), (3600, "1 h 0 min"), (86_400 * 3 + 9, "3 d")]
)
def test_a_stretch_of_time_in_words(seconds, words):
    assert duration(timedelta(seconds=seconds)) == words


def test_a_visit_stays_whole_where_a_page_of_the_timeline_ends():
    contact = make_contact()
    facts = [Fact("message", "m", NOON - timedelta(days=1), contact_id=contact.pk)]
    facts += [
        Fact("page", f"a{n}", NOON + timedelta(minutes=n), contact_id=contact.pk, **page(f"P{n}")) for n in range(8)
    ]
    facts += [Fact("message", f"n{n}", NOON + timedelta(days=1, minutes=n), contact_id=contact.pk) for n in range(5)]
    record(facts, source=source_for("site", "Site"))

    first = read_timeline(contact.pk, Filters(), limit=3)
    second = read_timeline(contact.pk, Filters(), limit=3, cursor=first.cursor)
    third = read_timeline(contact.pk, Filters(), limit=3, cursor=second.cursor)

    assert [len(one.folded) for page_ in (first, second, third) for one in page_.rows] == [0, 0, 0, 0, 0, 8, 0]
    assert third.cursor == ""


def test_a_visit_of_more_pages_than_fit_is_shown_in_parts_and_none_is_lost():
    contact = make_contact()
    facts = [
        Fact("page", f"a{n}", NOON + timedelta(minutes=n), contact_id=contact.pk, **page(f"P{n}")) for n in range(25)
    ]
    record(facts, source=source_for("site", "Site"))

    seen, cursor = [], ""
    while True:
        found = read_timeline(contact.pk, Filters(), limit=3, cursor=cursor)
        seen += [title for one in found.rows for title in one.folded or one.lines]
        if not (cursor := found.cursor):
            break

    assert sorted(seen) == sorted(f"P{n}" for n in range(25))
