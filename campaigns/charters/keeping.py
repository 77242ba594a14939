"""Keeping a charter: a programme with its objective, and its waiting messages bear the new limits."""

from collections.abc import Collection
from datetime import date

from django.db import transaction

from campaigns.composing import follow_programme
from campaigns.models import Programme
from campaigns.objectives import set_objective
from workspaces.auditing import audit
from workspaces.models import User

REACHES = {"audience", "topic"}  # what decides over whom it is measured


@transaction.atomic
def keep_charter(
    programme: Programme,
    *,
    metric: str,
    target: float | None,
    check_on: date | None,
    changed: Collection[str],
    by: User | None,
) -> None:
    """Save it. `changed` are the names of what is new; other people than before are measured anew."""
    programme.save()
    follow_programme(programme)
    anew = bool(REACHES & set(changed))
    set_objective(programme, metric=metric, target=target, check_on=check_on, anew=anew)
    audit("programme.edited", by=by, target=programme, fields=sorted(changed))
