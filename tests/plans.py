"""The plans of what a piece of code asks of the database, as the role that asks it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Plan:
    """A statement, and every node of its plan."""

    sql: str
    nodes: list[dict[str, Any]]

    def walked(self, least: int) -> set[str]:
        """The tables of which it reads at least so many rows without an index; a look that ends early reads few.

        Of an explanation that ran the statement (`analyze`), and so is the next.
        """
        return {
            node["Relation Name"]
            for node in self.nodes
            if node["Node Type"] == "Seq Scan"
            and (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] >= least
        }

    @property
    def looked_at_in_vain(self) -> int:
        """How many rows it read and left out."""
        return sum(node.get("Rows Removed by Filter", 0) * node.get("Actual Loops", 1) for node in self.nodes)


@contextmanager
def explained(*, analyze: bool = False, only: str = "") -> Iterator[list[Plan]]:
    """The plan of each statement that reads, in the order in which they are made; of those that contain `only`.

    `analyze` runs each twice: for statements that change nothing, or what may be changed twice.
    """
    found: list[Plan] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        text = "\n".join(line for line in sql.splitlines() if not line.startswith("--")).lstrip()
        if only in sql and text.startswith(("SELECT", "WITH")) and " survey_tables(" not in text:
            execute(f"EXPLAIN (FORMAT JSON{', ANALYZE' if analyze else ''}) {text}", params, many, context)
            plan = context["cursor"].fetchall()[0][0]
            found.append(Plan(text, list(_nodes((json.loads(plan) if isinstance(plan, str) else plan)[0]["Plan"]))))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)
