"""What colleagues put in by hand: nothing to poll, nothing to send; an answer is noted where it was given."""

from typing import ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Outbox
from conversations.models import Connection


class ByHand:
    """The connection of everything put in by hand."""

    key: ClassVar[str] = "manual"
    label = _("By hand")
    icon: ClassVar[str] = "pencil"
    vouches: ClassVar[bool] = True  # a colleague saw it, and is named in the audit log

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def reply(self, row: Outbox) -> str:
        raise ChannelError(_now("Nothing can be sent by this channel."), again=False)


def by_hand() -> Connection:
    """The workspace's connection for it, made on first use."""
    return Connection.objects.get_or_create(network=ByHand.key, defaults={"name": "By hand"})[0]
