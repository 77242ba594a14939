"""The demo's own fields, companies and owners: what a small brand wants to know beside name and address."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from backstage.demo.people import Person
from contacts.companies.searching import index_companies
from contacts.custom_fields.defining import define_field
from contacts.custom_fields.retyping import declare_held
from contacts.history.saying import making
from contacts.models import Audience, Company, CompanyDomain, Contact, FieldValue, Position
from workspaces.current import current_workspace_id
from workspaces.models import Membership, User

COMPANIES = (
    ("Café Morgenrot", "morgenrot.example", "DE"), ("Nordlicht Feinkost", "nordlicht.example", "DE"),
    ("Maison Tilleul", "tilleul.example", "FR"), ("Brouwer & Zonen", "brouwer.example", "NL"),
    ("Hotel Seeblick", "seeblick.example", "AT"), ("Lagom Interiors", "lagom.example", "SE"),
    ("The Slow Kitchen", "slowkitchen.example", "GB"), ("Teehaus am Markt", "teehaus.example", "DE"),
)  # fmt: skip
ROLES = ("Owner", "Buyer", "Head of purchasing", "Barista", "Office manager", "")
TIERS = ("Guest", "Regular", "Friend of the house")
ONE_IN = 12


def make_belonging(dice: random.Random, people: Sequence[Person], now: datetime) -> None:
    """Declared fields with values, people at companies, owners for those who matter most."""
    admin = (
        User.objects.filter(
            pk__in=Membership.objects.filter(workspace=current_workspace_id(), role="owner").values("user")
        )
        .order_by("pk")
        .first()
    )
    declare_held("cups a day", type="number", help_line="As they told us, roughly.", by=admin)
    define_field("Tier", type="choice", choices=TIERS, help_line="At the counter.", by=admin)
    define_field("Contract until", type="date", help_line="For those who buy wholesale.", by=admin)
    define_field("May be quoted", type="yes_no", by=admin)
    customers = [one for one in people if Audience.CUSTOMER in one.roles]
    rows = [row for one in customers if dice.random() < 0.35 for row in _values(dice, one, now)]
    FieldValue.objects.bulk_create(rows, batch_size=2000)
    _put_at_companies(dice, customers[::ONE_IN] or customers, now)
    _hand_out(dice, people)


def _values(dice: random.Random, one: Person, now: datetime) -> list[FieldValue]:
    made = [FieldValue(contact=one.contact, name="Tier", text=dice.choices(TIERS, [5, 3, 1])[0])]
    if dice.random() < 0.2:
        made.append(FieldValue(contact=one.contact, name="May be quoted", text=dice.choice(["yes", "no"])))
    if dice.random() < 0.1:
        day = (now + timedelta(days=dice.randint(30, 700))).replace(hour=0, minute=0, second=0, microsecond=0)
        made.append(FieldValue(contact=one.contact, name="Contract until", text=day.date().isoformat(), moment=day))
    return made


def _put_at_companies(dice: random.Random, some: Sequence[Person], now: datetime) -> None:
    companies = Company.objects.bulk_create(
        [
            Company(name=name, country=country, created_at=now - timedelta(days=300))
            for name, _domain, country in COMPANIES
        ]
    )
    CompanyDomain.objects.bulk_create(
        [CompanyDomain(company=one, domain=domain) for one, (_n, domain, _c) in zip(companies, COMPANIES, strict=True)]
    )
    index_companies(one.pk for one in companies)
    rows = []
    for one in some:
        began = max(one.joined_at, now - timedelta(days=dice.randint(100, 900))).date()
        first = dice.choice(companies)
        rows.append(Position(contact=one.contact, company=first, role_there=dice.choice(ROLES), since=began))
        if dice.random() < 0.15:
            other = dice.choice([company for company in companies if company != first])
            until = (now - timedelta(days=dice.randint(1, 60))).date()
            since = min(began, until)
            rows.append(Position(contact=one.contact, company=other, role_there="Adviser", since=since, until=until))
    Position.objects.bulk_create(rows)


def _hand_out(dice: random.Random, people: Sequence[Person]) -> None:
    """Influencers, critics and some customers have somebody who looks after them."""
    here = Membership.objects.filter(workspace=current_workspace_id(), role__in=["owner", "marketer", "community"])
    members = list(here.order_by("pk").values_list("user_id", flat=True))
    matter = [one for one in people if {Audience.INFLUENCER, Audience.CRITIC} & set(one.roles) or dice.random() < 0.04]
    for owner in members:
        chosen = [one.contact.pk for one in matter if dice.randrange(len(members)) == members.index(owner)]
        with making():  # they came with their owner: nothing changed
            Contact.objects.filter(pk__in=chosen, owner_id=None).update(owner_id=owner)
