"""No foreign key holds a derived table: orphans are told and swept, and what is not one stays."""

import pytest

from backstage.operating.findings import Level
from backstage.operating.inspections.database import orphans
from contacts.models import Contact, SearchTerm
from segments.members.membership import remove
from segments.members.rechecking import audit_tonight
from segments.models import Segment, SegmentDue, SegmentMember, SegmentRecheck
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.orphans import count_orphans, sweep_orphans

NOBODY = 987_654_321


@pytest.fixture
def orphaned(kettle, rival):
    """In Kettle's and the rival's workspace one row of nobody each, beside one of somebody."""
    for workspace in (rival, kettle):
        with working_in(workspace):
            contact = make_contact("Tom Green")
            SearchTerm.objects.create(contact=contact, term="known")
            SearchTerm.objects.create(contact_id=NOBODY, term="gone")
    return kettle


def test_orphans_are_counted_and_swept_in_the_open_workspace_only(orphaned, rival):
    with working_in(orphaned):
        assert count_orphans() == {"contacts_searchterm.contact_id": 1}
        assert sweep_orphans() == {"contacts_searchterm.contact_id": 1}
        assert (count_orphans(), sweep_orphans()) == ({}, {})
        assert SearchTerm.objects.filter(term="known").exists()
    with working_in(rival):
        assert count_orphans() == {"contacts_searchterm.contact_id": 1}


def test_doctor_tells_of_orphans_and_the_nightly_audit_sweeps_them(orphaned, rival):
    assert "kettle: 1 in contacts_searchterm.contact_id" in orphans().says

    for workspace in (orphaned, rival):
        audit_tonight(workspace)

    assert orphans().level == Level.OK


def test_a_segment_takes_its_members_and_its_next_look_with_it(kettle):
    with working_in(kettle):
        contact = make_contact("Tom Green")
        segment, other = (Segment.objects.create(name=name) for name in ("Going", "Staying"))
        for one in (segment, other):
            SegmentMember.objects.create(segment=one, contact=contact)
            SegmentDue.objects.create(segment=one, due_at=contact.created_at)

        remove(segment)

        assert list(SegmentMember.objects.values_list("segment_id", flat=True)) == [other.pk]
        assert list(SegmentDue.objects.values_list("segment_id", flat=True)) == [other.pk]
        assert (count_orphans(), Contact.objects.count(), SegmentRecheck.objects.count()) == ({}, 1, 0)


def test_the_admin_deletes_no_row_that_others_are_derived_of(as_ada, kettle):
    with working_in(kettle):
        segment, contact = Segment.objects.create(name="Staying"), make_contact("Tom Green")
    for address in (f"segments/segment/{segment.pk}", f"contacts/contact/{contact.pk}"):
        assert as_ada.post(f"/w/kettle/admin/{address}/delete/", {"post": "yes"}).status_code == 403
