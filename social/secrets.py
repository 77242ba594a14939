"""The secrets of a connection: made here, sealed in the database, two valid at once while they rotate."""

import json
import secrets

from conversations.models import Connection
from lib.sealing import seal, unseal

PREFIX = "hook_"


def new_secret() -> str:
    """256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


def secrets_of(connection: Connection) -> list[str]:
    """The newest secret first, then the one before, as long as it is still good."""
    owner, purpose = connection.workspace_id, f"connection {connection.pk}"  # answers are signed outside any workspace
    text = unseal(bytes(connection.sealed_secret), workspace_id=owner, purpose=purpose)
    return [str(one) for one in json.loads(text)] if text else []


def keep_secrets(connection: Connection, values: list[str]) -> None:
    """Seal these secrets into the row (which must have its id)."""
    owner, purpose = connection.workspace_id, f"connection {connection.pk}"
    connection.sealed_secret = seal(json.dumps(values), workspace_id=owner, purpose=purpose)
    connection.save(update_fields=["sealed_secret"])
