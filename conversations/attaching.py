"""Files that go with an answer: by email alone, and where the sender takes them."""

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from contacts.drafting import File
from conversations.channels import channel_of, network_name
from conversations.models import Connection, Mention, Reply, ReplyFile
from conversations.models.pictured import BYTES
from delivery.senders import find_sender, takes_files
from lib.pictures import make_thumbnail

# what mail servers refuse by its ending, whatever is in it
RUNS = re.compile(
    r".*\.(ade|adp|apk|app|bat|cab|chm|cmd|com|cpl|dll|dmg|exe|hta|ins|iso|isp|jar|js|jse|lib|lnk|mde|msc|msi|msp|mst|nsh"
    r"|pif|ps1|reg|scr|sct|sh|shb|sys|vb|vbe|vbs|vxd|wsc|wsf|wsh)",
    re.IGNORECASE | re.DOTALL,
)


class NoFilesError(Exception):
    """Words alone go there; the text says so."""


def carries_files(connection: Connection) -> bool:
    """Whether files may go with an answer by this connection now."""
    can = channel_of(connection).capabilities()
    return can.replies and can.files and takes_files(find_sender())


def check_files_go(mention: Mention, files: Sequence[File]) -> None:
    """NoFilesError where there are files and they cannot go to where this was written, or one of them nowhere."""
    if files and not carries_files(mention.connection):
        raise NoFilesError(
            _("%(network)s takes no files: nothing was sent. Take them out, and send it again.")
            % {"network": network_name(mention.network)}
        )
    for one in files:
        check_travels(one.name)


def check_travels(name: str) -> None:
    """NoFilesError for a file by whose name a mail server would refuse the whole email."""
    if RUNS.fullmatch(name):
        raise NoFilesError(
            _("“%(name)s” is a program: mail servers refuse the whole email for it. Leave it out.") % {"name": name}
        )


def attach_to(reply: Reply, files: Sequence[File]) -> None:
    """These files go with the answer. In the transaction in which the answer is written."""
    ReplyFile.objects.bulk_create(
        ReplyFile(
            reply=reply, name=one.name, content_type=one.content_type, size=len(one.data), data=one.data
        ).with_thumbnail(one.small or make_thumbnail(one.data))
        for one in files
    )


def files_of_answer(key: str) -> list[File]:
    """What goes with the answer of this key, the first one first."""
    rows = ReplyFile.objects.filter(reply__key=key).order_by("pk")
    return [File(one.name, one.content_type, bytes(one.data)) for one in rows]


def forget_bytes(reply: Reply) -> None:
    """The answer has left: the email holds its files, the answer their names. May be repeated."""
    ReplyFile.objects.filter(reply=reply).update(data=b"")


def attached_to(replies: Iterable[Reply]) -> dict[int, list[ReplyFile]]:
    """What goes, or went, with these answers, by the answer's id, without the bytes. One query."""
    found: dict[int, list[ReplyFile]] = {}
    for row in ReplyFile.objects.filter(reply__in=list(replies)).defer(*BYTES).order_by("pk"):
        found.setdefault(row.reply_id, []).append(row)
    return found
