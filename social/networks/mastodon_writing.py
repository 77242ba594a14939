"""An answer as the Mastodon API takes it: to whom, how wide, in how many posts, and whether it stands there already.

Visibility is never widened, and in an answer that is not for everybody only the one who asked is named: each name there
is one more reader.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from conversations.channels import ChannelError, Outbox
from conversations.visibility import WIDTHS, Visibility, narrower
from lib.clock import now
from lib.foreign.cleaning import INVISIBLE, html_to_text
from lib.foreign.foreign_json import BadJsonError, read_json
from social.networks.cutting import cut_in_posts
from social.networks.mastodon_api import Api
from social.networks.mastodon_reading import Us, id_in, order

API_NAMES = {
    Visibility.PUBLIC: "public",
    Visibility.UNLISTED: "unlisted",
    Visibility.FOLLOWERS: "private",
    Visibility.DIRECT: "direct",
}
MOST_POSTS = 4
PAGES_READ, PAGE = 10, 40
CLOCKS_DIFFER = timedelta(minutes=10)
# Where a name begins, as servers of the family see it: an @ before a word, not inside one, nor in an address of the web.
NAMED = re.compile(r"(?<![\w/=])@+(?=\w)")
NAME = re.compile(r"(?<![\w/=])@([\w][\w.\-]*\w|\w)(?:@([\w][\w.\-]*\w(?::\d{1,5})?))?")
LINK = re.compile(r"https?://\S+")
LANGUAGE = re.compile(r"[a-z]{2,3}")


@dataclass(frozen=True, slots=True)
class Measure:
    """How a server counts letters: how many one post takes, and how many a link counts (0: as many as it has)."""

    longest: int = 500
    letters_of_link: int = 23

    def count(self, text: str) -> int:
        """Never fewer than the server counts: a letter of several code points counts as these."""
        if not self.letters_of_link:
            return len(text)
        shortened = NAME.sub(lambda found: f"@{found[1]}", text)
        return len(LINK.sub("x" * self.letters_of_link, shortened))


@dataclass(frozen=True, slots=True)
class Sent:
    """A post of ours that stands there."""

    id: str
    parent: str
    letters: str
    created_at: datetime | None


def reader_of(row: Outbox, us: Us) -> str:
    """user@domain of who asked. ChannelError where nobody can be named: nobody would be told."""
    found = us.full(str(row.wire.get("acct") or "")) or us.full(row.handle)
    if not found:
        raise ChannelError(_("Their address on this network is not known."), again=False)
    return found


def width_of(row: Outbox) -> Visibility:
    """Who may read the answer: never more than could read what it answers, and what is unknown is for one alone."""
    asked = row.visibility if row.visibility in WIDTHS else Visibility.DIRECT
    given = str(row.wire.get("visibility", asked))
    return Visibility(narrower(asked, given if given in WIDTHS else Visibility.DIRECT))


def posts_of(row: Outbox, us: Us, measure: Measure) -> list[str]:
    """The texts of the posts, each with who asked named in front. ChannelError when it takes more than four."""
    reader = reader_of(row, us)
    is_narrow = width_of(row) in {Visibility.FOLLOWERS, Visibility.DIRECT}
    text = row.text.translate(INVISIBLE).strip()
    text = _without_first_name(without_bystanders(text, reader, us) if is_narrow else text, reader, us)
    front = f"@{reader} "
    room = measure.longest - measure.count(front) - len(row.warning)
    if room < 50:
        raise ChannelError(_("The warning leaves no room for an answer."), again=False)
    parts = cut_in_posts(text, lambda part: measure.count(part) <= room)
    if len(parts) > MOST_POSTS:
        words = _("It is longer than %(n)s posts of this network: shorten it.")
        raise ChannelError(words % {"n": MOST_POSTS}, again=False)
    if is_narrow:  # a cut inside a word may have put an @ in front
        parts = [without_bystanders(part, reader, us) for part in parts]
    return [front + part for part in parts or ["…"]]


def without_bystanders(text: str, reader: str, us: Us) -> str:
    """The text in which only the reader is named: everybody else's name stands there as words, without the sign."""

    def keep(found: re.Match[str]) -> str:
        name = NAME.match(text, found.start())
        return "@" if name and us.full(name[0]).lower() == reader.lower() else ""

    return NAMED.sub(keep, text)


def _without_first_name(text: str, reader: str, us: Us) -> str:
    """The reader stands in front anyway; who typed it sees it once."""
    first = NAME.match(text)
    if first and us.full(first[0]).lower() == reader.lower():
        return text[first.end() :].lstrip(" ,:\n") or text
    return text


def status_of(row: Outbox, text: str, parent: str) -> dict[str, Any]:
    """What POST /api/v1/statuses is told."""
    given = {
        "status": text,
        "in_reply_to_id": parent,
        "visibility": API_NAMES[width_of(row)],
        "spoiler_text": row.warning,
        "language": row.language.lower()[:3].partition("-")[0],
    }
    if not LANGUAGE.fullmatch(given["language"]):
        del given["language"]
    return given if row.warning else {name: value for name, value in given.items() if name != "spoiler_text"}


def letters_of(text: str) -> str:
    """The text as it can be compared: servers rewrite names, marks and blanks, not letters."""
    named = NAME.sub(lambda found: f"@{found[1]}", text).casefold()
    return "".join(one for one in named if one.isalnum()) or "".join(named.split())


def standing_answers(api: Api, us: Us, row: Outbox) -> list[Sent]:
    """Our own posts since shortly before the answer was given. ChannelError when there are more than we may read."""
    since, further, found = (row.created_at or now()) - CLOCKS_DIFFER, "", list[Sent]()
    for _page in range(PAGES_READ):
        params: Mapping[str, Any] = {"limit": PAGE} | ({"max_id": further} if further else {})
        answer = api.get(f"/api/v1/accounts/{us.account_id}/statuses", **params)
        parts = answer.parts()
        page = [one for one in map(_sent, parts) if one is not None]
        found += [one for one in page if one.created_at is None or one.created_at >= since]
        last = min((id_in(one) for one in parts if id_in(one)), key=order, default="")
        is_past = bool(page) and all(one.created_at is not None and one.created_at < since for one in page)
        if not parts or not last or last == further or is_past:
            return found
        further = last
    raise ChannelError(_("We posted so much since that we cannot see whether the answer stands there."))


def stands(text: str, parent: str, among: Sequence[Sent]) -> str:
    """The id of the post that says this in answer to `parent`, the first if there are several; "" if none does."""
    letters = letters_of(text)
    ids = [one.id for one in among if one.parent == parent and one.letters == letters]
    return min(ids, key=order, default="")


def _sent(raw: bytes) -> Sent | None:
    try:
        found = read_json(raw)
    except BadJsonError:
        return None
    if not isinstance(found, dict) or not id_in(raw):
        return None
    content, created = found.get("content"), found.get("created_at")
    try:
        moment = parse_datetime(created) if isinstance(created, str) else None
    except ValueError:
        moment = None
    return Sent(
        id=id_in(raw),
        parent=str(found.get("in_reply_to_id") or ""),
        letters=letters_of(html_to_text(content)) if isinstance(content, str) else "",
        created_at=moment if moment and moment.tzinfo else None,
    )
