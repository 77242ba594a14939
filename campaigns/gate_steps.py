"""This room's steps of the gate: the person's own dial, the caps on how often, the people held back for comparison."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext

from campaigns.bucketing import bucket
from campaigns.models import Campaign, Delivery, Programme
from campaigns.planning import held_back
from contacts import gate
from contacts.gate import Ask, Refusal
from contacts.models import Contact, Dial
from ecrm.lib.sql import read_sql, run_dicts
from workspaces.current import current_workspace_id

A_WEEK, A_DAY, LESS_A_MONTH = 3, 1, 2
PURPOSEFUL = frozenset({"marketing", "subscribed"})


def register() -> None:
    """Make the steps known; called from CampaignsConfig.ready()."""
    gate.step(111, "dial", check_dial, passed=_lazy("No more letters this month than they want"), classes=PURPOSEFUL)
    gate.step(120, "cap", check_caps, passed=_lazy("Not too many letters lately"), classes=PURPOSEFUL)
    gate.step(140, "holdout", check_holdout, passed=_lazy("Not held back for comparison"))


def check_dial(ask: Ask, contact_ids: Sequence[int]) -> Mapping[int, Refusal]:
    """Those who want less get two letters a month at most."""
    wanting = Contact.objects.filter(pk__in=contact_ids, dial=Dial.LESS).values_list("pk", flat=True)
    rows = received(ask, list(wanting))
    return {
        row["contact_id"]: Refusal(
            _("Had %(n)s letters this month, and wants two at most") % {"n": row["month_count"]},
            row["month_first"] + timedelta(days=30),
        )
        for row in rows
        if row["month_count"] >= LESS_A_MONTH
    }


def check_caps(ask: Ask, contact_ids: Sequence[int]) -> Mapping[int, Refusal]:
    """Offers: three a week and one a day. A programme: its own number a week."""
    programmes = Programme.objects.filter(pk=ask.programme_id or 0).values_list("weekly_cap", flat=True)
    cap = programmes.first() if ask.programme_id else None
    refused = {}
    for row in received(ask, contact_ids):
        refusal = _capped(ask, row, cap)
        if refusal:
            refused[row["contact_id"]] = refusal
    return refused


def check_holdout(ask: Ask, contact_ids: Sequence[int]) -> Mapping[int, Refusal]:
    """Those held back from this campaign, or who would be."""
    found = Campaign.objects.select_related("programme").filter(pk=ask.campaign_id or 0)
    campaign = found.first() if ask.campaign_id else None
    if campaign is None:
        return {}
    if campaign.planned_at:
        held = Delivery.objects.filter(campaign=campaign, contact__in=contact_ids, reason="holdout")
        ids = set(held.values_list("contact_id", flat=True))
    else:
        salts = held_back(campaign)
        ids = {one for one in contact_ids if any(bucket(one, salt) < size for salt, size in salts)}
    return {one: Refusal(_("Held back for comparison")) for one in ids}


def received(ask: Ask, contact_ids: Sequence[int]) -> list[dict[str, Any]]:
    """What these people (survivors) got lately, those merged into them included."""
    if not contact_ids:
        return []
    return run_dicts(
        read_sql("campaigns/received"),
        {
            "workspace": current_workspace_id(),
            "contacts": list(contact_ids),
            "campaign": ask.campaign_id or 0,
            "programme": ask.programme_id,
            "now": timezone.now(),
        },
    )


def _capped(ask: Ask, row: Mapping[str, Any], cap: int | None) -> Refusal | None:
    if ask.message_class == "marketing" and row["day_count"] >= A_DAY:
        return Refusal(_("Had an offer today already"), row["newest"] + timedelta(days=1))
    week_ends = row["week_first"] + timedelta(days=7) if row["week_first"] else None
    if ask.message_class == "marketing" and row["week_count"] >= A_WEEK:
        return Refusal(_("Had %(n)s offers this week already") % {"n": row["week_count"]}, week_ends)
    if cap is not None and ask.programme_id and row["programme_count"] >= cap:
        count = row["programme_count"]
        text = ngettext(
            "Had %(n)s letter of this programme this week", "Had %(n)s letters of this programme this week", count
        )
        return Refusal(text % {"n": count}, week_ends)
    return None
