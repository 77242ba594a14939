"""What colleagues put in by hand: nothing to poll, nothing to send; an answer is noted where it was given."""

from collections.abc import Mapping
from typing import Any

from social.models import Connection
from social.networks.protocol import Capabilities, ForgedError, NetworkError, Outbox, Page


class Manual:
    """By hand."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        return Page(cursor=cursor)

    def reply(self, row: Outbox) -> str:
        raise NetworkError("this channel cannot send", again=False)

    def verify_webhook(self, headers: Mapping[str, str], raw_body: bytes) -> None:
        raise ForgedError("this connection takes no webhooks")
