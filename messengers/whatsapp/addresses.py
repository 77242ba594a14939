"""The address at which WhatsApp tells of messages, and the word by which it makes sure that the address is ours."""

import hmac

from lib.links import public_link
from lib.signing import make_token, read_token

HOOK, VERIFY = "messengers.whatsapp", "messengers.whatsapp.verify"


def hook_address(workspace_id: int, sender_id: int) -> str:
    """Where WhatsApp tells; entered there by hand."""
    return public_link("whatsapp_hook", make_token(HOOK, workspace_id, sender_id))


def read_hook(token: str) -> tuple[int, int]:
    """(workspace, sender). BadTokenError."""
    workspace_id, sender_id = read_token(HOOK, token, count=2)
    return workspace_id, sender_id


def verify_token(workspace_id: int, sender_id: int) -> str:
    """The word that is entered beside the address; it says nothing and opens nothing."""
    return make_token(VERIFY, workspace_id, sender_id)


def is_verify_token(given: str, workspace_id: int, sender_id: int) -> bool:
    """Whether it is that word."""
    return hmac.compare_digest(given.encode(), verify_token(workspace_id, sender_id).encode())
