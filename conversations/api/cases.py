"""`/cases`: what went wrong for somebody, what we promised, by whom and until when, and whether it was kept."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from conversations.api.conversations import found_conversation
from conversations.cases import LONGEST, BadCaseError, close_case, open_case, settle_promise
from conversations.models import Case
from lib.foreign.cleaning import to_storable
from workspaces.api.door import scope
from workspaces.api.pages import Id, Moment, Paged, PageOf, Taken, newest_first
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()
CaseOutcome = StrEnum("CaseOutcome", {"RECOVERED": "recovered", "LOST": "lost"})
WRONG = {
    "what": "A case says what happened.",
    "promise": "What is promised until then?",
    "due_at": "A promise says until when.",
    "promised_by_id": "This is no member who may answer.",
}


class CaseShape(Schema):
    """Something went wrong for somebody; offers to them pause while it is open."""

    id: int
    conversation: int
    contact: int | None
    what: str
    promise: str
    promised_by: int | None = Field(description="The id of a member.")
    due_at: datetime | None
    was_kept: bool | None = Field(description="null: nothing was promised, or nobody said yet.")
    outcome: str = Field(description="recovered, lost; empty while it is open.")
    opened_at: datetime
    closed_at: datetime | None


class AskedCases(Paged):
    """Which of them."""

    is_open: bool | None = Field(None, description="Only those that are open, or closed.")
    contact: Id | None = None
    promised_by: Id | None = Field(None, description="The id of a member.")


class NewCase(Taken):
    """What happened; a promise is all three of `promise`, `promised_by` and `due_at`, or none."""

    what: str = Field(min_length=1, max_length=LONGEST)
    promise: str = Field("", max_length=LONGEST)
    promised_by: Id | None = Field(None, description="The id of a member who may answer.")
    due_at: Moment | None = None


class SettledPromise(Taken):
    """Whether it was kept."""

    was_kept: bool


class ClosedCase(Taken):
    """How it ended."""

    outcome: CaseOutcome


@router.get("/cases", response=PageOf[CaseShape], summary="List cases")
@scope("conversations:read", "contacts:read")
def list_cases(request: HttpRequest, asked: Query[AskedCases]) -> dict[str, Any]:
    """Newest first."""
    rows = Case.objects.select_related("conversation__author")
    rows = rows if asked.is_open is None else rows.filter(closed_at__isnull=asked.is_open)
    rows = rows.filter(conversation__author__contact=asked.contact) if asked.contact else rows
    rows = rows.filter(promised_by_id=asked.promised_by) if asked.promised_by else rows
    shown, after = newest_first(rows, asked)
    return {"items": [_shown(one) for one in shown], "next": after}


@router.put("/conversations/{conversation_id}/case", response=CaseShape, summary="Open or change the case")
@scope("conversations:write", "contacts:write")
def keep_case(request: HttpRequest, conversation_id: Id, said: NewCase) -> dict[str, Any]:
    """The open case of the conversation, as it is to be. A new one pauses offers to the person."""
    row = found_conversation(conversation_id)
    words = {"what": to_storable(said.what), "promise": to_storable(said.promise)}
    try:
        case = open_case(row, by=None, **words, promised_by_id=said.promised_by, due_at=said.due_at)
    except BadCaseError as error:
        field = str(error)
        raise refuse(f"body.{field.removesuffix('_id')}", WRONG[field]) from error
    return _shown(_found(case.pk))


@router.post("/cases/{case_id}/promise", response=CaseShape, summary="Say whether the promise was kept")
@scope("conversations:write", "contacts:read")
def settle(request: HttpRequest, case_id: Id, said: SettledPromise) -> dict[str, Any]:
    """409 where nothing is promised, or it was said already otherwise. May be repeated."""
    settle_promise(_found(case_id), kept=said.was_kept, by=None)
    row = _found(case_id)
    if row.was_kept != said.was_kept:
        raise Problem(409, "Nothing is promised here that was not settled already.", code="no_promise")
    return _shown(row)


@router.post("/cases/{case_id}/close", response={200: CaseShape}, summary="Close a case")
@scope("conversations:write", "contacts:write")
def close(request: HttpRequest, case_id: Id, said: ClosedCase) -> Status:
    """With the last open case of the person offers go on. What was closed already stays as it was."""
    close_case(_found(case_id), str(said.outcome), by=None)
    return Status(200, _shown(_found(case_id)))


def _found(pk: int) -> Case:
    row = Case.objects.select_related("conversation__author__contact").filter(pk=pk).first()
    if row is None:
        raise nothing_here("case")
    return row


def _shown(row: Case) -> dict[str, Any]:
    same = ("what", "promise", "due_at", "was_kept", "outcome", "opened_at", "closed_at")
    plain = {name: getattr(row, name) for name in same}
    whose = {"conversation": row.conversation_id, "contact": row.conversation.author.contact_id}
    return {"id": row.pk, "promised_by": row.promised_by_id} | whose | plain
