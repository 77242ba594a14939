"""What a child's pytest does differently: a database copied from a migrated one, and a word about the first failure."""

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest


class Child:
    """Plugin of one run: it begins in a second instead of ten, and tells `said` which test fell first."""

    def __init__(self, said: Path, template: str, number: int, tests: Sequence[str]) -> None:
        self.said, self.template, self.number = said, template, number
        self.place = {test: place for place, test in enumerate(tests)}

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Of whole files only the tests asked for, in the order asked for."""
        kept = sorted((one for one in items if one.nodeid in self.place), key=lambda one: self.place[one.nodeid])
        config.hook.pytest_deselected(items=[one for one in items if one.nodeid not in self.place])
        items[:] = kept

    def pytest_collection_finish(self) -> None:
        from django.test import utils

        utils.setup_databases = self.copy_database
        utils.teardown_databases = self.drop_database

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self.said.exists():
            self.said.write_text(json.dumps([f"{report.nodeid} ({report.when})"]))

    def copy_database(self, *_args: Any, **_kwargs: Any) -> list[Any]:
        from django.db import connection

        name = f"{self.template}_{self.number}"
        with connection._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE {self.template}")
        connection.close()
        connection.settings_dict["NAME"] = name
        os.environ["DATABASE_URL"] = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
        return []

    def drop_database(self, *_args: Any, **_kwargs: Any) -> None:
        """The next copy drops it."""
