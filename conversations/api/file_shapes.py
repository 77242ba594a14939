"""How files are written in the API: those that came, and those that go with an answer."""

from ninja import Schema
from pydantic import Field

from workspaces.api.pages import Taken


class FileShape(Schema):
    """A file that came with a message. Its bytes: `/conversations/files/{id}`."""

    id: int
    name: str
    size: int = Field(description="Bytes.")
    is_kept: bool = Field(description="False: it was too large, and lies at its source.")
    has_thumbnail: bool = Field(description="There is a small picture of it: `/conversations/files/{id}/thumbnail`.")


class AttachedShape(Schema):
    """What goes, or went, with an answer of ours: a picture that is shown, with what it shows, or a file of an email."""

    id: int
    name: str
    content_type: str
    size: int = Field(description="Bytes.")
    alt: str = Field(description="What a picture shows, in words; empty of a file.")


class NewPictureShape(Taken):
    """A picture that is shown with an answer. It is made anew: where and with what it was taken is left out."""

    data: str = Field(min_length=4, max_length=1_900_000, description="PNG, JPEG or WebP, in base64.")
    alt: str = Field(min_length=1, max_length=1_500, description="In words, for those who do not see it.")


class NewFileShape(Taken):
    """A file that goes with an answer by email. What it is is read from its first bytes."""

    name: str = Field(min_length=1, max_length=400, description="Signs that make a path are taken out.")
    data: str = Field(min_length=4, max_length=6_700_000, description="In base64; 5 MB at most.")
