"""How contacts are written in the API: what is sent, what is answered. A contact's own fields come from contacts/fields.py."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from django.utils.module_loading import import_string
from ninja import Schema
from pydantic import Field, create_model

from contacts.fields import ContactField, FieldType, Place, fields_at
from contacts.models import Audience, Contact, ContactFrequency, Identity
from lib.rooms import house
from workspaces.api.pages import Taken

Kind = StrEnum("IdentityKind", {name: name.lower() for name in Identity.Kind.names})  # type: ignore[misc]
Role = StrEnum("AudienceRole", {name: name.lower() for name in Audience.names})  # type: ignore[misc]
Frequency = StrEnum("ContactFrequency", {name: name.lower() for name in ContactFrequency.names})  # type: ignore[misc]
Dialogue = StrEnum("DialogueMode", {name: name.lower() for name in Contact.DialogueMode.names})  # type: ignore[misc]
NUMBERED = {"contact_frequency": (Frequency, ContactFrequency), "dialogue_mode": (Dialogue, Contact.DialogueMode)}
LONGER = {"country": 60}  # a country may be told by its name
type Value = str | bool | int | float
type TagName = Annotated[str, Field(min_length=1, max_length=60, pattern=r"\S")]
type FieldName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"\S")]


def own_fields() -> list[ContactField]:
    """The fields of the table that can be told by hand."""
    return fields_at(Place.FORM)


def _told(field: ContactField) -> Any:
    if field.name in NUMBERED:
        return (NUMBERED[field.name][0] | None, None)
    return (Annotated[str, Field(max_length=LONGER.get(field.name, field.length))] | None, None)


def _shown(field: ContactField) -> Any:
    return (NUMBERED[field.name][0] if field.type is FieldType.NUMBER else str, ...)


class Facts(Taken):
    """What is told of a contact beside its own fields."""

    phone: str | None = Field(None, max_length=40, description="With a country code, or as dialled where you are.")
    fields: dict[FieldName, Value | None] = Field(
        {}, max_length=100, description="Custom fields, by their names; null empties one that is declared."
    )
    owner: str | None = Field(None, max_length=320, description="The email of the member who looks after them.")
    tags: list[TagName] = Field([], max_length=50, description="Tags to put on; none is taken off.")
    roles: list[Role] = Field([], max_length=5, description="Roles they play; none is ended.")


ContactFacts: Any = create_model("ContactFacts", __base__=Facts, **{one.name: _told(one) for one in own_fields()})


class IdentityKey(Taken):
    """One way to recognise a contact."""

    kind: Kind
    value: str = Field(min_length=1, max_length=320)


class NewIdentity(IdentityKey):
    """A further way to recognise a contact."""

    is_verified: bool = Field(False, description="You have proof that it is theirs.")
    is_preferred: bool = Field(False, description="Messages go there from now on.")


NewContact: Any = create_model(
    "NewContact",
    __base__=ContactFacts,
    external_id=(str | None, Field(None, max_length=300, description="Your own number for them.")),
)
Upserted: Any = create_model(
    "UpsertContact", __base__=ContactFacts, by=(IdentityKey, Field(description="Who is meant."))
)


class IdentityShape(Schema):
    """One way in which a contact is recognised. A former one still recognises them; nothing is sent to it.

    A shared one does not recognise anybody; messages go there, once an address.
    """

    id: int
    kind: Kind
    value: str
    is_verified: bool
    is_former: bool
    is_shared: bool
    evidence: str
    created_at: datetime


class OwnerShape(Schema):
    """The member who looks after a contact."""

    email: str
    name: str


class TagShape(Schema):
    """A tag of a contact."""

    id: int
    name: str


def contact_shape() -> Any:
    """What is answered of a contact: its own fields, and what every room says of one."""
    own = {one.name: _shown(one) for one in own_fields()}
    parts = {one.name: (import_string(one.shape), ...) for one in house.contact_parts.values()}
    shape: Any = create_model  # its own types know no fields by name
    return shape(
        "Contact",
        __base__=Schema,
        id=(int, ...),
        **own,
        phone=(str, ...),
        fields=(dict[str, Value], ...),
        tags=(list[TagShape], ...),
        roles=(list[Role], ...),
        identities=(list[IdentityShape], ...),
        merged_ids=(list[int], Field(description="Contacts that turned out to be this person.")),
        owner=(OwnerShape | None, Field(description="Who looks after them.")),
        created_at=(datetime, ...),
        **parts,
    )


ContactShape: Any = contact_shape()


def number_of(name: str, said: StrEnum) -> int:
    """The number behind a word of a numbered field."""
    return int(NUMBERED[name][1][said.name])


def word_of(name: str, number: int) -> str:
    """The word for a number of a numbered field."""
    return str(NUMBERED[name][1](number).name).lower()


def kind_number(kind: Any) -> int:
    """The number of a kind of identity."""
    return int(Identity.Kind[kind.name])


def kind_word(number: int) -> str:
    """The word for a kind of identity."""
    return Identity.Kind(number).name.lower()
