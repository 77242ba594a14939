"""Undoing an import from its page: first it is counted what will happen, then it happens in the background."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from imports.models import ImportRun
from imports.undoing.running import UNDOING, CannotUndoError, count_undo, said_of_undo, undo_import, undo_until, why_not
from workspaces.permissions import needs
from workspaces.requests import Request


@needs("contacts.import")
@require_POST
def count(request: Request, pk: int) -> HttpResponse:
    """Count what undoing would do; nothing changes."""
    try:
        count_undo(get_object_or_404(ImportRun, pk=pk))
    except CannotUndoError as error:
        messages.error(request, str(error))
    return redirect("imports:run", pk)


@needs("contacts.import")
@require_POST
def undo(request: Request, pk: int) -> HttpResponse:
    """Take back what the file brought."""
    try:
        undo_import(get_object_or_404(ImportRun, pk=pk), by=request.user)
    except CannotUndoError as error:
        messages.error(request, str(error))
    return redirect("imports:run", pk)


def about_undoing(run: ImportRun) -> dict[str, Any]:
    """What the run's page says of undoing it."""
    counts = run.undo.get("counts")
    return {
        "undo_why_not": why_not(run),
        "undo_until": undo_until(run),
        "undo_counted": counts is not None and "counted_at" in run.undo,
        "undo_words": said_of_undo(counts or {}),
        "undo_done": run.undo.get("place", {}).get("done", 0),
        "is_undoing": run.state in UNDOING,
    }
