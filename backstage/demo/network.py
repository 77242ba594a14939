"""The demo's channel: one can answer on it, and the answer goes nowhere."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, Outbox
from conversations.models import Connection


class DemoNetwork:
    """A connection of invented people: what is answered is kept as sent, and no line leaves this machine."""

    key: ClassVar[str] = "demo"
    label = _("Demo: answers stay on this machine")
    icon: ClassVar[str] = "messages"
    vouches: ClassVar[bool] = True  # we invented them

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities(replies=True, narrows=True)

    def reply(self, row: Outbox) -> str:
        return f"demo-answer-{row.key}"
