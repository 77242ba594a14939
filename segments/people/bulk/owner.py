"""A member who looks after many people from now on, or nobody."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from contacts.owning import is_member, names_of
from lib.asked import whole_number
from segments.people.bulk.base import Before, BulkError, BulkVerb, Doing


class SetOwner(BulkVerb):
    name = "set_owner"
    label = gettext_lazy("Change the owner")

    def read(self, post: QueryDict) -> dict[str, Any]:
        said = post.get("owner", "")
        if said == "nobody":
            return {"owner": None, "name": ""}
        owner = whole_number(said)
        if not owner or not is_member(owner):
            raise BulkError(_("Choose a member, or nobody."))
        return {"owner": owner, "name": names_of([owner])[owner]}

    def apply(self, people: Sequence[int], doing: Doing) -> Before:
        wanted = doing.argument["owner"]
        if wanted is not None and not is_member(wanted):
            return {}  # they left while this was going on
        stood = dict(Contact.objects.filter(pk__in=list(people)).values_list("pk", "owner_id"))
        changed = {one: owner for one, owner in stood.items() if owner != wanted}
        Contact.objects.filter(pk__in=list(changed)).update(owner_id=wanted)
        return {one: {"was": owner} for one, owner in changed.items()}

    def undo(self, before: Before, doing: Doing) -> set[int]:
        """Who left meanwhile looks after nobody again."""
        rows = Contact.objects.filter(pk__in=list(before), owner_id=doing.argument["owner"])
        standing = set(rows.values_list("pk", flat=True))
        for owner in {one["was"] for one in before.values()}:
            back = [person for person, one in before.items() if one["was"] == owner and person in standing]
            Contact.objects.filter(pk__in=back).update(owner_id=owner if owner and is_member(owner) else None)
        return standing

    def said(self, argument: Mapping[str, Any]) -> str:
        if argument["owner"] is None:
            return _("owner taken off")
        return _("owner is %(name)s") % {"name": argument["name"]}
