"""What this room shows on the contact page: how far what they do with our emails is measured."""

from typing import Any

from consent.tracking import tracking_history, tracking_modes, tracking_word
from contacts.merging import everyone_in
from contacts.models import Contact
from delivery.quality import by_provider
from delivery.tracking.measuring import last_opened_on
from workspaces.requests import Request
from workspaces.tracking_mode import TrackingMode


def providers_panel(_request: Request, _subject: None) -> dict[str, Any] | None:
    """Mailbox providers of the last 30 days; none where nothing was sent."""
    rows = by_provider()
    return {"rows": rows} if rows else None


def measuring_panel(request: Request, contact: Contact) -> dict[str, Any]:
    """How far, since when and by whose word; the one day that is kept of who allows no more."""
    mode = tracking_modes([contact.pk]).get(contact.pk, TrackingMode.NONE)
    return {
        "mode": mode,
        "word": tracking_word(contact),
        "is_off": not request.workspace.tracks_mail,
        "is_unscored": not contact.is_profiled,  # they said so on their page: nothing of theirs is looked at
        "last_opened": last_opened_on(everyone_in(contact.pk)) if mode == TrackingMode.REACH else None,
        "history": tracking_history(contact),
    }
