"""Lists for ad networks: whoever may be shown ads is put on the list of the campaign; nothing leaves this machine.

That somebody is on the list is their delivery, sent: it stands once a person, whatever is killed meanwhile, and the file
is written from these rows when a member takes it (listing.py). Between "untouched" and "accepted" nothing happens outside,
so nobody can be in doubt.
"""

from collections.abc import Iterator
from typing import ClassVar

import msgspec
from django.utils.translation import gettext_lazy

from contacts.channels import Channel
from delivery.messengers.protocol import Capabilities, Outcome, OutcomeKind, Recipient, Watch
from delivery.models import Message, Sender
from delivery.senders import settings_of
from workspaces.current import OpenWorkspace

KIND = "ad_audience"
LISTED = "on the list"


class AudienceSettings(msgspec.Struct, frozen=True):
    """Which network the list is for (hashing.NETWORKS), and what the audience is called there."""

    network: str
    audience: str = ""


class AudienceMessenger:
    """Hands over people and no words."""

    kind: ClassVar[str] = KIND
    label = gettext_lazy("Ad audience: a list for an ad network")
    icon: ClassVar[str] = "ad"
    Settings = AudienceSettings
    form: ClassVar[str] = "messengers.audience.forms.AudienceSenderForm"
    carries_words: ClassVar[bool] = False
    unit: ClassVar[str] = "person"
    channel = int(Channel.ADS)

    def __init__(self, sender: Sender, seconds: float | None = None) -> None:
        self.sender, self.settings = sender, settings_of(sender, AudienceSettings)

    def capabilities(self) -> Capabilities:
        return Capabilities()

    def prepare(self, workspace: OpenWorkspace, message: Message) -> "AudienceRun":
        return AudienceRun()

    def send_words(self, workspace: OpenWorkspace, subject: str, text: str, *, to: str) -> Outcome:
        """Nothing is sent, so there is nothing to try."""
        return Outcome(OutcomeKind.ACCEPTED, LISTED)

    def send_sample(self, run: "AudienceRun", recipient: Recipient) -> Outcome:
        """The same."""
        return Outcome(OutcomeKind.ACCEPTED, LISTED)

    def close(self) -> None:
        """Nothing stays open."""


class AudienceRun:
    """One list. It reads no field of anybody: their address is all that is kept of them."""

    needs: frozenset[str] = frozenset()

    def send(self, recipients: Iterator[Recipient], watch: Watch) -> Iterator[tuple[Recipient, Outcome]]:
        for one in recipients:
            if watch.may_go(one):
                watch.mark(one.slot, "accepted")
                yield one, Outcome(OutcomeKind.ACCEPTED, LISTED)
