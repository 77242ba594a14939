"""What this room shows elsewhere: who waits, on home; people who wrote to us in the palette."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.showing import sees_names
from conversations.cases import promises_of
from conversations.channels import network_name
from conversations.inbox.queues import View, read_rows
from conversations.models import Conversation, PublicAuthor
from conversations.naming import unseen_by
from lib.clock import now
from workspaces.permissions import may
from workspaces.requests import Request

FIRST = 5


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
    """What this member promised, by its moment, and how many notes name them. Two queries; nothing where there is none."""
    me, moment = request.user.pk or 0, now()
    if not may(request.membership.role, "social.answer"):
        return {"promises": [], "named": 0}
    promises = [
        {"row": one, "is_late": one.due_at is not None and one.due_at < moment} for one in promises_of(me)[:FIRST]
    ]
    return {"promises": promises, "named": unseen_by(me).count()}


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
