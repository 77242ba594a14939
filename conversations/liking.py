"""A like instead of words: what praises us needs no more."""

from typing import Protocol, cast
from uuid import NAMESPACE_URL, uuid5

from django.utils.translation import gettext as _

from conversations import channels
from conversations.channels import Outbox
from conversations.models import Mention
from conversations.replying import GoneError
from workspaces.auditing import audit
from workspaces.current import working_in
from workspaces.models import User, Workspace


class CannotLikeError(Exception):
    """This network has no likes; the text says so."""


class Liking(Protocol):
    """What a channel does whose capabilities say that it likes."""

    def like(self, row: Outbox) -> str:
        """Like what `row` names and return the like's id there ("" if it says none). Safe to repeat. ChannelError."""
        ...


def like(workspace: Workspace, mention_id: int, *, by: User) -> None:
    """Like this mention on its network; afterwards it is liked there once, however often this is called.

    Asks the network, so call it outside any transaction. Mention.DoesNotExist, GoneError for what was deleted,
    CannotLikeError, ChannelError.
    """
    with working_in(workspace):
        mention = Mention.objects.select_related("connection", "author").get(pk=mention_id)
        if mention.deleted_at is not None:
            raise GoneError
        channel = channels.channel_of(mention.connection)
    if not channel.capabilities().likes:
        raise CannotLikeError(_("This network has no likes."))
    cast("Liking", channel).like(_named(workspace, mention))
    with working_in(workspace):
        audit("mention.liked", by=by, target=mention)


def _named(workspace: Workspace, mention: Mention) -> Outbox:
    """What is liked. The key is the same each time, so that a network which keeps what we name keeps one like."""
    return Outbox(
        key=str(uuid5(NAMESPACE_URL, f"like {workspace.pk} {mention.pk}")),
        text="",
        mention_id=mention.remote_id,
        mention_url=mention.url,
        thread="",
        network=mention.network,
        is_public=True,
        visibility=mention.visibility,
        handle=mention.author.handle,
        wire=mention.wire,
        created_at=mention.published_at,
    )
