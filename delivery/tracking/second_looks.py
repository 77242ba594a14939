"""A machine that is only known by what it does next: what was taken for a person's a moment before is put right.

Signs come in batches that are cut by the clock. The half of a burst that came first was judged alone, so it is judged
again with the other half; and who steps into the trap was a machine for the minute before, too.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.core.cache import cache

from delivery.content.linking import HONEYPOT
from delivery.tracking.bot_detection import AROUND_THE_TRAP, HUMAN, MACHINE, Sign, given_away
from lib.sql import array_of, array_of_moments, run_sql
from touchpoints.correcting import Change, correct
from touchpoints.kinds import KINDS
from touchpoints.models import Correction
from workspaces.current import current_workspace_id

REMEMBERED_SECONDS = 180
CODES = {name: KINDS[name].code for name in ("opened", "clicked")}


class Earlier(NamedTuple):
    """A sign that stands in the ledger already, and how it counts."""

    id: UUID
    sign: Sign
    certainty: int


def signs_before(signs: Sequence[Sign]) -> list[Earlier]:
    """What stands in the ledger around these, of the same people and emails. One statement."""
    spans: dict[tuple[int, int], tuple[datetime, datetime]] = {}
    for sign in signs:
        first, last = spans.get(sign.who, (sign.at, sign.at))
        spans[sign.who] = (min(first, sign.at), max(last, sign.at))
    params = _whose(spans) | {
        "firsts": array_of_moments(first - AROUND_THE_TRAP for first, _last in spans.values()),
        "lasts": array_of_moments(last + AROUND_THE_TRAP for _first, last in spans.values()),
    }
    return [
        Earlier(id_, Sign(message, contact, at, "", False, link if is_click else None), certainty)
        for id_, message, contact, at, certainty, link, is_click in run_sql("delivery/signs_around", params)
    ]


def traps_before(signs: Sequence[Sign]) -> list[Sign]:
    """Who stepped into the trap a moment ago, in a batch before; those of this batch are remembered."""
    names = {_trap_of(sign): sign.who for sign in signs}
    kept: Mapping[str, datetime] = cache.get_many(list(names))
    fresh = {_trap_of(sign): sign.at for sign in signs if sign.link == HONEYPOT}
    if fresh:
        cache.set_many(fresh, REMEMBERED_SECONDS)
    return [Sign(*names[name], at, "", False, HONEYPOT) for name, at in kept.items() if name in names]


def put_right(signs: Sequence[Sign], earlier: Sequence[Earlier], link_counts: Mapping[int, int]) -> int:
    """Those of `earlier` that these signs give away count as a machine's from now on; returns how many. May be repeated."""
    stands = [one for one in earlier if one.certainty != MACHINE]
    if not stands:
        return 0
    known = [*signs, *(one.sign for one in earlier)]
    is_machine = given_away([one.sign for one in stands], known, link_counts)
    wrong = [one for one, found in zip(stands, is_machine, strict=True) if found]
    if wrong:
        correct([Change(one.id, Correction.Field.CERTAINTY, MACHINE) for one in wrong])
        run_sql("delivery/settle_signs", _whose({one.sign.who for one in wrong}) | {"human": HUMAN})
    return len(wrong)


def _whose(people: Iterable[tuple[int, int]]) -> dict[str, Any]:
    whose = list(people)
    return {
        "workspace": current_workspace_id(),
        "messages": array_of(message for message, _contact in whose),
        "contacts": array_of(contact for _message, contact in whose),
        **CODES,
    }


def _trap_of(sign: Sign) -> str:
    return f"trap:{current_workspace_id()}:{sign.message_id}:{sign.contact_id}"
