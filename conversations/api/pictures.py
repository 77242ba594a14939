"""Pictures and files as machines bring them, in JSON."""

import base64
import binascii
from collections.abc import Sequence

from contacts.attaching import LARGEST, file_name, kind_of
from contacts.drafting import LARGEST_TOGETHER, File
from conversations.answers.picturing import NewPicture, PictureRefusedError, make_picture
from conversations.api.file_shapes import NewFileShape, NewPictureShape
from lib.foreign.cleaning import to_storable
from workspaces.api.problems import refuse


def pictures_in(given: Sequence[NewPictureShape]) -> list[NewPicture]:
    """These pictures, made anew. A problem (422) names the one that is none."""
    found = []
    for place, one in enumerate(given):
        alt = to_storable(one.alt).strip()
        if not alt:
            raise refuse(f"body.pictures.{place}.alt", "Say in words what it shows.")
        try:
            found.append(make_picture(base64.b64decode(one.data, validate=True), alt))
        except binascii.Error as error:
            raise refuse(f"body.pictures.{place}.data", "This is no base64.") from error
        except PictureRefusedError as error:
            raise refuse(f"body.pictures.{place}.data", str(error)) from error
    return found


def files_in(given: Sequence[NewFileShape]) -> list[File]:
    """These files. A problem (422) names the one that is none, or too large."""
    found = []
    for place, one in enumerate(given):
        where = f"body.files.{place}.data"
        try:
            data = base64.b64decode(one.data, validate=True)
        except binascii.Error as error:
            raise refuse(where, "This is no base64.") from error
        if not data or len(data) > LARGEST:
            raise refuse(where, "A file has between one byte and 5 MB.")
        found.append(File(file_name(one.name), kind_of(data), data))
    if sum(len(one.data) for one in found) > LARGEST_TOGETHER:
        raise refuse("body.files", "Together they have more than 10 MB.")
    return found
