"""What begins at a moment can be put into a calendar: the file, its address, and who finds none."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emails.library.calendar_files import _folded, calendar_address, calendar_file
from emails.models import LibraryItem
from lib.clock import now
from tests.factories.library import make_item
from workspaces.current import working_in

STARTS = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)


@pytest.fixture
def webinar(kettle):
    with working_in(kettle):
        return make_item("Tasting; at home, two", kind="webinar", teaser="Four tins", starts_at=STARTS)


def path_of(address):
    return "/" + address.split("/", 3)[3]


def test_anybody_with_its_address_puts_it_into_a_calendar(client, kettle, webinar):
    with working_in(kettle):
        said = client.get(path_of(calendar_address(webinar)))

    assert (said.status_code, said["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    lines = said.content.decode().split("\r\n")
    assert (lines[0], lines[-2:]) == ("BEGIN:VCALENDAR", ["END:VCALENDAR", ""])
    assert "DTSTART:20261203T180000Z" in lines
    assert "DTEND:20261203T190000Z" in lines
    assert r"SUMMARY:Tasting\; at home\, two" in lines
    assert f"URL:{webinar.url}" in lines


def test_it_ends_when_it_was_said_and_follows_what_is_changed(client, kettle, webinar):
    with working_in(kettle):
        address = calendar_address(webinar)
        LibraryItem.objects.update(expires_at=STARTS + timedelta(hours=3), title="Later")

    assert b"DTEND:20261203T210000Z" in client.get(path_of(address)).content
    assert b"SUMMARY:Later" in client.get(path_of(address)).content


def test_what_begins_at_no_moment_is_put_aside_or_gone_has_none(client, kettle, webinar):
    with working_in(kettle):
        address = path_of(calendar_address(webinar))
        assert calendar_address(make_item()) == ""
        with pytest.raises(ValueError, match="no moment"):
            calendar_file(make_item())
        LibraryItem.objects.filter(pk=webinar.pk).update(is_active=False)
    assert client.get(address).status_code == 404
    assert client.get("/e/calendar/nonsense/event.ics").status_code == 404


def test_its_address_stands_on_its_page(as_ada, kettle, webinar):
    page = as_ada.get(f"/w/kettle/emails/library/{webinar.pk}/").text

    assert re.search(r'href="[^"]+/e/calendar/[^"]+/event\.ics"', page)
    with working_in(kettle):
        other = make_item(published_at=now())
    assert "event.ics" not in as_ada.get(f"/w/kettle/emails/library/{other.pk}/").text


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n"), max_size=400))
def test_lines_are_folded_and_unfold_to_what_they_were(line):
    folded = _folded(line)

    assert all(len(one) <= 75 for one in folded.split(b"\r\n"))
    assert folded.replace(b"\r\n ", b"").decode() == line
