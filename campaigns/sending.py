"""Sending: one task sends a slice of some seconds, chunk by chunk; PostgreSQL holds the truth, tasks only invite.

kill -9 at any moment: nobody is written to twice, nobody is skipped; at most the letter whose answer was outstanding
stays in doubt.
"""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from campaigns.carrying import Carrier, Stop
from campaigns.claiming import Lease, claim_chunk
from campaigns.content.letters import Letter, compile_letter
from campaigns.finishing import Result, finish_chunk
from campaigns.launching import pause_for
from campaigns.messengers.protocol import AskedToWaitError, ConnectionLostError, ServerDownError
from campaigns.messengers.smtp import LetterInFlightError, Smtp
from campaigns.models import Campaign, Delivery
from campaigns.reaping import reap_leases
from campaigns.servers import connect, note_health
from ecrm.lib.sealing import SealBrokenError
from workspaces.current import working_in
from workspaces.models import Workspace

State = Delivery.State
SLICE_SECONDS = 20.0
MOST_LOST = 5
WAIT_AFTER_421 = timedelta(minutes=1)
log = structlog.get_logger(__name__)


@dataclass
class Slice:
    """One worker's turn: its deadline, its open connections, the letters it has read."""

    workspace: Workspace
    deadline: float
    connections: dict[int, Smtp] = field(default_factory=dict)
    letters: dict[int, Letter] = field(default_factory=dict)

    def connection_for(self, lease: Lease, carrier: Carrier) -> Smtp:
        """The open connection to the campaign's server, or a new one."""
        server = lease.campaign.server
        if server is None:
            raise ServerDownError(_("The campaign has no sender."))
        if server.pk not in self.connections:
            self.connections[server.pk] = connect(server, carrier.beat)
        return self.connections[server.pk]

    def drop(self, lease: Lease) -> None:
        """This connection is of no use any more."""
        connection = self.connections.pop(lease.campaign.server_id or 0, None)
        if connection:
            connection.line.close()

    def letter_for(self, lease: Lease) -> Letter:
        """The campaign's letter, read once a slice."""
        if lease.campaign.pk not in self.letters:
            self.letters[lease.campaign.pk] = compile_letter(lease.campaign, self.workspace)
        return self.letters[lease.campaign.pk]


def send_slice(workspace: Workspace, *, seconds: float = SLICE_SECONDS) -> int:
    """Send for at most about `seconds`; returns how many chunks were worked on. Opens working_in by itself.

    Safe in several workers at once, and to be killed.
    """
    turn, done = Slice(workspace, time.monotonic() + seconds), 0
    try:
        while time.monotonic() < turn.deadline:
            with working_in(workspace):
                reap_leases(workspace)
            with working_in(workspace):
                lease = claim_chunk(workspace)
            if lease is None:
                break
            send_chunk(turn, lease)
            done += 1
    finally:
        for connection in turn.connections.values():
            connection.close()
    return done


def send_chunk(turn: Slice, lease: Lease) -> None:
    """Send one leased chunk and write down what became of it. A trouble pauses the campaign, in plain words."""
    stop, results = Stop(), {}
    try:
        with working_in(turn.workspace):
            carrier = Carrier(lease, turn.letter_for(lease), turn.deadline)
        try:
            _carry_all(turn, lease, carrier)
        except Stop as reason:
            stop = reason
        carrier.stop_those_who_said_no()
        results = carrier.results
    except ValueError as error:
        stop = Stop(_("The letter cannot be written: %(why)s") % {"why": error})
    _finish(lease, results, stop)


def _carry_all(turn: Slice, lease: Lease, carrier: Carrier) -> None:
    """Carry until nobody is left, over as many connections as it takes. Stop when it makes no sense any more."""
    lost = 0
    while carrier.left():
        before = len(carrier.results)
        try:
            carrier.carry(turn.connection_for(lease, carrier))
            return  # noqa: TRY300 - the loop goes on only after a lost line
        except ServerDownError as error:
            turn.drop(lease)
            raise Stop(str(error)) from error
        except SealBrokenError as error:
            raise Stop(_("The password of the mail server cannot be opened. Enter it again.")) from error
        except AskedToWaitError as error:
            turn.drop(lease)
            raise Stop(str(error), wait=WAIT_AFTER_421) from error
        except LetterInFlightError as error:
            turn.drop(lease)
            _doubt(lease, carrier, str(error))
        except ConnectionLostError as error:
            turn.drop(lease)
            if not carrier.is_ours or not carrier.goes_on:
                return
            lost = 0 if len(carrier.results) > before else lost + 1
            if lost >= MOST_LOST:
                raise Stop(_("The mail server breaks off again and again: %(why)s") % {"why": error}) from error


def _doubt(lease: Lease, carrier: Carrier, why: str) -> None:
    """The one letter that was in flight: nobody knows, so nobody is written to again."""
    marks = lease.journal.marks()
    for target in carrier.left():
        if marks[target.slot] == 1:
            carrier.results[target.contact_id] = Result(State.IN_DOUBT, "in_flight", why[:300])


def _finish(lease: Lease, results: dict[int, Result], stop: Stop) -> None:
    """Everybody without a result waits again; the trouble, if any, pauses or delays the campaign."""
    for target in lease.targets:
        results.setdefault(target.contact_id, Result(State.QUEUED))
    until: datetime | None = timezone.now() + stop.wait if stop.wait else None
    with working_in(lease.workspace):
        ours = finish_chunk(lease.campaign.pk, lease.chunk_id, lease.epoch, results, released_until=until)
        if stop.args[0] and ours:
            if stop.wait:
                Campaign.objects.filter(pk=lease.campaign.pk).update(
                    state_reason=_("The server asked us to wait: %(answer)s")[:250] % {"answer": stop.reason[:200]}
                )
            else:
                pause_for(lease.campaign, stop.reason)
        if lease.campaign.server:
            note_health(lease.campaign.server, stop.reason)
    lease.journal.close(forget=True)
    if not ours:
        log.warning("lease_lost", campaign=lease.campaign.pk, chunk=lease.chunk_id)
