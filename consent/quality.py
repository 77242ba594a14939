"""What consent tells of the list's quality: whom we may write to at all, and whose yes is old."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from consent.models import Consent
from contacts.channels import Channel
from lib.clock import now
from lib.offers import QualityFigure

OLD = timedelta(days=2 * 365)
SAID_YES = """EXISTS (SELECT FROM consent_consentnow k WHERE k.workspace_id = %(workspace)s AND k.contact_id = c.id
  AND k.channel = %(mail)s AND k.state = %(said_yes)s AND coalesce(k.expires_at > %(right_now)s, true))"""


def _yes() -> dict[str, object]:
    return {"mail": int(Channel.EMAIL), "said_yes": int(Consent.State.GIVEN), "right_now": now()}


FIGURES = [
    QualityFigure(
        10,
        "consented",
        _("Consented to something by email"),
        _("A yes to at least one topic that has not ended. Who of them gets a campaign, the gate says for each."),
        f"AND c.email <> '' AND {SAID_YES}",
        _yes,
        is_good=True,
    ),
    QualityFigure(
        20,
        "unasked",
        _("Have an address, and no consent"),
        _(
            "Nothing may be sent to them but answers and what their orders need. A form or a question at the till asks them."
        ),
        f"AND c.email <> '' AND NOT {SAID_YES}",
        _yes,
    ),
    QualityFigure(
        40,
        "old_consent",
        _("Consent older than two years"),
        _("Said yes more than two years ago, and nothing since: ask them anew before you lean on it."),
        f"""AND {SAID_YES} AND NOT EXISTS (SELECT FROM consent_consent y WHERE y.workspace_id = %(workspace)s
           AND y.contact_id = c.id AND y.channel = %(mail)s AND y.state = %(said_yes)s AND y.at > %(long_ago)s)""",
        lambda: {**_yes(), "long_ago": now() - OLD},
        lets_go=True,
    ),
]
