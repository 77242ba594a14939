import pytest

from contacts.complaints import close_complaint, open_complaints
from lib.clock import now
from segments.models import SegmentRecheck
from tests.factories.contacts import make_contact


@pytest.mark.usefixtures("inside")
def test_segments_look_again_when_a_complaint_opens_and_when_it_is_resolved():
    jonas = make_contact()

    for change in (lambda: open_complaints({jonas.pk: now()}), lambda: close_complaint(jonas)):
        SegmentRecheck.objects.all().delete()
        change()
        assert SegmentRecheck.objects.filter(contact_ids__contains=[jonas.pk]).exists()
        SegmentRecheck.objects.all().delete()
        change()
        assert not SegmentRecheck.objects.exists()
