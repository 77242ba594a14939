"""A Facebook page: comments, posts of visitors and Messenger, by Meta's webhook; answers by the Graph API."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, Heard, Outbox, Window
from conversations.models import Mention
from lib.clock import now
from social.networks.meta.direct import able_in_direct, answer_direct, read_message, window_of_direct
from social.networks.meta.graph import MetaNetwork, RefusedError, changes_in, messages_in
from social.networks.meta.pictures import forgotten, uploaded
from social.networks.shapes import moment_at, moment_of_seconds, number_at, text_at

POSTS = {"post", "status", "photo", "video", "share"}
CHANGES = {"add", "edit", "edited", "remove"}


class Facebook(MetaNetwork):
    """One page."""

    key: ClassVar[str] = "facebook"
    label: ClassVar[str] = "Facebook"
    icon: ClassVar[str] = "users"
    says = _(
        "Needs your keys: an app of yours at Meta. Comments, posts of visitors and messages to a page, by webhook."
    )

    def values(self, tree: Any) -> Iterator[tuple[Callable[[Any], list[Heard]], Any]]:
        for _entry, change in changes_in(tree, self.account):
            if text_at(change, "field") == "feed":
                yield self._read, change.get("value")
        for one in messages_in(tree, self.account):
            yield partial(read_message, self.key, self.account), one

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), media=1)

    def capabilities_for(self, mention: Mention) -> Capabilities:
        return able_in_direct(self.capabilities(), mention)

    def window(self, mention: Mention) -> Window:
        return window_of_direct(mention)

    def reply(self, row: Outbox) -> str:
        if text_at(row.wire, "kind") == "direct":
            return answer_direct(self, row, f"{self.account}/messages")
        path = f"{row.mention_id}/comments"
        fields = "id,message,from,created_time"
        sent = self.found(row, path, fields, lambda one: text_at(one, "from", "id") == self.account, "message")
        return sent or self._comment(path, row)

    def _comment(self, path: str, row: Outbox) -> str:
        """The id of the new comment, with the first picture of the answer: one is all that a comment shows. ChannelError."""
        picture = next(iter(row.pictures), None)
        shown = {"attachment_id": uploaded(self, picture)} if picture else {}
        try:
            return self.made(path, {"message": row.text} | shown)
        except RefusedError as error:
            if picture:
                raise forgotten(self, picture, error) from error
            raise

    def _read(self, value: Any) -> list[Heard]:
        item, verb, post = text_at(value, "item"), text_at(value, "verb"), text_at(value, "post_id")
        is_comment = item == "comment"
        if (not is_comment and item not in POSTS) or verb not in CHANGES:
            return []  # reactions, events and what else a page tells
        who = text_at(value, "from", "id")
        id_ = text_at(value, "comment_id") if is_comment else post
        if who == self.account:
            return []
        if not id_:
            raise ValueError(f"a {item} has an id")
        if verb == "remove":
            return [Heard(id_, "", "", now(), network=self.key, is_deleted=True)]
        moment = moment_of_seconds(number_at(value, "created_time")) or moment_at(value, "created_time")
        if not who or moment is None:
            raise ValueError(f"a {item} has an author and a time")
        parent = text_at(value, "parent_id")
        return [
            Heard(
                id_, text_at(value, "message") or "…", who, moment, name=text_at(value, "from", "name"), network=self.key,
                url=text_at(value, "permalink_url") or text_at(value, "post", "permalink_url"), thread=post or id_,
                parent_id=parent if is_comment and parent != post else "", is_public=True, visibility="public",
                wire={"kind": "comment" if is_comment else "post"},
            )
        ]  # fmt: skip
