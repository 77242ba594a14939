"""What the library offers at a moment, as plain rows: what blocks choose from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import override

from emails.library.knowing import meanings, meant
from emails.models import LibraryItem
from emails.pictures import picture_address
from lib.clock import now
from workspaces.current import current_workspace

MOST = 1_000  # of the newest that can be chosen from
COLUMNS = (
    "pk", "kind", "title", "teaser", "url", "language", "tags", "published_at", "starts_at", "picture__fingerprint",
    "picture__content_type", "message_id", "is_active", "expires_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that an email may show. `earlier` are tags that were merged into its own, `message` the email of
    ours that it is.
    """

    id: int
    kind: str
    title: str
    teaser: str
    url: str
    language: str
    tags: tuple[int, ...]
    published_at: datetime
    starts_at: datetime | None
    picture: str = ""
    is_offered: bool = True
    earlier: tuple[int, ...] = ()
    message: int | None = None

    @property
    def about(self) -> frozenset[int]:
        """Its tags, and those that mean one of them now."""
        return frozenset((*self.tags, *self.earlier))


def offered(moment: datetime | None = None) -> QuerySet[LibraryItem]:
    """What may be shown at a moment: active, published, not over."""
    at = moment or now()
    is_over = Q(expires_at__lte=at) | Q(starts_at__lte=at)
    return LibraryItem.objects.filter(is_active=True, published_at__lte=at).exclude(is_over)


def catalogue(more: Iterable[int] = ()) -> list[Entry]:
    """What is offered now, the newest first, `MOST` at most; and the items `more`, offered or not. Two statements."""
    ids, at = set(more), now()
    newest = offered(at).order_by("-published_at", "-pk").values("pk")[:MOST]
    chosen = LibraryItem.objects.filter(Q(pk__in=newest) | Q(pk__in=ids) if ids else Q(pk__in=newest))
    workspace, moved = current_workspace().pk, meanings()
    return [_entry(row, workspace, at, moved) for row in chosen.order_by("-published_at", "-pk").values_list(*COLUMNS)]


def shown_as(entries: Sequence[Entry]) -> dict[int, dict[str, Any]]:
    """Item → what an email's template knows of it, in the item's own language or else the brand's; `link` leads there."""
    workspace = current_workspace()
    return {one.id: _shown(one, workspace.locale, workspace.zone) for one in entries}


def _shown(one: Entry, locale: str, zone: str) -> dict[str, Any]:
    """What is not known is not there: to a template an empty word is one."""
    known = {"item": one.id, "title": one.title, "link": one.url, "about": _about(one, one.language or locale, zone)}
    return known | {name: value for name, value in (("teaser", one.teaser), ("picture", one.picture)) if value}


def _about(one: Entry, language: str, zone: str) -> str:
    """What kind of thing it is, and when."""
    with override(language.partition("-")[0]):
        kind = str(LibraryItem.Kind(one.kind).label)
        if one.starts_at is None:
            return kind
        return f"{kind}, {date_format(one.starts_at.astimezone(ZoneInfo(zone)), 'DATETIME_FORMAT')}"


def _entry(row: tuple[Any, ...], workspace: int, at: datetime, moved: dict[int, int]) -> Entry:
    *known, fingerprint, content_type, message, is_active, expires_at = row
    picture = picture_address(workspace, fingerprint, content_type) if fingerprint else ""
    pk, kind, title, teaser, url, language, tags, published_at, starts_at = known
    ends = [one for one in (starts_at, expires_at) if one]
    is_offered = is_active and published_at <= at and all(one > at for one in ends)
    own = meant(tags, moved)
    earlier = tuple(old for old, new in moved.items() if new in own)
    return Entry(
        pk, kind, title, teaser, url, language, own, published_at, starts_at, picture, is_offered, earlier,
        message,
    )  # fmt: skip
