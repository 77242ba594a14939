"""Senders of a workspace: their messenger, their secret, whether they work."""

from datetime import timedelta
from typing import Any

import msgspec

from contacts.channels import Channel
from delivery.engine.lanes import URGENT, WORK
from delivery.messengers.protocol import Messenger
from delivery.models import Message, Sender
from delivery.pace.braking import Brake
from lib.clock import now
from lib.rooms import house
from lib.sealing import seal, unseal
from workspaces.current import current_workspace_id
from workspaces.models import Workspace
from workspaces.tasks import hurry

MOST_FAILURES = 3  # in a row; then the circuit is open: nothing is tried until the rest is over, and then by one slot
FIRST_REST, LONGEST_REST = timedelta(minutes=5), timedelta(hours=1)


class UnknownMessengerError(ValueError):
    """A sender whose messenger nobody offers."""


def messenger_of(sender: Sender, seconds: float | None = None) -> Messenger:
    """The messenger by which this sender's messages leave; it connects when it first sends. UnknownMessengerError.

    `seconds` is how long a try may take in all.
    """
    found: Any = house.messengers.get(sender.kind)
    if found is None:
        raise UnknownMessengerError(sender.kind)
    messenger: Messenger = found(sender, seconds)
    return messenger


def channel_of(sender: Sender | None) -> int:
    """The channel by which this sender's messages go; email while none is chosen or its messenger is gone."""
    if sender is None or sender.kind not in house.messengers:
        return int(Channel.EMAIL)
    return messenger_of(sender).channel


def reaches_only_ascii(sender: Sender | None) -> bool:
    """Whether addresses with other letters before their @ are out of this sender's reach, as far as is known."""
    if sender is None or sender.kind not in house.messengers:
        return False
    return messenger_of(sender).capabilities().only_ascii


def takes_files(sender: Sender | None) -> bool:
    """Whether files may go with what this sender carries."""
    return sender is not None and sender.kind in house.messengers and messenger_of(sender).capabilities().takes_files


def counts_opens(sender: Sender | None) -> bool:
    """Whether it can be seen that what goes out by this sender was opened: nobody sees it of a text or a letter."""
    if sender is None or sender.kind not in house.messengers:
        return True
    return messenger_of(sender).capabilities().tracks_opens


def carries_words(sender: Sender | None) -> bool:
    """Whether what goes out by this sender says something: a list of people alone has no subject and no text."""
    return sender is None or sender.kind not in wordless_kinds()


def takes_tests(sender: Sender | None) -> bool:
    """Whether a test can be sent by it: what hands nothing over to anybody has none."""
    found: Any = house.messengers.get(sender.kind) if sender else None
    return bool(getattr(found, "takes_tests", getattr(found, "carries_words", True)))


def wordless_kinds() -> list[str]:
    """The kinds of the messengers that hand over people and no words."""
    found: dict[str, Any] = dict(house.messengers)
    return [kind for kind, messenger in found.items() if not getattr(messenger, "carries_words", True)]


def has_sender(_workspace: Workspace) -> bool:
    """There is a sender, and it has worked once: a tick of the first hour."""
    return Sender.objects.exclude(tested_at=None).exists()


def find_sender() -> Sender | None:
    """The sender of what goes to one person: the one by which a campaign went last, else the oldest that sends email.

    None while there is none.
    """
    sent = Message.objects.exclude(sender=None).exclude(purpose__in=(Message.Purpose.PERSONAL, Message.Purpose.ANSWER))
    last = sent.order_by("-pk").values_list("sender_id", flat=True).first()
    senders = sorted(Sender.objects.order_by("pk"), key=lambda one: one.pk != last)
    return next((one for one in senders if channel_of(one) == Channel.EMAIL), None)


def settings_of[S: msgspec.Struct](sender: Sender, type_: type[S]) -> S:
    """The sender's settings as its messenger's own class; what a newer version added has its default."""
    return msgspec.convert(sender.settings, type_, strict=False)


def keep_secret(sender: Sender, secret: str) -> None:
    """Seal the password or key into the row; saves."""
    sender.sealed_secret = seal(secret, workspace_id=sender.workspace_id, purpose=_purpose(sender))
    sender.save(update_fields=["sealed_secret"])


def secret_of(sender: Sender) -> str:
    """The password or key; SealBrokenError when SECRET_KEY has changed."""
    return unseal(sender.sealed_secret, workspace_id=sender.workspace_id, purpose=_purpose(sender))


def note_health(sender: Sender, error: str = "") -> None:
    """Remember whether it worked just now. What fails again and again rests, longer each time; what works is well again."""
    if not error:
        Sender.objects.filter(pk=sender.pk).update(last_error="", tested_at=now(), failures=0, rests_until=None)
        return
    failures = min(Sender.objects.select_for_update().get(pk=sender.pk).failures + 1, 1_000)
    rest = None
    if failures >= MOST_FAILURES:
        rest = now() + min(FIRST_REST * 2 ** min(failures - MOST_FAILURES, 10), LONGEST_REST)
    Sender.objects.filter(pk=sender.pk).update(last_error=error[:300], failures=failures, rests_until=rest)


def wake_sender(sender: Sender) -> None:
    """Somebody has put it right: it rests no more, nothing is held against it, and what waits for it is tried at once."""
    Brake(current_workspace_id(), sender.pk).release()
    if Sender.objects.filter(pk=sender.pk).exclude(failures=0).update(failures=0, rests_until=None):
        sender.failures, sender.rests_until = 0, None
        hurry(WORK)
        hurry(URGENT)


def note_wait(sender: Sender, answer: str) -> None:
    """It asked us to wait: that is no failure, and shown."""
    Sender.objects.filter(pk=sender.pk).update(last_error=answer[:300])


def note_reach(sender: Sender, messenger: Messenger) -> None:
    """Remember which letters its server takes, where it has said so meanwhile. Called after a send or a try."""
    takes_any = not messenger.capabilities().only_ascii
    if takes_any != sender.takes_any_letters:
        Sender.objects.filter(pk=sender.pk).update(takes_any_letters=takes_any)
        sender.takes_any_letters = takes_any


def _purpose(sender: Sender) -> str:
    return f"sender:{sender.pk}"
