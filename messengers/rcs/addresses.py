"""The address at which RCS tells of messages."""

from lib.links import public_link
from lib.signing import make_token, read_token

HOOK = "messengers.rcs.hook"


def hook_address(workspace_id: int, sender_id: int) -> str:
    """Where Google tells; entered there by hand."""
    return public_link("rcs_hook", make_token(HOOK, workspace_id, sender_id))


def read_hook(token: str) -> tuple[int, int]:
    """(workspace, sender). BadTokenError."""
    workspace_id, sender_id = read_token(HOOK, token, count=2)
    return workspace_id, sender_id
