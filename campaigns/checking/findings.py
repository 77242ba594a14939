"""What a look at a campaign found: what stands in the way, what should be read, who gets it and why the others do not."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import ngettext

from delivery.pricing import Cost
from lib.local_words import number


@dataclass
class Check:
    """The findings. `blocks` must be mended before approval; `warns` should be read; `reasons` is the dry run.

    `asks` says of a block which part of the campaign's set-up is missing (campaigns/setup_forms.py); `at` is the moment
    that the gate was asked about.
    """

    people: int = 0
    at_once: int = 0
    later: int = 0
    tried: int = 0
    at: datetime | None = None
    blocks: list[str] = field(default_factory=list)
    asks: dict[str, str] = field(default_factory=dict)
    warns: list[str] = field(default_factory=list)
    reasons: list[dict[str, Any]] = field(default_factory=list)
    warming: str = ""
    units: int = 1
    cost: Cost | None = None

    def ask(self, part: str, text: str) -> None:
        """This part of it is missing."""
        self.blocks.append(text)
        self.asks[text] = part

    @property
    def reachable(self) -> int:
        """Who gets it: at once, or when the night is over where they are."""
        return self.at_once + self.later

    def of_all(self, count: int) -> int:
        """As many of everybody as these are of those who were looked at."""
        return count * self.people // max(1, self.tried)

    @property
    def expected(self) -> int:
        """Who gets it of everybody, as the part that was looked at lets expect."""
        return self.of_all(self.reachable)

    @property
    def says(self) -> str:
        """How many get it, and when: what sending now does, person by person."""
        if self.warming:
            return self.warming
        at_once, later = self.of_all(self.at_once), self.of_all(self.later)
        if not later:
            words = ngettext("%(n)s person gets it at once.", "%(n)s people get it at once.", at_once)
            return words % {"n": number(at_once)}
        words = ngettext(
            "%(now)s at once, %(n)s at 8 o’clock where they are: it is night there.",
            "%(now)s at once, %(n)s at 8 o’clock where they are: it is night there.",
            later,
        )
        return words % {"now": number(at_once), "n": number(later)}

    @property
    def is_part(self) -> bool:
        """Whether only the first of them were looked at: the rest is asked as it goes out."""
        return self.tried < self.people

    @property
    def is_ready(self) -> bool:
        """Nothing stands in the way."""
        return not self.blocks
