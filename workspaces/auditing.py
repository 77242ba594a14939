"""The log of who did what."""

from django.db import models

from workspaces.models import AuditEntry, User


def audit(action: str, *, by: User | None, target: models.Model | None = None, **details: object) -> AuditEntry:
    """Add one entry in the open workspace: ids and field names, never values."""
    return AuditEntry.objects.create(
        action=action,
        actor_id=by.pk if by else None,
        target=target._meta.label_lower if target else "",
        target_id=target.pk if target and isinstance(target.pk, int) else None,
        details=details,
    )
