"""How long things are kept."""

from django.db import transaction

from privacy.models import Retention
from workspaces.auditing import audit
from workspaces.models import User
from workspaces.owned import hold_single


def retention() -> Retention:
    """What holds in the open workspace; not saved where nobody has changed it."""
    return Retention.objects.first() or Retention()


def hold_retention() -> Retention:
    """What `retention` says; nobody else changes it until the transaction ends."""
    return hold_single(Retention) or Retention()


@transaction.atomic
def keep_for(*, by: User, **spans: int) -> None:
    """From the next night on things are forgotten after these spans: authors_days, pages_months."""
    hold_single(Retention)
    Retention.objects.update_or_create(defaults=spans)
    audit("privacy.retention", by=by, fields=sorted(spans))
