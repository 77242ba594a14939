"""Pools of codes found again, with how many codes are left, given and redeemed, and what they brought."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Sum
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from emails.models import OfferCode, OfferPool
from workspaces.current import current_workspace
from workspaces.permissions import may

MOST_FOUND, MOST_OFFERED = 6, 50
FREE = Q(given_at=None, redeemed_at=None, withdrawn_at=None)


@dataclass(slots=True)
class Figures:
    """Codes of a pool. `left` is None where everybody has the same; `used` are those redeemed of the `given` ones;
    `revenue`: currency → minor units.
    """

    left: int | None = None
    given: int = 0
    used: int = 0
    redeemed: int = 0
    revenue: dict[str, int] = field(default_factory=dict)

    @property
    def share(self) -> int | None:
        """Of those that were given so many in a hundred were redeemed; None where none was given one by one."""
        return round(100 * self.used / self.given) if self.given else None


def pools_found() -> QuerySet[OfferPool]:
    """The pools, the newest first."""
    return OfferPool.objects.order_by("-made_at", "-pk")


def codes_left(pools: Sequence[OfferPool]) -> dict[int, int]:
    """Pool → how many codes nobody has yet, of pools of unique codes. One query, none for none."""
    unique = [one.pk for one in pools if not one.is_shared]
    if not unique:
        return {}
    rows = OfferCode.objects.filter(FREE, pool__in=unique).order_by().values_list("pool_id").annotate(Count("pk"))
    return dict.fromkeys(unique, 0) | dict(rows)


def figures_of(pools: Sequence[OfferPool]) -> dict[int, Figures]:
    """Pool → its figures. Three queries, whatever the number."""
    left, found = codes_left(pools), dict[int, Figures]()
    for one in pools:
        found[one.pk] = Figures(left.get(one.pk))
    rows = OfferCode.objects.filter(pool__in=pools).order_by()
    given = rows.filter(given_at__isnull=False).values_list("pool_id")
    for pk, count, used in given.annotate(Count("pk"), Count("redeemed_at")):
        found[pk].given, found[pk].used = count, used
    redeemed = rows.filter(redeemed_at__isnull=False).values_list("pool_id", "currency")
    for pk, currency, count, value in redeemed.annotate(Count("pk"), Sum("value_minor")):
        found[pk].redeemed += count
        if value:
            found[pk].revenue[currency] = found[pk].revenue.get(currency, 0) + value
    return found


def by_message(pool: OfferPool) -> list[dict[str, Any]]:
    """For each message that gave codes of it: how many, how many were redeemed, what they brought in the
    workspace's currency. One query.
    """
    rows = OfferCode.objects.filter(pool=pool, given_at__isnull=False, message_id__isnull=False).order_by()
    used = Q(redeemed_at__isnull=False)
    ours = used & Q(currency=current_workspace().currency)
    counted = rows.values(message=F("message_id")).annotate(
        given=Count("pk"), redeemed=Count("pk", filter=used), revenue=Sum("value_minor", filter=ours)
    )
    return [dict(one) for one in counted.order_by("-message")[:MOST_OFFERED]]


def offered() -> list[tuple[OfferPool, int | None]]:
    """What an email may name now: the pools that are not over, with what is left. Two queries."""
    pools = [one for one in pools_found()[: 4 * MOST_OFFERED] if not one.is_over][:MOST_OFFERED]
    left = codes_left(pools)
    return [(one, left.get(one.pk)) for one in pools]


def find_in_palette(request: HttpRequest, words: str) -> list[dict[str, Any]]:
    """Pools whose name or key holds the words."""
    if not may(request.membership.role, "campaigns.see"):  # type: ignore[attr-defined]
        return []
    rows = pools_found().filter(Q(name__icontains=words) | Q(key__icontains=words))[:MOST_FOUND]
    return [
        {"name": one.name, "url": reverse("emails:offer", args=[one.pk]), "icon": "ticket", "hint": _("Offer codes")}
        for one in rows
    ]
