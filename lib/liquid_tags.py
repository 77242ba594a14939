"""Where Liquid's tags stand in a text, so that what works on the words around them leaves them alone."""

import html
import re
from collections.abc import Callable

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)


def around_tags(text: str, change: Callable[[str], str]) -> str:
    """The text with `change` done to each piece between its tags; the tags stay as they are."""
    pieces, at = [], 0
    for found in TAG.finditer(text):
        pieces += [change(text[at : found.start()]), found[0]]
        at = found.end()
    return "".join([*pieces, change(text[at:])])


def escape_words(text: str) -> str:
    """The text for markup: escaped, but for its tags."""
    return around_tags(text, html.escape)
