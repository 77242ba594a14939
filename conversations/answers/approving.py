"""Answers of members whose role asks for a second pair of eyes: kept as a draft that asks, sent when somebody approves."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from conversations.answers.drafted_files import Chosen, beside_again, stand_beside, what_goes
from conversations.answers.drafting import drop_draft, keep_draft
from conversations.answers.picturing import check_pictures_go
from conversations.answers.replying import ask_gate, reply_to, take_back
from conversations.attaching import check_files_go
from conversations.events import tell_asked, tell_returned
from conversations.inbox.live import tell_inbox
from conversations.merges.threads import held_conversation
from conversations.models import AnswerDraft, Conversation, Mention, Reply, TeamMember
from conversations.telling_members import ASKED, RETURNED
from lib.clock import now
from workspaces.auditing import audit
from workspaces.models import User
from workspaces.notices.noticing import notify_of_many
from workspaces.permissions import who_may

APPROVE = "social.approve"
EVERYTHING = Chosen()
MOST_KEYS = 20


class NoLongerAskedError(Exception):
    """The answer was changed, taken back or sent since."""


class ApprovedMeanwhileError(Exception):
    """This very form asked before, and somebody has approved it; `reply` is the answer."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.pk)
        self.reply = reply


@transaction.atomic
def ask_approval(
    mention: Mention,
    text: str,
    *,
    by: User,
    visibility: str = "",
    chosen: Chosen = EVERYTHING,
    key: UUID | None = None,
) -> AnswerDraft | None:
    """The member's answer waits until somebody who may approves it, with what stands beside it; who waits goes on waiting.

    Those of the conversation's team who may approve are told, else everybody who may. None where there are no words. May be
    repeated: what asks already asks on, and nobody is told again; with the `key` of a form whose answer was approved since
    nothing is made: ApprovedMeanwhileError. NotAllowedError where the gate refuses, NoFilesError where what stands beside it
    cannot go; LookAgainError, WordlessError. Locks the conversation.
    """
    if (approved := approved_by(key, held_conversation(mention).pk)) is not None:
        raise ApprovedMeanwhileError(approved)
    ask_gate(mention)
    draft = keep_draft(mention.conversation, text, by=by, visibility=visibility)
    if draft is None:
        return None
    going = what_goes(mention, draft, chosen)
    check_files_go(mention, going["files"])
    check_pictures_go(mention, going["pictures"])
    asks_already, draft.asked_at = draft.asked_at is not None, draft.asked_at or now()
    if key and key not in draft.asked_keys:
        draft.asked_keys = [*draft.asked_keys, key][-MOST_KEYS:]
    draft.save(update_fields=["asked_at", "asked_keys"])
    if asks_already:
        return draft
    occasion = f"{draft.pk} {draft.asked_at:%Y-%m-%dT%H:%M:%S}"
    news = [(mention.conversation_id, one, occasion) for one in approvers_of(mention.conversation)]
    notify_of_many(ASKED, news, by_id=by.pk)
    audit("answer.asked", by=by, target=mention.conversation)
    tell_asked(draft)
    tell_inbox()
    return draft


def approved_by(key: UUID | None, conversation_id: int) -> Reply | None:
    """The answer that was approved after a form of this key had asked for it. One query, none without a key."""
    rows = Reply.objects.filter(conversation=conversation_id, asked_keys__contains=[key])
    return rows.first() if key else None


@transaction.atomic
def send_draft(mention: Mention, *, by: User, said: Mapping[str, Any], chosen: Chosen) -> Reply:
    """Send the member's own answer with what stands beside it; it is no draft any more (`said`: as for `approve`).

    May be repeated with the same key. LookAgainError, WordlessError and what `reply_to` raises: the draft stays. Locks the
    conversation, then the draft.
    """
    held = held_conversation(mention)
    if same := Reply.objects.filter(key=said["key"]).first():
        return same
    draft = AnswerDraft.objects.select_for_update().filter(conversation=held, user_id=by.pk).first()
    row = reply_to(mention, by=by, **said, **what_goes(mention, draft, chosen))
    drop_draft(held, by=by)
    return row


@transaction.atomic
def take_back_as_draft(reply: Reply, *, by: User) -> bool:
    """An answer that has not left yet is a draft of its writer's again, with its files; False when it is too late."""
    rows = beside_again(reply)
    if not take_back(reply, by=by):
        return False
    draft = keep_draft(reply.conversation, reply.text, by=by, visibility=reply.visibility)
    if draft is not None:
        draft.files.all().delete()
        stand_beside(draft, rows)
    return True


def drafts_in(conversation: Conversation, user: User) -> tuple[AnswerDraft | None, AnswerDraft | None]:
    """What this member began to write, and the answer that has waited longest to be approved. One query."""
    rows = AnswerDraft.objects.filter(conversation=conversation).filter(Q(user_id=user.pk) | Q(asked_at__isnull=False))
    found = list(rows.order_by("asked_at", "pk"))
    own = next((one for one in found if one.user_id == user.pk), None)
    return own, next((one for one in found if one.asked_at is not None), None)


@transaction.atomic
def approve(
    draft_pk: int, mention: Mention, *, by: User | None, said: Mapping[str, Any], chosen: Chosen = EVERYTHING
) -> Reply:
    """Send it, in the writer's name, as `by` has it now (`said`: what `reply_to` takes, with a key; `chosen` of its files).

    May be repeated with the same key. NoLongerAskedError; LookAgainError, WordlessError and what `reply_to` raises: then it
    goes on asking. Locks the conversation, then the draft.
    """
    held = held_conversation(mention)
    if same := Reply.objects.filter(key=said["key"]).first():
        return same
    rows = AnswerDraft.objects.filter(pk=draft_pk, conversation=held).exclude(asked_at=None)
    draft = rows.select_for_update().first()
    if draft is None:
        raise NoLongerAskedError
    writer = User.objects.filter(pk=draft.user_id).first()
    row = reply_to(mention, by=writer or by, **said, **what_goes(mention, draft, chosen))
    row.approved_by_id, row.asked_keys = by.pk if by else None, draft.asked_keys
    row.save(update_fields=["approved_by_id", "asked_keys"])
    draft.delete()
    audit("answer.approved", by=by, target=row, writer=draft.user_id)
    return row


@transaction.atomic
def send_back(draft_pk: int, conversation: Conversation, *, by: User | None) -> bool:
    """Not as it stands: it is a draft of its writer's again, who is told. False when it asked no longer."""
    rows = AnswerDraft.objects.filter(pk=draft_pk, conversation=conversation).exclude(asked_at=None)
    draft = rows.select_for_update().first()
    if draft is None:
        return False
    occasion = f"{draft.pk} {draft.asked_at:%Y-%m-%dT%H:%M:%S}"
    draft.asked_at = None
    draft.save(update_fields=["asked_at"])
    notify_of_many(RETURNED, [(conversation.pk, draft.user_id, occasion)], by_id=by.pk if by else None)
    audit("answer.returned", by=by, target=conversation, writer=draft.user_id)
    tell_returned(draft)
    tell_inbox()
    return True


def likes_need_approval() -> str:
    """Why a member who may not approve likes nothing."""
    return _(
        "A like stands there in your brand’s name at once. Whoever may approve answers can give it; nothing was liked."
    )


def ask_in_words(mention: Mention, said: Mapping[str, Any], *, by: User, chosen: Chosen) -> str:
    """`ask_approval` of what a form said, by its key; returns what whoever sent it is told. The same errors."""
    facts = {"visibility": said["visibility"], "key": said["key"], "chosen": chosen}
    try:
        ask_approval(mention, said["text"], by=by, **facts)
    except ApprovedMeanwhileError as error:
        return _approved_in_words(error.reply)
    return _("It waits to be approved. Whoever may approve it has been told.")


def _approved_in_words(reply: Reply) -> str:
    """What whoever asks again is told: nothing was made anew."""
    user = User.objects.filter(pk=reply.approved_by_id or 0).first()
    if user is None:
        return _("This answer was approved meanwhile. Nothing was asked for again.")
    return _("%(name)s approved this answer meanwhile. Nothing was asked for again.") % {"name": user}


def approvers_of(conversation: Conversation) -> list[int]:
    """Those of the conversation's team who may approve, else everybody who may."""
    able = who_may(APPROVE)
    team = TeamMember.objects.filter(team=conversation.connection.team_id).values_list("user_id", flat=True)
    return [one for one in team if one in able] or list(able)
