"""Answering, exactly once: the row holds its own key before anything goes over the wire.

A reply is handed over under a lease; a worker that dies leaves the lease to run out, and the next one repeats the same
key, so the receiver sees one answer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import structlog
from django.db import transaction
from django.db.models import F, Q

from consent.asking import Ask
from consent.gate import verdict
from contacts.drafting import File
from conversations import channels
from conversations.attaching import attach_to, check_files_go, forget_bytes
from conversations.channels import ChannelError, Outbox
from conversations.conversation_state import refresh
from conversations.models import Conversation, Mention, Reply
from conversations.recording_mentions import channel_of, tell_answer
from lib.clock import now
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import working_in
from workspaces.models import User, Workspace

WORK = "conversations.reply"
LEASE = timedelta(seconds=60)
WORK_SECONDS = 20
MOST_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=20)
log = structlog.get_logger(__name__)


class AlreadyAnsweredError(Exception):
    """Somebody answered this mention first; `reply` is that answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__("already answered")
        self.reply = reply


class WroteAgainError(Exception):
    """The person wrote once more after what is being answered; `mention` is that."""

    def __init__(self, mention: Mention) -> None:
        super().__init__("wrote again")
        self.mention = mention


class NotAllowedError(Exception):
    """The gate says no; the text says why."""


@transaction.atomic
def reply_to(
    mention: Mention,
    text: str,
    *,
    by: User,
    key: UUID | None = None,
    even_so: bool = False,
    keep_open: bool = False,
    seen: int | None = None,
    files: Sequence[File] = (),
) -> Reply:
    """Put an answer on its way and return its row; the mention counts as answered at once.

    May be repeated with the same `key`: the same row comes back. AlreadyAnsweredError when this, or a later word of the
    conversation, has an answer (`even_so` sends another), NotAllowedError when the gate refuses. With `seen`, the newest
    answer the writer saw (0: none), a newer one is told in spite of `even_so`, and a newer word of the person raises
    WroteAgainError. Where the channel cannot send, the answer is noted as given; where it takes no `files`, NoFilesError.
    Locks the conversation.
    """
    conversation = Conversation.objects.select_for_update().get(pk=mention.conversation_id)
    key = key or uuid4()
    if same := Reply.objects.filter(key=key).first():
        return same
    if not even_so:
        _check_unanswered(conversation, mention)
    if seen is not None:
        _check_nothing_newer(conversation, mention, seen)
    _ask_gate(mention)
    check_files_go(mention, files)
    sends, moment = channels.channel_of(mention.connection).capabilities().replies, now()
    reply = _write(mention, text, files, key=key, by=by, sends=sends, moment=moment)
    _mark_answered(conversation, mention, moment)
    _take_in_hand(conversation, by, moment, keep_open=keep_open)
    if sends:
        agenda.set_due(WORK)
    else:
        tell_answer(reply)
    audit("mention.answered", by=by, target=mention, reply=reply.pk)
    refresh([conversation.pk])
    return reply


def _check_unanswered(conversation: Conversation, mention: Mention) -> None:
    given = Reply.objects.filter(conversation=conversation, mention__published_at__gte=mention.published_at)
    first = given.exclude(state=Reply.State.FAILED).order_by("created_at").first()  # to this one, or to a later word
    if first is not None:
        raise AlreadyAnsweredError(first)


def _check_nothing_newer(conversation: Conversation, mention: Mention, seen: int) -> None:
    answer, word = newer_than(conversation, mention, seen)
    if answer is not None:
        raise AlreadyAnsweredError(answer)
    if word is not None:
        raise WroteAgainError(word)


def _mark_answered(conversation: Conversation, mention: Mention, moment: datetime) -> None:
    unanswered = Mention.objects.filter(conversation=conversation, answered_at=None)
    unanswered.filter(published_at__lte=mention.published_at).update(answered_at=moment)


def _take_in_hand(conversation: Conversation, by: User, moment: datetime, *, keep_open: bool) -> None:
    conversation.assignee_id = conversation.assignee_id or by.pk
    conversation.reopened_at = moment + timedelta(microseconds=1) if keep_open else None
    conversation.save(update_fields=["assignee_id", "reopened_at"])


def newer_than(conversation: Conversation, mention: Mention, seen: int) -> tuple[Reply | None, Mention | None]:
    """The newest answer after the answer `seen`, and the person's newest word after `mention`, where there are any."""
    answers = Reply.objects.filter(conversation=conversation, pk__gt=seen).exclude(state=Reply.State.FAILED)
    words = Mention.objects.filter(conversation=conversation, deleted_at=None, twin_of=None)
    later = Q(published_at__gt=mention.published_at) | Q(published_at=mention.published_at, pk__gt=mention.pk)
    return answers.order_by("-pk").first(), words.filter(later).order_by("-published_at", "-pk").first()


def _write(
    mention: Mention, text: str, files: Sequence[File], *, key: UUID, by: User, sends: bool, moment: datetime
) -> Reply:
    reply = Reply.objects.create(
        conversation_id=mention.conversation_id,
        mention=mention,
        key=key,
        text=text,
        by_id=by.pk,
        created_at=moment,
        state=Reply.State.WAITING if sends else Reply.State.SENT,
        due_at=moment if sends else None,
        sent_at=None if sends else moment,
    )
    attach_to(reply, files)
    return reply


@transaction.atomic
def try_again(reply: Reply, *, by: User) -> None:
    """Send a failed answer once more, under the same key. May be repeated."""
    changed = Reply.objects.filter(pk=reply.pk, state=Reply.State.FAILED).update(
        state=Reply.State.WAITING, attempts=0, due_at=now(), leased_until=None, last_error=""
    )
    if changed:
        audit("reply.tried_again", by=by, target=reply)
        agenda.set_due(WORK)
        refresh([reply.conversation_id])


def send_due(workspace: Workspace) -> datetime | None:
    """Hand over what is due, one at a time; returns when to come again."""
    ends_at = now() + timedelta(seconds=WORK_SECONDS)
    while now() < ends_at:
        with working_in(workspace):
            reply = _lease()
        if reply is None:
            break
        _hand_over(workspace, reply)
    with working_in(workspace):
        return _next_moment()


def _lease() -> Reply | None:
    """The next reply that is due and free, leased; None when there is none. Two workers never get the same."""
    moment = now()
    free = Q(state=Reply.State.WAITING) | Q(state=Reply.State.SENDING, leased_until__lt=moment)
    waiting = Reply.objects.filter(free, due_at__lte=moment).order_by("due_at", "pk")
    pk = waiting.select_for_update(skip_locked=True).values_list("pk", flat=True).first()
    if pk is None:
        return None
    Reply.objects.filter(pk=pk).update(
        state=Reply.State.SENDING, leased_until=moment + LEASE, attempts=F("attempts") + 1
    )
    return Reply.objects.select_related("mention__connection", "conversation__author").get(pk=pk)


def _hand_over(workspace: Workspace, reply: Reply) -> None:
    mention = reply.mention
    row = Outbox(
        key=str(reply.key),
        text=reply.text,
        mention_id=mention.remote_id,
        mention_url=mention.url,
        thread=reply.conversation.thread,
        network=mention.network,
        is_public=reply.conversation.is_public,
    )
    try:
        remote_id = channels.channel_of(mention.connection).reply(row)
    except ChannelError as error:
        with working_in(workspace):
            _note_failure(reply, error)
        return
    with working_in(workspace):
        _note_sent(reply, remote_id)


def _note_sent(reply: Reply, remote_id: str) -> None:
    reply.sent_at = now()
    mine = Reply.objects.filter(pk=reply.pk, state=Reply.State.SENDING)
    if mine.update(
        state=Reply.State.SENT,
        remote_id=remote_id,
        sent_at=reply.sent_at,
        due_at=None,
        leased_until=None,
        last_error="",
    ):
        forget_bytes(reply)
        reply.conversation.refresh_from_db(fields=["author"])  # a stranger may have become a contact on the way
        tell_answer(reply)
        refresh([reply.conversation_id])


def _note_failure(reply: Reply, error: ChannelError) -> None:
    gives_up = not error.again or reply.attempts >= MOST_ATTEMPTS
    pause = timedelta(seconds=error.wait) if error.wait else FIRST_PAUSE * 2 ** (reply.attempts - 1)
    facts: Mapping[str, object] = {
        "state": Reply.State.FAILED if gives_up else Reply.State.WAITING,
        "due_at": None if gives_up else now() + pause,
        "leased_until": None,
        "last_error": str(error)[:300],
    }
    Reply.objects.filter(pk=reply.pk, state=Reply.State.SENDING).update(**facts)
    if gives_up:
        Mention.objects.filter(pk=reply.mention_id).update(answered_at=None)
        refresh([reply.conversation_id])
    log.warning("reply_failed", reply=reply.pk, attempts=reply.attempts, gives_up=gives_up, error=str(error))


def _next_moment() -> datetime | None:
    waiting = (
        Reply.objects.filter(state=Reply.State.WAITING).order_by("due_at").values_list("due_at", flat=True).first()
    )
    leased = (
        Reply.objects.filter(state=Reply.State.SENDING)
        .order_by("leased_until")
        .values_list("leased_until", flat=True)
        .first()
    )
    return min(filter(None, (waiting, leased)), default=None)


def _ask_gate(mention: Mention) -> None:
    contact = mention.author.contact
    if contact is None:
        return
    found = verdict(Ask(channel=int(channel_of(mention.network, mention.rating)), message_class="answer"), contact)
    if not found.allowed:
        raise NotAllowedError(found.first_failure.text if found.first_failure else found.reason)
