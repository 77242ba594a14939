"""The log of who did what."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import partial

from django.db import models, transaction

from workspaces.audit_chain import ask_for_a_seal
from workspaces.current import current_workspace_id
from workspaces.models import ApiKey, AuditEntry, User

_acting: ContextVar[ApiKey | None] = ContextVar("acting_key", default=None)


@contextmanager
def acting_key(key: ApiKey) -> Iterator[None]:
    """What is written down in the block says that this key did it."""
    token = _acting.set(key)
    try:
        yield
    finally:
        _acting.reset(token)


def acting_name() -> str:
    """What did it, where a machine does through the API; else ""."""
    key = _acting.get()
    return f"API key {key.name}" if key else ""


def audit(action: str, *, by: User | None, target: models.Model | None = None, **details: object) -> AuditEntry:
    """Add one entry in the open workspace: ids and field names, never values.

    What a machine did through the API has no `by`, but the id of its key among the details.
    """
    if key := _acting.get():
        details["key"] = key.pk
    transaction.on_commit(partial(ask_for_a_seal, current_workspace_id()), robust=True)
    return AuditEntry.objects.create(
        action=action,
        actor_id=by.pk if by else None,
        target=target._meta.label_lower if target else "",
        target_id=target.pk if target and isinstance(target.pk, int) else None,
        details=details,
    )
