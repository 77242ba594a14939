"""`/contacts`: the list, one, new, changed, by identity."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Status

from contacts.api.changing import create, update, upsert
from contacts.api.listing import Filters, page_of_ids
from contacts.api.reading import find_contact, read_contact, read_contacts
from contacts.api.shapes import ContactFacts, ContactShape, NewContact, Upserted, kind_number
from workspaces.api.door import scope
from workspaces.api.pages import Id, PageOf

router = Router()


@router.get("/contacts", response=PageOf[ContactShape], summary="List contacts")
@scope("contacts:read")
def list_contacts(request: HttpRequest, asked: Query[Filters]) -> dict[str, Any]:  # type: ignore[valid-type]
    """Everybody who fits all filters, who came first first. With an identity: the one person it belongs to."""
    ids, after = page_of_ids(asked)
    return {"items": read_contacts(ids), "next": after}


@router.post("/contacts", response={201: ContactShape}, summary="Make a contact")
@scope("contacts:write", "contacts:read")
def create_contact(request: HttpRequest, said: NewContact) -> Status:  # type: ignore[valid-type]
    """A new person. 409 where an address belongs to somebody already."""
    return Status(201, read_contact(create(said).pk))


@router.post("/contacts/upsert", response={200: ContactShape, 201: ContactShape}, summary="Make or change a contact")
@scope("contacts:write", "contacts:read")
def upsert_contact(request: HttpRequest, said: Upserted) -> Status:  # type: ignore[valid-type]
    """Who is recognised by `by`: changed as said, or made (201). The same twice makes one person."""
    contact, is_new = upsert(kind_number(said.by.kind), said)  # type: ignore[attr-defined]
    return Status(201 if is_new else 200, read_contact(contact.pk))


@router.get("/contacts/{contact_id}", response=ContactShape, summary="One contact")
@scope("contacts:read")
def get_contact(request: HttpRequest, contact_id: Id) -> dict[str, Any]:
    """One person. The id of somebody who was merged leads to who stands for them."""
    return read_contact(find_contact(contact_id).pk)


@router.patch("/contacts/{contact_id}", response=ContactShape, summary="Change a contact")
@scope("contacts:write", "contacts:read")
def update_contact(request: HttpRequest, contact_id: Id, said: ContactFacts) -> dict[str, Any]:  # type: ignore[valid-type]
    """What is said changes, what is left out stays; null empties a field."""
    contact = find_contact(contact_id)
    update(contact, said)
    return read_contact(contact.pk)
