"""RSS and Atom: bytes by safe_fetch, read by feedparser, asked for only when they changed."""

import calendar
import hashlib
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit

import feedparser
from django import forms
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection
from lib.clock import now
from lib.outgoing import UnsafeAddressError
from lib.safe_fetch import FetchFailedError, safe_fetch
from social.forms import ConnectForm, check_reachable
from social.networks.protocol import Listener, Page

MOST_ENTRIES = 200
LONGEST_WAIT = timedelta(days=1)
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"


class FeedForm(ConnectForm):
    """A new feed."""

    url = forms.URLField(label=_("Address of the feed"), max_length=500, assume_scheme="https")

    def clean_url(self) -> str:
        return check_reachable(self.cleaned_data["url"])


class Feed(Listener):
    """One feed, looked at every few minutes."""

    key: ClassVar[str] = "feed"
    label = _("RSS or Atom feed")
    icon: ClassVar[str] = "rss"
    says = _("RSS or Atom, looked at every five minutes. The last 30 days come in without asking for answers.")
    form = FeedForm

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def capabilities(self) -> Capabilities:
        return Capabilities(polls=True)

    def poll(self, cursor: Mapping[str, Any]) -> Page:
        headers = {"Accept": ACCEPT}
        if cursor.get("etag"):
            headers["If-None-Match"] = cursor["etag"]
        if cursor.get("modified"):
            headers["If-Modified-Since"] = cursor["modified"]
        try:
            found = safe_fetch(self.connection.url, headers=headers)
        except UnsafeAddressError as error:
            raise ChannelError(str(error), again=False) from error
        except FetchFailedError as error:
            raise ChannelError(str(error)) from error
        if found.status == 304:
            return Page(cursor=cursor)
        if found.status == 410:
            return Page(cursor=cursor, is_gone=True)
        if found.status in {429, 503} and (wait := _wait(found.headers.get("retry-after", ""))):
            raise ChannelError(f"asked us to wait ({found.status})", wait=wait)
        if found.status != 200:
            raise ChannelError(f"answered {found.status}")
        after = {"etag": found.headers.get("etag", ""), "modified": found.headers.get("last-modified", "")}
        return Page(self._read(found.body, found.headers.get("content-type", "")), after)

    def reply(self, row: Outbox) -> str:
        raise ChannelError("a feed cannot send", again=False)

    def _read(self, body: bytes, content_type: str) -> list[Heard]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            if not body.strip():
                raise ChannelError("this is no feed")
            parsed = feedparser.parse(body, response_headers={"content-type": content_type}, sanitize_html=False)
            if not parsed.entries and (parsed.bozo or not parsed.get("version")):
                raise ChannelError("this is no feed")
            language = str(parsed.feed.get("language", ""))
            heard = [self._entry(entry, language) for entry in parsed.entries[:MOST_ENTRIES]]
        soon = now() + timedelta(minutes=10)
        return [one for one in heard if one is not None and one.published_at <= soon]

    def _entry(self, entry: Any, language: str) -> Heard | None:
        link = str(entry.get("link", ""))
        body = entry.content[0].value if entry.get("content") else entry.get("summary", "")
        title = str(entry.get("title", ""))
        if not (title or body):
            return None
        id_ = str(entry.get("id") or link) or hashlib.sha256(f"{title}\0{body}".encode()).hexdigest()
        published = _moment(entry.get("published_parsed")) or _moment(entry.get("updated_parsed")) or now()
        site = urlsplit(link).hostname or urlsplit(self.connection.url).hostname or "feed"
        author = str(entry.get("author", "")).strip()
        return Heard(
            remote_id=id_ if len(id_) <= 300 else hashlib.sha256(id_.encode()).hexdigest(),
            text=f"<p>{title}</p>{body}" if body and title.strip() not in body else str(body or title),
            handle=(f"{author}@{site}" if author else site)[:200],
            name=author or site,
            author_url=str(entry.get("author_detail", {}).get("href", "")),
            published_at=published,
            url=link,
            title=title,
            thread=link or id_,
            language=str(entry.get("language", "") or language),
            edited_at=_moment(entry.get("updated_parsed")),
        )


def _moment(parts: Any) -> datetime | None:
    if not parts:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(parts), UTC)
    except (OverflowError, ValueError, OSError):
        return None


def _wait(text: str) -> int:
    """Seconds of a Retry-After header, at most a day; 0 when it says nothing we understand."""
    if text.strip().isdigit():
        seconds = float(text)
    else:
        try:
            seconds = (parsedate_to_datetime(text) - now()).total_seconds()
        except (TypeError, ValueError):
            return 0
    return int(min(max(seconds, 0), LONGEST_WAIT.total_seconds()))
