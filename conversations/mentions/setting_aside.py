"""A bad item never stops its page: it is set aside with its reason, where people see it, and the rest goes on."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import transaction
from django.db.models import Count, Window
from django.db.models.functions import RowNumber

from conversations.channels import Heard
from conversations.mentions.accepting import accept
from conversations.mentions.listening import Listened, hear
from conversations.mentions.tombstones import KEPT, WORK
from conversations.models import Connection, SetAside
from lib.bisecting import reason_of, write_good
from lib.clock import now
from lib.foreign.cleaning import to_line
from lib.sql import run_sql
from workspaces import agenda
from workspaces.current import current_workspace_id

MOST_A_CONNECTION = 200
TRIED_AGAIN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Poison:
    """What cannot be kept: a name that is the same each time it comes, all it said, why not, and what people see of it."""

    name: str
    said: str
    reason: str
    excerpt: str = ""

    @property
    def key(self) -> str:
        """By which it is known when it comes again."""
        return _hash(self.name)

    @property
    def digest(self) -> str:
        """Of everything it said."""
        return _hash(self.said)


def hear_each(connection: Connection, items: Sequence[Heard], *, silent: bool = False) -> Listened:
    """Store what can be stored of a page, as `hear` does; set aside what cannot, each alone and with its reason.

    Never an exception but for a database that is away. What failed within the last day and says the same is not tried
    again. `poison` of what comes back holds the items that were not kept. Call inside working_in.
    """
    good, poison, heard = list[tuple[Heard, Heard]](), list[tuple[Heard, str]](), list[Listened]()
    found = SetAside.objects.filter(connection=connection, key__in={_hash(item.remote_id) for item in items})
    known = {row.key: row for row in found}
    for item in items:
        try:
            kept = accept(item)
        except Exception as error:  # noqa: BLE001 - whatever a network's own class made of it
            poison.append((item, reason_of(error).removeprefix("cannot be stored: ")))
            continue
        if before := _failed_before(item, known):
            poison.append((item, before.reason))
        else:
            good.append((item, kept))
    failed = write_good(good, lambda some: heard.append(hear(connection, [kept for _, kept in some], silent=silent)))
    poison += [(item, reason_of(error)) for (item, _kept), error in failed]
    set_aside(connection, [poison_of(item, reason) for item, reason in poison if not _failed_before(item, known)])
    if known:
        bad = {_hash(item.remote_id) for item, _reason in poison}
        SetAside.objects.filter(connection=connection, key__in=known.keys() - bad).delete()
    return Listened(
        [row for one in heard for row in one.new],
        [row for one in heard for row in one.changed],
        sum(one.known_count for one in heard),
        poison,
    )


def poison_of(item: Heard, reason: str) -> Poison:
    """The item as something that cannot be kept."""
    said = json.dumps(asdict(item), default=str, sort_keys=True)
    return Poison(item.remote_id, said, reason, f"{item.title} {item.text}")


@transaction.atomic
def set_aside(connection: Connection, poison: Iterable[Poison]) -> None:
    """Keep these with their reasons, one row each however often they come; the newest 200 of a connection."""
    rows = {one.key: one for one in poison}
    if not rows:
        return
    params = {
        "workspace": current_workspace_id(),
        "connection": connection.pk,
        "keys": list(rows),
        "digests": [one.digest for one in rows.values()],
        "reasons": [to_line(one.reason, 200) or "unknown" for one in rows.values()],
        "excerpts": [to_line(one.excerpt, 300) for one in rows.values()],
        "now": now(),
        "most": MOST_A_CONNECTION,
    }
    run_sql("conversations/set_aside", params)
    agenda.set_due(WORK, now() + KEPT)


def set_aside_by_connection(most: int) -> dict[int, tuple[int, list[SetAside]]]:
    """Of each connection: how many there are, and the newest `most`. One query."""
    every = Window(Count("id"), partition_by="connection")
    newest = Window(RowNumber(), partition_by="connection", order_by=("-last_at", "-id"))
    found: dict[int, tuple[int, list[SetAside]]] = {}
    for row in SetAside.objects.annotate(total=every, place=newest).filter(place__lte=most).order_by("place"):
        found.setdefault(row.connection_id, (row.total, []))[1].append(row)
    return found


def _failed_before(item: Heard, known: Mapping[str, SetAside]) -> SetAside | None:
    """The row of an item that failed as it was written, not long ago, and says the same."""
    row = known.get(_hash(item.remote_id))
    is_same = row is not None and row.digest == poison_of(item, "").digest
    return row if row and is_same and row.last_at > now() - TRIED_AGAIN_AFTER else None


def _hash(text: str) -> str:
    return sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
