"""Sending: one task sends a slice of some seconds, chunk by chunk; PostgreSQL holds the truth, tasks only invite.

kill -9 at any moment: nobody gets a message twice, nobody is skipped; at most the one whose answer was outstanding
stays in doubt.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from delivery.engine.claiming import Lease, claim_chunk
from delivery.engine.controlling import pause_for
from delivery.engine.delivering import ChunkDelivery, Stop
from delivery.engine.finishing import Result, finish_chunk
from delivery.engine.journal import ABOUT, ACCEPTED, NoJournalError
from delivery.engine.lanes import URGENT, WORK, call_next_lane, ending, in_slot
from delivery.engine.reaping import reap_leases, result_of
from delivery.engine.urgency import urgent_messages
from delivery.messengers.protocol import (
    AskedToWaitError,
    ConnectionLostError,
    DeliveryRun,
    MessageInFlightError,
    Messenger,
    ServerDownError,
)
from delivery.models import Delivery, Message, RecipientChunk, Sender
from delivery.senders import UnknownMessengerError, messenger_of, note_health, note_reach, note_wait
from lib.clock import now
from lib.retrying import AWAY
from lib.sealing import SealBrokenError
from workspaces.current import silent_at_most, working_in
from workspaces.models import Workspace

State = Delivery.State
SLICE_SECONDS = 20.0
MOST_LOST = 5
WAIT_WHEN_ASKED, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
FINISH_TRIES, FINISH_PAUSE_SECONDS = 15, 1.0  # a lease lives 30 s: PostgreSQL may start again meanwhile
log = structlog.get_logger(__name__)


@dataclass
class Slice:
    """One worker's turn: its deadline, its messengers with their open lines, the messages it has prepared."""

    workspace: Workspace
    deadline: float
    messengers: dict[int, Messenger] = field(default_factory=dict)
    runs: dict[int, DeliveryRun] = field(default_factory=dict)

    def run_of(self, message: Message) -> DeliveryRun:
        """The message, prepared once a slice. ServerDownError without a sender; ValueError when it cannot be written."""
        if message.sender is None:
            raise ServerDownError(_("The message has no sender."))
        if message.pk not in self.runs:
            if message.sender.pk not in self.messengers:
                self.messengers[message.sender.pk] = messenger_of(message.sender)
            self.runs[message.pk] = self.messengers[message.sender.pk].prepare(self.workspace, message)
        return self.runs[message.pk]

    def needs_of(self, message: Message) -> frozenset[str] | None:
        """Which fields of its readers a message reads; None for all, also where it cannot be prepared."""
        try:
            found: frozenset[str] | None = getattr(self.run_of(message), "needs", None)
        except (OSError, ValueError):
            return None
        return found

    def close(self) -> None:
        """Hang up everywhere."""
        for messenger in self.messengers.values():
            messenger.close()


@in_slot(WORK)
def send_due(workspace: Workspace, *, lane: str = WORK) -> datetime | None:
    """The agenda's work, a lane of it: send a slice, say when to come back.

    The first lane knows when there is something again; the others are called when more waits than one can take.
    """
    is_unfinished = send_slice(workspace, lane=lane) > 0
    if lane != WORK:
        return now() if is_unfinished else None
    with working_in(workspace):
        return next_moment()


def sending_in(lane: str) -> Callable[[Workspace], datetime | None]:
    """The work of a lane."""

    def work(workspace: Workspace) -> datetime | None:
        return send_due(workspace, lane=lane)

    work.__qualname__ = send_due.__qualname__
    return work


@in_slot(URGENT)
def send_urgent(workspace: Workspace) -> datetime | None:
    """The agenda's work: what goes to one person because of something that happened. No campaign takes its slot."""
    send_slice(workspace, lane=URGENT)
    with working_in(workspace):
        return next_moment(only_urgent=True)


@silent_at_most(settings.SENDER_IDLE_SECONDS)
def send_slice(workspace: Workspace, *, seconds: float = SLICE_SECONDS, lane: str = WORK) -> int:
    """Send for at most about `seconds`; returns how many chunks were worked on. Opens working_in by itself.

    Safe in several workers at once, and to be killed. NoJournalError on a full disk: the messages say so.
    """
    turn, done = Slice(workspace, time.monotonic() + seconds), 0
    try:
        while time.monotonic() < turn.deadline and not ending.is_set():
            with working_in(workspace):
                reap_leases(workspace)
            with working_in(workspace):
                lease = claim_chunk(workspace, needs=turn.needs_of, only_urgent=lane == URGENT)
                if lease is not None and not done:
                    call_next_lane(lane)
            if lease is None:
                break
            if lease.message.state_reason == _no_room():
                _say_on_messages(workspace, before=_no_room(), after="")
            send_chunk(turn, lease)
            done += 1
    except NoJournalError as error:
        if error.is_for_room:
            _say_on_messages(workspace, before="", after=_no_room())
        raise  # the agenda tries again, less and less often
    finally:
        turn.close()
    return done


def _no_room() -> str:
    return _("Nothing leaves: the disk of the server is full. It goes on by itself once there is room.")


def _say_on_messages(workspace: Workspace, *, before: str, after: str) -> None:
    """All that is on its way waits for the same, or goes on together."""
    with working_in(workspace):
        Message.objects.filter(state=Message.State.SENDING, state_reason=before).update(state_reason=after)


def next_moment(*, only_urgent: bool = False) -> datetime | None:
    """When there is something to send again in the open workspace: a chunk's moment, or the end of a lease."""
    moment, moments = now(), []
    states = [Message.State.SENDING, Message.State.PAUSED, Message.State.CANCELLED]
    chunks = RecipientChunk.objects.filter(is_done=False, message__state__in=states)
    if only_urgent:
        chunks = chunks.filter(urgent_messages("message__"))
    asked = ("message__state", "not_before", "leased_until", "message__sender__rests_until")
    for state, not_before, leased_until, rests_until in chunks.values_list(*asked):
        if leased_until or state == Message.State.SENDING:
            moments.append(max(filter(None, (moment, not_before, leased_until or rests_until))))
    return min(moments, default=None)


def send_chunk(turn: Slice, lease: Lease) -> None:
    """Send one leased chunk and write down what became of it. A trouble pauses the message, in plain words."""
    stop, results, alerts = Stop(), {}, list[str]()
    try:
        with working_in(turn.workspace):
            run = turn.run_of(lease.message)
        chunk = ChunkDelivery(lease, turn.deadline, lease.message.sender.per_second if lease.message.sender else 1)
        try:
            _deliver_all(run, lease, chunk)
        except Stop as reason:
            stop = reason
        except ValueError as error:
            stop = _unwritable(error)
        _exclude(chunk)
        results, alerts = chunk.results, chunk.alerts
    except ServerDownError as error:
        stop = Stop(str(error))
    except UnknownMessengerError as error:
        stop = Stop(_("Nobody here can send by “%(kind)s”.") % {"kind": error})
    except ValueError as error:
        stop = _unwritable(error)
    _finish(turn, lease, results, stop)
    if alerts and lease.message.sender:
        said = _("Refused by the rules of %(domains)s: nothing goes there for an hour.")
        with working_in(turn.workspace):
            note_wait(lease.message.sender, said % {"domains": ", ".join(alerts)})


def _unwritable(error: ValueError) -> Stop:
    """The message's own fault: its sender works, and takes the others."""
    return Stop(_("The message cannot be written: %(why)s") % {"why": error}, blames_sender=False)


def _exclude(chunk: ChunkDelivery) -> None:
    """Those who said no; while the database is away they wait, and the next claim asks about them."""
    try:
        chunk.exclude_those_who_said_no()
    except AWAY:
        connection.close()


def _deliver_all(run: DeliveryRun, lease: Lease, chunk: ChunkDelivery) -> None:
    """Deliver until nobody is left, over as many connections as it takes. Stop when it makes no sense any more."""
    lost = 0
    while chunk.left():
        before = len(chunk.results)
        try:
            chunk.deliver(run)
            return  # noqa: TRY300 - the loop goes on only after a lost line
        except ServerDownError as error:
            raise Stop(str(error)) from error
        except SealBrokenError as error:
            raise Stop(_("The sender's password cannot be opened. Enter it again.")) from error
        except AskedToWaitError as error:
            raise Stop(str(error), wait=_wait_of(error)) from error
        except MessageInFlightError as error:
            _doubt(lease, chunk, str(error))
        except ConnectionLostError as error:
            if not chunk.is_ours or not chunk.goes_on:
                return
            lost = 0 if len(chunk.results) > before else lost + 1
            if lost >= MOST_LOST:
                raise Stop(_("The server breaks off again and again: %(why)s") % {"why": error}) from error


def _wait_of(error: AskedToWaitError) -> timedelta:
    """As long as it was asked for, an hour at most."""
    if error.wait_seconds is None:
        return WAIT_WHEN_ASKED
    return min(timedelta(seconds=max(1.0, min(error.wait_seconds, 86_400.0))), LONGEST_WAIT)


def _doubt(lease: Lease, chunk: ChunkDelivery, why: str) -> None:
    """The one message that was in flight: nobody knows, so it is not sent again."""
    marks = lease.journal.marks()
    doubtful = [one for one in chunk.left() if marks[one.slot] == ABOUT]
    for one in doubtful:
        chunk.results[one.contact_id] = Result(State.IN_DOUBT, "in_flight", why[:300])
    if doubtful:
        chunk.count_unknown(why)


def _finish(turn: Slice, lease: Lease, results: dict[int, Result], stop: Stop) -> None:
    """Everybody without a result waits again, unless the journal knows better; a trouble pauses or delays the message."""
    marks = lease.journal.marks()
    for one in lease.recipients:
        if one.contact_id not in results:
            known = marks[one.slot] in {ABOUT, ACCEPTED}
            results[one.contact_id] = result_of(marks[one.slot], one.attempt) if known else Result(State.QUEUED)
    until: datetime | None = now() + stop.wait if stop.wait else None
    for left in reversed(range(FINISH_TRIES)):
        try:
            ours = _write(turn, lease, results, stop, until)
            break
        except AWAY as error:
            connection.close()
            if not left:
                raise  # the lease runs out, and whoever takes it over reads the journal
            log.warning("finish_waits_for_database", chunk=lease.chunk_id, error=str(error)[:200])
            time.sleep(FINISH_PAUSE_SECONDS)
    lease.journal.close(forget=True)
    if not ours:
        log.warning("lease_lost", message=lease.message.pk, chunk=lease.chunk_id)


def _write(turn: Slice, lease: Lease, results: dict[int, Result], stop: Stop, until: datetime | None) -> bool:
    """In one transaction; False when the lease had been taken over."""
    with working_in(lease.workspace):
        ours = finish_chunk(lease.message.pk, lease.chunk_id, lease.epoch, results, released_until=until)
        if stop.reason and ours:
            if stop.wait:
                Message.objects.filter(pk=lease.message.pk).update(
                    state_reason=_("The server asked us to wait: %(answer)s")[:250] % {"answer": stop.reason[:200]}
                )
            else:
                pause_for(lease.message, stop.reason)
        if sender := lease.message.sender:
            _note_sender(sender, results, stop)
            if messenger := turn.messengers.get(sender.pk):
                note_reach(sender, messenger)
    return ours


def _note_sender(sender: Sender, results: dict[int, Result], stop: Stop) -> None:
    """What it says of the sender: nothing, where nothing was sent and the sender is not to blame."""
    if stop.wait:
        note_wait(sender, stop.reason)
    elif stop.reason and stop.blames_sender:
        note_health(sender, stop.reason)
    elif any(result.state == State.SENT for result in results.values()):
        note_health(sender)
