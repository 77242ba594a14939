"""The people of the demo: who they are, what they are to the brand, what they agreed to."""

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from backstage.demo.words import FIRST, LAST, PLACES, SHARES
from consent.models import Consent, ConsentWording, Topic
from consent.settling import settle_words
from contacts.channels import Channel
from contacts.history.saying import making
from contacts.models import Audience, AudienceRole, Contact, FieldValue, Identity, Tag
from contacts.searching import index_people

ROLE_SHARES = [
    (Audience.CUSTOMER, 64),
    (Audience.PROSPECT, 28),
    (Audience.INFLUENCER, 3),
    (Audience.EMPLOYEE, 3),
    (Audience.CRITIC, 2),
]
WORDING = "Yes, send me the email. I can stop it with one click."


SOURCES = {
    Audience.CUSTOMER: "First order",
    Audience.PROSPECT: "Sign-up form",
    Audience.INFLUENCER: "Wrote about us",
    Audience.EMPLOYEE: "Staff list",
    Audience.CRITIC: "Complaint in the inbox",
}


@dataclass
class Person:
    """One invented person: how lively they are, what they feel, when they joined."""

    contact: Contact
    roles: list[int]
    joined_at: datetime
    pace: float  # about how many things a month
    warmth: float  # -1 … 1
    buys: float  # purchases a month
    quiet_since: datetime | None
    reads: bool = True
    tracking: int | None = None  # how far they let us measure, where they said so
    events: list[int] = field(default_factory=list)


def make_people(dice: random.Random, count: int, start: datetime, now: datetime) -> list[Person]:
    """`count` contacts with identities, roles, traits, tags, consents and search terms."""
    people = [_draw(dice, n, start, now) for n in range(count)]
    Contact.objects.bulk_create([one.contact for one in people], batch_size=1000)
    _identities(dice, people)
    AudienceRole.objects.bulk_create(
        [
            AudienceRole(
                contact=one.contact, role=role, since=_role_since(dice, one, role, now), source=SOURCES[Audience(role)]
            )
            for one in people
            for role in one.roles
        ],
        batch_size=2000,
    )
    _traits(dice, people)
    _consents(dice, people, now)
    index_people([one.contact.pk for one in people])
    return people


def _draw(dice: random.Random, number: int, start: datetime, now: datetime) -> Person:
    language = dice.choices([code for code, _ in SHARES], [share for _, share in SHARES])[0]
    first, last = dice.choice(FIRST[language]), dice.choice(LAST[language])
    city, country, zone = dice.choice(PLACES[language])
    role = int(dice.choices([r for r, _ in ROLE_SHARES], [s for _, s in ROLE_SHARES])[0])
    roles = [role]
    if role in {Audience.INFLUENCER, Audience.CRITIC, Audience.EMPLOYEE} and dice.random() < 0.5:
        roles.append(int(Audience.CUSTOMER))
    joined = start - timedelta(days=200) + timedelta(days=dice.random() ** 0.7 * 540)
    joined = min(joined, now - timedelta(days=2))
    lively = dice.paretovariate(1.6) * {1: 1.1, 2: 0.6, 3: 2.2, 4: 1.6, 5: 1.4}[role]
    quiet = joined + timedelta(days=dice.expovariate(1 / 260)) if dice.random() < 0.45 else None
    contact = Contact(
        name=f"{first} {last}",
        given_name=first,
        family_name=last,
        email=f"{_plain(first)}.{_plain(last)}{number}@{'kettle' if role == Audience.EMPLOYEE else dice.choice(['mail', 'post', 'inbox', 'brief'])}.example",
        language=language,
        city=city,
        country=country,
        zone=zone,
        contact_frequency=dice.choices([1, 2, 3], [10, 82, 8])[0],
        dialogue_mode=dice.choices([0, 1, 2], [15, 70, 15])[0],
        created_at=joined,
    )
    return Person(
        contact=contact,
        roles=roles,
        joined_at=joined,
        pace=min(lively, 14.0),
        warmth=dice.gauss(-0.6, 0.3) if role == Audience.CRITIC else dice.gauss(0.35, 0.4),
        buys=dice.expovariate(1 / 0.28) if Audience.CUSTOMER in roles else 0.0,
        quiet_since=quiet,
        reads=dice.random() < 0.75,
    )


def _identities(dice: random.Random, people: list[Person]) -> None:
    rows = [row for number, one in enumerate(people) for row in _known_by(dice, number, one)]
    Identity.objects.bulk_create(rows, batch_size=2000)


def _known_by(dice: random.Random, number: int, one: Person) -> list[Identity]:
    """The ways one person is recognised, each with how we know."""
    contact, at, kinds = one.contact, one.joined_at, Identity.Kind
    verified = at if dice.random() < 0.7 else None
    ways: list[tuple[int, str, datetime | None, str]] = [
        (kinds.EMAIL, contact.email, verified, "Link in the first email clicked")
    ]
    if Audience.CUSTOMER in one.roles:
        ways.append((kinds.EXTERNAL_ID, f"K-{20000 + number}", at, "From the shop system"))
    if dice.random() < 0.3:
        ways.append((kinds.PHONE, f"+4630{5550000 + number}", None, "Given at the till"))
    if {Audience.INFLUENCER, Audience.CRITIC} & set(one.roles) or dice.random() < 0.08:
        handle = f"@{_plain(contact.given_name)}{number}@tea.example"
        ways.append((kinds.HANDLE, handle, None, "The profile links to their site"))
    if dice.random() < 0.5:
        ways.append((kinds.DEVICE, f"demo-device-{number}", None, "Signed in once"))
    return [
        Identity(contact=contact, kind=kind, value=value, verified_at=seen, evidence=evidence, created_at=at)
        for kind, value, seen, evidence in ways
    ]


def _traits(dice: random.Random, people: list[Person]) -> None:
    traits, tags = [], []
    for one in people:
        traits.append(
            FieldValue(
                contact=one.contact,
                name="favourite tea",
                text=dice.choice(["Assam", "Oolong", "Sencha", "Darjeeling", "Herbs"]),
            )
        )
        if dice.random() < 0.4:
            traits.append(
                FieldValue(contact=one.contact, name="cups a day", text=str(cups := dice.randint(1, 8)), number=cups)
            )
        if dice.random() < 0.12:
            tags.append(
                Tag(contact=one.contact, name=dice.choice(["wholesale", "tasting", "gift buyer", "slow brewing"]))
            )
    with making():
        FieldValue.objects.bulk_create(traits, batch_size=2000)
    Tag.objects.bulk_create(tags, batch_size=2000)


def _consents(dice: random.Random, people: list[Person], now: datetime) -> None:
    topics = {topic.key: topic for topic in Topic.objects.all()}
    wording, _made = ConsentWording.objects.get_or_create(digest="demo", defaults={"text": WORDING})
    rows = []
    for one in people:
        for key, share in (("letter", 0.82), ("offers", 0.58)):
            if key in topics and dice.random() < share:
                rows.append(
                    Consent(
                        contact=one.contact,
                        topic=topics[key],
                        channel=Channel.EMAIL,
                        state=Consent.State.GIVEN,
                        wording=wording,
                        source="Sign-up form, version 3",
                        at=one.joined_at,
                    )
                )
                left_at = one.joined_at + timedelta(days=dice.randint(5, 200))
                if dice.random() < 0.06 and left_at < now:
                    rows.append(
                        Consent(
                            contact=one.contact,
                            topic=topics[key],
                            channel=Channel.EMAIL,
                            state=Consent.State.WITHDRAWN,
                            source="One click in an email",
                            at=left_at,
                        )
                    )
    Consent.objects.bulk_create(rows, batch_size=2000)
    settle_words({row.contact_id for row in rows})


def _role_since(dice: random.Random, one: Person, role: int, now: datetime) -> datetime:
    if role in {Audience.CRITIC, Audience.INFLUENCER}:
        return min(one.joined_at + timedelta(days=dice.randint(10, 250)), now - timedelta(days=1))
    return one.joined_at


def _plain(text: str) -> str:
    table = str.maketrans("åäöüéèíóúáßñūōÅÁÉŌ", "aaoueeiouasnuoaaeo")
    return text.lower().translate(table).encode("ascii", "ignore").decode()
