"""RSS and Atom: bytes by safe_fetch, read by feedparser, asked for only when they changed."""

from collections.abc import Mapping
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from conversations.channels import Capabilities, ChannelError, Heard, Outbox
from conversations.models import Connection
from lib.bisecting import reason_of
from lib.clock import now
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import Fetched, FetchFailedError, safe_fetch
from lib.foreign.feed_entries import Entries, NoFeedError, read_entries
from social.forms import ConnectForm, check_reachable
from social.networks.entries import choose_identity, links_shared, tell
from social.networks.protocol import Listener, Page, Refused

LARGEST = 15_000_000
SECONDS = 30.0
LONGEST_WAIT = timedelta(days=1)
LONGEST_TAG = 500
ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.1"


class FeedForm(ConnectForm):
    """A new feed."""

    url = forms.URLField(label=_("Address of the feed"), max_length=500, assume_scheme="https")

    def clean_url(self) -> str:
        return check_reachable(self.cleaned_data["url"])


class Feed(Listener):
    """One feed, looked at every few minutes. Whoever it says wrote an entry is a claim."""

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
        found = self._fetch(cursor)
        if found.status == 304:
            return Page(cursor=cursor, note=self.connection.note)
        if found.status == 410:
            return Page(cursor=cursor, is_gone=True)
        if found.status in {429, 503} and (wait := _wait(found.headers.get("retry-after", ""))):
            raise ChannelError(_now("It asked us to wait (%(status)d).") % {"status": found.status}, wait=wait)
        if found.status != 200:
            raise ChannelError(_now("It answered %(status)d instead of the feed.") % {"status": found.status})
        try:
            entries = read_entries(found.body, url=found.url, content_type=found.headers.get("content-type", ""))
        except NoFeedError as error:
            raise ChannelError(_now("What lies there is no feed.")) from error
        return self._page(entries, found, cursor)

    def reply(self, row: Outbox) -> str:
        raise ChannelError(_now("Nobody can be answered by a feed."), again=False)

    def _fetch(self, cursor: Mapping[str, Any]) -> Fetched:
        headers = {"Accept": ACCEPT}
        if cursor.get("etag"):
            headers["If-None-Match"] = cursor["etag"]
        if cursor.get("modified"):
            headers["If-Modified-Since"] = cursor["modified"]
        try:
            return safe_fetch(self.connection.url, headers=headers, largest=LARGEST, seconds=SECONDS)
        except UnsafeAddressError as error:
            raise ChannelError(
                _now("We do not connect to this address: %(why)s.") % {"why": error}, again=False
            ) from error
        except FetchFailedError as error:
            raise ChannelError(_now("It does not answer as it should: %(why)s.") % {"why": error}) from error

    def _page(self, entries: Entries, found: Fetched, cursor: Mapping[str, Any]) -> Page:
        before = str(cursor.get("identity", ""))
        way = choose_identity(entries.rows, before)
        shared = links_shared(entries.rows, found.url)
        heard, refused = list[Heard](), list[Refused]()
        for place, row in enumerate(entries.rows):
            try:
                one = tell(row, way=way, url=found.url, language=entries.language, shared_links=shared)
            except Exception as error:  # noqa: BLE001 - one entry never stops the others
                name = str(row.get("id") or row.get("link") or place)
                refused.append(Refused(place, reason_of(error), name, str(row.get("title", ""))))
            else:
                heard += [one] if one is not None else []
        return Page(
            items=heard,
            refused=refused,
            note=_left_out(entries),
            is_silent=bool(before) and way != before,
            cursor={
                "etag": _as_header(found.headers.get("etag", "")),
                "modified": _as_header(found.headers.get("last-modified", "")),
                "identity": way,
            },
        )


def _left_out(entries: Entries) -> str:
    if entries.count <= len(entries.rows):
        return ""
    counts = {"count": entries.count, "read": len(entries.rows)}
    return _now("It holds %(count)d entries; the newest %(read)d are read.") % counts


def _as_header(text: str) -> str:
    """A tag that we can send back; one of odd letters would fail every look from then on."""
    return text if text.isascii() and text.isprintable() and len(text) <= LONGEST_TAG else ""


def _wait(text: str) -> int:
    """Seconds of a Retry-After header, at most a day; 0 when it says nothing we understand."""
    if text.strip().isascii() and text.strip().isdigit():
        seconds = float(text)
    else:
        try:
            seconds = (parsedate_to_datetime(text) - now()).total_seconds()
        except (TypeError, ValueError, OverflowError):
            return 0
    return int(min(max(seconds, 0), LONGEST_WAIT.total_seconds()))
