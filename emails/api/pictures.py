"""`/pictures`: what emails show."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Query, Router, Schema, Status
from ninja.files import UploadedFile
from pydantic import Field

from emails.curating import InUseError, change_alt, matching, remove_picture
from emails.models import Picture
from emails.pictures import address_of
from emails.remaking import BadPictureError
from emails.uploading import LONGEST_ALT, keep_upload
from workspaces.api.door import scope
from workspaces.api.pages import Id, Paged, PageOf, Taken, newest_first
from workspaces.api.problems import Problem, nothing_here

router = Router()


class PictureShape(Schema):
    """A picture as it is kept."""

    id: int
    name: str
    url: str = Field(description="For everybody, for ever: another picture has another address.")
    content_type: str
    width: int
    height: int
    size: int = Field(description="In bytes.")
    alt: str
    made_at: datetime


class PicturesAsked(Paged):
    """Which pictures."""

    q: str = Field("", max_length=100, description="Words of its name or alt text.")


class Said(Taken):
    """What goes along with a file."""

    alt: str = Field("", max_length=LONGEST_ALT, description="What it shows, for whoever does not see it.")


class NewWords(Taken):
    """What a picture shows, in other words."""

    alt: str = Field(max_length=LONGEST_ALT)


@router.get("/pictures", response=PageOf[PictureShape], summary="List pictures")
@scope("pictures:read")
def list_pictures(request: HttpRequest, asked: Query[PicturesAsked]) -> dict[str, Any]:
    """Newest first."""
    rows, after = newest_first(matching(asked.q.replace("\0", "")), asked)
    return {"items": [_shape(one) for one in rows], "next": after}


@router.post("/pictures", response={201: PictureShape}, summary="Send a picture")
@scope("pictures:write", takes_file=True)
def upload_picture(request: HttpRequest, file: File[UploadedFile], said: Form[Said]) -> Status:
    """PNG, JPEG, GIF, WebP or AVIF of at most 10 MB. It is made anew: upright, at most 1,200 pixels wide, without EXIF.

    The same file again gives the same picture.
    """
    try:
        picture = keep_upload(file, alt=said.alt)
    except BadPictureError as error:
        raise Problem(422, str(error), code="unusable_picture", errors=[("body.file", str(error))]) from error
    return Status(201, _shape(picture))


@router.get("/pictures/{picture_id}", response=PictureShape, summary="One picture")
@scope("pictures:read")
def get_picture(request: HttpRequest, picture_id: Id) -> dict[str, Any]:
    """What is known of it."""
    return _shape(_found(picture_id))


@router.patch("/pictures/{picture_id}", response=PictureShape, summary="Say what a picture shows")
@scope("pictures:write")
def describe_picture(request: HttpRequest, picture_id: Id, said: NewWords) -> dict[str, Any]:
    """Emails that are written already keep their own alt text."""
    picture = _found(picture_id)
    change_alt(picture, said.alt, by=None)
    return _shape(picture)


@router.delete("/pictures/{picture_id}", response={204: None}, summary="Remove a picture")
@scope("pictures:write")
def delete_picture(request: HttpRequest, picture_id: Id) -> Status:
    """409 while a draft, an email that is approved or sent, the brand kit or the library shows it."""
    try:
        remove_picture(_found(picture_id), by=None)
    except InUseError as error:
        raise Problem(409, "An email, the brand kit or the library shows this picture.", code="in_use") from error
    return Status(204, None)


def _found(pk: int) -> Picture:
    found = Picture.objects.defer("data").filter(pk=pk).first()
    if found is None:
        raise nothing_here("picture")
    return found


def _shape(row: Picture) -> dict[str, Any]:
    names = ("name", "content_type", "width", "height", "size", "alt", "made_at")
    return {"id": row.pk, "url": address_of(row)} | {name: getattr(row, name) for name in names}
