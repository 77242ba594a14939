"""What a mention says: its language, its feeling, what it wants, whether it is urgent.

Engines speak some languages each; a text in any other is "unclear", never judged by a foreign word list. What a
person says about a mention always wins, and is written to the ledger as a correction.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import transaction

from conversations.conversation_state import refresh
from conversations.engines.linear import model
from conversations.engines.protocol import KINDS, UNCLEAR, Sentiment, SentimentEngine, Text
from conversations.engines.words import LONGEST
from conversations.learnt_engine import feel_as_learnt, plan_learning
from conversations.models import Mention
from conversations.recording_mentions import correct_facts
from conversations.urgency import is_urgent
from lib.clock import now
from workspaces.current import open_workspace
from workspaces.models import User

ENGINES = ("conversations.engines.linear.Linear",)
# The workspace's own language stands among those it is most often mistaken for.
COMMON = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "pt",
    "nl",
    "pl",
    "sv",
    "da",
    "no",
    "fi",
    "cs",
    "tr",
    "ru",
    "uk",
    "ar",
    "ja",
    "zh",
    "ko",
)
SURE_OF_LANGUAGE = 0.70
SURE_OF_ANOTHER_LANGUAGE = 0.90
SHORTEST_TEXT = 12
LONG_ENOUGH_TO_CONTRADICT = 25
COMPLAINS, ASKS_FOR = 0.50, 0.50  # docs/sentiment.md: what each bar finds, and how often rightly
REVIEWS = {"reviews", "google_reviews"}
COMMENTS = {"youtube", "reddit", "discourse", "community", "forum", "linkedin"}
MILLI = {"pos": 600, "neg": -600, "neu": 0, "unc": None}

COMPLAINT_WORDS = {
    "en": "broken broke breaks cracked cracks crack leaks leaking drips faulty defective refund useless terrible awful "
    "unacceptable disappointed disappointing ripoff scam joke worst complaint never~arrived not~working "
    "doesn't~work does~not~work stopped~working still~waiting no~answer money~back fed~up",
    "de": "kaputt defekt undicht tropft mangelhaft enttäuscht enttäuschend frechheit unverschämt beschwerde "
    "reklamation rückerstattung geld~zurück nie~angekommen funktioniert~nicht schlimmste warte~immer~noch "
    "keine~antwort",
}
PRAISE_WORDS = {
    "en": "love great perfect thanks thank~you wonderful brilliant amazing best delighted happy recommend beautiful",
    "de": "liebe toll perfekt danke wunderbar großartig beste begeistert empfehle schön super",
}
REQUEST_WORDS = {
    "en": "please can~you could~you would~you need want send change cancel call~me",
    "de": "bitte können~sie könnt~ihr ich~brauche ich~möchte schicken ändern stornieren rufen~sie",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything we understood of one text."""

    language: str
    sentiment: Sentiment
    intent: str
    is_urgent: bool
    complaint_words: tuple[str, ...] = ()

    @property
    def is_strong_complaint(self) -> bool:
        """Two words of complaint, or one in a text that is surely negative: enough to act without a person."""
        if self.intent != Mention.Intent.COMPLAINT:
            return False
        surely = self.sentiment.label == "neg" and self.sentiment.confidence >= 0.75
        return len(self.complaint_words) >= 2 or (bool(self.complaint_words) and surely)


def kind_of(network: str, rating: int | None) -> str:
    """Where such texts come from, one of KINDS: what is rated is a review, what stands below something else a comment."""
    return "review" if rating is not None or network in REVIEWS else "comment" if network in COMMENTS else "post"


def read_texts(
    texts: Sequence[tuple[str, str]],
    ratings: Sequence[int | None] | None = None,
    kinds: Sequence[str] | None = None,
) -> list[Reading]:
    """A reading for each (text, language the post itself names), in order. A star rating outweighs words.

    `kinds` are of engines.protocol.KINDS, each "post" where nothing is said. Of a long text its beginning is read.
    """
    stars = ratings or [None] * len(texts)
    sources = kinds or [KINDS[0]] * len(texts)
    items = [
        Text(text, find_language(text, own), kind)
        for (text, own), kind in zip(((own_words(said)[:LONGEST], tag) for said, tag in texts), sources, strict=True)
    ]
    felt: list[Sentiment] = [UNCLEAR] * len(items)
    for engine in _engines():
        mine = [i for i, item in enumerate(items) if item.language in engine.languages]
        for i, found in zip(mine, engine.analyse([items[i] for i in mine]), strict=True):
            felt[i] = found
    feel_as_learnt(items, felt, engine_for)
    return [_reading(item, found, star) for item, found, star in zip(items, felt, stars, strict=True)]


def own_words(text: str) -> str:
    """Without lines behind ">": there they repeat what somebody else wrote. All of it where nothing else is said."""
    if ">" not in text:
        return text
    return "\n".join(line for line in text.split("\n") if not line.startswith(">")).strip() or text


def find_language(text: str, own: str = "") -> str:
    """The language a text is in: a guess among the likely ones, where the post's own tag (a hint) does not agree, "".

    Many programs tag everything with their user's interface. The tag is believed unless the text surely contradicts it;
    English is believed of nothing whose words are not (engines.english), so that no foreign text is judged as English.
    Outside a workspace only the common languages are known.
    """
    subtag = own.replace("_", "-").split("-")[0].lower()
    is_tagged = re.fullmatch(r"[a-z]{2,3}", subtag) is not None and subtag != "und"
    plain = re.sub(r"https?://\S+|[@#]\S+", " ", text).strip()
    if is_tagged and subtag != "en" and len(plain) < LONG_ENOUGH_TO_CONTRADICT:
        return subtag
    identify = cache(partial(_identify, plain))
    is_english = model().english.speaks(plain, identify)
    if is_tagged and subtag != "en":
        language, sure = identify()
        contradicted = sure >= SURE_OF_ANOTHER_LANGUAGE and subtag in COMMON and (language != "en" or is_english)
        return language if contradicted else subtag
    if is_english or (is_english is None and is_tagged):
        return "en"
    language, sure = identify()
    return language if sure >= SURE_OF_LANGUAGE and language != "en" and len(plain) >= SHORTEST_TEXT else ""


@transaction.atomic
def correct_sentiment(mention: Mention, label: str, *, by: User) -> None:
    """A person says how a mention is meant; that wins from now on, in the scores too. May be repeated."""
    if label not in MILLI:
        raise ValueError(label)
    mention.sentiment, mention.sentiment_milli = label, MILLI[label]
    mention.confidence_milli, mention.engine, mention.corrected_by_id = 1000, "person", by.pk
    mention.corrected_at = now()
    corrected = ["engine", "corrected_by_id", "corrected_at"]
    mention.save(update_fields=["sentiment", "sentiment_milli", "confidence_milli", *corrected])
    plan_learning()
    correct_facts([mention], by_id=by.pk)
    refresh([mention.conversation_id])


def _reading(item: Text, felt: Sentiment, star: int | None) -> Reading:
    if star is not None:
        label = "pos" if star >= 4 else "neg" if star <= 2 else "neu"
        felt = Sentiment(label, (star - 3) / 2, 0.95, label, (f"{star}★",), "rating", "1", felt.intents)
    complaints = _words_in(item, COMPLAINT_WORDS)
    complains = bool(complaints) or felt.intents.get("complaint", 0) >= COMPLAINS
    if complains and felt.label == "pos" and star is None:
        felt = replace(felt, label="unc", confidence=min(felt.confidence, 0.49))  # praise in words of complaint: irony?
    intent = _intent(item, felt, complaints, is_rated=star is not None)
    return Reading(item.language, felt, intent, is_urgent(item.text, item.language), complaints)


def _intent(item: Text, felt: Sentiment, complaints: tuple[str, ...], *, is_rated: bool) -> str:
    """What a text wants: by words in the languages we have them of, by the engine's chances where it gives some."""
    negative, chances = felt.label == "neg", felt.intents
    complains = chances.get("complaint", 0) >= COMPLAINS and not (is_rated and felt.label == "pos")
    if complains or (complaints and (negative or len(complaints) >= 2)):
        return Mention.Intent.COMPLAINT
    if "?" in item.text or "？" in item.text or "؟" in item.text:
        return Mention.Intent.QUESTION
    if chances.get("request", 0) >= ASKS_FOR or (not negative and _words_in(item, REQUEST_WORDS)):
        return Mention.Intent.REQUEST
    if felt.label == "pos" or (not negative and _words_in(item, PRAISE_WORDS)):
        return Mention.Intent.PRAISE
    if negative and is_rated:
        return Mention.Intent.COMPLAINT
    return Mention.Intent.OTHER


def _words_in(item: Text, table: dict[str, str]) -> tuple[str, ...]:
    pattern = _pattern(table[item.language]) if item.language in table else None
    return tuple(sorted({found.lower() for found in pattern.findall(item.text)})) if pattern else ()


@cache
def _pattern(words: str) -> re.Pattern[str]:
    each = "|".join(re.escape(word).replace("\\~", r"\s+").replace("~", r"\s+") for word in words.split())
    return re.compile(rf"\b(?:{each})\b", re.IGNORECASE)


def engine_for(language: str) -> SentimentEngine | None:
    """The engine that speaks this language, where one does."""
    return next((one for one in _engines() if language in one.languages), None)


@cache
def _engines() -> tuple[SentimentEngine, ...]:
    found = []
    for name in getattr(settings, "SENTIMENT_ENGINES", ENGINES):
        module, _dot, cls = name.rpartition(".")
        found.append(getattr(import_module(module), cls)())
    return tuple(found)


def _identify(text: str) -> tuple[str, float]:
    opened = open_workspace()
    language, sure = _identifier(opened.locale[:2] if opened else "en").classify(text)
    return str(language), float(sure)


@cache
def _identifier(locale: str) -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # noqa: PLC0415 - loads its model

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(sorted({locale, *COMMON} & set(identifier.nb_classes)))
    return identifier
