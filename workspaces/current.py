"""Which workspace is open. Everything that belongs to a workspace is read and written inside `working_in`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol

from django.conf import settings
from django.db import connection, transaction
from django.db.models import BigIntegerField, Expression
from django.db.models.sql.compiler import SQLCompiler
from django.urls import get_script_prefix, get_urlconf, set_script_prefix, set_urlconf

from lib.offers import WorkspaceLike


class OpenWorkspace(WorkspaceLike, Protocol):
    """What the code inside asks of its workspace. The model has it all; this module knows no models."""

    name: str
    locale: str
    zone: str
    currency: str
    postal_address: str
    website: str
    colour: str
    mail_tracking: int
    scores_employees: bool

    @property
    def tracks_mail(self) -> bool: ...

    @property
    def is_demo(self) -> bool: ...


_open: ContextVar[OpenWorkspace | None] = ContextVar("open_workspace", default=None)
_silence: ContextVar[float] = ContextVar("silence", default=0.0)


class NoWorkspaceError(RuntimeError):
    """Something that belongs to a workspace was touched while none was open."""


class AnotherWorkspaceError(RuntimeError):
    """A workspace was opened inside another one."""


def current_workspace() -> OpenWorkspace:
    """The open workspace, or NoWorkspaceError."""
    workspace = _open.get()
    if workspace is None:
        raise NoWorkspaceError("No workspace is open: wrap this in working_in(workspace).")
    return workspace


def current_workspace_id() -> int:
    """The id of the open workspace, or NoWorkspaceError."""
    return int(current_workspace().pk)


def open_workspace() -> OpenWorkspace | None:
    """The open workspace, if any."""
    return _open.get()


class CurrentWorkspaceId(Expression):
    """The open workspace's id, asked for when the statement is compiled, not when the queryset is built."""

    output_field = BigIntegerField()

    def as_sql(self, compiler: SQLCompiler, connection: object) -> tuple[str, tuple[str | int, ...]]:
        return "%s", (current_workspace_id(),)


@contextmanager
def working_in[W: OpenWorkspace](workspace: W) -> Iterator[W]:
    """Open `workspace` for the block: one transaction, its rows, its URLs.

    Row security, `objects` and `{% url %}` all speak of this workspace until the block ends. May be nested for
    the same workspace (a savepoint); another one raises AnotherWorkspaceError.
    """
    opened = _open.get()
    if opened is not None:
        if opened.pk != workspace.pk:
            raise AnotherWorkspaceError(f"{opened.slug} is open; {workspace.slug} cannot be opened inside it.")
        with transaction.atomic():
            yield opened  # type: ignore[misc]  # the same workspace, so of the same type
        return
    prefix, urlconf = get_script_prefix(), get_urlconf()
    is_inside = connection.in_atomic_block  # of a test: where the transaction ends here, LOCAL ends with it
    token = _open.set(workspace)
    set_script_prefix(f"/w/{workspace.slug}/")
    set_urlconf(settings.WORKSPACE_URLCONF)
    try:
        with transaction.atomic():
            _tell_database(workspace.pk)
            yield workspace
            if is_inside and not connection.needs_rollback:
                _tell_database(None)
    finally:
        _open.reset(token)
        set_script_prefix(prefix)
        set_urlconf(urlconf)


@contextmanager
def silent_at_most(seconds: float) -> Iterator[None]:
    """Whoever asks nothing for so long within a transaction of a workspace loses its connection and all that it held there:
    it is stopped, or its host is gone. 0: no limit. For work whose locks others wait for, and that never computes for long.
    """
    before = _silence.set(seconds)
    try:
        yield
    finally:
        _silence.reset(before)


def _tell_database(workspace_id: int | None) -> None:
    """Set what the row policies read. A statement, for Citus forwards only those; LOCAL, for the pool's sake."""
    value = "" if workspace_id is None else str(int(workspace_id))
    text = f"SET LOCAL ecrm.workspace = '{value}'"
    if workspace_id is not None and settings.STATEMENT_SECONDS:
        text += f"; SET LOCAL statement_timeout = '{round(settings.STATEMENT_SECONDS * 1000)}ms'"
    if workspace_id is not None and (seconds := _silence.get()):
        text += f"; SET LOCAL idle_in_transaction_session_timeout = '{round(seconds * 1000)}ms'"
    with connection.cursor() as cursor:
        cursor.execute(text)
