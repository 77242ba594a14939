"""Pictures that are shown with an answer on a network: made anew, with words for those who do not see them."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conversations.attaching import NoFilesError
from conversations.channels import Picture, able_to_answer, network_name
from conversations.models import Mention, Reply, ReplyFile
from lib.local_words import number
from lib.pictures import BadPictureError, Remade, make_thumbnail, remake

SIDE, MOST_BYTES = 2_000, 950_000  # what every network takes: Bluesky a million bytes, no more
LARGEST_UPLOAD = 10_000_000


class PictureRefusedError(ValueError):
    """This cannot be shown; the text says why, in words for people."""


class NewPicture(NamedTuple):
    """A picture before it is kept."""

    data: bytes
    content_type: str
    alt: str
    width: int
    height: int
    small: Remade | None = None


def make_picture(data: bytes, alt: str) -> NewPicture:
    """The file's bytes made anew, with what it shows in words. PictureRefusedError."""
    if len(data) > LARGEST_UPLOAD:
        raise PictureRefusedError(_("A picture has 10 MB at most. Nothing was sent."))
    try:
        made = remake(data, SIDE, MOST_BYTES)
    except BadPictureError as error:
        if error.is_too_large:
            words = _("It has more pixels than we read: make it smaller. Nothing was sent.")
        else:
            words = _("This is no picture that we read: PNG, JPEG or WebP. Nothing was sent.")
        raise PictureRefusedError(words) from error
    return NewPicture(made.data, made.content_type, alt, made.width, made.height, make_thumbnail(made.data))


def check_pictures_go(mention: Mention, pictures: Sequence[NewPicture]) -> None:
    """NoFilesError where more pictures, or longer words of them, are here than can be shown where this was written."""
    if not pictures:
        return
    can, facts = able_to_answer(mention), {"network": network_name(mention.network)}
    if not can.replies or not can.media:
        words = _(
            "%(network)s shows no picture with an answer from here: nothing was sent. Take it out, and send it again."
        )
        raise NoFilesError(" ".join(filter(None, (can.why_no_media, words % facts))))
    if len(pictures) > can.media:
        raise NoFilesError(most_in_words(mention, can.media))
    for place, one in enumerate(pictures, start=1):
        if len(one.alt) > can.longest_alt:
            words = _(
                "%(network)s takes %(most)s letters that say what a picture shows: shorten those of picture %(n)d."
            )
            raise NoFilesError(words % (facts | {"most": number(can.longest_alt), "n": place}))


def most_in_words(mention: Mention, most: int) -> str:
    """How many pictures are shown at most where this was written, in a sentence."""
    words = ngettext(
        "%(network)s shows %(n)d picture with an answer at most: take the others out.",
        "%(network)s shows %(n)d pictures with an answer at most: take the others out.",
        most,
    )
    return words % {"network": network_name(mention.network), "n": most}


def show_with(reply: Reply, pictures: Sequence[NewPicture]) -> None:
    """These are shown with the answer. In the transaction in which the answer is written."""
    ReplyFile.objects.bulk_create(
        ReplyFile(
            reply=reply,
            name=f"{place}.{one.content_type.rpartition('/')[2]}",
            content_type=one.content_type,
            size=len(one.data),
            data=one.data,
            alt=one.alt,
            width=one.width,
            height=one.height,
        ).with_thumbnail(one.small)
        for place, one in enumerate(pictures, start=1)
    )


def pictures_of(reply: Reply) -> list[Picture]:
    """What is shown with an answer, the first one first. Call inside working_in."""
    rows = ReplyFile.objects.filter(reply=reply).exclude(alt="").order_by("pk")
    return [
        Picture(one.pk, bytes(one.data), one.content_type, one.alt, one.width, one.height, one.remote_id)
        for one in rows
    ]


def note_uploaded(picture: Picture, remote_id: str) -> None:
    """Its network has it under this id: the next attempt need not upload it again. Call inside working_in."""
    ReplyFile.objects.filter(pk=picture.pk).update(remote_id=remote_id[:100])
