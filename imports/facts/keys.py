"""What makes an order or a visit the same one in every file of the workspace, whatever program wrote it."""

from hashlib import blake2b
from uuid import UUID

from contacts.folding import fold_case


def key_of_order(shop: str, number: str) -> UUID:
    """By the shop (where somebody named one: two shops may count alike) and the number, without # and case."""
    return _key("order", fold_case(shop.strip()), fold_case(number.strip().lstrip("#").strip()))


def key_of_visit(event: str, person: str, day: str) -> UUID:
    """By the event, what the person is recognised by, and the day of the event; several tickets are one visit.

    The address counts, not the contact: contacts may be merged or made anew, and the file says the same.
    """
    return _key("visit", fold_case(event.strip()), fold_case(person), day)


def _key(*parts: str) -> UUID:
    return UUID(bytes=blake2b("\0".join(parts).encode(), digest_size=16).digest())
