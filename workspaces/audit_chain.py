"""The audit log as a chain: each entry is sealed together with the seal before it, so that no past can be rewritten.

The app's role may only add entries and seals. Whoever has more rights (the owner of the tables, a thief of the database)
can change rows, but cannot compute a seal: it is an HMAC under a key that stands outside the database (ERASURE_KEY).
Entries are sealed a minute after they were written, by the agenda, in the order in which they are found: sealing inside
the writer's transaction would make every writer of a workspace wait for the one before.
"""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import blake2b

from django.conf import settings
from django.db import models

from lib.clock import now
from lib.sql import run_sql
from workspaces.current import current_workspace_id, working_in
from workspaces.models import AuditEntry, AuditSeal, Workspace

WORK = "workspaces.seal_audit"
SOON = timedelta(minutes=1)
LATE = timedelta(hours=1)  # an entry without a seal for so long was not written by us, or nobody works the agenda
BATCH = 2_000
LOCK = 7_340_101  # of pg_advisory_xact_lock(LOCK, workspace): one sealer a workspace


@dataclass
class Verdict:
    """What a look at one workspace's chain found; `head` is its newest seal, worth writing down elsewhere."""

    sealed_count: int = 0
    waiting_count: int = 0
    head: str = ""
    problems: list[str] = field(default_factory=list)


def seal_audit(workspace: Workspace) -> datetime | None:
    """Work of the agenda: seal what waits, at most BATCH entries at once. May be repeated, by two at a time."""
    with working_in(workspace):
        run_sql("workspaces/lock", {"lock": LOCK, "workspace": workspace.pk})
        newest = AuditSeal.objects.order_by("-position").first()
        position, before = (newest.position, bytes(newest.hash)) if newest else (0, b"")
        waiting = list(_unsealed()[:BATCH])
        seals = []
        for entry in waiting:
            position, before = position + 1, seal_of(entry, before)
            seals.append(AuditSeal(position=position, entry_id=entry.pk, hash=before))
        AuditSeal.objects.bulk_create(seals)
    return now() if len(waiting) == BATCH else None


def verify_audit(workspace: Workspace, *, expected: str = "") -> Verdict:
    """Read the whole chain of a workspace anew. `expected` is a head that was written down: it must still be in it."""
    verdict, before, was_seen = Verdict(), b"", not expected
    with working_in(workspace):
        for seal, entry in _links():
            verdict.sealed_count += 1
            if seal.position != verdict.sealed_count:
                verdict.problems.append(f"seal {verdict.sealed_count} is gone")
                verdict.sealed_count = seal.position
            elif entry is None:
                verdict.problems.append(f"entry {seal.entry_id} is gone")
            elif not hmac.compare_digest(seal_of(entry, before), bytes(seal.hash)):
                verdict.problems.append(f"entry {seal.entry_id} is not what was written")
            before = bytes(seal.hash)
            was_seen = was_seen or before.hex() == expected
        verdict.head = before.hex()
        verdict.waiting_count = _unsealed().count()
        for entry in _unsealed().filter(at__lt=now() - LATE)[:20]:
            verdict.problems.append(f"entry {entry.pk} stands outside the chain")
    if not was_seen:
        verdict.problems.append("the head that was written down is not in the chain: its end was cut off or replaced")
    return verdict


def seal_of(entry: AuditEntry, before: bytes) -> bytes:
    """HMAC-SHA256 over the seal before and every column of the entry."""
    said = [
        entry.workspace_id, entry.pk, entry.at.isoformat(), entry.actor_id, entry.action, entry.target,
        entry.target_id, entry.details,
    ]  # fmt: skip
    key = blake2b(settings.ERASURE_KEY.encode(), digest_size=32, person=b"audit chain").digest()
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), default=str)
    return hmac.digest(key, before + b"\0" + text.encode(), "sha256")


def ask_for_a_seal(workspace_id: int) -> None:
    """Have the agenda seal in a minute. Called after the commit: nobody waits for another's audit entry."""
    run_sql("workspaces/set_due", {"workspace": workspace_id, "work": WORK, "at": now() + SOON})


def _unsealed() -> "models.QuerySet[AuditEntry]":
    sealed = AuditSeal.objects.filter(entry_id=models.OuterRef("pk"), workspace_id=current_workspace_id())
    return AuditEntry.objects.filter(~models.Exists(sealed)).order_by("pk")


def _links() -> Iterator[tuple[AuditSeal, AuditEntry | None]]:
    """Every seal with its entry, in the order of the chain."""
    position = -1
    while seals := list(AuditSeal.objects.filter(position__gt=position).order_by("position")[:BATCH]):
        entries = AuditEntry.objects.in_bulk([seal.entry_id for seal in seals])
        yield from ((seal, entries.get(seal.entry_id)) for seal in seals)
        position = seals[-1].position
