"""`/conversations/{id}/merges` and `/splits`: two conversations become one, one becomes two."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import Field

from conversations.api.conversations import RELATED
from conversations.api.shapes import ConversationShape, shapes_of
from conversations.merges.merging import CannotMergeError, CannotPartError, merge_conversations, undo_merge
from conversations.merges.splitting import CannotSplitError, split_conversation
from conversations.merges.threads import where_it_went
from conversations.models import Conversation, ConversationMerge, Mention
from workspaces.api.door import scope
from workspaces.api.pages import Id, Taken
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
WHY_NOT = {
    "same": "A conversation cannot be merged with itself.",
    "merged": "One of the two was merged already.",
    "other_person": "It is with somebody else.",
    "other_readers": "One is public, the other is private.",
    "spam": "One of the two is spam.",
    "two_cases": "Both have an open case.",
    "too_late": "It was merged more than 30 days ago.",
    "later": "It was merged once more since: undo that first.",
}


class NewMerge(Taken):
    """Which conversation goes into this one."""

    other: Id = Field(description="It is emptied, and leads here from then on.")


class ConversationMergeShape(Schema):
    """Two conversations that became one."""

    id: int
    conversation: int = Field(description="The one that holds everything now.")
    emptied: int
    merged_at: datetime


class NewSplit(Taken):
    """From which message on."""

    mention: Id
    only: bool = Field(False, description="That message alone, not those after it.")


@router.post(
    "/conversations/{conversation_id}/merges", response={201: ConversationMergeShape}, summary="Merge another into it"
)
@scope("conversations:write", "conversations:read", "contacts:read")
def merge_into_conversation(request: HttpRequest, conversation_id: Id, said: NewMerge) -> Status:
    """Of the same person, and read by the same people. May be repeated. 409 says why not, and changes nothing."""
    row = where_it_went(_found(conversation_id))
    other = Conversation.objects.filter(pk=said.other).first()
    if other is None:
        raise refuse("body.other", "There is no such conversation.")
    try:
        made = merge_conversations(other, row, by=None)
    except CannotMergeError as error:
        raise Problem(409, WHY_NOT[error.code], code=error.code) from error
    return Status(201, _shown(made))


@router.delete("/conversations/{conversation_id}/merges/{merge_id}", response={204: None}, summary="Undo a merge")
@scope("conversations:write")
def undo_conversation_merge(request: HttpRequest, conversation_id: Id, merge_id: Id) -> Status:
    """For 30 days. May be repeated. 409 says why not, and changes nothing."""
    made = ConversationMerge.objects.filter(pk=merge_id, survivor=conversation_id).first()
    if made is None:
        raise nothing_here("merge")
    try:
        undo_merge(made, by=None)
    except CannotPartError as error:
        raise Problem(409, WHY_NOT[error.code], code=error.code) from error
    return Status(204, None)


@router.post("/conversations/{conversation_id}/splits", response={201: ConversationShape}, summary="Split it")
@scope("conversations:write", "conversations:read", "contacts:read")
def split_off(request: HttpRequest, conversation_id: Id, said: NewSplit) -> Status:
    """A message and those after it become a conversation of their own; merging them undoes it. 409: nothing would stay."""
    row = where_it_went(_found(conversation_id))
    mention = Mention.objects.filter(pk=said.mention, conversation=row, twin_of=None).first()
    if mention is None:
        raise refuse("body.mention", "This conversation holds no such message.")
    try:
        part = split_conversation(mention, by=None, only=said.only)
    except CannotSplitError as error:
        raise Problem(409, "Nothing would stay behind.", code="nothing_left") from error
    return Status(201, shapes_of([_found(part.pk)])[0])


def _found(pk: int) -> Conversation:
    row = Conversation.objects.select_related(*RELATED).filter(pk=pk).first()
    if row is None:
        raise nothing_here("conversation")
    return row


def _shown(made: ConversationMerge) -> dict[str, Any]:
    return {
        "id": made.pk, "conversation": made.survivor_id, "emptied": made.lost_id, "merged_at": made.merged_at,
    }  # fmt: skip
