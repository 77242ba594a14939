"""What sending tells of the list's quality: whose mailbox sends back, and how the big mailbox providers take it."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from lib.clock import now
from lib.offers import QualityFigure
from lib.sql import load_sql, run_dicts
from workspaces.current import current_workspace_id

LATELY = timedelta(days=90)
SPAN = timedelta(days=30)

FIGURES = [
    QualityFigure(
        50,
        "bounced",
        _("An email came back"),
        _("In the last 90 days an email to them bounced. A bounce for good is on the suppression list already."),
        """AND EXISTS (SELECT FROM delivery_delivery d WHERE d.workspace_id = %(workspace)s AND d.contact_id = c.id
           AND d.bounced_at > %(lately)s)""",
        lambda: {"lately": now() - LATELY},
        remedy=(_("Do not contact"), "consent:do_not_contact"),
    ),
]


def by_provider() -> list[dict[str, Any]]:
    """The ten biggest mailbox providers of the last 30 days: sent, came back, marked as spam; and the 30 days before."""
    moment = now()
    params = {
        "workspace": current_workspace_id(),
        "since": moment - SPAN,
        "before": moment - 2 * SPAN,
    }
    return run_dicts(load_sql("delivery/by_provider"), params)
