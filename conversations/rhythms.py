"""What each connection brings, day after day: one that brings nothing may have lost its way in without an error."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse

from conversations.models import Connection, Mention
from lib.rhythm import Rhythm
from workspaces.current import current_workspace


def count_mentions(since: date) -> Iterable[tuple[int, date, int]]:
    """What came by each connection a day; what was there before it was made is left out."""
    zone = ZoneInfo(current_workspace().zone)
    rows = Mention.objects.filter(
        received_at__gte=datetime.combine(since, time.min, zone), is_silent=False, connection__is_active=True
    )
    return rows.values_list("connection_id", TruncDate("received_at", tzinfo=zone)).annotate(count=Count("pk"))


def connections_named(keys: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Those that listen."""
    rows = Connection.objects.filter(pk__in=keys, is_active=True)
    return {row.pk: (row.name, reverse("social:connections")) for row in rows}


MENTIONS = Rhythm("conversations.mentions", count_mentions, connections_named, "social.see")
