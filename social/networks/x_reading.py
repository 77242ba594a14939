"""A post as X writes it, in the inbox's words: by its API (v2), and by its webhook (the older shape)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from conversations.channels import Heard
from lib.clock import EPOCH, is_storable, now
from social.networks.shapes import at, list_at, moment_at, moment_of_seconds, number_at, text_at

NETWORK = "x"
SITE = "https://x.com"
FIRST_MOMENT = 1_288_834_974_657  # milliseconds since 1970 at which X's ids begin to hold the time
ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))  # the last one last: "&amp;lt;" is what was written as "&lt;"
POST_FIELDS = (
    "author_id,conversation_id,created_at,edit_history_tweet_ids,entities,in_reply_to_user_id,lang,note_tweet,"
    "referenced_tweets"
)
USER_FIELDS = "name,username,public_metrics"
ASKED = {"expansions": "author_id", "tweet.fields": POST_FIELDS, "user.fields": USER_FIELDS}
NOT_THERE = "resource-not-found"


def posts_in(tree: Any) -> list[Any]:
    """The posts of an answer, each with its author in it, as far as the answer holds them."""
    users = {text_at(one, "id"): one for one in list_at(tree, "includes", "users")}
    rows = list_at(tree, "data")
    return [row | {"author": users.get(text_at(row, "author_id"))} if isinstance(row, dict) else row for row in rows]


def read_post(tree: Any, us: str) -> list[Heard]:
    """A post of somebody else; nothing for one of ours, or a repost. ValueError says what is missing.

    One that was edited is another post there, which names those before it: it stays the first one here.
    """
    id_, who, moment = text_at(tree, "id"), text_at(tree, "author_id"), moment_at(tree, "created_at")
    kinds = {text_at(one, "type"): text_at(one, "id") for one in list_at(tree, "referenced_tweets")}
    if who == us or "retweeted" in kinds:
        return []
    if not id_ or not who or moment is None:
        raise ValueError("a post has an id, an author and a time")
    username = text_at(tree, "author", "username")
    first = text_at(tree, "edit_history_tweet_ids", 0) or id_
    return [
        Heard(
            first, text_of(tree) or "…", who, moment, name=name_of(text_at(tree, "author", "name"), username),
            network=NETWORK, author_url=f"{SITE}/{username}" if username else f"{SITE}/i/user/{who}",
            followers=number_at(tree, "author", "public_metrics", "followers_count"), url=f"{SITE}/i/status/{first}",
            thread=text_at(tree, "conversation_id") or first, parent_id=kinds.get("replied_to", ""),
            language=language_of(text_at(tree, "lang")), is_public=True, visibility="public",
            edited_at=moment if id_ != first else None, wire={"username": username, "newest": id_},
        )
    ]  # fmt: skip


def text_of(tree: Any) -> str:
    """What was written, long posts whole, short links written out."""
    long = at(tree, "note_tweet")
    said = long if isinstance(long, dict) and text_at(long, "text") else tree
    return plain(text_at(said, "text"), list_at(said, "entities", "urls"))


def link_of_pictures(tree: Any) -> str:
    """The address that X puts behind the words of a post that shows pictures, as `text_of` writes it; "" where none."""
    links = list_at(tree, "note_tweet", "entities", "urls") or list_at(tree, "entities", "urls")
    shown = [text_at(one, "expanded_url") for one in links if text_at(one, "media_key")]
    own = [
        text_at(one, "expanded_url")
        for one in links
        if f"/status/{text_at(tree, 'id')}/" in text_at(one, "expanded_url")
    ]
    return next(iter([*own, *shown]), "")


def plain(text: str, links: Sequence[Any]) -> str:
    """The text without X's own short links and without its three escaped signs."""
    for one in links:
        short, whole = text_at(one, "url"), text_at(one, "expanded_url")
        if short.startswith("http") and whole.startswith(("http://", "https://")):
            text = text.replace(short, whole)
    for sign, letter in ESCAPED:
        text = text.replace(sign, letter)
    return text


def read_event(tree: Any, us: str) -> list[Heard]:
    """A post as a delivery holds it; nothing for ours, a repost, or one that does not name us. ValueError."""
    id_, who = text_at(tree, "id_str"), text_at(tree, "user", "id_str")
    if who == us or at(tree, "retweeted_status") is not None:
        return []
    moment = _moment_of_event(tree)
    if not id_ or not who or moment is None:
        raise ValueError("a post has an id, an author and a time")
    long = at(tree, "extended_tweet")
    said = long if isinstance(long, dict) else tree
    named = {text_at(one, "id_str") for one in list_at(said, "entities", "user_mentions")}
    if us not in named | {text_at(tree, "in_reply_to_user_id_str"), text_at(tree, "quoted_status", "user", "id_str")}:
        return []
    username, parent = text_at(tree, "user", "screen_name"), text_at(tree, "in_reply_to_status_id_str")
    text = plain(text_at(said, "full_text") or text_at(said, "text"), list_at(said, "entities", "urls"))
    return [
        Heard(
            id_, text or "…", who, moment, name=name_of(text_at(tree, "user", "name"), username), network=NETWORK,
            author_url=f"{SITE}/{username}" if username else f"{SITE}/i/user/{who}",
            followers=number_at(tree, "user", "followers_count"), url=f"{SITE}/i/status/{id_}", thread=parent or id_,
            parent_id=parent, language=language_of(text_at(tree, "lang")), is_public=True, visibility="public",
            wire={"username": username, "newest": id_},
        )
    ]  # fmt: skip


def gone(id_: str) -> Heard:
    """What is said of a post that was deleted."""
    return Heard(id_, "", "", now(), network=NETWORK, is_deleted=True)


def lookup_of(tree: Any, asked: Sequence[str], us: str) -> list[Heard]:
    """What an answer says of the posts that were asked for: as they are now, or that they are deleted.

    What is kept from us for another reason (a protected account, a suspended one) stays as it is.
    """
    found = [heard for row in posts_in(tree) for heard in _read_or_not(row, us)]
    missing = {text_at(one, "resource_id") for one in list_at(tree, "errors") if _is_deleted(one)}
    return [*found, *(gone(id_) for id_ in asked if id_ in missing)]


def id_at(moment: datetime) -> str:
    """The id that a post of this moment would have at least; "" for one before X's ids hold the time."""
    number = (moment - EPOCH) // timedelta(milliseconds=1) - FIRST_MOMENT
    return str(number << 22) if number > 0 else ""


def name_of(name: str, username: str) -> str:
    """Both: the name is whatever its bearer likes, the other is unique."""
    shown = f"@{username}" if username else ""
    return f"{name.strip()} ({shown})" if name.strip() and shown else name.strip() or shown


def language_of(said: str) -> str:
    """Its language; X writes words of its own where it does not know ("und", "qme", "zxx")."""
    return "" if said in {"und", "zxx"} or said.startswith("q") else said


def _read_or_not(row: Any, us: str) -> list[Heard]:
    try:
        return read_post(row, us)
    except ValueError:
        return []  # there, and that is all that we know


def _is_deleted(error: Any) -> bool:
    return text_at(error, "type").endswith(NOT_THERE) and text_at(error, "resource_type") in {"tweet", "post", ""}


def _moment_of_event(tree: Any) -> datetime | None:
    if (said := moment_of_seconds(number_at(tree, "timestamp_ms"))) is not None:
        return said
    try:
        found = parsedate_to_datetime(text_at(tree, "created_at"))  # "Wed Oct 10 20:19:24 +0000 2018"
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
    return found.astimezone(UTC) if found.tzinfo and is_storable(found) else None
