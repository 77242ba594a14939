"""What lower and upper rooms say of a person on the card beside their conversation."""

import re

import pytest

from contacts.models import Tag
from segments.members.membership import refresh
from segments.models import Segment
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from workspaces.current import working_in

TAGGED = {"all": [{"tag": {"has_any": ["collector"]}}]}


@pytest.fixture
def talk(kettle):
    """A conversation with somebody who bears a tag and stands in a segment by it."""
    with working_in(kettle):
        row = make_mention("Does it drip?")
        row.author.contact = make_contact("Ann Bell", tags=("collector",))
        row.author.save()
        refresh(Segment.objects.create(name="Collectors", rule=TAGGED))
        refresh(Segment.objects.create(name="Nobody", rule={"all": [{"tag": {"has_any": ["other"]}}]}))
        yield row


def card(client, row):
    page = client.get(f"/w/kettle/inbox/{row.conversation_id}/").text
    return re.findall(r'class="chip"[^>]*>([^<]+)<', page[page.index('id="card"') :])


def test_the_card_shows_the_tags_of_the_person_and_those_of_the_conversation(as_ada, talk):
    as_ada.post(f"/w/kettle/inbox/{talk.conversation_id}/tag/", {"name": "before Saturday"})

    assert [one for one in card(as_ada, talk) if one in {"collector", "before Saturday"}] == [
        "before Saturday",
        "collector",
    ]


def test_it_shows_the_segments_they_stand_in_but_no_private_ones_of_others(as_ada, talk, ada, bob):
    refresh(Segment.objects.create(name="Mine", rule=TAGGED, is_private=True, owner_id=ada.pk))
    refresh(Segment.objects.create(name="Bob’s", rule=TAGGED, is_private=True, owner_id=bob.pk))
    refresh(Segment.objects.create(name="Being made", rule=TAGGED, is_being_filled=True))

    assert [one for one in card(as_ada, talk) if one[0].isupper()] == ["Collectors", "Mine"]


def test_many_segments_are_counted_behind_the_first(as_ada, talk):
    for number in range(10):
        refresh(Segment.objects.create(name=f"Tea {number}", rule=TAGGED))

    page = as_ada.get(f"/w/kettle/inbox/{talk.conversation_id}/").text

    assert "and 3 more" in page


def test_a_stranger_and_somebody_without_any_have_no_such_lines(as_ada, kettle):
    with working_in(kettle):
        row = make_mention("Does it drip?")
        other = make_mention("And the lid?", thread="other", handle="ben@tea.example")
        other.author.contact = make_contact("Ben")
        other.author.save()
    for one in (row, other):
        page = as_ada.get(f"/w/kettle/inbox/{one.conversation_id}/").text
        assert ("Tags of the person" in page, 'id="segments-of-person"' in page) == (False, False)
        with working_in(kettle):
            assert not Tag.objects.filter(contact=one.author.contact_id or 0).exists()
