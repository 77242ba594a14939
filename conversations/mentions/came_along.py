"""Files that came with what people wrote: kept beside it, the large ones in pieces, so that no process holds them whole."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from typing import NamedTuple

from django.db.models import QuerySet

from contacts.attaching import LARGEST
from contacts.drafting import LARGEST_TOGETHER, File
from conversations.channels import HeardFile
from conversations.models import Mention, MentionFile, MentionFilePiece
from conversations.models.pictured import BYTES
from workspaces.current import current_workspace, working_in
from workspaces.models import Workspace

PIECE = 1_000_000  # bytes
WRITTEN_AT_ONCE = 4  # pieces


class GoingAlong(NamedTuple):
    """What of the files goes with an email to somebody, and what is too large for it."""

    going: list[MentionFile]
    left_out: list[MentionFile]


def keep_files(came: Iterable[tuple[Mention, Sequence[HeardFile]]]) -> None:
    """What came with these mentions lies beside each. In the transaction in which they are stored."""
    heard = [(row, one) for row, files in came for one in files]
    rows = [
        MentionFile(
            mention=row,
            name=one.name,
            content_type=one.content_type,
            size=one.size,
            data=one.data if len(one.data) <= LARGEST else b"",
            is_kept=bool(one.data),
        ).with_thumbnail(one.small)
        for row, one in heard
    ]
    if rows:
        MentionFile.objects.bulk_create(rows, batch_size=20)
        for row, (_mention, one) in zip(rows, heard, strict=True):
            if len(one.data) > LARGEST:
                _keep_pieces(row, one.data)


def files_beside(mentions: Iterable[Mention]) -> dict[int, list[MentionFile]]:
    """What came with these, by the mention's id, without the bytes. One query, or none."""
    wanted = [row.pk for row in mentions if row.file_count]
    if not wanted:
        return {}
    rows = MentionFile.objects.filter(mention__in=wanted).defer(*BYTES).order_by("pk")
    found: dict[int, list[MentionFile]] = {}
    for row in rows:
        found.setdefault(row.mention_id, []).append(row)
    return found


def going_along(files: Iterable[MentionFile]) -> GoingAlong:
    """Of these, the first ones that together are no larger than what nearly every mail server takes."""
    found, together = GoingAlong([], []), 0
    for one in files:
        if one.is_kept and together + one.size <= LARGEST_TOGETHER:
            found.going.append(one)
            together += one.size
        else:
            found.left_out.append(one)
    return found


def files_that_came(mention: Mention) -> list[File]:
    """What came with this and goes along with an email, with its bytes, the first one first."""
    return [
        File(one.name, one.content_type, bytes_of(one))
        for one in going_along(files_beside([mention]).get(mention.pk, ())).going
    ]


def bytes_of(file: MentionFile) -> bytes:
    """All of a file at once, wherever its bytes lie."""
    return bytes(file.data) or b"".join(bytes(one) for one in _pieces(file).values_list("data", flat=True).iterator(1))


def stream(file: MentionFile) -> Iterator[bytes]:
    """A large file a piece at a time, each in a transaction of its own: whoever reads slowly holds none open."""
    workspace = Workspace.objects.get(pk=current_workspace().pk)
    return _streamed(workspace, list(_pieces(file).values_list("pk", flat=True)))


def _streamed(workspace: Workspace, pieces: Sequence[int]) -> Iterator[bytes]:
    for pk in pieces:
        with working_in(workspace):
            data = MentionFilePiece.objects.filter(pk=pk).values_list("data", flat=True).first()
        if data is None:
            return  # it was erased meanwhile
        yield bytes(data)


def _pieces(file: MentionFile) -> QuerySet[MentionFilePiece]:
    return MentionFilePiece.objects.filter(file=file).order_by("place")


def _keep_pieces(row: MentionFile, data: bytes) -> None:
    for places in batched(range(0, len(data), PIECE), WRITTEN_AT_ONCE):
        MentionFilePiece.objects.bulk_create(
            MentionFilePiece(file=row, place=start // PIECE, data=data[start : start + PIECE]) for start in places
        )
