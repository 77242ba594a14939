"""A pytest plugin: which test runs which line of the rooms, which .sql file, and for how long."""

import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import coverage
import pytest

from tools.mutants.places import KEPT, ROOMS, ROOT

MARK = re.compile(r"/\*@([a-z_]+/[a-z_]+)\*/")


class Cover:
    """Coverage by test: contexts of coverage.py for Python, a comment in each statement for SQL."""

    def __init__(self) -> None:
        KEPT.mkdir(parents=True, exist_ok=True)
        self.coverage = coverage.Coverage(
            data_file=str(KEPT / "coverage.db"), source=[str(ROOT / room) for room in ROOMS], config_file=False
        )
        self.statements: dict[str, set[str]] = defaultdict(set)
        self.seconds: dict[str, float] = {}
        self.test = ""
        self.coverage.erase()
        self.coverage.start()

    def watch_sql(self) -> None:
        """Mark the text of each .sql file, and note the marks of what is executed."""
        from django.db.backends.utils import CursorWrapper

        from lib import sql

        read, execute, cover = sql.read_sql, CursorWrapper.execute, self

        def marked(name: str) -> str:
            return f"/*@{name}*/ {read(name)}"

        def noted(cursor: Any, text: Any, params: Any = None) -> Any:
            for name in MARK.findall(str(text)):
                cover.statements[name].add(cover.test)
            return execute(cursor, text, params)

        sql.read_sql = marked
        CursorWrapper.execute = noted

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.test = item.nodeid
        self.coverage.switch_context(item.nodeid)
        began = time.monotonic()
        result = yield
        self.seconds[item.nodeid] = time.monotonic() - began
        return result

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        self.coverage.save()
        statements = {name: sorted(tests) for name, tests in self.statements.items()}
        (KEPT / "tests.json").write_text(json.dumps({"seconds": self.seconds, "statements": statements}))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Cover(), "cover")


def pytest_collection_finish(session: pytest.Session) -> None:
    session.config.pluginmanager.get_plugin("cover").watch_sql()
