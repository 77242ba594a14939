"""Ways to recognise a contact, added and taken away one by one: addresses, numbers, handles, customer numbers, devices."""

from django.db import transaction

from contacts.addresses import (
    BadAddressError,
    normalise_digest,
    normalise_email,
    normalise_handle,
    normalise_phone,
    region_of_zone,
)
from contacts.editing import AddressTakenError
from contacts.history.saying import saying
from contacts.merging import everyone_in
from contacts.models import Contact, Identity
from contacts.news import contacts_changed
from contacts.reaching import Chosen, addresses_in_use, use_addresses
from contacts.reserved_ids import names_nobody
from contacts.searching import index_people
from contacts.sharing import use_shared
from lib.clock import now
from lib.foreign.cleaning import to_storable
from workspaces.auditing import audit
from workspaces.current import current_workspace
from workspaces.models import User

LONGEST_ID = 300
Kind = Identity.Kind


def normalise_identity(kind: int, value: str) -> str:
    """The one spelling of an identity of this kind. BadAddressError for what recognises nobody."""
    if kind == Kind.EMAIL:
        return normalise_email(value)
    if kind == Kind.PHONE:
        return normalise_phone(value, region_of_zone(current_workspace().zone))
    if kind == Kind.HANDLE:
        return normalise_handle(value)
    if kind == Kind.PUSH:
        return normalise_digest(value)
    clean = to_storable(value).strip()
    if not clean or len(clean) > LONGEST_ID:
        raise BadAddressError(f"An id has 1 to {LONGEST_ID} characters.")
    if names_nobody(clean):
        raise BadAddressError("This id stands for a missing one and names nobody.")
    return clean


@transaction.atomic
def add_identity(
    contact: Contact,
    kind: int,
    value: str,
    *,
    by: User | None,
    is_verified: bool = False,
    is_preferred: bool = False,
    evidence: str = "entered by hand",
) -> Identity:
    """The contact is recognised by this too; messages go there where it is preferred, or the first of its kind.

    May be repeated; a former one is in use again. AddressTakenError, BadAddressError.
    """
    clean = normalise_identity(kind, value)
    row, is_new = _claim(contact, kind, clean, evidence)
    if (is_verified and row.verified_at is None) or row.former_since:
        row.verified_at = row.verified_at or (now() if is_verified else None)
        row.former_since, is_new = None, True
        row.save(update_fields=["verified_at", "former_since"])
    is_first = (contact.pk, kind) not in addresses_in_use([contact.pk], [kind]) or not contact.email
    if is_preferred or (kind == Kind.EMAIL and is_first):
        with saying(evidence, by_id=by.pk if by else None):
            is_new = bool(use_addresses([Chosen(contact.pk, kind, clean, retires=False)])) or is_new
    if kind != Kind.DEVICE and contact.is_anonymous:
        Contact.objects.filter(pk=contact.pk).update(is_anonymous=False)
    if is_new:
        _tell(contact, "contact.identity_added", by, kind=kind)
    return row


@transaction.atomic
def remove_identity(contact: Contact, identity_id: int, *, by: User | None) -> bool:
    """It recognises the contact no longer, and somebody else may have it; False where it is none of theirs.

    Where messages went there they go to the next of its kind, if there is one. May be repeated.
    """
    row = Identity.objects.filter(pk=identity_id, contact__in=everyone_in(contact.pk)).select_for_update().first()
    if row is None:
        return False
    owner, kind, value = row.contact_id, row.kind, row.value
    is_used = addresses_in_use([owner], [kind]).get((owner, kind)) == value
    with saying("by hand", by_id=by.pk if by else None):
        use_addresses([Chosen(owner, kind, "")] if is_used else [])
        row.delete()
        if kind == Kind.EMAIL and (left := addresses_in_use([owner], [kind]).get((owner, kind))):
            use_addresses([Chosen(owner, kind, left)])
    index_people(sorted({owner, contact.pk}))
    _tell(contact, "contact.identity_removed", by, kind=kind)
    return True


def _claim(contact: Contact, kind: int, value: str, evidence: str) -> tuple[Identity, bool]:
    """The row by which the contact has this address, and whether it is new: alone, or beside others who share it."""
    everybody = everyone_in(contact.pk)
    mine = Identity.objects.filter(kind=kind, value=value, contact__in=everybody).first()
    if mine is not None:
        return mine, False
    if use_shared(contact, kind, value, evidence=evidence):
        contact.refresh_from_db(fields=["email"])
        return Identity.objects.get(kind=kind, value=value, contact=contact), True
    row, is_new = Identity.objects.get_or_create(
        kind=kind, value=value, shared_key=0, defaults={"contact": contact, "evidence": evidence[:120]}
    )
    if row.contact_id not in everybody:
        raise AddressTakenError(kind, row.contact_id)
    return row, is_new


def _tell(contact: Contact, action: str, by: User | None, **details: object) -> None:
    index_people([contact.pk])
    audit(action, by=by, target=contact, **details)
    contacts_changed.tell(contact_ids=[contact.pk])
