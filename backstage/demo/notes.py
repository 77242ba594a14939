"""Notes of the demo: some people have one, some notes name a colleague, one has a file; interests to tick."""

import random
from datetime import datetime, timedelta

from backstage.demo.people import Person
from consent.rules import offer_interests
from contacts.attaching import kind_of
from contacts.models import Note, NoteAttachment, NoteMention
from workspaces.models import User

INTERESTS = "Green tea\nSlow brewing\nTastings\nOur shops"
SAID = (
    "Prefers the shop in Haga. {at} please ask before the next tin.",
    "Her sister in Malmö gets the linen wrap every December.",
    "Asked twice about the gooseneck spout. {at}, can you send the drawing?",
    "No plastic in the parcel, ever.",
)
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cfc000000301010018dd8db0"
    "0000000049454e44ae426082"
)


def make_notes(dice: random.Random, people: list[Person], now: datetime, team: list[User]) -> None:
    """A note about every eightieth person, by one of the team; half of them name another of the team."""
    offer_interests(INTERESTS, by=team[0])
    for number, one in enumerate(people[::80]):
        author, other = dice.sample(team, 2) if len(team) > 1 else (team[0], team[0])
        text = SAID[number % len(SAID)].format(at=f"@{other.name}")
        at = now - timedelta(days=dice.randrange(1, 60), hours=dice.randrange(9))
        note = Note.objects.create(
            contact=one.contact, author_id=author.pk, text=text, is_private=number % 3 == 0, created_at=at
        )
        if "@" in text and other.pk != author.pk:
            NoteMention.objects.create(note=note, user_id=other.pk, created_at=at, seen_at=at if number % 4 else None)
        if number % 8 == 0:
            NoteAttachment.objects.create(
                note=note, name="wet-tin.png", content_type=kind_of(PICTURE), size=len(PICTURE), data=PICTURE
            )
