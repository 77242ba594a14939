"""Delivering one leased chunk: hand its recipients to the run, listen for "stop", collect what became of each."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any

import structlog
from django.db import connection
from django.utils.translation import gettext as _

from consent.changing import changed_since_params, changed_since_sql
from consent.gate import Verdict, verdicts
from contacts.channels import Channel
from delivery.bounces.refusals import is_of_one_mailbox, refuses_us
from delivery.engine.claiming import Lease, ask_of, decide, fault_in
from delivery.engine.finishing import Result, later
from delivery.engine.lanes import ending
from delivery.messengers.protocol import HEARTBEAT_SECONDS, DeliveryRun, Outcome, OutcomeKind, Recipient, code_in
from delivery.models import Delivery, Message
from delivery.pace.braking import Brake
from delivery.pace.pacing import Pace
from delivery.pace.taken import TakenCounter
from delivery.pace.throttling import Throttle
from delivery.senders import channel_of
from lib.clock import now
from lib.retrying import AWAY
from lib.sql import load_sql, run_prepared
from workspaces.current import working_in

State = Delivery.State
log = structlog.get_logger(__name__)
# A lease lives 30 s of the database's clock. Our own clock may run slower, and a write may hang for some seconds:
# a body leaves only within 25 s of the last heartbeat.
LEASE_MARGIN = 25.0
# Whoever says no gets nothing that leaves more than a second later. Each heartbeat names those of whom the gate may think
# otherwise since the claim, and it is asked about them, again and again while they are named.
ASK_AGAIN_SECONDS = 0.8
TOLD_EACH_SECONDS = 1.0  # how many were taken, to whoever looks at the campaign's page
ASK_ALL_SECONDS = 10.0  # what time alone changes: a night begins, a consent ends
MOST_REFUSED_IN_A_ROW = 20
THROTTLED = "throttled"


class Stop(Exception):  # noqa: N818 - no error: somebody wants us to stop
    """Leave the rest of the chunk; `reason` pauses the message, `wait` says how long the other side wants us away.

    `blames_sender`: it is a failure of the sender or its server, else of this message alone.
    """

    def __init__(self, reason: str = "", wait: timedelta | None = None, *, blames_sender: bool = True) -> None:
        super().__init__(reason)
        self.reason, self.wait, self.blames_sender = reason, wait, blames_sender


@dataclass
class ChunkDelivery:
    """One lease on its way. `results` grows while `deliver` runs. It is the run's Watch."""

    lease: Lease
    deadline: float
    per_second: int
    results: dict[int, Result] = field(default_factory=dict)
    stopped: set[int] = field(default_factory=set)
    is_ours: bool = True
    goes_on: bool = True
    beaten_at: float = field(default_factory=time.monotonic)
    asked_at: float = field(default_factory=time.monotonic)
    asked_all_at: float = field(default_factory=time.monotonic)
    named: frozenset[int] = frozenset()
    refused_in_a_row: list[int] = field(default_factory=list)
    stop: Stop | None = None
    throttle: Throttle = field(init=False)
    brake: Brake = field(init=False)
    pace: Pace = field(init=False)
    counter: TakenCounter = field(init=False)
    taken_by: set[str] = field(default_factory=set)  # domains that took something of this chunk
    alerts: list[str] = field(default_factory=list)  # domains that stopped this sender

    def __post_init__(self) -> None:
        sender = self.lease.message.sender
        mine = self.lease.workspace.pk, sender.pk if sender else 0
        is_email = channel_of(sender) == Channel.EMAIL
        self.throttle = Throttle(*mine, self.per_second, has_domains=is_email)
        self.pace, self.brake = Pace(*mine, self.per_second), Brake(*mine)
        self.counter = TakenCounter(self.lease.workspace.pk, self.lease.message.pk)
        self.throttle.read()
        self.brake.read()

    def deliver(self, run: DeliveryRun) -> None:
        """Send to everybody who is left. The errors of `DeliveryRun.send`, and Stop, come through.

        When it makes no sense any more, nothing is begun, and what is under way still gets its word.
        """
        if self.brake.is_on:  # since before this chunk; whoever looks at the server lets go of it
            raise Stop(_brake_says(), blames_sender=False)
        try:
            for recipient, outcome in run.send(self._recipients(), self):
                try:
                    self._note(recipient, outcome)
                except Stop as stop:
                    self.stop = self.stop or stop
        finally:
            self.counter.tell()
            if self.stop is not None:
                raise self.stop

    def left(self) -> list[Recipient]:
        """Who has no result yet."""
        return [one for one in self.lease.recipients if one.contact_id not in self.results]

    def mark(self, slot: int, name: str) -> None:
        self.lease.journal.mark(slot, name)

    def may_go(self, recipient: Recipient) -> bool:
        """Right before a body leaves: still ours, still wanted, not taken over."""
        self.beat()
        fresh = time.monotonic() - self.beaten_at < LEASE_MARGIN
        return (
            fresh
            and self.is_ours
            and self.goes_on
            and self.stop is None
            and recipient.contact_id not in self.stopped
            and not self.lease.journal.is_poisoned
        )

    def free_at(self) -> float:
        return self.pace.next_at

    def beat(self) -> None:
        """Each 0.2 s: renew the lease, hear whether the message goes on and of whom the gate may think otherwise."""
        began = time.monotonic()
        if began - self.beaten_at < HEARTBEAT_SECONDS:
            return
        self.counter.tell(each=TOLD_EACH_SECONDS)
        try:
            with working_in(self.lease.workspace):
                ((is_ours, state, named),) = run_prepared(_beat_sql(), self._mine())
                self._ask_about(frozenset(named), began)
        except AWAY as error:
            log.warning("beat_failed", chunk=self.lease.chunk_id, error=str(error)[:200])
            connection.close()
            self.goes_on = False  # nobody can be heard saying no: nothing more leaves, what is under way gets its word
            return
        self.is_ours, self.goes_on = is_ours, state == Message.State.SENDING
        if is_ours:
            self.beaten_at = began

    def _mine(self) -> dict[str, Any]:
        lease = self.lease
        left = (one.slot for one in lease.recipients if one.contact_id not in self.results)
        return {
            **changed_since_params(channel_of(lease.message.sender), lease.since, lease.claimed_at),
            "workspace": lease.workspace.pk,
            "chunk": lease.chunk_id,
            "epoch": lease.epoch,
            "message": lease.message.pk,
            "from": next(left, len(lease.contact_ids)) + 1,  # arrays of PostgreSQL begin at 1
        }

    def _ask_about(self, named: frozenset[int], moment: float) -> None:
        """Ask the gate about those named and left, when they are others than before or it was asked a while ago."""
        asks_all = moment - self.asked_all_at >= ASK_ALL_SECONDS
        if not asks_all and (not named or (named == self.named and moment - self.asked_at < ASK_AGAIN_SECONDS)):
            return
        asked = {one.contact_id: one for one in self.left() if asks_all or one.contact_id in named}
        left = list(asked)
        judged = verdicts(ask_of(self.lease.message), left) if left else {}
        if fault := fault_in(judged):
            self.stop = self.stop or Stop(fault, blames_sender=False)
            return
        allowed = {one for one in left if one in judged and _still_reaches(asked[one], judged[one])}
        self.stopped = self.stopped.union(left) - allowed
        self.named, self.asked_at = named, moment
        if asks_all:
            self.asked_all_at = moment

    def _recipients(self) -> Iterator[Recipient]:
        """Those who may still be sent to, one by one, at the sender's pace. Whoever is passed over takes no turn."""
        left = self.left()
        for place, one in enumerate(left):
            self.beat()
            if not self._may_begin():
                return
            if not self._is_wanted(one):
                continue
            if (until := self.throttle.wait_for(one.address)) is not None:
                self.results[one.contact_id] = Result(State.DEFERRED, THROTTLED, not_before=until)
                continue
            self._pace(len(left) - place)
            if not self._may_begin():
                return
            if self._is_wanted(one):
                yield one

    def _is_wanted(self, one: Recipient) -> bool:
        return one.contact_id not in self.stopped and one.contact_id not in self.results

    def _may_begin(self) -> bool:
        is_wanted = self.is_ours and self.goes_on and self.stop is None
        return is_wanted and time.monotonic() <= self.deadline and not ending.is_set()

    def _pace(self, wanted: int) -> None:
        """Wait for the next turn and take it; `wanted` are so many, this one included, and the one after is known then."""
        self.pace.look_ahead(wanted, time.monotonic())
        while (wait := self.pace.next_at - time.monotonic()) > 0 and self.goes_on:
            time.sleep(min(wait, HEARTBEAT_SECONDS))
            self.beat()
        self.pace.take()
        if wanted > 1:
            self.pace.look_ahead(wanted - 1, time.monotonic())

    def _note(self, recipient: Recipient, outcome: Outcome) -> None:
        """What the last word on one recipient means."""
        who = recipient.contact_id
        if outcome.kind == OutcomeKind.ACCEPTED:
            self.refused_in_a_row.clear()
            self.counter.count()
            if self.brake.count:
                self.brake.release()
            self.taken_by.add(self.throttle.group_of(recipient.address))
            self.results[who] = Result(State.SENT, answer=outcome.answer, sent_at=now(), units=outcome.units)
        elif outcome.kind == OutcomeKind.LATER:
            self.results[who] = later(recipient.attempt, outcome.answer)
            if not is_of_one_mailbox(outcome.answer):
                self.throttle.slow_down(recipient.address)
        elif outcome.kind == OutcomeKind.UNSENDABLE:
            self.results[who] = Result(State.EXCLUDED, outcome.reason, outcome.answer)
        elif outcome.kind == OutcomeKind.UNKNOWN:
            self.results[who] = Result(State.IN_DOUBT, "in_flight", outcome.answer)
            self.count_unknown(outcome.answer)
        else:
            dead = outcome.is_dead_address
            self.results[who] = Result(State.FAILED, "refused", outcome.answer, is_dead_address=dead)
            self._count_policy(recipient, outcome.answer)
            if not (dead or outcome.is_about_person):
                self._count_refusal(who, outcome.answer)

    def _count_refusal(self, contact_id: int, answer: str) -> None:
        """Twenty refusals in a row, none about one person alone: it is us. These people wait, the message pauses."""
        self.refused_in_a_row.append(contact_id)
        if len(self.refused_in_a_row) >= MOST_REFUSED_IN_A_ROW:
            for one in self.refused_in_a_row:
                self.results.pop(one, None)
            raise Stop(_("The server refuses everybody (%(code)s).") % {"code": code_in(answer)})

    def _count_policy(self, recipient: Recipient, answer: str) -> None:
        """A domain that refuses us by its rules, while others take us, is stopped; where all refuse, it is us."""
        domain = self.throttle.group_of(recipient.address)
        others_take_us = bool(self.taken_by - {domain})
        if refuses_us(answer) and others_take_us and self.throttle.count_refusal(recipient.address, answer):
            self.alerts.append(domain)

    def count_unknown(self, why: str) -> None:
        """A few in a row of whom nobody knows whether it arrived: before there are more, somebody looks at the server."""
        self.brake.count_one()
        if self.brake.is_on:
            raise Stop(_brake_says(why))

    def exclude_those_who_said_no(self) -> None:
        """People stopped since the claim get their result from the gate: excluded with its reason, or held.

        Who has another address now has none: they wait, and the next claim takes the new one.
        """
        late = [one.contact_id for one in self.left() if one.contact_id in self.stopped]
        if not late:
            return
        with working_in(self.lease.workspace):
            judged = verdicts(ask_of(self.lease.message), late)
        if fault_in(judged):
            return
        for one in late:
            state, reason, until = decide(judged.get(one), one)
            if state != State.SENDING:
                self.results[one] = Result(state, reason, not_before=until)


def _still_reaches(one: Recipient, verdict: Verdict) -> bool:
    """Whether they may be written to, are who they were at the claim, and at the address that they had then."""
    return verdict.allowed and verdict.person_id == one.contact_id and verdict.address == one.address


def _brake_says(why: str = "") -> str:
    if not why:
        return _(
            "The server broke off again and again before it said whether it took a message. Look at it, then resume."
        )
    return _("The server breaks off before it says whether it took a message: %(why)s") % {"why": why[:150]}


@cache
def _beat_sql() -> str:
    asked = (
        "SELECT unnest(k.contact_ids[%(from)s::int:]) AS id FROM delivery_recipientchunk k"
        " WHERE k.workspace_id = %(workspace)s AND k.id = %(chunk)s"
    )
    return load_sql("delivery/beat", changed=changed_since_sql(asked))
