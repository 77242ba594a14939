"""Each order and each filter of the list of people reads by an index, as the app's own role, under row security.

But for the figures of list quality, which ask of everybody what they are not; and for a level: no column of a score is indexed, for each recorded fact would move the entries of such an index; and
for what became of an email, which half of everybody may have got.
"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from contacts.models import Contact
from engagement.models import LevelMove
from lib.clock import now
from lib.rooms import house
from segments import listing
from segments.models import Segment, SegmentMember
from tests.conftest import as_owner_sql
from tests.plans import explained
from workspaces.current import current_workspace_id
from workspaces.models import Role

PEOPLE, MANY, BIG = 20_000, 400, 1_000
ROWS = {
    "contacts_audiencerole (workspace_id, contact_id, role, since, source)": (
        "SELECT %(w)s, c.id, CASE WHEN c.id %% 300 = 0 THEN 5 WHEN c.id %% 6 = 1 THEN 1 ELSE 2 END, now(), '' FROM contacts_contact c"
    ),
    "contacts_searchterm (workspace_id, contact_id, term)": (
        "SELECT %(w)s, c.id, t.term FROM contacts_contact c CROSS JOIN LATERAL (VALUES"
        " (CASE WHEN c.id %% 3 = 0 THEN 'anna' ELSE 'ben' END), ('keller' || c.id %% 300), (c.email)) AS t (term)"
    ),
    "engagement_heat (workspace_id, contact_id, heat)": (
        "SELECT %(w)s, c.id, c.id %% 997 FROM contacts_contact c WHERE c.id %% 7 > 0"
    ),
}


@pytest.fixture
def asked(inside, ada):
    """Every way to narrow the list to a few, as arguments of list_people."""
    Contact.objects.bulk_create(
        Contact(name=f"P{n}", email=f"p{n}@people.example", created_at=now() - timedelta(minutes=n))
        for n in range(PEOPLE)
    )
    with connection.cursor() as cursor:
        for table, select in ROWS.items():
            cursor.execute(f"INSERT INTO {table} {select}", {"w": current_workspace_id()})
    few = list(Contact.objects.order_by("pk").values_list("pk", flat=True)[:5])
    segment = Segment.objects.create(name="Few")
    SegmentMember.objects.bulk_create(SegmentMember(segment=segment, contact_id=one) for one in few)
    LevelMove.objects.bulk_create(LevelMove(contact_id=one, before=2, after=3) for one in few)
    as_owner_sql("ANALYZE")
    narrowed = {"segment": str(segment.pk), "moved": "up"}
    request = SimpleNamespace(user=ada, membership=SimpleNamespace(role=Role.OWNER), GET=narrowed)
    found = listing.narrowings(request)
    assert found.keys() == narrowed.keys() == house.list_filters.keys() - {"level", "email", "quality"}
    return {
        "everybody": {},
        "a role": {"role": 5},
        "a word": {"text": "keller78"},
        "two words": {"text": "anna keller78"},
        "a word and a role": {"text": "keller0", "role": 5},
        **{name: {"narrowed": [one]} for name, one in found.items()},
    }


def walked(plans):
    return set().union(*(plan.walked(BIG) for plan in plans))


def test_no_order_and_no_filter_reads_a_big_table_whole(asked, monkeypatch):
    monkeypatch.setattr(listing, "MANY_FOUND", MANY)
    monkeypatch.setattr(listing, "COUNT_UP_TO", MANY)
    found = {}
    for name, arguments in asked.items():
        for sort in house.list_orders:
            with explained(analyze=True) as plans:
                page = listing.list_people(sort=sort, **arguments)
                assert page.rows
                if page.cursor:
                    assert listing.list_people(sort=sort, cursor=page.cursor, **arguments).rows
            found[name, sort] = walked(plans)
        with explained(analyze=True) as plans:
            listing.count_people(**arguments)
        found[name, "count"] = walked(plans)

    assert {asked: tables for asked, tables in found.items() if tables} == {}
