"""Which pages people looked at is forgotten after a while; that they looked, and everything else, stays."""

from datetime import timedelta

import pytest
from django.db import connection

from contacts.models import Contact
from lib import clock
from privacy.keeping import keep_for
from tests.factories.contacts import make_contact
from touchpoints import forgetting_pages
from touchpoints.facts import Fact
from touchpoints.forgetting_pages import forget_pages, forget_pages_tonight
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in

URL = "https://kettle.example/depression-help"


def looked(contact: Contact, *, days: int, kind: str = "page", number: int = 0) -> None:
    moment = clock.now() - timedelta(days=days)
    payload = {"url": URL, "title": "Help"}
    record(
        [Fact(kind, f"{kind}-{days}-{number}", moment, contact_id=contact.pk, payload=payload)],
        source=source_for("site", "Site"),
    )


def test_old_page_views_lose_their_words_and_stay_counted(kettle, ada):
    with working_in(kettle):
        greta = make_contact()
        for days in (10, 700, 800, 900):
            looked(greta, days=days)
        looked(greta, days=900, kind="message")
        before = Touchpoint.objects.count()
    assert forget_pages_tonight(kettle) > clock.now()
    with working_in(kettle):
        rows = {(one.kind, (clock.now() - one.occurred_at).days): one.payload for one in Touchpoint.objects.all()}
        assert len(rows) == before == 5
        words = {key: "url" in payload for key, payload in rows.items()}
        page, message = sorted({kind for kind, _days in rows}, key=lambda one: -sum(k == one for k, _ in rows))
        assert words == {
            (page, 10): True,
            (page, 700): True,
            (page, 800): False,
            (page, 900): False,
            (message, 900): True,
        }
        assert forget_pages() == 0
        keep_for(pages_months=1, by=ada)
        assert forget_pages() == 1


def test_it_goes_on_until_nothing_is_left(kettle, monkeypatch):
    monkeypatch.setattr(forgetting_pages, "AT_ONCE", 2)
    with working_in(kettle):
        greta = make_contact()
        for number in range(5):
            looked(greta, days=900, number=number)
    forget_pages_tonight(kettle)
    with working_in(kettle):
        assert not Touchpoint.objects.exclude(payload={}).exists()


def test_nothing_of_the_last_thirty_days_and_of_nobody_else_can_be_forgotten(kettle, rival):
    with working_in(rival):
        looked(make_contact(), days=900)
    with working_in(kettle):
        looked(make_contact(), days=20)
        page = Touchpoint.objects.get().kind
        with connection.cursor() as cursor:
            cursor.execute("SELECT forget_pages(%s::smallint, now() + interval '1 year', 100)", [page])
            assert cursor.fetchone() == (0,)
    with working_in(rival):
        assert Touchpoint.objects.get().payload["url"] == URL


@pytest.mark.parametrize("months", [1, 25, 120])
def test_months_are_counted_back_by_the_calendar(months):
    moment = clock.now()
    assert clock.months_after(clock.months_after(moment, -months), months) >= moment - timedelta(days=3)
