"""An answer on Bluesky, once: each of its posts has its key before the first attempt, and one that is there is not written again.

    attempt 1:  look at what is answered ── put post 1 ── put post 2 ── …
    attempt 2+: which of the posts are there? ── look at what is answered, if any is missing ── put what is missing

A record under a key of ours is one record, however often it is put; the second look spares what is there from being changed.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Outbox
from lib.clock import now
from social.networks.asking import Said, why
from social.networks.bluesky_following import fate_of, shown_to_us
from social.networks.bluesky_pictures import embedded
from social.networks.bluesky_reading import POST
from social.networks.bluesky_records import POSTS, facets_of, fits, record_key, record_uri, written_at
from social.networks.bluesky_session import Pds
from social.networks.cutting import cut_in_posts
from social.networks.shapes import at, text_at, tree_at

LIKE = "app.bsky.feed.like"
Ref = dict[str, str]  # {uri, cid}


def answer(pds: Pds, row: Outbox) -> str:
    """Answer, in as many posts as it takes, and return the address of the first. Safe to repeat. ChannelError."""
    texts = cut_in_posts(row.text, fits)
    if not texts:
        raise ChannelError(_("The answer is empty."), again=False)
    if len(texts) > POSTS:
        raise ChannelError(
            _("The answer is too long: %(most)d posts of 300 letters at most.") % {"most": POSTS}, again=False
        )
    keys = [record_key(row.key, row.created_at or now(), place) for place in range(len(texts))]
    sent = [_kept(pds, POST, key) for key in keys] if row.attempt > 1 else [None for _key in keys]
    known = next((one for one in sent if one is not None), None)
    if known is None:
        parent = _answerable(pds, row)
        root, before = _root_of(parent), _ref_at(parent)
    else:  # what we began stands there: it is ended, whatever became of what it answers
        root, before = _root_of({"record": tree_at(known, "value")}), _ref_at(known)
    for place, (key, text, kept) in enumerate(zip(keys, texts, sent, strict=True)):
        if kept is None:
            record = _post(pds, row, text, place, {"root": root, "parent": before})
            if place == 0 and row.pictures:
                record["embed"] = embedded(pds, row.pictures)
            before = _put(pds, POST, key, record)
        else:
            before = _ref_at(kept)
    return record_uri(pds.session.did, POST, keys[0])


def like(pds: Pds, row: Outbox) -> str:
    """Like what somebody wrote; the address of the like. Safe to repeat. ChannelError."""
    key = record_key(row.key, row.created_at or now())
    if kept := _kept(pds, LIKE, key):
        return text_at(kept, "uri")
    post = _answerable(pds, row, needs_answer=False)
    if found := text_at(post, "viewer", "like"):
        return found  # liked already, by whatever app
    return _put(pds, LIKE, key, {"$type": LIKE, "subject": _ref_at(post), "createdAt": written_at(now())})["uri"]


def _post(pds: Pds, row: Outbox, text: str, place: int, reply: Mapping[str, Ref]) -> dict[str, Any]:
    record: dict[str, Any] = {
        "$type": POST,
        "text": text,
        "reply": dict(reply),
        "createdAt": written_at(row.created_at or now(), place),
    }
    if facets := facets_of(text, lambda handle: _did_of(pds, handle)):
        record["facets"] = facets
    if row.language and row.language != "und":
        record["langs"] = [row.language]
    return record


def _answerable(pds: Pds, row: Outbox, *, needs_answer: bool = True) -> Any:
    """What is answered, as it stands there now. ChannelError in words where it cannot be answered any more."""
    uri = text_at(row.wire, "uri") or row.mention_id
    found = next((one for one in shown_to_us(pds, [uri]) if text_at(one, "uri") == uri), None)
    fate = "" if found else fate_of(pds, uri)
    if fate == "gone":
        raise ChannelError(_("What it answers was deleted there."), again=False)
    if fate == "blocked" or at(found, "author", "viewer", "blockedBy") is True:
        raise ChannelError(_("Its author blocks us, or we block them."), again=False)
    if found is None:
        raise ChannelError(_("What it answers is not shown to us right now."))
    if needs_answer and at(found, "viewer", "replyDisabled") is True:
        raise ChannelError(_("Its author does not let us answer this post."), again=False)
    return found


def _root_of(post: Any) -> Ref:
    """Where the thread of a post begins: at itself, unless it answers something."""
    root = _ref_at(post, "record", "reply", "root")
    return root if all(root.values()) else _ref_at(post)


def _kept(pds: Pds, collection: str, key: str) -> dict[str, Any] | None:
    """The record of ours under this key, {uri, cid, value}, where it is there. ChannelError."""
    said = pds.get("com.atproto.repo.getRecord", repo=pds.session.did, collection=collection, rkey=key)
    if said.is_good:
        _ref(said)
        return tree_at(said.tree)
    if text_at(said.tree, "error") in {"RecordNotFound", "InvalidRequest"} or said.status == 404:
        return None
    raise ChannelError(why(said, "message"))


def _put(pds: Pds, collection: str, key: str, record: Mapping[str, Any]) -> Ref:
    body = {"repo": pds.session.did, "collection": collection, "rkey": key, "record": record}
    said = pds.post("com.atproto.repo.putRecord", body)
    if not said.is_good:
        raise ChannelError(_("Bluesky does not take it: %(why)s") % {"why": why(said, "message")}, again=False)
    return _ref(said)


def _ref(said: Said) -> Ref:
    found = _ref_at(said.tree)
    if not all(found.values()):
        raise ChannelError(_("It answered with something else than we asked for."))
    return found


def _ref_at(tree: Any, *path: str) -> Ref:
    return {"uri": text_at(tree, *path, "uri"), "cid": text_at(tree, *path, "cid")}


def _did_of(pds: Pds, handle: str) -> str:
    """Who bears this handle, "" where nobody does."""
    said = pds.get("com.atproto.identity.resolveHandle", handle=handle)
    return text_at(said.tree, "did") if said.is_good else ""
