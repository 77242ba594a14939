"""The demo's imported files: a market stall's orders and who came to a tasting, as the page brings them in."""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from backstage.demo.people import Person
from backstage.demo.words import PRODUCTS
from contacts.models import Audience
from imports.models import ImportRun
from imports.running import run_slice
from imports.starting import begin_import, check_ready, keep_file
from imports.twins import forget
from workspaces.models import User

ORDERS, GUESTS = 12, 16


def bring_in_files(dice: random.Random, people: Sequence[Person], now: datetime, by: User) -> None:
    """Two files of the last weeks, brought in and done; their runs stand on the page of imports."""
    customers = [one for one in people if Audience.CUSTOMER in one.roles and one.joined_at < now - timedelta(days=40)]
    if customers:
        _bring_in(_orders(dice, customers, now), "christmas-market-orders.csv", by)
        _bring_in(_guests(dice, customers, now), "tasting-evening.csv", by)


def _orders(dice: random.Random, customers: Sequence[Person], now: datetime) -> Iterable[list[object]]:
    yield ["Order number", "Date", "Total", "Currency", "Email", "Item", "Status", "Channel"]
    for number, one in enumerate(dice.sample(customers, min(ORDERS, len(customers))), 1):
        name, price = dice.choice(PRODUCTS)
        at = (now - timedelta(days=dice.randint(5, 20))).replace(hour=dice.randint(10, 19), minute=dice.randint(0, 59))
        status = "refunded" if number == ORDERS else "paid"
        total = f"{price / 100:.2f}"
        yield [f"M-{number:03}", f"{at:%Y-%m-%d %H:%M}", total, "EUR", one.contact.email, name, status, "Shop"]


def _guests(dice: random.Random, customers: Sequence[Person], now: datetime) -> Iterable[list[object]]:
    at = (now - timedelta(days=12)).replace(hour=19, minute=0)
    yield ["Event", "Event date", "Email", "Registered at", "Status", "Ticket"]
    for one in dice.sample(customers, min(GUESTS, len(customers))):
        booked = at - timedelta(days=dice.randint(2, 20), hours=dice.randint(0, 9))
        status = dice.choices(["attended", "no-show", "cancelled"], [12, 3, 1])[0]
        ticket = dice.choice(["One", "One and a friend"])
        moments = f"{at:%Y-%m-%d %H:%M}", f"{booked:%Y-%m-%d %H:%M}"
        yield ["Tasting evening: green teas", moments[0], one.contact.email, moments[1], status, ticket]


def _bring_in(rows: Iterable[list[object]], name: str, by: User) -> None:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    run = begin_import(keep_file([text.getvalue().encode()], name), name, by_id=by.pk)
    run.mode, run.state = ImportRun.Mode.KNOWN, ImportRun.State.WAITING
    check_ready(run)
    run.save()
    while run_slice(run):
        pass
    forget(Path(run.path))
