"""Who asks has changed: open conversations of these people are weighed anew."""

from collections.abc import Sequence

from contacts.merging import relatives_of
from conversations.conversation_state import refresh
from conversations.models import Conversation
from lib.sql import run_sql
from workspaces.current import current_workspace_id

OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)


def weigh_anew(contact_ids: Sequence[int]) -> None:
    """News: level, influence, roles or an open complaint of these people changed; what a merged contact wrote is theirs.

    May be repeated.
    """
    params = {
        "workspace": current_workspace_id(),
        "contacts": relatives_of(contact_ids),
        "states": [state.value for state in OPEN],
    }
    refresh(int(str(row[0])) for row in run_sql("conversations/open_of", params))


def on_contacts_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """News: contacts became one person, or parted: whose roles and scores speak for a writer is another matter now."""
    weigh_anew([one for pair in pairs for one in pair])
