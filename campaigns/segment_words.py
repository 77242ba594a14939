"""The word this room brings to rules: who received, opened or clicked a campaign, or any of them.

{"message": {"did": "clicked", "campaign": 12, "window": {"last_days": 30}}}; without "campaign": any campaign.
"""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Campaign, Delivery
from contacts.segments.comparing import bounds, check_keys, check_window, expect, window_sql, window_words
from contacts.segments.words import Building, Evidence, Path, Phrase, leaf

COLUMNS = {"received": "sent_at", "opened": "opened_at", "clicked": "clicked_at"}
VERBS = {"received": gettext_lazy("got"), "opened": gettext_lazy("read"), "clicked": gettext_lazy("clicked in")}


def register() -> None:
    """Make the word known; called from CampaignsConfig.ready()."""
    leaf(
        "message", label=gettext_lazy("got, read or clicked a letter"), check=check_message,
        condition=message_condition, phrase=message_phrase, evidence=message_evidence, moves=message_moves, order=55,
        form="campaigns.segment_forms.MessageForm",
    )  # fmt: skip


def check_message(argument: Any, path: Path) -> None:
    check_keys(argument, path, ["did"], ["campaign", "window"])
    expect(argument["did"] in COLUMNS, path, _("One can receive, open or click a letter."))
    check_window(argument.get("window"), path)
    campaign = argument.get("campaign")
    if campaign is not None:
        known = isinstance(campaign, int) and Campaign.objects.filter(pk=campaign).exists()
        expect(known, path, _("There is no such campaign."))


def message_condition(argument: Any, building: Building) -> str:
    column = f"d.{COLUMNS[argument['did']]}"
    campaign = argument.get("campaign")
    one = f" AND d.campaign_id = {building.param(campaign)}" if campaign is not None else ""
    return building.people(
        f"SELECT DISTINCT coalesce(m.survivor_id, d.contact_id) AS contact_id"
        f" {building.survivors('campaigns_delivery', 'd')} WHERE d.workspace_id = %(workspace)s"
        f" AND {column} IS NOT NULL{one}{window_sql(column, argument.get('window'), building)}"
        f"{building.only('d.contact_id')}"
    )


def message_phrase(argument: Any) -> Phrase:
    campaign = argument.get("campaign")
    name = Campaign.objects.filter(pk=campaign).values_list("name", flat=True).first() if campaign else None
    value = f"{name or _('any letter')} {window_words(argument.get('window'))}"
    return Phrase(_("Letters"), VERBS[argument["did"]], value, "mail")


def message_evidence(argument: Any, members: Sequence[int]) -> Evidence:
    column = COLUMNS[argument["did"]]
    rows = Delivery.objects.filter(contact__in=members).exclude(**{column: None})
    if argument.get("campaign") is not None:
        rows = rows.filter(campaign=argument["campaign"])
    start, end = bounds(argument.get("window"), timezone.now())
    rows = rows.filter(**{f"{column}__gte": start}) if start else rows
    rows = rows.filter(**{f"{column}__lt": end}) if end else rows
    last = rows.order_by(f"-{column}").values_list(column, flat=True).first()
    return Evidence(_("last time"), last) if last else Evidence(_("never in this time"))


def message_moves(argument: Any) -> bool:
    return "last_days" in (argument.get("window") or {})
