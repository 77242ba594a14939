"""A file of orders of no program we know: a spreadsheet, a till, a shop system's own list, in English or German."""

from imports.presets.base import Preset

PRESET = Preset(
    name="orders",
    label="CSV, orders",
    holds="orders",
    columns={
        name: target
        for target, names in {
            "order_number": "order number|order no|order no.|order #|order id|order|order_id|bestellnummer|bestellnr|"
            "bestellnr.|bestell-nr.|auftragsnummer|auftragsnr.|bestellung|receipt number|bonnummer|transaction id",
            "order_at": "order date|ordered at|date|created at|purchase date|purchased at|order_date|time|datum|"
            "bestelldatum|bestellt am|kaufdatum|auftragsdatum|verkaufsdatum|occurred_at",
            "order_amount": "total|order total|amount|grand total|revenue|order amount|value|betrag|summe|gesamt|"
            "gesamtbetrag|gesamtsumme|umsatz|bestellwert|bruttobetrag",
            "order_currency": "currency|order currency|währung|waehrung",
            "order_status": "status|order status|payment status|bestellstatus|zahlungsstatus",
            "order_refunded": "refunded|refund|refunded amount|refund amount|erstattet|erstattung|erstattungsbetrag",
            "order_refunded_at": "refunded at|refund date|erstattet am",
            "order_cancelled_at": "cancelled at|canceled at|storniert am",
            "order_channel": "channel|sales channel|source|kanal|vertriebskanal|verkaufskanal",
            "order_item": "product|products|item|items|item name|product name|artikel|artikelname|produkt|produktname|"
            "bezeichnung",
            "order_sku": "sku|article number|artikelnummer|artikelnr.",
            "order_quantity": "quantity|qty|menge|anzahl|stück",
            "order_unit_price": "price|unit price|preis|einzelpreis|stückpreis",
            "order_line_amount": "line total|line amount|item total|positionsbetrag|zeilensumme",
            "email": "customer email|customer e-mail|billing email|kunden-e-mail",
            "external_id": "customer number|customer id|customer no|customer_id|user_id|kundennummer|kundennr.|kunden-nr.",
            "phone": "phone|telefon|mobile|handy|customer phone",
            "name": "customer|customer name|kunde|kundenname",
        }.items()
        for name in names.split("|")
    },
)
