"""Two ways to speak with a person from their own page: answer the last thing they sent us, write down a call."""

import uuid
from typing import Any

from consent.asking import Ask
from consent.gate import verdict
from consent.rules import may_be_called_from, zone_of
from contacts.merging import everyone_in
from contacts.models import Contact, Identity
from contacts.reaching import primary_of
from contacts.showing import shown
from conversations.answers.drafting import draft_of
from conversations.answers.reading_drafts import read_beside
from conversations.assigning import answerers
from conversations.channels import channel_of as answerable
from conversations.channels import network_icon, network_name, window_of
from conversations.forms import CallForm, ReplyForm
from conversations.models import Conversation, Mention, Reply
from conversations.recording_mentions import channel_of
from lib.clock import now
from workspaces.current import current_workspace
from workspaces.permissions import may
from workspaces.requests import Request


def last_word_of(contact: Contact) -> Mention | None:
    """The last thing that this person sent us and that still stands, with its conversation."""
    theirs = Mention.objects.filter(author__contact__in=everyone_in(contact.pk), deleted_at=None, twin_of=None)
    wanted = theirs.exclude(conversation__state=Conversation.State.SPAM).exclude(text="")
    return wanted.select_related("conversation", "connection", "author").order_by("-published_at", "-pk").first()


def answer_way(request: Request, contact: Contact, form: Any) -> dict[str, Any]:
    """What is answered, where it goes and who reads it; why nothing can be answered, where there is nothing."""
    found = last_word_of(contact)
    person = shown(request, contact)
    if found is None:
        return {"contact": contact, "person": person, "mention": None}
    judged = verdict(Ask(channel=int(channel_of(found.network, found.rating)), message_class="answer"), contact)
    words = Reply.objects.filter(conversation=found.conversation, kind=Reply.Kind.WORDS)
    given = words.exclude(state=Reply.State.FAILED).order_by("-pk")
    last, own = given.first(), draft_of(found.conversation, request.user)
    is_answered = last is not None and found.answered_at is not None
    return {
        "contact": contact,
        "person": person,
        "mention": found,
        "network": network_name(found.network),
        "network_icon": network_icon(found.network),
        "can_send": answerable(found.connection).capabilities().replies,
        "stop": judged.first_failure,
        "window": window_of(found),
        "seen": last.pk if last else 0,
        "answered": last if is_answered else None,
        "answered_by": answerers().get(last.by_id or 0, "") if last and is_answered else "",
        "own": own,
        "form": form or ReplyForm.blank(own.text if own else ""),
    } | read_beside(found, own, request.POST)


def call_way(request: Request, contact: Contact, form: Any) -> dict[str, Any]:
    """The number, whether it is an hour for calls there, and what is said of the call."""
    number = primary_of(contact, Identity.Kind.PHONE)
    person = shown(request, contact)
    here = zone_of(contact.zone, current_workspace().zone)
    return {
        "contact": contact,
        "person": person,
        "number": "" if person.is_masked else number,
        "has_number": bool(number),
        "there": now().astimezone(here),
        "call_from": may_be_called_from(contact),
        "may_set_hours": may(request.membership.role, "workspace.settings"),
        "asks_first": contact.dialogue_mode != Contact.DialogueMode.CALL,
        "form": form or CallForm(initial={"token": uuid.uuid4().hex}),
    }
