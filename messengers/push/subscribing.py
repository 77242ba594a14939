"""Browsers that allow notifications: taken in with the proof of it, ended, and kept with whoever stands for their owner."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from consent.consenting import Proof, give_consent, withdraw_consent
from contacts.channels import Channel
from contacts.merging import relatives_of, survivors_of
from contacts.models import Contact, Identity
from contacts.news import contacts_changed
from delivery.models import PUSH_KIND, Sender
from lib.clock import now
from lib.foreign.cleaning import to_line
from lib.push.browsers import MOST_BROWSERS, Browser, family_of
from messengers.models import PushSubscription

PUSH = Identity.Kind.PUSH


def find_push_sender() -> Sender | None:
    """The sender of notifications: there is one, for browsers belong to its key."""
    return Sender.objects.filter(kind=PUSH_KIND).order_by("pk").first()


@transaction.atomic
def subscribe(sender: Sender, contact: Contact, browser: Browser, *, wording: str, proof: Proof) -> PushSubscription:
    """This browser takes our notifications from now on, and the contact has said yes to them. May be repeated.

    A browser that was somebody else's is theirs no longer. `proof` holds the page on which it was allowed. NotTheirsError
    where it takes notifications already and this is not its secret.
    """
    moment, agent = now(), proof.get("agent", "")
    held = PushSubscription.objects.select_for_update().filter(digest=browser.digest).first()
    if held is not None and held.gone_at is None:
        browser.check_secret(held)
    before = held.first_contact_id if held is not None else None
    facts = {
        "sender": sender,
        "contact": contact,
        "first_contact_id": contact.pk,
        "endpoint": browser.endpoint,
        "p256dh": browser.p256dh,
        "auth": browser.auth,
        "browser": family_of(agent),
        "page": to_line(proof.get("page", ""), 500),
        "seen_at": moment,
        "gone_at": None,
    }
    row, _is_new = PushSubscription.objects.update_or_create(
        digest=browser.digest, defaults=facts, create_defaults={**facts, "given_at": moment}
    )
    too_many = live_of([contact.pk]).order_by("-seen_at", "-pk").values_list("pk", flat=True)[MOST_BROWSERS:]
    PushSubscription.objects.filter(pk__in=list(too_many)).update(gone_at=moment)
    settle_addresses({contact.pk} | ({before} if before else set()))
    give_consent(contact, topic=None, channel=Channel.PUSH, wording=wording, **proof)
    return row


@transaction.atomic
def move_browser(old_digest: str, browser: Browser) -> bool:
    """A browser changed its endpoint by itself: the same yes goes on. False where we do not know it.

    Where the new one takes notifications already, its own yes stands, and the old one is gone. NotTheirsError.
    """
    digests = {old_digest, browser.digest}
    rows = {row.digest: row for row in PushSubscription.objects.select_for_update().filter(digest__in=digests)}
    row, there = rows.get(old_digest), rows.get(browser.digest)
    if row is None or row.gone_at is not None:
        return False
    if there is not None and there.pk != row.pk:
        if there.gone_at is None:
            browser.check_secret(there)
            forget_browsers({old_digest: row.seen_at})
            return True
        there.delete()
    row.digest, row.endpoint, row.p256dh, row.auth = browser.digest, browser.endpoint, browser.p256dh, browser.auth
    row.seen_at = now()
    row.save(update_fields=["digest", "endpoint", "p256dh", "auth", "seen_at"])
    settle_addresses([row.contact_id])
    return True


@transaction.atomic
def end_browser(row: PushSubscription, *, proof: Proof) -> None:
    """This browser gets nothing more. Where it was the last of its person, that is a no to notifications. Repeatable."""
    if row.gone_at is None:
        PushSubscription.objects.filter(pk=row.pk).update(gone_at=now())
        if not live_of([row.contact_id]).exists():
            withdraw_consent(row.contact, topic=None, channel=Channel.PUSH, **proof)
    settle_addresses([row.contact_id])


@transaction.atomic
def forget_browsers(digests: Mapping[str, datetime]) -> int:
    """Push services say that these browsers are gone: nobody said no, there is only nothing there. May be repeated.

    Digest → when we had heard of it last as it was asked: one that allowed us again since then stays.
    """
    rows = PushSubscription.objects.select_for_update().filter(digest__in=list(digests), gone_at=None)
    gone = [row for row in rows if row.seen_at <= digests[row.digest]]
    PushSubscription.objects.filter(pk__in=[row.pk for row in gone]).update(gone_at=now())
    settle_addresses({row.contact_id for row in gone})
    return len(gone)


def live_of(contact_ids: Collection[int]) -> Any:
    """The browsers of these people, and of everybody linked to them, that take notifications."""
    return PushSubscription.objects.filter(first_contact_id__in=relatives_of(contact_ids), gone_at=None)


@transaction.atomic
def settle_addresses(contact_ids: Collection[int]) -> None:
    """Each living browser belongs to who stands for its owner today, and is an address of theirs; others are none.

    A constant number of statements. May be repeated.
    """
    if not contact_ids:
        return
    everyone = relatives_of(contact_ids)
    rows = list(live_of(everyone).order_by("digest").select_for_update())
    stands = survivors_of({row.first_contact_id for row in rows})
    Identity.objects.filter(kind=PUSH, contact__in=everyone).exclude(value__in=[row.digest for row in rows]).delete()
    for row in rows:
        row.contact_id = stands[row.first_contact_id]
    PushSubscription.objects.bulk_update(rows, ["contact"])
    held = [
        Identity(contact_id=row.contact_id, kind=PUSH, value=row.digest, evidence="allowed in the browser")
        for row in rows
    ]
    Identity.objects.bulk_create(
        held,
        update_conflicts=True,
        unique_fields=["workspace", "kind", "value", "shared_key"],
        update_fields=["contact"],
    )
    contacts_changed.tell(contact_ids=sorted(everyone))


def on_contacts_linked(pairs: Sequence[tuple[int, int]]) -> None:
    """News: contacts became one person, or parted again: their browsers come along."""
    ids = {one for pair in pairs for one in pair}
    if PushSubscription.objects.filter(first_contact_id__in=relatives_of(ids), gone_at=None).exists():
        settle_addresses(ids)
