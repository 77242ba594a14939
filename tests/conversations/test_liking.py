import json

import pytest

from conversations.channels import Capabilities, ChannelError
from conversations.liking import CannotLikeError, like
from conversations.models import Mention
from conversations.replying import GoneError
from lib.clock import now
from lib.rooms import house
from tests.factories.social import Vouching, make_mention
from workspaces.current import working_in
from workspaces.models import AuditEntry

KEPT = []


class Applauding(Vouching):
    """A network that keeps each like by its key, as Bluesky's does."""

    def capabilities(self):
        return Capabilities(likes=True)

    def like(self, row):
        if row.mention_id == "gone there":
            raise ChannelError("it was deleted there", again=False)
        KEPT.append((row.key, row.mention_id, json.dumps(row.wire), row.created_at))
        return ""


@pytest.fixture
def praised(kettle, monkeypatch):
    """Somebody praised us where one can like it."""
    KEPT.clear()
    with working_in(kettle):
        mention = make_mention("The best tea.")
        monkeypatch.setitem(house.networks, mention.connection.network, Applauding)
    return mention


def test_a_like_names_what_it_likes_the_same_each_time(kettle, praised, ada):
    for _ in range(2):
        like(kettle, praised.pk, by=ada)

    assert (len(set(KEPT)), KEPT[0][1]) == (1, praised.remote_id)
    with working_in(kettle):
        assert AuditEntry.objects.filter(action="mention.liked").count() == 2


def test_what_was_deleted_is_not_liked(kettle, praised, ada):
    with working_in(kettle):
        Mention.objects.update(deleted_at=now())
    with pytest.raises(GoneError):
        like(kettle, praised.pk, by=ada)
    assert KEPT == []


def test_a_network_without_likes_is_not_asked(kettle, ada):
    with working_in(kettle):
        mention = make_mention("The best tea.")
    with pytest.raises(CannotLikeError):
        like(kettle, mention.pk, by=ada)


def test_what_the_network_refuses_is_not_written_down(kettle, praised, ada):
    with working_in(kettle):
        Mention.objects.update(remote_id="gone there")
    with pytest.raises(ChannelError):
        like(kettle, praised.pk, by=ada)
    with working_in(kettle):
        assert not AuditEntry.objects.filter(action="mention.liked").exists()


def test_nobody_likes_what_another_workspace_heard(rival, praised, eve):
    with pytest.raises(Mention.DoesNotExist):
        like(rival, praised.pk, by=eve)
