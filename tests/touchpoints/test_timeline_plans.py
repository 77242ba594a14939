"""A page of somebody with a long history reads a page of it, as the app's own role; the strip counts no more than it shows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.merging import link_contacts
from contacts.models import Contact
from tests.conftest import as_owner_sql
from tests.factories.contacts import make_contact
from tests.plans import explained
from touchpoints.facts import Fact
from touchpoints.months import MONTHS, count_months, end_of_month
from touchpoints.recording import record
from touchpoints.sources import source_for
from touchpoints.timeline import Filters, read_timeline

pytestmark = pytest.mark.usefixtures("inside")
MANY, FEW = 4_000, 300


@pytest.fixture
def busy() -> Contact:
    """Somebody with thousands of facts, also under another name, among others."""
    busy, other = make_contact("Busy"), make_contact("Busy too")
    moment, source = timezone.now() - timedelta(hours=1), source_for("site", "Site")
    facts = [
        Fact("message", f"f{n}", moment - timedelta(minutes=97 * n), contact_id=(busy, other)[n % 40 == 0].pk)
        for n in range(MANY)
    ]
    record(facts, source=source)
    for n in range(60):
        record([Fact("page", f"o{n}", moment, contact_id=make_contact().pk)], source=source)
    link_contacts(other.pk, busy.pk)
    as_owner_sql("ANALYZE")
    return busy


def test_each_page_reads_about_a_page_wherever_it_begins(busy):
    page, seen = read_timeline(busy.pk, Filters()), []
    for _ in range(3):
        with explained(analyze=True, only="WITH page") as plans:
            page = read_timeline(busy.pk, Filters(), cursor=page.cursor)
        seen += [one.pk for one in page.rows]
        (plan,) = plans
        read = sum(
            node["Actual Rows"] * node["Actual Loops"]
            for node in plan.nodes
            if node.get("Relation Name", "").startswith("touchpoint_")
        )
        assert (plan.walked(FEW), read < 2 * FEW) == (set(), True)
    assert len(set(seen)) == len(seen) == 120


def test_the_number_of_statements_does_not_grow_with_the_history(busy):
    small = make_contact("Small")
    record([Fact("message", "s", timezone.now(), contact_id=small.pk)], source=source_for("site", "Site"))
    counts = []
    for one in (small, busy):
        with CaptureQueriesContext(connection) as captured:
            read_timeline(one.pk, Filters())
            count_months(one.pk)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_the_strip_is_twelve_months_and_counts_both_sides(inside):
    greta = make_contact("Greta")
    source = source_for("site", "Site")
    record([Fact("message", "a", timezone.now(), contact_id=greta.pk)], source=source)
    record([Fact("sent", "b", timezone.now(), contact_id=greta.pk)], source=source)
    record([Fact("message", "c", timezone.now() - timedelta(days=800), contact_id=greta.pk)], source=source)

    strip = count_months(greta.pk)

    assert (len(strip), strip[-1].theirs, strip[-1].ours, sum(one.theirs for one in strip)) == (MONTHS, 1, 1, 1)
    assert (strip[-1].share_in, strip[-1].top) == (100, 0)


@pytest.mark.parametrize(
    ("asked", "ends"),
    [
        ("2026-12", datetime(2026, 12, 31, 23, tzinfo=UTC)),
        ("2026-13", None),
        ("0000-01", None),
        ("9999-12", None),
        ("２０２６-01", None),
        ("2026-1", None),
        ("", None),
    ],
)
def test_a_month_in_an_address_is_a_month_or_nothing(asked, ends):
    assert end_of_month(asked) == ends
