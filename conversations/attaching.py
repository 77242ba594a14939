"""Files that came with what people wrote; and those that go with an answer: by email alone, and where the sender takes them."""

import re
from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from contacts.drafting import File
from conversations.channels import HeardFile, channel_of, network_name
from conversations.models import Connection, Mention, MentionFile, Reply, ReplyFile
from delivery.senders import find_sender, takes_files

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


def files_that_came(mention: Mention) -> list[File]:
    """What came with this and is kept, with its bytes, the first one first."""
    rows = MentionFile.objects.filter(mention=mention).order_by("pk") if mention.file_count else ()
    return [File(one.name, one.content_type, bytes(one.data)) for one in rows if one.is_kept]


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


def keep_files(came: Iterable[tuple[Mention, Sequence[HeardFile]]]) -> None:
    """What came with these mentions lies beside each. In the transaction in which they are stored."""
    rows = [
        MentionFile(
            mention=row,
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            data=one.data,
            is_kept=bool(one.data),
        )
        for row, files in came
        for one in files
    ]
    if rows:
        MentionFile.objects.bulk_create(rows, batch_size=20)


def files_beside(mentions: Iterable[Mention]) -> dict[int, list[MentionFile]]:
    """What came with these, by the mention's id, without the bytes. One query, or none."""
    wanted = [row.pk for row in mentions if row.file_count]
    if not wanted:
        return {}
    rows = MentionFile.objects.filter(mention__in=wanted).defer("data").order_by("pk")
    found: dict[int, list[MentionFile]] = {}
    for row in rows:
        found.setdefault(row.mention_id, []).append(row)
    return found


def attached_to(replies: Iterable[Reply]) -> dict[int, list[ReplyFile]]:
    """What goes, or went, with these answers, by the answer's id, without the bytes. One query."""
    found: dict[int, list[ReplyFile]] = {}
    for row in ReplyFile.objects.filter(reply__in=list(replies)).defer("data").order_by("pk"):
        found.setdefault(row.reply_id, []).append(row)
    return found
