"""Files that go with an answer: by email alone, and where the sender takes them."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from contacts.drafting import File
from conversations.channels import channel_of, network_name
from conversations.models import Connection, Mention, Reply, ReplyFile
from delivery.senders import find_sender, takes_files


class NoFilesError(Exception):
    """Words alone go there; the text says so."""


def carries_files(connection: Connection) -> bool:
    """Whether files may go with an answer by this connection now."""
    can = channel_of(connection).capabilities()
    return can.replies and can.files and takes_files(find_sender())


def check_files_go(mention: Mention, files: Sequence[File]) -> None:
    """NoFilesError where there are files and they cannot go to where this was written."""
    if files and not carries_files(mention.connection):
        raise NoFilesError(
            _("%(network)s takes no files: nothing was sent. Take them out, and send it again.")
            % {"network": network_name(mention.network)}
        )


def attach_to(reply: Reply, files: Sequence[File]) -> None:
    """These files go with the answer. In the transaction in which the answer is written."""
    ReplyFile.objects.bulk_create(
        ReplyFile(reply=reply, name=one.name, content_type=one.content_type, size=len(one.data), data=one.data)
        for one in files
    )


def files_of_answer(key: str) -> list[File]:
    """What goes with the answer of this key, the first one first."""
    rows = ReplyFile.objects.filter(reply__key=key).order_by("pk")
    return [File(one.name, one.content_type, bytes(one.data)) for one in rows]


def forget_bytes(reply: Reply) -> None:
    """The answer has left: the email holds its files, the answer their names. May be repeated."""
    ReplyFile.objects.filter(reply=reply).update(data=b"")
