"""What people of the team change about a contact by hand: fields, ways to reach, roles, tags."""

from typing import Any

from django.db import transaction

from contacts.addresses import normalise_email, normalise_phone, region_of_zone
from contacts.fields import Place, names_at
from contacts.history.saying import keep_changes, made, saying
from contacts.models import AudienceRole, Contact, Identity, Tag
from contacts.news import contacts_changed
from contacts.reaching import Chosen, primary_of, use_addresses
from contacts.searching import index_people
from contacts.sharing import use_shared
from lib.clock import now
from workspaces.auditing import audit
from workspaces.current import current_workspace
from workspaces.models import User


class AddressTakenError(ValueError):
    """An email address or phone number that belongs to somebody else; `owner_id` says to whom."""

    def __init__(self, kind: int, owner_id: int) -> None:
        super().__init__(f"belongs to contact {owner_id}")
        self.kind, self.owner_id = kind, owner_id


@transaction.atomic
def create_contact(*, by: User | None, **facts: Any) -> Contact:
    """A new contact with its ways to reach. AddressTakenError, BadAddressError; nothing is made then."""
    contact = Contact()
    with saying("by hand", by_id=by.pk if by else None):
        _write(contact, facts)
    audit("contact.created", by=by, target=contact)
    return contact


@transaction.atomic
def edit_contact(contact: Contact, *, by: User | None, **facts: Any) -> Contact:
    """Change fields and ways to reach; what is not named stays. AddressTakenError, BadAddressError."""
    with saying("by hand", by_id=by.pk if by else None):
        changed = _write(contact, facts)
    if changed:
        audit("contact.edited", by=by, target=contact, fields=changed)
    return contact


@transaction.atomic
def add_role(contact: Contact, role: int, *, by: User | None, source: str = "by hand") -> AudienceRole:
    """The contact plays this role from now on. May be repeated."""
    row, is_new = AudienceRole.objects.get_or_create(
        contact=contact, role=role, until=None, defaults={"source": source}
    )
    if is_new:
        _tell(contact, "contact.role_added", by, role=role)
    elif row.source.startswith("import ") and not source.startswith("import "):
        AudienceRole.objects.filter(pk=row.pk).update(source=source)  # no longer the file's alone
    return row


@transaction.atomic
def end_role(contact: Contact, role: int, *, by: User | None) -> None:
    """The role ends now; that it was played stays known."""
    if AudienceRole.objects.filter(contact=contact, role=role, until=None).update(until=now(), source="by hand"):
        _tell(contact, "contact.role_ended", by, role=role)


@transaction.atomic
def add_tag(contact: Contact, name: str, *, by: User | None) -> Tag:
    """Put a tag on a contact. May be repeated."""
    row, is_new = Tag.objects.get_or_create(contact=contact, name=name.strip()[:60])
    if is_new:
        _tell(contact, "contact.tagged", by)
    elif row.source:
        Tag.objects.filter(pk=row.pk).update(source="")  # no longer the file's alone
    return row


@transaction.atomic
def remove_tag(contact: Contact, tag_id: int, *, by: User | None) -> None:
    """Take a tag away. May be repeated."""
    if Tag.objects.filter(contact=contact, pk=tag_id).delete()[0]:
        _tell(contact, "contact.untagged", by)


def phone_of(contact: Contact) -> str:
    """The phone number that we use for a contact, or ""."""
    return primary_of(contact, Identity.Kind.PHONE)


def _write(contact: Contact, facts: dict[str, Any]) -> list[str]:
    """Write the facts that differ; returns their names."""
    plain = [name for name in names_at(Place.FORM) if name in facts and name != "email"]
    changed = [name for name in plain if facts[name] != getattr(contact, name)]
    for name in changed:
        setattr(contact, name, facts[name])
    wanted = _wanted_addresses(contact, facts)
    first_number = wanted.get(Identity.Kind.PHONE, "") if contact.pk and not phone_of(contact) else ""
    is_new = contact.pk is None
    if is_new or changed:
        contact.save()
    if is_new:
        made([contact.pk])
    for kind, value in wanted.items():
        _hold(contact, kind, value)
        changed.append("email" if kind == Identity.Kind.EMAIL else "phone")
    if first_number:
        keep_changes([(contact.pk, "phone", "", first_number)])
    if wanted:
        contact.email = wanted.get(Identity.Kind.EMAIL, contact.email)
    if is_new or changed:
        index_people([contact.pk])
        contacts_changed.tell(contact_ids=[contact.pk])
    return changed


def _wanted_addresses(contact: Contact, facts: dict[str, Any]) -> dict[int, str]:
    """Kind → what the facts say of how to reach the contact, where it differs: "" for "no longer at all"."""
    wanted: dict[int, str] = {}
    if (email := facts.get("email")) is not None:
        email = normalise_email(email) if email else ""
        if email != contact.email:
            wanted[Identity.Kind.EMAIL] = email
    if (phone := facts.get("phone")) is not None:
        number = normalise_phone(phone, region_of_zone(current_workspace().zone)) if phone else ""
        if number != (phone_of(contact) if contact.pk else ""):
            wanted[Identity.Kind.PHONE] = number
    return wanted


def _hold(contact: Contact, kind: int, value: str) -> None:
    """The contact is reached at this value from now on; the one before is former. AddressTakenError."""
    if value:
        _claim(contact, kind, value)
    use_addresses([Chosen(contact.pk, kind, value)])


def _claim(contact: Contact, kind: int, value: str) -> None:
    if use_shared(contact, kind, value, evidence="entered by hand"):
        return
    row, is_new = Identity.objects.get_or_create(
        kind=kind, value=value, shared_key=0, defaults={"contact": contact, "evidence": "entered by hand"}
    )
    if not is_new and row.contact_id != contact.pk:
        raise AddressTakenError(kind, row.contact_id)


def _tell(contact: Contact, action: str, by: User | None, **details: object) -> None:
    audit(action, by=by, target=contact, **details)
    contacts_changed.tell(contact_ids=[contact.pk])
