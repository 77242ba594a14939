"""What people did in an order, in words: "who first opened an email, then bought something, all within 30 days"."""

from collections.abc import Iterator
from typing import Any

from segments.words.patterns import Scene, longest_of
from segments.words.speech import BETWEEN, Heard, Words
from touchpoints.leaf_types.deeds import deed, deed_words
from touchpoints.leaf_types.which_words import and_which, which_words

MOST_READ = 8  # steps of one sentence: more than a rule may have, so that the rule can say so
FIRST = {"en": ("first",), "de": ("(erst|zuerst|zunächst)",)}
THEN = {
    "en": ("[,] [and] (then|afterwards|thereafter)", "[,] [and] after (that|this)"),
    "de": ("[haben|hat] [,] [und] (dann|danach|anschließend)",),
}
WITHIN = {
    "en": ("[,] [and] [all] [of] [it|this|that] (within|in) <days:n>",),
    "de": ("[haben|hat] [,] [und] [das|alles|dies] (innerhalb von|innerhalb|binnen|in) <days:n>",),
}


class SequenceWords(Words):
    """Reads the clause by hand: steps with "then" between them, the span before or behind all of them."""

    def hear(self, scene: Scene, place: int) -> Iterator[Heard]:
        if not _says_then(scene):
            return
        span = longest_of(WITHIN[scene.language], scene, place)
        end = span[0] if span else place
        while scene.word(end) in BETWEEN[scene.language]:
            end += 1
        begun = longest_of(FIRST[scene.language], scene, end)
        end, steps = _steps(scene, begun[0] if begun else end)
        if len(steps) > 1 and span is None and (span := longest_of(WITHIN[scene.language], scene, end)):
            end = span[0]
        if len(steps) > 1 and span is not None:
            yield Heard(end, {"sequence": {"steps": steps, "within_days": span[1]["n"]}})

    def keywords(self, language: str) -> set[str]:
        return {"erst", "zuerst", "dann", "danach"} if language == "de" else {"first", "then", "afterwards"}

    def say(self, argument: Any, language: str) -> str:
        steps = [
            " ".join(filter(None, [deed_words(step["kind"], language), which_words(step, language)]))
            for step in argument["steps"]
        ]
        days = argument["within_days"]
        if language == "de":
            return f"die innerhalb von {days} Tagen erst {', dann '.join(steps)} haben"
        return f"who first {', then '.join(steps)}, all within {days} days"


def _says_then(scene: Scene) -> bool:
    """Whether there is a "then" anywhere in the sentence; without one, nothing has to be looked for."""
    words = (
        ("dann", "danach", "anschließend") if scene.language == "de" else ("then", "afterwards", "thereafter", "after")
    )
    return bool(scene.look_up("then", lambda: any(scene.word(place) in words for place in range(len(scene.tokens)))))


def _steps(scene: Scene, place: int) -> tuple[int, list[dict[str, Any]]]:
    """Deeds with "then" between them, and where the last one ends."""
    steps: list[dict[str, Any]] = []
    end = place
    for _step in range(MOST_READ):
        start = end
        if steps:
            joint = longest_of(THEN[scene.language], scene, end)
            if joint is None:
                break
            start = joint[0]
        found = max(deed(scene, start), key=lambda one: one[0], default=None)
        if found is None:
            break
        step: dict[str, Any] = {"kind": found[1]}
        end = and_which(scene, found[0], step)
        steps.append(step)
    return end, steps
