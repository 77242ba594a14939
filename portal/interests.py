"""What interests people, as they tick it on their own page: each is a tag of theirs, and their own word about an interest."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from consent.rules import interests
from contacts.editing import add_tag, remove_tag
from contacts.merging import everyone_in
from contacts.models import Contact, Tag
from engagement.interests.panels import words_of
from engagement.interests.reading import tags_for, tags_named
from engagement.interests.saying import say_interests
from engagement.models.interests import Said
from portal.preferences import Change, note_preference


def interests_of(contact: Contact) -> list[tuple[str, bool]]:
    """Each interest that the workspace offers, and whether it is theirs: by a tag, or by their own word."""
    offered = interests()
    if not offered:
        return []
    theirs = set(Tag.objects.filter(contact__in=everyone_in(contact.pk)).values_list("name", flat=True))
    words, tags = words_of(contact.pk), tags_named(offered)
    said = {name for name, tag in tags.items() if tag.pk in words and words[tag.pk].said == Said.WANTS}
    return [(one, one in theirs | said) for one in offered]


@transaction.atomic
def choose_interests(contact: Contact, wanted: Collection[str]) -> Change:
    """Exactly these of the offered interests are theirs; other tags stay as they are. May be repeated."""
    before = interests_of(contact)
    changed = {name: not has for name, has in before if has != (name in wanted)}
    if not changed:
        return Change(_("Nothing changed."))
    for name, is_wanted in changed.items():
        if is_wanted:
            add_tag(contact, name, by=None)
            continue
        for tag in Tag.objects.filter(contact__in=everyone_in(contact.pk), name=name).select_related("contact"):
            remove_tag(tag.contact, tag.pk, by=None)
    _say(contact, changed)
    note_preference(contact, "preference_shared", lambda: _("Changed their interests"))
    return Change(_("Saved: your interests."), {"interests": [name for name, has in before if has]})


def _say(contact: Contact, changed: Mapping[str, bool]) -> None:
    """What they ticked interests them, what they unticked is as if they had said nothing."""
    tags = tags_for(list(changed))
    words = {tags[name].pk: Said.WANTS if has else Said.NOTHING for name, has in changed.items() if name in tags}
    say_interests(contact.pk, words, is_recorded=False)
