"""What is new for an account on Bluesky: newest first, back to what we know, over as many looks as it takes.

    now ──── head ════ gap, read over several looks ════ floor ──── known

The cursor is {"head": when the newest known was seen, "gap": {"next", "until", "head", "silent"}}. While there is a gap, a
look goes on with it; when it is closed its head becomes the head, and what came meanwhile lies above that. So nothing
between two looks is skipped, however much it is.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime

from conversations.channels import ChannelError, Heard
from lib.bisecting import reason_of
from lib.clock import now
from social.networks.asking import Said, why
from social.networks.bluesky_reading import read_notification
from social.networks.bluesky_session import Pds
from social.networks.protocol import Refused
from social.networks.shapes import list_at, moment_at, text_at

REASONS = ("mention", "reply", "quote")
PAGE_SIZE = 100
PAGES_A_LOOK = 4
FIRST_DAYS = timedelta(days=30)
# The network sorts by the writer's clock: what is written by a slow one comes in below what we know already.
LATE = timedelta(minutes=10)


class News:
    """One look: `items`, `refused`, and after `read` the `cursor` behind them and whether there is `more`."""

    def __init__(self, pds: Pds, cursor: Mapping[str, Any]) -> None:
        self.pds, self.items, self.refused = pds, list[Heard](), list[Refused]()
        gap = cursor.get("gap")
        self.gap: dict[str, Any] = dict(gap) if isinstance(gap, dict) else self._new_gap(cursor)
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

    def read(self) -> None:
        """Some pages of the gap. ChannelError."""
        until = _moment(self.gap.get("until")) or now() - FIRST_DAYS
        for page, next_page in self._pages():
            seen = [moment for one in page if (moment := moment_at(one, "indexedAt")) is not None]
            tops = [_text(min(moment, now())) for moment in seen]  # a head in the future would hide all that comes
            self.gap["head"] = max([str(self.gap.get("head") or ""), *tops])
            self._take(page, until)
            is_end = not next_page or next_page == self.gap.get("next")
            # Servers that leave out other reasons afterwards answer with empty pages: then the place itself says how far.
            # One odd time does not end the look: the lowest two lie below what we know, or there is only one.
            lowest = sorted(seen)[:2] or list(filter(None, [_moment(next_page)]))
            self.gap["next"] = next_page
            if is_end or (lowest and max(lowest) < until):
                self.more = False
                return

    def _new_gap(self, cursor: Mapping[str, Any]) -> dict[str, Any]:
        """From the newest down to what we know, and a little lower."""
        head = _moment(cursor.get("head"))
        until = head - LATE if head else now() - FIRST_DAYS
        return {"next": "", "until": _text(until), "head": _text(head) if head else "", "silent": not cursor}

    def _pages(self) -> Iterator[tuple[list[Any], str]]:
        for _number in range(PAGES_A_LOOK):
            said = self._ask(str(self.gap.get("next") or ""))
            if not said.is_good and self.gap.get("next"):
                said = self._ask("")  # a place that is not known any more: once more from above
            if not said.is_good:
                raise ChannelError(why(said, "message"))
            yield list_at(said.tree, "notifications"), text_at(said.tree, "cursor")

    def _ask(self, place: str) -> Said:
        further = {"cursor": place} if place else {}
        return self.pds.get("app.bsky.notification.listNotifications", reasons=REASONS, limit=PAGE_SIZE, **further)

    def _take(self, page: Sequence[Any], until: datetime) -> None:
        for place, tree in enumerate(page, len(self.items) + len(self.refused)):
            moment, reason = moment_at(tree, "indexedAt"), text_at(tree, "reason")
            if (moment is not None and moment < until) or (reason and reason not in REASONS):
                continue  # known; or something else, of a server that does not choose
            try:
                self.items.append(read_notification(tree))
            except Exception as error:  # noqa: BLE001 - one post never stops the others
                name = text_at(tree, "uri") or f"{text_at(tree, 'indexedAt')} {str(tree)[:200]}"
                self.refused.append(Refused(place, reason_of(error), name, text_at(tree, "record", "text")))


def _moment(text: Any) -> datetime | None:
    try:
        found = parse_datetime(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None


def _text(moment: datetime) -> str:
    """In one zone and one length, so that texts sort as moments do."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
