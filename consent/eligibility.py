"""How people stand towards one purpose on one channel: everything the gate decides by, in one statement for a set.

sql/eligibility.sql is the one home of "who may be written to". Two of its parts are files of their own, because
segments ask them of everybody: the word that counts (newest_word.sql) and what stands on the suppression list
(stopped.sql). A reader in plain Python, written apart, is the oracle of the tests (tests/consent/oracle.py).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from consent.models import Consent
from contacts.addresses import hash_pads
from contacts.channels import Channel, identity_kind_of
from contacts.models import Identity
from contacts.postal import postal_params, postal_sql
from lib.clock import now
from lib.sql import array_of, load_sql, numbers_of, run_prepared, run_sql
from workspaces.current import current_workspace_id


class Eligibility(NamedTuple):
    """How one person stands; `asked_id` is the contact asked for, `id` the one they were merged into.

    `word_…` is the yes or no that counts, from the topic or from everything; `…_at` when an address of theirs came
    onto the suppression list; `held_until` when the hold on theirs ends, if one stands.
    """

    asked_id: int
    id: int
    channel: int
    address: str
    erased_at: datetime | None
    dialogue_mode: int
    contact_frequency: int
    paused_until: datetime | None
    complaint_since: datetime | None
    zone: str
    complaint_at: datetime | None
    bounce_at: datetime | None
    objection_at: datetime | None
    blocked_at: datetime | None
    forgotten_at: datetime | None
    word_id: int | None
    word_state: int | None
    word_topic_id: int | None
    word_basis: str | None
    word_source: str | None
    word_at: datetime | None
    word_lapsed: bool
    country: str = ""
    held_until: datetime | None = None


def read_eligibilities(channel: int, topic_id: int | None, contact_ids: Sequence[int]) -> dict[int, Eligibility]:
    """Contact id → how they stand, in one statement (meant for chunks of 1,000). Unknown ids are left out."""
    params = {
        **statement_params(),
        "workspace": current_workspace_id(),
        "ids": array_of(contact_ids),
        "channel": int(channel),
        "kind": identity_kind_of(channel),
        "topic": topic_id,
        "postal_channel": int(Channel.OFFLINE),
        **postal_params(),
        "now": now(),
    }
    return {row[0]: Eligibility._make(row) for row in run_prepared(_statement(), params)}


def listed_among(hashes: Collection[str], *, channel: int = Channel.EMAIL) -> list[tuple[str, str]]:
    """(hash, reason) of everything on the suppression list, holds aside, that one of these hashes of addresses stands for."""
    if not hashes:
        return []
    params = {"workspace": current_workspace_id(), "channel": int(channel), "hashes": "\n".join(hashes)}
    return run_sql("consent/listed_among", params)  # type: ignore[return-value]


def who_refused(contact_ids: Sequence[int], *, channel: int = Channel.EMAIL) -> set[int]:
    """Of these people those who ever said no to something on a channel, or in whose name somebody merged into them did."""
    if not contact_ids:
        return set()
    params = {"workspace": current_workspace_id(), "channel": int(channel), "contacts": array_of(contact_ids)}
    return {row[0] for row in run_sql("consent/who_refused", params | numbers_of(Consent.State))}


def newest_word_sql(
    *,
    channel: int,
    channel_sql: str,
    topic_sql: str,
    now_sql: str,
    only: str,
    person: str = "coalesce(m.survivor_id, said.contact_id)",
) -> str:
    """The word that counts of everybody: (person_id, state, lapsed, source, at, …). Needs `statement_params`.

    `…_sql` are placeholders of the caller's statement; `only` is more for the WHERE, over `said`; `person` is whom a
    word counts for: who stands for the contact today, or "said.contact_id", the contact alone.
    """
    return load_sql(
        "consent/newest_word",
        person=person,
        said=load_sql("consent/said_by_all"),
        kind=_kind_sql(channel),
        channel=channel_sql,
        topic=topic_sql,
        now=now_sql,
        only=only,
    )


def stopped_sql(*, channel: int, channel_sql: str, only_held: str, only_people: str) -> str:
    """What stands on the suppression list without an end, of everybody: (person_id, value, reason, at, …).

    Needs `statement_params`.
    `only_held` and `only_people` are more for the WHERE, over identities (`held`) and contacts (`p`).
    """
    addresses = load_sql(
        "consent/addresses_of_all", kind=_kind_sql(channel), only_held=only_held, only_people=only_people
    )
    return load_sql("consent/stopped", addresses=addresses, channel=channel_sql, ends="false")


def statement_params() -> dict[str, Any]:
    """What the statements of this module need beside the workspace: numbers of enums, the pads of the keyed hash."""
    kinds = {f"{name}_kind": number for name, number in numbers_of(Identity.Kind).items()}
    return {**numbers_of(Consent.State), **kinds, **hash_pads()}


def _kind_sql(channel: int) -> str:
    """The placeholder of the kind of address that a channel has; 0 where it has none."""
    kind = identity_kind_of(channel)
    return f"%({Identity.Kind(kind).name.lower()}_kind)s" if kind else "0"


@cache
def _statement() -> str:
    addresses = load_sql("consent/addresses_of_asked")
    stopped = load_sql("consent/stopped", addresses=addresses, channel="%(channel)s", ends="s.ends_at > %(now)s")
    newest_word = load_sql(
        "consent/newest_word",
        person="who.asked_id",
        said=load_sql("consent/said_by_asked"),
        kind="%(kind)s",
        channel="%(channel)s",
        topic="%(topic)s",
        now="%(now)s",
        only="",
    )
    primary = load_sql("contacts/primary_address", contact="c.id", kind="%(kind)s", email="c.email")
    return load_sql(
        "consent/eligibility",
        stopped=f"\n{stopped}",
        newest_word=f"\n{newest_word}",
        primary=f"\n{primary}",
        postal=f"\n{postal_sql('c')}",
    )
