"""A long answer as several posts, cut where a sentence ends: else between words, and only in need inside one."""

import re
from collections.abc import Callable

from lib.graphemes import graphemes

# The best place first: after a paragraph, after a sentence, after a line, after a word.
ENDS = [re.compile(one) for one in (r"\n\s*\n", r"[.!?…。！？]+[\"'”’)\]]*\s+|[。！？]", r"\n", r"\s+")]
LEAST_SHARE = 0.4  # a place before this share of a post leaves too little in it


def cut_in_posts(text: str, fits: Callable[[str], bool]) -> list[str]:
    """The text as posts that each `fits`; their words are the text's, in its order."""
    posts, rest = list[str](), text.strip()
    while rest and not fits(rest):
        end = _end_of_first(rest, fits)
        posts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [*posts, rest] if rest else posts


def _end_of_first(text: str, fits: Callable[[str], bool]) -> int:
    """How many code points the first post takes; at least one letter."""
    most = _longest_that_fits(text, fits)
    for end in ENDS:
        places = [found.end() for found in end.finditer(text, 0, most + 1) if fits(text[: found.end()].rstrip())]
        if places and places[-1] >= most * LEAST_SHARE:
            return places[-1]
    return most


def _longest_that_fits(text: str, fits: Callable[[str], bool]) -> int:
    letters = graphemes(text[:20_000])
    low, high = 1, len(letters)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits("".join(letters[:middle])) else (low, middle - 1)
    return len("".join(letters[:low]))
