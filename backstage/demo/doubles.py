"""People who came in twice: at the till, by an old newsletter list, with their names in each other's place."""

import random
from datetime import datetime, timedelta

from backstage.demo.people import Person
from contacts.duplicates.finding import find_pairs, keep_pairs
from contacts.duplicates.gathering import gather
from contacts.history.saying import making
from contacts.models import Audience, Contact, FieldValue, Identity
from contacts.searching import index_people

ONE_IN = 280
STREETS = ("Nordhemsgatan 31", "Lindenallee 8", "Rue des Lilas 14", "Kastanienweg 3", "Calle Mayor 22", "Teichstr. 40")


def make_doubles(dice: random.Random, people: list[Person], now: datetime) -> list[Contact]:
    """One in 280 a second time, each known a little differently; returns the second ones."""
    twice = dice.sample([one for one in people if Audience.CUSTOMER in one.roles], len(people) // ONE_IN)
    made = [_again(dice, number, one.contact, now) for number, one in enumerate(twice)]
    if made:
        index_people([contact.pk for contact in made])
    return made


def _again(dice: random.Random, number: int, first: Contact, now: datetime) -> Contact:
    given, family = _written(number, first)
    mailbox, _at, host = first.email.partition("@")
    email = (
        f"{mailbox.replace('.', '')}@{host}" if number % 3 else f"{mailbox}@{host.replace('example', 'shop.example')}"
    )
    again = Contact.objects.create(
        name=f"{given} {family}",
        given_name=given,
        family_name=family,
        email=email,
        city=first.city,
        country=first.country,
        language=first.language,
        zone=first.zone,
        created_at=now - timedelta(days=20 + 9 * number),
    )
    Identity.objects.create(contact=again, kind=Identity.Kind.EMAIL, value=email, evidence="Typed at the till")
    home = {"street": STREETS[number % len(STREETS)], "postcode": f"4{number}{dice.randint(100, 999)}"}
    if number % 2:
        home["birthday"] = f"19{dice.randint(60, 99)}-0{dice.randint(1, 9)}-{dice.randint(10, 28)}"
    with making():
        for contact in (first, again):
            FieldValue.objects.bulk_create(
                FieldValue(contact=contact, name=name, text=text) for name, text in home.items()
            )
        FieldValue.objects.create(contact=again, name="favourite tea", text="Earl Grey", updated_at=again.created_at)
    return again


def _written(number: int, first: Contact) -> tuple[str, str]:
    """Her name as somebody else wrote it."""
    match number % 4:
        case 0:
            return f"{first.given_name[:1]}.", first.family_name
        case 1:
            return first.family_name, first.given_name
        case 2:
            return first.given_name, f"{first.family_name[:-2]}{first.family_name[-1:]}{first.family_name[-2:-1]}"
    return first.given_name, first.family_name


def find_them() -> None:
    """As if the night's search had been."""
    keep_pairs(list(find_pairs(gather())))
