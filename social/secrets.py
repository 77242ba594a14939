"""The secrets of a connection, sealed in the database: two made here are valid at once while they rotate, others are brought."""

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


def made_secrets(connection: Connection) -> list[str]:
    """Those that were made here, by which deliveries are signed: the newest first."""
    return [one for one in secrets_of(connection) if one.startswith(PREFIX)]


def brought_secrets(connection: Connection) -> list[str]:
    """Those that the network gave, as its form or its sign-in brought them: passwords, tokens, keys of its own."""
    return [one for one in secrets_of(connection) if not one.startswith(PREFIX)]


def keep_secrets(connection: Connection, values: list[str]) -> None:
    """Seal these secrets into the row (which must have its id)."""
    owner, purpose = connection.workspace_id, f"connection {connection.pk}"
    connection.sealed_secret = seal(json.dumps(values), workspace_id=owner, purpose=purpose)
    connection.save(update_fields=["sealed_secret"])
