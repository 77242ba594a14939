"""Rows of one person in one file: the first counts, and the most restrictive word about consent that any of them says.

What was seen is kept beside the file as well, for as long as the file is: another process that goes on with the import
reads neither the rows before nor those behind. Where that is lost it is found anew from the file.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext as _

from contacts.duplicates.gathering import is_function
from imports.drafts import Draft
from imports.judging import Word, worst
from imports.sharing import named_in

SOMEBODY = "\n"  # behind a function's mailbox: of any row that names a person; no address and no name ends so
Noes = dict[str, tuple[Word | None, frozenset[int]]]


@dataclass(slots=True)
class Twins:
    """`lines`: hash of a person's key → the first line of the rows done; `noes`: key → the worst word of the whole file.

    `fresh` are the (line, key) that were not kept yet.
    """

    lines: dict[int, int] = field(default_factory=dict)
    noes: Noes = field(default_factory=dict)
    fresh: list[tuple[int, str]] = field(default_factory=list)

    def first_line(self, draft: Draft) -> int:
        """The line on which this person stands first."""
        key = told_apart(draft, draft.key)
        first = self.lines.setdefault(hash(key), draft.line)
        if first == draft.line:
            self.fresh.append((first, key))
        return first

    def temper(self, draft: Draft) -> None:
        """Let a draft say no where another row of the person does; the row says so."""
        if not self.noes:
            return
        for key in dict.fromkeys([*_keys(draft), *_mailboxes(draft)]):
            word, off = self.noes.get(key, (None, frozenset()))
            draft.others_off |= off
            if word is not None and worst((draft.word, word)) is not draft.word:
                draft.word = word
                draft.notes.append(_("Another row of this person says no: the no counts."))

    def hear(self, draft: Draft) -> None:
        """Remember what a row of the file says against being written to."""
        if draft.word in {None, Word.YES} and not draft.others_off:
            return
        for key in [*_keys(draft), *_named_mailboxes(draft)]:
            word, off = self.noes.get(key, (None, frozenset()))
            no = draft.word if draft.word is not Word.YES else None
            self.noes[key] = (worst((word, no)), off | draft.others_off)


def keep_noes(path: Path, noes: Noes) -> None:
    """Keep the noes of a file beside it."""
    said = {key: (word and word.value, sorted(off)) for key, (word, off) in noes.items()}
    _write(_noes_beside(path), json.dumps(said), "w")


def keep_lines(path: Path, twins: Twins, *, before: int, after: int) -> None:
    """Keep the keys of the rows from the one behind `before` to `after`, of the file at this path."""
    _write(_lines_beside(path), json.dumps([before, after, twins.fresh]) + "\n", "a" if before else "w")
    twins.fresh = []


def recall(path: Path, *, done: int) -> Twins | None:
    """What was kept of a file of whose rows so many are done; None where not all of it is there."""
    twins, reached = Twins(), 0
    with suppress(OSError, ValueError):
        said = json.loads(_noes_beside(path).read_text())
        twins.noes = {key: (Word(word) if word else None, frozenset(off)) for key, (word, off) in said.items()}
        for line in _lines_beside(path).read_text().splitlines() if done else ():
            before, after, pairs = json.loads(line)
            if before <= reached < after <= done:  # what a killed slice wrote is done again, maybe in other slices
                reached = after
                for number, key in pairs:
                    twins.lines.setdefault(hash(key), number)
        return twins if reached == done else None
    return None


def forget(path: Path) -> None:
    """Remove a file that was imported, and what was kept beside it. May be repeated."""
    for one in (path, _noes_beside(path), _lines_beside(path)):
        one.unlink(missing_ok=True)


def _noes_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.noes")


def _lines_beside(path: Path) -> Path:
    return path.with_name(f"{path.name}.seen")


def _write(path: Path, text: str, mode: str) -> None:
    with suppress(OSError), path.open(mode) as file:
        path.chmod(0o600)
        file.write(text)


def _keys(draft: Draft) -> list[str]:
    """What another row of the same person would share; phones are shared by families, so only where no email tells;
    a function's mailbox by an office, so with the name.
    """
    values = [*(told_apart(draft, one) for one in draft.emails), *draft.external_ids, *draft.handles]
    return values if draft.emails else [*values, *draft.phones]


def _mailboxes(draft: Draft) -> list[str]:
    """Where a no stands that may be this person's: of a row that names nobody; for such a row, of whoever was named."""
    return draft.emails if named_in(draft) else [f"{one}{SOMEBODY}" for one in draft.emails]


def _named_mailboxes(draft: Draft) -> list[str]:
    """The mailboxes of functions that this row names somebody of."""
    return [f"{one}{SOMEBODY}" for one in draft.emails if is_function(one)] if named_in(draft) else []


def told_apart(draft: Draft, key: str) -> str:
    """The key with the row's name where it is a function's mailbox, which tells nobody apart."""
    if draft.emails and key in draft.emails and is_function(key):
        return f"{key} {named_in(draft)}".strip()
    return key
