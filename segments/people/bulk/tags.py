"""A tag put on many people, or taken off them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.folding import folded
from contacts.models import Merged, Tag
from segments.people.bulk.base import Before, BulkError, BulkVerb, Doing
from segments.whom import whom_of

LONGEST = Tag._meta.get_field("name").max_length or 0


class AddTag(BulkVerb):
    name = "add_tag"
    label = gettext_lazy("Add the tag")

    def read(self, post: QueryDict) -> dict[str, Any]:
        return {"tag": _tag_in(post)}

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        has = set(_rows(people, doing.argument["tag"]))
        new = [one for one in people if one not in has]
        Tag.objects.bulk_create([Tag(contact_id=one, name=doing.argument["tag"]) for one in new], ignore_conflicts=True)
        made = Tag.objects.filter(contact__in=new, name=doing.argument["tag"])
        return {contact: {"pk": pk} for contact, pk in made.values_list("contact_id", "pk")}

    def undo(self, before: Before, doing: Doing) -> set[int]:
        standing = Tag.objects.filter(pk__in=[one["pk"] for one in before.values()], contact__in=list(before))
        people = set(standing.values_list("contact_id", flat=True))
        standing.delete()
        return people

    def said(self, argument: Mapping[str, Any]) -> str:
        return _("tag “%(tag)s” added") % {"tag": argument["tag"]}


class RemoveTag(BulkVerb):
    name = "remove_tag"
    label = gettext_lazy("Take the tag off")

    def read(self, post: QueryDict) -> dict[str, Any]:
        return {"tag": _tag_in(post)}

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        found = _rows(people, doing.argument["tag"])
        Tag.objects.filter(pk__in=[row[0] for rows in found.values() for row in rows]).delete()
        return {person: [[contact, name] for _pk, contact, name in rows] for person, rows in found.items()}

    def undo(self, before: Before, doing: Doing) -> set[int]:
        has = set(_rows(list(before), doing.argument["tag"]))
        back = {person: rows for person, rows in before.items() if person not in has}
        Tag.objects.bulk_create(
            [Tag(contact_id=contact, name=name) for rows in back.values() for contact, name in rows],
            ignore_conflicts=True,
        )
        return set(back)

    def said(self, argument: Mapping[str, Any]) -> str:
        return _("tag “%(tag)s” taken off") % {"tag": argument["tag"]}


def _tag_in(post: QueryDict) -> str:
    tag = post.get("tag", "").strip()
    if not tag or len(tag) > LONGEST:
        raise BulkError(_("Give a tag of at most %(n)s characters.") % {"n": LONGEST})
    return tag


def _rows(people: Sequence[int], tag: str) -> dict[int, list[tuple[int, int, str]]]:
    """Person → the rows of this tag, whatever its case, on them and on everybody merged into them."""
    whose = dict(Merged.objects.filter(survivor__in=list(people)).values_list("loser_id", "survivor_id"))
    rows = Tag.objects.filter(contact__in=whom_of(people).members, folded=folded(tag, LONGEST))
    found: dict[int, list[tuple[int, int, str]]] = {}
    for pk, contact, name in rows.values_list("pk", "contact_id", "name"):
        found.setdefault(whose.get(contact, contact), []).append((pk, contact, name))
    return found
