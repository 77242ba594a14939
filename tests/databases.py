"""The test database: migrated once for a state of the code, then copied for each process that runs tests."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
LOCK = 8_261_310  # an advisory lock; any number that nobody else takes
MIGRATED = "test_migrated_"
WORTH_TRUNCATING = 4_000_000  # bytes in tables; emptied ones keep theirs
is_kept = False
TABLES = """
    SELECT c.oid::regclass::text, relispartition, CASE relkind WHEN 'r' THEN pg_relation_size(c.oid) ELSE 0 END
    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE nspname = 'public' AND relkind IN ('r', 'p')
      AND relname NOT IN ('django_migrations', 'django_content_type', 'auth_permission')"""


@contextmanager
def kept_rows() -> Iterator[None]:
    """Inside, tests with real transactions find what those before them left; at the end all is gone."""
    global is_kept
    is_kept = True
    try:
        yield
    finally:
        is_kept = False


def make_test_database(name: str) -> None:
    """Make the database `name` anew, migrated, and lead Django's connection to it. The caller is the tables' owner.

    Migrating takes seconds, copying a quarter of one. Processes wait for the one that migrates: PostgreSQL copies no
    database that somebody is in.
    """
    template = f"{MIGRATED}{fingerprint()}"
    with closing(outside()) as db:
        db.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        if db.execute("SELECT FROM pg_database WHERE datname = %s", [template]).fetchone() is None:
            migrate(f"{template}_draft")
            db.execute(f"ALTER DATABASE {template}_draft RENAME TO {template}")
        db.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        db.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    use(name)


def empty_all_tables() -> None:
    """Every table of the product, as after migrating; who still writes is waited for. The caller is the tables' owner.

    TRUNCATE makes new files for a thousand tables and indexes (0.35 s of CPU), and Django's flush has types and
    permissions written anew (0.25 s). Most tests leave a few rows in a few tables: these are deleted, in one statement,
    so that references are looked at when all are gone. Row security needs a role that stands above it.
    """
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        found = cursor.fetchall()
    filled = [(name, size) for name, _, size in found if size]
    whole = [name for name, is_part, _ in found if not is_part]
    admin = os.environ.get("ADMIN_DATABASE_URL")
    if not admin or sum(size for _, size in filled) > WORTH_TRUNCATING:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {', '.join(whole)}")
        return
    deleted = ", ".join(f"d{number} AS (DELETE FROM {name})" for number, (name, _) in enumerate(filled))
    place = f"{admin.rpartition('/')[0]}/{connection.settings_dict['NAME']}"
    with closing(psycopg.connect(place)) as db, db.transaction():
        db.execute(f"LOCK TABLE {', '.join(whole)} IN ACCESS EXCLUSIVE MODE")
        if deleted:
            db.execute(f"WITH {deleted} SELECT 1")


def drop_test_database(name: str) -> None:
    """Remove the copy; what it was copied from stays for the next run."""
    connection.close()
    with closing(outside()) as db:
        db.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def fingerprint() -> str:
    """Of every file that a migrated database may depend on: code and SQL of every room, versions of every package."""
    rooms = [path.parent for path in ROOT.glob("*/apps.py")]
    files = [file for room in rooms for kind in ("py", "sql") for file in room.rglob(f"*.{kind}")]
    digest = hashlib.sha256()
    for file in sorted([*files, ROOT / "uv.lock"]):
        digest.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return digest.hexdigest()[:16]


def migrate(name: str) -> None:
    """A new database `name` with every table, as the tables' owner makes it; nobody is in it afterwards."""
    connection.settings_dict.setdefault("TEST", {})["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    connection.close()


def use(name: str) -> None:
    """Lead Django's connection to this database."""
    connection.close()
    connection.settings_dict["NAME"] = name


def outside() -> psycopg.Connection:
    """A connection to the database beside which the tests' own stand."""
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
