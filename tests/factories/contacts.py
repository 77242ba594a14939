"""People for tests; call inside working_in."""

from itertools import count

from consent.consenting import give_consent
from consent.models import Topic
from contacts.history.saying import making
from contacts.models import AudienceRole, Contact, FieldValue, Identity, Tag

_numbers = count(1)


def make_contact(name: str = "", email: str | None = None, *, roles=(), tags=(), custom=None, **fields) -> Contact:
    """A contact with its e-mail identity; `custom` maps names of custom fields to a text or a number."""
    number = next(_numbers)
    name = name or f"Person {number}"
    email = f"person{number}@people.example" if email is None else email
    contact = Contact.objects.create(name=name, email=email, **fields)
    if email:
        Identity.objects.create(contact=contact, kind=Identity.Kind.EMAIL, value=email)
    AudienceRole.objects.bulk_create([AudienceRole(contact=contact, role=role) for role in roles])
    Tag.objects.bulk_create([Tag(contact=contact, name=tag) for tag in tags])
    rows = [
        FieldValue(contact=contact, name=key, **({"text": value} if isinstance(value, str) else {"number": value}))
        for key, value in (custom or {}).items()
    ]
    if rows:
        with making():
            FieldValue.objects.bulk_create(rows)
    return contact


def letter() -> Topic:
    """The topic every workspace is founded with."""
    return Topic.objects.get_or_create(key="letter", defaults={"name": "Newsletter"})[0]


def make_reader(name: str = "", **fields) -> Contact:
    """A contact who agreed to the letter and lives where it is never night for tests that do not ask for it."""
    contact = make_contact(name, **fields)
    give_consent(contact, topic=letter(), wording="Yes, write to me", page="https://kettle.example/join")
    return contact
