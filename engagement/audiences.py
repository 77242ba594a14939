"""Which audience's scale counts for a person who plays several roles: one order, one SQL fragment, one column.

Score.audience holds the answer, so that no list and no segment asks the roles of a million people: it is written with a
new score (recording, rebuilding), kept as roles change (engagement.rescoring), and looked over each night.
"""

from collections.abc import Sequence
from typing import Any

from contacts.models import Audience
from lib.sql import array_of, load_sql, run_sql
from workspaces.current import current_workspace_id

# Whoever buys is a customer first, whatever else they are; who plays no role is a prospect.
PRECEDENCE = (Audience.CUSTOMER, Audience.EMPLOYEE, Audience.INFLUENCER, Audience.CRITIC, Audience.PROSPECT)
NO_ROLE = Audience.PROSPECT


def audience_sql(contact: str) -> str:
    """An expression: the audience of a contact's id. Needs `audience_params`, and "workspace"."""
    return load_sql("engagement/audience", contact=contact)


def audience_params() -> dict[str, Any]:
    """The parameters of that fragment."""
    return {"precedence": [int(role) for role in PRECEDENCE], "no_role": int(NO_ROLE)}


def keep_audiences(contact_ids: Sequence[int] | None = None) -> int:
    """The scores of these contacts (or of everybody) stand under the audience that their roles make now; returns how
    many stood under another. May be repeated. Holds those scores, in the order in which recorders do.
    """
    params = {
        **audience_params(),
        "workspace": current_workspace_id(),
        "contacts": None if contact_ids is None else array_of(contact_ids),
    }
    return len(run_sql("engagement/keep_audiences", params, audience=audience_sql("s.contact_id")))
