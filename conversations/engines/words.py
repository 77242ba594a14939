"""The words of a text, as every part of the English engine reads them: its weights were fitted on these."""

import re
from functools import cache
from typing import Any

LONGEST = 4_000  # letters read of one text: a whole post, and the beginning of an essay
MARKS = re.compile(r"(https?://\S+|www\.\S+)|(@\w+)|(\d+(?:[.,:]\d+)*)|(.)\4{3,}", re.DOTALL)
TOKENS = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[!?]+|[:;=]-?[()DPp/|\\]|[^\w\s.,;:\"“”()\[\]*_~<>|/\\–—-]")


@cache
def analyser() -> Any:
    """VADER's word list and rules, as its authors made them (MIT)."""
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer  # noqa: PLC0415 - 40 ms of word lists

    return SentimentIntensityAnalyzer()


def words_of(text: str, *, name_emoji: bool = True) -> list[str]:
    """The text's words and marks in small letters.

    Links, people, numbers and long rows of a letter are made equal; an emoji becomes its (English) name where asked.
    """
    plain = text[:LONGEST].replace("&amp;", "&").replace("’", "'")
    if name_emoji and not plain.isascii():
        plain = plain.translate(_emoji_names())
    return TOKENS.findall(MARKS.sub(_mark, plain).lower())


@cache
def _emoji_names() -> dict[int, str]:
    return {ord(sign): f" {name} " for sign, name in analyser().emojis.items() if len(sign) == 1}


def _mark(found: re.Match[str]) -> str:
    if found.group(1):
        return " http "
    if found.group(2):
        return " @ "
    return " 0 " if found.group(3) else found.group(4) * 3
