"""Running a rule's statement within bounds: memory enough for hash joins, time enough and no more."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from workspaces.surveying import survey

SECONDS = 20
SETTINGS = ("statement_timeout", "work_mem", "jit")


class TooSlowError(RuntimeError):
    """A rule took longer than it may."""


@contextmanager
def bounded(seconds: int = SECONDS) -> Iterator[None]:
    """Statements inside have room for hash joins and are cancelled after `seconds` (TooSlowError).

    The planner knows the workspace's tables then.
    """
    survey()
    read = "SELECT " + ", ".join(f"current_setting('{name}')" for name in SETTINGS)
    write = "SELECT " + ", ".join(f"set_config('{name}', %s, true)" for name in SETTINGS)
    with connection.cursor() as cursor:
        cursor.execute(read)
        before = cursor.fetchone()
        try:
            with transaction.atomic():
                cursor.execute(write, [f"{seconds}s", "256MB", "off"])
                yield
                cursor.execute(write, before)
        except OperationalError as error:
            if "statement timeout" not in str(error):
                raise
            raise TooSlowError(_("Counting took longer than %(n)s seconds.") % {"n": seconds}) from error
