"""An answer on its way leaves: handed over under a lease, so that the network gets it once.

A worker that dies leaves the lease to run out, and the next one repeats the same key.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import cast

import structlog
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from conversations import channels
from conversations.answers.drafting import keep_unsent
from conversations.answers.picturing import pictures_of
from conversations.attaching import forget_bytes
from conversations.channels import ChannelError, ClosedError, Liking, Outbox
from conversations.conversation_state import refresh
from conversations.events import tell_answered
from conversations.merges.threads import held_conversation, thread_on_network
from conversations.models import Conversation, Mention, Reply
from conversations.models.connections import ERASED
from conversations.recording_mentions import tell_answer
from conversations.telling_members import tell_unsent
from conversations.visibility import Visibility
from lib.clock import now
from lib.retrying import is_passing
from workspaces.current import working_in
from workspaces.models import Workspace

LEASE = timedelta(minutes=5)  # longer than the slowest network takes for all posts of an answer
WORK_SECONDS = 20
TRIED_FOR = timedelta(hours=24)
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=20), timedelta(hours=1)
log = structlog.get_logger(__name__)


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
    unsent = {"state__in": [Reply.State.WAITING, Reply.State.SENDING], "pk__lt": OuterRef("pk")}
    earlier = Reply.objects.filter(conversation=OuterRef("conversation"), **unsent)  # in order within a conversation
    waiting = Reply.objects.filter(free, ~Exists(earlier), due_at__lte=moment).order_by("due_at", "pk")
    pk = waiting.select_for_update(of=("self",), skip_locked=True).values_list("pk", flat=True).first()
    if pk is None:
        return None
    Reply.objects.filter(pk=pk).update(
        state=Reply.State.SENDING, leased_until=moment + LEASE, attempts=F("attempts") + 1
    )
    return Reply.objects.select_related("mention__connection", "mention__author").get(pk=pk)


def _hand_over(workspace: Workspace, reply: Reply) -> None:
    mention = reply.mention
    is_gone = mention.author.handle.startswith(ERASED) if reply.is_like else not reply.text.strip()
    if mention.deleted_at is not None or is_gone:
        with working_in(workspace):
            _note_failure(reply, ChannelError(_("What it answers was deleted there."), again=False))
        return
    row = _on_the_wire(workspace, reply)
    try:
        channel = channels.channel_of(mention.connection)
        remote_id = cast("Liking", channel).like(row) if reply.is_like else channel.reply(row)
    except ChannelError as error:
        failure = error
    except Exception as error:
        if is_passing(error):
            raise
        log.exception("reply_broke", reply=reply.pk)
        failure = ChannelError(_("It could not be handed over (%(kind)s).") % {"kind": type(error).__name__})
    else:
        with working_in(workspace):
            note_sent(reply, remote_id, _mine(reply))
        return
    with working_in(workspace):
        _note_failure(reply, failure)


def _on_the_wire(workspace: Workspace, reply: Reply) -> Outbox:
    mention = reply.mention
    with working_in(workspace):
        thread, pictures = thread_on_network(mention), pictures_of(reply)
    return Outbox(
        key=str(reply.key),
        text=reply.text,
        mention_id=mention.remote_id,
        mention_url=mention.url,
        thread=thread,
        network=mention.network,
        is_public=reply.visibility in {Visibility.PUBLIC, Visibility.UNLISTED},
        visibility=reply.visibility,
        warning=reply.warning,
        language=mention.language,
        handle=mention.author.handle,
        wire=mention.wire,
        # the same for each like of one thing: a network that keeps what we name by key and time keeps one
        created_at=mention.published_at if reply.is_like else reply.created_at,
        attempt=reply.attempts,
        pictures=pictures,
    )


def note_sent(reply: Reply, remote_id: str, rows: QuerySet[Reply]) -> None:
    """The answer has left, if it is still among `rows`. Locks the conversation."""
    reply.sent_at = now()
    reply.conversation = held_conversation(reply.mention)  # it may have been merged on the way
    if rows.update(
        state=Reply.State.SENT,
        remote_id=remote_id,
        sent_at=reply.sent_at,
        due_at=None,
        leased_until=None,
        last_error="",
        in_doubt_at=None,
    ):
        forget_bytes(reply)
        reply.mention.refresh_from_db(fields=["author"])  # a stranger may have become a contact on the way
        tell_answer(reply)
        tell_answered(reply)
        refresh([reply.conversation_id])


def _mine(reply: Reply) -> QuerySet[Reply]:
    """The row, as long as nobody else was given it meanwhile: a lease that ran out is over."""
    return Reply.objects.filter(pk=reply.pk, state=Reply.State.SENDING, attempts=reply.attempts)


def _note_failure(reply: Reply, error: ChannelError) -> None:
    gives_up = not error.again or reply.created_at < now() - TRIED_FOR
    pause = min(FIRST_PAUSE * 2 ** min(reply.attempts - 1, 10), LONGEST_PAUSE)
    facts: Mapping[str, object] = {
        "state": Reply.State.FAILED if gives_up else Reply.State.WAITING,
        "due_at": None if gives_up else now() + (timedelta(seconds=error.wait) if error.wait else pause),
        "leased_until": None,
        "last_error": str(error)[:300],
    }
    reply.conversation = held_conversation(reply.mention)
    if _mine(reply).update(**facts) and gives_up:
        wait_again(reply)
        tell_unsent(reply)
        if isinstance(error, ClosedError):
            keep_unsent(reply)
    log.warning("reply_failed", reply=reply.pk, attempts=reply.attempts, gives_up=gives_up, error=str(error))


def wait_again(reply: Reply) -> None:
    """What this answer answered is unanswered: it waits, also where the conversation was closed before."""
    answered = Mention.objects.filter(conversation=reply.conversation_id, answered_at=reply.created_at)
    answered.update(answered_at=None)
    Conversation.objects.filter(pk=reply.conversation_id).update(reopened_at=now())
    refresh([reply.conversation_id])


def wait_no_more(reply: Reply) -> None:
    """What `wait_again` did is undone: the answer is on its way once more, or has arrived after all."""
    again = Conversation.objects.filter(pk=reply.conversation_id, reopened_at__gt=reply.created_at)
    again.update(reopened_at=None)


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
