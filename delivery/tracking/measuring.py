"""Measuring: how far it may go is asked when something is fetched; of who allows no more, one day is kept and no other."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime

from consent.tracking import tracking_modes
from contacts.merging import relatives_of
from delivery.models import LastOpen
from lib.clock import now
from lib.sql import array_of, run_sql
from workspaces.models import Workspace
from workspaces.tracking_mode import TrackingMode

REACH = "delivery.reach"  # items of the stream: who fetched a picture of us, and when


def people_measured(contact_ids: Iterable[int]) -> set[int]:
    """Those of them whose opens and clicks may be written down now; a "no" thus holds for every email ever sent."""
    return {contact for contact, mode in tracking_modes(contact_ids).items() if mode == TrackingMode.FULL}


def take_reached(workspace: Workspace, items: list[dict[str, Any]]) -> None:
    """Keep the day on which these last fetched a picture, where that much may be kept. May be repeated, in any order."""
    days: dict[int, date] = {}
    for item in items:
        at: datetime = parse_datetime(item["at"]) or now()
        day = at.astimezone(ZoneInfo(workspace.zone)).date()
        days[item["contact"]] = max(day, days.get(item["contact"], day))
    modes = tracking_modes(days)  # asked again: they rested a while
    kept = [contact for contact in days if modes.get(contact) == TrackingMode.REACH]
    if kept:
        params = {
            "workspace": workspace.pk,
            "contacts": array_of(kept),
            "days": [days[contact] for contact in kept],
        }
        run_sql("delivery/keep_last_opens", params)


def last_opened_on(contact_ids: Sequence[int]) -> date | None:
    """The newest day kept of these contacts, or None."""
    rows = LastOpen.objects.filter(contact__in=contact_ids).order_by("-day")
    return rows.values_list("day", flat=True).first()


def forget_last_opens(contact_ids: Sequence[int]) -> None:
    """News: they said how far we may measure. Of who allows nothing, no day is kept; of who allows all, it is in the ledger."""
    everyone = relatives_of(contact_ids)
    modes = tracking_modes(everyone)
    LastOpen.objects.filter(contact__in=[one for one in everyone if modes.get(one) != TrackingMode.REACH]).delete()
