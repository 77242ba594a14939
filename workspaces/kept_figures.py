"""Figures about everybody that a page cannot count while somebody waits: kept, shown with their moment, counted anew.

A room offers each as `kept_figures` (name → function of an argument, which returns what JSON can hold). A page reads what
is kept; where it is missing or no longer fresh, the agenda counts it within seconds.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog

from lib.clock import now
from lib.rooms import house
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import KeptFigure, Workspace

WORK = "workspaces.keep_figures"
FRESH_FOR = timedelta(minutes=15)
FORGOTTEN_AFTER = timedelta(days=60)  # nobody has looked at it since
ASKED_AGAIN_AFTER = timedelta(minutes=1)
log = structlog.get_logger(__name__)


class Kept(NamedTuple):
    """What was counted, and when."""

    data: Any
    at: datetime


def kept_figure(name: str, argument: int = 0, *, fresh_for: timedelta = FRESH_FOR) -> Kept | None:
    """What is kept under this name, None before it was counted for the first time. One statement where it is fresh."""
    row = KeptFigure.objects.filter(name=name, argument=argument).first()
    if not _is_fresh(row, fresh_for) and not _is_asked(row):
        KeptFigure.objects.update_or_create(name=name, argument=argument, defaults={"asked_at": now()})
        agenda.set_due(WORK)
    return Kept(row.data, row.at) if row and row.at else None


def kept_figures_of(name: str, arguments: Collection[int], *, fresh_for: timedelta = FRESH_FOR) -> dict[int, Kept]:
    """The same for many at once: argument → what is kept. Two statements at most, however many they are."""
    rows = {row.argument: row for row in KeptFigure.objects.filter(name=name, argument__in=arguments)}
    moment = now()
    wanted = [
        KeptFigure(name=name, argument=one, asked_at=moment)
        for one in arguments
        if not _is_fresh(rows.get(one), fresh_for) and not _is_asked(rows.get(one))
    ]
    if wanted:
        unique = ["workspace", "name", "argument"]
        KeptFigure.objects.bulk_create(wanted, update_conflicts=True, unique_fields=unique, update_fields=["asked_at"])
        agenda.set_due(WORK)
    return {one: Kept(row.data, row.at) for one, row in rows.items() if row.at}


def _is_fresh(row: KeptFigure | None, fresh_for: timedelta) -> bool:
    return row is not None and row.at is not None and row.at >= now() - fresh_for


def _is_asked(row: KeptFigure | None) -> bool:
    return row is not None and row.asked_at is not None and row.asked_at > now() - ASKED_AGAIN_AFTER


def keep_figures(workspace: Workspace) -> datetime | None:
    """The agenda's work: count what was asked for, each in a transaction of its own. May be repeated.

    One that cannot be counted does not stop the others: it is logged, keeps what it was, and is asked for by the next look.
    """
    with working_in(workspace):
        KeptFigure.objects.filter(asked_at=None, at__lt=now() - FORGOTTEN_AFTER).delete()
        asked = list(
            KeptFigure.objects.exclude(asked_at=None).order_by("asked_at").values_list("pk", "name", "argument")
        )
    for pk, name, argument in asked:
        try:
            with working_in(workspace):
                _count(pk, name, argument)
        except Exception:  # whatever it is: one too slow to be counted, too
            log.exception("figure_not_counted", workspace=workspace.slug, figure=name, argument=argument)
            with working_in(workspace):
                KeptFigure.objects.filter(pk=pk).update(asked_at=None)
    return None


def _count(pk: int, name: str, argument: int) -> None:
    row, begun = KeptFigure.objects.filter(pk=pk), now()
    if count := house.kept_figures.get(name):
        row.update(data=count(argument), at=begun, asked_at=None)
    else:
        row.delete()
