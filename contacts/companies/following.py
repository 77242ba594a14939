"""What follows from another name of a company, or from another company that people are at: they are found by it."""

from collections.abc import Sequence

from contacts.long_changes.beginning import AT_ONCE, COMPANY, begin
from contacts.models import Company, Position
from contacts.news import contacts_changed
from contacts.searching import index_people
from workspaces.models import User

A_PIECE = 5_000


def follow_company(company: Company, *, by: User | None) -> None:
    """Everybody who is or was there is found by its name; with more than 10,000 of them by the agenda."""
    there = Position.objects.filter(company=company)
    people = sorted(there.values_list("contact_id", flat=True).distinct()[: AT_ONCE + 1])
    if len(people) > AT_ONCE:
        total = there.values("contact_id").distinct().count()
        begin(COMPANY, {"company": company.pk}, total, by=by)
        return
    for first in range(0, len(people), A_PIECE):
        tell_of(people[first : first + A_PIECE])


def follow_some(company_id: int, *, after_id: int, most: int) -> list[int]:
    """The next people there by their numbers, found by its name from now on. May be repeated."""
    there = Position.objects.filter(company=company_id, contact__gt=after_id).order_by("contact_id")
    people = list(there.values_list("contact_id", flat=True).distinct()[:most])
    tell_of(people)
    return people


def tell_of(people: Sequence[int]) -> None:
    """These people are found by what their companies are called now, and everybody hears of it."""
    if people:
        index_people(people)
        contacts_changed.tell(contact_ids=list(people))
