"""A notification of the Mastodon API in our words, and the order of its ids."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any

from django.utils.dateparse import parse_datetime

from conversations.channels import Heard
from conversations.visibility import Visibility
from lib.bisecting import reason_of
from lib.foreign.foreign_json import BadJsonError, read_json, split_object
from social.networks.protocol import Refused

ID = re.compile(r"[A-Za-z0-9_\-]{1,64}")
ACCT = re.compile(r"@?([\w][\w.\-]{0,127})(?:@([\w][\w.\-]{0,190}(?::\d{1,5})?))?")
VISIBILITIES = {
    "public": Visibility.PUBLIC,
    "unlisted": Visibility.UNLISTED,
    "private": Visibility.FOLLOWERS,
    "direct": Visibility.DIRECT,
}
MOST_OTHERS, MOST_MEDIA = 20, 8


class BadStatusError(ValueError):
    """A status that cannot be read; the text names what is missing."""


@dataclass(frozen=True, slots=True)
class Us:
    """Our account there: its id, and the domain of its server, which stands in no handle of its own people."""

    account_id: str
    domain: str

    def full(self, acct: str) -> str:
        """user@domain, as everybody else writes it; "" for what is no address."""
        found = ACCT.fullmatch(acct.strip())
        return f"{found[1]}@{found[2] or self.domain}" if found else ""


def order(id_: str) -> tuple[int, str]:
    """Ids are texts: a longer one is later, and among equals the one that sorts later."""
    return len(id_), id_


def latest(ids: Iterable[str]) -> str:
    """The latest of these ids, "" of none."""
    return max(ids, key=order, default="")


def id_in(raw: bytes) -> str:
    """The id of an element, even of one that cannot be read otherwise; "" where none stands."""
    said = (split_object(raw) or {}).get("id", b"").decode("ascii", "replace").strip().strip('"')
    return said if ID.fullmatch(said) else ""


def read_mentions(parts: Sequence[bytes], us: Us) -> tuple[list[Heard], list[Refused]]:
    """What people wrote to us in a page of notifications; other kinds and our own words are left out."""
    items, refused = list[Heard](), list[Refused]()
    for place, raw in enumerate(parts):
        try:
            found = read_json(raw)
            if not isinstance(found, dict):
                raise BadStatusError("it is no notification")
            if found.get("type") != "mention":
                continue
            heard = heard_of(found.get("status"), us)
        except Exception as error:  # noqa: BLE001 - one item never stops the others
            reason = str(error) if isinstance(error, BadJsonError | BadStatusError) else reason_of(error)
            refused.append(Refused(place, reason, id_in(raw) or f"notification {place}", _excerpt(raw)))
        else:
            items += [heard] if heard else []
    return items, refused


def heard_of(status: Any, us: Us) -> Heard | None:
    """A status as the inbox hears it; None for one of our own. BadStatusError."""
    if not isinstance(status, dict):
        raise BadStatusError("it has no status")
    account = status.get("account")
    if not isinstance(account, dict):
        raise BadStatusError("its status has no author")
    id_, account_id = as_id(status.get("id")), as_id(account.get("id"))
    if not id_:
        raise BadStatusError("its status has no id")
    if account_id and account_id == us.account_id:
        return None
    acct = us.full(_text(account, "acct"))
    if not acct:
        raise BadStatusError("its author has no address")
    visibility = VISIBILITIES.get(_text(status, "visibility"), Visibility.DIRECT)  # an unknown one shows less, not more
    followers = account.get("followers_count")
    return Heard(
        remote_id=id_,
        text=_words(status),
        is_html=True,
        handle=acct,
        name=_text(account, "display_name"),
        author_url=_text(account, "url"),
        followers=followers if isinstance(followers, int) and not isinstance(followers, bool) else None,
        published_at=_moment(status.get("created_at")),
        edited_at=_moment(status["edited_at"]) if status.get("edited_at") else None,
        url=_text(status, "url") or _text(status, "uri"),
        thread=id_,
        parent_id=as_id(status.get("in_reply_to_id")),
        language=_text(status, "language"),
        visibility=str(visibility),
        warning=_text(status, "spoiler_text"),
        wire=_wire(status, us, acct, str(visibility)),
    )


def _wire(status: Mapping[str, Any], us: Us, acct: str, visibility: str) -> dict[str, Any]:
    """What an answer needs: whom to name and whom not, how wide it may be, and whether this answers a post of ours."""
    account = status["account"]
    return {
        "account": as_id(account.get("id")),
        "acct": acct,
        "uri": _text(status, "uri")[:500],
        "visibility": visibility,
        "others": _others(status, us, acct),
        "answers_us": bool(us.account_id) and as_id(status.get("in_reply_to_account_id")) == us.account_id,
    }


def as_id(value: Any) -> str:
    """An id as text; some servers say numbers."""
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if ID.fullmatch(text) else ""


def _text(tree: Mapping[str, Any], name: str) -> str:
    value = tree.get(name)
    return value if isinstance(value, str) else ""


def _moment(value: Any) -> datetime:
    try:
        found = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None:
        raise BadStatusError("its time cannot be read")
    return found


def _words(status: Mapping[str, Any]) -> str:
    """Its HTML, then each picture, film or sound as what its author says of it and where it stands."""
    media = status.get("media_attachments")
    lines = [_line(one) for one in (media if isinstance(media, list) else [])[:MOST_MEDIA] if isinstance(one, dict)]
    return "".join([_text(status, "content"), *(f"<p>{line}</p>" for line in lines if line)]) or "…"


def _line(media: Mapping[str, Any]) -> str:
    address = _text(media, "url") or _text(media, "remote_url")
    return escape(f"{_text(media, 'description')[:1500]} {address[:500]}".strip(), quote=False)


def _others(status: Mapping[str, Any], us: Us, acct: str) -> list[str]:
    """Who else is named there: neither us nor who wrote."""
    named = status.get("mentions")
    people = [one for one in named if isinstance(one, dict)] if isinstance(named, list) else []
    found = [us.full(_text(one, "acct")) for one in people if as_id(one.get("id")) != us.account_id]
    return [one for one in dict.fromkeys(found) if one and one.lower() != acct.lower()][:MOST_OTHERS]


def _excerpt(raw: bytes) -> str:
    return raw[:200].decode("utf-8", "replace")
