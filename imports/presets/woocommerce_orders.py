"""WooCommerce's orders as its two usual export plugins write them: names with blanks, or the shop's own field names."""

from dataclasses import dataclass

from imports.presets.base import Preset

OF_FIELDS = frozenset({"order_number", "order_date", "order_total", "billing_email"})
OF_NAMES = frozenset({"order number", "order status", "order date", "order total amount"})


@dataclass(frozen=True)
class WooCommerce(Preset):
    """Known by either of two sets of columns."""

    def fits(self, file_name: str, header: list[str]) -> bool:
        names = {name.lower() for name in header}
        return names >= OF_FIELDS or names >= OF_NAMES


PRESET = WooCommerce(
    name="woocommerce_orders",
    label="WooCommerce, orders",
    holds="orders",
    columns={
        "order number": "order_number",
        "order status": "order_status",
        "order date": "order_at",
        "order total amount": "order_amount",
        "order currency": "order_currency",
        "order refund amount": "order_refunded",
        "item name": "order_item",
        "sku": "order_sku",
        "quantity (- refund)": "order_quantity",
        "quantity": "order_quantity",
        "item cost": "order_unit_price",
        "email (billing)": "email",
        "phone (billing)": "phone",
        "first name (billing)": "given_name",
        "last name (billing)": "family_name",
        "city (billing)": "city",
        "country code (billing)": "country",
        "order_number": "order_number",
        "status": "order_status",
        "order_date": "order_at",
        "order_total": "order_amount",
        "order_currency": "order_currency",
        "refunded_total": "order_refunded",
        "billing_email": "email",
        "billing_phone": "phone",
        "billing_first_name": "given_name",
        "billing_last_name": "family_name",
        "billing_city": "city",
        "billing_country": "country",
        "item_name": "order_item",
        "item_sku": "order_sku",
        "item_quantity": "order_quantity",
    },
    decimal_comma=None,
)
