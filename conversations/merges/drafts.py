"""Answers that a member has begun in two conversations which become one."""

from collections.abc import Mapping
from typing import Any

from conversations.models import AnswerDraft, AnswerDraftFile, Conversation
from conversations.visibility import WIDTHS

BETWEEN = "\n\n"


def join_drafts(lost: Conversation, survivor: Conversation) -> dict[str, Any]:
    """Drafts move; where a member has one in both, the words stand below those of the other, for nobody more to read.

    Returns what `part_drafts` needs, without words: the drafts that moved, and of those joined how visible each was and which
    files came with it.
    """
    there = {one.user_id: one for one in AnswerDraft.objects.filter(conversation=survivor)}
    moved, joined, files = [], {}, {}
    for one in AnswerDraft.objects.filter(conversation=lost).order_by("pk"):
        other = there.get(one.user_id)
        if other is None:
            moved.append(one.pk)
            continue
        joined[str(other.pk)] = other.visibility
        other.text = f"{other.text}{BETWEEN}{one.text}"
        other.visibility = max(one.visibility, other.visibility, key=_narrowness)
        other.asked_at = None  # nobody asked to have these words approved
        other.save(update_fields=["text", "visibility", "asked_at"])
        if came := list(AnswerDraftFile.objects.filter(draft=one).values_list("pk", flat=True)):
            AnswerDraftFile.objects.filter(pk__in=came).update(draft=other)
            files[str(one.pk)] = came
    AnswerDraft.objects.filter(pk__in=moved).update(conversation=survivor)
    return {"drafts": moved, "joined": joined} | ({"files": files} if files else {})


def part_drafts(moved: Mapping[str, Any], lost: Conversation, survivor: Conversation) -> None:
    """Drafts go back; of joined ones each has its own words again, unless they were written on meanwhile."""
    AnswerDraft.objects.filter(pk__in=moved["drafts"], conversation=survivor).update(conversation=lost)
    for pk, came in moved.get("files", {}).items():
        if (draft := AnswerDraft.objects.filter(pk=int(pk), conversation=lost).first()) is not None:
            AnswerDraftFile.objects.filter(pk__in=came, draft__conversation=survivor).update(draft=draft)
    own = dict(AnswerDraft.objects.filter(conversation=lost).values_list("user_id", "text"))
    for one in AnswerDraft.objects.filter(pk__in=[int(pk) for pk in moved["joined"]], conversation=survivor):
        ending = f"{BETWEEN}{own.get(one.user_id, '')}"
        if one.text.endswith(ending):
            one.text, one.visibility = one.text.removesuffix(ending), moved["joined"][str(one.pk)]
            one.save(update_fields=["text", "visibility"])


def _narrowness(visibility: str) -> int:
    return WIDTHS.index(visibility) if visibility in WIDTHS else -1
