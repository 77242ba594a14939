"""The list of people narrowed to what became of a campaign's email: where each of its numbers leads."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from campaigns.models import Campaign
from campaigns.reporting import IS_UNMEASURED, NEVER_SEEN, REASONS
from consent.tracking import may_measure_params, may_measure_sql
from deliverability.providers import BY_KEY, whose_sql
from delivery.models import Delivery
from delivery.pace.rationing import WARMING_UP
from lib.asked import whole_number
from lib.offers import Narrowing
from lib.signs import Text
from workspaces.permissions import may
from workspaces.requests import Request

State = Delivery.State
DELIVERIES = """AND c.id IN (SELECT coalesce(g.survivor_id, d.contact_id) FROM delivery_delivery d
             LEFT JOIN contacts_merged g ON g.workspace_id = %(workspace)s AND g.loser_id = d.contact_id
             WHERE d.workspace_id = %(workspace)s AND d.message_id = %(of_message)s AND """
ARRIVED = f"d.state = {State.SENT:d} AND d.bounced_at IS NULL"
NOT_OPENED = "d.opened_at IS NULL AND d.unsure_opened_at IS NULL"
# The conditions of campaigns/figures.sql, which counts by them
FATES: dict[str, tuple[Text, str]] = {
    "sent": (_lazy("Sent"), f"d.state = {State.SENT:d}"),
    "delivered": (_lazy("Delivered"), ARRIVED),
    "opened": (_lazy("Read by people"), "d.opened_at IS NOT NULL"),
    "unsure": (_lazy("Not sure"), "d.opened_at IS NULL AND d.unsure_opened_at IS NOT NULL"),
    "machines": (_lazy("Machines"), f"{NOT_OPENED} AND d.machine_opened_at IS NOT NULL"),
    "unopened": (_lazy("Not opened"), f"{ARRIVED} AND {NEVER_SEEN} AND {may_measure_sql('d.contact_id')}"),
    "unmeasured": (_lazy("Not measured"), f"{ARRIVED} AND {IS_UNMEASURED}"),
    "clicked": (_lazy("Clicked by people"), "d.clicked_at IS NOT NULL"),
    "bounced": (
        _lazy("Bounced or refused"),
        f"(d.state = {State.FAILED:d} OR d.state = {State.SENT:d} AND d.bounced_at IS NOT NULL)",
    ),
    "unsubscribed": (_lazy("Unsubscribed"), "d.unsubscribed_at IS NOT NULL"),
    "complained": (_lazy("Marked as spam"), "d.complained_at IS NOT NULL"),
    "deferred": (_lazy("Trying again later"), f"d.state = {State.DEFERRED:d}"),
    "cancelled": (_lazy("Cancelled"), f"d.state = {State.CANCELLED:d}"),
}
REFUSED = f"d.state IN ({State.EXCLUDED:d}, {State.DEFERRED:d}) AND d.reason = %(of_reason)s)"
HELD = """AND c.id IN (SELECT unnest(k.contact_ids) FROM delivery_recipientchunk k WHERE k.workspace_id = %(workspace)s
             AND k.message_id = %(of_message)s AND NOT k.is_done AND k.reason = %(of_reason)s)"""


def whose_email(request: Request, value: str) -> Narrowing | None:
    """`?email=12-opened`: what became of campaign 12; a reason of the gate (`12-no_consent`): who got nothing for it.

    `12-opened@google`: the same, of those whose mailbox this provider keeps.
    """
    number, _dash, fate = value.partition("-")
    fate, _at, provider = fate.partition("@")
    pk = whole_number(number)
    if pk is None or not may(request.membership.role, "campaigns.see"):
        return None
    campaign = Campaign.objects.select_related("message").filter(pk=pk).first()
    if campaign is None:
        return None
    params: dict[str, object] = {"of_message": campaign.message_id} | may_measure_params()
    if fate in FATES and (provider in BY_KEY or not provider):
        says, condition = FATES[fate]
        if provider:
            whose, of_provider = whose_sql("d.address")
            params |= of_provider | {"of_provider": provider}
            says, condition = f"{says}, {BY_KEY[provider].name}", f"({condition}) AND {whose} = %(of_provider)s"
        sql = f"{DELIVERIES}{condition})"
    elif fate in REASONS and not provider:
        says, sql = REASONS[fate], HELD if fate == WARMING_UP else DELIVERIES + REFUSED
        params |= {"of_reason": fate}
    else:
        return None
    return Narrowing(_("%(email)s: %(what)s") % {"email": campaign.name, "what": says}, sql, params)
