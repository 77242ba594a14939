"""Pools of codes for tests; call inside working_in."""

from itertools import count

from emails.models import OfferCode, OfferPool
from emails.offers.adding import add_codes
from emails.offers.keeping import make_pool

_numbers = count(1)


def make_offer(codes: int | list[str] = 0, **facts) -> OfferPool:
    """A pool named Spring with its codes: SPRING-1, SPRING-2, …"""
    pool = make_pool({"name": "Spring", "key": "spring"} | facts, by=None)
    lines = [f"{pool.key.upper()}-{next(_numbers)}" for _ in range(codes)] if isinstance(codes, int) else codes
    if lines:
        add_codes(pool, lines, by=None)
    return pool


def codes_of(contact) -> list[str]:
    """The codes that are this person's."""
    return list(OfferCode.objects.filter(contact=contact).order_by("pk").values_list("code", flat=True))
