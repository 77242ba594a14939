"""`/library`: what emails point to."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from emails.library.calendar_files import calendar_address
from emails.library.finding import Wanted, matching
from emails.library.keeping import BadItemError, archive_item, keep_item, remove_item
from emails.models import LibraryItem
from engagement.interests.reading import is_name, names_of, tags_named
from workspaces.api.door import scope
from workspaces.api.pages import Id, Moment, Paged, PageOf, Taken, newest_first
from workspaces.api.problems import Problem, nothing_here

router = Router()


class ItemShape(Schema):
    """A thing of the library."""

    id: int
    kind: str
    title: str
    teaser: str
    url: str
    interests: list[str] = Field(description="What it is about.")
    language: str = Field(description="Empty: for everybody.")
    picture: int | None = Field(description="A picture’s id.")
    published_at: datetime
    starts_at: datetime | None
    expires_at: datetime | None
    calendar: str = Field(description="The address of a file for calendars (.ics); empty where it begins at no moment.")
    is_active: bool
    source: str


class ItemsAsked(Paged):
    """Which things."""

    q: str = Field("", max_length=100, description="Words of its title, teaser or address.")
    kind: str = Field("", max_length=8)
    interest: str = Field("", max_length=60, description="The name of what it is about.")
    archived: bool = False


class Item(Taken):
    """A thing to take in. An address is in the library once."""

    kind: str = Field("article", max_length=8, description="email, article, podcast, video, webinar or offer.")
    title: str = Field(max_length=200)
    teaser: str = Field("", max_length=300)
    url: str = Field(max_length=600)
    interests: list[str] = Field([], max_length=12)
    language: str = Field("", max_length=10)
    picture: Id | None = None
    published_at: Moment | None = None
    starts_at: Moment | None = None
    expires_at: Moment | None = None


class ItemChange(Taken):
    """What is to be different; what is left out stays."""

    kind: str | None = Field(None, max_length=8)
    title: str | None = Field(None, max_length=200)
    teaser: str | None = Field(None, max_length=300)
    url: str | None = Field(None, max_length=600)
    interests: list[str] | None = Field(None, max_length=12)
    language: str | None = Field(None, max_length=10)
    picture: Id | None = None
    published_at: Moment | None = None
    starts_at: Moment | None = None
    expires_at: Moment | None = None
    is_active: bool | None = None


@router.get("/library", response=PageOf[ItemShape], summary="List the library")
@scope("library:read")
def list_library(request: HttpRequest, asked: Query[ItemsAsked]) -> dict[str, Any]:
    """Newest first."""
    tag = 0
    if is_name(asked.interest):
        named = tags_named([asked.interest])
        tag = next((one.pk for one in named.values()), -1)
    wanted = Wanted(asked.q.replace("\0", ""), asked.kind, tag, asked.archived)
    rows, after = newest_first(matching(wanted), asked)
    names = names_of(tag for one in rows for tag in one.tags)
    return {"items": [_shape(one, names) for one in rows], "next": after}


@router.post("/library", response={201: ItemShape}, summary="Take something into the library")
@scope("library:write")
def make_item(request: HttpRequest, said: Item) -> Status:
    """422 when its address is in the library already."""
    facts = said.model_dump(exclude={"interests", "picture"}) | {"picture_id": said.picture, "source": "api"}
    return Status(201, _kept(None, facts, said.interests))


@router.get("/library/{item_id}", response=ItemShape, summary="One thing of the library")
@scope("library:read")
def get_item(request: HttpRequest, item_id: Id) -> dict[str, Any]:
    """What is known of it."""
    return _shape(found := _found(item_id), names_of(found.tags))


@router.patch("/library/{item_id}", response=ItemShape, summary="Change a thing of the library")
@scope("library:write")
def change_item(request: HttpRequest, item_id: Id, said: ItemChange) -> dict[str, Any]:
    """`is_active` false puts it aside: no email that is yet to leave shows it. May be repeated."""
    found, given = _found(item_id), said.model_dump(exclude_unset=True)
    is_active, tags = given.pop("is_active", None), given.pop("interests", None)
    nullable = {"starts_at", "expires_at", "picture"}
    facts = {name: value for name, value in given.items() if value is not None or name in nullable}
    if "picture" in facts:
        facts["picture_id"] = facts.pop("picture")
    shape = _kept(found, facts, tags) if facts or tags is not None else _shape(found, names_of(found.tags))
    if is_active is not None and is_active != found.is_active:
        archive_item(found, by=None, is_active=is_active)
    return shape | {"is_active": found.is_active}


@router.delete("/library/{item_id}", response={204: None}, summary="Remove a thing from the library")
@scope("library:write")
def delete_item(request: HttpRequest, item_id: Id) -> Status:
    """It goes, and so does who was shown it; emails that went out keep their links."""
    remove_item(_found(item_id), by=None)
    return Status(204, None)


def _kept(item: LibraryItem | None, facts: dict[str, Any], tags: list[str] | None) -> dict[str, Any]:
    try:
        kept = keep_item(item, facts, tags=tags, by=None)
    except BadItemError as error:
        name = {"tags": "interests"}.get(error.field, error.field)
        raise Problem(422, str(error), errors=[(f"body.{name}", str(error))]) from error
    return _shape(kept, names_of(kept.tags))


def _found(pk: int) -> LibraryItem:
    found = LibraryItem.objects.filter(pk=pk).first()
    if found is None:
        raise nothing_here("thing of the library")
    return found


def shape_of(item: LibraryItem) -> dict[str, Any]:
    """A thing of the library as `ItemShape` says it."""
    return _shape(item, names_of(item.tags))


def _shape(row: LibraryItem, names: dict[int, str]) -> dict[str, Any]:
    plain = (
        "kind", "title", "teaser", "url", "language", "published_at", "starts_at", "expires_at", "is_active", "source",
    )  # fmt: skip
    tags = [names[one] for one in row.tags if one in names]
    more = {"interests": tags, "picture": row.picture_id, "calendar": calendar_address(row)}
    return {"id": row.pk} | more | {name: getattr(row, name) for name in plain}
