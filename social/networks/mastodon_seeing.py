"""Whether a post that a server of the Mastodon family does not find was deleted, or is only kept from us.

Mastodon answers 404 for a deleted post and for one whose author blocks us, which no field of that answer tells apart. What
tells is `blocked_by` of `GET /api/v1/accounts/relationships` (a block is federated to our server, too). An account that is
not there any more took its posts with it. A suspended one is in no relationship and still found: its posts may come back.
"""

from typing import Any

from lib.foreign.foreign_json import BadJsonError, read_json
from social.networks.mastodon_api import AnswerError, Api
from social.networks.mastodon_reading import as_id

NOT_TOLD = {400, 403, 404, 405, 410, 422, 501}  # a server that lacks the call, or does not allow it to our token
GONE = 410


def is_deleted_there(api: Api, account_id: str, error: AnswerError) -> bool:
    """Whether what answered with `error` is certainly deleted; False where its author hides it, or nothing tells.

    At most two more requests. ChannelError where the server cannot say right now.
    """
    if error.status == GONE:
        return True
    if not account_id:
        return False
    relation = _relation(api, account_id)
    if relation is None:
        return _is_account_gone(api, account_id)
    return relation.get("blocked_by") is False


def _relation(api: Api, account_id: str) -> dict[str, Any] | None:
    """What the server says of them and us; {} where it does not tell, None where it knows no such relationship."""
    try:
        parts = api.get("/api/v1/accounts/relationships", **{"id[]": account_id}).parts()
    except AnswerError as error:
        if error.status not in NOT_TOLD:
            raise
        return {}
    for raw in parts:
        try:
            found = read_json(raw)
        except BadJsonError:
            return {}
        if isinstance(found, dict) and as_id(found.get("id")) == account_id:
            return found
    return {} if parts else None


def _is_account_gone(api: Api, account_id: str) -> bool:
    try:
        api.get(f"/api/v1/accounts/{account_id}")
    except AnswerError as error:
        if error.status not in NOT_TOLD:
            raise
        return error.is_gone
    return False
