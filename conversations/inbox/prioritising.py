"""Who comes first, and why: one formula, a pure function, shown as "why on top".

Each line adds or takes points: lateness against what we meant, feeling, what is asked, who asks (role, level,
influence), how far it carries, how often it happened before. A complaint, or what is negative, stands above lateness,
which is a slope and not a step; praise sinks below both, however late: a like is enough.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import Audience
from engagement.levels import Level
from lib.local_words import number

IN_TIME, SOON, LATE = 0, 1, 2
SOON_POINTS, LATE_POINTS, MOST_LATE_POINTS = 6, 12, 30  # one point more for each hour late
COMPLAINT_POINTS, LEAST_NEGATIVE_POINTS, MOST_NEGATIVE_POINTS = 40, 21, 36
MOST_PRAISE = 20  # in all: less than what is negative has at least
MOST_REACH_POINTS = 20


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the formula looks at. `lateness` is IN_TIME, SOON (within the hour) or LATE, then by so many whole hours;
    followers of the author.
    """

    is_public: bool = True
    lateness: int = IN_TIME
    late_hours: int = 0
    target_hours: int = 0
    sentiment: str = "unc"
    confidence: float = 0.0
    intent: str = "other"
    is_urgent: bool = False
    roles: frozenset[int] = frozenset()
    level: int = 0
    influence: float = 0.0
    followers: int = 0
    negative_count: int = 0
    has_open_complaint: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of "why on top"."""

    code: str
    points: int
    number: int = 0

    def words(self) -> str:
        """The line in plain words."""
        return _WORDS[self.code](self.number)


def weigh(one: Circumstances) -> tuple[int, list[Line]]:
    """The priority and its lines, the heaviest first; the priority is the sum of the lines."""
    lines = [
        *_time(one),
        *_feeling(one),
        *_who(one),
        Line("reach", _reach_points(one.followers), one.followers),
        Line("again", min(6 * (one.negative_count - 1), 18), one.negative_count),
    ]
    kept = sorted((line for line in lines if line.points > 0), key=lambda line: (-line.points, line.code))
    total = sum(line.points for line in kept)
    if _is_praise(one) and total > MOST_PRAISE:
        kept.append(Line("praise", MOST_PRAISE - total))
        total = MOST_PRAISE
    return total, kept


def _is_praise(one: Circumstances) -> bool:
    if one.is_urgent or one.has_open_complaint or one.intent in {"complaint", "question", "request"}:
        return False
    return one.sentiment != "neg" and (one.intent == "praise" or one.sentiment == "pos")


def _time(one: Circumstances) -> list[Line]:
    hours = one.target_hours or (4 if one.is_public else 24)
    if one.lateness == LATE:
        return [Line("late", min(LATE_POINTS + one.late_hours, MOST_LATE_POINTS), hours)]
    return [Line("soon", SOON_POINTS)] if one.lateness == SOON else []


def _feeling(one: Circumstances) -> list[Line]:
    sure = round(100 * one.confidence)
    lines = [Line("urgent", 20)] if one.is_urgent else []
    if one.sentiment == "neg":
        more = MOST_NEGATIVE_POINTS - LEAST_NEGATIVE_POINTS
        lines.append(Line("negative", LEAST_NEGATIVE_POINTS + round(more * one.confidence), sure))
    if one.intent == "complaint":
        lines.append(Line("complaint", COMPLAINT_POINTS))
    elif one.intent in {"question", "request"}:
        lines.append(Line(one.intent, 6))
    if one.has_open_complaint:
        lines.append(Line("open_complaint", 10))
    return lines


def _who(one: Circumstances) -> list[Line]:
    lines = []
    if Audience.CRITIC in one.roles:
        lines.append(Line("critic", 18))
    if Audience.INFLUENCER in one.roles:
        lines.append(Line("influencer", 14))
    if one.level >= 4:  # engaged or better
        lines.append(Line("level", 4 * (one.level - 2), one.level))
    return [*lines, Line("influence", round(max(one.influence, 0.0) / 10), round(one.influence))]


def _reach_points(followers: int) -> int:
    """Nothing up to 100 followers, then 5 points for each tenfold."""
    return min(max(round(5 * (log10(followers) - 2)), 0), MOST_REACH_POINTS) if followers > 0 else 0


def read_lines(kept: Sequence[Sequence[object]]) -> list[tuple[str, int]]:
    """Stored lines [[code, points, number], …] in today's language."""
    return [
        (_WORDS[str(code)](int(str(number))), int(str(points))) for code, points, number in kept if str(code) in _WORDS
    ]


_WORDS: dict[str, Callable[[int], str]] = {
    "late": lambda n: _("Late against %(n)d h") % {"n": n},
    "soon": lambda _n: _("Due within the hour"),
    "urgent": lambda _n: _("Words of urgency"),
    "negative": lambda n: _("Negative, %(n)d %% sure") % {"n": n} if n else _("Negative"),
    "complaint": lambda _n: _("Complaint"),
    "praise": lambda _n: _("Praise: a like is enough"),
    "question": lambda _n: _("Question"),
    "request": lambda _n: _("Request"),
    "open_complaint": lambda _n: _("Complaint still open"),
    "critic": lambda _n: _("Critic"),
    "influencer": lambda _n: _("Influencer"),
    "level": lambda n: str(Level(n).label),
    "influence": lambda n: _("Influence %(n)d") % {"n": n},
    "reach": lambda n: ngettext("%(n)s follower", "%(n)s followers", n) % {"n": number(n)},
    "again": lambda n: _("Negative %(n)d times") % {"n": n},
}
