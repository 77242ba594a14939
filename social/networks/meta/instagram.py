"""An Instagram account: comments and private messages, by Meta's webhook; answers by the API."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, Heard, Outbox, Window
from conversations.models import Mention
from social.networks.meta.direct import able_in_direct, answer_direct, read_message, window_of_direct
from social.networks.meta.graph import MetaNetwork, changes_in, messages_in
from social.networks.shapes import at, moment_of_seconds, number_at, text_at

COMMENTS = {"comments", "live_comments"}


class Instagram(MetaNetwork):
    """One professional account."""

    key: ClassVar[str] = "instagram"
    label: ClassVar[str] = "Instagram"
    icon: ClassVar[str] = "photo"
    says = _("Needs your keys: an app of yours at Meta. Comments and messages of a professional account, by webhook.")
    endpoint: ClassVar[str] = "https://graph.instagram.com/v23.0"

    def values(self, tree: Any) -> Iterator[tuple[Callable[[Any], list[Heard]], Any]]:
        for entry, change in changes_in(tree, self.account):
            if text_at(change, "field") in COMMENTS:
                yield partial(self._read, number_at(entry, "time")), change.get("value")
        for one in messages_in(tree, self.account):
            yield partial(read_message, self.key, self.account), one

    def capabilities(self) -> Capabilities:
        why = _now("Instagram lets programs answer comments in words alone: no picture can go with it.")
        return replace(super().capabilities(), why_no_media=why)

    def capabilities_for(self, mention: Mention) -> Capabilities:
        return able_in_direct(self.capabilities(), mention)

    def window(self, mention: Mention) -> Window:
        return window_of_direct(mention)

    def reply(self, row: Outbox) -> str:
        if text_at(row.wire, "kind") == "direct":
            return answer_direct(self, row, "me/messages")
        path = f"{row.mention_id}/replies"
        fields = "id,text,from,timestamp"
        sent = self.found(row, path, fields, lambda one: text_at(one, "from", "id") == self.account, "text")
        return sent or self.made(path, {"message": row.text})

    def _read(self, seconds: int | None, value: Any) -> list[Heard]:
        who, id_ = text_at(value, "from", "id"), text_at(value, "id")
        if who == self.account or at(value, "from", "self_ig_scoped_id") == self.account:
            return []
        moment = moment_of_seconds(seconds)
        if not who or not id_ or moment is None:
            raise ValueError("a comment has an id, an author and a time")
        name = text_at(value, "from", "username")
        return [
            Heard(
                id_, text_at(value, "text") or "…", who, moment, name=f"@{name}" if name else "", network=self.key,
                author_url=f"https://www.instagram.com/{name}/" if name else "", parent_id=text_at(value, "parent_id"),
                thread=f"media-{text_at(value, 'media', 'id') or id_}", is_public=True, visibility="public",
                wire={"kind": "comment", "media": text_at(value, "media", "id")},
            )
        ]  # fmt: skip
