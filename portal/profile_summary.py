"""What we know about a person, in sentences for that person: no scores, no labels."""

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consent.models import Consent
from consent.tracking import tracking_history, tracking_modes
from contacts.merging import everyone_in
from contacts.models import Contact
from lib.clock import now
from lib.local_words import date_format
from lib.sql import load_sql, run_dicts
from touchpoints.kinds import BY_CODE, KINDS
from touchpoints.models import Touchpoint
from workspaces.current import current_workspace_id
from workspaces.tracking_mode import TrackingMode

SHOWN = 12


def sentences(contact: Contact) -> list[str]:
    """A few plain sentences about the relationship."""
    rows = run_dicts(
        load_sql("portal/how_often", facts=load_sql("touchpoints/facts")),
        {
            "workspace": current_workspace_id(),
            "contacts": everyone_in(contact.pk),
            "since": now() - timedelta(days=365),
            "human": int(Touchpoint.Certainty.HUMAN),
        },
    )
    ever = {row["kind"]: row["n"] for row in rows}
    lately = {row["kind"]: row["lately"] for row in rows}
    said = [_("You have been with us since %(month)s.") % {"month": date_format(contact.created_at, "F Y")}]
    if orders := ever.get(KINDS["purchase"].code, 0):
        said.append(ngettext("You ordered once.", "You ordered %(n)d times.", orders) % {"n": orders})
    sent, read = (lately.get(KINDS[kind].code, 0) for kind in ("sent", "opened"))
    if sent:
        words = (
            _("This year we sent you %(sent)d emails and you opened %(read)d.")
            if read or tracking_modes([contact.pk]).get(contact.pk) == TrackingMode.FULL
            else _("This year we sent you %(sent)d emails; whether you open them we do not look at.")
        )
        said.append(words % {"sent": sent, "read": min(read, sent)})
    wrote = sum(lately.get(KINDS[kind].code, 0) for kind in ("message", "mention", "reply", "chat", "call", "question"))
    if wrote:
        said.append(
            ngettext("You wrote to us once this year.", "You wrote to us %(n)d times this year.", wrote) % {"n": wrote}
        )
    if contact.complaint_since:
        said.append(
            _("Still open: what you told us on %(day)s.") % {"day": date_format(contact.complaint_since, "j F")}
        )
    return said


def happened_lately(contact: Contact) -> list[tuple[datetime, str]]:
    """What the timeline holds of them, newest first, in plain words: when, and what it was. One query.

    Without what anybody wrote down about it; all of that is in the package they can ask for.
    """
    rows = Touchpoint.objects.filter(contact__in=everyone_in(contact.pk), certainty=Touchpoint.Certainty.HUMAN)
    newest = rows.order_by("-occurred_at", "-id").values_list("occurred_at", "kind")[:SHOWN]
    return [(at, str(BY_CODE[kind].said) if kind in BY_CODE else _("Something happened")) for at, kind in newest]


def agreements(contact: Contact) -> list[dict[str, Any]]:
    """Every yes and no with its proof, newest first."""
    rows = Consent.objects.filter(contact__in=everyone_in(contact.pk)).select_related("topic", "wording")
    said = [
        {
            "at": row.at,
            "what": row.topic.name if row.topic else _("Everything"),
            "said": row.get_state_display(),
            "where": row.source,
            "wording": row.wording.text if row.wording else "",
        }
        for row in rows.order_by("-at", "-id")[:100]
    ]
    said += [
        {
            "at": row.at,
            "what": _("Measuring opens and clicks"),
            "said": row.get_mode_display() if row.mode is not None else _("taken back"),
            "where": row.source,
            "wording": row.wording.text if row.wording else "",
        }
        for row in tracking_history(contact)
    ]
    return sorted(said, key=lambda one: one["at"], reverse=True)
