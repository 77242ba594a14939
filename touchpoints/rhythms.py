"""What reaches us by itself: visits of the site and orders of the shop. When they stop, a snippet or a key is gone."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from lib.rhythm import Rhythm
from touchpoints.kinds import KINDS
from touchpoints.models import DayCount

PAGE, PURCHASE = KINDS["page"].code, KINDS["purchase"].code


def count_reached(since: date) -> Iterable[tuple[int, date, int]]:
    """Visits and orders a day."""
    rows = DayCount.objects.filter(kind__in=(PAGE, PURCHASE), day__gte=since).values_list("kind", "day")
    return rows.annotate(together=Sum("count")).order_by("kind", "day")


def reached_named(kinds: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Both lead to the keys by which they come."""
    words = {PAGE: _("Visits of your site"), PURCHASE: _("Orders")}
    return {kind: (words[kind], reverse("workspaces:keys")) for kind in kinds}


REACHED = Rhythm("touchpoints.reached", count_reached, reached_named, "workspace.keys")
