"""What belongs to a contact: the ways to recognise them, their tags and roles."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from contacts import editing, identifying, sharing
from contacts.api.changing import EVIDENCE, explained
from contacts.api.reading import find_contact, identity_shape
from contacts.api.shapes import IdentityShape, NewIdentity, Role, TagName, TagShape, kind_number
from contacts.merging import everyone_in
from contacts.models import Audience, Identity, Tag
from workspaces.api.door import scope
from workspaces.api.pages import Id, ListOf, Taken
from workspaces.api.problems import Problem, nothing_here

router = Router()


class NewTag(Taken):
    """A tag to put on."""

    name: TagName


@router.get("/contacts/{contact_id}/identities", response=ListOf[IdentityShape], summary="Ways to recognise a contact")
@scope("contacts:read")
def list_identities(request: HttpRequest, contact_id: Id) -> dict[str, Any]:
    """What proves most first; those of merged contacts too."""
    rows = Identity.objects.filter(contact__in=everyone_in(find_contact(contact_id).pk)).order_by("kind", "pk")
    return {"items": [identity_shape(row) for row in rows]}


@router.post("/contacts/{contact_id}/identities", response={201: IdentityShape}, summary="Add an identity")
@scope("contacts:write")
def add_identity(request: HttpRequest, contact_id: Id, said: NewIdentity) -> Status:
    """They are recognised by this too. May be repeated. 409 where it is somebody else's and not shared."""
    with explained():
        row = identifying.add_identity(
            find_contact(contact_id),
            kind_number(said.kind),
            said.value,
            by=None,
            is_verified=said.is_verified,
            is_preferred=said.is_preferred,
            evidence=EVIDENCE,
        )
    return Status(201, identity_shape(Identity.objects.get(pk=row.pk)))


@router.delete("/contacts/{contact_id}/identities/{identity_id}", response={204: None}, summary="Remove an identity")
@scope("contacts:write")
def remove_identity(request: HttpRequest, contact_id: Id, identity_id: Id) -> Status:
    """They are recognised by this no longer, and somebody else may be."""
    if not identifying.remove_identity(find_contact(contact_id), identity_id, by=None):
        raise nothing_here("identity of this contact")
    return Status(204, None)


@router.put(
    "/contacts/{contact_id}/identities/{identity_id}/shared",
    response=IdentityShape,
    summary="Mark an address as shared",
)
@scope("contacts:write")
def share_address(request: HttpRequest, contact_id: Id, identity_id: Id) -> dict[str, Any]:
    """Others use this email or phone too: it merges nobody, and may be added to other contacts. May be repeated."""
    try:
        row = sharing.mark_shared(find_contact(contact_id), identity_id, by=None, evidence=EVIDENCE)
    except sharing.CannotShareError as error:
        raise Problem(422, "Only emails and phones are shared.", code="cannot_be_shared") from error
    if row is None:
        raise nothing_here("identity of this contact")
    return identity_shape(row)


@router.delete(
    "/contacts/{contact_id}/identities/{identity_id}/shared", response={204: None}, summary="Keep an address alone"
)
@scope("contacts:write")
def keep_address_alone(request: HttpRequest, contact_id: Id, identity_id: Id) -> Status:
    """It is this contact's alone; others who shared it have it no longer. May be repeated."""
    if sharing.keep_alone(find_contact(contact_id), identity_id, by=None) is None:
        raise nothing_here("identity of this contact")
    return Status(204, None)


@router.get("/contacts/{contact_id}/tags", response=ListOf[TagShape], summary="Tags of a contact")
@scope("contacts:read")
def list_tags(request: HttpRequest, contact_id: Id) -> dict[str, Any]:
    """In the order of the alphabet."""
    rows = Tag.objects.filter(contact__in=everyone_in(find_contact(contact_id).pk)).order_by("name", "pk")
    return {"items": list({row.name: {"id": row.pk, "name": row.name} for row in rows}.values())}


@router.post("/contacts/{contact_id}/tags", response={201: TagShape}, summary="Put a tag on")
@scope("contacts:write")
def add_tag(request: HttpRequest, contact_id: Id, said: NewTag) -> Status:
    """May be repeated."""
    row = editing.add_tag(find_contact(contact_id), said.name, by=None)
    return Status(201, {"id": row.pk, "name": row.name})


@router.delete("/contacts/{contact_id}/tags/{tag_id}", response={204: None}, summary="Take a tag off")
@scope("contacts:write")
def remove_tag(request: HttpRequest, contact_id: Id, tag_id: Id) -> Status:
    """Of the whole person, whoever of those merged bore it."""
    contact = find_contact(contact_id)
    named = Tag.objects.filter(contact__in=everyone_in(contact.pk), pk=tag_id).select_related("contact").first()
    if named is None:
        raise nothing_here("tag of this contact")
    for row in Tag.objects.filter(contact__in=everyone_in(contact.pk), name=named.name).select_related("contact"):
        editing.remove_tag(row.contact, row.pk, by=None)
    return Status(204, None)


@router.put("/contacts/{contact_id}/roles/{role}", response={204: None}, summary="Let a contact play a role")
@scope("contacts:write")
def add_role(request: HttpRequest, contact_id: Id, role: Role) -> Status:
    """May be repeated."""
    editing.add_role(find_contact(contact_id), int(Audience[role.name]), by=None, source=EVIDENCE)
    return Status(204, None)


@router.delete("/contacts/{contact_id}/roles/{role}", response={204: None}, summary="End a role")
@scope("contacts:write")
def end_role(request: HttpRequest, contact_id: Id, role: Role) -> Status:
    """That it was played stays known. May be repeated."""
    contact = find_contact(contact_id)
    for one in type(contact).objects.filter(pk__in=everyone_in(contact.pk)):
        editing.end_role(one, int(Audience[role.name]), by=None)
    return Status(204, None)
