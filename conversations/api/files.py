"""`/conversations/files/{id}`: a file that came with what somebody wrote, its small picture, and a large one in pieces."""

from base64 import b64encode
from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from contacts.attaching import kind_of
from contacts.models.files import KeptFile
from conversations.models import MentionFile, MentionFilePiece
from conversations.models.pictured import BYTES
from workspaces.api.door import scope
from workspaces.api.pages import Id
from workspaces.api.problems import nothing_here

router = Router()
type Place = Annotated[int, Field(ge=0, le=1_000)]


class FileContent(Schema):
    """A file with its bytes."""

    id: int
    name: str
    content_type: str = Field(
        description="What its first bytes say it is; application/octet-stream where nothing we know."
    )
    size: int = Field(description="Bytes.")
    base64: str = Field(
        description="Foreign: open it as carefully as a file in an email. Empty where the file is read in pieces."
    )
    pieces: int = Field(
        0,
        description="More than 0 where it is larger than 5 MB: so many are at `/conversations/files/{id}/pieces/{n}`.",
    )


class FilePiece(Schema):
    """One piece of a large file: all of them one after the other are the file."""

    base64: str = Field(description="Of this piece alone: decode each before they are put together.")


@router.get("/conversations/files/{file_id}", response=FileContent, summary="A file that came with a message")
@scope("conversations:read", "contacts:read")
def read_file(request: HttpRequest, file_id: Id) -> FileContent:
    """Messages name their files. 404 for one that was too large to be kept: it lies at its source."""
    found = MentionFile.objects.filter(pk=file_id, is_kept=True).defer("thumbnail").first()
    if found is None:
        raise nothing_here("file")
    told = content_of(found)
    told.pieces = 0 if found.data else MentionFilePiece.objects.filter(file=found).count()
    return told


@router.get("/conversations/files/{file_id}/pieces/{place}", response=FilePiece, summary="A piece of a large file")
@scope("conversations:read", "contacts:read")
def read_piece(request: HttpRequest, file_id: Id, place: Place) -> FilePiece:
    """Of a file that is larger than 5 MB. The first one is 0; 404 behind the last one."""
    data = MentionFilePiece.objects.filter(file=file_id, place=place).values_list("data", flat=True).first()
    if data is None:
        raise nothing_here("piece")
    return FilePiece(base64=b64encode(bytes(data)).decode())


@router.get("/conversations/files/{file_id}/thumbnail", response=FileContent, summary="The small picture of a file")
@scope("conversations:read", "contacts:read")
def read_thumbnail(request: HttpRequest, file_id: Id) -> FileContent:
    """At most 320 pixels wide and high, made by us: nothing but pixels. 404 where `has_thumbnail` says no."""
    found = MentionFile.objects.filter(pk=file_id, thumbnail_width__gt=0).defer(*BYTES).first()
    small = found.small if found else None
    if found is None or small is None:
        raise nothing_here("thumbnail")
    data = b64encode(small.data).decode()
    kind = kind_of(small.data)
    return FileContent(id=found.pk, name=found.name, content_type=kind, size=len(small.data), base64=data, pieces=0)


def content_of(file: KeptFile) -> FileContent:
    """A file with its bytes, as it is told."""
    data = b64encode(bytes(file.data)).decode()
    return FileContent(
        id=file.pk, name=file.name, content_type=file.content_type, size=file.size, base64=data, pieces=0
    )
