"""In words: what two files say differently of an order or a visit, and why there is nothing to record."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from imports.facts.statuses import ORDER_MEANINGS, VISIT_MEANINGS, OrderStatus
from imports.facts.telling import Said
from lib.local_words import date_format, number
from workspaces.current import current_workspace

MOST_SHOWN = 3


def differences(before: Said, after: Said) -> str:
    """What differs, old and new, in sentences."""
    found = []
    for name, label in _labels().items():
        old, new = _shown(name, before), _shown(name, after)
        if old != new:
            found.append(_("%(name)s: %(old)s → %(new)s") % {"name": label, "old": old or "–", "new": new or "–"})
    return " ".join(f"{one}." for one in found)


def word_of(whole: Said) -> str:
    """Why nothing follows from what was said."""
    status = whole.get("status")
    if status == OrderStatus.CANCELLED:
        return _("Cancelled: no purchase.")
    if status == OrderStatus.UNPAID:
        return _("Not paid yet: no purchase.")
    return _("No date in this row: it counts when another row or file says the date.")


def _labels() -> dict[str, str]:
    return {
        "at": _("date"),
        "registered_at": _("registered"),
        "amount": _("amount"),
        "currency": _("currency"),
        "status": _("status"),
        "refunded": _("paid back"),
        "refunded_at": _("paid back at"),
        "channel": _("shop or web"),
        "items": _("items"),
    }


def _shown(name: str, said: Said) -> str:
    value = said.get(name) or (said.get("home") if name == "currency" else None)
    if value is None or value == []:
        return ""
    if name.endswith("at"):
        return date_format(datetime.fromisoformat(value).astimezone(ZoneInfo(current_workspace().zone)), "j M Y, H:i")
    if name in {"amount", "refunded"}:
        return str(number(value / 100, 2))
    if name == "status":
        return str(ORDER_MEANINGS.get(value, value))
    if name == "items":
        return ", ".join(_item(said, item) for item in value[:MOST_SHOWN]) + (" …" if len(value) > MOST_SHOWN else "")
    return str(value)


def _item(said: Said, item: list[Any]) -> str:
    if said.get("of") == "visit":
        return " ".join(filter(None, [item[0], item[1], str(VISIT_MEANINGS.get(item[2], item[2]))]))
    name, sku, quantity, amount = item
    count = f"{_count(quantity)} × " if quantity not in {None, 1000} else ""
    price = f" {number(amount / 100, 2)}" if amount is not None else ""
    return f"{count}{name or sku}{price}"


def _count(milli: int) -> str:
    """How many, with the decimals that it has."""
    return number(milli / 1000, len(f"{milli % 1000:03}".rstrip("0")))
