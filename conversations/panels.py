"""What this room shows elsewhere: who waits, on home; people who wrote to us in the palette."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.showing import sees_names
from conversations.cases import promises_of
from conversations.channels import network_name
from conversations.inbox.queues import View, read_rows
from conversations.mentions.calling import CALL_BACK
from conversations.models import Conversation, PublicAuthor
from conversations.naming import unseen_by
from lib.clock import now
from workspaces.permissions import may
from workspaces.requests import Request

FIRST, MOST_COMING = 5, 50


def waiting_panel(request: Request, _subject: Any) -> dict[str, Any]:
    """Late, due within the hour, in time; and the first five. Two queries."""
    moment = now()
    waiting = Conversation.objects.filter(state=Conversation.State.WAITING).aggregate(
        late=Count("id", filter=Q(due_at__lte=moment)),
        soon=Count("id", filter=Q(due_at__gt=moment, due_at__lte=moment + timedelta(hours=1))),
        fine=Count("id", filter=Q(due_at__gt=moment + timedelta(hours=1))),
    )
    words = {
        "late": ("fill-negative", _("%(n)d late") % {"n": waiting["late"]}),
        "soon": ("fill-warn", _("%(n)d due within the hour") % {"n": waiting["soon"]}),
        "fine": ("fill-soft", _("%(n)d in time") % {"n": waiting["fine"]}),
    }
    rows = read_rows(View(), request.user.pk or 0, limit=FIRST).rows
    if not sees_names(request):
        rows = [row | {"who": f"#{row['id']}"} for row in rows]
    return {
        "count": sum(waiting.values()),
        "parts": [(colour, waiting[key], label) for key, (colour, label) in words.items() if waiting[key]],
        "key": list(words.values()),
        "rows": rows,
    }


def my_day_panel(request: Request, _subject: Any) -> dict[str, Any]:
    """What this member promised, whom they are to call back and what comes back to them today, by its moment; how many
    notes name them. Three queries; nothing where there is none.
    """
    me, moment = request.user.pk or 0, now()
    if not may(request.membership.role, "social.answer"):
        return {"rows": [], "named": 0}
    promises = [
        {"icon": "heart-handshake", "pk": one.conversation_id, "at": one.due_at, "what": one.promise, "more": one.what}
        for one in promises_of(me)
    ]
    rows = sorted(
        [*promises, *_coming_back(request, me)], key=lambda row: row["at"] or datetime.min.replace(tzinfo=UTC)
    )
    shown = [row | {"is_late": row["at"] is None or row["at"] < moment} for row in rows[:FIRST]]
    return {"rows": shown, "more": len(rows) - len(shown), "named": unseen_by(me).count()}


def _coming_back(request: Request, me: int) -> Iterable[dict[str, Any]]:
    """Call-backs of this member with their time (None: it has come); what they snoozed until today."""
    tonight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    mine = Conversation.objects.filter(assignee_id=me).select_related("author")
    calls = Q(author__network=CALL_BACK, state__in=[Conversation.State.SNOOZED, Conversation.State.WAITING])
    snoozed = Q(state=Conversation.State.SNOOZED, snoozed_until__lt=tonight)
    for one in mine.filter(calls | snoozed).order_by("snoozed_until", "pk")[:MOST_COMING]:
        is_call = one.author.network == CALL_BACK
        who = str(one.author) if sees_names(request) else f"#{one.pk}"
        yield {
            "icon": "phone-call" if is_call else "clock-pause",
            "pk": one.pk,
            "at": one.snoozed_until,
            "what": _("Call %(name)s back") % {"name": who} if is_call else who,
            "more": one.title,
        }


def where_to_answer(request: Request, contact_ids: Sequence[int]) -> dict[int, str]:
    """Of these contacts those who wait for us: the address of their most urgent conversation. One query.

    Empty for whoever may not answer.
    """
    if not may(request.membership.role, "social.answer"):
        return {}
    waiting = Conversation.objects.filter(state=Conversation.State.WAITING, author__contact__in=contact_ids)
    rows = waiting.order_by("priority", "pk").values_list("author__contact_id", "pk")
    return {contact: reverse("conversations:conversation", args=[pk]) for contact, pk in rows if contact}


def find_in_inbox(request: Request, words: str) -> list[dict[str, Any]]:
    """For the palette: people who wrote to us, with their newest conversation."""
    if len(words) < 2 or not may(request.membership.role, "social.see") or not sees_names(request):
        return []
    named = PublicAuthor.objects.filter(Q(name__istartswith=words) | Q(handle__istartswith=words))
    authors = named.order_by("-seen_at")[:4]
    theirs = Conversation.objects.filter(author__in=[one.pk for one in authors]).order_by("last_at")
    theirs = theirs.exclude(state=Conversation.State.MERGED)
    newest = dict(theirs.values_list("author_id", "pk"))
    return [
        {
            "name": str(one),
            "url": reverse("conversations:conversation", args=[newest[one.pk]]),
            "icon": "message",
            "hint": network_name(one.network),
        }
        for one in authors
        if one.pk in newest
    ]
