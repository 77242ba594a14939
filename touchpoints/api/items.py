"""From one item of the Segment spec to a fact, or to the reason why it is refused."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any

import msgspec

from contacts.addresses import BadAddressError, normalise_email, normalise_phone
from contacts.fields import field_of_trait
from contacts.models import Identity
from contacts.resolving import Hint
from touchpoints.facts import BadFactError, Fact, check_moment
from touchpoints.kinds import ALIASES

LARGEST_ITEM = 32_768
LONGEST_ID = 300
MONEY_KINDS = {"purchase", "refund"}
CONTEXT_KEPT = ("page", "campaign", "locale", "timezone", "library", "app", "screen")


class Item(msgspec.Struct):
    """One item as clients send it; unknown members are ignored."""

    type: str | None = None
    messageId: str | None = None  # noqa: N815 - the spec's own names
    userId: str | int | None = None  # noqa: N815
    anonymousId: str | int | None = None  # noqa: N815
    previousId: str | int | None = None  # noqa: N815
    groupId: str | int | None = None  # noqa: N815
    event: str | None = None
    name: str | None = None
    category: str | None = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: dict[str, Any] | None = None
    timestamp: str | None = None
    originalTimestamp: str | None = None  # noqa: N815
    sentAt: str | None = None  # noqa: N815


class RefusedError(ValueError):
    """This item cannot be kept; the message is the reason the client is told."""


_decode = msgspec.json.Decoder(Item).decode


def read_item(raw: bytes | msgspec.Raw, *, now: datetime, trusted: bool, kind: str | None = None) -> Fact:
    """The fact inside one item, or RefusedError. `trusted`: it came with a server key. `kind`: set by the path."""
    if len(raw) > LARGEST_ITEM:
        raise RefusedError("larger than 32 kB")
    try:
        item = _decode(raw)
    except msgspec.DecodeError as error:
        raise RefusedError(str(error)) from error
    item.type = kind or item.type
    build = BUILDERS.get(item.type or "")
    if build is None:
        raise RefusedError(f"type is {item.type!r}; known are {', '.join(BUILDERS)}")
    fact = build(item)
    fact.external_id = _external_id(item, raw)
    fact.occurred_at = _moment(item, now)
    fact.hints = _hints(item, trusted=trusted)
    _add_context(fact, item)
    if not trusted and fact.kind in MONEY_KINDS:
        fact.weight_milli = 0  # anybody can write a purchase with a public key: it is shown, it does not score
    return fact


def _track(item: Item) -> Fact:
    if not item.event:
        raise RefusedError("track needs an event")
    name = item.event.strip()[:80]
    kind = ALIASES.get(name.lower(), name)
    fact = Fact(kind, "", payload=dict(item.properties or {}))
    if kind in MONEY_KINDS:
        fact.value_minor, fact.currency = _money(item.properties or {})
    rating = (item.properties or {}).get("rating")
    if kind in {"review", "rating"} and isinstance(rating, int | float) and 1 <= rating <= 5:
        fact.sentiment_milli = round((rating - 3) * 500)
    return fact


def _page(item: Item) -> Fact:
    return Fact("page", "", payload=_named(item))


def _screen(item: Item) -> Fact:
    return Fact("screen", "", payload=_named(item))


def _identify(item: Item) -> Fact:
    return Fact("identify", "", payload={}, profile=_profile(item.traits or {}))


def _group(item: Item) -> Fact:
    if item.groupId is None:
        raise RefusedError("group needs a groupId")
    return Fact("Group Joined", "", payload={"group_id": str(item.groupId), **(item.traits or {})})


def _alias(item: Item) -> Fact:
    if item.previousId is None or item.userId is None:
        raise RefusedError("alias needs previousId and userId")
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
            raise RefusedError("messageId is longer than 300 characters")
        return item.messageId
    return "sha-" + blake2b(bytes(raw), digest_size=16).hexdigest()


def _moment(item: Item, now: datetime) -> datetime | None:
    text = item.timestamp or item.originalTimestamp
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RefusedError(f"timestamp {text[:40]!r} is not ISO 8601") from error
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    try:
        check_moment(moment, now=now)
    except (BadFactError, OverflowError) as error:
        raise RefusedError(str(error)) from error
    return moment


def _hints(item: Item, *, trusted: bool) -> tuple[Hint, ...]:
    evidence = "your server said so" if trusted else "claimed in a browser"
    hints = []
    if item.userId not in {None, ""}:
        hints.append(Hint(Identity.Kind.EXTERNAL_ID.value, _id(item.userId), trusted, evidence))
    if item.anonymousId not in {None, ""}:
        hints.append(Hint(Identity.Kind.DEVICE.value, _id(item.anonymousId), False, evidence))
    traits = item.traits if item.type == "identify" and item.traits else (item.context or {}).get("traits")
    if isinstance(traits, dict):
        hints += _reachable_at(traits, trusted=trusted, evidence=evidence)
    if not hints:
        raise RefusedError("needs a userId or an anonymousId")
    return tuple(hints)


def _reachable_at(traits: dict[str, Any], *, trusted: bool, evidence: str) -> list[Hint]:
    """Email and phone, where the traits hold usable ones; others stay what they are, a trait."""
    found = []
    for name, kind, normalise in (
        ("email", Identity.Kind.EMAIL.value, normalise_email),
        ("phone", Identity.Kind.PHONE.value, normalise_phone),
    ):
        text = traits.get(name)
        if isinstance(text, str) and text.strip():
            try:
                found.append(Hint(kind, normalise(text), trusted, evidence))
            except BadAddressError:
                continue
    return found


def _profile(traits: dict[str, Any]) -> dict[str, Any]:
    """Traits by our names; the address fields as one line each."""
    profile: dict[str, Any] = {}
    address = traits.get("address")
    for name, value in {**traits, **(address if isinstance(address, dict) else {})}.items():
        if name in {"address", "phone"} or value is None:
            continue
        if name == "email":
            try:
                profile["email"] = normalise_email(str(value))
            except BadAddressError:
                continue
        else:
            field = field_of_trait(name)
            profile[field.name if field else name] = value
    if "name" not in profile and (profile.get("given_name") or profile.get("family_name")):
        profile["name"] = f"{profile.get('given_name', '')} {profile.get('family_name', '')}".strip()
    return profile


def _money(properties: dict[str, Any]) -> tuple[int | None, str | None]:
    amount = next((properties[key] for key in ("revenue", "total", "value") if properties.get(key) is not None), None)
    if amount is None:
        return None, None
    try:
        minor = int((Decimal(str(amount)) * 100).to_integral_value())
    except (InvalidOperation, ValueError) as error:
        raise RefusedError(f"revenue {str(amount)[:40]!r} is not a number") from error
    if abs(minor) > 10**15:
        raise RefusedError("revenue is out of bounds")
    currency = str(properties.get("currency") or "").upper()
    return minor, currency if len(currency) == 3 and currency.isascii() and currency.isalpha() else None


def _named(item: Item) -> dict[str, Any]:
    payload = dict(item.properties or {})
    if item.name:
        payload["name"] = item.name
    if item.category:
        payload["category"] = item.category
    return payload


def _add_context(fact: Fact, item: Item) -> None:
    """Keep what explains the moment; never the IP."""
    context = item.context
    if context:
        kept = {key: context[key] for key in CONTEXT_KEPT if context.get(key)}
        if kept:
            fact.payload = {**fact.payload, "context": kept}
    if item.sentAt:
        fact.payload = {**fact.payload, "sent_at": item.sentAt}


def _id(value: str | int | None) -> str:
    text = str(value).replace("\0", "").strip()
    if not 0 < len(text) <= LONGEST_ID:
        raise RefusedError("an id must have 1 to 300 characters")
    return text
