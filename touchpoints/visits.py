"""Pages looked at in one go are one visit on a timeline."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint

ONE_VISIT = timedelta(minutes=30)  # between two pages at most, as web analytics count sessions
VIEWS = {KINDS[name].code for name in ("page", "screen", "visit")}


def visits_in(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """The rows, newest first, with what was looked at in one go (half an hour between two pages at most) as one."""
    visit: list[dict[str, Any]] = []
    for row in rows:
        joins = visit and is_view(row) and is_view(visit[-1])
        if (
            joins
            and visit[-1]["occurred_at"] - row["occurred_at"] <= ONE_VISIT
            and row["channel"] == visit[-1]["channel"]
        ):
            visit.append(row)
            continue
        if visit:
            yield visit
        visit = [row]
    if visit:
        yield visit


def is_view(row: dict[str, Any]) -> bool:
    """Whether it is a page or a screen that a person looked at."""
    return row["kind"] in VIEWS and row["certainty"] == Touchpoint.Certainty.HUMAN


def pages_of(visit: list[dict[str, Any]]) -> list[str]:
    """The titles of a visit's pages in the order they were looked at, "" where a page said none."""
    pages = [row for row in reversed(visit) if row["kind"] != KINDS["visit"].code]
    return [_title_of(json.loads(row["payload"])) for row in pages]


def _title_of(payload: dict[str, Any]) -> str:
    page = (payload.get("context") or {}).get("page") if isinstance(payload.get("context"), dict) else {}
    page = page if isinstance(page, dict) else {}
    return str(page.get("title") or payload.get("name") or page.get("path") or page.get("url") or "")[:120]
