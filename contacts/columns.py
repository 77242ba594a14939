"""Columns of the list of people from this room: where they are, and who looks after them."""

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext_lazy as _

from contacts.companies.positions import places_of
from contacts.models import Contact
from contacts.owning import names_of
from lib.offers import ListColumn


def owners_of_each(contact_ids: Sequence[int]) -> Mapping[int, str]:
    """Contact → the name of who looks after them. Two statements."""
    rows = Contact.objects.filter(pk__in=list(contact_ids), owner_id__isnull=False)
    owners = dict(rows.values_list("pk", "owner_id"))
    names = names_of([one or 0 for one in owners.values()]) if owners else {}
    return {who: names.get(owner or 0, "") for who, owner in owners.items()}


COLUMNS = [
    ListColumn(80, "company", _("Company"), places_of, "contacts/cells/company.html", is_default=False),
    ListColumn(81, "owner", _("Owner"), owners_of_each, "contacts/cells/owner.html", is_default=False),
]
