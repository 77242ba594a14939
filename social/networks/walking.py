"""A list that is newest first, read back to what is known, over as many looks as it takes.

    now ──── head ════ gap, read over several looks ════ until ──── known

The cursor is {"head": when the newest known was seen, "gap": {"next", "until", "head", "silent"}}. While there is a gap, a
look goes on with it; when it is closed its head becomes the head, and what came meanwhile lies above that. So nothing
between two looks is skipped, however much it is.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from conversations.channels import Heard
from lib.bisecting import reason_of
from lib.clock import now
from social.networks.protocol import Page, Refused

FIRST_DAYS = timedelta(days=30)
# Lists are sorted by clocks of others: what is written by a slow one comes in below what we know already.
LATE = timedelta(minutes=10)

# A place ("" for the top) → the page there and the place behind it ("" at the end); None where the place is not known any more.
Fetch = Callable[[str], tuple[list[Any], str] | None]


class Walk:
    """One look: `items`, `refused`, and after `go` the `cursor` behind them and whether there is `more`.

    `moment` says by what time the list is sorted, `read` what an entry holds for us (any exception sets it aside).
    """

    def __init__(
        self,
        cursor: Mapping[str, Any],
        fetch: Fetch,
        moment: Callable[[Any], datetime | None],
        read: Callable[[Any], Sequence[Heard]],
        *,
        pages: int = 4,
    ) -> None:
        self.fetch, self.moment, self.read, self.pages = fetch, moment, read, pages
        self.items, self.refused = list[Heard](), list[Refused]()
        gap = cursor.get("gap")
        self.gap: dict[str, Any] = dict(gap) if isinstance(gap, dict) else _new_gap(cursor)
        self.head = str(cursor.get("head") or "")
        self.more = True

    @property
    def is_silent(self) -> bool:
        """Whether this lay there before we listened."""
        return bool(self.gap.get("silent"))

    @property
    def cursor(self) -> dict[str, Any]:
        head = self.head if self.more else str(self.gap.get("head") or self.head)
        return {"head": head} | ({"gap": self.gap} if self.more else {})

    @property
    def page(self) -> Page:
        """What this look brought; what is left is worth another one at once."""
        return Page(self.items, self.refused, cursor=self.cursor, next_at=now() if self.more else None)

    def go(self) -> None:
        """Read some pages of the gap. ChannelError."""
        until = _moment(self.gap.get("until")) or now() - FIRST_DAYS
        for page, next_place in self._pages():
            seen = [moment for one in page if (moment := self.moment(one)) is not None]
            tops = [_text(min(moment, now())) for moment in seen]  # a head in the future would hide all that comes
            self.gap["head"] = max([str(self.gap.get("head") or ""), *tops])
            self._take(page, until)
            is_end = not next_place or next_place == self.gap.get("next")
            # Servers that leave out what we did not ask for afterwards answer with empty pages: then a place that is a time
            # says how far. One odd time does not end the look: the lowest two lie below what we know, or there is only one.
            lowest = sorted(seen)[:2] or list(filter(None, [_moment(next_place)]))
            self.gap["next"] = next_place
            if is_end or (lowest and max(lowest) < until):
                self.more = False
                return

    def _pages(self) -> Iterator[tuple[list[Any], str]]:
        for _number in range(self.pages):
            yield self.fetch(str(self.gap.get("next") or "")) or self.fetch("") or ([], "")

    def _take(self, page: Sequence[Any], until: datetime) -> None:
        for place, tree in enumerate(page, len(self.items) + len(self.refused)):
            moment = self.moment(tree)
            if moment is not None and moment < until:
                continue
            try:
                self.items += self.read(tree)
            except Exception as error:  # noqa: BLE001 - one entry never stops the others
                said = str(tree)[:300]
                self.refused.append(Refused(place, reason_of(error), said, said))


def _new_gap(cursor: Mapping[str, Any]) -> dict[str, Any]:
    """From the newest down to what we know, and a little lower."""
    head = _moment(cursor.get("head"))
    until = head - LATE if head else now() - FIRST_DAYS
    return {"next": "", "until": _text(until), "head": _text(head) if head else "", "silent": not cursor}


def _moment(text: Any) -> datetime | None:
    try:
        found = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _text(moment: datetime) -> str:
    """In one zone and one length, so that texts sort as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
