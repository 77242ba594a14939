"""Attendance by file: who registered, who came, who did not, once for each person and event."""

from datetime import UTC, datetime

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from contacts.models import Contact
from imports.models import ImportedRecord
from tests.examples import examples
from tests.factories.contacts import make_contact
from tests.imports.test_orders import ledger
from touchpoints.kinds import BY_CODE
from touchpoints.models import Correction, Touchpoint

LIST = """Event,Event date,Email,First name,Status,Ticket
Tasting evening,2026-05-08 19:00,ann@people.example,Ann,attended,Adult
Tasting evening,2026-05-08 19:00,bo@people.example,Bo,no-show,Adult
Tasting evening,2026-05-08 19:00,cy@people.example,Cy,cancelled,Child
Tasting evening,2026-05-08 19:00,di@people.example,Di,registered,Child
"""
AT = datetime(2026, 5, 8, 17, tzinfo=UTC)


@pytest.fixture
def visits(bring):
    """Import a list of an event; nothing about consent is stated."""

    def take(text, name="list.csv", **facts):
        return bring(text, name, **{"topic": "", "basis": "", "proof": "", "mode": "record"} | facts)

    return take


def happened():
    return [(kind, email, at) for kind, email, at, *_rest in ledger()]


def test_a_list_of_an_event_is_known_by_its_columns_and_becomes_visits(inside, visits):
    ann = make_contact("Ann", "ann@people.example")
    result = visits(LIST)

    assert (result.run.holds, result.run.preset) == ("attendance", "attendance")
    assert set(result.outcomes.values()) == {"created"}
    assert happened() == [
        ("event_cancelled", "cy@people.example", AT),
        ("event_no_show", "bo@people.example", AT),
        ("event_registration", "di@people.example", AT),
        ("event_visit", "ann@people.example", AT),
    ]
    assert ledger()[3][6] == {"name": "Tasting evening", "ticket": "Adult"}
    assert Contact.objects.count() == 4
    assert ann.touchpoints.count() == 1


def test_a_second_list_adds_nothing(inside, visits):
    visits(LIST)
    before = ledger()

    result = visits(LIST, "again.csv")

    assert set(result.outcomes.values()) == {"same"}
    assert (ledger(), Correction.objects.count()) == (before, 0)


@pytest.mark.parametrize("turned", [False, True])
def test_who_came_had_registered_whichever_list_comes_first(inside, visits, turned):
    before = LIST.replace("attended", "registered").replace("no-show", "registered").replace("cancelled", "registered")
    lists = [before, LIST]

    for one in reversed(lists) if turned else lists:
        visits(one)

    kinds = sorted((email, kind) for kind, email, _at in happened())
    assert kinds == [
        ("ann@people.example", "event_registration"),
        ("ann@people.example", "event_visit"),
        ("bo@people.example", "event_no_show"),
        ("bo@people.example", "event_registration"),
        ("cy@people.example", "event_cancelled"),
        ("cy@people.example", "event_registration"),
        ("di@people.example", "event_registration"),
    ]
    assert ImportedRecord.objects.count() == 8


def test_a_later_list_that_knows_better_counts(inside, visits):
    visits(LIST)

    result = visits(LIST.replace("no-show", "attended"))

    assert result.outcomes == {2: "same", 3: "updated", 4: "same", 5: "same"}
    assert ("event_visit", "bo@people.example", AT) in happened()
    assert ("event_no_show", "bo@people.example", AT) not in happened()


def test_several_tickets_of_one_person_are_one_visit(inside, visits):
    text = "Event,Event date,Email,Status,Ticket,Ticket number\n"
    rows = [("attended", "Adult", 1), ("no-show", "Child", 2), ("cancelled", "Child", 3)]
    visits(text + "".join(f"Fair,2026-05-08,a@b.example,{status},{kind},{n}\n" for status, kind, n in rows))

    [visit] = ledger()
    assert (visit[0], visit[6]) == ("event_visit", {"name": "Fair", "ticket": "Adult, Child"})


@pytest.mark.parametrize("are_apart", [False, True])
@pytest.mark.parametrize("times", [("19:02", "19:03"), ("19:03", "19:02")])
def test_tickets_that_were_checked_in_one_after_the_other_are_one_visit(inside, visits, times, are_apart):
    head = "Event,Check-in time,Email,Ticket number\n"
    rows = [f"Fair,2026-05-08 {at},a@b.example,{n}\n" for n, at in enumerate(times)]

    for some in rows if are_apart else ["".join(rows)]:
        assert set(visits(head + some).outcomes.values()) <= {"created", "updated", "same"}

    assert happened() == [("event_visit", "a@b.example", datetime(2026, 5, 8, 17, 2, tzinfo=UTC))]


def test_the_day_of_an_event_is_that_of_the_workspace(inside, visits):
    rows = ["2026-05-08T23:30:00+02:00", "2026-05-08T21:50:00+00:00", "2026-05-09T00:10:00+02:00"]
    visits("Event,Event date,Email\n" + "".join(f"Fair,{at},a@b.example\n" for at in rows))

    assert [at.isoformat() for _kind, _email, at in happened()] == [
        "2026-05-08T21:30:00+00:00",
        "2026-05-08T22:10:00+00:00",
    ]


def test_people_of_one_office_came_each(inside, visits):
    result = visits(
        "Event,Event date,Email,First name,Status\n"
        "Fair,2026-05-08,info@tea.example,Ann,attended\nFair,2026-05-08,info@tea.example,Ben,no-show\n"
    )

    assert set(result.outcomes.values()) == {"created"}
    came = {(fact.contact.given_name, BY_CODE[fact.kind].key) for fact in Touchpoint.objects.select_related("contact")}
    assert came == {("Ann", "event_visit"), ("Ben", "event_no_show")}


def test_a_ticket_given_back_beside_one_that_is_kept_is_no_cancellation(inside, visits):
    text = "Event,Event date,Email,Status,Ticket number\n"
    visits(text + "Fair,2026-05-08,a@b.example,registered,1\nFair,2026-05-08,a@b.example,cancelled,2\n")

    assert [one[0] for one in ledger()] == ["event_registration"]


def test_what_the_file_does_not_say_may_be_said_beside_it(inside, visits):
    about = {"event": "Open day", "event_at": "2026-06-01T09:00:00.000+00:00", "unsaid": "attended"}

    visits("Email\na@b.example\n", about=about, holds="attendance")

    assert happened() == [("event_visit", "a@b.example", datetime(2026, 6, 1, 9, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("Fair,2199-01-01,a@b.example,attended,", "lies in the future"),
        ("Fair,2199-01-01,a@b.example,registered,", "nothing says when they registered"),
        ("Fair,,a@b.example,attended,2026-01-01", "Nothing says when the event was"),
        ("Fair,,a@b.example,attended,", "No date"),
        ("Fair,soon,a@b.example,attended,", "is no date"),
        (",2026-05-08,a@b.example,attended,", "No event"),
        ("Fair,2026-05-08,a@b.example,maybe,", "is no status we know"),
    ],
)
def test_what_cannot_be_read_is_reported_and_its_neighbours_come_in(inside, visits, row, why):
    good = "Fair,2026-05-08,good@people.example,attended,"
    result = visits(f"Event,Event date,Email,Status,Registered at\n{row}\n{good}\n")

    assert result.outcomes == {2: "invalid", 3: "created"}
    assert why in result.reasons[2]
    assert [one[:2] for one in ledger()] == [("event_visit", "good@people.example")]


def test_a_row_of_nobody_is_reported(inside, visits):
    assert visits("Event,Event date,Email\nFair,2026-05-08,undefined\n").outcomes == {2: "nobody"}


def test_who_registered_for_an_event_that_lies_ahead_did_not_come_yet(inside, visits):
    text = "Event,Event date,Email,Checked in,Registered at\nFair,2199-01-01,a@b.example,no,2026-01-02 12:00\n"

    visits(text)

    assert happened() == [("event_registration", "a@b.example", datetime(2026, 1, 2, 11, tzinfo=UTC))]


TICKETS = [
    f"Fair,2026-05-0{day},p{person}@people.example,{status},{ticket},{number}"
    for day in (1, 2)
    for person, status in ((1, "attended"), (2, "no-show"), (3, "registered"))
    for number, ticket in ((1, "Adult"), (2, "Child"))
]


@hypothesis_settings(
    max_examples=examples(6),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(lines=st.permutations(TICKETS), cut=st.integers(0, len(TICKETS)), turned=st.booleans())
def test_a_list_cut_in_two_in_any_order_gives_the_same_facts(inside, visits, lines, cut, turned):
    def told(*parts):
        with transaction.atomic():
            for part in filter(None, parts):
                visits("Event,Event date,Email,Status,Ticket,Ticket number\n" + "".join(f"{line}\n" for line in part))
            found = ledger()
            transaction.set_rollback(True)
        return found

    parts = [lines[:cut], lines[cut:]]

    assert told(*(reversed(parts) if turned else parts)) == told(TICKETS)


def test_eventbrite_is_known_by_its_columns(inside, visits):
    head = "Order #,Order Date,First Name,Surname,Email,Event Name,Event Start Date,Ticket Type,Attendee Status\n"
    row = "1,2026-05-01 10:00,{0},X,{0}@people.example,Rooftop,2026-05-08,General,{1}\n"
    rows = [("ann", "Checked In"), ("bo", "Attending"), ("cy", "Not Attending")]

    result = visits(head + "".join(row.format(*one) for one in rows))

    assert (result.run.preset, set(result.outcomes.values())) == ("eventbrite", {"created"})
    kinds = sorted((email, kind) for kind, email, _at in happened())
    assert kinds == [
        ("ann@people.example", "event_registration"),
        ("ann@people.example", "event_visit"),
        ("bo@people.example", "event_registration"),
        ("cy@people.example", "event_cancelled"),
        ("cy@people.example", "event_registration"),
    ]


def test_days_with_the_name_of_their_month_are_read_and_half_a_day_is_reported(inside, visits):
    rows = {
        "ann": "May 8, 2026 7:00 PM",
        "bo": "8. Mai 2026 19:00 Uhr",
        "cy": "08-May-2026 19:00",
        "di": "May 2026",
        "el": "8. Mai",
        "fay": "Mon, 8 May 2026 19:00",
    }
    text = "".join(f'Tasting,"{when}",{name}@people.example,attended\n' for name, when in rows.items())

    result = visits(f"Event,Event date,Email,Status\n{text}")

    assert {at for _kind, _email, at in happened()} == {AT}
    assert [email.split("@")[0] for _kind, email, _at in happened()] == ["ann", "bo", "cy"]
    assert [result.reasons[line].split("” ")[1] for line in (5, 6, 7)] == [
        "names no day: it is no date.",
        "names no year: it is no date.",
        "is another day of the week: which of the two is meant?",
    ]


def test_orders_of_a_shop_that_writes_months_by_name_are_read(inside, bring):
    text = 'Order,Date,Email,Total,Currency\nA1,"Nov 2, 2026 2:03 PM",ann@people.example,19.90,EUR\n'

    result = bring(text, "orders.csv", topic="", basis="", proof="", mode="record")

    assert result.run.holds == "orders"
    assert [row[2] for row in ledger()] == [datetime(2026, 11, 2, 13, 3, tzinfo=UTC)]
