"""What was just saved, carried in the address: said once, undone with one tap, without a cookie."""

from typing import Any

from django.core import signing

from contacts.models import Contact
from portal.preferences import Change

SALT, UNDO_SECONDS = "portal.saved", 3600


def seal(contact: Contact, change: Change) -> str:
    """What was changed, for this person of this workspace alone: on another's page it opens nothing."""
    return signing.dumps([contact.workspace_id, contact.pk, change.said, change.before], salt=SALT)


def unseal(contact: Contact, sealed: str) -> tuple[str, Any] | None:
    """(what was said, how it was before) of a seal of this person's, or None."""
    try:
        workspace_id, contact_id, said, before = signing.loads(sealed, salt=SALT, max_age=UNDO_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    return (said, before) if (workspace_id, contact_id) == (contact.workspace_id, contact.pk) else None
