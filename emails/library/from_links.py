"""What a page of the web says of itself: title, description, picture; asked of nobody but the page."""

from contextlib import suppress
from dataclasses import dataclass
from html.parser import HTMLParser
from time import monotonic
from urllib.parse import urljoin

from django.utils.translation import gettext as _

from emails.models import LibraryItem, Picture
from emails.remaking import BadPictureError
from emails.uploading import keep_picture
from lib.connections.outgoing import UnsafeAddressError
from lib.connections.safe_fetch import Fetched, FetchFailedError, safe_fetch
from lib.foreign.cleaning import to_line, to_link

LARGEST, LARGEST_PICTURE, SECONDS = 1_000_000, 5_000_000, 8.0
KINDS = {"article": "article", "video": "video", "video.other": "video", "music.song": "podcast", "product": "offer"}


class NotReadError(ValueError):
    """The page said nothing that can be used; the text says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a page says of itself."""

    url: str
    title: str = ""
    teaser: str = ""
    kind: str = LibraryItem.Kind.ARTICLE.value
    language: str = ""
    picture_url: str = ""


def read_link(url: str, ends_at: float) -> Told:
    """Ask the page, until `ends_at` (of time.monotonic) at most. NotReadError."""
    found = fetch_page(url.strip(), LARGEST, ends_at, cuts=True)
    if found.status != 200:
        raise NotReadError(_("The page answers %(n)d. Fill in the form by hand.") % {"n": found.status})
    if "html" not in found.headers.get("content-type", "html"):
        raise NotReadError(_("There is no page at this address. Fill in the form by hand."))
    told = tell(found.body.decode(errors="replace"), found.url or url.strip())
    if not told.title:
        raise NotReadError(_("The page has no title. Fill in the form by hand."))
    return told


def fetch_picture(url: str, ends_at: float) -> bytes | None:
    """The bytes of a page's picture; None when there is none, or it cannot be had until then."""
    if not url:
        return None
    try:
        found = fetch_page(url, LARGEST_PICTURE, ends_at)
    except NotReadError:
        return None
    return found.body if found.status == 200 else None


def keep_fetched(data: bytes | None, *, name: str, by_id: int | None) -> Picture | None:
    """The picture among the workspace's; None where it is none."""
    if not data:
        return None
    try:
        return keep_picture(data, name=name, alt=name, by_id=by_id)
    except BadPictureError:
        return None


def tell(html: str, url: str) -> Told:
    """What the markup of a page says of it, as far as it can be read."""
    reader = _Head()
    with suppress(AssertionError):  # the parser's answer to some declarations that are none
        reader.feed(html)
    said = reader.said
    picture = said.get("og:image") or said.get("twitter:image") or ""
    return Told(
        url=_joined(url, reader.canonical) or url,
        title=to_line(said.get("og:title") or reader.title, 200),
        teaser=to_line(said.get("og:description") or said.get("description") or "", 300),
        kind=KINDS.get(said.get("og:type", ""), LibraryItem.Kind.ARTICLE.value),
        language=to_line(reader.language, 10).partition("-")[0],
        picture_url=_joined(url, picture),
    )


def _joined(base: str, said: str) -> str:
    # What a page calls an address may be none.
    try:
        return to_link(urljoin(base, said)) if said else ""
    except ValueError:
        return ""


def fetch_page(url: str, largest: int, ends_at: float, *, cuts: bool = False) -> Fetched:
    """What lies at an address of the public web, until `ends_at` (of time.monotonic) at most. NotReadError."""
    try:
        return safe_fetch(url, largest=largest, seconds=ends_at - monotonic(), cuts=cuts)
    except UnsafeAddressError as error:
        raise NotReadError(_("This address is not asked. Write one of the public web.")) from error
    except FetchFailedError as error:
        raise NotReadError(_("The page does not answer. Fill in the form by hand.")) from error


class _Head(HTMLParser):
    """The title, the <meta> and the canonical address of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.said: dict[str, str] = {}
        self.title = self.language = self.canonical = ""
        self.is_in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "meta":
            name = (given.get("property") or given.get("name") or "").lower()
            self.said.setdefault(name, given.get("content", ""))
        elif tag == "html":
            self.language = given.get("lang", "")
        elif tag == "link" and given.get("rel", "").lower() == "canonical":
            self.canonical = given.get("href", "")
        self.is_in_title = tag == "title" and not self.title

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self.is_in_title = False

    def handle_data(self, data: str) -> None:
        if self.is_in_title:
            self.title += data
