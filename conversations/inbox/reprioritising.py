"""Who asks has changed: open conversations of these people are weighed anew."""

from collections.abc import Sequence

from contacts.merging import relatives_of
from conversations.conversation_state import WAKE, refresh
from conversations.models import Conversation
from lib.clock import now
from lib.sql import array_of, run_sql
from workspaces import agenda
from workspaces.current import current_workspace_id

AT_ONCE = 500
OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)


def weigh_anew(contact_ids: Sequence[int]) -> None:
    """News: level, influence, roles or an open complaint of these people changed; what a merged contact wrote is theirs.

    May be repeated. Of more than 500 conversations the rest are looked at within seconds, by the agenda: a rebuild of
    everybody's scores named the writers of 20,000, and weighing them kept its transaction open for 14 s.
    """
    params = {
        "workspace": current_workspace_id(),
        "contacts": array_of(relatives_of(contact_ids)),
        "states": [state.value for state in OPEN],
    }
    found = sorted(int(str(row[0])) for row in run_sql("conversations/open_of", params))
    refresh(found[:AT_ONCE])
    if later := found[AT_ONCE:]:
        moment = now()
        run_sql("conversations/wake_soon", params | {"these": array_of(later), "now": moment})
        agenda.set_due(WAKE, moment)


def on_contacts_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """News: contacts became one person, or parted: whose roles and scores speak for a writer is another matter now."""
    weigh_anew([one for pair in pairs for one in pair])
