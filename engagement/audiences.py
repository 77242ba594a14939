"""Which audience's scale counts for a person who plays several roles: one order, one SQL fragment."""

from typing import Any

from contacts.models import Audience
from lib.sql import load_sql

# Whoever buys is a customer first, whatever else they are; who plays no role is a prospect.
PRECEDENCE = (Audience.CUSTOMER, Audience.EMPLOYEE, Audience.INFLUENCER, Audience.CRITIC, Audience.PROSPECT)
NO_ROLE = Audience.PROSPECT


def audience_join(row: str) -> str:
    """A LEFT JOIN that gives, as a.role, the audience of `row` (anything with workspace_id and contact_id)."""
    return load_sql("engagement/audience", row=row)


def audience_params() -> dict[str, Any]:
    """The parameters of that fragment."""
    return {"precedence": [int(role) for role in PRECEDENCE], "no_role": int(NO_ROLE)}
