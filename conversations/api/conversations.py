"""`/conversations`: read the inbox, answer, note, assign, tag, close; `/teams`: who answers when."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from contacts.folding import folded
from conversations import assigning
from conversations.answers.liking import CannotLikeError
from conversations.answers.liking import like as give_like
from conversations.answers.replying import AlreadyAnsweredError, GoneError, NotAllowedError, reply_to
from conversations.api.pictures import files_in, pictures_in
from conversations.api.shapes import (
    AskedConversations,
    ChangedConversation,
    ConversationShape,
    ForwardShape,
    NewForward,
    NewLike,
    NewNote,
    NewReply,
    NoteShape,
    ReplyShape,
    TeamShape,
    ThreadShape,
    messages_of,
    shapes_of,
    window_shape,
)
from conversations.attaching import NoFilesError
from conversations.forwards.addresses import CannotForwardError
from conversations.forwards.forwarding import forward as forward_message
from conversations.inbox.tagging import NoTagError, set_tags
from conversations.merges.threads import where_it_went
from conversations.models import Conversation, Forward, Mention, Reply, Team
from lib.clock import now
from lib.foreign.cleaning import to_storable
from workspaces.api.door import scope
from workspaces.api.pages import Id, ListOf, PageOf, newest_first
from workspaces.api.problems import Problem, nothing_here, refuse
from workspaces.models import User

router = Router()
RELATED = ("author__contact", "connection")
MOST_MESSAGES = 200
State = Conversation.State


@router.get("/conversations", response=PageOf[ConversationShape], summary="List conversations")
@scope("conversations:read", "contacts:read")
def list_conversations(request: HttpRequest, asked: Query[AskedConversations]) -> dict[str, Any]:
    """Newest first, by what is asked for; those that were merged into another only where `state` says so."""
    rows = Conversation.objects.select_related(*RELATED)
    rows = rows.filter(state=asked.state) if asked.state else rows.exclude(state=State.MERGED)
    rows = rows.filter(assignee_id=asked.assignee) if asked.assignee else rows
    rows = rows.filter(author__contact=asked.contact) if asked.contact else rows
    rows = rows.filter(tags__folded=folded(asked.tag, 60)) if asked.tag else rows
    shown, after = newest_first(rows, asked)
    return {"items": shapes_of(shown), "next": after}


@router.get("/conversations/{conversation_id}", response=ThreadShape, summary="One conversation with its messages")
@scope("conversations:read", "contacts:read")
def get_conversation(request: HttpRequest, conversation_id: Id) -> dict[str, Any]:
    """What they wrote, what we answered, what colleagues noted: the newest 200, oldest first.

    One that was merged into another is read as that one, whose `id` it bears.
    """
    row = found_conversation(conversation_id)
    window = window_shape(_newest(row, None))
    return shapes_of([row])[0] | {"messages": messages_of(row, MOST_MESSAGES)} | window


@router.patch("/conversations/{conversation_id}", response=ConversationShape, summary="Assign, snooze, close, tag")
@scope("conversations:write", "conversations:read", "contacts:read")
def change_conversation(request: HttpRequest, conversation_id: Id, said: ChangedConversation) -> dict[str, Any]:
    """What is left out stays. 422 changes nothing."""
    row, given = found_conversation(conversation_id), said.model_fields_set
    if "assignee" in given:
        _assign(row, said.assignee)
    if "tags" in given:
        try:
            set_tags(row, [to_storable(one) for one in said.tags or []], by=None)
        except NoTagError as error:
            raise refuse("body.tags", "A tag is a word of up to 60 letters, and twenty are the most.") from error
    if said.state is not None or said.snoozed_until is not None:
        _set_state(row, said)
    return shapes_of([found_conversation(conversation_id)])[0]


@router.post("/conversations/{conversation_id}/replies", response={201: ReplyShape}, summary="Answer")
@scope("conversations:write", "conversations:read", "contacts:read")
def reply(request: HttpRequest, conversation_id: Id, said: NewReply) -> Status:
    """It leaves at once. 409 where somebody has answered already, or what it answers was deleted; 403 by the gate."""
    mention, text = answered_of(found_conversation(conversation_id), said.mention), to_storable(said.text).strip()
    if not text:
        raise refuse("body.text", "An answer needs words.")
    try:
        pictures, files, reach = pictures_in(said.pictures), files_in(said.files), str(said.visibility or "")
        with answering_problems():
            made = reply_to(
                mention, text, by=None, even_so=said.even_so, visibility=reach, pictures=pictures, files=files
            )
    except NoFilesError as error:
        raise refuse("body.files" if said.files else "body.pictures", str(error)) from error
    return Status(201, reply_shape(made))


@router.post("/conversations/{conversation_id}/likes", response={201: ReplyShape}, summary="Like")
@scope("conversations:write", "conversations:read", "contacts:read")
def like(request: HttpRequest, conversation_id: Id, said: NewLike) -> Status:
    """A like instead of words; it answers. May be repeated. 409 for what was deleted or where there are no likes."""
    try:
        made = give_like(answered_of(found_conversation(conversation_id), said.mention), by=None)
    except GoneError as error:
        raise Problem(409, "What it likes was deleted.", code="gone") from error
    except CannotLikeError as error:
        raise Problem(409, str(error), code="no_likes") from error
    except NotAllowedError as error:
        raise Problem(403, str(error), code="not_allowed") from error
    return Status(201, reply_shape(made))


@router.post("/conversations/{conversation_id}/forwards", response={201: ForwardShape}, summary="Forward by email")
@scope("conversations:write", "conversations:read", "contacts:read")
def forward(request: HttpRequest, conversation_id: Id, said: NewForward) -> Status:
    """One message to an email address, at once. 409 where it was deleted; 422 where nothing can or may go there."""
    mention, note = answered_of(found_conversation(conversation_id), said.mention), to_storable(said.note).strip()
    try:
        made = forward_message(mention, to_storable(said.to), note, by=None, key=said.key)
    except GoneError as error:
        raise Problem(409, "What it forwards was deleted.", code="gone") from error
    except CannotForwardError as error:
        raise refuse("body.to", str(error)) from error
    return Status(201, forward_shape(made))


def forward_shape(made: Forward) -> dict[str, Any]:
    """A forward as it is told."""
    plain = {name: getattr(made, name) for name in ("note", "state", "sent_at", "last_error")}
    where = {"conversation": made.conversation_id, "mention": made.mention_id, "to": made.address, "by": made.by_id}
    return {"id": made.pk} | where | plain


def _newest(row: Conversation, pk: int | None) -> Mention | None:
    rows = Mention.objects.filter(conversation=row, deleted_at=None, twin_of=None)
    rows = rows.filter(pk=pk) if pk else rows
    return rows.select_related("author__contact", "connection").order_by("-published_at", "-pk").first()


@contextmanager
def answering_problems() -> Iterator[None]:
    """What speaks against an answer, as a problem of the API."""
    try:
        yield
    except AlreadyAnsweredError as error:
        raise Problem(409, f"It was answered already, by answer {error.reply.pk}.", code="answered") from error
    except GoneError as error:
        raise Problem(409, "What it answers was deleted.", code="gone") from error
    except NotAllowedError as error:
        raise Problem(403, str(error), code="not_allowed") from error


def answered_of(row: Conversation, pk: int | None) -> Mention:
    """The message that is answered: this one, else the newest. Problem 409 where there is none."""
    mention = _newest(row, pk)
    if mention is None:
        raise Problem(409, "There is nothing to answer: it was deleted, or never there.", code="gone")
    return mention


def reply_shape(made: Reply) -> dict[str, Any]:
    """An answer as it is told."""
    names = ("state", "visibility", "sent_at", "last_error")
    plain = {name: getattr(made, name) for name in names}
    return {"id": made.pk, "conversation": made.conversation_id, "mention": made.mention_id} | plain


@router.post("/conversations/{conversation_id}/notes", response={201: NoteShape}, summary="Write a note for the team")
@scope("conversations:write", "conversations:read")
def note(request: HttpRequest, conversation_id: Id, said: NewNote) -> Status:
    """The person never sees it."""
    text = to_storable(said.text).strip()
    if not text:
        raise refuse("body.text", "A note needs words.")
    made = assigning.add_team_note(found_conversation(conversation_id), text, by=None)
    return Status(201, {"id": made.pk, "conversation": made.conversation_id, "text": made.text})


@router.get("/teams", response=ListOf[TeamShape], summary="The teams that answer")
@scope("conversations:read")
def list_teams(request: HttpRequest) -> dict[str, Any]:
    """Their hours, holidays and times to answer."""
    rows = Team.objects.prefetch_related("members")
    return {"items": [_team(one) for one in rows]}


def _team(team: Team) -> dict[str, Any]:
    names = ("name", "week", "country", "region", "closed", "requeue_minutes", "escalate_minutes", "targets")
    minutes = ("public_minutes", "private_minutes", "urgent_minutes", "resolution_minutes")
    plain = {name: getattr(team, name) for name in (*names, *minutes)}
    members = sorted(one.user_id for one in team.members.all())
    said = {"id": team.pk, "in_turn": team.assigns == Team.Assigns.IN_TURN, "escalate_to": team.escalate_to_id}
    return said | {"members": members} | plain


def _assign(row: Conversation, asked: int | None) -> None:
    to = User.objects.filter(pk=asked).first() if asked else None
    try:
        if asked and to is None:
            raise assigning.NotAMemberError(str(asked))
        assigning.assign(row, to, by=None)
    except assigning.NotAMemberError as error:
        raise refuse("body.assignee", "This is no member who may answer.") from error


def _set_state(row: Conversation, said: ChangedConversation) -> None:
    state, until = str(said.state or ""), said.snoozed_until
    if state and (state == State.SNOOZED) != (until is not None):
        raise refuse("body.snoozed_until", "Say until when it is snoozed, and only then.")
    if state == State.MERGED:
        raise refuse("body.state", "It is merged by POST /conversations/{id}/merges.")
    if until is not None:
        if until <= now():
            raise refuse("body.snoozed_until", "This moment is over.")
        assigning.snooze(row, until, by=None)
        return
    verbs = {State.DONE.value: assigning.close, State.SPAM.value: assigning.mark_spam}
    verbs.get(state, assigning.reopen)(row, by=None)


def found_conversation(pk: int) -> Conversation:
    """The conversation, or the one it was merged into. Problem 404."""
    row = Conversation.objects.select_related(*RELATED).filter(pk=pk).first()
    if row is None:
        raise nothing_here("conversation")
    return where_it_went(row)
