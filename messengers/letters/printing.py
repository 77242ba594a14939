"""The print run of a campaign: its letters in files of a few hundred, and the list of addresses for a mailing house.

A file begins behind a letter, so that an erasure or a late letter moves nobody from one file into another.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Sum

from delivery.models import Delivery, Message
from lib.exporting import write_table
from messengers.letters.messenger import LetterMessenger
from messengers.letters.typesetting import Letter, typeset
from messengers.models import PrintedLetter
from workspaces.current import working_in
from workspaces.models import Workspace

IN_A_FILE = 250


@dataclass(frozen=True, slots=True)
class Bundle:
    """One file: `after` is the letter behind which it begins."""

    number: int
    after: int
    count: int


def run_of(message: Message) -> QuerySet[PrintedLetter]:
    """The letters of those whose delivery is sent, in the order in which they were written."""
    sent = Delivery.objects.filter(message=message, contact=OuterRef("contact_id"), state=Delivery.State.SENT)
    return PrintedLetter.objects.filter(Exists(sent), message=message).order_by("pk")


def bundles_of(message: Message) -> list[Bundle]:
    """The files of a print run. One statement."""
    ids = list(run_of(message).values_list("pk", flat=True))
    starts = range(0, len(ids), IN_A_FILE)
    return [
        Bundle(number, ids[at - 1] if at else 0, len(ids[at : at + IN_A_FILE])) for number, at in enumerate(starts, 1)
    ]


def pages_of(message: Message) -> int:
    """How many pages it is in all."""
    return int(run_of(message).aggregate(pages=Sum("pages"))["pages"] or 0)


def print_bundle(message: Message, after: int) -> bytes:
    """One file as PDF; the letters as they were written, the sheet as its sender says today. b"" where nobody follows."""
    rows = list(run_of(message).filter(pk__gt=after)[:IN_A_FILE])
    if not rows or message.sender is None:
        return b""
    sheet = LetterMessenger(message.sender).sheet(message.name, message.content.language)
    letters = [Letter(one.address.split("\n"), one.subject, one.text, one.link) for one in rows]
    return typeset(sheet, letters)


@dataclass(frozen=True)
class AddressList:
    """The lines of a CSV: which letter of which file goes to whom."""

    workspace: Workspace
    message: Message

    def __iter__(self) -> Iterator[str]:
        yield write_table(["letter", "file", "pages", "line_1", "line_2", "line_3", "line_4"], [])
        after, number = 0, 0
        while True:
            with working_in(self.workspace):
                rows = list(run_of(self.message).filter(pk__gt=after)[:IN_A_FILE])
            if not rows:
                return
            lines = [
                [number + at, number // IN_A_FILE + 1, one.pages, *(one.address.split("\n") + [""] * 4)[:4]]
                for at, one in enumerate(rows, 1)
            ]
            yield write_table([], lines).split("\r\n", 1)[1]
            after, number = rows[-1].pk, number + len(rows)
