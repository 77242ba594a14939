"""The suppression list as people read it: why, since when and by whom each entry stands, who is on it, and taking off.

An entry knows its address by a keyed hash alone: it is found by the whole address, and names nobody by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import Q, QuerySet

from consent.models import Suppression
from consent.suppressing import suppress_all, tell_of_addresses
from contacts.addresses import BadAddressError, address_hash, normalise_for
from contacts.channels import Channel, identity_kind_of, sendable
from contacts.merging import survivor_of
from contacts.models import Contact, Identity
from lib.clock import now
from lib.pages import Page, read_cursor, write_cursor
from lib.sql import run_sql
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.models import User

A_PAGE, MOST_COUNTED, MOST_ADDED = 50, 10_000, 1_000
LIFTED_BY_HAND = frozenset({Suppression.Reason.MANUAL})  # the others are the word of a person or of their mailbox


@dataclass(frozen=True)
class Found:
    """What is known of one address: its entries, newest first, and whose it is."""

    address: str
    entries: Sequence[Suppression]
    contact: Contact | None
    channel: int = Channel.EMAIL

    @property
    def stands(self) -> bool:
        return any(one.lifted_at is None and one.ends_at is None for one in self.entries)

    @property
    def held_until(self) -> datetime | None:
        """When the hold on it ends, where one stands."""
        return next(
            (one.ends_at for one in self.entries if not one.lifted_at and one.ends_at and one.ends_at > now()), None
        )


@dataclass(frozen=True)
class Added:
    """What became of addresses that somebody wrote down."""

    count: int
    unusable: Sequence[str]


class Lifted(NamedTuple):
    """What became of the next entries of the suppression list: the last id, how many were lifted, how many others asked for."""

    after: int
    lifted: int
    kept: int
    seen: int


class NotByHandError(ValueError):
    """Somebody's own word, or their mailbox's: only a new consent of theirs takes it away."""


def list_entries(reasons: Sequence[str], *, cursor: str = "", a_page: int = A_PAGE) -> Page:
    """Entries that stand for these reasons, newest first. A foreign cursor is the start."""
    key = read_cursor(cursor, datetime, int) if cursor else None
    found: list[Suppression] = []
    for reason in reasons:  # each by its own stretch of the index
        found += _behind(_standing().filter(reason=reason), key)[: a_page + 1]
    found.sort(key=lambda one: (one.at, one.pk), reverse=True)
    rows, more = found[:a_page], len(found) > a_page
    return Page(rows, write_cursor(rows[-1].at.isoformat(), rows[-1].pk) if more else "")


def count_entries() -> dict[str, int]:
    """How many entries stand for each reason, counted no further than 10,001."""
    standing = _standing()
    return {one.value: standing.filter(reason=one)[: MOST_COUNTED + 1].count() for one in Suppression.Reason}


def find_entries(address: str) -> list[Found]:
    """One for each channel on which this is an address: its entries, lifted ones too, and who has it.

    Where channels share a kind of address, those of them that have no entries are left out behind the first.
    """
    found, kinds = [], set[int]()
    for channel in sendable():
        value = _normalised(channel, address)
        if not value:
            continue
        entries = list(
            Suppression.objects.filter(channel=channel, address_hash=address_hash(value)).order_by("-at", "-pk")
        )
        owner = Identity.objects.filter(kind=identity_kind_of(channel), value=value).first()
        contact = Contact.objects.filter(pk=survivor_of(owner.contact_id)).first() if owner else None
        if entries or (contact and identity_kind_of(channel) not in kinds):
            found.append(Found(value, entries, contact, channel))
            kinds.add(identity_kind_of(channel))
    return found


@transaction.atomic
def add_by_hand(addresses: Sequence[str], *, channel: int, why: str, by: User | None) -> Added:
    """Never write to these again. What is no address is told back, and the others are kept."""
    unusable = [one for one in addresses if not _normalised(channel, one)]
    count = suppress_all(addresses, channel=channel, source=why or "by hand")
    if count:
        audit("suppression.added", by=by, channel=int(channel), count=count)
    return Added(count, unusable)


@transaction.atomic
def lift_by_hand(pk: int, address: str, *, by: User | None) -> bool:
    """Take away what somebody of us put there, for this address; False where it no longer stands, or is another's.

    NotByHandError.
    """
    entry = Suppression.objects.select_for_update().filter(pk=pk).first()
    value = _normalised(entry.channel, address) if entry else ""
    if entry is None or not value or address_hash(value) != entry.address_hash or entry.lifted_at is not None:
        return False
    if entry.reason not in LIFTED_BY_HAND:
        raise NotByHandError(entry.reason)
    entry.lifted_at = now()
    entry.save(update_fields=["lifted_at"])
    tell_of_addresses([value], entry.channel)
    audit("suppression.lifted", by=by, target=entry)
    return True


@transaction.atomic
def take_back_asking(source: str, *, after: int, limit: int) -> Lifted:
    """The source no longer asks for the next entries of the suppression list behind an id; lifted is what nobody else does.

    Whoever has such an address is told of by who knows them: the list itself does not.
    """
    params = {"source": source[:200], "after": after, "limit": limit, "now": now()}
    rows = run_sql("consent/lift_asked", params | {"workspace": current_workspace_id()})
    ids = [row[0] for row in rows]
    return Lifted(max(ids, default=after), sum(row[1] for row in rows), sum(row[2] for row in rows), len(rows))


def _standing() -> QuerySet[Suppression]:
    """Entries that hold now."""
    return Suppression.objects.filter(Q(ends_at=None) | Q(ends_at__gt=now()), lifted_at=None)


def _normalised(channel: int, address: str) -> str:
    """The address as it is kept, or "" where it is none."""
    try:
        return normalise_for(channel, address)
    except BadAddressError:
        return ""


def _behind(rows: QuerySet[Suppression], key: list[Any] | None) -> QuerySet[Suppression]:
    ordered = rows.order_by("-at", "-pk")
    return ordered if key is None else ordered.filter(Q(at__lt=key[0]) | Q(at=key[0], pk__lt=key[1]))
