from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Contact, Identity
from touchpoints.facts import Fact
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for
from touchpoints.timeline import PAGE_ROWS, Filters, read_timeline
from workspaces.current import working_in


@pytest.fixture
def greta(kettle):
    with working_in(kettle):
        contact = Contact.objects.create(name="Greta Lindqvist")
        start = timezone.now() - timedelta(days=90)
        record(
            [
                Fact(
                    "page" if n % 3 else "sent",
                    f"e{n}",
                    start + timedelta(hours=n),
                    contact_id=contact.pk,
                    payload={"n": n},
                )
                for n in range(100)
            ],
            source=source_for("test", "Test"),
        )
    return contact


def form(**more) -> dict:
    now = timezone.localtime(timezone.now() - timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    return {
        "kind": "call",
        "occurred_at": now,
        "note": "Asked about gift wrapping",
        "minutes": 6,
        "token": "t1",
        **more,
    }


def test_pages_of_the_timeline_hold_everything_once(greta, kettle):
    with working_in(kettle):
        seen, cursor = [], ""
        while True:
            page = read_timeline(greta.pk, Filters(), cursor=cursor)
            seen += [event.pk for event in page.rows]
            cursor = page.cursor
            if not cursor:
                break

    assert (len(seen), len(set(seen))) == (100, 100)


def test_the_cost_of_a_page_does_not_depend_on_its_place(greta, inside, django_assert_num_queries):
    first = read_timeline(greta.pk, Filters())
    with django_assert_num_queries(2):
        second = read_timeline(greta.pk, Filters(), cursor=first.cursor)

    assert len(second.rows) == PAGE_ROWS


def test_the_timeline_is_filtered_by_direction(as_ada, greta):
    page = as_ada.get(f"/w/kettle/touchpoints/of/{greta.pk}/?direction=1")

    assert page.text.count("event outward") == 34
    assert "event inward" not in page.text


def test_htmx_gets_the_next_days_only(as_ada, greta):
    page = as_ada.get(f"/w/kettle/touchpoints/of/{greta.pk}/")
    cursor = page.context["panel"]["cursor"]
    more = as_ada.get(f"/w/kettle/touchpoints/of/{greta.pk}/?after={cursor}", headers={"HX-Request": "true"})

    assert "<html" not in more.text
    assert more.text.count('<span class="event-icon">') == PAGE_ROWS


def test_a_call_is_written_down_once_whoever_clicks_twice(as_ada, greta, kettle, ada):
    for _twice in range(2):
        assert as_ada.post(f"/w/kettle/touchpoints/of/{greta.pk}/log/", form(mood="1000")).status_code == 302

    with working_in(kettle):
        call = Touchpoint.objects.get(kind=40)
    assert (call.contact_id, call.actor_id, call.sentiment_milli, call.payload["minutes"]) == (
        greta.pk,
        ada.pk,
        1000,
        6,
    )


@pytest.mark.parametrize(
    "wrong", [{"occurred_at": "2099-01-01T10:00"}, {"occurred_at": "soon"}, {"kind": "dance"}, {"minutes": -1}]
)
def test_a_wrong_form_says_so_and_keeps_what_was_typed(as_ada, greta, kettle, wrong):
    page = as_ada.post(f"/w/kettle/touchpoints/of/{greta.pk}/log/", form(**wrong))

    assert page.status_code == 422
    assert "Asked about gift wrapping" in page.text
    with working_in(kettle):
        assert not Touchpoint.objects.filter(kind=40).exists()


def test_strangers_find_nothing_and_analysts_write_nothing(as_eve, member, greta):
    path = f"/w/kettle/touchpoints/of/{greta.pk}/"

    assert as_eve.get(path).status_code == 404
    assert member("analyst").get(path + "log/").status_code == 403
    assert Client().get(path).status_code == 302


def test_a_colleague_logs_for_whom_they_looked_up_and_comes_back_to_them(member, greta, kettle):
    path, colleague = f"/w/kettle/touchpoints/of/{greta.pk}/", member("colleague")
    with working_in(kettle):
        Identity.objects.create(contact=greta, kind=Identity.Kind.EMAIL, value="greta@example.org")
    assert [colleague.get(path).status_code, colleague.post(path + "log/", form()).status_code] == [404, 404]

    assert path + "log/" in colleague.get("/w/kettle/contacts/look-up/?q=greta@example.org").text
    assert "What happened with Greta Lindqvist?" in colleague.get(path + "log/").text
    back = colleague.post(path + "log/", form(), follow=True)

    assert (back.status_code, back.request["PATH_INFO"]) == (200, "/w/kettle/contacts/look-up/")
    assert "Activity logged." in back.text
    assert "Greta Lindqvist" in back.text
    assert "Asked about gift wrapping" in back.text
    assert "Nobody is known" not in colleague.get("/w/kettle/contacts/look-up/?of=999999").text


def test_the_snippet_is_small_and_may_be_loaded_from_anywhere(client):
    import gzip

    response = client.get("/t/ecrm.js")

    assert len(gzip.compress(response.content)) < 3_000
    assert response["Access-Control-Allow-Origin"] == "*"
