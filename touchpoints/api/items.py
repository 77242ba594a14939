"""From one item of the Segment spec to a fact, or to the reason why it is refused."""

from collections.abc import Callable
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from contacts.reserved_ids import names_nobody
from touchpoints.api.decoding import LONGEST_ID, Item, RefusedError, decode_item, moment_in
from touchpoints.api.money import read_minor
from touchpoints.api.people import hints_in, profile_in
from touchpoints.facts import Fact
from touchpoints.kinds import ALIASES

MONEY_KINDS = {"purchase", "refund"}
CONTEXT_KEPT = ("page", "campaign", "locale", "timezone", "library", "app", "screen")


def read_item(
    raw: bytes | msgspec.Raw, *, now: datetime, trusted: bool, kind: str | None = None, sent_at: str | None = None
) -> Fact:
    """The fact inside one item, or RefusedError.

    `trusted`: it came with a server key. `kind`: set by the path. `sent_at`: when the client says it sent the request.
    """
    item = decode_item(raw)
    item.type = kind or item.type
    build = BUILDERS.get(item.type or "")
    if build is None:
        raise RefusedError(f"type is {(item.type or '')[:40]!r}; known are {', '.join(BUILDERS)}")
    fact = build(item)
    fact.external_id, fact.has_foreign_id = _external_id(item, raw), True
    fact.occurred_at = moment_in(item, sent_at, now)
    fact.hints = hints_in(item, trusted=trusted)
    _add_context(fact, item)
    if not trusted and fact.kind in MONEY_KINDS:
        fact.weight_milli = 0  # anybody can write a purchase with a public key: it is shown, it does not score
    return fact


def _track(item: Item) -> Fact:
    if not item.event:
        raise RefusedError("track needs an event")
    name = item.event[:80].strip()
    kind = ALIASES.get(name.lower(), name)
    fact = Fact(kind, "", payload=dict(item.properties))
    if kind in MONEY_KINDS:
        fact.value_minor, fact.currency = _money(item.properties)
    rating = item.properties.get("rating")
    if kind in {"review", "rating"} and isinstance(rating, int | float) and 1 <= rating <= 5:
        fact.sentiment_milli = round((rating - 3) * 500)
    return fact


def _page(item: Item) -> Fact:
    return Fact("page", "", payload=_named(item))


def _screen(item: Item) -> Fact:
    return Fact("screen", "", payload=_named(item))


def _identify(item: Item) -> Fact:
    return Fact("identify", "", payload={}, profile=profile_in(item.traits))


def _group(item: Item) -> Fact:
    if not item.groupId:
        raise RefusedError("group needs a groupId")
    return Fact("Group Joined", "", payload={"group_id": item.groupId, **item.traits})


def _alias(item: Item) -> Fact:
    if not item.previousId or not item.userId:
        raise RefusedError("alias needs previousId and userId")
    if nobody := next((one for one in (item.previousId, item.userId) if names_nobody(one)), None):
        raise RefusedError(f"the id {nobody[:40]!r} names nobody")
    item.anonymousId = item.previousId
    return Fact("identify", "", payload={"alias": True})


BUILDERS: dict[str, Callable[[Item], Fact]] = {
    "track": _track,
    "page": _page,
    "screen": _screen,
    "identify": _identify,
    "group": _group,
    "alias": _alias,
}


def _external_id(item: Item, raw: bytes | msgspec.Raw) -> str:
    if item.messageId:
        if len(item.messageId) > LONGEST_ID:
            raise RefusedError(f"messageId is longer than {LONGEST_ID} characters")
        return str(item.messageId)
    return "sha-" + blake2b(bytes(raw), digest_size=16).hexdigest()


def _money(properties: dict[str, Any]) -> tuple[int | None, str | None]:
    """Minor units and currency; a purchase whose amount nobody can read is kept without one."""
    amount = next((properties[key] for key in ("revenue", "total", "value") if properties.get(key) is not None), None)
    currency = str(properties.get("currency") or "").upper()
    fits = len(currency) == 3 and currency.isascii() and currency.isalpha()
    minor = read_minor(amount)
    return minor, currency if fits and minor is not None else None


def _named(item: Item) -> dict[str, Any]:
    payload = dict(item.properties)
    if item.name:
        payload["name"] = item.name
    if item.category:
        payload["category"] = item.category
    return payload


def _add_context(fact: Fact, item: Item) -> None:
    """Keep what explains the moment; never the IP."""
    kept = {key: item.context[key] for key in CONTEXT_KEPT if item.context.get(key)}
    if kept:
        fact.payload = {**fact.payload, "context": kept}
    if item.sentAt:
        fact.payload = {**fact.payload, "sent_at": item.sentAt}
