"""`/conversations/files/{id}`: a file that came with what somebody wrote."""

from base64 import b64encode

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from contacts.models.files import KeptFile
from conversations.models import MentionFile
from workspaces.api.door import scope
from workspaces.api.pages import Id
from workspaces.api.problems import nothing_here

router = Router()


class FileContent(Schema):
    """A file with its bytes."""

    id: int
    name: str
    content_type: str = Field(
        description="What its first bytes say it is; application/octet-stream where nothing we know."
    )
    size: int = Field(description="Bytes.")
    base64: str = Field(description="Foreign: open it as carefully as a file in an email.")


@router.get("/conversations/files/{file_id}", response=FileContent, summary="A file that came with a message")
@scope("conversations:read", "contacts:read")
def read_file(request: HttpRequest, file_id: Id) -> FileContent:
    """Messages name their files. 404 for one that was too large to be kept: it lies at its source."""
    found = MentionFile.objects.filter(pk=file_id, is_kept=True).first()
    if found is None:
        raise nothing_here("file")
    return content_of(found)


def content_of(file: KeptFile) -> FileContent:
    """A file with its bytes, as it is told."""
    data = b64encode(bytes(file.data)).decode()
    return FileContent(id=file.pk, name=file.name, content_type=file.content_type, size=file.size, base64=data)
