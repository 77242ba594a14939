"""Undoing: what a file or a colleague wrote down by mistake reads as if it had never been said, which is not a no.

Nothing is taken out of the ledger: a row in the state "undone" names the word that does not count.
"""

from collections.abc import Collection
from typing import NamedTuple

from django.db import transaction

from consent.consenting import tell_of_words
from consent.models import Consent
from consent.news import tracking_changed
from lib.clock import now
from lib.sql import array_of, numbers_of, run_sql
from workspaces.current import current_workspace_id


class Lifted(NamedTuple):
    """What became of the next entries of the suppression list: the last id, how many were lifted, how many others asked for."""

    after: int
    lifted: int
    kept: int
    seen: int


@transaction.atomic
def undo_words(word_ids: Collection[int], *, by_id: int | None = None) -> set[int]:
    """These words were never said: what counts then is what was said before or since. Returns whose they are.

    One statement and the settling, whatever the number. May be repeated: an undone word is undone once.
    """
    if not word_ids:
        return set()
    params = {"words": array_of(sorted(word_ids)), "by": by_id, **_usual(), **numbers_of(Consent.State)}
    whose = {row[0] for row in run_sql("consent/undo_words", params)}
    if whose:
        tell_of_words(sorted(whose))
    return whose


@transaction.atomic
def undo_tracking(contact_ids: Collection[int], *, source: str, by_id: int | None = None) -> set[int]:
    """What this source said of measuring these people was never said, where they said nothing since. Returns whose."""
    if not contact_ids:
        return set()
    params = {"contacts": array_of(sorted(contact_ids)), "source": source[:120], "by": by_id, **_usual()}
    whose = {row[0] for row in run_sql("consent/undo_tracking", params)}
    if whose:
        tracking_changed.tell(contact_ids=sorted(whose))
    return whose


@transaction.atomic
def take_back_asking(source: str, *, after: int, limit: int) -> Lifted:
    """The source no longer asks for the next entries of the suppression list behind an id; lifted is what nobody else does.

    Whoever has such an address is told of by who knows them: the list itself does not.
    """
    rows = run_sql("consent/lift_asked", {"source": source[:200], "after": after, "limit": limit, **_usual()})
    ids = [row[0] for row in rows]
    return Lifted(max(ids, default=after), sum(row[1] for row in rows), sum(row[2] for row in rows), len(rows))


def _usual() -> dict[str, object]:
    return {"workspace": current_workspace_id(), "now": now()}
