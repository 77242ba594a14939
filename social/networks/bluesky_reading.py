"""A post as Bluesky writes it, in the inbox's words."""

from datetime import datetime, timedelta
from typing import Any

from conversations.channels import Heard
from lib.clock import now
from social.networks.shapes import at, list_at, moment_at, number_at, text_at, tree_at

NETWORK = "bluesky"
POST = "app.bsky.feed.post"
PAGE = "https://bsky.app/profile"
LONGEST_LATE = timedelta(days=1)  # a post dated further back than this came now, whatever its writer's clock says
LONGEST_ALT = 2_000


class NoPostError(ValueError):
    """This is no post that can be kept; the text says what is missing."""


def read_notification(tree: Any) -> Heard:
    """A mention, an answer or a quote. NoPostError."""
    return _heard(tree, tree_at(tree, "record"))


def read_post(tree: Any) -> Heard:
    """A post as the network shows it (a postView). NoPostError."""
    return _heard(tree, tree_at(tree, "record"))


def _heard(tree: Any, record: dict[str, Any]) -> Heard:
    uri, did = text_at(tree, "uri"), text_at(tree, "author", "did")
    if not uri.startswith("at://"):
        raise NoPostError("it has no at:// address")
    if not did.startswith("did:"):
        raise NoPostError("it does not say who wrote it")
    root = _ref(at(record, "reply", "root")) or {"uri": uri, "cid": text_at(tree, "cid")}
    handle = text_at(tree, "author", "handle")
    lines = [with_whole_links(text_at(record, "text"), list_at(record, "facets")), *_seen(at(record, "embed"))]
    wire: dict[str, Any] = {"uri": uri, "cid": text_at(tree, "cid"), "root": root}
    if (is_closed := at(tree, "viewer", "replyDisabled")) is not None:
        wire["replyDisabled"] = is_closed is True
    return Heard(
        remote_id=uri,
        text="\n".join(one for one in lines if one.strip()) or "…",
        handle=did,
        name=_name(text_at(tree, "author", "displayName"), handle),
        author_url=f"{PAGE}/{handle if _is_known(handle) else did}",
        followers=number_at(tree, "author", "followersCount"),
        url=post_url(uri),
        published_at=_written_at(tree, record),
        thread=str(root["uri"]),
        parent_id=text_at(record, "reply", "parent", "uri"),
        language=text_at(record, "langs", 0),
        network=NETWORK,
        is_public=True,
        visibility="public",
        wire=wire,
    )


def gone(uri: str) -> Heard:
    """What is said of a post that was deleted."""
    return Heard(remote_id=uri, text="", handle="", published_at=now(), network=NETWORK, is_deleted=True)


def post_url(uri: str) -> str:
    """The page of a post. By who wrote it and not by the handle, so that it stays the same when the handle changes."""
    did, _kind, key = [*uri.removeprefix("at://").split("/", 2), "", ""][:3]
    return f"{PAGE}/{did}/post/{key}"


def _name(display: str, handle: str) -> str:
    """Both: the display name is whatever its bearer likes, the handle is proven."""
    shown = f"@{handle}" if _is_known(handle) else ""
    return f"{display} ({shown})" if display.strip() and shown else display.strip() or shown


def _is_known(handle: str) -> bool:
    return bool(handle) and handle != "handle.invalid"  # what the network writes for one that is not proven any more


def _ref(tree: Any) -> dict[str, str] | None:
    uri, cid = text_at(tree, "uri"), text_at(tree, "cid")
    return {"uri": uri, "cid": cid} if uri.startswith("at://") else None


def _written_at(tree: Any, record: dict[str, Any]) -> datetime:
    """When it was written as far as we believe it: not after the network saw it, and not long before."""
    seen, said = moment_at(tree, "indexedAt"), moment_at(record, "createdAt")
    if seen is None:
        if said is None:
            raise NoPostError("it has no time")
        return min(said, now())
    return said if said is not None and seen - LONGEST_LATE <= said <= seen else seen


def with_whole_links(text: str, facets: list[Any]) -> str:
    """The text with the links that its app has cut short ("example.com/a-lo…") written out. Facets count bytes."""
    raw = text.encode("utf-8", "surrogatepass")
    for facet in sorted(facets, key=lambda one: number_at(one, "index", "byteStart") or 0, reverse=True):
        start, end = number_at(facet, "index", "byteStart"), number_at(facet, "index", "byteEnd")
        uri = next((found for one in list_at(facet, "features") if (found := text_at(one, "uri"))), "")
        if (
            start is None
            or end is None
            or not 0 <= start < end <= len(raw)
            or not uri.startswith(("http://", "https://"))
        ):
            continue
        shown = raw[start:end].decode("utf-8", "replace")
        if shown.endswith(("…", "...")):
            raw = raw[:start] + uri.encode("utf-8", "replace") + raw[end:]
    return raw.decode("utf-8", "replace")


def _seen(embed: Any) -> list[str]:
    """What its pictures show, in the words of who posted them; the title of a link's card."""
    media = at(embed, "media") if isinstance(at(embed, "media"), dict) else embed
    alts = [text_at(one, "alt") for one in list_at(media, "images")] + [text_at(media, "alt")]
    card = text_at(media, "external", "title")
    return [f"[{one.strip()[:LONGEST_ALT]}]" for one in [*alts, card] if one.strip()]
