"""Files that come with an email: kept, shown, passed on, erased; too large ones are named."""

import io
import re
from base64 import b64decode
from email.message import EmailMessage
from uuid import uuid4

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from conversations.forwards.forwarding import forward
from conversations.forwards.handing_over import send_due as send_forwards
from conversations.models import Mention, MentionFile
from conversations.personal_data import gather_conversations
from privacy.erasing import erase_person
from social.networks import mail, mail_files, mail_large
from social.networks.mail_reading import read_letter
from tests.delivery.conftest import own_var, room, sender
from tests.factories.contacts import make_contact
from tests.machines import machine_of
from tests.social.mailbox import PROVEN, box
from workspaces.current import working_in
from workspaces.models import User

__all__ = ["box", "own_var", "room", "sender"]
pytestmark = pytest.mark.usefixtures("small_limit")
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50
TOO_LARGE = b"%PDF-" + b"x" * 5_000_001


@pytest.fixture
def small_limit(monkeypatch):
    """Of one email 5 MB of files are kept."""
    monkeypatch.setattr(mail, "most_of_files", lambda _settings: 5_000_000)


def letter(*files, text="The lid, see the picture.", who="Tom Tee <tom@tea.example>"):
    """An email with these (name, bytes, content id or "")."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = who, "hello@kettle.example", "The lid"
    message["Message-ID"], message["Authentication-Results"] = f"<{uuid4().hex}@tea.example>", PROVEN
    message.set_content(text)
    for name, data, cid in files:
        message.add_attachment(data, maintype="image", subtype="png", filename=name or None, cid=cid or None,
                               disposition="inline" if cid else "attachment")  # fmt: skip
    return message.as_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


def names(raw):
    return [(one.name, one.content_type, bool(one.data)) for one in read_letter(raw).files]


def test_a_file_is_what_its_first_bytes_say_and_its_name_is_only_a_name():
    raw = letter(
        ("../../etc/pass:wd.png", PNG, ""), ("page.html", b"<script>alert(1)</script>", ""), ("", b"%PDF-1", "")
    )
    assert names(raw) == [
        ("pass wd.png", "image/png", True),
        ("page.html", "application/octet-stream", True),
        ("file", "application/pdf", True),
    ]


def test_logos_and_seals_are_no_files_and_a_picture_in_the_text_is_one():
    raw = letter(("logo.png", PNG, "<1>"), ("photo.png", PNG * 1_000, "<2>"))
    assert [name for name, _kind, _kept in names(raw)] == ["photo.png"]
    sealed = (
        b'From: a@b.example\r\nContent-Type: multipart/signed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nHi\r\n'
        b"--b\r\nContent-Type: application/pgp-signature; name=signature.asc\r\n\r\nx\r\n--b--"
    )
    assert (names(sealed), read_letter(sealed).text) == ([], "Hi")


def test_an_email_inside_an_email_is_one_file_and_an_invitation_has_a_name():
    raw = (
        b'From: a@b.example\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee\r\n'
        b"--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nSubject: x\r\n\r\nInside\r\n"
        b"--b\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\n--b--"
    )
    assert [name for name, _kind, _kept in names(raw)] == ["email.eml", "invite.ics"]
    assert b"Inside" in read_letter(raw).files[0].data


def test_too_large_and_too_many_files_are_bounded():
    raw = letter(("big.pdf", TOO_LARGE, ""), ("lid.png", PNG, ""))
    kept = [(one.name, bool(one.data)) for one in read_letter(raw, most=5_000_000).files]
    assert kept == [("big.pdf", False), ("lid.png", True)]
    assert len(names(letter(*[(f"{no}.png", PNG, "") for no in range(30)]))) == 20


def test_files_stand_in_the_thread_and_leave_as_downloads_only(box, kettle, as_ada, eve):
    box.look()
    box.messages.append(letter(("lid.png", PNG, ""), ("big.pdf", TOO_LARGE, "")))
    box.look()
    with working_in(kettle):
        mention = Mention.objects.get()
        kept, named = MentionFile.objects.order_by("pk")
    page = as_ada.get(f"/w/kettle/inbox/{mention.conversation_id}/").content.decode()
    got = as_ada.get(f"/w/kettle/inbox/files/{kept.pk}/")

    assert [word in page for word in ("lid.png", "big.pdf", "in the email “The lid” of")] == [True] * 3
    assert "4.8\xa0MB" in page
    assert (got.content, got["Content-Type"], got["X-Content-Type-Options"]) == (PNG, "image/png", "nosniff")
    assert got["Content-Disposition"] == 'attachment; filename="lid.png"'
    assert "sandbox" in got["Content-Security-Policy"]
    assert as_ada.get(f"/w/kettle/inbox/files/{named.pk}/").status_code == 404
    stranger = Client()
    assert stranger.get(f"/w/kettle/inbox/files/{kept.pk}/").status_code == 302
    stranger.force_login(eve)
    assert stranger.get(f"/w/kettle/inbox/files/{kept.pk}/").status_code == 404
    assert stranger.get(f"/w/rival/inbox/files/{kept.pk}/").status_code == 404


def test_what_was_cut_off_is_named_and_not_kept_broken(box, kettle, monkeypatch):
    monkeypatch.setattr(mail, "MOST_BYTES", 1_000)
    monkeypatch.setattr(mail_large, "HEAD", 100)
    monkeypatch.setattr(mail, "most_of_files", lambda _settings: 0)
    box.look()
    box.messages.append(letter(("lid.png", PNG * 100, "")))
    box.look()

    with working_in(kettle):
        assert Mention.objects.get().text == "The lid, see the picture."
        assert MentionFile.objects.get().is_kept is False


def test_a_page_of_large_emails_ends_early_and_goes_on(box, kettle, monkeypatch):
    monkeypatch.setattr(mail, "MOST_TOGETHER", 1_000)
    box.look()
    box.messages += [letter(("lid.png", PNG * 10, "")) for _one in range(3)]
    counts = []
    for _turn in range(3):
        box.look()
        with working_in(kettle):
            counts.append(Mention.objects.count())
    assert counts == [1, 2, 3]


def test_files_go_along_with_a_forward(box, kettle, ada, room, sender):
    box.look()
    box.messages.append(letter(("lid.png", PNG, ""), ("big.pdf", TOO_LARGE, "")))
    box.look()
    with working_in(kettle):
        forward(Mention.objects.get(), "workshop@kettle.example", "Please look", by=ada)
    send_forwards(kettle)

    ((_from, _to, data),) = room.letters
    assert b'filename="lid.png"' in data
    assert b"big.pdf" in data
    assert b'filename="big.pdf"' not in data


def test_files_are_in_the_package_of_a_person_and_go_with_them(box, kettle):
    with working_in(kettle):
        tom = make_contact("Tom", "tom@tea.example")
    box.look()
    box.messages.append(letter(("lid.png", PNG, "")))
    box.look()
    with working_in(kettle):
        assert any(one.get("file") == "lid.png" and one["base64"] for one in gather_conversations([tom.pk]))
        erase_person(tom.pk, by=User.objects.get(email="ada@kettle.example"))
        assert not MentionFile.objects.exists()
        assert Mention.objects.get().file_count == 0


@pytest.mark.parametrize(
    "kind", ["text/plain; name=", "image/png; name*=x''%ff", "message/rfc822", "x", 'application/x; name="=?x?="']
)
def test_whatever_a_part_says_of_itself_the_email_is_read(kind):
    raw = f"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: {kind}\r\n" \
          "Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename*0*=x\r\n\r\n!!\xff\r\n--b--"  # fmt: skip
    assert read_letter(raw.encode("latin-1")).address == "a@b.example"


def photo(width=640, height=320, kind="JPEG"):
    out = io.BytesIO()
    exif = Image.Exif()
    exif[0x010F] = "CameraOfTom"
    Image.new("RGB", (width, height), "red").save(out, kind, exif=exif)
    return out.getvalue()


def test_a_picture_that_came_is_shown_small_and_leads_to_the_whole_one(box, kettle, as_ada, eve):
    box.look()
    box.messages.append(letter(("lid.jpg", photo(), ""), ("broken.png", PNG, "")))
    box.look()
    with working_in(kettle):
        shown, name = MentionFile.objects.order_by("pk")
        talk = Mention.objects.get().conversation_id

    page = as_ada.get(f"/w/kettle/inbox/{talk}/").content.decode()
    small = as_ada.get(f"/w/kettle/inbox/files/{shown.pk}/small/")

    assert re.findall(r'src="(/w/kettle/inbox/files/[^"]+)"', page) == [f"/w/kettle/inbox/files/{shown.pk}/small/"]
    assert f'href="/w/kettle/inbox/files/{shown.pk}/"' in page
    assert [small[one] for one in ("Content-Type", "Content-Disposition", "X-Content-Type-Options", "Cache-Control")] == [
        "image/jpeg", "inline", "nosniff", "no-store, private"]  # fmt: skip
    assert "default-src 'none'; sandbox" in small["Content-Security-Policy"]
    with Image.open(io.BytesIO(small.content)) as read:
        assert read.size == (320, 160)
    assert b"CameraOfTom" in bytes(shown.data)
    assert b"CameraOfTom" not in small.content
    assert as_ada.get(f"/w/kettle/inbox/files/{name.pk}/small/").status_code == 404
    stranger = Client()
    assert stranger.get(f"/w/kettle/inbox/files/{shown.pk}/small/").status_code == 302
    stranger.force_login(eve)
    assert stranger.get(f"/w/kettle/inbox/files/{shown.pk}/small/").status_code == 404
    assert stranger.get(f"/w/rival/inbox/files/{shown.pk}/small/").status_code == 404


def test_pages_of_pictures_load_none_of_their_bytes(box, kettle, as_ada):
    box.look()
    box.messages += [letter((f"{n}.jpg", photo(), "")) for n in range(5)]
    box.look()
    with working_in(kettle):
        Mention.objects.update(conversation=Mention.objects.first().conversation_id)
        talk = Mention.objects.first().conversation_id

    with CaptureQueriesContext(database) as asked:
        page = as_ada.get(f"/w/kettle/inbox/{talk}/").content.decode()

    assert page.count('class="thumbnail"') == 5
    of_files = [one["sql"] for one in asked if 'FROM "conversations_mentionfile"' in one["sql"]]
    assert len(of_files) == 1
    assert '"data"' not in of_files[0]
    assert '"thumbnail"' not in of_files[0]


def test_pictures_made_to_be_costly_stay_names(monkeypatch):
    monkeypatch.setattr(mail_files, "MOST_PIXELS", 2 * 640 * 320)
    files = mail_files.with_thumbnails(read_letter(letter(*[(f"{n}.jpg", photo(), "") for n in range(4)])).files)
    assert [one.small is not None for one in files] == [True, True, False, False]


def test_a_machine_reads_the_small_picture(box, kettle, rival):
    box.look()
    box.messages.append(letter(("lid.jpg", photo(), ""), ("broken.png", PNG, "")))
    box.look()
    with working_in(kettle):
        shown, name = MentionFile.objects.order_by("pk")
        talk = Mention.objects.get().conversation_id
    machine, stranger = machine_of(kettle), machine_of(rival)

    (message,) = machine.get(f"/conversations/{talk}").json()["messages"]
    small = machine.get(f"/conversations/files/{shown.pk}/thumbnail").json()

    assert [one["has_thumbnail"] for one in message["files"]] == [True, False]
    with Image.open(io.BytesIO(b64decode(small["base64"]))) as read:
        assert (read.size, small["content_type"]) == ((320, 160), "image/jpeg")
    assert machine.get(f"/conversations/files/{name.pk}/thumbnail").status_code == 404
    assert stranger.get(f"/conversations/files/{shown.pk}/thumbnail").status_code == 404
