"""One conversation as its page shows it: what was said in order, what we answered before, who it is."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from django.utils.translation import gettext as _

from consent.asking import Ask
from consent.gate import verdict
from contacts.history.accounts import how_linked
from contacts.models import Audience, AudienceRole, Contact, Identity
from contacts.showing import sees_names, shown
from conversations.answers.canned_replies import fill_in
from conversations.answers.liking import liked_in
from conversations.assigning import answerers
from conversations.authors.shared_senders import users_behind
from conversations.authors.suggesting import suggest_contact
from conversations.channels import Capabilities, Window, network_icon, network_name, window_of
from conversations.channels import channel_of as answerable
from conversations.concerns import concern_of
from conversations.inbox.prioritising import read_lines
from conversations.inbox.queues import due_words, perhaps
from conversations.inbox.thread_pages import ThreadPage, read_thread
from conversations.models import CannedReply, Conversation, Mention, PublicAuthor, Reply
from conversations.service_levels.team_hours import hours_for
from conversations.visibility import Visibility, choices_for, visibility_of
from lib.asked import whole_number
from lib.clock import now
from touchpoints.timeline import Filters, read_timeline
from workspaces.current import current_workspace
from workspaces.panels import panels_at
from workspaces.permissions import team
from workspaces.requests import Request

LOOKED_BACK, MOST_BEFORE = 200, 4
WHO_WROTE = ("id", "name", "handle", "contact_id")
MOST_LETTERS = 5_000
ALIKE = 0.25
WORD = re.compile(r"\w{4,}")


def read_conversation(request: Request, conversation: Conversation) -> dict[str, Any]:
    """Everything the conversation's pane and card need; the number of queries does not grow with the thread."""
    author, moment, hours = conversation.author, now(), hours_for(conversation)
    members = {row.user_id: str(row.user) for row in team()}
    page = page_asked(request, conversation, members)
    clock, tone = due_words(conversation.due_at, moment, hours)
    last = _newest_word(conversation, page)
    before = _answered_before(conversation, last) if last else []
    name, handle = author_shown(request, author)
    able = _able(conversation, last)
    shown_now = {
        "conversation": conversation,
        "author": author,
        "author_name": name,
        "author_handle": handle,
        "network": network_name(author.network),
        "network_icon": network_icon(author.network),
        "thread": page,
        "last": last,
        "clock": clock,
        "tone": tone,
        "assignee": members.get(conversation.assignee_id or 0, ""),
        "members": answerers(),
        "member_names": members,
        "answers_to": (answers_to := visibility_of(last.visibility, is_public=conversation.is_public) if last else ""),
        "ways": (ways := choices_for(answers_to)[: None if able.narrows and able.replies else 1]),
        "privately": _privately(conversation, ways),
        "seen": _newest_answer(conversation, page),
        "window": window_of(last) if last else Window(),
        "before": [one | {"who": author_shown(request, one["author"])[0]} for one in before],
        "canned": _canned(name),
        "suggested": _suggested(request, author),
        "linked": _linked(request, author, members),
        "users": (users := [{"pk": one.pk, "person": shown(request, one)} for one in users_behind(author)]),
        "perhaps": perhaps([_named(one["person"]) for one in users]) if users else "",
        "liked": liked_in(conversation) if able.likes else (),
    }
    return shown_now | _limits(able) | _card(request, conversation)


def _limits(able: Capabilities) -> dict[str, Any]:
    """What fits into an answer there."""
    return {
        "can_send": able.replies,
        "in_segments": able.in_segments,
        "most_letters": min(able.longest * able.posts or MOST_LETTERS, MOST_LETTERS),
        "can_like": able.likes,
    }


def _named(person: Any) -> str:
    return str(person.name)


def _able(conversation: Conversation, last: Mention | None) -> Capabilities:
    """What the way can do by which an answer leaves: that of the word which it answers."""
    if last is not None and last.connection_id == conversation.connection_id:
        last.connection = conversation.connection
    return answerable(last.connection if last else conversation.connection).capabilities()


def page_asked(request: Request, conversation: Conversation, members: dict[int, str]) -> ThreadPage:
    """The part of the thread that the address asks for: before or after a place, around a message, else the newest."""
    asked = request.GET
    page = read_thread(
        conversation,
        members,
        before=asked.get("before", ""),
        after=asked.get("beyond", ""),
        since=asked.get("since", ""),
        sought=whole_number(asked.get("message", "")),
    )
    _name_others(request, conversation, page)
    return page


def _name_others(request: Request, conversation: Conversation, page: ThreadPage) -> None:
    """Where two accounts of one person were merged, each message bears the name of its own."""
    theirs = [one for one in page.said if one.kind == "theirs" and one.row.author_id != conversation.author_id]
    authors = PublicAuthor.objects.in_bulk({one.row.author_id for one in theirs}) if theirs else {}
    for one in theirs:
        name, handle = author_shown(request, authors[one.row.author_id])
        one.who = f"{name} {handle}".strip()


def read_part(request: Request, conversation: Conversation) -> dict[str, Any]:
    """Only a part of the thread, for a page that shows the rest already."""
    name, handle = author_shown(request, conversation.author)
    page = page_asked(request, conversation, {row.user_id: str(row.user) for row in team()})
    can_like = answerable(conversation.connection).capabilities().likes
    return {
        "conversation": conversation,
        "author_name": name,
        "author_handle": handle,
        "thread": page,
        "can_like": can_like,
        "liked": liked_in(conversation) if can_like else (),
    }


def author_shown(request: Request, author: PublicAuthor) -> tuple[str, str]:
    """(name, handle) of a writer as this member may see them: the one way to either for a page."""
    if sees_names(request):
        return author.name or author.handle, author.handle
    return _("Writer %(n)d") % {"n": author.pk}, ""


def _privately(conversation: Conversation, ways: Sequence[tuple[str, Any]]) -> str:
    """How what was asked in public may be answered to them alone: "direct" there, "email" to their address, "": not."""
    reach = [value for value, _words in ways]
    if not reach or reach[0] not in {Visibility.PUBLIC, Visibility.UNLISTED}:
        return ""
    if Visibility.DIRECT in reach:
        return "direct"
    contact = conversation.author.contact_id
    is_known = contact and Identity.objects.filter(contact=contact, kind=Identity.Kind.EMAIL).exists()
    return "email" if is_known else ""


def _newest_word(conversation: Conversation, page: ThreadPage) -> Mention | None:
    """What an answer answers: the newest that stands, else the newest that stood."""
    theirs = [one.row for one in page.said if one.kind == "theirs"]
    open_ones = [one for one in theirs if one.deleted_at is None]
    if open_ones and not page.later:
        return cast("Mention", open_ones[-1])
    rows = Mention.objects.filter(conversation=conversation, twin_of=None).order_by("-published_at", "-pk")
    return rows.filter(deleted_at=None).first() or rows.first()


def _newest_answer(conversation: Conversation, page: ThreadPage) -> int:
    """The number of the newest answer that the page tells of, 0: there is none."""
    if page.later or page.earlier:
        found = Reply.objects.filter(conversation=conversation).order_by("-pk").values_list("pk", flat=True)
        return found.first() or 0
    return max((one.row.pk for one in page.said if one.kind == "ours"), default=0)


def _answered_before(conversation: Conversation, last: Mention) -> list[dict[str, Any]]:
    """Our last answers to the same person, then to questions with much the same words."""
    sent = Reply.objects.filter(state=Reply.State.SENT, kind=Reply.Kind.WORDS).exclude(conversation=conversation)
    rows = sent.order_by("-created_at").values_list(
        "text", "created_at", "mention__text", *(f"mention__author__{name}" for name in WHO_WROTE)
    )
    mine, found = _words(last.text), []
    for text, moment, asked, *who in rows[:LOOKED_BACK]:
        author = PublicAuthor(**dict(zip(WHO_WROTE, who, strict=True)))
        same = author.pk == conversation.author_id or (
            author.contact_id is not None and author.contact_id == conversation.author.contact_id
        )
        alike = _alike(mine, _words(asked))
        if same or alike >= ALIKE:
            told = {"text": text, "asked": asked, "at": moment, "author": author, "same": same}
            found.append((not same, -alike, told))
    found.sort(key=lambda one: one[:2])
    return [told for _other, _alike_, told in found[:MOST_BEFORE]]


def _words(text: str) -> frozenset[str]:
    return frozenset(word.lower() for word in WORD.findall(text))


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _canned(name: str) -> list[dict[str, Any]]:
    locale = current_workspace().locale
    rows = sorted(CannedReply.objects.all()[:100], key=lambda row: (row.language != locale, row.title))
    return [
        {"pk": row.pk, "title": row.title, "language": row.language, "text": fill_in(row.text, name)} for row in rows
    ]


def _card(request: Request, conversation: Conversation) -> dict[str, Any]:
    lines = read_lines(conversation.priority_why)
    contact: Contact | None = conversation.author.contact
    card: dict[str, Any] = {"why": lines, "contact": contact}
    if contact is None:
        return card
    answer, marketing = verdict(Ask(message_class="answer"), contact), verdict(Ask(), contact)
    stop = marketing.first_failure
    return card | {
        "person": shown(request, contact),
        "roles": [(Audience(role), role == Audience.CRITIC, since) for role, since in _roles(contact)],
        "concern": concern_of(contact),
        "card_panels": panels_at("inbox.card", request, contact),
        "answer_allowed": answer.allowed,
        "letters_allowed": marketing.allowed,
        "letters_stop": stop.text if stop else "",
        "touchpoints": read_timeline(contact.pk, Filters(), limit=4).rows,
    }


def _suggested(request: Request, author: PublicAuthor) -> dict[str, Any] | None:
    """The contact who the author may be, and why, as the card shows it to those who may see names."""
    found = suggest_contact(author) if sees_names(request) else None
    return {"pk": found.contact.pk, "person": shown(request, found.contact), "why": found.why} if found else None


def _linked(request: Request, author: PublicAuthor, members: Mapping[int, str]) -> dict[str, Any] | None:
    """Who said that this is them, why and when; None where nobody did. Why may name somebody: not for who sees no names."""
    found = how_linked(author.contact_id, author.pk) if author.contact_id else None
    if found is None:
        return None
    why = _(found.why) if found.why and sees_names(request) else ""
    return {"by": members.get(found.by_id or 0, ""), "why": why, "at": found.at}


def _roles(contact: Contact) -> list[tuple[int, datetime]]:
    return list(AudienceRole.objects.filter(contact=contact, until=None).order_by("role").values_list("role", "since"))
