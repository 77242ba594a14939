"""What a member began to write: kept as they type, until it is sent or emptied."""

from conversations.models import Conversation, Draft
from conversations.visibility import WIDTHS
from lib.clock import now
from workspaces.models import User

LONGEST = 5_000


def keep_draft(conversation: Conversation, text: str, *, by: User, visibility: str = "") -> Draft | None:
    """This is what they have written so far; an empty one goes. May be repeated: the last one counts."""
    if not text.strip():
        drop_draft(conversation, by=by)
        return None
    facts = {"text": text[:LONGEST], "visibility": visibility if visibility in WIDTHS else "", "changed_at": now()}
    return Draft.objects.update_or_create(conversation=conversation, user_id=by.pk, defaults=facts)[0]


def drop_draft(conversation: Conversation, *, by: User) -> None:
    """It was sent, or given up. May be repeated."""
    Draft.objects.filter(conversation=conversation, user_id=by.pk).delete()


def draft_of(conversation: Conversation, user: User) -> Draft | None:
    """What this member began to write here."""
    return Draft.objects.filter(conversation=conversation, user_id=user.pk).first()
