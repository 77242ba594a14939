"""SQL as first-class text: named files under `<app>/sql/`, read once, run with named parameters."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection


@cache
def read_sql(name: str) -> str:
    """The text of `<app>/sql/<file>.sql`, for a name such as "touchpoints/insert_facts"."""
    app, file = name.split("/", 1)
    return (settings.BASE_DIR / app / "sql" / f"{file}.sql").read_text()


def run_sql(name: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run a named file and return its rows, if it has any."""
    return run_text(read_sql(name), params)


def run_text(text: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run SQL and return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchall() if cursor.description else []


def run_dicts(text: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run SQL and return its rows as dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
