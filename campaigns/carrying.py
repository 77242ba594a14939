"""Carrying one leased chunk to the server: render, hand over, listen for "stop", collect what became of each."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from campaigns.claiming import Lease, Target, ask_of
from campaigns.content.addressing import addresses_for, return_path
from campaigns.content.letters import Letter
from campaigns.content.liquid import BadTemplateError, MissingFieldError
from campaigns.content.mime import BadHeaderError, Envelope, build
from campaigns.finishing import Result, later
from campaigns.messengers.protocol import HEARTBEAT_SECONDS, Reply
from campaigns.messengers.smtp import Parcel, Smtp, can_carry
from campaigns.models import Campaign, Delivery
from campaigns.servers import letterhead, sending_domain
from contacts.gate import verdicts
from ecrm.lib.sql import read_sql, run_text
from workspaces.current import working_in

State = Delivery.State
LEASE_MARGIN = 25.0  # seconds of our own clock after a heartbeat in which a body may leave
MOST_REFUSED_IN_A_ROW = 20


class Stop(Exception):  # noqa: N818 - no error: somebody wants us to stop
    """Leave the rest of the chunk; `reason` pauses the campaign, `wait` says how long the server wants us away."""

    def __init__(self, reason: str = "", wait: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


@dataclass
class Carrier:
    """One lease on its way. `results` grows while `carry` runs."""

    lease: Lease
    letter: Letter
    deadline: float
    results: dict[int, Result] = field(default_factory=dict)
    stopped: set[int] = field(default_factory=set)
    is_ours: bool = True
    goes_on: bool = True
    beaten_at: float = field(default_factory=time.monotonic)
    refused_in_a_row: list[int] = field(default_factory=list)
    next_at: float = 0.0

    def __post_init__(self) -> None:
        lease = self.lease
        self.by_slot = {target.slot: target for target in lease.targets}
        server = lease.campaign.server
        if server is None:
            raise ValueError("no sender")
        self.head = letterhead(server, lease.workspace, lease.campaign)
        self.domain = sending_domain(server)
        self.returns = server.return_path_domain
        self.sender = server.from_email
        self.gap = 1.0 / max(1, server.per_second)

    def carry(self, connection: Smtp) -> None:
        """Hand over everybody who is left. OSErrors of the connection, and Stop, come through."""
        connection.beat = self.beat
        for parcel, reply in connection.carry(self._parcels(connection), self.lease.journal.mark, self._may_go):
            self._note(self.by_slot[parcel.slot], reply)

    def left(self) -> list[Target]:
        """Who has no result yet."""
        return [target for target in self.lease.targets if target.contact_id not in self.results]

    def beat(self) -> None:
        """Renew the lease and hear the news, at most each 0.2 s."""
        if time.monotonic() - self.beaten_at < HEARTBEAT_SECONDS:
            return
        lease, began = self.lease, time.monotonic()
        params = {
            "workspace": lease.workspace.pk, "chunk": lease.chunk_id, "epoch": lease.epoch,
            "campaign": lease.campaign.pk, "contacts": [target.contact_id for target in lease.targets],
            "hashes": list(lease.hashes), "consent_mark": lease.consent_mark, "topic": lease.campaign.topic_id,
            "purposeful": lease.is_purposeful,
        }  # fmt: skip
        with working_in(lease.workspace):
            ((is_ours, state, contacts, hashes),) = run_text(read_sql("campaigns/beat"), params)
        self.is_ours, self.goes_on = is_ours, state == Campaign.State.SENDING
        self.stopped = {*contacts, *(lease.hashes[one] for one in hashes)}
        if is_ours:
            self.beaten_at = began

    def _parcels(self, connection: Smtp) -> Iterator[Parcel]:
        """The letters that may still go, one by one, at the server's pace."""
        for target in self.left():
            self._pace()
            self.beat()
            if not self.is_ours or not self.goes_on or time.monotonic() > self.deadline:
                return
            if target.contact_id in self.stopped or target.contact_id in self.results:
                continue
            if not can_carry(connection, target.address):
                self.results[target.contact_id] = Result(State.EXCLUDED, "no_address", "unfit for an envelope")
                continue
            data = self._render(target)
            if data is not None:
                sender = self._return_path(target)
                yield Parcel(target.slot, sender, target.address, data)

    def _render(self, target: Target) -> bytes | None:
        lease = self.lease
        address = addresses_for(lease.workspace, lease.campaign.pk, target.contact_id)
        message_id = f"<{lease.campaign.pk}.{target.contact_id}.{target.attempt}@{self.domain}>"
        try:
            written = self.letter.write(target.fields, address)
            stop = address("unsubscribe") if lease.is_purposeful else ""
            envelope = Envelope(self.sender, target.address, message_id, stop)
            return build(self.head, envelope, written, at=timezone.now())
        except MissingFieldError as error:
            self.results[target.contact_id] = Result(State.EXCLUDED, "missing_field", error.field)
        except (BadTemplateError, BadHeaderError) as error:
            self.results[target.contact_id] = Result(State.EXCLUDED, "render_error", str(error)[:300])
        return None

    def _return_path(self, target: Target) -> str:
        if not self.returns:
            return self.sender
        return return_path(self.returns, self.lease.workspace.pk, self.lease.campaign.pk, target.contact_id)

    def _may_go(self, parcel: Parcel) -> bool:
        """Right before a body leaves: still ours, still wanted, not taken over."""
        self.beat()
        target = self.by_slot[parcel.slot]
        fresh = time.monotonic() - self.beaten_at < LEASE_MARGIN
        wanted = target.contact_id not in self.stopped
        return self.is_ours and self.goes_on and fresh and wanted and not self.lease.journal.is_poisoned

    def _pace(self) -> None:
        while (wait := self.next_at - time.monotonic()) > 0 and self.goes_on:
            time.sleep(min(wait, HEARTBEAT_SECONDS))
            self.beat()
        self.next_at = max(self.next_at, time.monotonic() - 1.0) + self.gap

    def _note(self, target: Target, reply: Reply) -> None:
        """What the server's last word means for this person."""
        if reply.is_good:
            self.refused_in_a_row.clear()
            self.results[target.contact_id] = Result(State.SENT, answer=str(reply), sent_at=timezone.now())
            return
        if reply.is_temporary:
            self.results[target.contact_id] = later(target.attempt, str(reply))
        else:
            dead = is_dead_address(reply)
            self.results[target.contact_id] = Result(State.FAILED, "refused", str(reply), is_dead_address=dead)
            if not dead:
                self._count_refusal(target, reply)

    def _count_refusal(self, target: Target, reply: Reply) -> None:
        """Twenty refusals in a row, no mailbox being dead: it is us. These people wait, the campaign pauses."""
        self.refused_in_a_row.append(target.contact_id)
        if len(self.refused_in_a_row) >= MOST_REFUSED_IN_A_ROW:
            for one in self.refused_in_a_row:
                del self.results[one]
            raise Stop(str(reply))

    def stop_those_who_said_no(self) -> None:
        """People stopped since the claim are excluded, with the gate's own reason."""
        late = [target.contact_id for target in self.left() if target.contact_id in self.stopped]
        if not late:
            return
        judged: dict[int, str] = {}
        with working_in(self.lease.workspace):
            judged = {one: verdict.reason for one, verdict in verdicts(ask_of(self.lease.campaign), late).items()}
        for one in late:
            self.results[one] = Result(State.EXCLUDED, judged.get(one) or "objection")


def is_dead_address(reply: Reply) -> bool:
    """Whether a refusal means that there is no such mailbox (RFC 3463: 5.1.x, but not about the sender)."""
    subject = reply.status.split(".")
    return len(subject) == 3 and subject[:2] == ["5", "1"] and subject[2] not in {"7", "8"}
