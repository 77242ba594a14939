"""What scores tell of the list's quality: who never did anything, and who went quiet."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from lib.clock import now
from lib.offers import QualityFigure

QUIET, NEW = timedelta(days=365), timedelta(days=90)

FIGURES = [
    QualityFigure(
        90,
        "never",
        _("Never did anything"),
        _("Known for more than 90 days, and nothing ever came from them. Opens that may not be measured are not seen."),
        """AND c.created_at < %(long_known)s AND NOT EXISTS (SELECT FROM engagement_score s
           WHERE s.workspace_id = %(workspace)s AND s.contact_id = c.id AND s.touched_at IS NOT NULL)""",
        lambda: {"long_known": now() - NEW},
        lets_go=True,
    ),
    QualityFigure(
        100,
        "quiet",
        _("Went quiet"),
        _(
            "Did something once, and nothing for a year. Ask them whether they still want to hear from you, or let them go."
        ),
        """AND EXISTS (SELECT FROM engagement_score s WHERE s.workspace_id = %(workspace)s AND s.contact_id = c.id
           AND s.touched_at < %(quiet_since)s)""",
        lambda: {"quiet_since": now() - QUIET},
        lets_go=True,
    ),
]
