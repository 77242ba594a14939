"""`/conversation-acts`: one act on many conversations."""

from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from conversations.assigning import NotAMemberError
from conversations.inbox.acting_on_many import MOST, act_on_many
from lib.clock import now
from lib.foreign.cleaning import to_storable
from workspaces.api.door import scope
from workspaces.api.pages import Id, Moment, Taken
from workspaces.api.problems import refuse
from workspaces.models import User

router = Router()


class ActName(StrEnum):
    """What can be done to many at once."""

    CLOSE = "close"
    SNOOZE = "snooze"
    SPAM = "spam"
    REOPEN = "reopen"
    ASSIGN = "assign"
    TAG = "tag"
    LIKE = "like"


class NewAct(Taken):
    """One act, and to which conversations it is done."""

    act: ActName
    conversations: list[Id] = Field(min_length=1, max_length=MOST)
    assignee: Id | None = Field(None, description="For assign: a member who may answer; null: nobody.")
    snoozed_until: Moment | None = Field(None, description="For snooze.")
    tag: str = Field("", max_length=60, description="For tag.")


class LeftShape(Schema):
    """A conversation that it was not done to."""

    conversation: int
    why: str


class ActShape(Schema):
    """What became of it. Conversations that are not there, or were merged into another, stand in neither list."""

    done: list[int]
    left: list[LeftShape]


@router.post("/conversation-acts", response=ActShape, summary="Close, snooze, assign, tag or like many")
@scope("conversations:write", "conversations:read")
def act_on_conversations(request: HttpRequest, said: NewAct) -> dict[str, Any]:
    """Done where it can be; where it cannot, each says why. May be repeated. 422 does nothing to any of them."""
    facts = _facts(said)
    try:
        outcome = act_on_many(said.conversations, said.act.value, by=None, **facts)
    except NotAMemberError as error:
        raise _no_member() from error
    left = [{"conversation": row.pk, "why": why} for row, why in outcome.left]
    return {"done": outcome.done, "left": left}


def _facts(said: NewAct) -> dict[str, Any]:
    """What the act needs. Problem 422 where something is missing, or said of another act."""
    needs = {ActName.ASSIGN: "assignee", ActName.SNOOZE: "snoozed_until", ActName.TAG: "tag"}
    mine = needs.get(said.act)
    for name in needs.values():
        if (name == mine) != (name in said.model_fields_set):
            words = f"{said.act.value} needs it." if name == mine else f"{said.act.value} takes none."
            raise refuse(f"body.{name}", words)
    to = User.objects.filter(pk=said.assignee).first() if said.assignee else None
    if said.assignee and to is None:
        raise _no_member()
    if said.act == ActName.SNOOZE and (said.snoozed_until is None or said.snoozed_until <= now()):
        raise refuse("body.snoozed_until", "Say a moment that is not over.")
    return {"to": to, "until": said.snoozed_until, "tag": to_storable(said.tag)}


def _no_member() -> Exception:
    return refuse("body.assignee", "This is no member who may answer.")
