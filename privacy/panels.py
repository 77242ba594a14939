"""What the desk shows on the page of a contact."""

from typing import Any

from contacts.merging import everyone_in
from contacts.models import Contact
from privacy.models import PrivacyRequest
from workspaces.requests import Request


def requests_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """What this person asked by law, and where the desk takes on what they ask now."""
    rows = PrivacyRequest.objects.filter(contact__in=everyone_in(contact.pk)).order_by("-received_at", "-pk")[:20]
    return {"contact": contact, "rows": list(rows), "kinds": PrivacyRequest.Kind.choices}
