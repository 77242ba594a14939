"""Standing campaigns that people got day after day: when nobody does any more, what starts them is broken."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse

from campaigns.models import StandingCampaign, StandingEntry
from campaigns.standing.hours import begin_of
from consent.rules import zone_of
from lib.rhythm import Rhythm
from workspaces.current import current_workspace


def count_entries(since: date) -> Iterable[tuple[int, date, int]]:
    """People who got each a day, all versions together."""
    here = zone_of(current_workspace().zone)
    given = StandingEntry.objects.filter(fate=StandingEntry.Fate.GIVEN, done_at__gte=begin_of(since))
    days = given.annotate(day=TruncDate("done_at", tzinfo=here)).values_list("standing_id", "day")
    return [(standing, day, count) for standing, day, count in days.annotate(together=Count("pk"))]


def standing_named(keys: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Those that run."""
    rows = StandingCampaign.objects.filter(pk__in=keys, ended_at=None).exclude(started_at=None)
    return {
        row.pk: (row.campaign.name, reverse("campaigns:page", args=[row.campaign_id]))
        for row in rows.select_related("campaign__message")
    }


STANDING = Rhythm("campaigns.standing", count_entries, standing_named, "campaigns.see")
