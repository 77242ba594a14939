"""Places in an email's markup that are filled later: template tags, kept safe while the markup is worked on, and
the addresses that are different for everybody.
"""

import re
import secrets

TAG = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# One a process: a person's own text cannot name a place.
NONCE = secrets.token_hex(5)
KEPT = re.compile(rf"k{NONCE}n(\d+)e")
PLACE = re.compile(rf"p{NONCE}([0-9]+|[a-z]+)e")
LONELY = re.compile(rf"<p>\s*((?:k{NONCE}n\d+e\s*)+)</p>")


class Keeper:
    """Takes template tags out of markup and puts them back when Markdown, MJML and CSS are done."""

    def __init__(self) -> None:
        self.tags: list[str] = []

    def take(self, text: str) -> str:
        """The markup with a plain word in each tag's place."""

        def keep(match: re.Match[str]) -> str:
            self.tags.append(match[0])
            return f"k{NONCE}n{len(self.tags) - 1}e"

        return TAG.sub(keep, text)

    def free_lonely(self, html: str) -> str:
        """Paragraphs that hold nothing but `{% … %}` vanish around it."""

        def free(match: re.Match[str]) -> str:
            kept = [self.tags[int(number)] for number in KEPT.findall(match[1])]
            return match[1] if all(tag.startswith("{%") for tag in kept) else match[0]

        return LONELY.sub(free, html)

    def put_back(self, text: str) -> str:
        """The markup with its tags again."""
        return KEPT.sub(lambda match: self.tags[int(match[1])], text)


def place(name: str | int) -> str:
    """A word that stands for an address of its own for everybody: a link's number, or "unsubscribe"."""
    return f"p{NONCE}{name}e"
