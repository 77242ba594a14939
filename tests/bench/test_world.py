"""The world of the benchmarks breaks no rule of the product: what it writes by SQL is what the product would have kept."""

import os
from urllib.parse import urlsplit

import pytest
from django.db import connection

from bench.filling import BULKY
from bench.world import make_world
from contacts.models import Contact, SearchTerm
from contacts.searching import index_people
from engagement.checking import compare_with_rebuild
from engagement.models import Score
from lib.sql import run_text
from segments.members.rechecking import audit_segments
from segments.models import SegmentMember
from touchpoints.models import DayCount, Touchpoint
from workspaces.current import working_in
from workspaces.orphans import count_orphans

SHAPE = (
    "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint"
    " WHERE conrelid = ANY(%(tables)s::regclass[]) ORDER BY 1, 2",
    "SELECT indrelid::regclass::text, indexrelid::regclass::text, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ')"
    " FROM pg_index WHERE indrelid = ANY(%(tables)s::regclass[]) ORDER BY 1, 2",
)


@pytest.mark.django_db(transaction=True)
def test_a_small_world_is_one_that_the_product_could_have_made(monkeypatch):
    if "ADMIN_DATABASE_URL" not in os.environ:
        pytest.skip("no ecrm_admin here")
    url = urlsplit(os.environ["ADMIN_DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    monkeypatch.setenv("ADMIN_DATABASE_URL", url.geturl())
    before = [run_text(text, {"tables": BULKY}) for text in SHAPE]

    workspace = make_world(scale=0.0004, smalls=2, tell=lambda line: None)

    assert [run_text(text, {"tables": BULKY}) for text in SHAPE] == before
    assert audit_segments(workspace) == {}
    with working_in(workspace):
        assert (Contact.objects.count(), Touchpoint.objects.count()) == (400, 2_000)
        assert (compare_with_rebuild().largest, count_orphans()) == (0.0, {})
        terms = set(SearchTerm.objects.values_list("contact_id", "term"))
        index_people(list(Contact.objects.values_list("pk", flat=True)))
        assert set(SearchTerm.objects.values_list("contact_id", "term")) == terms
        counted = run_text(
            "SELECT (occurred_at AT TIME ZONE 'Europe/Berlin')::date, kind, count(*)::int FROM touchpoints_touchpoint"
            " WHERE workspace_id = %(workspace)s GROUP BY 1, 2",
            {"workspace": workspace.pk},
        )
        kept: dict[tuple[object, ...], int] = {}
        for day, kind, count in DayCount.objects.values_list("day", "kind", "count"):
            kept[day, kind] = kept.get((day, kind), 0) + count
        assert kept == {(day, kind): count for day, kind, count in counted}
        assert Score.objects.exclude(level=0).count() == Score.objects.count() > 200
        assert SegmentMember.objects.count() > 100
