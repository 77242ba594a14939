"""Consent given and withdrawn. The ledger is only ever added to; which of its words counts is decided in
sql/newest_word.sql.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.db import transaction

from consent.eligibility import newest_word_sql, read_eligibilities, statement_params
from consent.models import Basis, Consent, ConsentWording, Suppression, Topic
from consent.news import consent_changed
from consent.settling import settle_words
from consent.suppressing import Reason, suppress_all
from contacts.addresses import address_hash
from contacts.channels import Channel, identity_kind_of
from contacts.merging import relatives_of
from contacts.models import Contact, Identity
from lib.clock import LAST_STORABLE, months_after, now
from lib.sql import array_of, run_sql
from workspaces.current import current_workspace_id
from workspaces.models import User

# What a person's own new yes takes back. A block of ours (manual, legal) stays until we lift it.
LIFTED_BY_PROOF = [Reason.OBJECTION, Reason.COMPLAINT, Reason.BOUNCE, Reason.ERASED]


class NoProofError(ValueError):
    """A no that the person said may only be taken back by the person, with proof of it."""


class Proof(TypedDict, total=False):
    """Where and how something was said, kept beside it."""

    source: str
    touchpoint_id: UUID | str | None
    by: User | None
    page: str
    language: str
    ip: str | None
    agent: str


@transaction.atomic
def give_consent(
    contact: Contact,
    *,
    topic: Topic | None,
    channel: int = Channel.EMAIL,
    basis: str | None = None,
    wording: str = "",
    at: datetime | None = None,
    expires_at: datetime | None = None,
    **proof: Unpack[Proof],
) -> Consent:
    """Write down a yes, with its proof. Repeating it adds nothing; a yes older than a standing no is refused.

    Where the person said no before, only the person can say yes again: the yes must carry the moment it happened
    (`touchpoint_id`) or the page it was said on (`page`), else NoProofError. Such a yes also lifts the address
    from the suppression list, unless we blocked it ourselves. Where nothing else is said, the basis is the topic's, and
    the yes ends after the topic's months.
    """
    moment = at or now()
    newest = newest_word(contact, topic=topic, channel=channel)
    end = expires_at or _end_of(topic, moment)
    first_hand = bool(proof.get("touchpoint_id") or proof.get("page", "").strip())
    if newest is not None and newest.state == Consent.State.WITHDRAWN and (not first_hand or moment < newest.at):
        raise NoProofError("They said no; a yes needs the moment or the page on which they said it.")
    if first_hand:
        _lift(addresses_of(contact, channel), channel)
    elif newest is not None and newest.topic_id == getattr(topic, "pk", None) and _says_as_much(newest, end):
        return newest
    row = Consent.objects.create(
        contact=contact,
        topic=topic,
        channel=channel,
        state=Consent.State.GIVEN,
        basis=basis or (topic.basis if topic else Basis.CONSENT),
        wording=keep_wording(wording),
        at=moment,
        expires_at=end,
        **proof_columns(proof),
    )
    return _told(row)


@transaction.atomic
def give_all(
    said: Iterable[tuple[int, datetime | None, str | None]],
    *,
    topic: Topic,
    channel: int = Channel.EMAIL,
    basis: str = Basis.CONSENT,
    wording: str = "",
    source: str = "",
    are_new: bool = False,
) -> set[int]:
    """A yes for (contact id, moment or None for now, IP) where nothing was said yet, for instance from a file; returns whose.

    One statement, whatever the number; may be repeated. Nobody's no is overruled, and a yes that has ended only by one whose
    moment is told. `are_new`: they were made in this
    transaction, so nobody has said anything for them, and whoever made them tells of them.
    """
    once = {contact: (at, ip) for contact, at, ip in said}
    if not once:
        return set()
    sentence = keep_wording(wording)
    columns = {
        "basis": basis,
        "wording": sentence.pk if sentence else None,
        "source": source[:120],
        "months": topic.months,
        "never_after": LAST_STORABLE,
        "moments": _list_of([at.isoformat() if at else None for at, _ip in once.values()]),
        "ips": _list_of([ip for _at, ip in once.values()]),
    }
    if not are_new:
        return _add_all("consent/give", list(once), topic, channel, **columns)
    run_sql("consent/give_new", _params_of(list(once), topic, channel) | columns)
    return set(once)


def withdraw_consent(
    contact: Contact, *, topic: Topic | None, channel: int = Channel.EMAIL, **proof: Unpack[Proof]
) -> bool:
    """`withdraw_all` for one; returns whether the no is new."""
    return bool(withdraw_all([contact.pk], topic=topic, channel=channel, **proof))


@transaction.atomic
def withdraw_all(
    contact_ids: Collection[int], *, topic: Topic | None, channel: int = Channel.EMAIL, **proof: Unpack[Proof]
) -> set[int]:
    """Write down a no for each of these. `topic=None` means "nothing at all": the addresses are suppressed too.

    A constant number of statements. May be repeated: a standing no is enough, unless it may be undone. Returns whose is new.
    """
    ids = sorted(set(contact_ids))
    added = _add_all("consent/withdraw", ids, topic, channel, basis=Basis.CONSENT, **proof_columns(proof))
    if topic is None and ids:
        addresses = addresses_of_all(ids, channel)
        suppress_all(addresses, channel=channel, reason=Reason.OBJECTION, source=proof.get("source", ""))
    return added


def tell_of_words(contact_ids: Collection[int]) -> None:
    """Words of these people were added to the ledger: what counts now follows, and whoever listens hears of it.

    Whoever adds to the ledger calls this in the same transaction.
    """
    settle_words(contact_ids)
    consent_changed.tell(contact_ids=sorted(contact_ids))


def newest_word(contact: Contact, *, topic: Topic | None, channel: int = Channel.EMAIL) -> Consent | None:
    """The yes or no that counts for this person today: the one by which the gate decides."""
    stands = read_eligibilities(channel, getattr(topic, "pk", None), [contact.pk]).get(contact.pk)
    return Consent.objects.get(pk=stands.word_id) if stands and stands.word_id else None


def keep_wording(text: str) -> ConsentWording | None:
    """The row of this sentence, made once."""
    if not text:
        return None
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    ConsentWording.objects.bulk_create([ConsentWording(digest=digest, text=text)], ignore_conflicts=True)
    return ConsentWording.objects.get(digest=digest)


def addresses_of(contact: Contact, channel: int) -> list[str]:
    """The normalised addresses of a person on a channel, with those of everybody merged into them."""
    return addresses_of_all([contact.pk], channel)


def addresses_of_all(contact_ids: Sequence[int], channel: int) -> list[str]:
    """The normalised addresses of these people on a channel, with those of everybody merged into them."""
    kind = identity_kind_of(channel)
    if not kind:
        return []
    everyone = relatives_of(contact_ids)
    held = Identity.objects.filter(contact__in=everyone, kind=kind)
    values = set(held.values_list("value", flat=True))
    if kind == Identity.Kind.EMAIL:
        values |= set(Contact.objects.filter(pk__in=everyone).exclude(email="").values_list("email", flat=True))
    return sorted(values)


def _told(row: Consent) -> Consent:
    tell_of_words([row.contact_id])
    return row


def _says_as_much(word: Consent, end: datetime | None) -> bool:
    """Whether a yes until `end` adds nothing to this word: a file's may be taken back, one of ours may end earlier."""
    if word.state != Consent.State.GIVEN or word.source.startswith("import "):
        return False
    return word.expires_at is None or (end is not None and word.expires_at >= end)


def _end_of(topic: Topic | None, moment: datetime) -> datetime | None:
    return months_after(moment, topic.months) if topic and topic.months else None


def _lift(addresses: Collection[str], channel: int) -> None:
    """Their owner said yes anew: end what that takes back."""
    standing = Suppression.objects.filter(
        channel=channel, address_hash__in=[address_hash(one) for one in addresses], lifted_at=None
    )
    standing.filter(reason__in=LIFTED_BY_PROOF).update(lifted_at=now())


def proof_columns(proof: Proof) -> dict[str, Any]:
    """The columns of the ledger that hold a proof."""
    by = proof.get("by")
    return {
        "source": proof.get("source", "")[:120],
        "touchpoint_id": proof.get("touchpoint_id"),
        "by_id": by.pk if by else None,
        "page": proof.get("page", ""),
        "language": proof.get("language", ""),
        "ip": proof.get("ip"),
        "agent": proof.get("agent", "")[:300],
    }


def _add_all(statement: str, contact_ids: list[int], topic: Topic | None, channel: int, **columns: Any) -> set[int]:
    """Add to the ledger for these contacts, by a statement that looks at each one's own newest word; returns whose."""
    if not contact_ids:
        return set()
    own_words = newest_word_sql(
        channel=channel,
        channel_sql="%(channel)s",
        topic_sql="%(topic)s",
        now_sql="%(now)s",
        only=" AND said.contact_id = ANY(%(contacts)s::bigint[])",
        person="said.contact_id",
    )
    of_a_file = {"is_imported": columns["source"].startswith("import ")}  # as every file names itself
    params = _params_of(contact_ids, topic, channel) | columns | of_a_file
    added = {row[0] for row in run_sql(statement, params, newest_word=own_words)}
    if added:
        tell_of_words(sorted(added))
    return added


def _params_of(contact_ids: list[int], topic: Topic | None, channel: int) -> dict[str, Any]:
    return {
        **statement_params(),
        "workspace": current_workspace_id(),
        "topic": topic.pk if topic else None,
        "channel": int(channel),
        "contacts": array_of(contact_ids),
        "now": now(),
    }


def _list_of(texts: list[str | None]) -> str:
    """As JSON, where one of them says something: a statement reads nothing from a list that ends early."""
    return json.dumps(texts) if any(texts) else "[]"
