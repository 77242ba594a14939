"""What a column of a file of orders or of attendance can become, beside what says whose they are."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from contacts.fields import Place, fields_at
from imports.targets import KEYS, LEAVE_OUT, OTHER_TARGETS

NUMBER, AT, AMOUNT, CURRENCY, STATUS = "order_number", "order_at", "order_amount", "order_currency", "order_status"
REFUNDED, REFUNDED_AT, CANCELLED_AT = "order_refunded", "order_refunded_at", "order_cancelled_at"
CHANNEL, ITEM, SKU, QUANTITY = "order_channel", "order_item", "order_sku", "order_quantity"
UNIT_PRICE, LINE_AMOUNT = "order_unit_price", "order_line_amount"
EVENT, EVENT_AT, REGISTERED_AT = "visit_event", "visit_at", "visit_registered_at"
VISIT_STATUS, TICKET, TICKET_NUMBER = "visit_status", "visit_ticket", "visit_ticket_number"
STATUSES = {STATUS, VISIT_STATUS}

ORDER_TARGETS = {
    NUMBER: _("order: number"),
    AT: _("order: date"),
    AMOUNT: _("order: amount of the whole order"),
    CURRENCY: _("order: currency"),
    STATUS: _("order: status"),
    REFUNDED: _("order: amount paid back"),
    REFUNDED_AT: _("order: paid back at"),
    CANCELLED_AT: _("order: cancelled at"),
    CHANNEL: _("order: shop or web"),
    ITEM: _("order: item"),
    SKU: _("order: number of the item (SKU)"),
    QUANTITY: _("order: quantity of the item"),
    UNIT_PRICE: _("order: price of one item"),
    LINE_AMOUNT: _("order: amount of this line, to be added up"),
}
VISIT_TARGETS = {
    EVENT: _("event: name"),
    EVENT_AT: _("event: when it was"),
    REGISTERED_AT: _("event: registered at"),
    VISIT_STATUS: _("event: status"),
    TICKET: _("event: ticket"),
    TICKET_NUMBER: _("event: number of the ticket"),
}
OF_PERSON = (*sorted(KEYS - {"email"}), "email_more", "consent")  # and the own fields, email among them


def fact_targets(holds: str) -> dict[str, Any]:
    """Target → its words, for a file that holds this."""
    own = {one.name: one.label for one in fields_at(Place.IMPORT)}
    facts = ORDER_TARGETS if holds == "orders" else VISIT_TARGETS
    return {LEAVE_OUT: _("leave out"), **facts, **own, **{name: OTHER_TARGETS[name] for name in OF_PERSON}}


def is_of_fact(target: str) -> bool:
    """Whether a target is of the order or the visit, not of the person."""
    return target in ORDER_TARGETS or target in VISIT_TARGETS
