"""The workspace that the sentences speak of: its topics, tags, fields, segments, emails."""

import json
from pathlib import Path
from typing import Any

from consent.models import Topic
from contacts.models import FieldValue
from delivery.models import Content, Message
from emails.models import OfferPool
from lib.clock import now
from segments.models import Segment
from tests.factories.contacts import letter, make_contact

HERE = Path(__file__).parent
TAGS = ["vip", "press", "wholesale", "black friday", "Kaffee und Kuchen", "salt and pepper", 'the "best"']
CUSTOM = {"points": 12, "favourite tea": "Sencha", "Lieblingstee": "Oolong", "plan": "premium", "size (cm)": 40}
SEGMENTS = ["VIPs", "Loyal, going quiet", "Tea and cake", "Brot und Butter", "Not in “Berlin”"]
OFFERS = {"spring": "Spring tea", "and": "who"}  # key → name
EMAILS = ["May letter", "Advent, second list"]


def make_world() -> None:
    """Rows behind every name in the sentences."""
    letter()
    Topic.objects.get_or_create(key="offers", defaults={"name": "Offers"})
    somebody = make_contact(city="Frankfurt am Main", tags=TAGS, custom=CUSTOM)
    FieldValue.objects.create(contact=somebody, name="birthday", moment=now())
    for name in SEGMENTS:
        Segment.objects.create(name=name, rule={"all": []})
    for key, name in OFFERS.items():
        OfferPool.objects.create(key=key, name=name)
    for name in EMAILS:
        Message.objects.create(name=name, content=Content.objects.create(subject=name))


def sentences(language: str) -> list[tuple[str, list[Any]]]:
    """(sentence, the lines that all hold of whoever is meant); segments and emails by their names."""
    return [tuple(json.loads(line)) for line in (HERE / f"{language}.jsonl").read_text("utf-8").splitlines()]


def with_ids(node: Any) -> Any:
    """The lines with the numbers that this database gave to segments and emails."""
    if isinstance(node, list):
        return [with_ids(one) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: with_ids(value) for key, value in node.items()}
    if isinstance(named := found.get("id"), str):
        found["id"] = Segment.objects.get(name=named).pk
    if isinstance(named := found.get("message"), str):
        found["message"] = Message.objects.get(name=named).pk
    return found
