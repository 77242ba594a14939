"""What a page promises ("Corrected. The scores follow"): seen from the inbox down to scores, counts and segments."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact, Identity
from conversations.channels import Heard
from conversations.classifying import correct_sentiment
from conversations.mentions.listening import hear
from conversations.models import Mention
from engagement.reading import shown_for
from segments.members.membership import refresh
from segments.members.rechecking import recheck_due
from segments.models import Segment, SegmentMember
from tests.engagement.test_correcting import day_counts
from tests.factories.social import make_vouching
from touchpoints.models import Touchpoint


@pytest.fixture
def greta(inside):
    contact = Contact.objects.create(name="Greta")
    Identity.objects.create(contact=contact, kind=Identity.Kind.HANDLE, value="greta@tea.example")
    return contact


@pytest.fixture
def bridge(inside, vouching):
    return make_vouching()


def post(text: str = "I love this kettle, wonderful", **facts) -> Heard:
    given = {
        "remote_id": "post-1",
        "handle": "greta@tea.example",
        "name": "Greta",
        "published_at": timezone.now() - timedelta(days=1),
        "network": "mastodon",
        "language": "en",
        "thread": "thread-1",
        "url": "https://social.example/1",
    }
    return Heard(text=text, **given | facts)


def in_segment(segment: Segment, contact: Contact) -> bool:
    return SegmentMember.objects.filter(segment=segment, contact=contact).exists()


def test_a_colleagues_word_moves_the_score_and_the_segment(bridge, greta, inside, ada):
    hear(bridge, [post()])
    segment = Segment.objects.create(name="warm", rule={"score": {"name": "intimacy", "op": ">", "value": 0}})
    refresh(segment)
    assert shown_for([greta.pk])[greta.pk].intimacy > 0
    assert in_segment(segment, greta)

    correct_sentiment(Mention.objects.get(), "neg", by=ada)
    recheck_due(inside)

    assert shown_for([greta.pk])[greta.pk].intimacy < 0
    assert not in_segment(segment, greta)


def test_an_edit_at_the_source_moves_the_score(bridge, greta):
    item = post()
    hear(bridge, [item])
    hear(
        bridge,
        [post("I hate this kettle, terrible and broken", published_at=item.published_at, edited_at=timezone.now())],
    )

    assert shown_for([greta.pk])[greta.pk].intimacy < 0


def test_a_post_deleted_at_the_source_counts_for_nothing(bridge, greta):
    hear(bridge, [post()])
    assert len(day_counts()) == 1
    hear(bridge, [post(is_deleted=True)])

    shown = shown_for([greta.pk])[greta.pk]
    assert (shown.intimacy, shown.interaction, shown.influence) == (0, 0, 0)
    assert day_counts() == {}


def test_reach_at_that_time_stands_with_the_fact(bridge, greta):
    hear(bridge, [post(followers=99_990)])

    assert Touchpoint.objects.get().weight_milli == 5000
