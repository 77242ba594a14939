"""Pictures as machines bring them, in JSON."""

import base64
import binascii
from collections.abc import Sequence

from conversations.api.shapes import NewPictureShape
from conversations.picturing import NewPicture, PictureRefusedError, make_picture
from lib.cleaning import to_storable
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
