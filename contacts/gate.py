"""The gate: whether this message may go to this person on this channel now. Every outgoing word passes it.

The first failing step decides, the rest stands beside it for "Can we write to her?". Upper rooms register their own
steps (`step`): caps and holdouts need deliveries, which this room does not know.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.utils import timezone
from django.utils.functional import Promise

from contacts.gate_steps import BASE_STEPS, Reason
from contacts.models import Channel, Contact
from contacts.standing import Standing, read_standings, standing_of

MessageClass = Literal["marketing", "subscribed", "transactional", "answer"]


@dataclass(frozen=True, slots=True)
class Ask:
    """A message in question: its channel, its class, the topic it serves (none: what was agreed to for everything).

    `marketing` runs all steps; `subscribed` (a topic they asked for) is never held out or held for the night;
    `transactional` needs a working address and no objection; `answer` passes all but "erased".
    """

    channel: int = Channel.EMAIL
    message_class: MessageClass = "marketing"
    topic_id: int | None = None
    programme_id: int | None = None
    campaign_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """May it go? `reason` is the code of the first failing step, "" when it may; `reasons` every step in order."""

    allowed: bool
    reason: str
    reasons: tuple[Reason, ...]

    @property
    def is_hold(self) -> bool:
        """Not now, but by itself later today: wait instead of dropping."""
        return self.reason == "quiet"

    @property
    def first_failure(self) -> Reason | None:
        """The step that decided."""
        return next((one for one in self.reasons if not one.passed), None)


@dataclass(frozen=True, slots=True)
class Refusal:
    """What a registered step says about a person it stops."""

    text: str
    ends_at: datetime | None = None
    detail: str = ""


Check = Callable[[Ask, Sequence[int]], Mapping[int, Refusal]]


@dataclass(frozen=True, slots=True)
class _Registered:
    order: int
    code: str
    check: Check
    passed: str | Promise
    classes: frozenset[str]


_registered: list[_Registered] = []


def step(
    order: int,
    code: str,
    check: Check,
    *,
    passed: str | Promise = "",
    classes: frozenset[str] = frozenset({"marketing"}),
) -> None:
    """Add a step from an upper room: `check(ask, contact_ids)` returns {contact id: Refusal} for those it stops.

    One set query a call. Orders of the gate's own steps: gate_steps.py (dial 110, quiet 130). Called once, from
    an AppConfig's ready().
    """
    _registered[:] = [one for one in _registered if (one.order, one.code) != (order, code)]
    _registered.append(_Registered(order, code, check, passed, classes))


def verdicts(ask: Ask, contact_ids: Sequence[int]) -> dict[int, Verdict]:
    """Contact id → verdict for a chunk (1,000 is meant): one statement, plus one for each registered step."""
    standings = read_standings(ask.channel, ask.topic_id, contact_ids)
    return _judge(ask, standings)


def verdict(ask: Ask, contact: Contact) -> Verdict:
    """The verdict on one person, read row by row; always equal to the set form."""
    return _judge(ask, {contact.pk: standing_of(ask.channel, ask.topic_id, contact)})[contact.pk]


def _judge(ask: Ask, standings: Mapping[int, Standing]) -> dict[int, Verdict]:
    now = timezone.now()
    survivors = sorted({standing.id for standing in standings.values()})
    plan = [(base.order, base.judge) for base in BASE_STEPS if ask.message_class in base.classes]
    plan += [
        (one.order, _judge_of(one, one.check(ask, survivors)))
        for one in _registered
        if ask.message_class in one.classes
    ]
    judges = [judge for _order, judge in sorted(plan, key=lambda pair: pair[0])]
    return {asked: _verdict([judge(standing, now) for judge in judges]) for asked, standing in standings.items()}


def _judge_of(one: _Registered, refused: Mapping[int, Refusal]) -> Callable[[Standing, datetime], Reason]:
    passes = Reason(one.code, str(one.passed), None, True)

    def judge(person: Standing, _now: datetime) -> Reason:
        refusal = refused.get(person.id)
        if refusal is None:
            return passes
        return Reason(one.code, refusal.text, refusal.ends_at, False, refusal.detail)

    return judge


def _verdict(reasons: Sequence[Reason]) -> Verdict:
    first = next((one.code for one in reasons if not one.passed), "")
    return Verdict(not first, first, tuple(reasons))
