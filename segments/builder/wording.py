"""The field "In words" of the builder, and what a rule is called in the list: its sentence."""

from dataclasses import dataclass

from django.core.cache import cache
from django.utils.translation import get_language

from segments.builder.drafting import in_shape
from segments.masking import identifying_paths
from segments.models import Segment
from segments.words.saying import sentence_of
from segments.words.understanding import Understood, rule_of
from workspaces.current import current_workspace_id

LANGUAGES = ("en", "de")
KEPT_SECONDS = 600  # a topic or an email that got another name is called by it after this
LONGEST_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a typed sentence; `is_unknown`: nobody understood it."""

    text: str
    is_unknown: bool = False


def understand(sentence: str) -> Understood:
    """What a sentence means in the page's language, else in the other one; else what the page's does not understand."""
    language = language_here()
    first = rule_of(sentence, language)
    if first.rule is not None or not sentence.strip():
        return first
    others = (rule_of(sentence, one) for one in LANGUAGES if one != language)
    return next((one for one in others if one.rule is not None), first)


def pieces_of(said: Understood) -> list[Piece]:
    """The sentence, cut where it is not understood."""
    found, place = [], 0
    for one in said.unknown:
        found += [Piece(said.sentence[place : one.start]), Piece(one.text, is_unknown=True)]
        place = one.end
    return [one for one in [*found, Piece(said.sentence[place:])] if one.text]


def sentences_of(segments: list[Segment], *, sees_names: bool) -> dict[int, str]:
    """Each segment's rule as a sentence in the page's language; kept for a while, for each costs a few look-ups."""
    language = language_here()
    keys = {
        f"segments.said.{current_workspace_id()}.{one.pk}.{one.version}.{language}.{sees_names}": one
        for one in segments
    }
    known = cache.get_many(list(keys))
    new = {}
    for key, one in keys.items():
        if key not in known:
            rule = in_shape(one.rule)
            hidden = [] if sees_names else identifying_paths(rule)
            new[key] = sentence_of(rule, language, hidden=hidden)
    if new:
        cache.set_many(new, KEPT_SECONDS)
    return {one.pk: shortened((known | new)[key]) for key, one in keys.items()}


def shortened(sentence: str) -> str:
    """The beginning of a very long sentence."""
    return sentence if len(sentence) <= LONGEST_SHOWN else f"{sentence[:LONGEST_SHOWN]}…"


def language_here() -> str:
    """The page's language, if words are read in it; else English."""
    language = (get_language() or "en")[:2]
    return language if language in LANGUAGES else "en"
