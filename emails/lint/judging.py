"""Judge the uses of features in twelve mail clients."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from emails.lint.clients import CLIENTS, WORD, Client
from emails.lint.fallbacks import HARMS, UNREADABLE, Fallback, Grade, Words, fallback_of
from emails.lint.notes import is_about
from emails.lint.support import NOT, PARTLY, SHOWS, support
from emails.lint.uses import Use

RESETS = {"none", "0", "0px", "normal", "initial", "inherit", "auto", "unset"}
HIDING, CLIPPING = {"css-overflow", "css-max-height"}, {"height", "max-height", "white-space"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one client does: `is_partly` shows the feature in part, with the `notes` that are about this email."""

    client: Client
    grade: Grade
    text: Words
    is_partly: bool
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """A feature that some clients do not show, the gravest verdict first. `blocks` are the ids of those that use it."""

    slug: str
    title: str
    verdicts: tuple[Verdict, ...]
    blocks: tuple[str, ...] = ()

    @property
    def grade(self) -> Grade:
        """The gravest."""
        return self.verdicts[0].grade

    @property
    def missing(self) -> list[str]:
        """The names of the clients without it."""
        return [one.client.name for one in self.verdicts if not one.is_partly]

    @property
    def partial(self) -> list[str]:
        """The names of the clients that show it in part."""
        return [one.client.name for one in self.verdicts if one.is_partly]

    @property
    def notes(self) -> list[str]:
        """What caniemail notes, in English, each once."""
        return list(dict.fromkeys(note for one in self.verdicts for note in one.notes))

    @property
    def sentence(self) -> str:
        """For a person: where, and what is seen instead."""
        where = ", ".join(one.client.name for one in self.verdicts if one.grade == self.grade)
        return _("%(where)s: %(instead)s") % {"where": where, "instead": self.verdicts[0].text}


def judge(uses: Iterable[Use], *, is_drawn: bool) -> list[Finding]:
    """What is not shown somewhere, the gravest first. `is_drawn`: our blocks drew the page."""
    by_slug: dict[str, list[Use]] = {}
    for use in uses:
        by_slug.setdefault(use.slug, []).append(use)
    found = [_finding(slug, list(dict.fromkeys(together)), is_drawn=is_drawn) for slug, together in by_slug.items()]
    return sorted((one for one in found if one), key=lambda one: (-one.grade, -len(one.verdicts)))


def _finding(slug: str, uses: list[Use], *, is_drawn: bool) -> Finding | None:
    verdicts, blocks = [], []
    for client in CLIENTS:
        lost = [one for one in uses if _is_lost(one, client.key)]
        if lost:
            verdicts.append(_verdict(slug, lost, client, is_drawn=is_drawn))
            blocks += [one.block for one in lost if one.block]
    if not verdicts:
        return None
    verdicts.sort(key=lambda one: -one.grade)
    return Finding(slug, support().features[slug].title, tuple(verdicts), tuple(dict.fromkeys(blocks)))


def _is_lost(use: Use, client: str) -> bool:
    """Whether this client does not do what the use asks for."""
    known = support()
    letter = known.letter(use.slug, client)
    if letter not in {NOT, PARTLY} or (client == WORD and not use.word_sees):
        return False
    if any(known.letter(one, client) not in {SHOWS, PARTLY} for one in use.within):
        return False  # what stands around it is missing already
    if use.slug in HIDING and ("display" in use.beside or not CLIPPING & use.beside):
        return False
    if use.name and use.slug != "css-display-none" and use.value in RESETS:
        return False
    return letter == NOT or any(_notes(use, client)) or not known.features[use.slug].on.get(client)


def _notes(use: Use, client: str) -> Iterator[str]:
    feature = support().features[use.slug]
    for number in feature.on.get(client, ()):
        if is_about(feature.notes[number], use):
            yield feature.notes[number]


def _verdict(slug: str, lost: list[Use], client: Client, *, is_drawn: bool) -> Verdict:
    is_partly = support().letter(slug, client.key) == PARTLY
    fallback = _fallback(slug, lost, client.key, is_drawn=is_drawn)
    grade = fallback.grade if fallback is UNREADABLE or not is_partly else min(fallback.grade, Grade.SIMPLER)
    notes = dict.fromkeys(note for use in lost for note in _notes(use, client.key))
    return Verdict(client, grade, fallback.text, is_partly, tuple(notes))


def _fallback(slug: str, lost: list[Use], client: str, *, is_drawn: bool) -> Fallback:
    harms = HARMS.get(slug)
    if harms and any(harms(use) for use in lost):
        return UNREADABLE
    found = fallback_of(slug)
    if is_drawn and client in found.drawn_on:
        return Fallback(Grade.SAME, _("laid out by tables of its own"))
    return found
