"""Who cares for a conversation, and whether it is over. Each verb may be repeated."""

from datetime import datetime

from django.db import transaction

from contacts.complaints import close_complaint, open_complaints
from contacts.editing import add_role
from contacts.merging import everyone_in
from contacts.models import Audience, Contact
from conversations.authors.complaining import (
    CRITIC_SINCE,
    forget_complaints,
    note_complaints,
    plan_to_end_critics,
)
from conversations.conversation_state import refresh
from conversations.events import ENDED, tell_cases, tell_closed
from conversations.models import Case, Conversation, TeamMember, TeamNote
from conversations.naming import tell_named
from conversations.recording_mentions import inbox_source
from conversations.telling_members import GIVEN
from lib.clock import now
from touchpoints.facts import Fact
from touchpoints.recording import record
from workspaces.auditing import audit
from workspaces.models import User
from workspaces.notices.noticing import notify
from workspaces.permissions import may, who_may

State = Conversation.State


class NotAMemberError(ValueError):
    """A conversation can be given only to members of this workspace who may answer."""


def assign(conversation: Conversation, to: User | None, *, by: User | None) -> None:
    """Give a conversation to a member, or to nobody. NotAMemberError."""
    if to is not None and to.pk not in answerers():
        raise NotAMemberError(str(to))
    facts = {"assignee_id": to.pk, "assigned_at": now()} if to else {"assignee_id": None, "assigned_at": None}
    _change(conversation, "conversation.assigned", by, **facts)
    if to is not None and by is not None:
        notify(GIVEN, conversation.pk, [to.pk], by_id=by.pk, occasion=f"{facts['assigned_at']:%Y-%m-%dT%H:%M:%S}")


def answerers() -> dict[int, str]:
    """The members who may answer, by name: whom a conversation can be given to."""
    return who_may("social.answer")


def take(conversation: Conversation, *, by: User) -> None:
    """I care for it."""
    assign(conversation, by, by=by)


def snooze(conversation: Conversation, until: datetime, *, by: User | None) -> None:
    """Out of sight until then, or until they write again."""
    _change(conversation, "conversation.snoozed", by, snoozed_until=until)


def close(conversation: Conversation, *, by: User | None) -> None:
    """Nothing more to say; it comes back when they write again."""
    _change(conversation, "conversation.closed", by, closed_at=now(), snoozed_until=None, reopened_at=None)
    tell_closed(conversation)


def reopen(conversation: Conversation, *, by: User | None) -> None:
    """It waits again, from now on if nothing was left unanswered."""
    _change(conversation, "conversation.reopened", by, state=State.WAITING, snoozed_until=None, reopened_at=now())


def mark_spam(conversation: Conversation, *, by: User | None) -> None:
    """Nobody answers it, and nothing more of it waits."""
    _change(conversation, "conversation.marked_spam", by, state=State.SPAM, snoozed_until=None)


@transaction.atomic
def add_team_note(conversation: Conversation, text: str, *, by: User | None) -> TeamNote:
    """A word among colleagues; whoever is named with an @ finds it among what mentions them."""
    note = TeamNote.objects.create(conversation=conversation, text=text, author_id=by.pk if by else None)
    named = tell_named(note, by=by)
    audit("conversation.noted", by=by, target=conversation, named=len(named))
    refresh([conversation.pk])
    return note


@transaction.atomic
def hold_complaint(conversation: Conversation, *, by: User | None) -> None:
    """This is a complaint: offers to the person pause until it is resolved, and they stand among the critics."""
    contact, since = conversation.author.contact, conversation.waiting_since or now()
    note_complaints({conversation.author_id: since})
    if contact is None:
        return
    open_complaints({contact.pk: since})
    add_role(contact, Audience.CRITIC, by=by, source=CRITIC_SINCE)
    audit("complaint.opened", by=by, target=contact)
    refresh(_conversations_of(contact))


@transaction.atomic
def resolve_complaint(conversation: Conversation, *, by: User | None) -> None:
    """The complaint is resolved: offers go on, the ledger knows, and cases of theirs that are open were made good.

    A month later they are no critic any more, unless somebody made them one by hand.
    """
    contact = conversation.author.contact
    forget_complaints(everyone_in(contact.pk) if contact else [], conversation.author)
    if contact is None or contact.complaint_since is None:
        return
    since = contact.complaint_since
    close_complaint(contact)
    plan_to_end_critics()
    open_ones = Case.objects.filter(conversation__author__contact=contact, closed_at=None)
    tell_cases(ENDED, list(open_ones.select_related("conversation__author")))
    open_ones.update(closed_at=now(), outcome=Case.Outcome.RECOVERED)
    fact = Fact(
        kind="resolved",
        external_id=f"resolved:{contact.pk}:{since.isoformat()}",
        occurred_at=now(),
        contact_id=contact.pk,
        actor_id=by.pk if by else None,
    )
    record([fact], source=inbox_source())
    audit("complaint.resolved", by=by, target=contact)
    refresh(_conversations_of(contact))


@transaction.atomic
def on_membership_changed(user_id: int, role: str) -> None:
    """News: whoever may no longer answer cares for nothing; what they cared for goes back to the queue."""
    if role and may(role, "social.answer"):
        return
    theirs = list(Conversation.objects.filter(assignee_id=user_id).values_list("pk", flat=True))
    Conversation.objects.filter(pk__in=theirs).update(assignee_id=None, assigned_at=None)
    TeamMember.objects.filter(user_id=user_id).delete()
    refresh(theirs)


def _conversations_of(contact: Contact) -> list[int]:
    return list(Conversation.objects.filter(author__contact=contact).values_list("pk", flat=True))


@transaction.atomic
def _change(conversation: Conversation, action: str, by: User | None, **fields: object) -> None:
    Conversation.objects.filter(pk=conversation.pk).update(**fields)
    audit(action, by=by, target=conversation)
    refresh([conversation.pk])
    conversation.refresh_from_db()
