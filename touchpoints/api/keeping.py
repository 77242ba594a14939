"""Recording what came in one request: the good items as a set, each bad one refused alone with its reason."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import structlog

from lib.bisecting import reason_of, write_good
from lib.clock import now
from lib.retrying import with_retries
from touchpoints.ad_clicks import ad_clicks_in
from touchpoints.api.decoding import RefusedError
from touchpoints.api.items import read_item
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from touchpoints.unknown import count_without_person
from workspaces.current import working_in
from workspaces.models import ApiKey

log = structlog.get_logger(__name__)
Placed = tuple[int, Fact]  # its place in the request


def keep_items(
    raw: Sequence[msgspec.Raw | bytes], key: ApiKey, *, kind: str | None, sent_at: str | None, anonymous: bool
) -> dict[str, Any]:
    """Record the good items and list the bad ones by index: kept, new, refused. May be repeated.

    Whatever an item holds, its neighbours are kept: what cannot be stored is found by halving the set. Raises only
    what the database says of itself (away, busy), and then nothing of the request was kept or all may be sent again.
    """
    trusted, moment = key.kind == ApiKey.Kind.SERVER, now()
    facts: list[Placed] = []
    refused: list[dict[str, Any]] = []
    for index, item in enumerate(raw):
        fact = _read(item, moment, trusted=trusted, kind=kind, sent_at=sent_at)
        if isinstance(fact, Fact):
            facts.append((index, fact))
        else:
            refused.append({"index": index, "reason": fact})
    fresh = 0

    def write(some: Sequence[Placed]) -> None:
        nonlocal fresh
        these = [fact for _index, fact in some]
        fresh += with_retries(lambda: _write(these, key, trusted=trusted, anonymous=anonymous))

    poison = write_good(facts, write)
    refused += [{"index": index, "reason": reason_of(error)} for (index, _fact), error in poison]
    refused.sort(key=lambda row: row["index"])
    return {"kept": len(facts) - len(poison), "new": fresh, "refused": refused}


def _read(
    item: msgspec.Raw | bytes, moment: datetime, *, trusted: bool, kind: str | None, sent_at: str | None
) -> Fact | str:
    """The fact, or why it is refused."""
    try:
        return read_item(item, now=moment, trusted=trusted, kind=kind, sent_at=sent_at)
    except Exception as error:
        if not isinstance(error, RefusedError):
            log.exception("item_unreadable")
        return str(error) if isinstance(error, RefusedError) else reason_of(error)


def _write(facts: list[Fact], key: ApiKey, *, trusted: bool, anonymous: bool) -> int:
    """Record the facts in the key's workspace; how many were new."""
    with working_in(key.workspace):
        if anonymous and not trusted:
            count_without_person(facts)
            return 0
        clicks = ad_clicks_in(facts)
        recorded = record([*facts, *clicks], source=source_for(f"key-{key.pk}", key.name), trusted=trusted)
        return len(set(recorded.numbers[: len(facts)]).intersection(recorded.fresh[0]))
