"""Orders by file: rows become purchases and refunds of people, once, however often and in whatever parts they come."""

import csv
import io
import json
from datetime import UTC, datetime
from itertools import groupby

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from consent.consenting import newest_word
from consent.models import Consent
from contacts.models import Contact, Merged
from imports.models import ImportedRecord, ImportedRow, StandingFact
from lib.sql import load_sql, run_text
from tests.examples import examples
from tests.factories.contacts import letter, make_contact
from touchpoints.kinds import BY_CODE
from touchpoints.models import Correction, DayCount, Touchpoint

PLAIN = """Order number,Date,Total,Currency,Email,Product,Quantity,Price,Status
A-1,2026-03-01 10:00,25.00,EUR,ann@people.example,Assam,1,10.00,paid
A-1,2026-03-01 10:00,25.00,EUR,ann@people.example,Mint,3,5.00,paid
A-2,2026-03-02 11:30,8.50,EUR,new@people.example,Oolong,1,8.50,paid
"""


def ledger():
    """What counts: who, kind, moment, amount, currency, payload; corrections applied."""
    facts = load_sql("touchpoints/facts")
    rows = run_text(
        f"SELECT c.email, t.kind, t.occurred_at, t.value_minor, t.currency, t.channel, t.payload FROM {facts} t"
        " JOIN contacts_contact c ON c.workspace_id = t.workspace_id AND c.id = t.contact_id",
        {},
    )
    return sorted(((BY_CODE[row[1]].key, row[0], *row[2:6], json.loads(row[6])) for row in rows), key=str)


def bought():
    """(kind, whose, hundredths) of what counts."""
    return [(kind, email, value) for kind, email, _at, value, *_rest in ledger()]


def counted():
    """Day, kind and value of the day counts, summed over their slots."""
    rows = sorted(DayCount.objects.values_list("day", "kind", "count", "value_sum"))
    days = {key: list(some) for key, some in groupby(rows, key=lambda row: row[:2])}
    sums = {key: (sum(row[2] for row in some), sum(row[3] for row in some)) for key, some in days.items()}
    return {key: value for key, value in sums.items() if value != (0, 0)}


@pytest.fixture
def ann(inside):
    return make_contact("Ann", "ann@people.example")


@pytest.fixture
def orders(bring):
    """Import a file of orders; nothing about consent is stated."""

    def take(text, name="orders.csv", **facts):
        return bring(text, name, **{"topic": "", "basis": "", "proof": "", "mode": "record"} | facts)

    return take


def test_a_file_of_orders_is_known_by_its_columns_and_becomes_purchases(ann, orders):
    result = orders(PLAIN)

    assert (result.run.holds, result.run.preset) == ("orders", "orders")
    assert result.outcomes == {2: "created", 3: "created", 4: "created"}
    [first, second] = ledger()
    assert first[:6] == ("purchase", "ann@people.example", datetime(2026, 3, 1, 9, tzinfo=UTC), 2500, "EUR", 2)
    assert first[6] == {
        "order_id": "A-1",
        "name": "Assam, Mint",
        "products": [
            {"name": "Assam", "quantity": 1.0, "value": 10.0},
            {"name": "Mint", "quantity": 3.0, "value": 15.0},
        ],
    }
    assert second[:4] == ("purchase", "new@people.example", datetime(2026, 3, 2, 10, 30, tzinfo=UTC), 850)
    assert sum(value for _count, value in counted().values()) == 3350


def test_a_second_file_adds_nothing(ann, orders):
    orders(PLAIN)
    before, people = ledger(), Contact.objects.count()

    result = orders(PLAIN, "other name.csv")

    assert set(result.outcomes.values()) == {"same"}
    assert (ledger(), Contact.objects.count()) == (before, people)
    assert Correction.objects.count() == 0


def test_an_order_makes_nobody_one_who_may_be_emailed(ann, orders):
    orders(PLAIN)

    assert not Consent.objects.exists()
    assert newest_word(Contact.objects.get(email="new@people.example"), topic=letter()) is None


def test_consent_is_written_for_whom_the_file_makes_where_a_basis_is_stated(ann, orders):
    text = "Order number,Date,Email,Accepts marketing\n1,2026-03-01,yes@people.example,yes\n2,2026-03-01,no@people.example,no\n"
    orders(
        text + "3,2026-03-01,ann@people.example,yes\n",
        topic="letter",
        basis="consent",
        proof="They ticked the box at the checkout.",
        mapping={"Accepts marketing": "consent"},
    )

    given = Consent.objects.filter(state=Consent.State.GIVEN).values_list("contact__email", flat=True)
    assert list(given) == ["yes@people.example"]


def test_people_we_do_not_know_are_left_out_where_the_run_makes_nobody(ann, orders):
    result = orders(PLAIN, mode="known")

    assert result.outcomes == {2: "created", 3: "created", 4: "nobody"}
    assert result.reasons[4] == "We do not know this person, and this import makes nobody."
    assert Contact.objects.count() == 1
    assert ImportedRecord.objects.count() == 1


def test_another_amount_voids_the_fact_and_writes_a_new_one(ann, orders):
    orders(PLAIN)
    result = orders(PLAIN.replace("25.00", "30.00"))

    assert result.outcomes == {2: "updated", 3: "updated", 4: "same"}
    assert result.reasons[2] == "amount: 25.00 → 30.00."
    assert bought() == [("purchase", "ann@people.example", 3000), ("purchase", "new@people.example", 850)]
    assert sum(value for _count, value in counted().values()) == 3850
    assert Touchpoint.objects.count() == 3
    assert Correction.objects.count() == 1


def test_an_order_that_was_paid_back_is_a_purchase_and_a_refund(ann, orders):
    orders(PLAIN)
    result = orders("Order number,Date,Total,Email,Status\nA-2,2026-03-02 11:30,8.50,new@people.example,Refunded\n")

    assert result.outcomes == {2: "updated"}
    assert ("refund", "new@people.example", 850) in bought()
    assert ("purchase", "new@people.example", 850) in bought()


@pytest.mark.parametrize("status", ["cancelled", "Voided", "storniert", "pending"])
def test_an_order_that_is_cancelled_or_not_paid_is_no_purchase(ann, orders, status):
    text = "Order number,Date,Total,Email,Status\nA-9,2026-03-02,8.50,who@people.example,{}\n"
    result = orders(text.format(status))

    assert result.outcomes == {2: "nothing"}
    assert not Contact.objects.filter(email="who@people.example").exists()
    assert orders(text.format("paid")).outcomes == {2: "created"}
    assert bought() == [("purchase", "who@people.example", 850)]
    assert orders(text.format(status)).outcomes == {2: "updated"}
    assert bought() == []


def test_the_same_row_twice_in_a_file_counts_once(ann, orders):
    result = orders(PLAIN + PLAIN.splitlines()[1] + "\n")

    assert result.outcomes[5] == "duplicate"
    assert result.reasons[5] == "Stands on line 2 already."
    assert len(ledger()) == 2


def test_rows_of_one_order_that_contradict_are_reported(ann, orders):
    result = orders(PLAIN + "A-2,2026-03-02 11:30,9.00,EUR,new@people.example,Tea,1,9.00,paid\n")

    assert result.outcomes[5] == "invalid"
    assert result.reasons[5] == "Line 4 of the same file says otherwise: amount: 8.50 → 9.00."


def test_rows_of_one_order_that_name_two_people_are_reported(ann, orders):
    result = orders(PLAIN + "A-2,2026-03-02 11:30,8.50,EUR,ann@people.example,Mint,1,8.50,paid\n")

    assert result.outcomes[5] == "invalid"
    assert result.reasons[5] == "Line 4 of the same file says that this order is of somebody else."


def test_a_column_that_is_no_order_number_is_reported(inside, orders, monkeypatch):
    monkeypatch.setattr("imports.facts.telling.MOST_ITEMS", 3)
    rows = "".join(f"1,2026-03-01,a@b.example,Tea {n}\n" for n in range(5))

    result = orders(f"Order number,Date,Email,Item\n{rows}")

    assert list(result.outcomes.values()) == ["created"] * 3 + ["invalid"] * 2


CELLS = st.sampled_from(
    ["", " ", "1", "-1", "1e308", "9" * 400, "1.234,56", "2026-03-01", "0000-00-00", "99999-01-01", "undefined", "=1+1",
     "€", "$5", "a@b.example", "\ud800", "🍵", "+491511234567", "paid", "true", "x" * 3_000, "[]", "NaN", "#"]
)  # fmt: skip


@pytest.mark.parametrize("holds", ["orders", "attendance"])
@hypothesis_settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(rows=st.lists(st.lists(CELLS, min_size=8, max_size=8), min_size=1, max_size=6))
def test_whatever_the_cells_hold_each_row_has_its_outcome(inside, orders, holds, rows):
    header = {
        "orders": ["Order number", "Date", "Total", "Currency", "Email", "Status", "Price", "Quantity"],
        "attendance": ["Event", "Event date", "Email", "Status", "Ticket", "Phone", "Registered at", "Ticket number"],
    }[holds]
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    with transaction.atomic():
        result = orders(text.getvalue().encode("utf-8", "surrogatepass"))
        transaction.set_rollback(True)

    assert result.run.holds == holds
    assert not [why for why in result.reasons.values() if "cannot be stored" in why]


def test_an_order_of_somebody_else_is_not_changed(ann, orders):
    orders(PLAIN)
    text = "Order number,Date,Total,Email\nA-1,2026-05-01,99.00,else@people.example\n"

    result = orders(text)

    assert result.outcomes == {2: "invalid"}
    assert f"an order of contact {ann.pk} already" in result.reasons[2]
    assert not Contact.objects.filter(email="else@people.example").exists()
    assert orders(text, about={"shop": "The other shop"}).outcomes == {2: "created"}


def test_an_order_of_somebody_who_was_merged_is_theirs(ann, orders):
    orders(PLAIN)
    survivor = make_contact("Anna", "anna@people.example")
    Merged.objects.create(loser=ann, survivor=survivor, into=survivor)

    result = orders(PLAIN)

    assert set(result.outcomes.values()) == {"same"}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1,2026-03-01,-5.00,a@b.example,paid", "below zero"),
        ("1,2026-03-01,1e308,a@b.example,paid", "is no amount"),
        ("1,2026-03-01,lots,a@b.example,paid", "is no amount"),
        ("1,2026-03-01,5.00 XYZ,a@b.example,paid", "is no currency we know"),
        ("1,2026-03-01,$5.00,a@b.example,paid", "may be several currencies"),
        ("1,31.02.2026,5.00,a@b.example,paid", "is no date"),
        ("1,yesterday,5.00,a@b.example,paid", "is no date"),
        ("1,2199-01-01,5.00,a@b.example,paid", "lies in the future"),
        ("1,1969-01-01,5.00,a@b.example,paid", "lies before 1970"),
        ("1.00E+11,2026-03-01,5.00,a@b.example,paid", "A spreadsheet has broken"),
        (",2026-03-01,5.00,a@b.example,paid", "No order number"),
        ("undefined,2026-03-01,5.00,a@b.example,paid", "is no order number"),
        ("1,2026-03-01,5.00,a@b.example,wobbly", "is no status we know"),
    ],
)
def test_what_cannot_be_read_is_reported_and_its_neighbours_come_in(inside, orders, row, why):
    good = "2,2026-03-01,7.00,good@people.example,paid"
    result = orders(f"Order number,Date,Total,Email,Status\n{row}\n{good}\n")

    assert result.outcomes == {2: "invalid", 3: "created"}
    assert why in result.reasons[2]
    assert ImportedRow.objects.get(line=2).raw == row.split(",")
    assert bought() == [("purchase", "good@people.example", 700)]


@pytest.mark.parametrize(
    ("currency", "price", "told"),
    [
        ("", "£12.50", (1250, "GBP")),
        ("USD", "$12.50", (1250, "USD")),
        ("USD", "£12.50", None),
        ("", "12.50", (1250, "EUR")),
    ],
)
@pytest.mark.parametrize("column", ["Line total", "Price"])
def test_the_sign_at_a_line_is_the_currency_of_the_order(inside, orders, column, currency, price, told):
    row = f"1,2026-03-01,a@b.example,Tea,{price},{currency}"
    result = orders(f"Order number,Date,Email,Item,{column},Currency\n{row}\n")

    assert [one[3:5] for one in ledger()] == ([told] if told else [])
    assert result.reasons[2] == ("" if told else "Two currencies in one row: USD and GBP.")


def test_nobody_gets_back_more_than_they_paid(inside, orders):
    text = "Order number,Date,Total,Refunded amount,Email\n"
    result = orders(text + "1,2026-03-01,5.00,5.01,a@b.example\n2,2026-03-01,5.00,-5.00,a@b.example\n")

    assert result.outcomes == {2: "invalid", 3: "created"}
    assert result.reasons[2] == "More was paid back than the order cost."
    assert bought() == [("purchase", "a@b.example", 500), ("refund", "a@b.example", 500)]


def test_a_quantity_is_read_and_told_to_the_gram(inside, orders):
    text = "Order number,Date,Total,Email,Item,Quantity\n1,2026-03-01,5.00,a@b.example,Tea,{}\n"
    orders(text.format("0.125"))
    assert ledger()[0][6]["products"] == [{"name": "Tea", "quantity": 0.125}]

    assert orders(text.format("2.5")).reasons[2] == "items: 0.125 × Tea → 2.5 × Tea."


def test_the_currency_of_the_workspace_said_aloud_is_no_difference(inside, orders):
    orders("Order number,Date,Total,Email\n1,2026-03-01,5.00,a@b.example\n")

    assert orders("Order number,Date,Total,Currency,Email\n1,2026-03-01,6.00,EUR,a@b.example\n").reasons[2] == (
        "amount: 5.00 → 6.00."
    )
    assert (
        "currency: EUR → USD."
        in orders("Order number,Date,Total,Currency,Email\n1,2026-03-01,6.00,USD,a@b.example\n").reasons[2]
    )


@pytest.mark.parametrize("who", ["undefined", "", "not an address"])
def test_a_row_that_says_of_nobody_is_reported(inside, orders, who):
    result = orders(f"Order number,Date,Total,Email\n1,2026-03-01,5.00,{who}\n")

    assert result.outcomes == {2: "nobody"}
    assert ledger() == []


def test_german_amounts_days_and_words_are_read(inside, orders):
    text = "Bestellnummer;Datum;Betrag;E-Mail;Status;Kanal\n7;01.03.2026 18:30;1.234,56 €;a@b.example;bezahlt;Filiale\n"

    orders(text + "8;02.03.2026;1.234;a@b.example;bezahlt;\n9;03.03.2026;12,50;a@b.example;bezahlt;\n")

    assert [(one[2], one[3], one[5]) for one in ledger()] == [
        (datetime(2026, 3, 1, 17, 30, tzinfo=UTC), 123456, 10),
        (datetime(2026, 3, 1, 23, tzinfo=UTC), 123400, 2),
        (datetime(2026, 3, 2, 23, tzinfo=UTC), 1250, 2),
    ]


def test_a_word_that_somebody_explained_counts(inside, orders):
    text = "Order number,Date,Total,Email,Status\n1,2026-03-01,5.00,a@b.example,wobbly\n"

    result = orders(text, answers={"Status": {"wobbly": "paid"}})

    assert result.outcomes == {2: "created"}


def test_amounts_of_lines_are_added_up(inside, orders):
    text = "Order number,Date,Email,Item,Line total\n1,2026-03-01,a@b.example,Tea,5.00\n1,2026-03-01,a@b.example,Cup,7.50\n"

    orders(text)

    assert bought() == [("purchase", "a@b.example", 1250)]


SHOPIFY = """Name,Email,Financial Status,Currency,Total,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,Refunded Amount,Cancelled at,Source,Billing Name
#1001,ann@people.example,paid,EUR,25.00,2026-03-01 10:00:00 +0100,1,Assam,10.00,T-1,0.00,,web,Ann Tee
#1001,ann@people.example,,,,,3,Mint,5.00,T-2,,,,
#1002,bo@people.example,partially_refunded,EUR,40.00,2026-03-02 10:00:00 +0100,1,Kettle,40.00,K-1,15.00,,pos,Bo Brew
#1003,cy@people.example,voided,EUR,9.00,2026-03-03 10:00:00 +0100,1,Oolong,9.00,T-3,0.00,2026-03-03 12:00:00 +0100,web,Cy Cup
"""


def test_shopify_writes_a_row_for_each_item_and_it_is_one_purchase(ann, orders):
    result = orders(SHOPIFY, "orders_export_1.csv")

    assert result.run.preset == "shopify_orders"
    assert result.outcomes == {2: "created", 3: "created", 4: "created", 5: "nothing"}
    assert bought() == [
        ("purchase", "ann@people.example", 2500),
        ("purchase", "bo@people.example", 4000),
        ("refund", "bo@people.example", 1500),
    ]
    assert [one["sku"] for one in ledger()[0][6]["products"]] == ["T-1", "T-2"]
    assert ledger()[1][5] == 10
    assert Contact.objects.get(email="bo@people.example").name == "Bo Brew"


def test_the_rest_of_an_order_that_comes_first_waits_for_its_beginning(ann, orders):
    head, first, second, *_others = SHOPIFY.splitlines()
    waits = orders(f"{head}\n{second}\n")
    assert waits.outcomes == {2: "nothing"}
    assert ledger() == []

    assert orders(f"{head}\n{first}\n").outcomes == {2: "created"}

    parts = ledger()
    with transaction.atomic():
        ImportedRecord.objects.all().delete()
        StandingFact.objects.all().delete()
    orders(f"{head}\n{first}\n{second}\n")
    assert ledger() == parts


@pytest.mark.parametrize(
    "text",
    [
        "order_id,order_number,order_date,status,order_total,order_currency,billing_email,billing_first_name\n"
        "91,WC-91,2026-03-01 10:00:00,completed,12.00,EUR,a@b.example,Ada\n",
        "Order Number,Order Status,Order Date,First Name (Billing),Email (Billing),Order Total Amount,Item Name,"
        "Quantity (- Refund),Item Cost\nWC-91,Completed,2026-03-01 10:00,Ada,a@b.example,12.00,Tea,2,6.00\n",
    ],
)
def test_woocommerce_is_known_by_either_of_its_exports(inside, orders, text):
    result = orders(text)

    assert result.run.preset == "woocommerce_orders"
    assert [one[:4] for one in ledger()] == [("purchase", "a@b.example", datetime(2026, 3, 1, 9, tzinfo=UTC), 1200)]
    assert Contact.objects.get().given_name == "Ada"


def test_the_same_number_of_statements_writes_one_order_and_fifty(inside, orders):
    def statements(count, shop):
        rows = "".join(f"{n},2026-03-01,5.00,p{n}{shop}@people.example,refunded\n" for n in range(1, count + 1))
        with CaptureQueriesContext(connection) as found:
            orders(f"Order number,Date,Total,Email,Status\n{rows}", about={"shop": shop})
        return len(found)

    statements(2, "warm")
    one = statements(1, "a")

    assert statements(50, "b") == one


LINES = [
    (f"{number},2026-03-0{number} 10:00,{number * 10}.00,p{number % 3}@people.example,{item},{number}.00,{status}")
    for number, status in ((1, "paid"), (2, "refunded"), (3, "cancelled"), (4, "paid"), (5, "paid"))
    for item in ("Assam", "Mint", "Cup")
]
HEAD = "Order number,Date,Total,Email,Product,Price,Status\n"


@hypothesis_settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(lines=st.permutations(LINES), cut=st.integers(0, len(LINES)), turned=st.booleans())
def test_a_file_cut_in_two_in_any_order_gives_the_same_facts(inside, orders, lines, cut, turned):
    def told(*parts):
        with transaction.atomic():
            for part in parts:
                if part:
                    orders(HEAD + "".join(f"{line}\n" for line in part))
            found = ledger()
            transaction.set_rollback(True)
        return found

    parts = [lines[:cut], lines[cut:]]

    assert told(*(reversed(parts) if turned else parts)) == told(LINES)
