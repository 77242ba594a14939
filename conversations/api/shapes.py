"""How conversations are written in the API: what is taken, what is answered."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from conversations.api.file_shapes import AttachedShape, FileShape, NewFileShape, NewPictureShape
from conversations.attaching import attached_to
from conversations.channels import Window, window_of
from conversations.mentions.came_along import files_beside
from conversations.models import Conversation, ConversationTag, Forward, Mention, Reply, TeamNote
from conversations.visibility import Visibility, visibility_of
from workspaces.api.pages import Id, Moment, Paged, Taken

StateName = StrEnum("ConversationState", {one.name: one.value for one in Conversation.State})  # type: ignore[misc]
VisibilityName = StrEnum("MessageVisibility", {one.name: one.value for one in Visibility})  # type: ignore[misc]
LONGEST = 5_000


class ConversationShape(Schema):
    """A thread with one person: whether it waits for us, since when, who cares for it."""

    id: int
    title: str
    network: str
    contact: int | None
    handle: str
    name: str
    state: StateName
    assignee: int | None = Field(description="The id of a member.")
    tags: list[str]
    is_public: bool
    waiting_since: datetime | None
    due_at: datetime | None = Field(description="Until when we meant to answer, in hours of work.")
    due_minutes: int | None = Field(description="The target that decided it, in minutes of work.")
    due_for: str = Field(
        description="Whose target that is: the kind of channel and what was asked, such as public.complaint, email.normal, "
        "direct.urgent; empty where nobody waits."
    )
    resolve_by: datetime | None
    snoozed_until: datetime | None
    priority: int
    last_at: datetime


class SaidShape(Schema):
    """One thing that was said: theirs, ours, or a note among colleagues."""

    id: int
    kind: str = Field(description="theirs, ours, like (ours, without words), note or forward.")
    at: datetime
    text: str = Field(description="Empty of what its author deleted.")
    quoted: str = Field("", description="Of an email: what they repeated of us, and signed with.")
    visibility: str = Field(description="public, unlisted, followers, direct; empty: to us alone.")
    files: list[FileShape] = []
    attached: list[AttachedShape] = Field([], description="Of an answer: its pictures in their order, or its files.")
    warning: str = ""
    url: str = ""
    sentiment: str = ""
    intent: str = ""
    found_by: str = Field("", description="The listener that found it; it was not written to us by itself.")
    state: str = Field(
        "",
        description="Of an answer or forward: waiting, sending, sent or failed; of a forward also asked, returned, unclear.",
    )
    to: str = Field("", description="Of a forward: the email address.")
    writer: str = Field("", description="Of a note that came back to a forward by email: who says they wrote it.")
    by: int | None = Field(None, description="The member who wrote it.")


class ThreadShape(ConversationShape):
    """A conversation with its newest messages, at most 200, the oldest first."""

    messages: list[SaidShape]
    answer_until: datetime | None = Field(
        description="Until when the newest message may be answered, where its network sets an end, such as WhatsApp."
    )
    answer_closed: str = Field(description="Why it may not be answered now, in a sentence; empty where it may.")


class AskedConversations(Paged):
    """Which conversations are listed."""

    state: StateName | None = None
    assignee: Id | None = None
    contact: Id | None = None
    tag: str = Field("", max_length=60)


class ChangedConversation(Taken):
    """What changes; the rest stays."""

    state: StateName | None = Field(None, description="done, spam or waiting; snoozed with `snoozed_until`.")
    snoozed_until: Moment | None = None
    assignee: Id | None = Field(None, description="A member who may answer; null: nobody.")
    tags: list[str] | None = Field(None, max_length=20)


class NewReply(Taken):
    """An answer. It reaches nobody who could not read what it answers."""

    text: str = Field(min_length=1, max_length=LONGEST)
    mention: Id | None = Field(None, description="Which of their messages it answers; the newest where it is left out.")
    visibility: VisibilityName | None = Field(None, description="Fewer people than could read the message, never more.")
    even_so: bool = Field(False, description="Although somebody has answered it.")
    pictures: list[NewPictureShape] = Field(
        default_factory=list,
        max_length=4,
        description="Where the network shows pictures: Mastodon, Bluesky, X; Facebook one. A request has 2.5 MB in all.",
    )
    files: list[NewFileShape] = Field(
        default_factory=list,
        max_length=5,
        description="Where it leaves by email. No programs. A request has 2.5 MB at most in all.",
    )


class ReplyShape(Schema):
    """An answer on its way."""

    id: int
    conversation: int
    mention: int
    state: str
    visibility: str
    sent_at: datetime | None
    last_error: str


class NewLike(Taken):
    """A like instead of words, once for each message."""

    mention: Id | None = Field(None, description="Which of their messages; the newest where it is left out.")


class NewForward(Taken):
    """One message by email to a colleague or somebody outside. It answers nobody."""

    to: str = Field(min_length=3, max_length=254, description="An email address.")
    note: str = Field("", max_length=LONGEST, description="Stands on top.")
    mention: Id | None = Field(None, description="Which of their messages; the newest where it is left out.")
    key: UUID | None = Field(None, description="The same key is one forward, however often it is asked for.")


class ForwardShape(Schema):
    """A forward on its way, or one that waits until somebody approves it."""

    id: int
    conversation: int
    mention: int
    to: str
    note: str
    by: int | None = Field(description="The member who forwards it; null: a machine.")
    state: str
    sent_at: datetime | None
    last_error: str


class NewNote(Taken):
    """A word among colleagues. Who is named with an @ finds it among what mentions them."""

    text: str = Field(min_length=1, max_length=4_000)


class NoteShape(Schema):
    """A note that was written down."""

    id: int
    conversation: int
    text: str


class TeamShape(Schema):
    """Who answers, when and within which time (minutes of work)."""

    id: int
    name: str
    week: list[list[str] | None] = Field(description="Monday first: opens, closes; null: closed.")
    country: str
    region: str
    closed: list[str]
    public_minutes: int
    private_minutes: int
    urgent_minutes: int
    resolution_minutes: int
    targets: dict[str, dict[str, int]] = Field(
        description="Where a kind of channel (public, reviews, community, direct, email, texts, calls) has times of its "
        "own: of complaint, normal, praise, and resolved (0: no end)."
    )
    in_turn: bool
    requeue_minutes: int
    escalate_minutes: int
    escalate_to: int | None
    members: list[int]


def shapes_of(rows: Sequence[Conversation]) -> list[dict[str, Any]]:
    """These conversations, in a constant number of statements; `author` and `connection` are read with them."""
    tags: dict[int, list[str]] = {}
    for pk, name in ConversationTag.objects.filter(conversation__in=rows).values_list("conversation_id", "name"):
        tags.setdefault(pk, []).append(name)
    return [
        {
            "id": one.pk,
            "title": one.title,
            "network": one.author.network,
            "contact": one.author.contact_id,
            "handle": one.author.handle,
            "name": one.author.name,
            "state": one.state,
            "assignee": one.assignee_id,
            "tags": tags.get(one.pk, []),
            "is_public": one.is_public,
            "waiting_since": one.waiting_since,
            "due_at": one.due_at,
            "due_minutes": one.due_minutes,
            "due_for": one.due_for,
            "resolve_by": one.resolve_by,
            "snoozed_until": one.snoozed_until,
            "priority": one.priority,
            "last_at": one.last_at,
        }
        for one in rows
    ]


def window_shape(mention: Mention | None) -> dict[str, Any]:
    """Until when this may be answered, or why not."""
    window = window_of(mention) if mention else Window()
    return {"answer_until": window.until, "answer_closed": window.why_closed}


def messages_of(row: Conversation, most: int) -> list[dict[str, Any]]:
    """The newest of everything that was said in it, the oldest first. Five statements."""
    theirs = Mention.objects.filter(conversation=row, twin_of=None).order_by("-published_at", "-pk")[:most]
    ours = Reply.objects.filter(conversation=row).order_by("-created_at", "-pk")[:most]
    notes = TeamNote.objects.filter(conversation=row).order_by("-created_at", "-pk")[:most]
    forwards = Forward.objects.filter(conversation=row).order_by("-created_at", "-pk")[:most]
    said = [*_theirs(row, theirs), *_ours(ours), *_notes(notes), *_forwards(forwards)]
    return sorted(said, key=lambda one: (one["at"], one["id"]))[-most:]


def _theirs(row: Conversation, rows: Iterable[Mention]) -> Iterable[dict[str, Any]]:
    rows = list(rows)
    files = files_beside(rows)
    for one in rows:
        visibility = visibility_of(one.visibility, is_public=row.is_public)
        felt = {"sentiment": one.sentiment, "intent": one.intent, "warning": one.warning, "url": one.url}
        plain = {"id": one.pk, "kind": "theirs", "at": one.published_at, "text": one.text, "visibility": visibility}
        yield (
            plain
            | felt
            | {"files": files.get(one.pk, []), "quoted": one.quoted, "found_by": one.found_by, "state": "", "by": None}
        )


def _ours(rows: Iterable[Reply]) -> Iterable[dict[str, Any]]:
    rows = list(rows)
    attached = attached_to(rows)
    for one in rows:
        kind = "like" if one.is_like else "ours"
        plain = {"id": one.pk, "kind": kind, "at": one.created_at, "text": one.text, "visibility": one.visibility}
        told = {"state": one.state, "by": one.by_id, "warning": one.warning}
        yield plain | told | {"attached": attached.get(one.pk, [])}


def _notes(rows: Iterable[TeamNote]) -> Iterable[dict[str, Any]]:
    for one in rows:
        plain = {"id": one.pk, "kind": "note", "at": one.created_at, "text": one.text, "visibility": ""}
        yield plain | {"by": one.author_id, "writer": one.writer}


def _forwards(rows: Iterable[Forward]) -> Iterable[dict[str, Any]]:
    for one in rows:
        plain = {"id": one.pk, "kind": "forward", "at": one.created_at, "text": one.note, "visibility": ""}
        yield plain | {"by": one.by_id, "to": one.address, "state": one.state}
