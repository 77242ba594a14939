"""`/approvals`: answers of members that wait until somebody approves them, sends them changed or gives them back."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from conversations.answers.approving import NoLongerAskedError, approve, send_back
from conversations.answers.drafted_files import Chosen, LookAgainError, WordlessError
from conversations.answers.replying import GoneError
from conversations.api.conversations import answered_of, answering_problems, forward_shape, reply_shape
from conversations.api.file_shapes import AttachedShape
from conversations.api.files import FileContent, content_of
from conversations.api.shapes import LONGEST, ForwardShape, ReplyShape, VisibilityName
from conversations.attaching import NoFilesError
from conversations.forwards.addresses import CannotForwardError
from conversations.forwards.approving import approve_forward, return_forward
from conversations.models import AnswerDraft, AnswerDraftFile, Forward
from conversations.models.pictured import BYTES
from lib.foreign.cleaning import to_storable
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, Taken, page_by_id
from workspaces.api.problems import Problem, nothing_here, refuse

router = Router()


class ApprovalShape(Schema):
    """An answer that waits to be approved."""

    id: int
    conversation: int
    text: str
    visibility: str = Field(description="Who is to read it; empty: whoever could read what it answers.")
    by: int = Field(description="The member who wrote it.")
    asked_at: datetime
    files: list[AttachedShape] = Field(
        description="What goes with it, in order. Bytes: `/approvals/files/{id}`, as long as it waits."
    )


class NewApproval(Taken):
    """The words that leave, in the writer's name: as you read them, or changed."""

    text: str = Field(min_length=1, max_length=LONGEST)
    mention: Id | None = Field(None, description="Which of their messages it answers; the newest where it is left out.")
    visibility: VisibilityName | None = Field(None, description="Fewer people than could read the message, never more.")
    even_so: bool = Field(False, description="Although somebody has answered it.")
    key: UUID | None = Field(None, description="The same key is one answer, however often it is asked for.")
    files: list[Id] | None = Field(
        None, max_length=50, description="Which of its files go; all where it is left out. 409 for one that is gone."
    )


@router.get("/approvals", response=PageOf[ApprovalShape], summary="Answers that wait to be approved")
@scope("conversations:read", "contacts:read")
def list_approvals(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """The oldest draft first."""
    shown, after = page_by_id(_asked(), asked)
    return {"items": [_shown(one) for one in shown], "next": after}


@router.post("/approvals/{approval_id}/replies", response={201: ReplyShape}, summary="Approve and send")
@scope("conversations:write", "conversations:read", "contacts:read")
def approve_answer(request: HttpRequest, approval_id: Id, said: NewApproval) -> Status:
    """It leaves at once. 409 where it asks no longer, somebody has answered, or what it answers was deleted."""
    draft, text = _found(approval_id), to_storable(said.text).strip()
    if not text:
        raise refuse("body.text", "An answer needs words.")
    mention, visibility = answered_of(draft.conversation, said.mention), str(said.visibility or draft.visibility)
    words = {"text": text, "key": said.key or uuid4(), "even_so": said.even_so, "visibility": visibility}
    chosen = Chosen(only=None if said.files is None else frozenset(said.files))
    with answering_problems():
        try:
            row = approve(draft.pk, mention, by=None, said=words, chosen=chosen)
        except (NoLongerAskedError, LookAgainError) as error:
            raise _asks_no_longer() from error
        except (NoFilesError, WordlessError) as error:
            raise refuse("body.files", "What goes with it cannot go there: leave it out, or give it back.") from error
    return Status(201, reply_shape(row))


@router.get("/approvals/files/{file_id}", response=FileContent, summary="A file of an answer that waits")
@scope("conversations:read", "contacts:read")
def read_asked_file(request: HttpRequest, file_id: Id) -> FileContent:
    """A picture as it will be shown, or a file of an email. 404 as soon as its answer waits no longer."""
    found = AnswerDraftFile.objects.filter(pk=file_id).exclude(draft__asked_at=None).first()
    if found is None:
        raise nothing_here("file")
    return content_of(found)


@router.post("/approvals/{approval_id}/return", response={204: None}, summary="Give it back to its writer")
@scope("conversations:write")
def return_answer(request: HttpRequest, approval_id: Id) -> Status:
    """It is a draft of its writer's again, who is told. 409 where it asks no longer."""
    draft = _found(approval_id)
    if not send_back(draft.pk, draft.conversation, by=None):
        raise _asks_no_longer()
    return Status(204, None)


@router.get("/approvals/forwards", response=PageOf[ForwardShape], summary="Forwards that wait to be approved")
@scope("conversations:read", "contacts:read")
def list_asked_forwards(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """The oldest first."""
    shown, after = page_by_id(Forward.objects.filter(state=Forward.State.ASKED), asked)
    return {"items": [forward_shape(one) for one in shown], "next": after}


@router.post("/approvals/forwards/{forward_id}/approval", response=ForwardShape, summary="Approve a forward")
@scope("conversations:write", "conversations:read", "contacts:read")
def approve_asked_forward(request: HttpRequest, forward_id: Id) -> dict[str, Any]:
    """It leaves at once. 409 where it asks no longer, was deleted, or may not go to its address any more."""
    row = _found_forward(forward_id)
    try:
        goes = approve_forward(row, by=None)
    except GoneError as error:
        raise Problem(409, "What it forwards was deleted.", code="gone") from error
    except CannotForwardError as error:
        raise Problem(409, str(error), code="not_allowed") from error
    if not goes:
        raise _asks_no_longer()
    row.refresh_from_db()
    return forward_shape(row)


@router.post("/approvals/forwards/{forward_id}/return", response={204: None}, summary="Give a forward back")
@scope("conversations:write")
def return_asked_forward(request: HttpRequest, forward_id: Id) -> Status:
    """Nothing leaves; its writer is told. 409 where it asks no longer."""
    if not return_forward(_found_forward(forward_id), by=None):
        raise _asks_no_longer()
    return Status(204, None)


def _found_forward(pk: int) -> Forward:
    row = Forward.objects.filter(pk=pk).first()
    if row is None:
        raise nothing_here("forward")
    return row


def _asked() -> QuerySet[AnswerDraft]:
    files = AnswerDraftFile.objects.defer(*BYTES).order_by("pk")
    return AnswerDraft.objects.exclude(asked_at=None).prefetch_related(Prefetch("files", files))


def _found(pk: int) -> AnswerDraft:
    row = _asked().select_related("conversation__connection", "conversation__author").filter(pk=pk).first()
    if row is None:
        raise nothing_here("answer that waits to be approved")
    return row


def _shown(row: AnswerDraft) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("text", "visibility", "asked_at")}
    whose = {"id": row.pk, "conversation": row.conversation_id, "by": row.user_id}
    return whose | plain | {"files": list(row.files.all())}


def _asks_no_longer() -> Problem:
    return Problem(409, "It was sent, changed or taken back meanwhile.", code="asks_no_longer")
