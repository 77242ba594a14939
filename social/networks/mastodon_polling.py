"""How mentions are read without losing one: the first look back over 30 days, forward from the cursor, and what changed.

The cursor: `min_id` is the latest notification read; `back` is from where the first look still reads backwards, until its
last page; `reread` is the last open mention that was looked at again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from conversations.channels import ChannelError, Heard
from conversations.models import Connection, Conversation, Mention, Reply
from lib.clock import now
from social.host_budget import BudgetSpentError
from social.networks.mastodon_api import Answer, AnswerError, Api
from social.networks.mastodon_reading import BadStatusError, Us, as_id, heard_of, id_in, latest, order, read_mentions
from social.networks.mastodon_seeing import is_deleted_there
from social.networks.protocol import Refused
from workspaces.current import working_in
from workspaces.models import Workspace

PATH = "/api/v1/notifications"
PAGE = 80
MOST_PAGES = 6  # a look; 480 mentions, then the next look goes on at once
MANY = 20  # a shorter page is a whole one: no server of the family gives fewer where there are more
MOST_BETWEEN = 30
MOST_REREAD = 5
MOST_PARENTS, MOST_STEPS = 20, 5
FIRST_DAYS = timedelta(days=30)
FOLLOWED_DAYS = timedelta(days=7)
OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)


@dataclass(slots=True)
class Look:
    """What one look brought, the cursor behind it, and whether more waits."""

    cursor: dict[str, Any]
    items: list[Heard] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    is_silent: bool = False
    has_more: bool = False


def look_at(api: Api, us: Us, cursor: Mapping[str, Any]) -> Look:
    """One look: the first one and its rest bring what is old, silently; the others what is new. ChannelError."""
    look = Look({name: str(cursor[name]) for name in ("min_id", "back", "reread") if cursor.get(name)})
    if "min_id" not in look.cursor:
        _read_back(api, us, look)
        return look
    _read_forward(api, us, look)
    if not look.items and not look.refused and look.cursor.get("back"):
        _read_back(api, us, look)
    return look


def _read_forward(api: Api, us: Us, look: Look) -> None:
    """Page after page from behind the cursor until one is empty: `min_id` brings the oldest first, so none is skipped."""
    for _page in range(MOST_PAGES):
        before = look.cursor["min_id"]
        try:
            answer = api.get(PATH, **{"types[]": "mention", "min_id": before, "limit": PAGE})
            parts = answer.parts()
            ids = _ids(parts)
            _take(look, parts, us)
            if len(parts) >= MANY and ids:
                _read_between(api, us, look, before, min(ids, key=order))
        except BudgetSpentError:
            if not (look.items or look.refused):
                raise
            return  # the page is read again: what came of it is known by then
        reached = latest([answer.link("prev", "min_id"), *ids, before])
        if not parts or reached == before:
            return
        look.cursor["min_id"] = reached
    look.has_more = True


def _read_between(api: Api, us: Us, look: Look, before: str, oldest: str) -> None:
    """What lies between the cursor and a page: nothing, unless the server took `min_id` for the newest, as Pixelfed does."""
    for _page in range(MOST_BETWEEN):
        answer = api.get(PATH, **{"types[]": "mention", "since_id": before, "max_id": oldest, "limit": PAGE})
        parts = answer.parts()
        ids = _ids(parts)
        if not ids or not all(order(before) < order(one) < order(oldest) for one in ids):
            return  # a server that heeds neither has told all it would
        _take(look, parts, us)
        oldest = min(ids, key=order)


def _ids(parts: Sequence[bytes]) -> list[str]:
    return [one for one in map(id_in, parts) if one]


def _read_back(api: Api, us: Us, look: Look) -> None:
    """From the newest, or where the last look stopped, backwards until 30 days ago. What this brings asks for no answer."""
    look.is_silent, oldest = True, now() - FIRST_DAYS
    for _page in range(MOST_PAGES):
        back = look.cursor.get("back", "")
        try:
            answer = api.get(PATH, **{"types[]": "mention", "limit": PAGE}, **({"max_id": back} if back else {}))
        except BudgetSpentError:
            if "min_id" not in look.cursor:
                raise
            return
        parts = answer.parts()
        ids = _ids(parts)
        look.cursor.setdefault("min_id", latest(ids) or "0")
        count = len(look.items)
        _take(look, parts, us)
        fresh = look.items[count:]
        further = answer.link("next", "max_id") or min(ids, key=order, default="")
        look.items[count:] = [one for one in fresh if _is_since(one, oldest)]
        is_end = not parts or not further or further == back or _are_before(fresh, oldest)
        look.cursor.pop("back", None)
        if is_end:
            return
        look.cursor["back"] = further
    look.has_more = True


def _take(look: Look, parts: Sequence[bytes], us: Us) -> None:
    items, refused = read_mentions(parts, us)
    look.items += items
    look.refused += refused


def _is_since(item: Heard, moment: datetime) -> bool:
    """Whether it is that young. A time without a zone is judged at the inbox's door."""
    return item.published_at.tzinfo is None or item.published_at >= moment


def _are_before(items: Sequence[Heard], moment: datetime) -> bool:
    return bool(items) and not any(_is_since(one, moment) for one in items)


def find_parents(api: Api, us: Us, connection: Connection, look: Look) -> None:
    """What answers a post of ours that we do not know goes to what that post answered.

    The first posts of a long answer are such ones, and what somebody wrote in another program.
    """
    strange = [(at, one) for at, one in enumerate(look.items) if one.parent_id and one.wire.get("answers_us")]
    if not strange:
        return
    workspace = Workspace.objects.get(pk=int(connection.workspace_id or 0))
    for at, item in strange[:MOST_PARENTS]:
        parent = item.parent_id
        for _step in range(MOST_STEPS):
            with working_in(workspace):
                if _is_known(connection, parent):
                    look.items[at] = replace(item, parent_id=parent)
                    break
            try:
                status = api.get(f"/api/v1/statuses/{parent}").tree()
            except ChannelError:
                break  # then it begins a conversation of its own
            parent, account = as_id(status.get("in_reply_to_id")), status.get("account")
            if not parent or not isinstance(account, dict) or as_id(account.get("id")) != us.account_id:
                break


def _is_known(connection: Connection, remote_id: str) -> bool:
    if Mention.objects.filter(connection=connection, remote_id=remote_id).exists():
        return True
    return Reply.objects.filter(mention__connection=connection, remote_id=remote_id).exists()


def read_again(api: Api, us: Us, connection: Connection, look: Look) -> None:
    """A few open mentions of the last days as they stand there now: deleted, edited, or not to be seen by us any more."""
    for mention in _open_ones(connection, look):
        look.cursor["reread"] = str(mention.pk)
        try:
            look.items += as_it_stands(api, us, mention)
        except ChannelError:
            return  # what is new stays ours; the next round comes by here again


def as_it_stands(api: Api, us: Us, mention: Mention) -> list[Heard]:
    """What became of it, where something did. ChannelError."""
    try:
        return _edited(api.get(f"/api/v1/statuses/{mention.remote_id}"), mention, us)
    except AnswerError as error:
        if not error.is_gone:
            raise
        return [_gone(mention, is_deleted=is_deleted_there(api, as_id(mention.wire.get("account")), error))]


def _open_ones(connection: Connection, look: Look) -> list[Mention]:
    """The next few after the last one looked at, from the beginning again when there are none."""
    workspace = Workspace.objects.get(pk=int(connection.workspace_id or 0))
    after = look.cursor.pop("reread", "")
    with working_in(workspace):
        rows = Mention.objects.filter(
            connection=connection,
            deleted_at=None,
            published_at__gt=now() - FOLLOWED_DAYS,
            conversation__state__in=OPEN,
            pk__gt=int(after) if after.isdigit() else 0,
        )
        return list(rows.order_by("pk")[:MOST_REREAD])


def _gone(mention: Mention, *, is_deleted: bool) -> Heard:
    """It is deleted, or it is not for our eyes any more: then its words stay."""
    return Heard(mention.remote_id, "", "", mention.published_at, is_deleted=is_deleted, is_unseen=not is_deleted)


def _edited(answer: Answer, mention: Mention, us: Us) -> list[Heard]:
    try:
        heard = heard_of(answer.tree(), us)
    except BadStatusError:
        return []
    if heard is None or heard.remote_id != mention.remote_id:
        return []
    heard = replace(heard, found_by=mention.found_by)
    is_edited = heard.edited_at is not None and heard.edited_at > mention.published_at
    return [heard] if is_edited or mention.wire.get("unseen") else []
