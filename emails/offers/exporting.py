"""The codes of a pool as a table for a spreadsheet."""

from collections.abc import Iterator

from emails.models import OfferCode, OfferPool
from lib.exporting import write_table
from workspaces.current import current_workspace, working_in
from workspaces.models import Workspace

HEAD = ("code", "given_at", "redeemed_at", "value", "currency", "order_id", "withdrawn_at", "contact_id")
SLICE = 5_000


def codes_as_csv(pool: OfferPool) -> Iterator[str]:
    """The table, a slice of rows at a time, each in a transaction of its own; formulas are disarmed."""
    workspace = Workspace.objects.get(pk=current_workspace().pk)
    return _slices(workspace, pool.pk)


def _slices(workspace: Workspace, pk: int) -> Iterator[str]:
    yield "\ufeff" + write_table(HEAD, [])
    last = 0
    while True:
        with working_in(workspace):
            rows = list(OfferCode.objects.filter(pool=pk, pk__gt=last).order_by("pk")[:SLICE])
        if not rows:
            return
        last = rows[-1].pk
        yield write_table([], map(_cells, rows)).split("\r\n", 1)[1]


def _cells(row: OfferCode) -> list[object]:
    moments = [one.isoformat() if one else "" for one in (row.given_at, row.redeemed_at, row.withdrawn_at)]
    value = "" if row.value_minor is None else f"{row.value_minor / 100:.2f}"
    return [row.code, *moments[:2], value, row.currency, row.order_id, moments[2], row.contact_id or ""]
