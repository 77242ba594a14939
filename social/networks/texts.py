"""Numbers of ours: what people write to them by SMS or WhatsApp. Each belongs to a sender, whose hook hears it (texting.py).

The carrier proves the number that wrote. Nothing is polled and nothing is entered: the sender holds the keys.
"""

from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conversations.channels import Capabilities, ChannelError, Outbox
from conversations.models import Connection
from social.networks.protocol import Listener


class Texts(Listener):
    """SMS to one number."""

    key: ClassVar[str] = "sms"
    label = gettext_lazy("SMS")
    icon: ClassVar[str] = "device-mobile"
    vouches: ClassVar[bool] = True

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def reply(self, row: Outbox) -> str:
        raise ChannelError(_("Answers do not leave by this way yet."), again=False)


class WhatsApp(Texts):
    """WhatsApp to one number."""

    key: ClassVar[str] = "whatsapp"
    label = gettext_lazy("WhatsApp")
    icon: ClassVar[str] = "device-mobile"
