"""SQL as first-class text: named files under `<room>/sql/`, read once, run with named parameters.

Values are parameters: `%(name)s`. Where a piece of SQL itself differs (another table, a generated list of columns), the
file has a hole, `{name}`, and whoever loads it fills every hole by name. There is no other way.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, Self

from django.conf import settings
from django.db import connection
from psycopg import RawCursor
from psycopg.types.numeric import Int8

HOLE = re.compile(r"\{([a-z_]+)\}")
COMMENT = re.compile(r"^ *-- .*\n?", re.MULTILINE)
PARAMETER = re.compile(r"%\((\w+)\)s")
INDENT = re.compile(r"\n\s*")
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


class PreparingCursor(RawCursor[Any]):
    """Binds on the server, so that the connection may keep what it asks prepared; reads each text of ours once."""

    def execute(self, query: Any, params: Any = None, **options: Any) -> Self:
        """Ask a text with `%(name)s`."""
        text, names = numbered(query)
        return super().execute(text, [params[name] for name in names], **options)


def run_prepared(text: str, params: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Run SQL that this connection keeps prepared, and return its rows, if it has any: from the second time on neither
    parsed nor planned anew, which cost more than the work for what is asked one event at a time.

    For statements of the hot path whose plan no value changes. Each parameter that does not stand beside a column says its
    type by a cast; whole numbers are bigints. Where settings keep nothing prepared (DB_PREPARE) it is planned each time.
    """
    connection.ensure_connection()
    own: Any = PreparingCursor(connection.connection)
    typed = {name: Int8(value) if type(value) is int else value for name, value in params.items()}
    with connection.make_debug_cursor(own) if connection.queries_logged else connection.make_cursor(own) as cursor:
        cursor.execute(text, typed)
        return cursor.fetchall() if cursor.description else []


@cache
def numbered(text: str) -> tuple[bytes, list[str]]:
    """A text with `$1` for its first name and so on, without comments and indents, and the names in that order.

    psycopg's own reading is remembered up to 4,096 letters only: of a longer text it took 150 µs each time.
    """
    short = INDENT.sub("\n", COMMENT.sub("", text)).strip()
    names = list(dict.fromkeys(PARAMETER.findall(short)))
    return PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", short).replace("%%", "%").encode(), names


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


def array_of(numbers: Iterable[int | None]) -> str:
    """Whole numbers as one parameter `%(…)s::bigint[]`: psycopg's own way takes as long as what is done with them."""
    return f"{{{','.join(map(str, numbers))}}}".replace("None", "NULL")


def array_of_texts(texts: Sequence[str]) -> str:
    """Texts as one parameter `%(…)s::text[]`, without NUL, which PostgreSQL stores nowhere."""
    if not texts:
        return "{}"
    whole = "\0".join(texts)
    if whole.count("\0") >= len(texts):
        whole = "\0".join([text.replace("\0", "") for text in texts])
    escaped = whole.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","')
    return f'{{"{escaped}"}}'


def array_of_moments(moments: Iterable[datetime | None]) -> str:
    """Moments as one parameter `%(…)s::timestamptz[]`."""
    return f"{{{','.join(['NULL' if one is None else one.isoformat() for one in moments])}}}"


def run_dicts(text: str, params: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Run SQL and return its rows as dictionaries."""
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def numbers_of(enum: Any) -> dict[str, int]:
    """The members of an integer enum as parameters, by their small names: SQL says %(sent)s, never 2."""
    return {member.name.lower(): int(member) for member in enum}
