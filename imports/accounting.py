"""The account of a file for people: how many rows say what about consent, and where each of its cells went."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from imports.judging import Word

SAYS = {
    "silent": _("say nothing themselves: your legal basis decides"),
    Word.YES.value: _("agreed"),
    Word.NO.value: _("no consent"),
    Word.UNCLEAR.value: _("not understood: no consent"),
    Word.OPTED_OUT.value: _("unsubscribed: do not contact"),
    Word.BOUNCED.value: _("address does not work"),
    Word.COMPLAINED.value: _("marked us as spam"),
}
CELLS = {
    "taken": (_("taken in"), "fill-accent"),
    "empty": (_("empty"), "track"),
    "left_out": (_("left out by you"), "fill-mute"),
    "noted": (_("noted in the report"), "fill-warn"),
    "refused": (_("in rows that did not come in"), "fill-negative"),
}
WIDTH = 1000


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the bar in which every cell has a place."""

    label: Any
    tone: str
    count: int
    start: int
    width: int


def consent_counts(words: Mapping[str, int]) -> list[tuple[Any, int]]:
    """(what rows say of consent, how many), if any says something."""
    if not set(words) - {"silent"}:
        return []
    return [(label, words[word]) for word, label in SAYS.items() if words.get(word)]


def cell_counts(cells: Mapping[str, int]) -> list[Part]:
    """The cells by what became of them, as stretches of one bar."""
    total, at, parts = sum(cells.values()), 0, []
    for name, (label, tone) in CELLS.items():
        if count := cells.get(name, 0):
            width = round(count / total * WIDTH) or 1
            parts.append(Part(label, tone, count, at, width))
            at += width
    return parts
