"""Taking in what is new in a feed, once a day: address, title, teaser, picture, day and tags of each entry."""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from emails.library.from_links import NotReadError, fetch_page, fetch_picture, keep_fetched
from emails.library.keeping import LONGEST_URL, MOST_TAGS, BadItemError, keep_item
from emails.models import LibraryFeed, LibraryItem
from engagement.interests.reading import names_of, tags_for, tags_named
from lib.clock import now
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import FetchFailedError, check_url
from lib.foreign.cleaning import html_to_text, to_line, to_link
from lib.foreign.feed_entries import Entries, NoFeedError, as_html, body_of, link_of, moment_of, read_entries
from workspaces import agenda
from workspaces.auditing import audit
from workspaces.current import working_in
from workspaces.models import User, Workspace

WORK = "emails.library_feeds"
DAILY = timedelta(days=1)
LARGEST, SECONDS, PICTURE_SECONDS, WORK_SECONDS = 15_000_000, 20.0, 4.0, 60.0
MOST_FEEDS, MOST_AT_ONCE, MOST_SEEN = 50, 20, 400
log = structlog.get_logger(__name__)


class BadFeedError(ValueError):
    """Nothing was kept: `field` says where, the text why."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@transaction.atomic
def add_feed(url: str, *, kind: str, tags: Collection[str] = (), by: User | None) -> LibraryFeed:
    """From now on what is new in it comes into the library, the newest twenty within a minute. BadFeedError."""
    address = to_link(url)
    try:
        check_url(address)
    except (UnsafeAddressError, FetchFailedError, ValueError) as error:
        raise BadFeedError("url", _("Write the address of a feed of the public web.")) from error
    if LibraryFeed.objects.count() >= MOST_FEEDS:
        raise BadFeedError("url", _("There are %(n)d feeds already.") % {"n": MOST_FEEDS})
    about = _about(kind, tags)
    try:
        with transaction.atomic():
            feed = LibraryFeed.objects.create(url=address, kind=kind, tags=about, made_by_id=by.pk if by else None)
    except IntegrityError as error:
        raise BadFeedError("url", _("This feed is taken in already.")) from error
    audit("library.feed_added", by=by, target=feed)
    agenda.set_due(WORK)
    return feed


@transaction.atomic
def change_feed(
    feed: LibraryFeed, *, kind: str | None = None, tags: Collection[str] | None = None, by: User | None
) -> None:
    """What it brings from now on is this, and about this; None: as it was. What came stays as it is. BadFeedError."""
    names = list(names_of(feed.tags).values()) if tags is None else tags
    feed.tags = _about(kind or feed.kind, names)
    feed.kind = kind or feed.kind
    feed.save(update_fields=["kind", "tags"])
    audit("library.feed_changed", by=by, target=feed)


@transaction.atomic
def refresh_feed(feed: LibraryFeed, *, by: User | None) -> None:
    """It is looked at within a minute, whenever it was last. May be repeated: a look that waits is one look."""
    LibraryFeed.objects.filter(pk=feed.pk).update(checked_at=None)
    audit("library.feed_refreshed", by=by, target=feed)
    agenda.set_due(WORK)


@transaction.atomic
def remove_feed(feed: LibraryFeed, *, by: User | None) -> None:
    """Nothing comes from it any more; what came stays."""
    audit("library.feed_removed", by=by, target=feed)
    feed.delete()


def _about(kind: str, tags: Collection[str]) -> list[int]:
    """Ids of these interests, made if need be. BadFeedError."""
    if kind not in LibraryItem.Kind.values:
        raise BadFeedError("kind", _("There is no such kind."))
    if len(tags) > MOST_TAGS:
        raise BadFeedError("tags", _("At most %(n)d interests.") % {"n": MOST_TAGS})
    return sorted({tag.pk for tag in tags_for(list(tags)).values()})


def check_feeds(workspace: Workspace) -> datetime | None:
    """The agenda's work: look at each feed that was not looked at for a day; returns when the next one is due.

    Feeds and pictures are asked outside any transaction. One that cannot be read is told so, and stops no other.
    """
    ends_at = monotonic() + WORK_SECONDS
    while monotonic() < ends_at:
        with working_in(workspace):
            feed = LibraryFeed.objects.exclude(checked_at__gt=now() - DAILY).order_by("checked_at", "pk").first()
            if feed is None:
                oldest = LibraryFeed.objects.order_by("checked_at").values_list("checked_at", flat=True).first()
                return oldest + DAILY if oldest else None
        _check(workspace, feed)
    return now()


def _check(workspace: Workspace, feed: LibraryFeed) -> None:
    try:
        entries = _read(feed.url)
    except NoFeedError:
        return _say_trouble(workspace, feed, _("There is no feed at this address."))
    except NotReadError as error:
        return _say_trouble(workspace, feed, str(error))
    except Exception:  # whatever a page does to its reader
        log.exception("feed_not_read", feed=feed.pk)
        return _say_trouble(workspace, feed, _("It could not be read. The log says more."))
    return _take_new(workspace, feed, entries)


def _say_trouble(workspace: Workspace, feed: LibraryFeed, trouble: str) -> None:
    with working_in(workspace):
        LibraryFeed.objects.filter(pk=feed.pk).update(checked_at=now(), trouble=trouble[:300])


def _take_new(workspace: Workspace, feed: LibraryFeed, entries: Entries) -> None:
    links = [to_link(link_of(row, feed.url)) for row in entries.rows]
    with working_in(workspace):
        known = set(LibraryItem.objects.filter(url__in=links).values_list("url", flat=True))
    passed, taken = set(feed.seen), 0
    left = list[str]()  # too many for this look: they come with the next one; of the first look they are old
    for row, link in zip(entries.rows, links, strict=True):
        if not link or link in known or _mark(link) in passed:
            continue
        if taken >= MOST_AT_ONCE:
            left.append(link)
            continue
        known.add(link)
        taken += _take(workspace, feed, row, link, entries.language)
    later = set(left) if feed.seen else set()
    marks = [_mark(one) for one in links if one and one not in later]
    marks = list(dict.fromkeys([*marks, *feed.seen]))[:MOST_SEEN]
    with working_in(workspace):
        LibraryFeed.objects.filter(pk=feed.pk).update(
            checked_at=now(),
            trouble="",
            seen=marks,
            taken_count=feed.taken_count + taken,
            title=feed.title or entries.title,
        )


def _read(url: str) -> Entries:
    """NotReadError, NoFeedError."""
    found = fetch_page(url, LARGEST, monotonic() + SECONDS)
    if found.status != 200:
        raise NotReadError(_("The feed answers %(n)d.") % {"n": found.status})
    return read_entries(found.body, url=found.url, content_type=found.headers.get("content-type", ""))


def _take(workspace: Workspace, feed: LibraryFeed, row: Any, link: str, language: str) -> bool:
    """One entry into the library; False for one that cannot be. A poison entry stops no other."""
    try:
        facts = _facts(feed, row, link, language)
        picture = fetch_picture(_picture_of(row, feed.url), monotonic() + PICTURE_SECONDS)
        with working_in(workspace):
            kept = keep_fetched(picture, name=facts["title"], by_id=feed.made_by_id)
            about = [*names_of(feed.tags).values(), *_known_tags(row)][:MOST_TAGS]
            keep_item(None, facts | {"picture_id": kept.pk if kept else None}, tags=about, by=None)
    except BadItemError:
        return False
    except Exception:  # whatever an entry holds
        log.exception("feed_entry_refused", feed=feed.pk)
        return False
    return True


def _facts(feed: LibraryFeed, row: Any, link: str, language: str) -> dict[str, Any]:
    kind = str(row.get("title_detail", {}).get("type", ""))
    moment = moment_of(row)
    return {
        "kind": feed.kind,
        "title": to_line(html_to_text(as_html(str(row.get("title", "")), kind)), 200),
        "teaser": to_line(html_to_text(body_of(row))[:300], 300),
        "url": link[:LONGEST_URL],
        "language": to_line(language, 10).partition("-")[0].lower(),
        "published_at": min(moment, now()) if moment else now(),
        "source": feed.url[:120],
    }


def _picture_of(row: Any, url: str) -> str:
    """The address of an entry's picture; "" where it has none."""
    media: Sequence[Any] = [*row.get("media_thumbnail", []), *row.get("media_content", []), *row.get("enclosures", [])]
    if image := row.get("image"):
        media = [*media, image]
    for one in media:
        kind = str(one.get("type", "") or one.get("medium", "") or "image")
        if kind.startswith("image") and (said := one.get("url") or one.get("href")):
            return to_link(link_of({"link": said}, url))
    return ""


def _known_tags(row: Any) -> list[str]:
    """What the entry says it is about, as far as we have such interests: a foreign feed makes no new ones."""
    said = [to_line(str(one.get("term") or ""), 60) for one in row.get("tags", [])][:MOST_TAGS]
    return [tag.name for tag in tags_named(said).values()]


def _mark(link: str) -> int:
    return int.from_bytes(hashlib.sha256(link.encode()).digest()[:7])
