"""What each line of the list says of a campaign: delivered, opened, clicked by people, and what they ordered after it."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Q

from campaigns.models import Campaign
from delivery.models import Delivery
from lib.clock import now
from lib.sql import load_sql, numbers_of, run_sql, run_text
from touchpoints.kinds import KINDS
from workspaces.current import current_workspace_id
from workspaces.kept_figures import kept_figures_of

RESULTS = "campaigns.results"  # what is kept of a big campaign; its last part is its line of the list
ORDERED_WITHIN = timedelta(hours=72)
FEW = 2_000  # people of a campaign that a list counts while somebody waits; of more it shows what is kept


class Line(NamedTuple):
    """People whose email was delivered, who opened it and clicked in it, as far as they are measured and no machines;
    what those who clicked ordered within 72 hours of it, in hundredths of the workspace's currency.
    """

    delivered: int
    opened: int
    clicked: int
    revenue_minor: int

    @property
    def opened_percent(self) -> float | None:
        """Of those it was delivered to."""
        return 100 * self.opened / self.delivered if self.delivered else None

    @property
    def clicked_percent(self) -> float | None:
        """Of those it was delivered to."""
        return 100 * self.clicked / self.delivered if self.delivered else None


NO_LINE = Line(0, 0, 0, 0)


def lines_of(campaigns: Sequence[Campaign]) -> dict[int, Line]:
    """Campaign → its line, of all its versions, in a constant number of statements; of a big one what is kept, nothing
    before it was counted.

    Of one that is not planned there is none.
    """
    versions = Campaign.objects.filter(variant_of__in=[one.pk for one in campaigns]).select_related("message")
    parts: dict[int, list[Campaign]] = {one.pk: [one] for one in campaigns}
    for one in versions:
        parts[one.variant_of_id or 0].append(one)
    lines = _lines_each({one.pk: one for part in parts.values() for one in part})
    planned = {pk: [one.pk for one in part if one.message.planned_at] for pk, part in parts.items()}
    return {
        pk: Line(*map(sum, zip(*(lines[one] for one in each), strict=True)))
        for pk, each in planned.items()
        if each and all(one in lines for one in each)
    }


def people_of(campaigns: Sequence[Campaign]) -> dict[int, int]:
    """Campaign → who was planned for it, in whatever version; 0 before. One statement."""
    ids = [one.pk for one in campaigns]
    rows = Campaign.objects.filter(Q(pk__in=ids) | Q(variant_of__in=ids)).order_by()
    people = dict.fromkeys(ids, 0)
    for pk, first, planned in rows.values_list("pk", "variant_of_id", "message__planned_count"):
        for one in {pk, first} & people.keys():
            people[one] += planned
    return people


def _lines_each(campaigns: Mapping[int, Campaign]) -> dict[int, Line]:
    planned = [one for one in campaigns.values() if one.message.planned_at]
    big = [one.pk for one in planned if one.message.planned_count > FEW]
    found = lines_now([one for one in planned if one.message.planned_count <= FEW])
    kept = kept_figures_of(RESULTS, big) if big else {}
    lines = {pk: (one.data or {}).get("line") for pk, one in kept.items()}
    return found | {pk: Line(*line) for pk, line in lines.items() if line}


def lines_now(campaigns: Sequence[Campaign]) -> dict[int, Line]:
    """The same, counted now. Two statements."""
    messages = {one.message_id: one for one in campaigns}
    if not messages:
        return {}
    params = {"workspace": current_workspace_id(), "messages": list(messages)}
    revenue = dict(
        run_text(load_sql("campaigns/revenue", facts=load_sql("touchpoints/facts")), _orders(params, campaigns))
    )
    rows = run_sql("campaigns/list_figures", params | numbers_of(Delivery.State))
    return {
        messages[message].pk: Line(delivered, opened, clicked, int(revenue.get(message) or 0))
        for message, delivered, opened, clicked in rows
    }


def _orders(params: dict[str, object], campaigns: Sequence[Campaign]) -> dict[str, object]:
    since = min((one.message.planned_at for one in campaigns if one.message.planned_at), default=now())
    return params | {"purchase_kind": KINDS["purchase"].code, "since": since, "within": ORDERED_WITHIN}
