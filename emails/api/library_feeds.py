"""`/library-feeds`: feeds that fill the library by themselves."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from emails.library.feeds import BadFeedError, add_feed, change_feed, refresh_feed, remove_feed
from emails.models import LibraryFeed
from engagement.interests.reading import names_of
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, Taken, newest_first
from workspaces.api.problems import nothing_here, refuse

router = Router()
KINDS = "email, article, podcast, video, webinar or offer."


class FeedShape(Schema):
    """A feed of the library."""

    id: int
    url: str
    title: str = Field(description="What it calls itself; empty until it was looked at.")
    kind: str
    interests: list[str] = Field(description="What all that comes from it is about.")
    taken: int = Field(description="How many things came from it.")
    checked_at: datetime | None = Field(
        description="When it was looked at last; null: it is looked at within a minute."
    )
    trouble: str = Field(description="Why the last look brought nothing; empty when it went well.")


class NewFeed(Taken):
    """A feed to take in."""

    url: str = Field(max_length=500, description="Of RSS or Atom, on the public web.")
    kind: str = Field("article", max_length=8, description=f"What it brings: {KINDS}")
    interests: list[str] = Field([], max_length=12)


class ChangedFeed(Taken):
    """What is to be different; what is left out stays. Another address is another feed."""

    kind: str | None = Field(None, max_length=8, description=f"What it brings from now on: {KINDS}")
    interests: list[str] | None = Field(None, max_length=12)


@router.get("/library-feeds", response=PageOf[FeedShape], summary="List the feeds of the library")
@scope("library:read")
def list_feeds(request: HttpRequest, asked: Query[Paged]) -> dict[str, Any]:
    """Newest first."""
    rows, after = newest_first(LibraryFeed.objects.all(), asked)
    names = names_of(tag for one in rows for tag in one.tags)
    return {"items": [_shape(one, names) for one in rows], "next": after}


@router.post("/library-feeds", response={201: FeedShape}, summary="Take in a feed")
@scope("library:write")
def make_feed(request: HttpRequest, said: NewFeed) -> Status:
    """What is new in it comes into the library from now on; it is looked at within a minute. 422 when it is there already."""
    try:
        made = add_feed(said.url, kind=said.kind, tags=said.interests, by=None)
    except BadFeedError as error:
        raise refuse(f"body.{_name(error)}", error) from error
    return Status(201, _shape(made, names_of(made.tags)))


@router.get("/library-feeds/{feed_id}", response=FeedShape, summary="One feed")
@scope("library:read")
def get_feed(request: HttpRequest, feed_id: Id) -> dict[str, Any]:
    """When it was looked at, and what came."""
    return _shape(found := _found(feed_id), names_of(found.tags))


@router.patch("/library-feeds/{feed_id}", response=FeedShape, summary="Change a feed")
@scope("library:write")
def patch_feed(request: HttpRequest, feed_id: Id, said: ChangedFeed) -> dict[str, Any]:
    """It holds for what comes from now on."""
    found = _found(feed_id)
    try:
        change_feed(found, kind=said.kind, tags=said.interests, by=None)
    except BadFeedError as error:
        raise refuse(f"body.{_name(error)}", error) from error
    return _shape(found, names_of(found.tags))


@router.delete("/library-feeds/{feed_id}", response={204: None}, summary="Remove a feed")
@scope("library:write")
def delete_feed(request: HttpRequest, feed_id: Id) -> Status:
    """Nothing comes from it any more; what came stays."""
    remove_feed(_found(feed_id), by=None)
    return Status(204, None)


@router.post("/library-feeds/{feed_id}/refreshes", response={202: FeedShape}, summary="Look at a feed now")
@scope("library:write")
def refresh(request: HttpRequest, feed_id: Id) -> Status:
    """Within a minute, whenever it was last. May be repeated."""
    refresh_feed(_found(feed_id), by=None)
    found = _found(feed_id)
    return Status(202, _shape(found, names_of(found.tags)))


def _found(pk: int) -> LibraryFeed:
    found = LibraryFeed.objects.filter(pk=pk).first()
    if found is None:
        raise nothing_here("feed")
    return found


def _name(error: BadFeedError) -> str:
    return {"tags": "interests"}.get(error.field, error.field)


def _shape(row: LibraryFeed, names: dict[int, str]) -> dict[str, Any]:
    plain = {name: getattr(row, name) for name in ("url", "title", "kind", "checked_at", "trouble")}
    tags = [names[one] for one in row.tags if one in names]
    return {"id": row.pk, "interests": tags, "taken": row.taken_count} | plain
