"""Codes that come from elsewhere: pasted lines, or a file of them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import batched

from django.db import transaction

from emails.models import OfferPool
from emails.offers.reading import LONGEST_CODE, fold
from lib.clock import now
from lib.sql import array_of_texts, read_sql, run_text
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.models import User

SLICE, MOST = 50_000, 1_000_000
MOST_TOLD = 5


class NotTakenError(ValueError):
    """The pool takes no codes: everybody has the same one."""


class TooManyCodesError(ValueError):
    """More lines than are taken at once; nothing was added."""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of the lines: `known` were in a pool already or stood there twice, `refused` (line, code) cannot be codes."""

    added: int
    known: int
    refused: Sequence[tuple[int, str]]

    @property
    def told(self) -> str:
        """The first lines that were refused, by number."""
        return ", ".join(str(line) for line, _code in self.refused[:MOST_TOLD])


@transaction.atomic
def add_codes(pool: OfferPool, lines: Iterable[str], *, by: User | None) -> Added:
    """Take one code a line into the pool. May be repeated: what is known adds nothing. Empty lines do not count.

    A statement for each 50,000 lines. NotTakenError; TooManyCodesError for more than a million.
    """
    if pool.is_shared:
        raise NotTakenError
    refused: list[tuple[int, str]] = []
    seen = added = 0
    for some in batched(_codes(lines, refused), SLICE):
        seen += len(some)
        if seen > MOST:
            raise TooManyCodesError
        added += len(insert_codes(pool, some))
    audit("offer.codes_added", by=by, target=pool, count=added)
    return Added(added, seen - added, refused)


def insert_codes(pool: OfferPool, codes: Iterable[str]) -> list[str]:
    """Those of these codes that were new, folded. One statement."""
    folded = {fold(one): one for one in reversed(list(codes))}
    keys = sorted(folded)  # two who add the same at once wait for each other in one order
    params = {
        "workspace": current_workspace_id(),
        "pool": pool.pk,
        "codes": array_of_texts([folded[one] for one in keys]),
        "folded": array_of_texts(keys),
        "at": now(),
    }
    return [one for (one,) in run_text(read_sql("emails/add_codes"), params)]


def _codes(lines: Iterable[str], refused: list[tuple[int, str]]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        code = line.strip().strip('",;').strip()
        if not code:
            continue
        if len(code) > LONGEST_CODE or not code.isprintable():
            refused.append((number, code[:LONGEST_CODE]))
        else:
            yield code
