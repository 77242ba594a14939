"""Shared addresses: info@ of an office, a family's phone. Several contacts use one, so it tells nobody apart.

Each of them has a row of it (Identity), so that messages reach them there; once an address for each message. What is
said by such an address alone is told of who has used it longest. It merges nobody and makes nobody a likely double.
"""

import json
from collections.abc import Collection, Sequence
from typing import NamedTuple

from django.db import transaction

from contacts.history.saying import saying
from contacts.merging import everyone_in
from contacts.models import Contact, Identity
from contacts.news import contacts_changed
from contacts.reaching import Chosen, addresses_in_use, use_addresses
from contacts.searching import index_people
from lib.clock import now
from lib.sql import array_of, run_sql
from workspaces.auditing import audit
from workspaces.current import current_workspace_id
from workspaces.models import User

Key = tuple[int, str]
Why = Identity.Shared
SHARED_FIELDS = ["shared_key", "shared_since", "shared_why", "shared_by"]
SHAREABLE = frozenset({int(Identity.Kind.EMAIL), int(Identity.Kind.PHONE)})


class CannotShareError(ValueError):
    """A kind of identity that nobody shares: only emails and phones are."""


class Usage(NamedTuple):
    """Somebody who uses an address, and whether it is a shared one."""

    contact_id: int
    name: str
    is_shared: bool


def usages_of(keys: Collection[Key]) -> dict[Key, list[Usage]]:
    """Address → who uses it today, the first who did first. One statement."""
    if not keys:
        return {}
    params = {
        "workspace": current_workspace_id(),
        "kinds": array_of(kind for kind, _value in keys),
        "values": json.dumps([value for _kind, value in keys]),
    }
    found: dict[Key, list[Usage]] = {}
    for kind, value, contact, name, is_shared in run_sql("contacts/users_of_shared", params):
        found.setdefault((kind, value), []).append(Usage(contact, name, is_shared))
    return found


@transaction.atomic
def share_all(uses: Sequence[tuple[int, int, str]], *, why: str, evidence: str, by: str = "") -> set[int]:
    """These contacts use these addresses (contact, kind, value) and nobody alone; returns of whom that is new.

    One statement, whatever the number; may be repeated. `by` is whose word it is. The caller tells the news.
    """
    if not uses:
        return set()
    params = {
        "workspace": current_workspace_id(),
        "contacts": array_of(contact for contact, _kind, _value in uses),
        "kinds": array_of(kind for _contact, kind, _value in uses),
        "values": json.dumps([value for _contact, _kind, value in uses]),
        "why": str(why),
        "evidence": evidence[:120],
        "by": (by or evidence)[:120],
        "email_kind": int(Identity.Kind.EMAIL),
        "now": now(),
    }
    return {row[0] for row in run_sql("contacts/share", params)}


@transaction.atomic
def use_shared(contact: Contact, kind: int, value: str, *, evidence: str) -> bool:
    """The contact uses this address too, if it is shared; False where it is not. May be repeated."""
    rows = Identity.objects.filter(kind=kind, value=value, shared_key__gt=0).order_by("pk")
    first = rows.first() if kind in SHAREABLE else None
    if first is None:
        return False
    share_all([(contact.pk, kind, value)], why=first.shared_why, evidence=evidence, by=first.shared_by)
    return True


@transaction.atomic
def mark_shared(contact: Contact, identity_id: int, *, by: User | None, evidence: str = "by hand") -> Identity | None:
    """More people than this one use the address: it tells nobody apart from now on. None where it is none of theirs.

    May be repeated. CannotShareError.
    """
    row = _held(contact, identity_id)
    if row is None or row.shared_key:
        return row
    if row.kind not in SHAREABLE:
        raise CannotShareError
    row.shared_key, row.shared_since, row.shared_why, row.shared_by = row.contact_id, now(), Why.BY_HAND, evidence[:120]
    row.save(update_fields=SHARED_FIELDS)
    index_people([row.contact_id])
    audit("contact.address_shared", by=by, target=contact, kind=row.kind)
    contacts_changed.tell(contact_ids=[row.contact_id])
    return row


@transaction.atomic
def keep_alone(contact: Contact, identity_id: int, *, by: User | None) -> set[int] | None:
    """The address is this person's alone: whoever else used it has it no longer. Returns whom it was taken from.

    None where it is none of theirs. May be repeated. Where it was somebody's only address they have none then.
    """
    row = _held(contact, identity_id)
    if row is None or not row.shared_key:
        return None if row is None else set()
    others = Identity.objects.filter(kind=row.kind, value=row.value).exclude(pk=row.pk).select_for_update()
    mine = set(everyone_in(contact.pk))
    users = {one.contact_id for one in others}
    with saying("by hand", by_id=by.pk if by else None):
        _use_the_next(users, row.kind, row.value)
        others.delete()
    row.shared_key, row.shared_since, row.shared_why, row.shared_by = 0, None, "", ""
    row.save(update_fields=SHARED_FIELDS)
    audit("contact.address_unshared", by=by, target=contact, kind=row.kind, taken_from=sorted(users - mine))
    index_people(sorted({row.contact_id, *users}))
    contacts_changed.tell(contact_ids=sorted({row.contact_id, *users}))
    return users - mine


@transaction.atomic
def unshare(source: str) -> None:
    """What only this source called shared, and one alone uses by now, is theirs alone again, and everybody hears of it."""
    found = run_sql("contacts/unshare", {"workspace": current_workspace_id(), "source": source[:120]})
    if people := sorted({row[0] for row in found}):
        contacts_changed.tell(contact_ids=people)


def _held(contact: Contact, identity_id: int) -> Identity | None:
    rows = Identity.objects.filter(pk=identity_id, contact__in=everyone_in(contact.pk))
    return rows.select_for_update().first()


def _use_the_next(contact_ids: Collection[int], kind: int, value: str) -> None:
    """Messages to these go no longer to this address: to the next of theirs, or nowhere."""
    used = addresses_in_use(sorted(contact_ids), [kind])
    lost = sorted(contact for (contact, _kind), address in used.items() if address == value)
    use_addresses([Chosen(contact, kind, "") for contact in lost])
    left = addresses_in_use(lost, [kind])
    use_addresses([Chosen(contact, kind, address) for (contact, kind), address in left.items()])
