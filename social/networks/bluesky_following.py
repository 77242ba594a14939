"""What became of the posts that wait for an answer: deleted, changed, or as they were. A few a look, in turn."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from conversations.channels import ChannelError, Heard
from conversations.models import Connection, Conversation, Mention
from lib.clock import now
from social.networks.asking import why
from social.networks.bluesky_reading import NoPostError, gone, read_post
from social.networks.bluesky_session import Pds
from social.networks.shapes import list_at, text_at
from workspaces.current import working_in
from workspaces.models import Workspace

AT_ONCE = 25  # as many as the network tells in one answer
FOLLOWED = timedelta(days=30)
OPEN = (Conversation.State.WAITING, Conversation.State.SNOOZED)


def follow_open(pds: Pds, connection: Connection, below: int) -> tuple[list[Heard], int]:
    """(what they are now, where the next look goes on). `below` is the mention where the last one stopped, 0 for the top."""
    with working_in(Workspace.objects.get(pk=int(connection.workspace_id or 0))):
        rows = Mention.objects.filter(connection=connection, deleted_at=None, published_at__gt=now() - FOLLOWED)
        rows = rows.filter(conversation__state__in=OPEN, remote_id__startswith="at://").order_by("-pk")
        rows = rows.filter(pk__lt=below) if below else rows
        found = list(rows.values_list("pk", "remote_id", "found_by")[:AT_ONCE])
    if not found:
        return [], 0
    by = {uri: name for _pk, uri, name in found}
    told = as_they_stand(pds, list(by))
    return [one if one.is_deleted else replace(one, found_by=by.get(one.remote_id, "")) for one in told], found[-1][0]


def as_they_stand(pds: Pds, uris: Sequence[str]) -> list[Heard]:
    """What these posts are now, those that are deleted too. At most 25. ChannelError."""
    shown, missing = look_up(pds, uris)
    return [*shown, *(gone(uri) for uri in missing if fate_of(pds, uri) == "gone")]


def look_up(pds: Pds, uris: Sequence[str]) -> tuple[list[Heard], list[str]]:
    """(the posts that are shown to us, the addresses of those that are not). At most 25. ChannelError."""
    trees = shown_to_us(pds, uris)
    found = []
    for tree in trees:
        try:
            found.append(read_post(tree))
        except NoPostError:
            continue  # there, and that is all that we know
    there = {text_at(tree, "uri") for tree in trees}
    return found, [uri for uri in uris if uri not in there]


def shown_to_us(pds: Pds, uris: Sequence[str]) -> list[object]:
    """The posts of these addresses as the network shows them. ChannelError."""
    said = pds.get("app.bsky.feed.getPosts", uris=list(uris))
    if not said.is_good:
        raise ChannelError(why(said, "message"))
    return list_at(said.tree, "posts")


def fate_of(pds: Pds, uri: str) -> str:
    """Why a post is not shown: "gone", "blocked", or "" where the network does not say. A delete is final: so it asks twice."""
    said = pds.get("app.bsky.feed.getPostThread", uri=uri, depth=0, parentHeight=0)
    kind = text_at(said.tree, "thread", "$type")
    if text_at(said.tree, "error") == "NotFound" or kind.endswith("#notFoundPost"):
        return "gone"
    return "blocked" if kind.endswith("#blockedPost") else ""
