"""Conversations of people who changed are weighed anew: a few at once, many by the agenda."""

from conversations.inbox import reprioritising
from conversations.inbox.reprioritising import weigh_anew
from conversations.models import Conversation
from conversations.tasks import wake
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from workspaces.current import working_in
from workspaces.models import AgendaItem


def test_of_many_the_rest_is_weighed_by_the_agenda(kettle, monkeypatch):
    monkeypatch.setattr(reprioritising, "AT_ONCE", 1)
    with working_in(kettle):
        mentions = [make_mention() for _n in range(3)]
        people = [make_contact() for _mention in mentions]
        for mention, one in zip(mentions, people, strict=True):
            type(mention.author).objects.filter(pk=mention.author_id).update(contact=one)
        weigh_anew([one.pk for one in people])
        mine = Conversation.objects.filter(pk__in=[mention.conversation_id for mention in mentions]).order_by("pk")
        weighed = dict(mine.values_list("pk", "priority"))
        mine.update(priority=-1, wake_at=None)
        AgendaItem.objects.filter(work="conversations.wake").delete()

        weigh_anew([one.pk for one in people])

        assert [found == -1 for found in mine.values_list("priority", flat=True)] == [False, True, True]
        assert AgendaItem.objects.filter(work="conversations.wake").count() == 1

    wake(kettle)

    with working_in(kettle):
        found = dict(mine.values_list("pk", "priority"))
        assert all(priority >= weighed[pk] >= 0 for pk, priority in found.items())
        assert -1 not in found.values()
