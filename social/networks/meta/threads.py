"""A Threads profile: answers and mentions, by Meta's webhook; answers are made, then published."""

from collections.abc import Callable, Iterator
from typing import Any, ClassVar

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from lib.clock import now
from social.networks.meta.graph import MetaNetwork
from social.networks.shapes import at, list_at, moment_at, text_at

LONGEST = 500
FIELDS = {"replies", "mentions"}


class Threads(MetaNetwork):
    """One profile."""

    key: ClassVar[str] = "threads"
    label: ClassVar[str] = "Threads"
    icon: ClassVar[str] = "at"
    says = _("Needs your keys: an app of yours at Meta. Answers and mentions of a profile, by webhook.")
    endpoint: ClassVar[str] = "https://graph.threads.net/v1.0"

    def capabilities(self) -> Capabilities:
        why = _now("Threads fetches a picture from a public address, and yours has none: words alone go there.")
        return Capabilities(receives=True, replies=True, longest=LONGEST, why_no_media=why)

    def values(self, tree: Any) -> Iterator[tuple[Callable[[Any], list[Heard]], Any]]:
        told = list_at(tree, "values") or [at(tree, "values")]
        for one in told:
            if text_at(one, "field") in FIELDS:
                yield self._read, at(one, "value")
            elif text_at(one, "field") == "delete":
                yield self._gone, at(one, "value")

    def reply(self, row: Outbox) -> str:
        if len(row.text) > LONGEST:
            raise ChannelError(_now("Threads takes %(most)d letters at most.") % {"most": LONGEST}, again=False)
        fields = "id,text,username,timestamp,is_reply_owned_by_me"
        path = f"{row.mention_id}/replies"
        sent = self.found(row, path, fields, lambda one: at(one, "is_reply_owned_by_me") is True, "text")
        if sent:
            return sent
        draft = self.made("me/threads", {"media_type": "TEXT", "text": row.text, "reply_to_id": row.mention_id})
        return self.made(f"{self.account}/threads_publish", {"creation_id": draft})

    def _read(self, value: Any) -> list[Heard]:
        id_, name, moment = text_at(value, "id"), text_at(value, "username"), moment_at(value, "timestamp")
        if not id_ or not name or moment is None:
            raise ValueError("an answer has an id, a username and a time")
        return [
            Heard(
                id_, text_at(value, "text") or "…", name, moment, name=f"@{name}", network=self.key,
                author_url=f"https://www.threads.net/@{name}", url=text_at(value, "permalink"),
                thread=text_at(value, "root_post", "id") or id_, parent_id=text_at(value, "replied_to", "id"),
                is_public=True, visibility="public",
            )
        ]  # fmt: skip

    def _gone(self, value: Any) -> list[Heard]:
        if not (id_ := text_at(value, "id")):
            raise ValueError("a deleted post has an id")
        return [Heard(id_, "", "", now(), network=self.key, is_deleted=True)]
