"""Answering, exactly once: the row holds its own key before anything goes over the wire (handing_over.py)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from consent.asking import Ask
from consent.gate import verdict
from contacts.drafting import File
from conversations import channels
from conversations.answers.handing_over import wait_again, wait_no_more
from conversations.answers.picturing import NewPicture, check_pictures_go, show_with
from conversations.attaching import attach_to, check_files_go
from conversations.conversation_state import refresh
from conversations.events import tell_answered
from conversations.merges.threads import held_conversation
from conversations.models import Conversation, Mention, Reply
from conversations.recording_mentions import channel_of, tell_answer
from conversations.visibility import narrower, visibility_of
from lib.clock import now
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.models import User

WORK = "conversations.reply"
UNDO = timedelta(seconds=10)  # so long an answer given on a page can be taken back


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


class GoneError(Exception):
    """What was to be answered was taken back by who wrote it."""


@transaction.atomic
def reply_to(
    mention: Mention,
    text: str,
    *,
    by: User | None,
    key: UUID | None = None,
    even_so: bool = False,
    keep_open: bool = False,
    seen: int | None = None,
    files: Sequence[File] = (),
    pictures: Sequence[NewPicture] = (),
    visibility: str = "",
    warning: str | None = None,
    wait: timedelta = timedelta(),
) -> Reply:
    """Put an answer on its way and return its row; the mention counts as answered at once.

    May be repeated with the same `key`: the same row comes back. GoneError for what was deleted, AlreadyAnsweredError
    when this, or a later word of the conversation, has an answer (`even_so` sends another), NotAllowedError when the gate
    refuses. With `seen`, the newest answer the writer saw (0: none), a newer one is told in spite of `even_so`, and a newer
    word of the person raises WroteAgainError. `visibility` may narrow who reads it and never widens it; `warning` None
    keeps the mention's. It leaves after `wait`, until which `take_back` undoes it. Where the channel cannot send, the
    answer is noted as given; where it takes no `files` or `pictures`, NoFilesError. Locks the conversation.
    """
    conversation = held_conversation(mention)
    if same := Reply.objects.filter(key=key).first() if key else None:
        return same
    _check_timely(conversation, mention, seen=seen, even_so=even_so)
    ask_gate(mention)
    given = visibility_of(mention.visibility, is_public=conversation.is_public)
    reply = Reply(conversation=conversation, mention=mention, key=key or uuid4(), text=text)
    reply.by_id, reply.target_at = by.pk if by else None, conversation.due_at
    reply.visibility, reply.warning = narrower(visibility, given), mention.warning if warning is None else warning
    _check_fits(reply, given, files, pictures)
    _write(reply, files, pictures, wait)
    mark_answered(conversation, mention, reply.created_at)
    take_in_hand(conversation, by, reply.created_at, keep_open=keep_open)
    audit("mention.answered", by=by, target=mention, reply=reply.pk)
    refresh([conversation.pk])
    return reply


def _check_fits(reply: Reply, given: str, files: Sequence[File], pictures: Sequence[NewPicture]) -> None:
    """NotAllowedError or NoFilesError where its network does not take it so."""
    mention = reply.mention
    check_files_go(mention, files)
    check_pictures_go(mention, pictures)
    able = channels.channel_of(mention.connection).capabilities()
    _check_reach(mention, able, reply.visibility, given)
    _check_length(mention, able, reply.text)


def _check_length(mention: Mention, able: channels.Capabilities, text: str) -> None:
    """NotAllowedError where it has more letters than its network takes and is not cut into several posts."""
    if able.replies and able.posts == 1 and 0 < able.longest < len(text.strip()):
        facts = {"network": channels.network_name(mention.network), "most": able.longest, "n": len(text.strip())}
        raise NotAllowedError(
            _("%(network)s takes %(most)s letters at most, and this has %(n)s. Nothing was sent: make it shorter.")
            % facts
        )


def _check_reach(mention: Mention, able: channels.Capabilities, asked: str, given: str) -> None:
    """NotAllowedError where fewer are to read it and its network would show it to all the same."""
    if asked != given and able.replies and not able.narrows:
        raise NotAllowedError(
            _("%(network)s shows an answer to everybody who can read what it answers. Nothing was sent.")
            % {"network": channels.network_name(mention.network)}
        )


def _check_timely(conversation: Conversation, mention: Mention, *, seen: int | None, even_so: bool) -> None:
    if Mention.objects.filter(pk=mention.pk).exclude(deleted_at=None).exists():
        raise GoneError
    if not even_so:
        _check_unanswered(conversation, mention)
    if seen is not None:
        _check_nothing_newer(conversation, mention, seen)


def _check_unanswered(conversation: Conversation, mention: Mention) -> None:
    words = Reply.objects.filter(conversation=conversation, kind=Reply.Kind.WORDS)  # after a like words may follow
    given = words.filter(mention__published_at__gte=mention.published_at)
    first = given.exclude(state=Reply.State.FAILED).order_by("created_at").first()  # to this one, or to a later word
    if first is not None:
        raise AlreadyAnsweredError(first)


def _check_nothing_newer(conversation: Conversation, mention: Mention, seen: int) -> None:
    answer, word = newer_than(conversation, mention, seen)
    if answer is not None:
        raise AlreadyAnsweredError(answer)
    if word is not None:
        raise WroteAgainError(word)


def mark_answered(conversation: Conversation, mention: Mention, moment: datetime) -> None:
    """This mention and those before it have an answer, given at that moment."""
    unanswered = Mention.objects.filter(conversation=conversation, answered_at=None)
    unanswered.filter(published_at__lte=mention.published_at).update(answered_at=moment)


def take_in_hand(conversation: Conversation, by: User | None, moment: datetime, *, keep_open: bool) -> None:
    """Whoever answers what nobody cares for cares for it."""
    if conversation.assignee_id is None and by is not None:
        conversation.assignee_id = by.pk
    conversation.assigned_at = moment  # the time in which they must say something begins anew
    conversation.reopened_at = moment + timedelta(microseconds=1) if keep_open else None
    conversation.save(update_fields=["assignee_id", "assigned_at", "reopened_at"])


def newer_than(conversation: Conversation, mention: Mention, seen: int) -> tuple[Reply | None, Mention | None]:
    """The newest answer after the answer `seen`, and the person's newest word after `mention`, where there are any."""
    answers = Reply.objects.filter(conversation=conversation, pk__gt=seen, kind=Reply.Kind.WORDS)
    given = answers.exclude(state=Reply.State.FAILED)
    words = Mention.objects.filter(conversation=conversation, deleted_at=None, twin_of=None)
    later = Q(published_at__gt=mention.published_at) | Q(published_at=mention.published_at, pk__gt=mention.pk)
    return given.order_by("-pk").first(), words.filter(later).order_by("-published_at", "-pk").first()


def _write(reply: Reply, files: Sequence[File], pictures: Sequence[NewPicture], wait: timedelta) -> None:
    moment = reply.created_at
    if channels.channel_of(reply.mention.connection).capabilities().replies:
        reply.due_at = moment + wait
        agenda.set_due(WORK, reply.due_at)
    else:
        reply.state, reply.sent_at = Reply.State.SENT, moment
    reply.save()
    attach_to(reply, files)
    show_with(reply, pictures)
    if reply.state == Reply.State.SENT:
        tell_answer(reply)
        tell_answered(reply)


@transaction.atomic
def take_back(reply: Reply, *, by: User) -> bool:
    """An answer that has not left yet is undone, and what it answered waits again; False when it is too late."""
    held_conversation(reply.mention)
    held = Reply.objects.select_for_update().filter(pk=reply.pk, state=Reply.State.WAITING, attempts=0).first()
    if held is None:
        return False
    audit("reply.taken_back", by=by, target=held)
    held.delete()
    wait_again(held)
    return True


@transaction.atomic
def try_again(reply: Reply, *, by: User | None) -> None:
    """Send a failed answer once more, under the same key, if nothing speaks against it by now. May be repeated.

    GoneError, AlreadyAnsweredError, NotAllowedError. An earlier attempt may have come through: the network is asked first.
    Locks the conversation.
    """
    conversation = held_conversation(reply.mention)
    rows = Reply.objects.select_for_update(of=("self",)).select_related("mention__author__contact")
    held = rows.select_related("mention__connection").get(pk=reply.pk)
    if held.state != Reply.State.FAILED:
        return
    _check_timely(conversation, held.mention, seen=None, even_so=held.is_like)
    ask_gate(held.mention)
    held.state, held.attempts, held.due_at, held.leased_until, held.last_error = Reply.State.WAITING, 1, now(), None, ""
    held.save(update_fields=["state", "attempts", "due_at", "leased_until", "last_error"])
    mark_answered(conversation, held.mention, held.created_at)
    wait_no_more(held)
    audit("reply.tried_again", by=by, target=held)
    agenda.set_due(WORK)
    refresh([conversation.pk])


def ask_gate(mention: Mention) -> None:
    """NotAllowedError where whoever wrote this may not be answered, or the way to them is closed just now."""
    if why := channels.window_of(mention).why_closed:
        raise NotAllowedError(why)
    contact = mention.author.contact
    if contact is None:
        return
    found = verdict(Ask(channel=int(channel_of(mention.network, mention.rating)), message_class="answer"), contact)
    if not found.allowed:
        raise NotAllowedError(found.first_failure.text if found.first_failure else found.reason)
