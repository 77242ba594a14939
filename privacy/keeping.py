"""How long things are kept."""

from privacy.models import Retention
from workspaces.auditing import audit
from workspaces.models import User


def retention() -> Retention:
    """What holds in the open workspace; not saved where nobody has changed it."""
    return Retention.objects.first() or Retention()


def keep_for(*, authors_days: int, by: User) -> None:
    """From the next night on strangers are forgotten after this many days."""
    Retention.objects.update_or_create(defaults={"authors_days": authors_days})
    audit("privacy.retention", by=by, fields=["authors_days"])
