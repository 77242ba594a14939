"""What this room holds about a person: everything that happened between them and the brand."""

from collections.abc import Iterator, Sequence
from typing import Any

from lib.personal import plain_rows
from lib.sql import array_of, run_sql
from touchpoints.kinds import BY_CODE
from touchpoints.models import OwnKind, Touchpoint

OURS = {"identity_id", "actor_id", "source_id", "weight_milli"}


def gather_timeline(ids: Sequence[int]) -> Iterator[dict[str, Any]]:
    """Every touchpoint of every channel, both ways, with its words."""
    names = {code: str(kind.name) for code, kind in BY_CODE.items()} | dict(OwnKind.objects.values_list("code", "key"))
    for entry in plain_rows(Touchpoint.objects.filter(contact__in=ids), leave_out=OURS):
        yield {**entry, "kind": names.get(entry["kind"], str(entry["kind"]))}


def erase_timeline(ids: Sequence[int]) -> int:
    """All words, by the owner's function; that something happened stays, for the sums."""
    return int(run_sql("touchpoints/call_erase_facts", {"contacts": array_of(ids)})[0][0])
