"""What the demo's people are interested in: pages and links that are about something, and what a few said themselves."""

import random

from backstage.demo.people import Person
from delivery.models import TrackedLink
from engagement.interests.reading import tags_for
from engagement.interests.rebuilding import rebuild_interests
from engagement.interests.saying import say_interests
from engagement.interests.tagging import set_page_rule, tag_links
from engagement.models.interests import Said
from workspaces.models import User

PAGES = {
    "kettle.example/tea/sencha": ("Green tea",),
    "kettle.example/tea/oolong": ("Oolong",),
    "kettle.example/tea/": ("Tea",),
    "kettle.example/kettles/": ("Kettles",),
    "kettle.example/cups/": ("Cups",),
    "kettle.example/journal/": ("Slow brewing",),
    "kettle.example/shops": ("Our shops",),
}
LINKS = {1: ("Tea", "Oolong"), 2: ("Slow brewing",)}


def make_interests(dice: random.Random, people: list[Person], team: list[User]) -> None:
    """Rules for pages, tags of links; every fortieth person said something, every second of them to a colleague."""
    tags = tags_for(sorted({name for names in (*PAGES.values(), *LINKS.values()) for name in names}))
    for begins, names in PAGES.items():
        set_page_rule(begins, [tags[name].pk for name in names])
    about = {number: [tags[name].pk for name in names] for number, names in LINKS.items()}
    for message in TrackedLink.objects.filter(number=2).order_by("message_id").values_list("message_id", flat=True):
        tag_links(message, about)
    rebuild_interests()
    liked = sorted(tags)
    for number, one in enumerate(people[::40]):
        word = Said.NOT_WANTED if number % 3 == 0 else Said.WANTS
        by = dice.choice(team) if number % 2 else None
        say_interests(one.contact.pk, {tags[dice.choice(liked)].pk: word}, by=by)
