"""Answered in time: what each channel's share is made of, and the way to what it counts."""

from datetime import timedelta

import pytest

from conversations.answers.liking import like
from conversations.answers.replying import reply_to
from conversations.channels import Capabilities
from conversations.models import Conversation, Mention, Reply
from conversations.service_levels.keeping_time import times_kept
from lib.clock import now
from lib.rooms import house
from social.networks.webhook import Webhook
from tests.factories.social import make_connection, make_mention
from workspaces.current import working_in

pytestmark = pytest.mark.django_db


def asked(network="mastodon", *, late=False) -> Mention:
    mention = make_mention(connection=make_connection(callback_url="https://answers.example/"), network=network)
    if late:
        at = now() - timedelta(hours=1)
        Conversation.objects.filter(pk=mention.conversation_id).update(due_at=at)
    return Mention.objects.select_related("connection", "author__contact", "conversation").get(pk=mention.pk)


def shares():
    return {one.network: (one.in_time, one.missed, one.late, one.percent) for one in times_kept()}


def test_answers_in_time_late_ones_and_those_that_still_wait_make_the_share(inside, ada):
    assert times_kept() == []
    for _one in range(3):
        reply_to(asked(), "Yes.", by=ada)
    reply_to(asked(late=True), "Sorry.", by=ada)
    asked(late=True)
    asked("email")  # waits in time: nothing is known of it yet
    reply_to(asked("email"), "Yes.", by=ada)

    assert shares() == {"mastodon": (3, 1, 1, 60), "email": (1, 0, 0, 100)}


class Applauding(Webhook):
    """A network that takes likes."""

    def capabilities(self):
        return Capabilities(likes=True, replies=True)


def test_a_like_answers_and_what_failed_or_is_old_counts_for_nothing(inside, ada, monkeypatch):
    monkeypatch.setitem(house.networks, "webhook", Applauding)
    failed, old = reply_to(asked(late=True), "a", by=ada), reply_to(asked(late=True), "b", by=ada)
    Reply.objects.filter(pk=failed.pk).update(state=Reply.State.FAILED)
    Reply.objects.filter(pk=old.pk).update(created_at=now() - timedelta(days=91))
    assert shares() == {}

    like(asked(), by=ada)

    assert shares() == {"mastodon": (1, 0, 0, 100)}


def test_a_second_answer_to_what_waits_no_longer_has_no_time(inside, ada):
    mention = asked()
    reply_to(mention, "Yes.", by=ada)

    second = reply_to(mention, "And no.", by=ada, even_so=True)

    assert second.target_at is None
    assert shares() == {"mastodon": (1, 0, 0, 100)}


def test_the_page_shows_the_shares_and_leads_to_what_was_answered_late(
    as_ada, kettle, ada, django_assert_max_num_queries
):
    with working_in(kettle):
        mention = asked(late=True)
        reply_to(mention, "Sorry.", by=ada)
        in_time = asked()
        reply_to(in_time, "Yes.", by=ada)

    with django_assert_max_num_queries(30):
        page = as_ada.get("/w/kettle/inbox/teams/").text

    assert "50 %" in page
    assert "1 answered late" in page
    missed = as_ada.get("/w/kettle/inbox/?only=missed&network=mastodon").text
    assert f"/inbox/{mention.conversation_id}/" in missed
    assert f"/inbox/{in_time.conversation_id}/" not in missed
