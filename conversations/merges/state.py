"""How a conversation stands that was two, so that nobody who waits is lost, and nothing that was over waits again."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from conversations.conversation_state import refresh
from conversations.models import Conversation, Mention, Reply

KEPT = ("assignee_id", "assigned_at", "closed_at", "reopened_at", "snoozed_until", "last_at")
A_LITTLE = timedelta(microseconds=1)


def kept_of(row: Conversation) -> dict[str, Any]:
    """The columns that people set, as JSON holds them."""
    return {name: _plain(getattr(row, name)) for name in KEPT} | {"state": row.state}


def read_kept(kept: Mapping[str, Any]) -> dict[str, Any]:
    """These columns as a row holds them; the state is left out."""
    moments = {name: datetime.fromisoformat(kept[name]) if kept[name] else None for name in KEPT if name[-3:] != "_id"}
    return moments | {"assignee_id": kept["assignee_id"]}


def stand_as_one(survivor: Conversation, lost: Conversation) -> None:
    """The survivor, which holds all messages by now, stands as both did. `lost` is as it was before.

    Whoever waited goes on waiting, since then where no answer of ours lies between, else since that answer; where nobody
    waited, nobody does. Snoozed only where all that waited was.
    """
    both = (survivor, lost)
    waits = [one for one in both if one.waiting_since is not None]
    facts: dict[str, Any] = {"closed_at": _latest(one.closed_at for one in both)}
    facts["reopened_at"] = _latest(one.reopened_at for one in both)
    if waits:
        since = min(one.waiting_since for one in waits if one.waiting_since is not None)
        closings = [one.closed_at for one in both if one.closed_at is not None]
        # what was closed before stays closed, and no closing of the one closes the other
        facts["closed_at"] = min(max(closings), since - A_LITTLE) if closings else None
        facts["reopened_at"] = _latest(one.reopened_at for one in waits)
        snoozes = [one.snoozed_until for one in waits]
        facts["snoozed_until"] = None if None in snoozes else min(one for one in snoozes if one is not None)
    if survivor.assignee_id is None:
        facts |= {"assignee_id": lost.assignee_id, "assigned_at": lost.assigned_at}
    Conversation.objects.filter(pk=survivor.pk).update(**facts)
    refresh([survivor.pk])
    if waits and not _is_waiting(survivor.pk):
        answers = Reply.objects.filter(conversation=survivor).exclude(state=Reply.State.FAILED)
        last = answers.order_by("-created_at").values_list("created_at", flat=True).first()
        at = _latest([last, facts["closed_at"]])
        Conversation.objects.filter(pk=survivor.pk).update(reopened_at=at + A_LITTLE if at else None)
        refresh([survivor.pk])


def settle_parts(parts: Sequence[int], moment: datetime, *, waited: bool) -> None:
    """Of what one conversation was split into, a part in which everything is answered waits for nobody.

    The first part is what stayed behind. It `waited` before: where nothing is unanswered in any part, it waits on.
    """
    refresh(parts)
    open_words = Mention.objects.filter(answered_at=None, deleted_at=None, is_silent=False, twin_of=None)
    unanswered = set(open_words.filter(conversation__in=parts).values_list("conversation_id", flat=True))
    settled = parts[1:] if waited and not unanswered else parts  # somebody reopened what was answered
    over = [pk for pk in settled if pk not in unanswered and _is_waiting(pk)]
    Conversation.objects.filter(pk__in=over).update(closed_at=moment, reopened_at=None)
    refresh(over)


def _is_waiting(pk: int) -> bool:
    return Conversation.objects.filter(pk=pk, waiting_since__isnull=False).exists()


def _latest(moments: Iterable[datetime | None]) -> datetime | None:
    return max((one for one in moments if one is not None), default=None)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
