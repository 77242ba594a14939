"""The four I's of engagement (Haven, Forrester 2007): their names, words, shapes, and the targets that feed them.

`name` stands in columns, JSON and rules, and is the class of style sheets that holds its colour.
"""

from dataclasses import dataclass
from enum import IntEnum

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from lib.signs import Sign


class Target(IntEnum):
    """Where a weight goes. Intimacy has two sums, so that mixed feelings show."""

    INVOLVEMENT = 0
    INTERACTION = 1
    WARM = 2
    COLD = 3
    INFLUENCE = 4


@dataclass(frozen=True)
class Four:
    """One of the four I's. `said` is its plain half; `targets` what adds to it, the second one what takes away."""

    name: str
    label: str | Promise
    said: str | Promise
    shape: SafeString
    targets: tuple[Target, ...]

    @property
    def is_signed(self) -> bool:
        """Whether it goes below zero: −100 to 100."""
        return len(self.targets) > 1

    @property
    def sign(self) -> Sign:
        """How the drawings of lib know it."""
        return Sign(self.name, self.label, self.shape)


FOUR = (
    Four(
        "involvement",
        _("Involvement"),
        _("reading and visiting"),
        mark_safe('<circle cx="5" cy="5" r="4.4"/>'),
        (Target.INVOLVEMENT,),
    ),
    Four(
        "interaction",
        _("Interaction"),
        _("talking with us"),
        mark_safe('<rect x="1" y="1" width="8" height="8" rx="1"/>'),
        (Target.INTERACTION,),
    ),
    Four(
        "intimacy",
        _("Intimacy"),
        _("how they feel"),
        mark_safe('<path d="M5 .2 9.8 5 5 9.8.2 5z"/>'),
        (Target.WARM, Target.COLD),
    ),
    Four(
        "influence",
        _("Influence"),
        _("speaking for us"),
        mark_safe('<path d="M5 .6 9.9 9.2H.1z"/>'),
        (Target.INFLUENCE,),
    ),
)
NAMES = tuple(one.name for one in FOUR)
BY_NAME = {one.name: one for one in FOUR}
OF_TARGET = {target: one for one in FOUR for target in one.targets}


def find_four(name: str) -> Four | None:
    """One of the four by its name."""
    return BY_NAME.get(name)
