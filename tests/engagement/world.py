"""A fixed Wednesday, and people to whom things happened; call inside a workspace."""

from datetime import UTC, datetime, timedelta
from itertools import count

from contacts.models import AudienceRole, Contact
from engagement.audiences import keep_audiences
from engagement.modelling import current_model
from engagement.models import Score
from touchpoints.facts import Fact
from touchpoints.recording import Recorded, record
from touchpoints.sources import source_for

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
_numbers = count(1)


def person(name: str = "", *roles: int, **fields) -> int:
    contact = Contact.objects.create(name=name or f"Person {next(_numbers)}", **fields)
    AudienceRole.objects.bulk_create([AudienceRole(contact=contact, role=role) for role in roles])
    return contact.pk


def fact(who: int, kind: str, days_ago: float = 0, **more) -> Fact:
    return Fact(kind, f"happened-{next(_numbers)}", NOON - timedelta(days=days_ago), contact_id=who, **more)


def happen(who: int, kind: str, days_ago: float = 0, *, times: int = 1, **more) -> Recorded:
    return record([fact(who, kind, days_ago, **more) for _time in range(times)], source=source_for("test", "Test"))


def with_sum(who: int, **sums: float) -> Score:
    """A score of exactly these sums, as if at noon: each given as what it is worth then."""
    from engagement.formula import HALF_LIFE_OF_SUM, SUMS, days_since

    days = days_since(NOON, current_model())
    grown = {name: value * 2 ** (days / HALF_LIFE_OF_SUM[SUMS.index(name)]) for name, value in sums.items()}
    made = Score.objects.create(contact_id=who, **grown)
    keep_audiences([who])
    return made
