"""What the outside wrote is cleaned once, at the door of the inbox, whichever network brought it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from typing import Any

from contacts.reserved_ids import names_nobody
from conversations.channels import Heard
from conversations.visibility import WIDTHS
from lib.clock import is_storable, now
from lib.foreign.cleaning import to_storable
from touchpoints.facts import MOST_AHEAD, check_moment

LONGEST_ID = 300
LONGEST_TEXT = 100_000
LONGEST_QUOTED = 20_000
LONGEST_WIRE = 8_000
MOST_FOLLOWERS = 10**12
STARS = range(6)


class BadItemError(ValueError):
    """One item that cannot be kept; the text names the rule."""


def accept(item: Heard) -> Heard:
    """The item as it can be stored: texts without NUL or halves of letters, lengths and numbers within bounds.

    BadItemError for an item without an id, or of a time that cannot be. May be repeated.
    """
    remote_id = short_id(to_storable(item.remote_id))
    if not remote_id:
        raise BadItemError("it has no id")
    if names_nothing(remote_id):
        raise BadItemError("its id is a word for a missing one")
    cleaned = replace(
        item,
        remote_id=remote_id,
        text=to_storable(item.text[:LONGEST_TEXT]),
        quoted=to_storable(item.quoted, LONGEST_QUOTED),
        handle=to_storable(item.handle, 200),
        name=to_storable(item.name, 200),
        author_url=to_storable(item.author_url, 500),
        url=to_storable(item.url, 500),
        title=to_storable(item.title, 500),
        thread=short_id(to_storable(item.thread)),
        language=to_storable(item.language, 35),
        network=to_storable(item.network.lower(), 40),
        visibility=item.visibility if item.visibility in WIDTHS else "",
        warning=to_storable(item.warning, 300),
        parent_id=short_id(to_storable(item.parent_id)),
        found_by=to_storable(item.found_by, 130),
        wire=_kept_wire(item.wire),
        followers=item.followers if item.followers is not None and 0 <= item.followers <= MOST_FOLLOWERS else None,
        rating=item.rating if item.rating in STARS else None,
        edited_at=_moment_or_none(item.edited_at),
    )
    return replace(cleaned, published_at=_published(cleaned))


def names_nothing(id_: str) -> bool:
    """Whether this is what programs write where an id is missing. A number is an id, 0 too."""
    return names_nobody(id_) and any(one.isalpha() for one in id_)


def short_id(id_: str) -> str:
    """An id that fits its column: a longer one is its hash."""
    return id_ if len(id_) <= LONGEST_ID else sha256(id_.encode()).hexdigest()


def _published(item: Heard) -> datetime:
    moment = item.published_at
    if item.is_deleted:  # what is deleted needs no date; one that cannot be is no reason to keep the text
        return _moment_or_none(moment) or now()
    if moment.tzinfo is None:
        raise BadItemError("its time has no zone")
    try:
        check_moment(moment, now=now())
    except ValueError as error:
        raise BadItemError(str(error)) from error
    return moment


def _kept_wire(wire: Mapping[str, Any]) -> dict[str, Any]:
    """What fits; a network that says more than is kept is answered without it."""
    kept = to_storable(json.dumps(dict(wire), ensure_ascii=False))
    found: dict[str, Any] = json.loads(kept) if len(kept) <= LONGEST_WIRE else {}
    return found


def _moment_or_none(moment: datetime | None) -> datetime | None:
    is_fine = moment is not None and moment.tzinfo is not None and is_storable(moment) and moment <= now() + MOST_AHEAD
    return moment if is_fine else None
