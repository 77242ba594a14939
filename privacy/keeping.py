"""How long things are kept."""

from privacy.models import Retention
from workspaces.auditing import audit
from workspaces.models import User


def retention() -> Retention:
    """What holds in the open workspace; not saved where nobody has changed it."""
    return Retention.objects.first() or Retention()


def hold_retention() -> Retention:
    """What `retention` says; nobody else changes it until the transaction ends."""
    return Retention.objects.select_for_update(no_key=True).first() or Retention()


def keep_for(*, by: User, **spans: int) -> None:
    """From the next night on things are forgotten after these spans: authors_days, pages_months."""
    Retention.objects.update_or_create(defaults=spans)
    audit("privacy.retention", by=by, fields=sorted(spans))
