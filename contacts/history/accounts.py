"""Accounts on networks in the history of a person: which was taken for theirs, or no longer is, who said so and why.

An account is told by its network and our number of it, never by its handle: one that was taken for theirs by mistake is
somebody else's, and a history can be added to only.
"""

from dataclasses import dataclass
from datetime import datetime

from contacts.history.saying import LONGEST
from contacts.models import FieldChange
from workspaces.auditing import acting_name

ACCOUNT = "linked_account"
LOOKED_AT = 20


@dataclass(frozen=True, slots=True)
class Linked:
    """Who said that an account is this person's, why, and when. `by_id` is a colleague, if it was one."""

    by_id: int | None
    why: str
    at: datetime


def keep_account(
    contact_id: int, author_id: int, network: str, *, why: str, by_id: int | None, is_theirs: bool = True
) -> None:
    """The account is this contact's from now on, or, not `is_theirs`, no longer. One statement.

    `network` is how it is called, `why` up to 120 characters. What a machine does by the API is said by its key as well.
    """
    machine = acting_name()
    account = {"text": network, "author": author_id}
    FieldChange.objects.create(
        contact_id=contact_id,
        source=(f"{machine}: {why}" if machine else why)[:LONGEST],
        by_id=by_id,
        changes={ACCOUNT: ["", account] if is_theirs else [account, ""]},
    )


def how_linked(contact_id: int, author_id: int) -> Linked | None:
    """Who said last that this account is this contact's; None where nobody did, or it was taken away since. One query."""
    rows = FieldChange.objects.filter(contact=contact_id, changes__has_key=ACCOUNT).order_by("-pk")
    for row in rows[:LOOKED_AT]:
        before, after = row.changes[ACCOUNT]
        if isinstance(after, dict) and after.get("author") == author_id:
            return Linked(row.by_id, row.source, row.at)
        if isinstance(before, dict) and before.get("author") == author_id:
            return None
    return None
