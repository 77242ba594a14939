"""Words that say that somebody is in danger or cannot wait: what holds one is answered by the time for what is urgent.

Shipped by language; a workspace that keeps its own list has these looked for in every text, whatever its language: a maker
of kettles fears other words than a bank.
"""

import re
import time
from collections.abc import Sequence
from functools import cache

from django.db import transaction

from conversations.models import UrgentWords
from workspaces.auditing import audit
from workspaces.current import current_workspace_id, open_workspace
from workspaces.models import User
from workspaces.owned import hold_single

REMEMBERED_SECONDS = 60
LONGEST_WORD, MOST_WORDS = 60, 200
SHIPPED = {
    "en": ("urgent", "immediately", "asap", "dangerous", "burned", "burnt", "fire", "injured", "hurt", "lawyer",
           "legal action", "police", "allergic", "recall"),
    "de": ("dringend", "sofort", "gefährlich", "verbrannt", "brand", "verletzt", "anwalt", "polizei", "allergisch",
           "rückruf"),
}  # fmt: skip
_remembered: dict[int, tuple[float, tuple[str, ...] | None]] = {}


def is_urgent(text: str, language: str) -> bool:
    """Whether it holds a word of danger, as a whole word, in any case. One query a minute."""
    words = _own_words()
    if words is None:
        words = SHIPPED.get(language, ())
    return bool(words) and _pattern(words).search(text) is not None


def urgent_words() -> UrgentWords:
    """What holds in the open workspace, for who changes it; not saved where the shipped words do."""
    return UrgentWords.objects.first() or _shipped()


def hold_urgent_words() -> UrgentWords:
    """What `urgent_words` says; nobody else changes it until the transaction ends."""
    return hold_single(UrgentWords) or _shipped()


@transaction.atomic
def keep_urgent_words(words: Sequence[str], *, by: User) -> None:
    """From now on these are words of danger, within a minute in every process; none: the shipped ones are again."""
    hold_single(UrgentWords)
    if words and list(words) != _all_shipped():
        UrgentWords.objects.update_or_create(defaults={"words": "\n".join(words)})
    else:
        UrgentWords.objects.all().delete()
    audit("inbox.urgent_words", by=by, count=len(words))
    _remembered.pop(current_workspace_id(), None)


def _shipped() -> UrgentWords:
    return UrgentWords(words="\n".join(_all_shipped()))


def _all_shipped() -> list[str]:
    return [word for words in SHIPPED.values() for word in words]


def _own_words() -> tuple[str, ...] | None:
    """The list of the open workspace, remembered for a minute; None where it keeps none, or none is open."""
    workspace = open_workspace()
    if workspace is None:
        return None
    pk, moment = int(workspace.pk), time.monotonic()
    kept = _remembered.get(pk)
    if kept is None or kept[0] < moment:
        if len(_remembered) > 200:
            _remembered.clear()
        row = UrgentWords.objects.first()
        kept = _remembered[pk] = moment + REMEMBERED_SECONDS, tuple(row.words.split("\n")) if row else None
    return kept[1]


@cache
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    each = "|".join(r"\s+".join(map(re.escape, word.split())) for word in words)
    return re.compile(rf"(?<!\w)(?:{each})(?!\w)", re.IGNORECASE)
