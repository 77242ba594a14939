"""Importing a file: upload, columns and basis, a dry run, the run in the background, the report."""

from pathlib import Path

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from imports.accounting import cell_counts, consent_counts
from imports.chunks import Trial
from imports.forms import ImportForm, ReadingForm, UploadForm
from imports.models import ImportedRow, ImportRun
from imports.reading import Dialect, Row, UnusableFileError
from imports.running import try_out
from imports.sniffing import first_rows
from imports.starting import (
    REFUSALS,
    SAMPLE_OF_TYPES,
    NotReadyError,
    begin_import,
    keep_file,
    launch,
    pause,
    read_anew,
    sample_of,
)
from imports.undo_views import about_undoing
from lib.exporting import write_table
from lib.web.htmx import look_again
from lib.web.uploads import was_too_large
from workspaces.auditing import audit
from workspaces.permissions import needs
from workspaces.requests import Request

Outcome = ImportedRow.Outcome


@needs("contacts.import")
def imports(request: Request) -> HttpResponse:
    """Upload a file; the imports so far."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and was_too_large(request):
        words = _("The file is larger than %(n)d MB. Nothing was kept: split it.")
        form = UploadForm(request.POST, MultiValueDict())
        form.errors["file"] = form.error_class([words % {"n": settings.ECRM_UPLOAD_LARGEST // 1_000_000}])
    elif request.method == "POST" and form.is_valid():
        upload = form.cleaned_data["file"]
        path = keep_file(upload.chunks(), upload.name)
        try:
            run = begin_import(path, upload.name, holds=form.cleaned_data["holds"], by_id=request.user.pk)
        except UnusableFileError as error:
            path.unlink(missing_ok=True)
            form.add_error("file", str(error))
        else:
            return redirect("imports:columns", run.pk)
    context = {"form": form, "runs": ImportRun.objects.all()[:50]}
    return render(request, "imports/imports.html", context, status=422 if form.errors else 200)


@needs("contacts.import")
def map_columns(request: Request, pk: int) -> HttpResponse:
    """Say what the columns mean and why we may hold this; then try it out, or start."""
    run = get_object_or_404(ImportRun, pk=pk, state=ImportRun.State.MAPPING)
    form = ImportForm(request.POST or None, instance=run, sample=_sample(run))
    trial = None
    if request.method == "POST" and form.is_valid():
        run = form.save()
        if "start" in request.POST:
            launch(run)
            audit("contacts.import_started", by=request.user, target=run)
            return redirect("imports:run", pk)
        try:
            trial = try_out(run)
        except (UnusableFileError, OSError) as error:
            form.add_error(None, str(error) if isinstance(error, UnusableFileError) else _("The file is gone."))
    return _mapping_page(request, run, form, trial=trial)


@needs("contacts.import")
@require_POST
def reading(request: Request, pk: int) -> HttpResponse:
    """Read the file in another way: encoding, separator, header line, country of its phones, dates, numbers."""
    run = get_object_or_404(ImportRun, pk=pk, state=ImportRun.State.MAPPING)
    how = ReadingForm(request.POST, run=run)
    if how.is_valid():
        try:
            read_anew(run, how.cleaned_data)
        except (UnusableFileError, OSError) as error:
            how.add_error(None, str(error) if isinstance(error, UnusableFileError) else _("The file is gone."))
    if not how.errors and not request.htmx:
        return redirect("imports:columns", pk)
    if how.errors:
        run.refresh_from_db()
    return _mapping_page(request, run, ImportForm(instance=run, sample=_sample(run)), how=how if how.errors else None)


def _mapping_page(
    request: Request, run: ImportRun, form: ImportForm, *, trial: Trial | None = None, how: ReadingForm | None = None
) -> HttpResponse:
    sample = _sample(run)
    examples = [[row[n] for row in sample[:20] if row[n].strip()][:3] for n in range(len(form.columns))]
    header_row = run.dialect.get("header_row", 1)
    context = {
        "run": run,
        "form": form,
        "how": how or ReadingForm(run=run),
        "columns": [row | {"examples": some} for row, some in zip(form.column_rows, examples, strict=True)],
        "raw": _first_lines(run, max(header_row, 1) + 4),
        "header_row": header_row,
        "trial": trial,
        "outcomes": _counted(dict(trial.counts)) if trial else [],
        "says": consent_counts(trial.words) if trial else [],
        "cells": cell_counts(trial.cells) if trial else [],
        "is_list": run.mode in REFUSALS,
        "is_of_people": run.holds == ImportRun.Holds.PEOPLE,
    }
    if trial:
        context["samples"] = [(Outcome(word).label, rows) for word, rows in trial.samples.items()]
    template = (
        "imports/import_map.html#mapping" if request.htmx and request.method == "POST" else "imports/import_map.html"
    )
    return render(request, template, context, status=422 if form.errors or (how and how.errors) else 200)


def _sample(run: ImportRun) -> list[list[str]]:
    path = Path(run.path)
    return sample_of(path, Dialect(**run.dialect), SAMPLE_OF_TYPES) if path.exists() else []


def _first_lines(run: ImportRun, count: int) -> list[Row]:
    path = Path(run.path)
    return first_rows(path, Dialect(**run.dialect), count) if path.exists() else []


@needs("contacts.import")
@require_safe
def import_run(request: Request, pk: int) -> HttpResponse:
    """How far it is, and what became of each row."""
    run = get_object_or_404(ImportRun, pk=pk)
    if run.state == ImportRun.State.MAPPING:
        return redirect("imports:columns", pk)
    context = {
        "run": run,
        "is_live": run.state in {"waiting", "running", "counting", "undoing"},
        "outcomes": _counted(run.counts),
        "says": consent_counts(run.words),
        "cells": cell_counts(run.cells),
        **about_undoing(run),
    }
    if request.htmx and "progress" in request.GET and not context["is_live"]:
        return look_again()  # what became of each row stands below, not only in the fragment that polls
    if request.htmx and "progress" in request.GET:
        return render(request, "imports/import_run.html#progress", context)
    wanted = request.GET.get("outcome", "")
    rows = ImportedRow.objects.filter(run=run).order_by("line")
    rows = rows.filter(outcome=wanted) if wanted in Outcome.values else rows.exclude(reason="")
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return render(request, "imports/import_run.html", context | {"page": page, "wanted": wanted})


@needs("contacts.import")
@require_POST
def import_pause(request: Request, pk: int) -> HttpResponse:
    """Stop after the rows at hand."""
    pause(get_object_or_404(ImportRun, pk=pk))
    return redirect("imports:run", pk)


@needs("contacts.import")
@require_POST
def import_go_on(request: Request, pk: int) -> HttpResponse:
    """Go on after a pause."""
    run = get_object_or_404(ImportRun, pk=pk, state=ImportRun.State.PAUSED)
    try:
        launch(run)
    except NotReadyError:
        return redirect("imports:columns", pk)
    return redirect("imports:run", pk)


@needs("contacts.import")
@require_safe
def import_report(request: Request, pk: int) -> HttpResponse:
    """The rows with something to say as CSV, each with its line, outcome and reason; formulas are disarmed."""
    run = get_object_or_404(ImportRun, pk=pk)
    rows = ImportedRow.objects.filter(run=run).exclude(reason="").order_by("line")[:100_000]
    table = write_table(
        [_("line"), _("outcome"), _("reason"), *run.dialect.get("header", [])],
        ([row.line, row.get_outcome_display(), row.reason, *row.raw] for row in rows),
    )
    response = HttpResponse("\ufeff" + table, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-report.csv"'
    return response


def _counted(counts: dict[str, int]) -> list[tuple[str, str, int]]:
    return [(one.value, str(one.label), counts[one.value]) for one in Outcome if counts.get(one.value)]
