"""What is new in a forum: newest first, back to what we know, over as many looks as it takes.

The cursor is {"head": the newest id known, "gap": {"next", "until", "head", "silent"}}, as for Bluesky. A page holds at most
50 posts, or those among 50 ids: one may be empty although there is more below.
"""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from conversations.channels import ChannelError, Heard
from lib.bisecting import reason_of
from lib.clock import now
from social.networks.asking import Said, why
from social.networks.discourse_reading import Forum, read_post
from social.networks.protocol import Refused
from social.networks.shapes import list_at, moment_at, number_at, text_at, tree_at

PAGE_SIZE = 50
PAGES_A_LOOK = 8
FIRST_DAYS = timedelta(days=30)


class News:
    """One look: `items`, `refused`, and after `read` the `cursor` behind them and whether there is `more`."""

    def __init__(self, forum: Forum, ask: Callable[..., Said], cursor: Mapping[str, Any]) -> None:
        self.forum, self.ask, self.items, self.refused = forum, ask, list[Heard](), list[Refused]()
        head = number_at(cursor, "head") or 0
        new_gap = {"next": 0, "until": head, "head": head, "silent": not cursor}
        self.gap: dict[str, Any] = dict(tree_at(cursor, "gap")) or new_gap
        self.head, self.more = head, True

    @property
    def cursor(self) -> dict[str, Any]:
        return {"head": self.head, "gap": self.gap} if self.more else {"head": number_at(self.gap, "head") or self.head}

    def read(self) -> None:
        """Some pages of the gap. ChannelError."""
        until = number_at(self.gap, "until") or 0
        for _number in range(PAGES_A_LOOK):
            before = number_at(self.gap, "next") or 0
            posts = self._page(before)
            ids = [id_ for one in posts if (id_ := number_at(one, "id")) is not None and 0 < id_ < 10**15]
            self.gap["head"] = max([number_at(self.gap, "head") or 0, *ids])
            self._take(posts, until)
            self.gap["next"] = min(ids) - 1 if ids else before - PAGE_SIZE
            is_past = not until and any(_is_old(one) for one in posts)
            if self.gap["next"] <= until or is_past:
                self.more = False
                return

    def _page(self, before: int) -> list[Any]:
        said = self.ask("/posts.json", params={"before": before} if before > 0 else None)
        if not said.is_good:
            raise ChannelError(why(said, "errors"))
        return list_at(said.tree, "latest_posts")

    def _take(self, posts: list[Any], until: int) -> None:
        for place, post in enumerate(posts, len(self.items) + len(self.refused)):
            if (number_at(post, "id") or until + 1) <= until or self.forum.is_ours(post):
                continue
            try:
                self.items.append(read_post(self.forum, post))
            except Exception as error:  # noqa: BLE001 - one post never stops the others
                name = text_at(post, "id") or str(post)[:200]
                self.refused.append(Refused(place, reason_of(error), name, text_at(post, "raw")))


def _is_old(post: Any) -> bool:
    moment = moment_at(post, "created_at")
    return moment is not None and moment < now() - FIRST_DAYS
