"""People at companies: added, changed, ended, put first; what somebody does where, of everybody merged into them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from contacts.companies.keeping import BadCompanyError, stands_for
from contacts.merging import everyone_in
from contacts.models import Company, Contact, Merged, Position
from contacts.news import contacts_changed
from contacts.searching import index_people
from lib.clock import FIRST_MOMENT, LAST_MOMENT, now
from lib.foreign.cleaning import to_line
from workspaces.auditing import audit
from workspaces.models import User

LONGEST_ROLE = Position._meta.get_field("role_there").max_length or 0
MOST_PLACES = 50
MOST_EARLIER = 50
BY_HAND = "by hand"  # whatever a file said of it before: what a colleague touched is no longer the file's alone


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is, as a list shows it: the company they name first, and their role there."""

    company_id: int
    name: str
    role_there: str
    others: int = 0

    def __str__(self) -> str:
        return f"{self.name}, {self.role_there}" if self.role_there else self.name


@transaction.atomic
def add_position(
    contact: Contact, company: Company, *, role_there: str = "", since: date | None = None, by: User | None
) -> Position:
    """The contact is at the company from now on, and it comes first. Who is there already gets what is said.

    BadCompanyError for what no day or role can be, and beyond 50 companies.
    """
    company = stands_for(company)
    said = _role(role_there)
    _check_days(since, None)
    row = Position.objects.filter(contact__in=everyone_in(contact.pk), company=company, until=None).first()
    if row is None:
        if Position.objects.filter(contact=contact).count() >= MOST_PLACES:
            raise BadCompanyError(_("Nobody is at more than %(n)s companies.") % {"n": MOST_PLACES})
        row = Position(contact=contact, company=company)
    _say_by_hand(row)
    row.role_there, row.since, row.first_at = said or row.role_there, since or row.since, now()
    row.save()
    _tell(row, "contact.company_added", by)
    return row


@transaction.atomic
def edit_position(
    position: Position, *, role_there: str, since: date | None, until: date | None, by: User | None
) -> None:
    """What they do there, since when, until when. BadCompanyError where it ends before it begins."""
    _check_days(since, until)
    twin = Position.objects.filter(contact=position.contact_id, company=position.company_id, until=None)
    if until is None and twin.exclude(pk=position.pk).exists():
        raise BadCompanyError(_("They are at this company now already."), "until")
    _say_by_hand(position)
    position.role_there, position.since, position.until = _role(role_there), since, until
    position.save()
    _tell(position, "contact.company_changed", by)


@transaction.atomic
def end_position(position: Position, *, on: date | None = None, by: User | None) -> None:
    """They are there no longer since today, or this day; that they were stays known. May be repeated. BadCompanyError."""
    if position.until is None:
        day = on or now().date()
        position.until = max(day, position.since) if on is None and position.since else day
        _check_days(position.since, position.until)
        _say_by_hand(position)
        position.save(update_fields=["until", "source", "earlier"])
        _tell(position, "contact.company_ended", by)


@transaction.atomic
def put_first(position: Position, *, by: User | None) -> None:
    """Of the companies they are at now, this one is named first. May be repeated."""
    _say_by_hand(position)
    position.first_at = now()
    position.save(update_fields=["first_at", "source", "earlier"])
    _tell(position, "contact.company_changed", by)


@transaction.atomic
def remove_position(position: Position, *, by: User | None) -> None:
    """They were never there: it was a mistake."""
    contact = position.contact_id
    audit("contact.company_removed", by=by, target=position.contact)
    position.delete()
    index_people([contact])
    contacts_changed.tell(contact_ids=[contact])


def positions_of(contact: Contact) -> list[Position]:
    """Where somebody is and was, of everybody merged into them: current ones first, the first one first. Two statements."""
    rows = list(
        Position.objects.filter(contact__in=everyone_in(contact.pk))
        .select_related("company")
        .order_by("-first_at", "-pk")
    )
    rows.sort(key=lambda one: one.until is not None)
    seen, found = set[int](), []
    for row in rows:
        if row.until is None and row.company_id in seen:
            continue  # who was merged into them is there too
        seen |= {row.company_id} if row.until is None else set()
        found.append(row)
    return found


def places_of(contact_ids: Sequence[int]) -> dict[int, Place]:
    """Contact → where they are now, of everybody merged into them too. Two statements, whatever the number."""
    whose = dict(Merged.objects.filter(survivor__in=list(contact_ids)).values_list("loser_id", "survivor_id"))
    rows = Position.objects.filter(contact__in=[*contact_ids, *whose], until=None).order_by("-first_at", "-pk")
    found: dict[int, list[tuple[int, str, str]]] = {}
    for contact, company, name, role in rows.values_list("contact_id", "company_id", "company__name", "role_there"):
        places = found.setdefault(whose.get(contact, contact), [])
        if company not in {one[0] for one in places}:
            places.append((company, name, role))
    return {who: Place(*places[0], others=len(places) - 1) for who, places in found.items()}


def _say_by_hand(position: Position) -> None:
    """A colleague changes it: it is no file's any longer, and what a file overwrote before does not come back."""
    position.source = BY_HAND
    if position.earlier:
        before = [BY_HAND, position.role_there, position.first_at.isoformat()]
        position.earlier = [*position.earlier, before][-MOST_EARLIER:]


def _role(text: str) -> str:
    said = to_line(text, LONGEST_ROLE + 1)
    if len(said) > LONGEST_ROLE:
        raise BadCompanyError(_("A role has at most %(n)s characters.") % {"n": LONGEST_ROLE}, "role_there")
    return said


def _check_days(since: date | None, until: date | None) -> None:
    for field, day in (("since", since), ("until", until)):
        if day is not None and not FIRST_MOMENT.date() <= day < LAST_MOMENT.date():
            raise BadCompanyError(_("Choose a date from 1900 to 2200."), field)
    if since and until and until < since:
        raise BadCompanyError(_("It cannot end before it begins."), "until")


def _tell(position: Position, action: str, by: User | None) -> None:
    audit(action, by=by, target=position.contact, company=position.company_id)
    index_people([position.contact_id])
    contacts_changed.tell(contact_ids=[position.contact_id])
