"""Giving codes to the readers of a message at the moment it is claimed, and what a look at it shows instead."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from emails.models import OfferPool
from emails.news import codes_moved
from emails.offers.generating import sample_code
from emails.offers.reading import OFFER, keys_written, pools_named
from lib.clock import now
from lib.sql import array_of, read_sql, run_prepared, run_text
from workspaces.current import current_workspace_id

GONE, OVER = "codes_gone", "offer_over"


@dataclass(slots=True)
class Given:
    """Contact → {key: code}, and who goes without and why (GONE, OVER)."""

    codes: dict[int, dict[str, str]] = field(default_factory=dict)
    without: dict[int, str] = field(default_factory=dict)


def give_codes(keys: Sequence[str], contact_ids: Collection[int], *, message_id: int, occasion: int = 0) -> Given:
    """Each of them has a code of each of these pools afterwards, or stands in `without` and has none.

    Who has one for this message and occasion keeps it: may be repeated. Nobody shares a unique code, whatever other
    workers do. One statement, and one for each pool of unique codes; one more for a pool whose codes nobody gets after
    all. Call inside the transaction that claims them.
    """
    given = Given({one: {} for one in contact_ids})
    if not contact_ids:
        return given
    pools = pools_named(keys)
    if any(key not in pools or pools[key].is_over for key in keys):
        return Given({}, dict.fromkeys(contact_ids, OVER))
    fresh: list[tuple[OfferPool, set[int]]] = []
    for key in keys:
        pool = pools[key]
        if pool.is_shared:
            for mine in given.codes.values():
                mine[key] = pool.shared_code
            continue
        found = _give(pool, given.codes, message_id, occasion)
        fresh.append((pool, {who for who, (_code, is_new) in found.items() if is_new}))
        for who in [one for one in given.codes if one not in found]:
            given.without[who] = GONE
            del given.codes[who]
        for who, mine in given.codes.items():
            mine[key] = found[who][0]
    for pool, new in fresh:
        if back := new & given.without.keys():
            _free(pool, back, message_id, occasion)
    _tell({one for _pool, new in fresh for one in new} - given.without.keys())
    return given


def _tell(contact_ids: set[int]) -> None:
    if contact_ids:
        codes_moved.tell(contact_ids=sorted(contact_ids))


def _give(pool: OfferPool, contact_ids: Collection[int], message_id: int, occasion: int) -> dict[int, tuple[str, bool]]:
    params = _of(pool, contact_ids, message_id, occasion) | {"at": now()}
    return {who: (code, is_new) for who, code, is_new in run_prepared(read_sql("emails/give_codes"), params)}


def _free(pool: OfferPool, contact_ids: Collection[int], message_id: int, occasion: int) -> None:
    run_text(read_sql("emails/free_codes"), _of(pool, contact_ids, message_id, occasion))


def _of(pool: OfferPool, contact_ids: Collection[int], message_id: int, occasion: int) -> dict[str, Any]:
    return {
        "workspace": current_workspace_id(),
        "pool": pool.pk,
        "contacts": array_of(sorted(contact_ids)),
        "message": message_id,
        "occasion": occasion,
    }


def sample_codes(*texts: str) -> Mapping[str, Any]:
    """The field of offers for a look at texts that name some: codes that are nobody's. One statement, none without."""
    if not (keys := keys_written(*texts)):
        return {}
    pools = pools_named(keys).values()
    return {OFFER: {one.key: one.shared_code if one.is_shared else sample_code(one) for one in pools}}
