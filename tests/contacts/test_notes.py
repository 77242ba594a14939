"""Notes: @mentions, files that do no harm, what stood there before, and who may read which."""

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.attaching import LARGEST, BadFileError, attach_files, check_files, file_name, kind_of
from contacts.mentioning import mentioned_in
from contacts.models import Contact, Note, NoteAttachment, NoteMention
from contacts.noting import add_note, edit_note, mark_mentions_seen, mentions_of, notes_for, remove_note
from contacts.panels import notes_panel
from contacts.personal_data import erase_notes, gather_notes
from lib.personal import plain_json
from tests.conftest import join, make_user
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.models import Membership

MEMBERS = {
    1: ("Ife Adeyemi", "ife@kettle.example"), 2: ("Jonas Weber", "jonas@kettle.example"),
    3: ("Jonas Holm", "j.holm@kettle.example"), 4: ("Åsa Ek", "asa@kettle.example"), 5: ("Al", "al@kettle.example"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "named", "unclear"),
    [
        ("@Ife please ask", {1}, []),
        ("Ask (@ife adeyemi), @ÅSA!", {1, 4}, []),
        ("@Jonas knows", set(), ["@jonas"]),
        ("@Jonas Weber knows, and @j.holm", {2, 3}, []),
        ("ife@kettle.example wrote; @nobody; @@Ife; a.@Ife", set(), []),
        ("@Alma is somebody else, @Al's here", {5}, []),
        ("@", set(), []),
        ("@Ife" * 5000, {1}, []),
        ("x" * 50_000 + " @Ife", {1}, []),
    ],
)
def test_an_at_names_a_member_by_whole_name_first_name_or_address(text, named, unclear):
    assert mentioned_in(text, MEMBERS) == (named, unclear)


@pytest.fixture
def greta(kettle) -> Contact:
    with working_in(kettle):
        contact = make_contact("Greta Lindqvist", "greta@slowwater.example")
    contact.page = f"/w/kettle/contacts/{contact.pk}/"
    return contact


def test_who_is_mentioned_finds_it_on_home_and_may_read_that_note_alone(kettle, ada, greta, client):
    ana = join(kettle, make_user("ana@kettle.example", "Ana Lytic"), "analyst")
    with working_in(kettle):
        add_note(greta, "@Ana Lytic, how often does that happen?", by=ada)
        add_note(greta, "Not for Ana: a secret", by=ada)
    client.force_login(ana)

    home, page = client.get("/w/kettle/").text, client.get(greta.page).text

    assert ("how often does that happen?" in home, "You are mentioned" in home, "a secret" in home) == (
        True,
        True,
        False,
    )
    assert ("how often does that happen?" in page, "a secret" in page) == (True, False)
    assert "Greta" not in home
    with working_in(kettle):
        waiting = mentions_of(ana.pk).get()
    client.post("/w/kettle/contacts/mentions/seen/", {"mention": [waiting.pk, "x", "9" * 30]})
    assert "You are mentioned" not in client.get("/w/kettle/").text


def test_a_colleague_without_the_contacts_reads_it_on_home(kettle, ada, greta, client):
    cole = join(kettle, make_user("cole@kettle.example", "Cole"), "colleague")
    with working_in(kettle):
        add_note(greta, "@Cole: keep one 0.6 l back", by=ada)
    client.force_login(cole)

    home = client.get("/w/kettle/", follow=True).text

    assert ("keep one 0.6 l back" in home, greta.page in home) == (True, False)


def test_nobody_mentions_themselves_and_only_oneself_marks_as_seen(inside, ada, bob):
    contact = make_contact("Greta")
    note = add_note(contact, "@Ada and @Bob", by=ada)
    mine = NoteMention.objects.get(note=note)
    assert mine.user_id == bob.pk

    mark_mentions_seen([mine.pk], ada.pk)

    assert mentions_of(bob.pk).count() == 1


def test_a_changed_note_keeps_what_it_said_and_whom_it_names_now(inside, ada, bob):
    contact = make_contact("Greta")
    note = add_note(contact, "@Bob, call her", by=ada)

    edit_note(note, "Nobody calls her", by=ada, is_private=False)
    edit_note(note, "Nobody calls her", by=ada, is_private=False)
    edit_note(note, "Hijacked", by=bob)

    note.refresh_from_db()
    assert [(one["text"], one["is_private"]) for one in note.former] == [("@Bob, call her", True)]
    assert (note.text, note.is_private) == ("Nobody calls her", False)
    assert NoteMention.objects.count() == 0


def test_what_was_private_before_stays_so_to_those_who_may_not_note(kettle, ada, greta, member):
    with working_in(kettle):
        note = add_note(greta, "The private first words", by=ada)
        edit_note(note, "For everybody", by=ada, is_private=False)

    page = member("analyst").get(greta.page).text

    assert ("For everybody" in page, "The private first words" in page) == (True, False)


def test_ones_own_note_goes_with_its_files_somebody_elses_stays(inside, ada, bob):
    contact = make_contact("Greta")
    note = add_note(contact, "Mine", by=ada, files=[SimpleUploadedFile("a.txt", b"hello")])

    remove_note(contact, note.pk, by=bob)
    assert Note.objects.count() == 1
    remove_note(contact, note.pk, by=ada)

    assert (Note.objects.count(), NoteAttachment.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\boot.ini", "boot.ini"),
        ('a"; filename="b.exe', "a filename= b.exe"),
        ("x\r\nSet-Cookie: a=b.txt", "x Set-Cookie a=b.txt"),
        ("n\0ul.png", "n ul.png"),
        (".htaccess", "htaccess"),
        ("gpj.\u202eexe", "gpj.exe"),
        ("", "file"),
        (None, "file"),
        ("..", "file"),
        ("ö" * 300 + ".pdf", "ö" * 109 + ".pdf"),
    ],
)
def test_a_name_is_only_a_name(said, kept):
    assert file_name(said) == kept


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x89PNG\r\n\x1a\n...", "image/png"),
        (b"<svg onload=alert(1)>", "application/octet-stream"),
        (b"<!doctype html><script>", "application/octet-stream"),
        (b"%PDF-1.7", "application/pdf"),
        (b"RIFF....WEBPVP8", "image/webp"),
        (b"", "application/octet-stream"),
    ],
)
def test_what_a_file_is_its_first_bytes_say(data, kind):
    assert kind_of(data) == kind


def test_too_many_too_large_or_empty_files_are_refused_and_no_note_is_kept(inside, ada):
    contact = make_contact("Greta")
    huge = SimpleNamespace(name="huge.bin", size=LARGEST + 1, read=lambda: pytest.fail("read"))
    for files in ([huge], [SimpleUploadedFile("a", b"x")] * 6, [SimpleUploadedFile("empty", b"")]):
        with pytest.raises(BadFileError):
            check_files(files)
        with pytest.raises(BadFileError):
            add_note(contact, "Hi", by=ada, files=files)
    assert Note.objects.count() == 0


def upload(client, greta, *files, **said):
    return client.post(f"{greta.page}notes/", {"text": "See this", "is_private": "on", "attached": files} | said)


def test_a_file_leaves_only_as_a_download_and_only_to_who_may_read_the_note(as_ada, greta, kettle, member, as_eve):
    svg = SimpleUploadedFile("../evil.svg", b"<svg onload=alert(1)>", content_type="image/svg+xml")
    assert upload(as_ada, greta, svg).status_code == 302
    with working_in(kettle):
        file = NoteAttachment.objects.get()
    path = f"{greta.page}notes/{file.note_id}/files/{file.pk}/"

    got = as_ada.get(path)

    assert (got.content, got["Content-Type"]) == (b"<svg onload=alert(1)>", "application/octet-stream")
    assert got["Content-Disposition"] == 'attachment; filename="evil.svg"'
    assert (got["X-Content-Type-Options"], "sandbox" in got["Content-Security-Policy"]) == ("nosniff", True)
    assert "evil.svg" in as_ada.get(greta.page).text
    assert member("analyst").get(path).status_code == 404
    assert member("colleague").get(path).status_code == 403
    assert as_eve.get(path).status_code == 404
    assert as_ada.get(f"{greta.page}notes/{file.note_id + 1}/files/{file.pk}/").status_code == 404


def test_what_cannot_be_taken_keeps_its_text(as_ada, greta, kettle, bob):
    join(kettle, make_user("bobby@kettle.example", "Bob Second"), "analyst")
    for said in ({"text": "@Bob, look"}, {"text": ""}, {"text": "x" * 10_001}):
        assert upload(as_ada, greta, **said).status_code == 422
    page = upload(as_ada, greta, text="@Bob, look").text
    assert ("@bob names two members" in page, ">\n@Bob, look</textarea>" in page) == (True, True)
    assert upload(as_ada, greta, SimpleUploadedFile("a", b"x" * (LARGEST + 1))).status_code == 422
    with working_in(kettle):
        assert Note.objects.count() == 0


def test_ones_own_note_is_changed_on_the_page_somebody_elses_is_not(as_ada, greta, kettle, bob, ada):
    with working_in(kettle):
        mine, his = add_note(greta, "Mine", by=ada), add_note(greta, "His", by=bob)

    assert as_ada.post(f"{greta.page}notes/{mine.pk}/edit/", {"text": "Mine, better"}).status_code == 302
    assert as_ada.post(f"{greta.page}notes/{his.pk}/edit/", {"text": "Taken"}).status_code == 404
    assert as_ada.post(f"{greta.page}notes/{mine.pk}/edit/", {"text": ""}).status_code == 422

    assert "Mine, better" in as_ada.get(greta.page).text
    with working_in(kettle):
        assert set(notes_for(greta, 0, may_note=True).values_list("text", flat=True)) == {"Mine, better", "His"}


def test_files_are_handed_out_and_go_with_the_person(inside, ada):
    contact = make_contact("Greta")
    note = add_note(contact, "@Ada", by=ada)
    attach_files(note, [SimpleUploadedFile("a.txt", b"hello")])

    entries = [plain_json(one) for one in gather_notes([contact.pk])]

    assert any('"base64": "aGVsbG8="' in one for one in entries)
    erase_notes([contact.pk])
    assert NoteAttachment.objects.count() == 0


def test_fifty_notes_cost_what_one_costs(inside, ada, rf, kettle):
    contact = make_contact("Greta")
    request = rf.get("/")
    request.user, request.workspace, request.membership = ada, kettle, Membership.objects.get(user=ada)
    counts = []
    for many in (1, 49):
        for n in range(many):
            add_note(contact, f"@Ada {n}", by=ada, files=[SimpleUploadedFile("a", b"x")])
        with CaptureQueriesContext(connection) as captured:
            assert notes_panel(request, contact)
        counts.append(len(captured))
    assert counts[0] == counts[1]
