"""What this room shows on the card beside a conversation."""

from typing import Any

from contacts.merging import survivor_of
from contacts.models import Contact
from segments.models import SegmentMember
from segments.seeing import visible
from workspaces.requests import Request

FIRST = 8


def card_panel(request: Request, contact: Contact) -> dict[str, Any] | None:
    """The segments this person stands in now, of those this member sees, by name. Three queries.

    Members are looked for by segment and person together: there is no index by the person alone.
    """
    names = dict(visible(request).filter(is_being_filled=False).values_list("pk", "name"))
    theirs = SegmentMember.objects.filter(segment__in=names, contact=survivor_of(contact.pk))
    rows = sorted(((names[pk], pk) for pk in theirs.values_list("segment", flat=True)), key=lambda row: row[0].lower())
    if not rows:
        return None
    return {"rows": [{"name": name, "pk": pk} for name, pk in rows[:FIRST]], "more": len(rows) - FIRST}
