"""Orders: a row is an order or one item of it; what all rows and files say of it is one purchase, and what was paid back.

A later file may say another amount or status. Then the fact that stood is voided by a Correction and a new one written:
the ledger keeps both words, what is counted follows the later one, and undoing the later file lets the first stand again.
An order that is cancelled or not paid is no purchase; one that was paid back is a purchase and a refund, as shops that
send their orders by the API tell it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from contacts.channels import Channel
from imports.drafts import Draft
from imports.facts import targets as t
from imports.facts.amounts import (
    BadCellError,
    line_of,
    read_amount,
    read_currency,
    read_order_number,
    read_quantity,
    read_sum,
)
from imports.facts.cells import Cells
from imports.facts.keys import key_of_order
from imports.facts.statuses import OrderStatus, channel_word, judge_status
from imports.facts.telling import Entry, Said, Wanted, join_items, moment, who
from touchpoints.money import MOST_MINOR

LONGEST_ITEM, MOST_ITEMS, SHOWN_ITEMS = 200, 100, 3
CHANNELS = {"shop": int(Channel.OFFLINE), "call": int(Channel.CALL)}
NO_PURCHASE = {OrderStatus.CANCELLED, OrderStatus.UNPAID}


class Orders:
    """How rows of orders are read. `about` says what the file does not: its currency, its shop."""

    def __init__(self, about: Mapping[str, Any], answers: Mapping[str, Mapping[str, str]], home: str) -> None:
        self.shop, self.currency = str(about.get("shop", "")), str(about.get("currency") or home)
        self.answers = answers

    def entry(self, line: int, cells: Cells, draft: Draft, now: datetime) -> Entry:
        """What a row says. BadCellError."""
        if not cells[t.NUMBER]:
            raise BadCellError(_("No order number in this row."))
        number = read_order_number(cells[t.NUMBER])
        said: Said = {"of": "order", "number": number.lstrip("#"), "home": self.currency}
        said |= {"shop": self.shop} if self.shop else {}
        said |= who(draft) | self._moments(cells, now) | self._money(cells) | self._status(cells)
        if cells[t.CHANNEL]:
            said["channel"] = channel_word(cells[t.CHANNEL])
        item, currency = self._item(cells, said.get("currency", ""))
        said |= {"currency": currency} if currency else {}
        return Entry(line, draft, key_of_order(self.shop, number), said, item)

    def _moments(self, cells: Cells, now: datetime) -> Said:
        at, back_at = cells.moment(t.AT, until=now), cells.moment(t.REFUNDED_AT, until=now)
        if at and back_at and back_at < at:
            raise BadCellError(_("It was paid back before it was ordered."))
        return ({"at": at} if at else {}) | ({"refunded_at": back_at} if back_at else {})

    def _money(self, cells: Cells) -> Said:
        """Amount, what was paid back, and in what currency: of its column, else of the amount's own sign."""
        said: Said = {}
        currency = read_currency(cells[t.CURRENCY], home=self.currency) if cells[t.CURRENCY] else ""
        if cells[t.AMOUNT]:
            said["amount"], unit = read_sum(cells[t.AMOUNT], **self._how(cells, currency))
            currency = self._same(currency, unit)
        if cells[t.REFUNDED]:
            back, unit = read_amount(cells[t.REFUNDED], **self._how(cells, currency))
            said["refunded"] = abs(back)  # some shops write it below zero
            currency = self._same(currency, unit)
            if said["refunded"] > said.get("amount", MOST_MINOR):
                raise BadCellError(_("More was paid back than the order cost."))
        return said | ({"currency": currency} if currency else {})

    def _how(self, cells: Cells, currency: str) -> dict[str, Any]:
        return {"decimal_comma": cells.reading.decimal_comma, "home": currency or self.currency}

    def _same(self, currency: str, unit: str) -> str:
        if currency and unit and currency != unit:
            raise BadCellError(_("Two currencies in one row: %(one)s and %(two)s.") % {"one": currency, "two": unit})
        return currency or unit

    def _status(self, cells: Cells) -> Said:
        """That money went back tells more than that the order was cancelled: then it had been paid."""
        found = ""
        if text := cells[t.STATUS]:
            answers = self.answers.get(cells.column(t.STATUS), {})
            if (said := judge_status(t.STATUS, text, answers)) is None:
                words = _("“%(text)s” is no status we know. Say what it means, or leave the column out.")
                raise BadCellError(words % {"text": text[:40]})
            found = said
        if cells[t.CANCELLED_AT] and found not in {OrderStatus.REFUNDED, OrderStatus.PARTLY_REFUNDED}:
            found = OrderStatus.CANCELLED.value
        return {"status": found} if found else {}

    def _item(self, cells: Cells, currency: str) -> tuple[list[Any] | None, str]:
        """Name, number, quantity in thousandths, amount of the line in hundredths, None where the row names none; and
        the currency of the row, of which so much is known already.
        """
        name, sku = line_of(cells[t.ITEM], LONGEST_ITEM), line_of(cells[t.SKU], LONGEST_ITEM)
        how = self._how(cells, currency)
        quantity = read_quantity(cells[t.QUANTITY], decimal_comma=how["decimal_comma"]) if cells[t.QUANTITY] else None
        amount: int | None = None
        if text := cells[t.LINE_AMOUNT] or cells[t.UNIT_PRICE]:
            amount, unit = read_amount(text, **how)
            currency = self._same(currency, unit)
            if not cells[t.LINE_AMOUNT]:
                amount = amount * (1000 if quantity is None else quantity) // 1000
            if abs(amount) > MOST_MINOR:
                raise BadCellError(_("The amount of this line is too large."))
        is_item = name or sku or cells[t.LINE_AMOUNT]
        return ([name, sku, quantity, amount] if is_item else None), currency


def told_of_order(saids: Sequence[Said]) -> Said:
    """What all files say together, the earliest first. One that says another amount tells the items anew."""
    whole: Said = {}
    for said in saids:
        items = said.get("items", [])
        is_anew = "amount" in said and said["amount"] != whole.get("amount", said["amount"])
        if not (is_anew and items):
            items = join_items(whole.get("items", []), items, 2)
        whole = {**whole, **said, "number": whole.get("number", said["number"]), "items": items}
    return whole


def facts_of_order(whole: Said) -> list[Wanted]:
    """The purchase, and what was paid back; nothing for an order that was not paid, or whose date nobody said."""
    if "at" not in whole or whole.get("status") in NO_PURCHASE:
        return []
    items = sorted(whole.get("items", []), key=str)
    amount = _amount(whole, items)
    currency = (whole.get("currency") or whole.get("home")) if amount is not None or "refunded" in whole else None
    payload: dict[str, Any] = {"order_id": whole["number"]}
    if whole.get("shop"):
        payload["affiliation"] = whole["shop"]
    names = [item[0] or item[1] for item in items if item[0] or item[1]]
    if names:
        payload["name"] = ", ".join(names[:SHOWN_ITEMS]) + (" …" if len(names) > SHOWN_ITEMS else "")
        payload["products"] = [_product(item) for item in items[:MOST_ITEMS]]
    channel = CHANNELS.get(whole.get("channel", ""))
    found = [Wanted("purchase", "purchase", moment(whole["at"]), amount, currency, channel, payload)]
    if back := _paid_back(whole, amount):
        at = moment(str(whole.get("refunded_at") or whole["at"]))
        found.append(Wanted("refund", "refund", at, back, currency, channel, {"order_id": whole["number"]}))
    return found


def _amount(whole: Said, items: Sequence[list[Any]]) -> int | None:
    """The order's own amount, else that of its lines where each says one."""
    if "amount" in whole:
        return int(whole["amount"])
    lines = [item[3] for item in items]
    return sum(lines) if lines and None not in lines and 0 <= sum(lines) <= MOST_MINOR else None


def _paid_back(whole: Said, amount: int | None) -> int:
    if back := whole.get("refunded"):
        return int(back)
    return int(amount or 0) if whole.get("status") == OrderStatus.REFUNDED else 0


def _product(item: Sequence[Any]) -> dict[str, Any]:
    name, sku, quantity, amount = item
    said = {"name": name, "sku": sku, "quantity": None if quantity is None else quantity / 1000}
    said["value"] = None if amount is None else amount / 100
    return {key: value for key, value in said.items() if value not in {"", None}}
