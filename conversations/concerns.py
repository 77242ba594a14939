"""What a critic is a critic of: the words that were negative or a complaint, so that the chip is no mere label."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from contacts.merging import everyone_in
from contacts.models import Audience, AudienceRole, Contact
from conversations.models import Mention
from workspaces.requests import Request

SHOWN = 3


def concern_of(contact: Contact) -> dict[str, Any] | None:
    """Since when this person is a critic or has an open complaint, by what, and what they wrote, the newest first.

    None for who is neither. `posts` counts what stands in the inbox, negative or a complaint; `rows` are the newest.
    """
    role = AudienceRole.objects.filter(contact=contact, role=Audience.CRITIC, until=None).first()
    if role is None and contact.complaint_since is None:
        return None
    found = Mention.objects.filter(author__contact__in=everyone_in(contact.pk), deleted_at=None)
    posts = found.filter(Q(sentiment="neg") | Q(intent="complaint"))
    moments: list[datetime] = [one for one in (role and role.since, contact.complaint_since) if one]
    return {
        "since": min(moments),
        "is_open": contact.complaint_since is not None,
        "source": role.source if role else "",
        "posts": posts.count(),
        "rows": posts.order_by("-published_at", "-id")[:SHOWN].values("conversation_id", "text", "published_at"),
    }


def concern_panel(_request: Request, contact: Contact) -> dict[str, Any]:
    """`concern_of` for the contact's page; nothing is shown where there is none."""
    return {"concern": concern_of(contact)}
