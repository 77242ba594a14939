"""Sign-ups of each form, day after day: a form that nobody fills in any more may be gone from its page."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.urls import reverse

from consent.models import SignUp, SignUpForm
from lib.rhythm import Rhythm
from workspaces.current import current_workspace


def count_sign_ups(since: date) -> Iterable[tuple[int, date, int]]:
    """Sign-ups of each form a day."""
    zone = ZoneInfo(current_workspace().zone)
    rows = SignUp.objects.filter(asked_at__gte=datetime.combine(since, time.min, zone), form__archived_at=None)
    return rows.values_list("form_id", TruncDate("asked_at", tzinfo=zone)).annotate(count=Count("pk"))


def forms_named(keys: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """Those that are in use."""
    rows = SignUpForm.objects.filter(pk__in=keys, archived_at=None)
    return {row.pk: (row.name, reverse("consent:form", args=[row.pk])) for row in rows}


SIGN_UPS = Rhythm("consent.sign_ups", count_sign_ups, forms_named, "contacts.see")
