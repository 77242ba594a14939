"""What a feed's entries are to the inbox: each with an id of its own, told in our words one by one."""

import hashlib
from collections.abc import Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from conversations.channels import Heard
from conversations.mentions.accepting import names_nothing
from lib.clock import now
from lib.foreign.cleaning import html_to_text
from lib.foreign.feed_entries import as_html, body_of, link_of, moment_of, read_moment

Identity = Literal["guid", "link", "link+title", "link+title+date"]
STRICTER: tuple[Identity, ...] = ("guid", "link", "link+title", "link+title+date")


def choose_identity(rows: Sequence[Any], before: str = "") -> Identity:
    """What tells these entries apart: their guid, else their link, else link and title, else these and the date.

    A feed whose entries were told apart in a stricter way `before` stays with it, or all of them would come anew.
    """
    at_least = STRICTER.index(before) if before in STRICTER else 0  # type: ignore[arg-type]
    for way in STRICTER[at_least:-1]:
        ids = [raw_id(row, way) for row in rows]
        if all(ids) and len(set(ids)) == len(ids):
            return way
    return STRICTER[-1] if rows else STRICTER[at_least]


def raw_id(row: Any, way: str) -> str:
    """The entry's id, told in this way; "" where it has none."""
    link = str(row.get("link", ""))
    if way == "guid":
        guid = str(row.get("id", ""))
        return "" if names_nothing(guid) else guid
    if way == "link":
        return link
    title = str(row.get("title", ""))
    said = f"{link}\0{title}" if title else f"{link}\0\0{body_of(row)}"
    if way == STRICTER[-1]:
        said += f"\0{row.get('published', '')}"
    return f"{link[:200]}#{hashlib.sha256(said.encode('utf-8', 'replace')).hexdigest()[:32]}"


def tell(row: Any, *, way: Identity, url: str, language: str, shared_links: set[str]) -> Heard | None:
    """An entry in our words; None for one that says nothing. `shared_links` are those of several entries."""
    body, title = body_of(row), str(row.get("title", ""))
    if not (title.strip() or body.strip()):
        return None
    link, id_ = link_of(row, url), raw_id(row, way)
    site = _host(link) or _host(url) or "feed"
    author = str(row.get("author", "")).strip()
    return Heard(
        remote_id=id_,
        text=_text(row, title, body),
        is_html=True,
        handle=f"{site}/{author}" if author else site,  # never the look of an address: nobody proved this name
        name=author or site,
        author_url=str(row.get("author_detail", {}).get("href", "")),
        published_at=moment_of(row) or now(),
        url=link,
        title=html_to_text(as_html(title, str(row.get("title_detail", {}).get("type", "")))),
        thread=link if link and link not in shared_links else id_,
        language=str(row.get("language", "") or language),
        edited_at=read_moment(dict.get(row, "updated_parsed")),  # the row's own `get` gives the published date instead
    )


def links_shared(rows: Sequence[Any], url: str) -> set[str]:
    """The links that more than one entry has."""
    seen, shared = set[str](), set[str]()
    for row in rows:
        link = link_of(row, url)
        (shared if link in seen else seen).add(link)
    return shared


def _host(link: str) -> str:
    try:
        return urlsplit(link).hostname or ""
    except ValueError:
        return ""


def _text(row: Any, title: str, body: str) -> str:
    """Title and body as one HTML text; what the feed says is plain is written as such."""
    detail = row.content[0] if row.get("content") else row.get("summary_detail", {})
    told = as_html(body, str(detail.get("type", "")))
    if not body or title.strip() not in body:
        head = as_html(title, str(row.get("title_detail", {}).get("type", "")))
        return f"<p>{head}</p>{told}" if body else head
    return told
