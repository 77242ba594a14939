"""The log of who did what."""

from functools import partial

from django.db import models, transaction

from workspaces.audit_chain import ask_for_a_seal
from workspaces.current import current_workspace_id
from workspaces.models import AuditEntry, User


def audit(action: str, *, by: User | None, target: models.Model | None = None, **details: object) -> AuditEntry:
    """Add one entry in the open workspace: ids and field names, never values."""
    transaction.on_commit(partial(ask_for_a_seal, current_workspace_id()), robust=True)
    return AuditEntry.objects.create(
        action=action,
        actor_id=by.pk if by else None,
        target=target._meta.label_lower if target else "",
        target_id=target.pk if target and isinstance(target.pk, int) else None,
        details=details,
    )
