"""What this room shows on the contact page."""

from typing import Any

from contacts.models import Contact
from portal.access_links import relationship_link
from workspaces.requests import Request


def own_page_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """The address of the person's own page, for colleagues who may write to them."""
    if contact.erased_at:
        return None
    return {"link": relationship_link(request.workspace, contact.pk)}
