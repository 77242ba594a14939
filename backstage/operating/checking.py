"""Checking an installation: everything is looked at, whatever else is broken."""

from collections.abc import Callable

from django.db import DatabaseError, InterfaceError, OperationalError

from backstage.operating.findings import Finding, bad
from backstage.operating.inspections import backstage, database, machine

INSPECTIONS: tuple[Callable[[], Finding], ...] = (
    *(
        database.version,
        database.role,
        database.row_security,
        database.migrations,
        database.partitions,
        database.clock,
        database.orphans,
    ),
    *(backstage.broker, backstage.worker, backstage.beat, backstage.sender, backstage.queues, backstage.agenda),
    *(machine.disk, machine.secret_key, machine.debug, machine.address, machine.mail_server, machine.static_files),
)


def check_installation() -> list[Finding]:
    """Every finding, in a fixed order. Changes nothing; an inspection that cannot run is a red finding itself."""
    return [_inspect(inspection) for inspection in INSPECTIONS]


def _inspect(inspection: Callable[[], Finding]) -> Finding:
    name = inspection.__name__.replace("_", " ")
    try:
        return inspection()
    except (OperationalError, InterfaceError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        return bad(name, f"PostgreSQL does not answer: {reason}", "Start PostgreSQL, or correct DATABASE_URL.")
    except DatabaseError as error:
        return bad(name, f"PostgreSQL refused: {str(error).strip().splitlines()[0]}", "Run manage.py migrate.")
