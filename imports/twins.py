"""Rows of one person in one file: the first counts, and the most restrictive word about consent that any of them says."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from imports.drafts import Draft
from imports.judging import Word, worst


@dataclass(slots=True)
class Twins:
    """`lines`: hash of a person's key → the first line of the rows done; `noes`: → the worst word of the whole file."""

    lines: dict[int, int] = field(default_factory=dict)
    noes: dict[int, tuple[Word | None, frozenset[int]]] = field(default_factory=dict)

    def first_line(self, draft: Draft) -> int:
        """The line on which this person stands first."""
        return self.lines.setdefault(hash(draft.key), draft.line)

    def temper(self, draft: Draft) -> None:
        """Let a draft say no where another row of the person does; the row says so."""
        for key in _keys(draft):
            word, off = self.noes.get(key, (None, frozenset()))
            draft.others_off |= off
            if word is not None and worst((draft.word, word)) is not draft.word:
                draft.word = word
                draft.notes.append(_("Another row of this person says no: the no counts."))


def read_twins(drafts: Iterable[Draft], *, done: int) -> Twins:
    """Who stands in the first `done` of these rows, and whose rows say no anywhere in them."""
    twins = Twins()
    for number, draft in enumerate(drafts):
        if draft.error:
            continue
        if number < done:
            twins.first_line(draft)
        if draft.word not in {None, Word.YES} or draft.others_off:
            for key in _keys(draft):
                word, off = twins.noes.get(key, (None, frozenset()))
                no = draft.word if draft.word is not Word.YES else None
                twins.noes[key] = (worst((word, no)), off | draft.others_off)
    return twins


def _keys(draft: Draft) -> list[int]:
    """What another row of the same person would share; phones are shared by families, so only where no email tells."""
    values = [*draft.emails, *draft.external_ids, *draft.handles]
    return [hash(one) for one in (values if draft.emails else [*values, *draft.phones])]
