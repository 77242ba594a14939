"""The gate: whether this message may go to this person on this channel now. Every outgoing word passes it.

It walks the steps that the rooms bring (`house.gate_steps`), in their order: this room's look at how a person stands,
those of upper rooms at deliveries, which this room does not know. The first failing step decides, the rest stands
beside it for "Can we email her?".
"""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from itertools import batched
from operator import itemgetter
from typing import Any, NamedTuple, cast

from consent.asking import Ask
from consent.eligibility import Eligibility, read_eligibilities
from consent.steps.base import GateStep, Reason
from contacts.models import Contact
from lib.clock import now
from lib.rooms import house

CHANNEL = Eligibility._fields.index("channel")
CHUNK = 1_000  # the statement is made for it: larger ones made the planner loop


class Verdict(NamedTuple):
    """May it go? `reason` is the code of the first failing step, "" when it may; `reasons` every step in order.

    `address` is where it would go on the channel asked for, "" where there is none; `person_id` who stands for the contact.
    """

    allowed: bool
    reason: str
    reasons: tuple[Reason, ...]
    address: str = ""
    person_id: int = 0

    @property
    def is_hold(self) -> bool:
        """Not now, but by itself later today: wait instead of dropping."""
        return self.reason == "quiet"

    @property
    def first_failure(self) -> Reason | None:
        """The step that decided."""
        return next((one for one in self.reasons if not one.passed), None)


def verdicts(ask: Ask, contact_ids: Sequence[int], *, at: datetime | None = None) -> dict[int, Verdict]:
    """Contact id → verdict for a chunk (1,000 is meant): one statement, plus at most one for each step of a room.

    With `at` what we know now is judged as if it were that moment: whether it is night, whether a pause is over.
    """
    people = read_eligibilities(ask.channel, ask.topic_id, contact_ids)
    judge = judging(_steps(ask, people.values()), at or now())
    return {asked: _verdict(judge(person), person) for asked, person in people.items()}


def verdict(ask: Ask, contact: Contact) -> Verdict:
    """The verdict on one person: a set of one."""
    return verdicts(ask, [contact.pk])[contact.pk]


def count_reachable(ask: Ask, contact_ids: Collection[int]) -> int:
    """How many of these could be written to at all: every step but those about this moment or this message."""
    count, moment = 0, now()
    for chunk in batched(sorted(contact_ids), CHUNK):
        people = read_eligibilities(ask.channel, ask.topic_id, chunk).values()
        steps = _steps(ask, people, leave_out_momentary=True)
        count += sum(all(step.judge(person, moment).passed for step in steps) for person in people)
    return count


def standing_among(ask: Ask, contact_ids: Sequence[int]) -> set[int]:
    """Those of a chunk who could be reached at all, as `count_reachable` counts them; unknown ids are left out."""
    people = read_eligibilities(ask.channel, ask.topic_id, contact_ids)
    steps = _steps(ask, people.values(), leave_out_momentary=True)
    return {asked for asked, person in people.items() if all(step.judge(person, now()).passed for step in steps)}


def _steps(ask: Ask, people: Collection[Eligibility], *, leave_out_momentary: bool = False) -> list[GateStep]:
    """The steps that this question runs, ready to judge these people."""
    kinds = cast("list[type[GateStep]]", house.gate_steps)
    steps = [
        kind(ask)
        for kind in kinds
        if ask.message_class in kind.classes
        and (kind.channels is None or ask.channel in kind.channels)
        and not (leave_out_momentary and kind.is_momentary)
    ]
    for step in steps:
        step.prepare(people)
    return steps


def judging(steps: Sequence[GateStep], moment: datetime) -> Callable[[Eligibility], tuple[Reason, ...]]:
    """What answers for all steps about one person. Steps that look at a few parts alone answer once for all alike in these."""
    parts = {part for step in steps for part in step.looks_at}
    alike_in = itemgetter(
        *(place for place, part in enumerate(Eligibility._fields) if part in parts or place == CHANNEL)
    )
    each = [(place, step.judge) for place, step in enumerate(steps) if not step.looks_at]
    known: dict[Any, list[Reason]] = {}

    def judge(person: Eligibility) -> tuple[Reason, ...]:
        key = alike_in(person)
        shared = known.get(key)
        if shared is None:
            shared = known[key] = [step.judge(person, moment) if step.looks_at else step.passes for step in steps]
        reasons = shared.copy()
        for place, ask_step in each:
            reasons[place] = ask_step(person, moment)
        return tuple(reasons)

    return judge


def _verdict(reasons: tuple[Reason, ...], person: Eligibility) -> Verdict:
    for one in reasons:
        if not one.passed:
            return Verdict(False, one.code, reasons, person.address, person.id)
    return Verdict(True, "", reasons, person.address, person.id)
