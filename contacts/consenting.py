"""Yes and no: the consent ledger, and the list of addresses that are never written to.

The ledger is only ever added to; the newest word on a topic and channel counts. The do-not-contact list knows an
address by its keyed hash, outside any contact, so nothing that happens to people brings an opt-out back.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b

from django.db import transaction
from django.utils import timezone

from contacts.addresses import BadAddressError, address_hash, normalise_for
from contacts.merging import everyone_in, survivor_of
from contacts.models import Basis, Channel, Consent, ConsentWording, Contact, Identity, Suppression, Topic
from contacts.news import consent_changed

Reason = Suppression.Reason
# What a person's own new yes takes back. A block of ours (manual, legal) stays until we lift it.
LIFTED_BY_PROOF = [Reason.OBJECTION, Reason.COMPLAINT, Reason.BOUNCE, Reason.ERASED]


class NoProofError(ValueError):
    """A no that the person said may only be taken back by the person, with proof of it."""


@transaction.atomic
def give_consent(
    contact: Contact,
    *,
    topic: Topic | None,
    channel: int = Channel.EMAIL,
    basis: str = Basis.CONSENT,
    wording: str = "",
    source: str = "",
    touchpoint_id: object = None,
    by: object = None,
    page: str = "",
    language: str = "",
    ip: str | None = None,
    agent: str = "",
    at: datetime | None = None,
    expires_at: datetime | None = None,
) -> Consent:
    """Write down a yes, with its proof. Repeating it adds nothing; a yes older than a standing no is refused.

    Where the person said no before, only the person can say yes again: the yes must carry the moment it happened
    (`touchpoint_id`) or the page it was said on (`page`), else NoProofError. Such a yes also lifts the address
    from the do-not-contact list, unless we blocked it ourselves.
    """
    moment = at or timezone.now()
    newest = newest_word(contact, topic=topic, channel=channel)
    first_hand = bool(touchpoint_id or page)
    if newest is not None and newest.state == Consent.State.WITHDRAWN and (not first_hand or moment < newest.at):
        raise NoProofError("They said no; a yes needs the moment or the page on which they said it.")
    if first_hand:
        _lift_for(contact, channel)
    elif newest is not None and newest.state == Consent.State.GIVEN and newest.topic_id == getattr(topic, "pk", None):
        return newest
    return _add(
        contact, topic, channel, Consent.State.GIVEN,
        basis=basis, wording=keep_wording(wording), source=source, touchpoint_id=touchpoint_id, page=page,
        by_id=getattr(by, "pk", None), language=language, ip=ip, agent=agent[:300], at=moment, expires_at=expires_at,
    )  # fmt: skip


@transaction.atomic
def request_consent(contact: Contact, *, topic: Topic, channel: int = Channel.EMAIL, **proof: object) -> Consent:
    """Write down that a yes was asked for (the first half of a double opt-in). Changes nothing yet."""
    wording = keep_wording(str(proof.pop("wording", "")))
    return _add(contact, topic, channel, Consent.State.REQUESTED, wording=wording, **proof)


@transaction.atomic
def withdraw_consent(
    contact: Contact,
    *,
    topic: Topic | None,
    channel: int = Channel.EMAIL,
    source: str = "",
    touchpoint_id: object = None,
    by: object = None,
    page: str = "",
    language: str = "",
    ip: str | None = None,
    agent: str = "",
    at: datetime | None = None,
) -> Consent:
    """Write down a no. `topic=None` means "nothing at all": the address goes on the do-not-contact list too.

    May be repeated: a no that stands already is returned as it is.
    """
    newest = newest_word(contact, topic=topic, channel=channel)
    wanted = getattr(topic, "pk", None)
    if newest is not None and newest.state == Consent.State.WITHDRAWN and newest.topic_id in {None, wanted}:
        row = newest
    else:
        row = _add(
            contact, topic, channel, Consent.State.WITHDRAWN, source=source, touchpoint_id=touchpoint_id, page=page,
            by_id=getattr(by, "pk", None), language=language, ip=ip, agent=agent[:300], at=at or timezone.now(),
        )  # fmt: skip
    if topic is None:
        for address in addresses_of(contact, channel):
            suppress(address, channel=channel, reason=Reason.OBJECTION, source=source)
    return row


def suppress(
    address: str, *, channel: int = Channel.EMAIL, reason: str = Reason.MANUAL, source: str = ""
) -> Suppression:
    """Never write to this address again. May be repeated; a lifted entry stands again. BadAddressError if unusable."""
    hidden = address_hash(normalise_for(channel, address))
    row, _ = Suppression.objects.update_or_create(
        channel=channel,
        address_hash=hidden,
        reason=reason,
        defaults={"lifted_at": None},
        create_defaults={"source": source[:200], "at": timezone.now()},
    )
    return row


def lift(address: str, *, channel: int = Channel.EMAIL, proof: Consent) -> int:
    """Take an address off the list, because its owner said yes anew; returns how many entries ended.

    `proof` must be a yes that is newer than the entry. What we blocked ourselves stays.
    """
    if proof.state != Consent.State.GIVEN or not (proof.touchpoint_id or proof.page):
        raise NoProofError("Only a yes said by the person lifts an address.")
    return _lift_older(address, channel, LIFTED_BY_PROOF, proof.at)


def lift_bounce(address: str, *, channel: int = Channel.EMAIL) -> int:
    """The address works after all (a mail came from it): end its bounce; returns how many entries ended."""
    return _lift_older(address, channel, [Reason.BOUNCE], timezone.now())


def is_suppressed(address: str, *, channel: int = Channel.EMAIL) -> bool:
    """Whether this address stands on the do-not-contact list, for whatever reason. An unusable one does."""
    try:
        hidden = address_hash(normalise_for(channel, address))
    except BadAddressError:
        return True
    return Suppression.objects.filter(channel=channel, address_hash=hidden, lifted_at=None).exists()


def newest_word(contact: Contact, *, topic: Topic | None, channel: int = Channel.EMAIL) -> Consent | None:
    """The last yes or no that covers this topic: about the topic itself or about everything."""
    rows = Consent.objects.filter(
        contact=contact, channel=channel, state__in=[Consent.State.GIVEN, Consent.State.WITHDRAWN]
    )
    covering = rows.filter(topic=None) if topic is None else rows.filter(topic=None) | rows.filter(topic=topic)
    return covering.order_by("-at", "-id").first()


def keep_wording(text: str) -> ConsentWording | None:
    """The row of this sentence, made once."""
    if not text:
        return None
    digest = blake2b(text.encode(), digest_size=16).hexdigest()
    ConsentWording.objects.bulk_create([ConsentWording(digest=digest, text=text)], ignore_conflicts=True)
    return ConsentWording.objects.get(digest=digest)


def addresses_of(contact: Contact, channel: int) -> list[str]:
    """The normalised addresses of a person on a channel, with those of everybody merged into them."""
    kinds = {
        Channel.EMAIL: Identity.Kind.EMAIL, Channel.MOBILE: Identity.Kind.PHONE, Channel.CALL: Identity.Kind.PHONE,
        Channel.SOCIAL: Identity.Kind.HANDLE,
    }  # fmt: skip
    if channel not in kinds:
        return []
    everyone = everyone_in(survivor_of(contact.pk))
    held = Identity.objects.filter(contact__in=everyone, kind=kinds[Channel(channel)])
    values = set(held.values_list("value", flat=True))
    if channel == Channel.EMAIL:
        values |= set(Contact.objects.filter(pk__in=everyone).exclude(email="").values_list("email", flat=True))
    return sorted(values)


def bring_topics(sender: object, **_: object) -> None:
    """A new workspace has two things to ask for: a letter and offers."""
    Topic.objects.bulk_create(
        [
            Topic(
                key="letter",
                name="Letter",
                promise="What is new, now and then",
                asks="Read it when you like",
                position=1,
            ),
            Topic(key="offers", name="Offers", promise="Prices before others see them", asks="Nothing", position=2),
        ],
        ignore_conflicts=True,
    )


def _lift_for(contact: Contact, channel: int) -> None:
    for address in addresses_of(contact, channel):
        _lift_older(address, channel, LIFTED_BY_PROOF, timezone.now())


def _lift_older(address: str, channel: int, reasons: Sequence[str], before: datetime) -> int:
    hidden = address_hash(normalise_for(channel, address))
    standing = Suppression.objects.filter(channel=channel, address_hash=hidden, lifted_at=None, reason__in=reasons)
    return standing.filter(at__lte=before).update(lifted_at=timezone.now())


def _add(contact: Contact, topic: Topic | None, channel: int, state: int, **proof: object) -> Consent:
    row = Consent.objects.create(contact=contact, topic=topic, channel=channel, state=state, **proof)
    consent_changed.send(sender=Consent, contact_ids=[contact.pk])
    return row
