"""One conversation as its page shows it: what was said in order, what we answered before, who it is."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.utils.timezone import localdate
from django.utils.translation import gettext as _

from consent.asking import Ask
from consent.gate import verdict
from contacts.models import Audience, AudienceRole, Contact
from contacts.showing import sees_names, shown
from conversations.assigning import answerers
from conversations.canned_replies import fill_in
from conversations.channels import channel_of as answerable
from conversations.channels import network_icon, network_name
from conversations.concerns import concern_of
from conversations.models import CannedReply, Conversation, Mention, PublicAuthor, Reply, ReplyFile, TeamNote
from conversations.prioritising import read_lines
from conversations.queues import FEELINGS, due_words
from conversations.shared_senders import users_behind
from conversations.suggesting import suggest_contact
from conversations.team_hours import hours_for
from conversations.visibility import choices_for, visibility_of
from lib.clock import now
from touchpoints.timeline import Filters, read_timeline
from workspaces.current import current_workspace
from workspaces.models import User
from workspaces.panels import panels_at
from workspaces.permissions import team
from workspaces.requests import Request

LOOKED_BACK = 200
ALIKE = 0.25
WORD = re.compile(r"\w{4,}")


@dataclass(slots=True)
class Said:
    """One thing in the thread: theirs, ours, or a note among colleagues."""

    kind: str
    at: datetime
    text: str
    row: Any
    who: str = ""
    feeling: str = ""
    reasons: list[str] = field(default_factory=list)
    visibility: str = ""
    turns: bool = False  # others can read it than could read what stands before it
    leaves: bool = False  # an answer that can still be taken back


def read_conversation(request: Request, conversation: Conversation) -> dict[str, Any]:
    """Everything the conversation's pane and card need; the number of queries does not grow with the thread."""
    author, moment, hours = conversation.author, now(), hours_for(conversation)
    mentions = list(Mention.objects.filter(conversation=conversation, twin_of=None).order_by("published_at", "pk"))
    members = {row.user_id: str(row.user) for row in team()}
    said = _said(conversation, mentions, members)
    clock, tone = due_words(conversation.due_at, moment, hours)
    open_ones = [one for one in mentions if one.deleted_at is None]
    last = open_ones[-1] if open_ones else mentions[-1] if mentions else None
    before = _answered_before(conversation, last) if last else []
    name, handle = author_shown(request, author)
    return {
        "conversation": conversation,
        "author": author,
        "author_name": name,
        "author_handle": handle,
        "network": network_name(author.network),
        "network_icon": network_icon(author.network),
        "days": _by_day(said),
        "last": last,
        "clock": clock,
        "tone": tone,
        "assignee": members.get(conversation.assignee_id or 0, ""),
        "members": answerers(),
        "answers_to": (answers_to := visibility_of(last.visibility, is_public=conversation.is_public) if last else ""),
        "ways": choices_for(answers_to),
        "seen": max((one.row.pk for one in said if one.kind == "ours"), default=0),
        "can_send": answerable(conversation.connection).capabilities().replies,
        "before": [one | {"who": author_shown(request, one["author"])[0]} for one in before],
        "canned": _canned(name),
        "suggested": _suggested(request, author),
        "users": [{"pk": one.pk, "person": shown(request, one)} for one in users_behind(author)],
    } | _card(request, conversation)


def author_shown(request: Request, author: PublicAuthor) -> tuple[str, str]:
    """(name, handle) of a writer as this member may see them: the one way to either for a page."""
    if sees_names(request):
        return author.name or author.handle, author.handle
    return _("Writer %(n)d") % {"n": author.pk}, ""


def _said(conversation: Conversation, mentions: Iterable[Mention], members: dict[int, str]) -> list[Said]:
    said = [
        Said(
            "theirs",
            one.published_at,
            one.text,
            one,
            feeling=FEELINGS[one.sentiment],
            reasons=[str(word) for word in one.evidence],
            visibility=visibility_of(one.visibility, is_public=conversation.is_public),
        )
        for one in mentions
    ]
    names_of_files = ArraySubquery(ReplyFile.objects.filter(reply=OuterRef("pk")).order_by("pk").values("name"))
    replies = list(Reply.objects.filter(conversation=conversation).annotate(file_names=names_of_files))
    notes = list(TeamNote.objects.filter(conversation=conversation))
    actors = {one.by_id or 0 for one in replies} | {one.author_id or 0 for one in notes}
    names = members | dict(User.objects.filter(pk__in=actors - members.keys()).values_list("pk", "name"))
    for one in replies:
        leaves = one.state == Reply.State.WAITING and one.attempts == 0 and one.due_at > now()
        ours = Said("ours", one.created_at, one.text, one, names.get(one.by_id or 0, _("We")), leaves=leaves)
        ours.visibility = visibility_of(one.visibility, is_public=conversation.is_public)
        said.append(ours)
    said += [Said("note", one.created_at, one.text, one, names.get(one.author_id or 0, "")) for one in notes]
    return _with_turns(sorted(said, key=lambda one: one.at))


def _with_turns(said: list[Said]) -> list[Said]:
    """Marked where others can read on than could before; notes are the team's, whoever reads the rest."""
    before = None
    for one in said:
        if one.kind != "note":
            one.turns, before = one.visibility != before, one.visibility
    return said


def _by_day(said: list[Said]) -> list[tuple[date, list[Said]]]:
    """By day of whoever looks."""
    return [(day, list(group)) for day, group in groupby(said, key=lambda one: localdate(one.at))]


def _answered_before(conversation: Conversation, last: Mention) -> list[dict[str, Any]]:
    """Our last answers to the same person, then to questions with much the same words."""
    sent = (
        Reply.objects.filter(state=Reply.State.SENT)
        .exclude(conversation=conversation)
        .select_related("mention__author")
        .order_by("-created_at")[:LOOKED_BACK]
    )
    mine, found = _words(last.text), []
    for reply in sent:
        author = reply.mention.author
        same = author.pk == conversation.author_id or (
            author.contact_id is not None and author.contact_id == conversation.author.contact_id
        )
        alike = _alike(mine, _words(reply.mention.text))
        if same or alike >= ALIKE:
            found.append((not same, -alike, reply))
    found.sort(key=lambda one: one[:2])
    return [
        {
            "text": reply.text,
            "asked": reply.mention.text,
            "at": reply.created_at,
            "author": reply.mention.author,
            "same": not other,
        }
        for other, _alike_, reply in found[:4]
    ]


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


def _roles(contact: Contact) -> list[tuple[int, datetime]]:
    return list(AudienceRole.objects.filter(contact=contact, until=None).order_by("role").values_list("role", "since"))
