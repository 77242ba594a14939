"""What the API writes of a contact, by the room's own verbs; what they refuse is said as a problem."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from contacts.addresses import BadAddressError
from contacts.api.reading import find_contact
from contacts.api.shapes import NUMBERED, number_of, own_fields
from contacts.countries import country_code
from contacts.custom_fields.entering import BadValuesError, enter_values
from contacts.custom_fields.knowing import declared
from contacts.duplicates.deciding import NotThereError
from contacts.editing import AddressTakenError, add_role, add_tag, create_contact, edit_contact
from contacts.enriching import enrich
from contacts.fields import reserved_names
from contacts.history.saying import saying
from contacts.identifying import add_identity, normalise_identity
from contacts.merging import SamePersonError
from contacts.models import Audience, Contact, Identity
from contacts.owning import NoMemberError, member_of_email, set_owner
from contacts.resolving import Hint, resolve
from contacts.sharing import usages_of
from workspaces.api.problems import Problem, refuse
from workspaces.models import check_zone

EVIDENCE = "your server said so"
NAMES = ("name", "given_name", "family_name", "email", "phone")


@contextmanager
def explained() -> Iterator[None]:
    """What verbs refuse, as problems."""
    try:
        yield
    except AddressTakenError as error:
        kind = Identity.Kind(error.kind).name.lower()
        said = f"This {kind} belongs to contact {error.owner_id}: merge the two, or leave it out."
        raise Problem(409, said, code="taken", errors=[(f"body.{kind}", said)]) from error
    except BadAddressError as error:
        raise Problem(422, str(error), code="unusable_address") from error
    except (NotThereError, SamePersonError) as error:
        said = "Both must be contacts that stand for themselves, and not the same."
        raise Problem(409, said, code="cannot_be_merged") from error


def create(said: Any) -> Contact:
    """A new contact with everything that is said of it."""
    facts = _facts(said)
    if not any(facts.get(name) for name in NAMES) and not said.external_id:
        raise Problem(422, "Give a name, an email address, a phone number or an external_id.", code="names_nobody")
    with explained(), saying(EVIDENCE):
        contact = create_contact(by=None, **facts)
        if said.external_id:
            add_identity(contact, Identity.Kind.EXTERNAL_ID, said.external_id, by=None, evidence=EVIDENCE)
        _more(contact, said)
    return contact


def update(contact: Contact, said: Any) -> None:
    """What is said changes; what is not said stays; a null empties."""
    with explained(), saying(EVIDENCE):
        edit_contact(contact, by=None, **_facts(said, known=contact))
        _more(contact, said)


def upsert(kind: int, said: Any) -> tuple[Contact, bool]:
    """Who is recognised by this, made where nobody is, and changed as said; whether they are new. Safe beside itself."""
    with saying(EVIDENCE):
        with explained():
            value = normalise_identity(kind, said.by.value)
            if any(one.is_shared for one in usages_of([(kind, value)]).get((kind, value), ())):
                raise Problem(409, "Several people use this address: name them by another one.", code="address_shared")
            is_new = not Identity.objects.filter(kind=kind, value=value).exists()
            [(contact_id, _identity)] = resolve([[Hint(kind, value, True, EVIDENCE)]])
        found = find_contact(contact_id)
        if kind == Identity.Kind.EMAIL and not found.email and "email" not in said.model_fields_set:
            said.email = value
        update(found, said)
    return found, is_new


def _facts(said: Any, *, known: Contact | None = None) -> dict[str, Any]:
    """The contact's own fields that were said, as its verbs take them."""
    told = said.model_dump(include={*(one.name for one in own_fields()), "phone"}, exclude_unset=True)
    facts: dict[str, Any] = {}
    for name, value in told.items():
        if name in NUMBERED:
            if value is not None:
                facts[name] = number_of(name, value)
        else:
            facts[name] = (value or "").strip()
    if facts.get("country"):
        facts["country"] = country_code(facts["country"]) or _no("country", "Two letters of a country, or its name.")
    if facts.get("zone"):
        check_zone(facts["zone"])
    whole = " ".join(filter(None, (facts.get("given_name"), facts.get("family_name"))))
    if whole and not facts.get("name") and not (known and known.name):
        facts["name"] = whole[:200]
    return facts


def _more(contact: Contact, said: Any) -> None:
    """Custom fields, tags, roles."""
    if taken := sorted(reserved_names() & said.fields.keys()):
        raise refuse(f"body.fields.{taken[0]}", f"“{taken[0]}” is a field of every contact: say it beside “fields”.")
    _enter(contact, said.fields)
    if "owner" in said.model_fields_set:
        try:
            set_owner(contact, member_of_email(said.owner) if said.owner else None, by=None)
        except NoMemberError as error:
            raise refuse("body.owner", str(error)) from error
    for name in dict.fromkeys(said.tags):
        add_tag(contact, name, by=None)
    for role in dict.fromkeys(said.roles):
        add_role(contact, int(Audience[role.name]), by=None, source=EVIDENCE)


def _enter(contact: Contact, fields: dict[str, Any]) -> None:
    """Custom fields: declared ones by their type, which refuses what it cannot hold; others as they come."""
    known = declared(fields)
    by_type = {name: value for name, value in fields.items() if name in known}
    try:
        enter_values(contact, by_type, by=None)
    except BadValuesError as error:
        said = [(f"body.fields.{name}", why) for name, why in error.wrong.items()]
        raise Problem(422, str(error), errors=said) from error
    if rest := {name: value for name, value in fields.items() if name not in known and value is not None}:
        enrich([(contact.pk, rest)])


def _no(name: str, says: str) -> str:
    raise refuse(f"body.{name}", says)
