"""Files that came with a large email are kept in pieces and leave as a stream; what is too large is named with its size."""

import hashlib
import random
from base64 import b64decode, b64encode

import pytest
from django.http import StreamingHttpResponse

from conversations.forwards.forwarding import forward
from conversations.forwards.handing_over import send_due as send_forwards
from conversations.mentions.came_along import PIECE, bytes_of, going_along, keep_files, stream
from conversations.models import Connection, Mention, MentionFile, MentionFilePiece
from conversations.personal_data import gather_conversations
from lib.connections.imap import Mailbox
from privacy.erasing import erase_person
from social.networks.mail_large import LARGEST_SIZE, file_told, read_structure
from tests.conftest import as_owner_sql
from tests.delivery.conftest import own_var, room, sender
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from tests.machines import machine_of
from tests.social.mailbox import box
from tests.social.test_mail_files import letter
from workspaces.current import working_in
from workspaces.models import User

__all__ = ["box", "own_var", "room", "sender"]
LARGE = b"%PDF-" + random.Random(7).randbytes(12_000_000)
STRUCTURE = (
    b'((("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "7BIT" 24 1 NIL NIL NIL)("TEXT" "HTML" NIL NIL NIL "7BIT" 90 2 NIL NIL '
    b'NIL) "ALTERNATIVE" ("BOUNDARY" "x") NIL NIL)("VIDEO" "QUICKTIME" ("NAME" "film.mov") NIL NIL "BASE64" 52000000 NIL '
    b'("ATTACHMENT" ("FILENAME" "=?utf-8?q?f=C3=BCr_Tom=2Emov?=")) NIL)("IMAGE" "PNG" NIL "<logo>" NIL "BASE64" 900 NIL '
    b'("INLINE" NIL) NIL)("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 500 ("d" "s" NIL NIL NIL NIL NIL NIL NIL NIL) '
    b'("TEXT" "PLAIN" NIL NIL NIL "7BIT" 2 1) 9) "MIXED" ("BOUNDARY" "y") NIL NIL)'
)


def bring(box, *raws):
    box.look()
    box.messages += raws
    for _turn in raws:
        box.look()


def limit(kettle, megabytes):
    with working_in(kettle):
        row = Connection.objects.get(network="mail")
        row.settings = {**row.settings, "files_mb": megabytes}
        row.save(update_fields=["settings"])


@pytest.fixture
def brought(box, kettle):
    bring(box, letter(("big.pdf", LARGE, "")))
    with working_in(kettle):
        return MentionFile.objects.select_related("mention").get()


def test_a_large_file_is_kept_in_pieces_and_leaves_as_a_stream(brought, kettle, as_ada):
    with working_in(kettle):
        sizes = [len(bytes(one.data)) for one in MentionFilePiece.objects.order_by("place")]
    got = as_ada.get(f"/w/kettle/inbox/files/{brought.pk}/")

    assert (bytes(brought.data), brought.is_kept, brought.size) == (b"", True, len(LARGE))
    assert sizes == [PIECE] * 12 + [5]
    assert isinstance(got, StreamingHttpResponse)
    assert hashlib.sha256(got.getvalue()).digest() == hashlib.sha256(LARGE).digest()
    assert (got["Content-Length"], got["Content-Disposition"]) == (str(len(LARGE)), 'attachment; filename="big.pdf"')
    assert (got["X-Content-Type-Options"], got["Cache-Control"]) == ("nosniff", "no-store, private")
    assert "sandbox" in got["Content-Security-Policy"]


def test_a_machine_reads_it_in_pieces(brought, kettle):
    api = machine_of(kettle, ["conversations:read", "contacts:read"])
    told = api.get(f"/conversations/files/{brought.pk}").json()
    pieces = [api.get(f"/conversations/files/{brought.pk}/pieces/{n}").json() for n in range(told["pieces"])]

    assert (told["base64"], told["pieces"]) == ("", 13)
    assert b"".join(b64decode(one["base64"]) for one in pieces) == LARGE
    assert api.get(f"/conversations/files/{brought.pk}/pieces/13").status_code == 404
    assert api.get(f"/conversations/files/{brought.pk}/thumbnail").status_code == 404


def test_what_is_larger_than_most_servers_take_does_not_go_with_a_forward(brought, kettle, ada, as_ada, room, sender):
    page = as_ada.get(f"/w/kettle/inbox/mentions/{brought.mention_id}/forward/").text
    with working_in(kettle):
        forward(brought.mention, "workshop@kettle.example", "Please look", by=ada)
    send_forwards(kettle)

    assert "larger than many mail servers take" in page
    ((_from, _to, data),) = room.letters
    assert (b"too large: big.pdf" in data, b'filename="big.pdf"' in data) == (True, False)


def test_it_is_in_the_package_of_a_person_and_goes_with_them(box, kettle):
    with working_in(kettle):
        tom = make_contact("Tom", "tom@tea.example")
    bring(box, letter(("big.pdf", LARGE, "")))
    with working_in(kettle):
        assert [one["base64"] for one in gather_conversations([tom.pk]) if "base64" in one] == [
            b64encode(LARGE).decode()
        ]
        erase_person(tom.pk, by=User.objects.get(email="ada@kettle.example"))
        assert (MentionFile.objects.count(), MentionFilePiece.objects.count()) == (0, 0)


def test_a_large_email_comes_alone_after_those_before_it(box, kettle):
    box.look()
    box.messages += [letter(("a.txt", b"a", "")), letter(("big.pdf", LARGE, "")), letter(("b.txt", b"b", ""))]
    seen = []
    for _turn in range(3):
        box.look()
        with working_in(kettle):
            seen.append(list(MentionFile.objects.order_by("pk").values_list("name", flat=True)))
    assert seen == [["a.txt"], ["a.txt", "big.pdf", "b.txt"], ["a.txt", "big.pdf", "b.txt"]]


def test_over_the_limit_its_mailbox_names_each_file_and_how_large_it_is(box, kettle, as_ada):
    limit(kettle, 5)
    box.structure = STRUCTURE
    bring(box, letter(("big.pdf", LARGE, "")))
    with working_in(kettle):
        mention = Mention.objects.get()
        told = list(MentionFile.objects.order_by("pk").values_list("name", "size", "is_kept"))
    page = as_ada.get(f"/w/kettle/inbox/{mention.conversation_id}/").text

    assert told == [("für Tom.mov", 38_000_000, False), ("email.eml", 500, False)]
    assert [one in page for one in ("für Tom.mov", "36.2\xa0MB", "in the email “The lid” of")] == [True] * 3
    assert not any("BODY.PEEK[]<1" in one for one in box.commands)  # it was not read any further


def test_of_an_email_that_is_too_large_no_more_is_read_than_of_any(box, kettle):
    limit(kettle, 10)
    bring(box, letter(("big.pdf", LARGE, "")))

    with working_in(kettle):
        assert MentionFile.objects.get().is_kept is False
    assert not any("BODY.PEEK[]<1" in one for one in box.commands)


def test_files_of_one_email_are_kept_as_long_as_there_is_room_for_all_before(box, kettle):
    limit(kettle, 12)
    sizes = [3_900_000, 3_900_000, 3_900_000, 500_000]
    files = [(f"{number}.pdf", b"%PDF-" + bytes([number]) * size, "") for number, size in enumerate(sizes)]
    bring(box, letter(*files))
    with working_in(kettle):
        kept = MentionFile.objects.order_by("pk").values_list("name", "is_kept")
        assert list(kept) == [("0.pdf", True), ("1.pdf", True), ("2.pdf", True), ("3.pdf", False)]
        rows = list(MentionFile.objects.order_by("pk").defer("data"))
        assert [one.name for one in going_along(rows).going] == ["0.pdf", "1.pdf"]  # three are more than most take


def test_a_file_that_is_erased_while_it_leaves_ends_there(brought, kettle):
    with working_in(kettle):
        # Read by the table alone, where the second piece lies behind the others now
        MentionFilePiece.objects.filter(place=1).update(data=LARGE[PIECE : 2 * PIECE])
        as_owner_sql("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
        assert hashlib.sha256(bytes_of(brought)).digest() == hashlib.sha256(LARGE).digest()
        leaving = stream(brought)
        first = next(leaving)
        MentionFilePiece.objects.filter(place=1).delete()
        assert (first, list(leaving)) == (LARGE[:PIECE], [])


def test_a_mailbox_that_keeps_no_files_names_them(box, kettle):
    limit(kettle, 0)
    bring(box, letter(("a.txt", b"a", "")))
    with working_in(kettle):
        assert MentionFile.objects.get().is_kept is False


def test_a_slow_line_reads_the_beginning_and_never_stops_at_it(box, kettle, monkeypatch):
    monkeypatch.setattr(Mailbox, "time_left", lambda _self: 0.49)
    bring(box, letter(("big.pdf", LARGE, "")), letter(("b.txt", b"b", "")))
    with working_in(kettle):
        assert list(MentionFile.objects.order_by("pk").values_list("name", "is_kept")) == [
            ("big.pdf", False),
            ("b.txt", True),
        ]


def test_a_mailbox_that_stops_in_the_middle_leaves_what_was_read(box, kettle):
    box.look()
    box.messages.append(letter(("big.pdf", LARGE, "")))
    box.stops_behind = 10_000_000
    box.look()
    with working_in(kettle):
        assert Mention.objects.get().text == "The lid, see the picture."
        assert MentionFile.objects.get().is_kept is False


@pytest.mark.parametrize(
    "rows",
    [[], [b"1 (UID 1)"], [b"1 (BODYSTRUCTURE NIL)"], [b"1 (BODYSTRUCTURE ((("], [b"1 (BODYSTRUCTURE " + b"(" * 9_000],
     [b"1 (BODYSTRUCTURE (() () ()))"], [b'1 (BODYSTRUCTURE ("a" NIL NIL NIL NIL NIL "-1"))']],
)  # fmt: skip
def test_whatever_a_mailbox_says_of_parts_nothing_breaks(rows):
    told = read_structure(rows)
    assert all(file_told(one) is not None for one in (told.parts() if told else ()))


def test_a_name_that_comes_as_a_literal_is_read():
    rows = [(b'1 (BODYSTRUCTURE ("IMAGE" "PNG" ("NAME" {9}', b'a "b".png'), b') NIL NIL "BASE64" 100000 NIL NIL NIL))']
    (part,) = read_structure(rows).parts()
    assert (part.typed, part.size, file_told(part).name) == ({"name": 'a "b".png'}, 100_000, "a b .png")


@pytest.mark.parametrize(
    "odd", [b'("' + b'\\"' * 300_000, b"(" + b" " * 600_000, b"(" + b'"' * 600_001, b'("' + b"x" * 600_000]
)
def test_a_text_without_an_end_takes_no_time_and_is_no_structure(odd):
    assert read_structure([b"1 (BODYSTRUCTURE " + odd]) is None


def test_a_size_that_no_row_can_hold_is_said_as_the_largest(kettle):
    part = next(read_structure([b'BODYSTRUCTURE ("VIDEO" "MP4" NIL NIL NIL "BINARY" 999999999999999)']).parts())
    told = file_told(part)
    with working_in(kettle):
        mention = make_mention()
        keep_files([(mention, [told])])
        assert (told.size, MentionFile.objects.get().size) == (LARGEST_SIZE, LARGEST_SIZE)
