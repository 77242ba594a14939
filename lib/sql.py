"""SQL as first-class text: named files under `<room>/sql/`, read once, run with named parameters.

Values are parameters: `%(name)s`. Where a piece of SQL itself differs (another table, a generated list of columns), the
file has a hole, `{name}`, and whoever loads it fills every hole by name. There is no other way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection

HOLE = re.compile(r"\{([a-z_]+)\}")
NOTHING = "\x02"  # in the text of COPY, for NULL
PLAIN = {str, int, float}


class HoleError(ValueError):
    """A hole that nobody filled, or a filling without its hole."""


@cache
def read_sql(name: str) -> str:
    """The text of `<room>/sql/<file>.sql`, for a name such as "touchpoints/insert_facts"."""
    room, file = name.split("/", 1)
    return (settings.BASE_DIR / room / "sql" / f"{file}.sql").read_text()


def fill(text: str, **holes: str) -> str:
    """The text with SQL in each of its holes. HoleError unless holes and fillings are the same."""
    wanted = set(HOLE.findall(text))
    if wanted != holes.keys():
        raise HoleError(f"holes {sorted(wanted)}, fillings {sorted(holes)}")
    return HOLE.sub(lambda hole: holes[hole[1]], text)


def load_sql(name: str, **holes: str) -> str:
    """A named file with its holes filled. HoleError."""
    return fill(read_sql(name), **holes)


def run_sql(name: str, params: Mapping[str, Any] | None = None, **holes: str) -> list[tuple[Any, ...]]:
    """Run a named file and return its rows, if it has any."""
    return run_text(load_sql(name, **holes), params)


def run_text(text: str, params: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    """Run SQL and return its rows, if it has any."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchall() if cursor.description else []


def run_count(name: str, params: Mapping[str, Any] | None = None, **holes: str) -> int:
    """Run a named file and return how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(load_sql(name, **holes), params)
        return int(cursor.rowcount)


def copy_into(stage: str, rows: Iterable[Sequence[Any]]) -> None:
    """Make these the rows of a temporary table, its columns in order, by COPY: under 1 µs a row of ten."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {stage}")
        with cursor.copy(f"COPY {stage} FROM STDIN") as copy:
            write = copy.write_row
            for row in rows:
                write(row)


def copy_columns(stage: str, *columns: Sequence[Any]) -> None:
    """`copy_into` for what stands column by column: the text of a table at once, a third of the cost of rows.

    Cells are text, whole numbers, numbers, moments or None. Where one holds a sign that COPY reads as its own, all go
    row by row, which writes it otherwise.
    """
    count = len(columns[0])
    cells = [_texts(column) for column in columns]
    text = "\n".join(map("\t".join, zip(*cells, strict=True)))
    nothings = sum(column.count(None) for column in columns)
    is_plain = "\\" not in text and "\r" not in text and text.count(NOTHING) == nothings
    if not is_plain or text.count("\t") != count * (len(columns) - 1) or text.count("\n") != max(count - 1, 0):
        copy_into(stage, zip(*columns, strict=True))
        return
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {stage}")
        if count:
            with cursor.copy(f"COPY {stage} FROM STDIN (NULL '{NOTHING}')") as copy:
                copy.write(f"{text}\n")


def _texts(column: Sequence[Any]) -> Sequence[str]:
    """The cells of a column as COPY reads them."""
    kinds = set(map(type, column))
    if kinds <= {str}:
        return column
    if kinds <= PLAIN:
        return list(map(str, column))
    return [NOTHING if cell is None else str(cell) for cell in column]


def array_of(numbers: Iterable[int]) -> str:
    """Whole numbers as one parameter `%(…)s::bigint[]`: psycopg's own way takes as long as what is done with them."""
    return f"{{{','.join(map(str, numbers))}}}"


def run_dicts(text: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run SQL and return its rows as dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def numbers_of(enum: Any) -> dict[str, int]:
    """The members of an integer enum as parameters, by their small names: SQL says %(sent)s, never 2."""
    return {member.name.lower(): int(member) for member in enum}
