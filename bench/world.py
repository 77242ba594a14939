"""A world to measure in: a workspace of a million people and five million facts, a hundred small ones beside it.

    python -m bench.world [--scale 1.0] [--seed 2026]

The people have a human skew (a few with thousands of facts, most with a handful), two custom fields, roles, consents,
search terms, day counts, scores with levels, a dozen segments, 100 campaigns with a million deliveries, and 100,000
mentions in 80,000 conversations. Rows are made by SQL as ecrm_admin (ADMIN_DATABASE_URL) without indexes, which come
back at the end, as do the foreign keys, validated: the world breaks no rule of the product. Scores, levels and
memberships are made by the product's own verbs. `--scale` multiplies everything but the number of small workspaces.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import models
from psycopg.types.json import Jsonb

SLUG, ZONE, SMALL_COUNT, MESSAGES = "million", "Europe/Berlin", 100, 100
FACTS_AT_ONCE = 500_000


@dataclass(frozen=True)
class Size:
    """How many of each at this scale."""

    scale: float

    def of(self, count: int) -> int:
        return max(1, round(count * self.scale))

    @property
    def people(self) -> int:
        return max(40, self.of(1_000_000))


def make_world(*, scale: float = 1.0, seed: int = 2026, smalls: int = SMALL_COUNT, tell: Any = print) -> Any:
    """Make it in an empty, migrated database, and return the big workspace. Not to be repeated in the same database."""
    from bench import filling  # noqa: PLC0415 - needs Django, which main sets up
    from touchpoints.models import DayCount, Touchpoint  # noqa: PLC0415

    size, begun = Size(scale), time.monotonic()
    workspace, params = filling.found_workspaces(size, smalls)
    with psycopg.connect(
        os.environ["ADMIN_DATABASE_URL"], autocommit=True, cursor_factory=psycopg.ClientCursor
    ) as admin:
        admin.execute(
            "SET synchronous_commit = off; SET work_mem = '256MB'; SET maintenance_work_mem = '1GB'; SET jit = off"
        )
        params |= {"seed": seed}
        with bare_tables(admin, filling.BULKY):
            for name, model in filling.STEPS:
                count = insert(admin, name, model, params)
                tell(f"{time.monotonic() - begun:7.1f} s  {count:>9,} {name}")
            for first in range(1, size.of(5_000_000) + 1, FACTS_AT_ONCE):
                last = min(first + FACTS_AT_ONCE - 1, size.of(5_000_000))
                insert(admin, "touchpoints", Touchpoint, params | {"from": first, "to": last})
            tell(f"{time.monotonic() - begun:7.1f} s  {size.of(5_000_000):>9,} touchpoints")
            insert(admin, "days", DayCount, params)
        tell(f"{time.monotonic() - begun:7.1f} s  indexes and foreign keys")
        admin.execute("VACUUM (ANALYZE)")
        tell(f"{time.monotonic() - begun:7.1f} s  vacuumed")
    filling.settle_words(workspace)
    tell(f"{time.monotonic() - begun:7.1f} s  consents settled")
    filling.make_scores(workspace)
    tell(f"{time.monotonic() - begun:7.1f} s  scores and levels")
    filling.make_segments(workspace)
    tell(f"{time.monotonic() - begun:7.1f} s  segments")
    return workspace


def the_world() -> Any:
    """The big workspace of this database, made at BENCH_SCALE (default 1) where there is none yet."""
    from workspaces.models import Workspace  # noqa: PLC0415

    found = Workspace.objects.filter(slug=SLUG).first()
    return found or make_world(
        scale=float(os.environ.get("BENCH_SCALE", "1")), tell=lambda line: print(line, file=sys.stderr, flush=True)
    )


def insert(admin: "psycopg.Connection[Any]", name: str, model: type[models.Model], params: dict[str, Any]) -> int:
    """Rows of bench/sql/<name>.sql into the model's table; what it does not name gets the model's default."""
    from lib.sql import load_sql  # noqa: PLC0415

    select = load_sql(f"bench/{name}")
    described = admin.execute(f"SELECT * FROM ({select}) q LIMIT 0", params).description or ()
    named = [column.name for column in described]
    others = {}
    for field in model._meta.local_concrete_fields:
        if field.column in named or field.null or isinstance(field, models.AutoField):
            continue
        if (value := field.get_default()) is not None:
            others[str(field.column)] = value if not isinstance(value, list | dict) else Jsonb(value)
    columns = ", ".join(f'"{one}"' for one in [*named, *others])
    values = "".join(f", %(default_{one})s" for one in others)
    text = f'INSERT INTO "{model._meta.db_table}" ({columns}) SELECT q.*{values} FROM ({select}) q'
    count = admin.execute(text, params | {f"default_{k}": v for k, v in others.items()}).rowcount
    if "id" in named and isinstance(model._meta.pk, models.AutoField):
        table = model._meta.db_table
        admin.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM \"{table}\"))")
    return count


@contextmanager
def bare_tables(admin: "psycopg.Connection[Any]", tables: list[str]) -> Iterator[None]:
    """Without their indexes and foreign keys, but for a key by id; afterwards all stand again, each checked."""
    held = admin.execute(
        "SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = ANY(%s::regclass[]) AND conparentid = 0 AND (contype IN ('f', 'u') OR contype = 'p' AND NOT EXISTS"
        "   (SELECT FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY(conkey) AND attname = 'id'))"
        " ORDER BY contype",
        [tables],
    ).fetchall()
    for table, name, _text in held:
        admin.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
    indexes = admin.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisprimary"
        " AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)",
        [tables],
    ).fetchall()
    for name, _text in indexes:
        admin.execute(f"DROP INDEX {name}")
    yield
    for _name, text in indexes:
        admin.execute(text.replace(" ON ONLY ", " ON "))
    for table, name, text in sorted(held, key=lambda one: one[2].startswith("FOREIGN")):
        admin.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}")


def main(arguments: list[str]) -> int:
    """Make the world in the database of the environment."""
    parser = argparse.ArgumentParser(description="Make a world to measure in, in an empty migrated database.")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ecrm.settings")
    import django  # noqa: PLC0415

    django.setup()
    make_world(scale=asked.scale, seed=asked.seed, tell=lambda line: print(line, flush=True))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
