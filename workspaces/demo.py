"""Founding a workspace as a demo, and taking demo data away again."""

from django.db import transaction

from lib.sql import run_text
from workspaces.auditing import audit
from workspaces.models import User, Workspace


class NoDemoError(ValueError):
    """This workspace holds no demo: nothing of it may be removed so."""


def mark_demo() -> None:
    """Say of the open workspace, while it is still empty, that it is a demo. May be repeated.

    The database refuses (InternalError) once somebody or something stands in it.
    """
    run_text("SELECT mark_demo()")


@transaction.atomic
def remove_demo(workspace: Workspace, *, by: User | None) -> int:
    """Remove people, history, campaigns and mentions of the open demo workspace; returns how many rows went.

    Members, keys, settings, topics, canned replies, the score model and the audit log stay. Raises NoDemoError.
    """
    if not workspace.is_demo:
        raise NoDemoError(workspace.slug)
    gone = int(run_text("SELECT remove_demo_rows()")[0][0])
    workspace._state.fields_cache.pop("demo", None)  # the mark went with the rows
    audit("demo.removed", by=by, target=workspace, rows=gone)
    return gone
