"""A role that many people play from now on, or no longer play."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Audience, AudienceRole, Merged
from lib.asked import whole_number
from segments.people.bulk.base import Before, BulkError, BulkVerb, Doing
from segments.whom import whom_of

SOURCE = "by hand, for many"


class AddRole(BulkVerb):
    name = "add_role"
    label = gettext_lazy("Add the role")

    def read(self, post: QueryDict) -> dict[str, Any]:
        return {"role": _role_in(post)}

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        role, plays = doing.argument["role"], set(_open_rows(people, doing.argument["role"]))
        new = [one for one in people if one not in plays]
        rows = [AudienceRole(contact_id=one, role=role, since=doing.at, source=SOURCE) for one in new]
        AudienceRole.objects.bulk_create(rows, ignore_conflicts=True)
        made = AudienceRole.objects.filter(contact__in=new, role=role, until=None, since=doing.at)
        return {contact: {"pk": pk} for contact, pk in made.values_list("contact_id", "pk")}

    def undo(self, before: Before, doing: Doing) -> set[int]:
        standing = AudienceRole.objects.filter(pk__in=[one["pk"] for one in before.values()], until=None)
        people = set(standing.values_list("contact_id", flat=True))
        standing.delete()
        return people

    def said(self, argument: Mapping[str, Any]) -> str:
        return _("role “%(role)s” added") % {"role": Audience(argument["role"]).label}


class EndRole(BulkVerb):
    name = "end_role"
    label = gettext_lazy("End the role")

    def read(self, post: QueryDict) -> dict[str, Any]:
        return {"role": _role_in(post)}

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        found = _open_rows(people, doing.argument["role"])
        AudienceRole.objects.filter(pk__in=[pk for rows in found.values() for pk in rows]).update(until=doing.at)
        return dict(found)

    def undo(self, before: Before, doing: Doing) -> set[int]:
        """Who plays it again by another word, or whose end was changed, is left alone."""
        plays = set(_open_rows(list(before), doing.argument["role"]))
        back = {person: rows for person, rows in before.items() if person not in plays}
        ended = AudienceRole.objects.filter(pk__in=[pk for rows in back.values() for pk in rows], until=doing.at)
        still = set(ended.values_list("pk", flat=True))
        ended.update(until=None)
        return {person for person, rows in back.items() if still.intersection(rows)}

    def said(self, argument: Mapping[str, Any]) -> str:
        return _("role “%(role)s” ended") % {"role": Audience(argument["role"]).label}


def _role_in(post: QueryDict) -> int:
    role = whole_number(post.get("role", ""))
    if role not in Audience.values:
        raise BulkError(_("Choose a role."))
    return int(role or 0)


def _open_rows(people: Sequence[int], role: int) -> dict[int, list[int]]:
    """Person → the rows by which they play it now, also those of everybody merged into them."""
    whose = dict(Merged.objects.filter(survivor__in=list(people)).values_list("loser_id", "survivor_id"))
    rows = AudienceRole.objects.filter(contact__in=whom_of(people).members, role=role, until=None)
    found: dict[int, list[int]] = {}
    for pk, contact in rows.values_list("pk", "contact_id"):
        found.setdefault(whose.get(contact, contact), []).append(pk)
    return found
