"""What a server of the Mastodon family holds of a hashtag or of words: newest first, read back to what is known."""

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote

from conversations.channels import Heard
from conversations.models import WatchedQuery
from conversations.visibility import Visibility
from lib.foreign.foreign_json import BadJsonError, read_json
from social.networks.mastodon_api import AnswerError, Api
from social.networks.mastodon_reading import Us, as_id, heard_of, order
from social.networks.shapes import list_at, moment_at
from social.networks.walking import Walk

PAGE_SIZE = 40
PAGES = 3  # a look; what is left waits for the next one
USUAL_WORD = "mastodon"  # where posts can be searched at all, somebody has written this
FOR_EVERYBODY = {Visibility.PUBLIC, Visibility.UNLISTED}


def finds_of(api: Api, us: Us, kind: str, query: str, cursor: Mapping[str, Any]) -> Walk:
    """A look from behind the cursor, ready to go."""
    pages = partial(_tag_page, api, query) if kind == WatchedQuery.Kind.HASHTAG else partial(_word_page, api, query)
    return Walk(cursor, pages, lambda tree: moment_at(tree, "created_at"), partial(_read, us), pages=PAGES)


def can_search(api: Api) -> bool:
    """Whether this server finds posts by their words. It says so nowhere: so it is asked for a usual one."""
    try:
        tree = api.get("/api/v2/search", q=USUAL_WORD, type="statuses", limit=1).tree()
    except AnswerError as error:
        if error.wait:
            raise
        return False
    return bool(list_at(tree, "statuses"))


def _tag_page(api: Api, tag: str, place: str) -> tuple[list[Any], str]:
    further = {"max_id": place} if place else {}
    parts = api.get(f"/api/v1/timelines/tag/{quote(tag, safe='')}", limit=PAGE_SIZE, **further).parts()
    rows = [_opened(raw) for raw in parts]
    return rows, _lowest(rows)


def _word_page(api: Api, words: str, place: str) -> tuple[list[Any], str]:
    further = {"max_id": place} if place else {}
    tree = api.get("/api/v2/search", q=words, type="statuses", limit=PAGE_SIZE, **further).tree()
    rows = list_at(tree, "statuses")
    return rows, _lowest(rows)


def _lowest(rows: list[Any]) -> str:
    ids = [as_id(row.get("id")) for row in rows if isinstance(row, dict)]
    return min(filter(None, ids), key=order, default="")


def _opened(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except BadJsonError:
        return raw[:200].decode("utf-8", "replace")  # no status: it is set aside


def _read(us: Us, tree: Any) -> list[Heard]:
    """A post of somebody else that everybody may read. BadStatusError."""
    heard = heard_of(tree, us)
    return [heard] if heard is not None and heard.visibility in FOR_EVERYBODY else []
