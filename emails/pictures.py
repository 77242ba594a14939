"""Pictures of emails: where they lie for whoever reads one."""

from collections.abc import Iterable

from emails.blocks.base import Shown
from emails.models import Picture
from lib.links import public_link, public_path

FACTS = ("pk", "workspace_id", "fingerprint", "width", "height", "alt", "content_type")


def picture_address(workspace_id: int | None, fingerprint: str, content_type: str) -> str:
    """The absolute address of a picture. Another picture has another address, so that it may be kept for ever."""
    return public_link("email_picture", workspace_id, _file(fingerprint, content_type))


def address_of(picture: Picture) -> str:
    """The absolute address of a picture, for emails and machines."""
    return picture_address(picture.workspace_id, picture.fingerprint, picture.content_type)


def path_of(picture: Picture) -> str:
    """Where our own pages show it: the same without the host, which may be another one than theirs."""
    return public_path("email_picture", picture.workspace_id, _file(picture.fingerprint, picture.content_type))


def _file(fingerprint: str, content_type: str) -> str:
    return f"{fingerprint[:32]}.{content_type.removeprefix('image/')}"


def shown_pictures(ids: Iterable[int]) -> dict[int, Shown]:
    """Picture → how an email shows it, of those that are there. One query, none for no ids."""
    wanted = set(ids)
    rows = Picture.objects.filter(pk__in=wanted).values_list(*FACTS) if wanted else ()
    return {
        pk: Shown(picture_address(workspace_id, fingerprint, content_type), width, height, alt)
        for pk, workspace_id, fingerprint, width, height, alt, content_type in rows
    }
