"""What a step of the gate is: one question about a person and a message, one class in one file.

To add a step, write one file in a room's `steps/` and name the class in that room's room.py. The gate makes one step
for each question asked (`__init__`), lets it read what it needs for everybody at once (`prepare`, at most one
statement), and then asks it about each person (`judge`, no queries).
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from django.utils.functional import Promise, lazy

from consent.asking import Ask
from consent.eligibility import Eligibility
from lib.local_words import date_format

EVERY_CLASS = frozenset({"marketing", "subscribed", "transactional", "answer", "confirmation", "personal"})
NOT_ANSWER = EVERY_CLASS - {"answer"}
PURPOSEFUL = frozenset({"marketing", "subscribed"})
MARKETING = frozenset({"marketing"})


class Reason(NamedTuple):
    """One step's answer about one person. `ends_at`: when a refusal ends by itself, if it does.

    Texts stay lazy: of a thousand verdicts few are read.
    """

    code: str
    text: str | Promise
    ends_at: datetime | None
    passed: bool
    detail: str | Promise = ""


class GateStep:
    """One question of the gate. `order` is its place, `classes` the message classes that it is asked for.

    `passed` is said of those it lets through. `is_momentary`: it asks about this moment or this message, not about
    how the person stands; left aside where we count who can be reached at all. `channels`: those that it is asked for, None
    for every one. `looks_at`: the names of what of an `Eligibility` alone decides, if the answer is one for all who are
    alike in it (many have no hold, no bounce, no pause): it is then worked out once for all of them.
    """

    order: ClassVar[int]
    code: ClassVar[str]
    classes: ClassVar[frozenset[str]]
    passed: ClassVar[str | Promise]
    is_momentary: ClassVar[bool] = False
    channels: ClassVar[frozenset[int] | None] = None
    looks_at: ClassVar[tuple[str, ...]] = ()
    passes: ClassVar[Reason]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.passes = Reason(cls.code, cls.passed, None, True)

    def __init__(self, ask: Ask) -> None:
        self.ask = ask

    def prepare(self, people: Collection[Eligibility]) -> None:
        """Read for all of these what `judge` needs beside how they stand: one statement at most."""

    def judge(self, person: Eligibility, now: datetime) -> Reason:
        """The answer about one person: `self.passes`, or `self.refuse(…)`."""
        raise NotImplementedError

    def refuse(self, text: str | Promise, *, ends_at: datetime | None = None, detail: str | Promise = "") -> Reason:
        """A no, with when it ends by itself."""
        return Reason(self.code, text, ends_at, False, detail)


def _written_day(moment: datetime | None) -> str:
    return date_format(moment, "j M Y") if moment else ""


day = lazy(_written_day, str)
