"""Which campaigns gave codes of an offer: on the offer's page."""

from typing import Any

from campaigns.models import Campaign
from delivery.models import Message
from emails.models import OfferPool
from emails.offers.finding import by_message
from emails.offers.saying import money
from workspaces.current import current_workspace
from workspaces.requests import Request


def offer_panel(request: Request, pool: OfferPool) -> dict[str, Any] | None:
    """Each with how many it gave, how many were redeemed and what they brought. Three queries, one without any."""
    rows = by_message(pool)
    if not rows:
        return None
    messages = [one["message"] for one in rows]
    names = dict(Message.objects.filter(pk__in=messages).values_list("pk", "name"))
    campaigns = dict(Campaign.objects.filter(message__in=messages).values_list("message_id", "pk"))
    currency = current_workspace().currency
    return {
        "rows": [
            {
                "name": names.get(one["message"], f"#{one['message']}"),
                "campaign": campaigns.get(one["message"]),
                "given": one["given"],
                "redeemed": one["redeemed"],
                "revenue": money(one["revenue"], currency) if one["revenue"] else "–",
            }
            for one in rows
        ]
    }
