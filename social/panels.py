"""What this room shows elsewhere: who waits, on home; the inbox in the first hour's list and in the palette."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.showing import sees_names
from ecrm.lib.clock import now
from social.models import Connection, Conversation, PublicAuthor
from social.queues import View, read_rows
from workspaces.models import Workspace
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


def has_connection(_workspace: Workspace) -> bool:
    """Whether something other than our own hands brings mentions in."""
    return Connection.objects.exclude(network=Connection.Network.MANUAL).exists()


def find_in_inbox(request: Request, words: str) -> list[dict[str, Any]]:
    """For the palette: people who wrote to us, and the room's own pages."""
    role = request.membership.role
    found = [
        {"name": name, "url": reverse(url), "icon": icon, "hint": _("Inbox")}
        for name, url, icon, permission in (
            (_("Connections"), "social:connections", "plug-connected", "social.connect"),
            (_("Canned replies"), "social:canned", "template", "social.answer"),
            (_("Add a mention by hand"), "social:add", "plus", "social.answer"),
        )
        if may(role, permission) and words.lower() in name.lower()
    ]
    if may(role, "social.see") and sees_names(request) and len(words) >= 2:
        authors = PublicAuthor.objects.filter(Q(name__istartswith=words) | Q(handle__istartswith=words)).order_by(
            "-seen_at"
        )[:4]
        theirs = Conversation.objects.filter(author__in=[one.pk for one in authors]).order_by("last_at")
        newest = dict(theirs.values_list("author_id", "pk"))
        found += [
            {
                "name": str(one),
                "url": reverse("social:conversation", args=[newest[one.pk]]),
                "icon": "message",
                "hint": one.network,
            }
            for one in authors
            if one.pk in newest
        ]
    return found
