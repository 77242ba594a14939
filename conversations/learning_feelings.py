"""Corrections by people train: each night what a workspace's own people said of feelings is learnt, for each language.

What is learnt is used only where it is surely better than as shipped and no worse than what was used before, on the
newest fifth of the corrections, which it never saw. Corrections alone are a poor teacher, as people correct what is wrong:
what they answered and left as it was judged counts too, lightly, and must go on being judged so.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Count, Max

from conversations.classifying import engine_for, kind_of, own_words
from conversations.engines.learning import Figures, Learnt, Taught, learn, shipped_chances
from conversations.engines.linear import LABELS
from conversations.engines.protocol import Text
from conversations.learnt_engine import WORK, forget_learnt
from conversations.models import LearntFeelings, Mention
from workspaces.auditing import audit
from workspaces.current import working_in
from workspaces.models import User, Workspace

FEWEST, FEWEST_ELSEWHERE = 50, 250  # corrections, in a language that an engine speaks, and in one that none does
FEWEST_NEW = 10  # with fewer since the last time nothing is learnt anew
FEWEST_HELD_OUT = 10
MOST = 5_000
LEFT_WEIGHT = 0.3
SAME_AS_BEFORE = 0.97  # of what people left as it was, so much must be judged as before
SURELY = 1.64  # standard errors of a difference: one-sided, 5 %
LEAST_RECALL = 0.45  # in a language that no engine speaks: guessing finds a third
State = LearntFeelings.State
__all__ = ["WORK", "corrections_by_language", "learn_language", "learn_tonight", "use_shipped", "use_version"]


@dataclass(frozen=True, slots=True)
class Lesson:
    """One language's texts: what people corrected, oldest first, and what they left as it was judged."""

    language: str
    corrected: list[Taught]
    left: list[Taught]
    until: datetime | None


def learn_tonight(workspace: Workspace) -> None:
    """The agenda's work: each language of which enough is new. May be repeated: what has taught before teaches no more."""
    with working_in(workspace):
        languages = _corrected().values_list("language", flat=True).distinct().order_by("language")
        for language in list(languages):
            learn_language(language)


@transaction.atomic
def learn_language(language: str, *, by: User | None = None) -> LearntFeelings | None:
    """Learn from the corrections of a language, and use it where it is no worse. None where too little is new."""
    lesson, last = lesson_of(language), LearntFeelings.objects.filter(language=language).order_by("-version").first()
    speaks = engine_for(language) is not None
    if len(lesson.corrected) < (FEWEST if speaks else FEWEST_ELSEWHERE) or lesson.until is None:
        return None
    seen = last.learnt_until if last else None
    if seen is not None and _corrected().filter(language=language, corrected_at__gt=seen).count() < FEWEST_NEW:
        return None
    held_out = max(FEWEST_HELD_OUT, len(lesson.corrected) // 5)
    taught, tested = lesson.corrected[:-held_out], lesson.corrected[-held_out:]
    if len({one.label for one in taught}) < len(LABELS):
        return None
    learnt = learn([*taught, *lesson.left], scores_of(language, [*taught, *lesson.left]))
    figures = _measure(language, learnt, tested, lesson.left)
    row = LearntFeelings(language=language, version=last.version + 1 if last else 1, weights=learnt.packed())
    row.figures, row.learnt_until = figures, lesson.until
    row.taught_count, row.left_count = len(taught), len(lesson.left)
    row.state = State.USED if _is_no_worse(figures, speaks=speaks) else State.WORSE
    if row.state == State.USED:
        LearntFeelings.objects.filter(language=language, state=State.USED).update(state=State.BEFORE)
    row.save()
    audit("feelings.learnt", by=by, target=row, used=row.state == State.USED, language=language)
    forget_learnt()
    return row


@transaction.atomic
def use_version(row: LearntFeelings, *, by: User | None) -> None:
    """From now on what comes is judged by this version. What was judged stays as it is. May be repeated."""
    LearntFeelings.objects.filter(language=row.language, state=State.USED).exclude(pk=row.pk).update(state=State.BEFORE)
    LearntFeelings.objects.filter(pk=row.pk).update(state=State.USED, changed_by_id=by.pk if by else None)
    audit("feelings.used", by=by, target=row, language=row.language)
    forget_learnt()


@transaction.atomic
def use_shipped(language: str, *, by: User | None) -> None:
    """From now on this language is judged as the product came. A later night may learn again. May be repeated."""
    rows = LearntFeelings.objects.filter(language=language, state=State.USED)
    for row in rows:
        audit("feelings.taken_back", by=by, target=row, language=language)
    rows.update(state=State.UNDONE, changed_by_id=by.pk if by else None)
    forget_learnt()


def corrections_by_language() -> list[tuple[str, int]]:
    """(language, how many corrections may teach it), the most first. One query."""
    counted = _corrected().order_by().values_list("language").annotate(count=Count("pk"))
    return sorted(counted, key=lambda one: (-one[1], one[0]))


def scores_of(language: str, taught: Sequence[Taught]) -> np.ndarray:
    """What the shipped engine says of these; nothing in a language that none speaks."""
    engine: Any = engine_for(language)
    texts = [one.text for one in taught]
    return np.asarray(engine.scores(texts)) if engine else np.zeros((len(texts), len(LABELS)))


def _measure(language: str, learnt: Learnt, tested: Sequence[Taught], left: Sequence[Taught]) -> dict[str, Any]:
    """On what was held out: as shipped, by what is in use, by what was learnt; and how much is judged as it was left."""
    labels, scores = np.array([one.label for one in tested]), scores_of(language, tested)
    texts = [one.text for one in tested]
    used = LearntFeelings.objects.filter(language=language, state=State.USED).first()
    ways = {"shipped": shipped_chances(scores), "learnt": learnt.chances(texts, scores)}
    if used is not None:
        ways["used"] = Learnt.unpacked(bytes(used.weights), str(used.version)).chances(texts, scores)
    told: dict[str, Any] = {name: asdict(Figures.of(labels, chances)) for name, chances in ways.items()}
    kept = learnt.chances([one.text for one in left], scores_of(language, left)).argmax(axis=1) if left else np.zeros(0)
    same = float(np.mean(kept == np.array([one.label for one in left]))) if left else 1.0
    right = {name: chances.argmax(axis=1) == labels for name, chances in ways.items()}
    mended = int(np.sum(right["learnt"] & ~right["shipped"]))
    broken = int(np.sum(right["shipped"] & ~right["learnt"]))
    return told | {"left_alone": round(same, 4), "mended": mended, "broken": broken}


def _is_no_worse(figures: dict[str, Any], *, speaks: bool) -> bool:
    """Surely better than as shipped, no worse than what is in use; and what nobody corrected stays as it was.

    Surely: what it mends outweighs what it breaks by more than chance would in nineteen of twenty nights.
    """
    mended, broken, recall = figures["mended"], figures["broken"], figures["learnt"]["recall"]
    is_better = mended - broken >= SURELY * math.sqrt(mended + broken) > 0
    before = [figures[one]["recall"] for one in ("shipped", "used") if one in figures]
    least = max(before if speaks else [*before, LEAST_RECALL])
    return bool(is_better and recall >= least and figures["left_alone"] >= SAME_AS_BEFORE)


def _corrected() -> Any:
    rows = Mention.objects.filter(engine="person", deleted_at=None, twin_of=None, sentiment__in=LABELS)
    return rows.exclude(text="").exclude(language="").exclude(corrected_at=None)


def lesson_of(language: str) -> Lesson:
    """What may teach a language now, without what its writers quoted. Four queries at most."""
    rows = list(_corrected().filter(language=language).order_by("-corrected_at", "-pk")[:MOST])[::-1]
    until = _corrected().filter(language=language).aggregate(last=Max("corrected_at"))["last"]
    engine: Any = engine_for(language)
    left: Iterable[Mention] = []
    if engine is not None:
        alone = Mention.objects.filter(
            engine=engine.name, language=language, deleted_at=None, twin_of=None, rating=None
        )
        alone = alone.filter(sentiment__in=LABELS).exclude(answered_at=None).exclude(text="")
        left = alone.order_by("-published_at", "-pk")[: 3 * len(rows)]
    return Lesson(language, [_taught(one, 1.0) for one in rows], [_taught(one, LEFT_WEIGHT) for one in left], until)


def _taught(row: Mention, weight: float) -> Taught:
    text = Text(own_words(row.text), row.language, kind_of(row.network, row.rating))
    return Taught(text, LABELS.index(row.sentiment), weight)
