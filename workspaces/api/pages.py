"""Pages of a list: `{"items": […], "next": …}`, by the key of the last row, so that none is missed and none comes twice."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from django.db.models import QuerySet
from ninja import Schema
from pydantic import AfterValidator, AwareDatetime, ConfigDict, Field

from lib.asked import LARGEST
from lib.clock import is_storable
from lib.pages import read_cursor, write_cursor
from workspaces.api.problems import refuse

USUAL, MOST = 50, 200
type Id = Annotated[int, Field(ge=1, le=LARGEST)]


def _storable(moment: datetime) -> datetime:
    if not is_storable(moment):
        raise ValueError("of the years 1900 to 2200")
    return moment


type Moment = Annotated[AwareDatetime, AfterValidator(_storable)]


class Taken(Schema):
    """What a caller sends: a name that we do not know is refused, and not left out silently."""

    model_config = ConfigDict(extra="forbid")


class ListOf[T](Schema):
    """All of them; there are few."""

    items: list[T]


class PageOf[T](Schema):
    """Some items, and where the next page begins."""

    items: list[T]
    next: str | None = Field(description="Send it as `after` for the next page; null after the last.")


class Paged(Schema):
    """How a list is asked for."""

    after: str = Field("", max_length=200, description="Where to begin: what `next` said.")
    limit: int = Field(USUAL, ge=1, le=MOST, description="How many at most.")

    def place(self, *shape: type) -> list[Any] | None:
        """The key behind which the page begins; None is the start. Problem 422 for what is no cursor of ours."""
        if not self.after:
            return None
        if (key := read_cursor(self.after, *shape)) is None:
            raise refuse("query.after", "This is no cursor of this list.")
        return key


def page_of(rows: Sequence[Any], limit: int, *key: str) -> tuple[list[Any], str | None]:
    """Of `limit + 1` rows those that are shown, and the cursor behind them: the named attributes of the last."""
    shown, more = list(rows[:limit]), len(rows) > limit
    return shown, write_cursor(*(getattr(shown[-1], name) for name in key)) if more else None


def page_by_id(rows: QuerySet[Any], asked: Paged) -> tuple[list[Any], str | None]:
    """A page in the order of ids, oldest first."""
    if key := asked.place(int):
        rows = rows.filter(pk__gt=key[0])
    return page_of(list(rows.order_by("pk")[: asked.limit + 1]), asked.limit, "pk")


def newest_first(rows: QuerySet[Any], asked: Paged) -> tuple[list[Any], str | None]:
    """A page in the order of ids, newest first."""
    if key := asked.place(int):
        rows = rows.filter(pk__lt=key[0])
    return page_of(list(rows.order_by("-pk")[: asked.limit + 1]), asked.limit, "pk")
