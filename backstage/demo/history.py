"""A year of moments: visits, purchases, calls, posts, with the rhythms of real weeks and days."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import batched
from zoneinfo import ZoneInfo

from backstage.demo.people import Person
from backstage.demo.words import ASKING, CROSS, GLAD, PAGES, PRODUCTS, SHOPS
from contacts.channels import Channel
from contacts.models import Audience
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for

HOURS = [1, 0, 0, 0, 0, 1, 3, 7, 9, 8, 7, 7, 8, 7, 6, 6, 7, 8, 10, 12, 13, 12, 8, 3]
WEEKDAYS = [1.0, 0.95, 1.0, 1.05, 1.1, 1.25, 1.3]
SEASON = [0.9, 0.85, 0.95, 0.95, 0.9, 0.8, 0.75, 0.8, 1.0, 1.15, 1.4, 1.5]
BATCH = 5_000


def record_history(dice: random.Random, people: list[Person], start: datetime, now: datetime, zone: str) -> int:
    """Record everything that happened to these people between `start` and `now`. Returns how many facts."""
    facts = [fact for one in people for fact in _life(dice, one, start, now, ZoneInfo(zone))]
    facts.sort(key=lambda fact: fact.occurred_at)  # type: ignore[arg-type, return-value]
    source = source_for("demo", "Demo")
    for batch in batched(facts, BATCH):
        record(batch, source=source)
    return len(facts)


def _life(dice: random.Random, one: Person, start: datetime, now: datetime, zone: ZoneInfo) -> Iterator[Fact]:
    begin = max(start, one.joined_at)
    end = min(now, one.quiet_since or now)
    if end <= begin:
        return
    months = (end - begin).days / 30.4
    for number in range(_poisson(dice, months * one.pace * 0.55)):
        yield from _visit(dice, one, _moment(dice, begin, end, zone), number)
    for number in range(_poisson(dice, months * one.buys)):
        yield _purchase(dice, one, _moment(dice, begin, end, zone), number)
    for number in range(_poisson(dice, months * one.pace * 0.10)):
        yield _word(dice, one, _moment(dice, begin, end, zone), number)
    for number in range(_poisson(dice, months * one.pace * 0.04)):
        yield _offline(dice, one, _moment(dice, begin, end, zone), number)
    if Audience.INFLUENCER in one.roles:
        for number in range(_poisson(dice, months * 1.1)):
            yield _public(dice, one, _moment(dice, begin, end, zone), number)


def _visit(dice: random.Random, one: Person, at: datetime, number: int) -> Iterator[Fact]:
    yield _fact(one, "visit", at, f"v{number}", {})
    for page in range(min(1 + int(dice.expovariate(0.7)), 6)):
        path, title = dice.choice(PAGES)
        payload: dict[str, object] = {"context": {"page": {"url": f"https://kettle.example{path}", "title": title}}}
        yield _fact(one, "page", at + timedelta(seconds=40 * page + dice.randint(1, 30)), f"v{number}p{page}", payload)


def _purchase(dice: random.Random, one: Person, at: datetime, number: int) -> Fact:
    name, price = dice.choice(PRODUCTS)
    quantity = dice.choices([1, 2, 3], [75, 20, 5])[0]
    in_shop = dice.random() < 0.2
    payload = {"name": name, "quantity": quantity} | ({"place": dice.choice(SHOPS)} if in_shop else {})
    fact = _fact(one, "purchase", at, f"o{number}", payload)
    fact.value_minor, fact.currency = price * quantity, "EUR"
    fact.channel = int(Channel.OFFLINE if in_shop else Channel.WEB)
    return fact


def _word(dice: random.Random, one: Person, at: datetime, number: int) -> Fact:
    feeling = max(-1.0, min(1.0, one.warmth + dice.gauss(0, 0.35)))
    text = _text(dice, feeling)
    kind = dice.choices(["message", "call", "chat", "review", "question", "nps"], [30, 14, 16, 14, 16, 10])[0]
    payload: dict[str, object] = {"text": text}
    if kind == "call":
        payload = {"note": text, "minutes": dice.randint(2, 18)}
    fact = _fact(one, kind, at, f"w{number}", payload)
    if kind != "question":
        fact.sentiment_milli = round(feeling * 1000)
    return fact


def _offline(dice: random.Random, one: Person, at: datetime, number: int) -> Fact:
    kind = dice.choices(["shop_visit", "event_visit", "code_used", "meeting"], [55, 20, 20, 5])[0]
    place = {
        "shop_visit": dice.choice(SHOPS),
        "event_visit": "Tasting evening",
        "code_used": "TV code TEA24",
        "meeting": "Trade fair",
    }
    return _fact(one, kind, at, f"f{number}", {"place": place[kind]})


def _public(dice: random.Random, one: Person, at: datetime, number: int) -> Fact:
    kind = dice.choices(["share", "user_content", "comment", "referral"], [40, 20, 30, 10])[0]
    feeling = max(-1.0, min(1.0, one.warmth + 0.2))
    if kind == "referral":
        feeling = max(feeling, 0.4)  # nobody brings a friend to what they grumble about
    fact = _fact(one, kind, at, f"s{number}", {"text": _text(dice, feeling), "public": True})
    fact.weight_milli = round(1000 * dice.uniform(1.0, 3.5))
    fact.sentiment_milli = round(feeling * 1000)
    return fact


def _text(dice: random.Random, feeling: float) -> str:
    """Words of a feeling from -1 to 1."""
    return dice.choice(GLAD if feeling > 0.25 else CROSS if feeling < -0.2 else ASKING)


def _fact(one: Person, kind: str, at: datetime, key: str, payload: dict[str, object]) -> Fact:
    return Fact(kind, f"demo-{one.contact.email}-{key}", at, contact_id=one.contact.pk, payload=payload)


def _moment(dice: random.Random, begin: datetime, end: datetime, zone: ZoneInfo) -> datetime:
    """A moment between two others that follows seasons, weekdays and the hours people keep."""
    for _try in range(6):
        day = begin + (end - begin) * dice.random()
        if dice.random() < WEEKDAYS[day.weekday()] * SEASON[day.month - 1] / 1.95:
            break
    hour = dice.choices(range(24), HOURS)[0]
    local = day.astimezone(zone).replace(hour=hour, minute=dice.randint(0, 59), second=dice.randint(0, 59))
    return min(max(local, begin), end - timedelta(minutes=1))


def _poisson(dice: random.Random, mean: float) -> int:
    """How often something happens that happens `mean` times on average (Knuth's product method, split for size)."""
    total = 0
    while mean > 20:
        total, mean = total + _poisson(dice, 20), mean - 20
    limit, product = 2.718281828459045**-mean, dice.random()
    while product > limit:
        total, product = total + 1, product * dice.random()
    return total
