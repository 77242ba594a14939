"""What many parts of a page ask is read once, and only while the page is made."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.merging import everyone_in, link_contacts
from lib.once import once_a_page, reading_once
from tests.factories.contacts import make_contact
from workspaces.current import working_in

asked: list[tuple[int, str]] = []


@once_a_page
def answer(number: int, *, how: str = "") -> tuple[int, str]:
    """Notes that it was asked."""
    asked.append((number, how))
    if number < 0:
        raise ValueError(number)
    return number, how


def test_each_question_is_asked_once_inside_and_each_time_outside():
    asked.clear()
    answer(1), answer(1)
    with reading_once():
        assert [answer(1), answer(1), answer(2), answer(1, how="x"), answer(1, how="x")][-1] == (1, "x")
        with reading_once():
            answer(2)
        answer(2)
    answer(2)

    assert asked == [(1, ""), (1, ""), (1, ""), (2, ""), (1, "x"), (2, "")]


def test_a_question_that_fails_is_asked_again():
    asked.clear()
    with reading_once():
        for _ in range(2):
            with pytest.raises(ValueError, match="-1"):
                answer(-1)

    assert len(asked) == 2


def test_what_was_written_between_two_pages_is_seen(inside):
    ann, twin = make_contact("Ann").pk, make_contact("Ann").pk
    with reading_once():
        assert everyone_in(ann) == [ann]
    link_contacts(twin, ann)
    with reading_once():
        assert everyone_in(ann) == [ann, twin]


def test_the_page_of_a_person_asks_no_more_than_sixty_times(as_ada, kettle):
    with working_in(kettle):
        ann, twin = make_contact("Ann", tags=["vip"], roles=[1], custom={"tea": "Assam"}), make_contact("Ann")
        link_contacts(twin.pk, ann.pk)
    path = f"/w/kettle/contacts/{ann.pk}/"
    as_ada.get(path)

    with CaptureQueriesContext(connection) as queries:
        assert "Assam" in as_ada.get(path).text

    assert len(queries) <= 60
    again = [query["sql"] for query in queries if 'FROM "contacts_merged"' in query["sql"]]
    assert len(again) <= 3
