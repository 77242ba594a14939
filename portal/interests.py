"""What interests people, as they tick it on their own page: each is a tag of theirs, and their own word about an interest."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from consent.rules import interests
from contacts.editing import add_tag, remove_tag
from contacts.merging import everyone_in
from contacts.models import Contact, Tag
from engagement.interests.reading import tags_for
from engagement.interests.saying import say_interests
from engagement.models.interests import Said
from portal.preferences import Change, note_preference


def interests_of(contact: Contact) -> list[tuple[str, bool]]:
    """Each interest that the workspace offers, and whether it is theirs."""
    offered = interests()
    if not offered:
        return []
    theirs = set(Tag.objects.filter(contact__in=everyone_in(contact.pk)).values_list("name", flat=True))
    return [(one, one in theirs) for one in offered]


@transaction.atomic
def choose_interests(contact: Contact, wanted: Collection[str]) -> Change:
    """Exactly these of the offered interests are theirs; other tags stay as they are. May be repeated."""
    before = interests_of(contact)
    for name, has in before:
        if name in wanted and not has:
            add_tag(contact, name, by=None)
        elif has and name not in wanted:
            for tag in Tag.objects.filter(contact__in=everyone_in(contact.pk), name=name).select_related("contact"):
                remove_tag(tag.contact, tag.pk, by=None)
    after = interests_of(contact)
    if before == after:
        return Change(_("Nothing changed."))
    _say(contact, {name: has for (name, has), (_name, had) in zip(after, before, strict=True) if has != had})
    note_preference(contact, "preference_shared", lambda: _("Changed their interests"))
    return Change(_("Saved: your interests."), {"interests": [name for name, has in before if has]})


def _say(contact: Contact, changed: Mapping[str, bool]) -> None:
    """What they ticked interests them, what they unticked is as if they had said nothing."""
    tags = tags_for(list(changed))
    words = {tags[name].pk: Said.WANTS if has else Said.NOTHING for name, has in changed.items() if name in tags}
    say_interests(contact.pk, words, is_recorded=False)
