"""Many people who may be written to, at once."""

from consent.models import Consent
from contacts.models import Contact, Identity
from tests.factories.contacts import letter


def make_people(count: int) -> None:
    """So many with an address and a yes to the letter; call inside working_in."""
    people = Contact.objects.bulk_create(
        [Contact(name=f"P {n}", given_name="P", email=f"p{n}@people.example") for n in range(count)], batch_size=5_000
    )
    Identity.objects.bulk_create(
        [Identity(contact=one, kind=Identity.Kind.EMAIL, value=one.email) for one in people], batch_size=5_000
    )
    Consent.objects.bulk_create(
        [Consent(contact=one, topic=letter(), state=Consent.State.GIVEN) for one in people], batch_size=5_000
    )
