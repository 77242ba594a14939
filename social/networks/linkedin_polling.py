"""How comments below a page's posts are read: only below posts that have another number of them than at the last look.

The cursor: `posts` is each watched post with the number of comments that we have read; `todo` is what is still to be read,
each [post, what is read (the post, or a comment for its answers), from which place on]; `listed_at` when the posts were
listed; `below` the mention that was looked at again last; `plain` that names are not told to this app.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Heard
from lib.bisecting import reason_of
from lib.clock import now
from social.networks.asking import Said
from social.networks.linkedin_api import NAMES, LinkedInClient, refused, urn_list, urn_path
from social.networks.linkedin_reading import answers_below, counts_of, posts_of, read_comment, urn_of
from social.networks.protocol import Refused
from social.networks.shapes import list_at, moment_at, number_at, text_at

WATCHED = 50  # posts, those last touched
LISTED_EVERY = timedelta(minutes=30)
PAGE_SIZE = 100
MOST_PAGES = 20  # a look; the next one goes on at once
FIRST_DAYS = timedelta(days=30)


@dataclass(slots=True)
class News:
    """One look: `items` and `refused`, and after `read` the `cursor` behind them and whether there is `more`."""

    client: LinkedInClient
    us: str
    before: Mapping[str, Any]
    items: list[Heard] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    posts: dict[str, int] = field(default_factory=dict)
    todo: list[list[Any]] = field(default_factory=list)
    listed_at: str = ""
    is_plain: bool = False

    @property
    def more(self) -> bool:
        return bool(self.todo)

    @property
    def is_silent(self) -> bool:
        """Whether this lay there before we listened: all until the first reading is through."""
        return not self.before or self.before.get("first") is True

    @property
    def cursor(self) -> dict[str, Any]:
        said = {"posts": self.posts, "todo": self.todo, "listed_at": self.listed_at}
        return (
            said
            | ({"plain": True} if self.is_plain else {})
            | ({"first": True} if self.more and self.is_silent else {})
        )

    def read(self) -> None:
        """List, count, read some pages. ChannelError."""
        posts = self.before.get("posts")
        self.posts = {str(urn): int(count) for urn, count in posts.items()} if isinstance(posts, dict) else {}
        self.todo = [list(one) for one in list_at(self.before, "todo") if isinstance(one, list) and len(one) == 3]
        self.listed_at, self.is_plain = text_at(self.before, "listed_at"), self.before.get("plain") is True
        if not self.todo:
            self._list()
            self._count()
        for _page in range(MOST_PAGES):
            if not self.todo:
                return
            self._read_page(*self.todo.pop(0))

    def _list(self) -> None:
        """The posts last touched; each half an hour, for a page seldom writes."""
        listed = moment_at({"at": self.listed_at}, "at")
        if listed is not None and listed > now() - LISTED_EVERY:
            return
        said = self.client.get("posts", author=self.us, q="author", count=WATCHED, sortBy="LAST_MODIFIED")
        found = posts_of(said.tree)[:WATCHED]
        self.posts = {urn: self.posts.get(urn, 0) for urn in found}
        self.listed_at = now().isoformat()

    def _count(self) -> None:
        if not self.posts:
            return
        said = self.client.get("socialMetadata", ids=urn_list(list(self.posts)))
        for urn, count in counts_of(said.tree).items():
            if urn in self.posts and count != self.posts[urn]:
                self.todo.append([urn, urn, 0])
                self.posts[urn] = count  # counted before it is read: what comes meanwhile makes another number

    def _read_page(self, post: str, of: str, start: Any) -> None:
        start = start if isinstance(start, int) else 0
        said = self._ask(f"socialActions/{urn_path(of)}/comments", start)
        if said.status == 404:
            return  # deleted meanwhile, with all that stood below it
        if not said.is_good:
            raise refused(said)
        rows = list_at(said.tree, "elements")
        for tree in rows:
            self._take(tree, post)
            if of == post and answers_below(tree) and urn_of(tree):
                self.todo.append([post, urn_of(tree), 0])
        total = number_at(said.tree, "paging", "total")
        if rows and (len(rows) >= PAGE_SIZE if total is None else start + len(rows) < total):
            self.todo.insert(0, [post, of, start + len(rows)])

    def _ask(self, path: str, start: int) -> Said:
        """With names where this app may see them; once it may not, without."""
        if not self.is_plain:
            said = self.client.look(path, start=start, count=PAGE_SIZE, projection=NAMES)
            if said.status not in {400, 403}:
                return said
            self.is_plain = True
        return self.client.look(path, start=start, count=PAGE_SIZE)

    def _take(self, tree: Any, post: str) -> None:
        place = len(self.items) + len(self.refused)
        try:
            heard = read_comment(tree, self.us, post)
        except Exception as error:  # noqa: BLE001 - one comment never stops the others
            said = str(tree)[:300]
            self.refused.append(Refused(place, reason_of(error), said, said))
            return
        # Below a post that somebody dug out stand comments of years: they are no news.
        self.items += [one for one in heard if one.published_at > now() - FIRST_DAYS]


def standing_below(client: LinkedInClient, top: str) -> list[Any]:
    """All answers below a comment, as they stand there. ChannelError."""
    found, start = list[Any](), 0
    for _page in range(MOST_PAGES):
        said = client.get(f"socialActions/{urn_path(top)}/comments", start=start, count=PAGE_SIZE)
        rows = list_at(said.tree, "elements")
        found += rows
        if len(rows) < PAGE_SIZE:
            return found
        start += len(rows)
    raise ChannelError(_("There are more answers below it than we may read."))
