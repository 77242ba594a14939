"""Shopify's orders export: a row for each item; what is of the whole order stands in its first row alone."""

from imports.presets.base import Preset

PRESET = Preset(
    name="shopify_orders",
    label="Shopify, orders",
    holds="orders",
    signs=frozenset({"name", "financial status", "lineitem name"}),
    columns={
        "name": "order_number",
        "email": "email",
        "phone": "phone",
        "billing name": "name",
        "billing city": "city",
        "billing country": "country",
        "financial status": "order_status",
        "created at": "order_at",
        "cancelled at": "order_cancelled_at",
        "currency": "order_currency",
        "total": "order_amount",
        "refunded amount": "order_refunded",
        "lineitem name": "order_item",
        "lineitem sku": "order_sku",
        "lineitem quantity": "order_quantity",
        "lineitem price": "order_unit_price",
        "source": "order_channel",
        "accepts marketing": "consent",
    },
    decimal_comma=False,
)
