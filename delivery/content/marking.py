"""Places in an email's markup that are filled later: template tags, kept safe while the markup is worked on, and
the addresses that are different for everybody.

A tag travels as a plain word. Where it stands between the tags of HTML, a `{% … %}` travels as a comment instead: a
parser moves words out of a table and leaves comments where they are.

    take:  text with tags → text with words
    hide:  markup with words → the same with comments where only a comment stays in its place
    show:  back to words (and every `{% … %}` must be where it was, else BadTemplateError)
    put_back: words → tags
"""

import re
import secrets
from collections.abc import Iterator
from itertools import accumulate, zip_longest

from django.utils.translation import gettext as _

from lib.liquid_tags import TAG

# One a process: a person's own text cannot name a place.
NONCE = secrets.token_hex(5)
KEPT = re.compile(rf"k{NONCE}n(\d+)e")
PLACE = re.compile(rf"p{NONCE}([0-9]+|[a-z]+)e")
BEFORE_TAG = re.compile(rf"\n[ \n]*((?:k{NONCE}n\d+e[ ]*)+)(?=\n)")
HIDDEN = re.compile(rf"<!--(k{NONCE}n\d+e)-->")
# What Markdown makes of a line that holds nothing but a tag: a paragraph, or a row of a table.
LONELY = re.compile(
    rf"<p>\s*((?:k{NONCE}n\d+e\s*)+)</p>"
    rf"|<tr>\s*<t[dh][^>]*>\s*((?:k{NONCE}n\d+e\s*)+)</t[dh]>(?:\s*<t[dh][^>]*></t[dh]>)*\s*</tr>"
)
# A piece of markup: a comment, an element whose content is no markup, a tag (a ">" may stand between its quotes).
ATTRIBUTES = r"""(?:=\s*+(?:"[^"]*"|'[^']*')?|[^>=])*+"""
PIECE = re.compile(
    rf"<!--.*?(?:-->|\Z)|<[!?][^>]*>|<(style|script|title|textarea|mj-style|mj-title|mj-preview)\b({ATTRIBUTES})>(.*?)</\1\s*>"
    rf"|</?([a-z]{ATTRIBUTES})>|k{NONCE}n(\d+)e",
    re.DOTALL | re.IGNORECASE,
)
VALUE = re.compile(r"""=\s*(?:"[^"]*"|'[^']*'|[^\s"'>=]+)""")


class BadMarkupError(ValueError):
    """Template tags stand where an email's HTML cannot keep them; the text says which and where."""


class Keeper:
    """Takes template tags out of markup and puts them back when Markdown, MJML and CSS are done."""

    def __init__(self) -> None:
        self.tags: list[str] = []

    def take(self, text: str) -> str:
        """The markup with a plain word in each tag's place."""
        return TAG.sub(lambda match: self.keep(match[0]), text)

    def keep(self, tag: str) -> str:
        """A word that stands for this tag."""
        self.tags.append(tag)
        return f"k{NONCE}n{len(self.tags) - 1}e"

    def free_lonely(self, html: str) -> str:
        """Paragraphs and rows of Markdown that hold nothing but `{% … %}` vanish around it."""

        def free(match: re.Match[str]) -> str:
            inside = match[1] or match[2]
            return inside if all(self._is_block(number) for number in KEPT.findall(inside)) else match[0]

        return LONELY.sub(free, html)

    def is_lonely(self, line: str) -> bool:
        """Whether a line holds `{% … %}` and nothing else, and is not indented."""
        numbers = KEPT.findall(line)
        is_bare = bool(numbers) and not line[0].isspace() and not KEPT.sub("", line).strip()
        return is_bare and all(self._is_block(number) for number in numbers)

    def hide(self, html: str) -> str:
        """Comments in the place of `{% … %}` between the tags of HTML or MJML. BadMarkupError among attributes."""

        def hidden(match: re.Match[str]) -> str:
            if match[5]:
                return f"<!--{match[0]}-->" if self._is_block(match[5]) else match[0]
            if KEPT.search(match[0]):
                self._refuse_among_attributes(match[4] or "", match[2] or "")
                if match[1] and match[1].lower() == "style" and KEPT.search(match[3]):
                    # A rule that holds for some only is written into no element; it stands in its <style>.
                    return f'<style data-css-inline="ignore"{match[2]}>{match[3]}</style>'
            return match[0]

        return PIECE.sub(hidden, html)

    def show(self, html: str, until: int) -> str:
        """Words again. BadMarkupError when one of the first `until` tags is lost, or its order or nesting has changed."""
        html = HIDDEN.sub(r"\1", html)
        found = [number for number in _numbers(html) if number < until]
        blocks = [number for number in range(until) if self._is_block(number)]
        after = [number for number in found if self._is_block(number)]
        there = set(found)
        changed = next((here for here, now in zip_longest(blocks, after) if here != now and here is not None), None)
        lost = next((number for number in range(until) if number not in there), None)
        first = next((one for one in (changed, lost, self._moved(found)) if one is not None), None)
        if first is not None or len(after) > len(blocks):
            self._refuse(self.tags[after[-1] if first is None else first])
        return html

    def draw_in(self, text: str) -> str:
        """A plain text without the room before `{% … %}` that have a line to themselves: what they let out leaves no gap."""
        return BEFORE_TAG.sub(
            lambda match: match[1] if all(self._is_block(one) for one in KEPT.findall(match[1])) else match[0], text
        )

    def put_back(self, text: str) -> str:
        """The markup with its tags again."""
        return KEPT.sub(lambda match: self.tags[int(match[1])], text)

    def blocks_in(self, text: str) -> Iterator[tuple[re.Match[str], str]]:
        """Each `{% … %}` of a text with words: where, and what stands in it."""
        for match in KEPT.finditer(text):
            if self._is_block(match[1]):
                yield match, self.tags[int(match[1])][2:-2].strip("-").strip()

    def _is_block(self, number: int | str) -> bool:
        return self.tags[int(number)].startswith("{%")

    def _moved(self, found: list[int]) -> int | None:
        """A `{{ … }}` that does not stand between the `{% … %}` any more that it stood between."""
        gaps = list(accumulate(self._is_block(number) for number in range(len(self.tags))))
        here = 0
        for number in found:
            if self._is_block(number):
                here += 1
            elif gaps[number] != here:
                return number
        return None

    def _refuse_among_attributes(self, name: str, attributes: str) -> None:
        left = KEPT.search(VALUE.sub("", f"{name} {attributes}"))
        if left:
            text = _(
                "%(tag)s stands among the attributes of an element. Put it between the quotes of one value, or around the"
                " whole element."
            )
            raise BadMarkupError(text % {"tag": self.tags[int(left[1])]})

    def _refuse(self, tag: str) -> None:
        raise BadMarkupError(
            _("%(tag)s would be lost or moved: an email’s HTML has no place for it where it stands.") % {"tag": tag}
        )


def _numbers(html: str) -> Iterator[int]:
    """The numbers of the words in a page, in their order; a serialiser sorts attributes, so inside of a tag it counts for
    nothing.
    """
    for match in PIECE.finditer(html):
        inside = [int(number) for number in KEPT.findall(match[0])]
        yield from sorted(inside) if match[4] else inside


def place(name: str | int) -> str:
    """A word that stands for an address of its own for everybody: a link's number, or "unsubscribe"."""
    return f"p{NONCE}{name}e"
