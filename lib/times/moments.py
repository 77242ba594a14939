"""The one range of dates and moments from outside, at every door and in the database: the years 1900 to 2200.

Python, PostgreSQL and time zones end at different places. What lies at the edge of one calendar can be written but
not read back in another zone, and then every page and run that touches the row fails for ever.
"""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Q
from django.utils.timezone import is_naive, make_aware
from django.utils.translation import gettext_lazy as _

from lib.clock import FIRST_MOMENT, LAST_MOMENT, is_storable


def check_storable(value: date) -> None:
    """A validator of form fields: refuse a date or moment outside of the range."""
    if isinstance(value, datetime):
        fits = is_storable(make_aware(value) if is_naive(value) else value)
    else:
        fits = FIRST_MOMENT.date() <= value < LAST_MOMENT.date()
    if not fits:
        raise ValidationError(_("Choose a date from 1900 to 2200."))


def moments_in_range(*fields: str, name: str) -> CheckConstraint:
    """The range for columns of moments, held by the database; an empty one fits."""
    return CheckConstraint(condition=_within(fields, FIRST_MOMENT, LAST_MOMENT), name=name)


def days_in_range(*fields: str, name: str) -> CheckConstraint:
    """The same for columns of dates."""
    return CheckConstraint(condition=_within(fields, FIRST_MOMENT.date(), LAST_MOMENT.date()), name=name)


def _within(fields: tuple[str, ...], first: date, last: date) -> Q:
    return Q(*[Q((f"{field}__gte", first), (f"{field}__lt", last)) for field in fields])
