"""A delete wins over a create that comes late: what was deleted is remembered by its id, without a word of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from conversations.models import Connection, SetAside, Tombstone
from lib.clock import now
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import Workspace

WORK = "conversations.forget"
KEPT = timedelta(days=90)


def bury(connection: Connection, remote_ids: Iterable[str]) -> None:
    """These ids of the connection are deleted for good; May be repeated: the first moment stays."""
    rows = [Tombstone(connection=connection, remote_id=one) for one in sorted(set(remote_ids))]
    if rows:
        Tombstone.objects.bulk_create(rows, ignore_conflicts=True)
        agenda.set_due(WORK, now() + KEPT)


def buried(connection: Connection, remote_ids: Iterable[str]) -> set[str]:
    """Which of these ids were deleted. One query."""
    rows = Tombstone.objects.filter(connection=connection, remote_id__in=set(remote_ids))
    return set(rows.values_list("remote_id", flat=True))


def forget_old(workspace: Workspace) -> datetime | None:
    """The agenda's work: tombstones and items set aside go after 90 days; returns when the next ones do."""
    before = now() - KEPT
    with working_in(workspace):
        Tombstone.objects.filter(deleted_at__lte=before).delete()
        SetAside.objects.filter(last_at__lte=before).delete()
        oldest = [
            Tombstone.objects.order_by("deleted_at").values_list("deleted_at", flat=True).first(),
            SetAside.objects.order_by("last_at").values_list("last_at", flat=True).first(),
        ]
    return min((one + KEPT for one in oldest if one), default=None)
