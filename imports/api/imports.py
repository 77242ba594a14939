"""`/imports`: a file is sent, its columns are guessed, it is started with its basis, and says what became of each row."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from consent.models import Basis
from contacts.api.shapes import Role
from contacts.models import Audience
from imports.facts.readiness import clean_about
from imports.facts.targets import fact_targets
from imports.mapping import presets
from imports.models import ImportedRow, ImportRun
from imports.reading import UnusableFileError
from imports.starting import FACT_MODES, NotReadyError, begin_import, check_file, keep_file, launch, pause
from imports.targets import targets
from imports.undoing import running as undoing
from lib.pages import write_cursor
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, Taken, newest_first
from workspaces.api.problems import Problem, nothing_here, refuse
from workspaces.auditing import audit

router = Router()
State, Mode, Holds, Outcome = ImportRun.State, ImportRun.Mode, ImportRun.Holds, ImportedRow.Outcome
StateName = StrEnum("ImportState", dict(zip(State.names, State.values, strict=True)))  # type: ignore[misc]
ModeName = StrEnum("ImportMode", dict(zip(Mode.names, Mode.values, strict=True)))  # type: ignore[misc]
OutcomeName = StrEnum("RowOutcome", dict(zip(Outcome.names, Outcome.values, strict=True)))  # type: ignore[misc]
HoldsName = StrEnum("ImportHolds", dict(zip(Holds.names, Holds.values, strict=True)))  # type: ignore[misc]
BasisName = StrEnum("ImportBasis", dict(zip(Basis.names, Basis.values, strict=True)))  # type: ignore[misc]


class ImportShape(Schema):
    """One file of people, orders or attendance: what its columns are taken for, how far it is, how many rows came to what."""

    id: int
    file_name: str
    state: StateName
    holds: HoldsName
    mode: ModeName
    preset: str
    mapping: dict[str, str] = Field(description="Column → what it is taken for; empty: left out.")
    rows_total: int
    rows_done: int
    counts: dict[str, int] = Field(description="Outcome → rows.")
    error: str
    undo: dict[str, int] = Field(description="What undoing it would do, was counted to do, or did, by kind.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @staticmethod
    def resolve_undo(run: ImportRun) -> dict[str, int]:
        """Only the counts: how far it is stays ours."""
        return dict(run.undo.get("counts", {}))


class Start(Taken):
    """What a file lacks before it may start; what is left out stays as it was guessed."""

    mode: ModeName | None = None
    mapping: dict[str, str] | None = Field(None, description="Column → target, for columns that were guessed wrong.")
    basis: BasisName | None = Field(None, description="Why you may hold these people.")
    proof: str = Field("", max_length=2_000, description="The sentence that proves it.")
    topic: str = Field("", max_length=40, description="The key of the topic that they consented to.")
    role: Role | None = Field(None, description="Everybody in the file plays it; of orders whom it makes.")
    currency: str = Field("", max_length=3, description="Of orders whose file says none.")
    shop: str = Field("", max_length=80, description="Of orders, where several shops may give one number.")
    event: str = Field("", max_length=200, description="Of attendance whose file names no event.")
    event_at: datetime | None = Field(None, description="When it was, where the file does not say.")
    unsaid: Literal["attended", "registered"] | None = Field(None, description="Where no status says what they did.")


class RowShape(Schema):
    """What became of one row."""

    line: int
    outcome: OutcomeName
    reason: str
    cells: list[str] = Field(description="As they stood, where something is wrong with them.")


class RowsAsked(Paged):
    """Which rows."""

    outcome: OutcomeName | None = Field(None, description="Left out: every row with something to say.")


class UploadAsked(Taken):
    """How the file is to be read."""

    preset: str = Field("", max_length=40, description="The program that wrote it; left out: guessed.")
    holds: HoldsName | None = Field(None, description="What its rows are; left out: found out from its columns.")


@router.get("/imports", response=PageOf[ImportShape], summary="List imports")
@scope("imports:read")
def list_imports(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """Newest first."""
    rows, after = newest_first(ImportRun.objects.all(), asked)
    return {"items": rows, "next": after}


@router.post("/imports", response={201: ImportShape}, summary="Send a file")
@scope("imports:write", takes_file=True)
def upload_file(request: HttpRequest, file: File[UploadedFile], asked: Form[UploadAsked]) -> Status:
    """CSV, Excel or vCard: people, orders, or who came to an event.

    It is looked at and its columns are guessed; nothing else happens until it is started.
    """
    if asked.preset and asked.preset not in {one.name for one in presets()}:
        raise refuse("body.preset", f"Known: {', '.join(one.name for one in presets())}.")
    path = None
    try:
        check_file(file)  # type: ignore[arg-type]
        path = keep_file(file.chunks(), file.name or "people.csv")
        holds = asked.holds.value if asked.holds else ""
        run = begin_import(path, file.name or "people.csv", preset=asked.preset, holds=holds)
    except UnusableFileError as error:
        if path is not None:
            path.unlink(missing_ok=True)
        raise Problem(422, str(error), code="unusable_file") from error
    return Status(201, run)


@router.get("/imports/{import_id}", response=ImportShape, summary="How far an import is")
@scope("imports:read")
def get_import(request: HttpRequest, import_id: Id) -> ImportRun:
    """Its state and counts; `failed` says why in `error`."""
    return _run(import_id)


@router.post("/imports/{import_id}/start", response=ImportShape, summary="Start an import, or go on")
@scope("imports:write")
def start_import(request: HttpRequest, import_id: Id, said: Start) -> ImportRun:
    """Runs in the background. 422 where a basis, its proof or a column is lacking; 409 where it ran or runs already."""
    run = _run(import_id, is_held=True)
    if run.state not in {State.MAPPING, State.PAUSED}:
        raise Problem(409, f"It is {run.get_state_display()}.", code="started_already")
    if run.state == State.MAPPING:
        _complete(run, said)
        run.save()
    try:
        launch(run)
    except NotReadyError as error:
        raise Problem(422, str(error), code="not_ready") from error
    audit("contacts.import_started", by=None, target=run)
    return _run(import_id)


@router.post("/imports/{import_id}/pause", response=ImportShape, summary="Pause an import")
@scope("imports:write")
def pause_import(request: HttpRequest, import_id: Id) -> ImportRun:
    """After the rows at hand; `start` goes on. May be repeated."""
    pause(_run(import_id))
    return _run(import_id)


@router.post("/imports/{import_id}/undo/count", response=ImportShape, summary="Count what undoing would do")
@scope("imports:write")
def count_undo(request: HttpRequest, import_id: Id) -> ImportRun:
    """Nothing changes; of a large file it is counted in the background. 409 where it cannot be undone."""
    with _undoable():
        undoing.count_undo(_run(import_id))
    return _run(import_id)


@router.post("/imports/{import_id}/undo", response=ImportShape, summary="Undo an import")
@scope("imports:write")
def undo_import(request: HttpRequest, import_id: Id) -> ImportRun:
    """Within 30 days, in the background; what others said or did since stays. 409 where it cannot be undone."""
    with _undoable():
        undoing.undo_import(_run(import_id), by=None)
    return _run(import_id)


@contextmanager
def _undoable() -> Iterator[None]:
    try:
        yield
    except undoing.CannotUndoError as error:
        raise Problem(409, str(error), code="cannot_be_undone") from error


@router.get("/imports/{import_id}/rows", response=PageOf[RowShape], summary="What became of each row")
@scope("imports:read")
def list_rows(request: HttpRequest, import_id: Id, asked: Query[RowsAsked]) -> dict[str, Any]:
    """In the order of the file."""
    rows = ImportedRow.objects.filter(run=_run(import_id)).order_by("line")
    rows = rows.filter(outcome=asked.outcome.value) if asked.outcome else rows.exclude(reason="")
    if place := asked.place(int):
        rows = rows.filter(line__gt=place[0])
    found = list(rows[: asked.limit + 1])
    shown = found[: asked.limit]
    items = [{"line": row.line, "outcome": row.outcome, "reason": row.reason, "cells": row.raw} for row in shown]
    return {"items": items, "next": write_cursor(shown[-1].line) if len(found) > asked.limit else None}


def _run(pk: int, *, is_held: bool = False) -> ImportRun:
    rows = ImportRun.objects.select_for_update() if is_held else ImportRun.objects.all()
    found = rows.filter(pk=pk).first()
    if found is None:
        raise nothing_here("import")
    return found


def _complete(run: ImportRun, said: Start) -> None:
    """What was said about the file, where it can be."""
    known = targets() if run.holds == Holds.PEOPLE else fact_targets(run.holds)
    for column, target in (said.mapping or {}).items():
        if column not in run.mapping:
            raise refuse("body.mapping", f"There is no column “{column[:80]}”.")
        if target not in known:
            raise refuse("body.mapping", f"“{target[:40]}” is no target. Known: {', '.join(sorted(known))}.")
        run.mapping[column] = target
    if said.mode and (said.mode.value in FACT_MODES) == (run.holds == Holds.PEOPLE):
        raise refuse("body.mode", f"“{said.mode.value}” is not for a file of {run.get_holds_display()}.")
    run.mode = said.mode.value if said.mode else run.mode
    about = said.model_dump(include={"currency", "shop", "event", "event_at", "unsaid"})
    try:
        run.about |= clean_about(run, about)
    except ValueError as error:
        raise refuse("body.event_at", str(error)) from error
    run.basis = said.basis.value if said.basis else run.basis
    run.role = int(Audience[said.role.name]) if said.role else run.role
    run.proof, run.topic_key = said.proof or run.proof, said.topic or run.topic_key
