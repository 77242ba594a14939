"""Taking in a picture that somebody uploads: made anew, kept once."""

import hashlib
import re

from django.core.files.uploadedfile import UploadedFile

from contacts.attaching import file_name
from emails.models import Picture
from emails.remaking import MOST_BYTES, remake_picture
from lib.clock import now
from lib.foreign.cleaning import to_line
from lib.sql import run_sql
from workspaces.current import current_workspace_id

LONGEST_ALT = 300
ENDING = re.compile(r"\.[A-Za-z0-9]{2,5}\Z")


def keep_picture(data: bytes, *, name: str, alt: str = "", by_id: int | None = None) -> Picture:
    """The picture among the workspace's, without its bytes loaded. BadPictureError, and nothing is kept.

    The same file twice, at once even, is the same picture; it keeps the alt text that it had, unless it had none.
    """
    remade = remake_picture(data)
    ((pk,),) = run_sql(
        "emails/keep_picture",
        {
            "workspace": current_workspace_id(),
            "name": ENDING.sub("", file_name(name))[:120],
            "content_type": remade.content_type,
            "size": len(remade.data),
            "data": remade.data,
            "fingerprint": hashlib.sha256(remade.data).hexdigest(),
            "width": remade.width,
            "height": remade.height,
            "alt": clean_alt(alt),
            "by": by_id,
            "at": now(),
        },
    )
    return Picture.objects.defer("data").get(pk=pk)


def keep_upload(upload: UploadedFile, *, alt: str = "", by_id: int | None = None) -> Picture:
    """The same of a file as a form hands it over; of one that is too large no more is read than shows it."""
    return keep_picture(upload.read(MOST_BYTES + 1), name=upload.name or "", alt=alt, by_id=by_id)


def clean_alt(text: str) -> str:
    """An alt text as it is kept: one line of at most 300 letters."""
    return to_line(text, LONGEST_ALT)
