"""How people stand towards one purpose on one channel: everything the gate decides by, read once.

Two readers with one result: `read_standings` for a set (one statement) and `standing_of` for one person (plain
Python over rows). They are written apart on purpose and tested against each other.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from contacts.addresses import address_hash, hash_pads
from contacts.models import Channel, Consent, Contact, Identity, Merged, Suppression
from ecrm.lib.sql import read_sql, run_dicts
from workspaces.current import current_workspace_id

ADDRESS_KINDS: dict[int, int] = {
    Channel.EMAIL: Identity.Kind.EMAIL,
    Channel.MOBILE: Identity.Kind.PHONE,
    Channel.CALL: Identity.Kind.PHONE,
    Channel.SOCIAL: Identity.Kind.HANDLE,
}
THESE_IDS = "SELECT unnest(%(ids)s::bigint[])"


@dataclass(frozen=True, slots=True)
class Standing:
    """One person's standing; `asked_id` is the contact asked for, `id` the one they were merged into."""

    asked_id: int
    id: int
    channel: int
    address: str
    erased_at: datetime | None
    talk: int
    dial: int
    paused_until: datetime | None
    complaint_since: datetime | None
    zone: str
    complaint_at: datetime | None
    bounce_at: datetime | None
    objection_at: datetime | None
    blocked_at: datetime | None
    forgotten_at: datetime | None
    word_state: int | None
    word_topic_id: int | None
    word_basis: str | None
    word_source: str | None
    word_at: datetime | None
    word_lapsed: bool


def read_standings(channel: int, topic_id: int | None, contact_ids: Sequence[int]) -> dict[int, Standing]:
    """Contact id → standing, in one statement (meant for chunks of 1,000). Unknown ids are left out."""
    rows = run_dicts(standing_sql(THESE_IDS), standing_params(channel, topic_id) | {"ids": list(contact_ids)})
    return {row["asked_id"]: Standing(**row) for row in rows}


def standing_sql(people: str) -> str:
    """The statement for the people that the SELECT `people` (one column of contact ids) names."""
    return read_sql("contacts/standing").replace("/*people*/", people)


def standing_params(channel: int, topic_id: int | None) -> dict[str, Any]:
    """What `standing_sql` needs beside the people."""
    return {
        "workspace": current_workspace_id(),
        "channel": int(channel),
        "kind": int(ADDRESS_KINDS.get(channel, 0)),
        "topic": topic_id,
        "now": timezone.now(),
        **hash_pads(),
    }


def standing_of(channel: int, topic_id: int | None, contact: Contact) -> Standing:
    """The same for one person, read row by row."""
    link = Merged.objects.filter(loser=contact).select_related("survivor").first()
    main = link.survivor if link else contact
    members = [main, *(row.loser for row in Merged.objects.filter(survivor=main).select_related("loser"))]
    kind = int(ADDRESS_KINDS.get(channel, 0))
    address = _main_address(main, kind)
    stops = _stops(channel, kind, members, address)
    word = _word(channel, topic_id, kind, members)
    return Standing(
        asked_id=contact.pk,
        id=main.pk,
        channel=int(channel),
        address=address,
        erased_at=main.erased_at,
        talk=main.talk,
        dial=main.dial,
        paused_until=main.paused_until,
        complaint_since=main.complaint_since,
        zone=main.zone,
        complaint_at=stops.get("complaint"),
        bounce_at=stops.get("bounce"),
        objection_at=stops.get("objection"),
        blocked_at=stops.get("manual"),
        forgotten_at=stops.get("erased"),
        word_state=word.state if word else None,
        word_topic_id=word.topic_id if word else None,
        word_basis=word.basis if word else None,
        word_source=word.source if word else None,
        word_at=word.at if word else None,
        word_lapsed=bool(word and _has_lapsed(word)),
    )


def _main_address(main: Contact, kind: int) -> str:
    if kind == Identity.Kind.EMAIL:
        return main.email
    values = Identity.objects.filter(contact=main, kind=kind).values_list("value", flat=True)
    return min(values, default="")


def _stops(channel: int, kind: int, members: Sequence[Contact], address: str) -> dict[str, datetime]:
    """Reason → moment of what stands on the do-not-contact list for any of their addresses."""
    found: dict[str, datetime] = {}
    values = set(Identity.objects.filter(contact__in=members, kind=kind).values_list("value", flat=True))
    if kind == Identity.Kind.EMAIL:
        values |= {member.email for member in members if member.email}
    for value in values:
        for row in Suppression.objects.filter(channel=channel, address_hash=address_hash(value), lifted_at=None):
            if row.reason == Suppression.Reason.BOUNCE and value != address:
                continue
            found[row.reason] = max(row.at, found.get(row.reason, row.at))
    return found


def _word(channel: int, topic_id: int | None, kind: int, members: Sequence[Contact]) -> Consent | None:
    """The newest word from each address; of several people's the most restrictive."""
    newest: dict[str, Consent] = {}
    for member in members:
        voice = member.email if kind == Identity.Kind.EMAIL and member.email else str(member.pk)
        for row in Consent.objects.filter(contact=member, channel=channel):
            if row.state == Consent.State.REQUESTED or row.topic_id not in {None, topic_id}:
                continue
            if voice not in newest or (row.at, row.pk) > (newest[voice].at, newest[voice].pk):
                newest[voice] = row
    return max(newest.values(), key=lambda row: (row.state, _has_lapsed(row), row.at, row.pk), default=None)


def _has_lapsed(row: Consent) -> bool:
    return row.state == Consent.State.GIVEN and row.expires_at is not None and row.expires_at <= timezone.now()
