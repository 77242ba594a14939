"""What we think interests somebody, shown to them on their own page: theirs to refuse, and to take back."""

from typing import Any

from django.db import transaction
from django.http import QueryDict
from django.utils.translation import gettext as _

from consent.rules import interests
from contacts.merging import survivor_of
from contacts.models import Contact
from engagement.interests.panels import words_of
from engagement.interests.reading import interests_of, names_of, tags_named
from engagement.interests.saying import say_interests
from engagement.models.interests import Said
from lib.asked import whole_number
from portal.preferences import Change

MOST_SHOWN = 20


def liked_by(contact: Contact) -> dict[str, list[dict[str, Any]]]:
    """`likes`: strongest first, `by_word` where they said so; `refused`: what they are not interested in.

    What the workspace offers for ticking, and they ticked, is left out: it stands ticked.
    """
    who = survivor_of(contact.pk)
    strengths, words = interests_of([who]).get(who, {}), words_of(who)
    refused = [tag for tag, word in words.items() if word.said == Said.NOT_WANTED]
    names, offered = names_of([*strengths, *refused]), {one.pk for one in tags_named(interests()).values()}
    likes = [
        {"tag": tag, "name": names[tag], "by_word": tag in words and words[tag].said == Said.WANTS}
        for tag in list(strengths)[:MOST_SHOWN]
        if tag in names and not (tag in offered and tag in words and words[tag].said == Said.WANTS)
    ]
    return {"likes": likes, "refused": [{"tag": tag, "name": names[tag]} for tag in refused if tag in names]}


@transaction.atomic
def say_of_interest(contact: Contact, said: QueryDict) -> Change | None:
    """Interested, not interested, or nothing said, of one thing that stands on their page. None for anything else."""
    tag, word = whole_number(said.get("tag", "")), whole_number(said.get("said", ""))
    shown = liked_by(contact)
    names = {one["tag"]: one["name"] for one in (*shown["likes"], *shown["refused"])}
    if tag is None or tag not in names or word is None or word not in Said.values:
        return None
    before = words_of(survivor_of(contact.pk)).get(tag)
    if not say_interests(contact.pk, {tag: Said(word)}):
        return Change(_("Nothing changed."))
    kept = {"interest": [tag, before.said if before else int(Said.NOTHING)]}
    return Change(_("Saved: %(name)s.") % {"name": names[tag]}, kept)


def restore_word(contact: Contact, kept: list[int]) -> None:
    """What they had said before stands again."""
    tag, word = kept
    say_interests(contact.pk, {tag: Said(word)})
