"""What interests people, as they tick it on their own page: each interest is a tag, in the team's own words."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _

from consent.rules import interests
from contacts.editing import add_tag, remove_tag
from contacts.merging import everyone_in
from contacts.models import Contact, Tag
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
    if before == interests_of(contact):
        return Change(_("Nothing changed."))
    note_preference(contact, "preference_shared", lambda: _("Changed their interests"))
    return Change(_("Saved: your interests."), {"interests": [name for name, has in before if has]})
