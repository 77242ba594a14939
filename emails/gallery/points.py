"""What every starting template is: a name, what it is for, and blocks with example words."""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

from emails.blocks.base import Block


@dataclass(frozen=True, slots=True)
class Facts:
    """What example words are made with. `website` is "" where the workspace names none; `writer` who will sign.

    `event` names what the library holds that begins next, `calendar` is the address of its file; "" where nothing does.
    """

    brand: str
    website: str = ""
    writer: str = ""
    event: str = ""
    calendar: str = ""

    @property
    def signature(self) -> str:
        """Who signs: a person, else the brand."""
        return self.writer or self.brand


@dataclass(frozen=True, slots=True)
class StartingPoint:
    """One of them. `sentence` stands under its name; `fits` says in a sentence when to take it.

    `blocks` makes them in the language that is active. A link whose target only the writer knows is empty, and its
    block says so until somebody fills it.
    """

    key: str
    name: str | Promise
    sentence: str | Promise
    fits: str | Promise
    blocks: Callable[[Facts], list[Block]]


def paragraphs(*texts: object) -> str:
    """Lines of words as the markup of a text block. They may hold Liquid and the markup of links."""
    return "".join(f"<p>{one}</p>" for one in texts)
