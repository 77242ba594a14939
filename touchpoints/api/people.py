"""Whom an item is about: the hints by which a person is recognised, and what it tells of them."""

from typing import Any

from contacts.addresses import BadAddressError, normalise_email, normalise_phone
from contacts.fields import field_of_trait
from contacts.models import Identity
from contacts.reserved_ids import names_nobody
from contacts.resolving import Hint
from touchpoints.api.decoding import LONGEST_ID, Item, RefusedError


def hints_in(item: Item, *, trusted: bool) -> tuple[Hint, ...]:
    """The ways to recognise the person, at least one. RefusedError.

    An id that is a stand-in for a missing one ("undefined") is left out: it would make one person of strangers.
    """
    evidence = "your server said so" if trusted else "claimed in a browser"
    hints = []
    if item.userId and not names_nobody(item.userId):
        hints.append(Hint(Identity.Kind.EXTERNAL_ID.value, _in_bounds(item.userId), trusted, evidence))
    if item.anonymousId and not names_nobody(item.anonymousId):
        hints.append(Hint(Identity.Kind.DEVICE.value, _in_bounds(item.anonymousId), False, evidence))
    traits = item.traits if item.type == "identify" and item.traits else item.context.get("traits")
    if isinstance(traits, dict):
        hints += _reachable_at(traits, trusted=trusted, evidence=evidence)
    if not hints:
        nobody = item.userId or item.anonymousId
        raise RefusedError(
            f"the id {nobody[:40]!r} names nobody, and nothing else says who it was"
            if nobody
            else "needs a userId or an anonymousId"
        )
    return tuple(hints)


def profile_in(traits: dict[str, Any]) -> dict[str, Any]:
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


def _in_bounds(id_: str) -> str:
    if len(id_) > LONGEST_ID:
        raise RefusedError(f"an id must have 1 to {LONGEST_ID} characters")
    return id_
