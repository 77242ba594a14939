"""Drafts of the composer: kept for whoever types, with files, until they are sent, thrown away, or the person is erased."""

from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.attaching import BadFileError
from contacts.drafting import discard_draft, draft_of, files_of, keep_draft
from contacts.merging import link_contacts
from contacts.models import ComposerDraft, Contact, DraftFile
from delivery.content.compiling import Written
from delivery.content.mime import CommonHeaders, Envelope, build
from delivery.models import EmailAttachment, PersonalEmail
from delivery.personal.personal_words import attached_to
from lib.clock import now
from privacy.erasing import erase_person
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from workspaces.current import working_in

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40


@pytest.fixture
def greta(kettle):
    with working_in(kettle):
        contact = make_contact("Greta", "greta@tea.example")
        make_sender()
    contact.page = f"/w/kettle/contacts/{contact.pk}/"
    return contact


def file(name="tin.png", data=PNG):
    return SimpleUploadedFile(name, data, content_type="text/html")


def keep(client, greta, way="email", **form):
    return client.post(f"{greta.page}drafts/{way}/", form)


def test_what_was_typed_survives_a_reload_and_is_ones_own(as_ada, member, greta, kettle, ada):
    sent = keep(as_ada, greta, subject="Your tin", text="Dear Greta", key=uuid4(), attached=[file()])
    assert sent.status_code == 302

    page = as_ada.get(f"{greta.page}?compose=email").text
    assert 'value="Your tin"' in page
    assert ("Dear Greta</textarea>" in page, "tin.png" in page) == (True, True)
    assert "(draft)" in as_ada.get(greta.page).text
    other = member("community").get(f"{greta.page}?compose=email").text
    assert ("Your tin" in other, "tin.png" in other, "(draft)" in other) == (False, False, False)
    with working_in(kettle):
        row = DraftFile.objects.get()
        assert (row.content_type, row.size, row.draft.user_id) == ("image/png", len(PNG), ada.pk)
        assert "key" not in ComposerDraft.objects.get().said


def test_typing_keeps_it_in_the_background_and_emptying_it_leaves_no_draft(as_ada, greta, kettle):
    def typed(text):
        path = f"{greta.page}drafts/answer/"
        return as_ada.post(path, {"text": text}, headers={"HX-Request": "true"}).status_code

    assert [typed("It d"), typed("It does.")] == [204, 204]
    with working_in(kettle):
        assert ComposerDraft.objects.get().said == {"text": "It does."}
    assert typed("  ") == 204
    with working_in(kettle):
        assert not ComposerDraft.objects.exists()


def test_a_file_is_added_and_taken_out_and_the_words_stay(as_ada, greta, kettle):
    htmx = {"HX-Request": "true", "HX-Target": "composer"}
    form = {"text": "Dear", "attached": [file(), file("two.pdf", b"%PDF-1.7 x")]}
    page = as_ada.post(f"{greta.page}drafts/email/", form, headers=htmx)
    assert ("tin.png" in page.text, "two.pdf" in page.text, "Dear</textarea>" in page.text) == (True, True, True)
    with working_in(kettle):
        first = DraftFile.objects.order_by("pk").first()
    page = as_ada.post(f"{greta.page}drafts/email/", {"text": "Dear", "draft": first.pk}, headers=htmx)
    assert ("tin.png" in page.text, "two.pdf" in page.text) == (False, True)
    page = as_ada.post(
        f"{greta.page}drafts/email/", {"text": "More", "attached": [file("empty.txt", b"")]}, headers=htmx
    )
    assert (page.status_code, "is empty" in page.text, "More</textarea>" in page.text) == (422, True, True)
    as_ada.post(f"{greta.page}drafts/email/", {"draft": "discard"})
    with working_in(kettle):
        assert not DraftFile.objects.exists()


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([(f"{n}.txt", b"x") for n in range(6)], "At most 5"),
        ([("big.bin", b"x" * 5_000_001)], "larger than 5 MB"),
        ([(f"{n}.bin", b"x" * 4_000_000) for n in range(3)], "larger than 10 MB"),
    ],
)
def test_files_beyond_the_limits_are_not_kept(inside, ada, files, why):
    contact = make_contact("Ann")

    with pytest.raises(BadFileError, match=why):
        keep_draft(contact, ada.pk, "email", {"text": "x"}, files=[file(*one) for one in files])

    assert not DraftFile.objects.exists()


def test_an_email_takes_its_files_along_and_leaves_no_draft(as_ada, greta, kettle):
    keep(as_ada, greta, subject="Tin", text="Dear", attached=[file()])
    form = {
        "subject": "Tin",
        "text": "Dear Greta",
        "key": uuid4(),
        "attached": [file("Preis für Öl.pdf", b"%PDF-1.7 x")],
    }

    answer = as_ada.post(f"/w/kettle/contacts/{greta.pk}/email/", form)

    assert answer.status_code == 302
    with working_in(kettle):
        email = PersonalEmail.objects.select_related("message").get()
        assert [one.name for one in attached_to(email.message)] == ["tin.png", "Preis für Öl.pdf"]
        assert not ComposerDraft.objects.exists()
        files = attached_to(email.message)
    head = CommonHeaders.of(
        from_name="K", from_email="k@k.example", reply_to="", list_id="", list_name="", feedback_id=""
    )
    envelope = Envelope("k@k.example", "greta@tea.example", "<1@k.example>", "")
    raw = build(head, envelope, Written("Tin", "<p>Dear</p>", "Dear\r\n"), at=now(), files=files)
    read = message_from_bytes(raw, policy=policy.default)
    assert [(one.get_filename(), one.get_content_type(), one.get_content()) for one in read.iter_attachments()] == [
        ("tin.png", "image/png", PNG),
        ("Preis für Öl.pdf", "application/pdf", b"%PDF-1.7 x"),
    ]
    assert read.get_body(("plain",)).get_content().strip() == "Dear"
    assert b"\r\r" not in raw
    assert not [line for line in raw.split(b"\r\n") if len(line) > 998 or b"\n" in line]


def test_what_cannot_go_keeps_its_files(as_ada, greta, kettle):
    form = {"subject": "", "text": "Dear", "key": uuid4(), "attached": [file()]}

    page = as_ada.post(f"/w/kettle/contacts/{greta.pk}/email/", form)

    assert (page.status_code, "tin.png" in page.text) == (422, True)
    with working_in(kettle):
        assert not EmailAttachment.objects.exists()


def test_an_answer_and_a_call_leave_no_draft(as_ada, greta, kettle):
    with working_in(kettle):
        mention = make_mention("Does it fit?", name="Greta", handle="greta@tea.example")
        mention.author.contact = Contact.objects.get(pk=greta.pk)
        mention.author.save()
    keep(as_ada, greta, "answer", text="It d")
    keep(as_ada, greta, "call", note="Laughed")
    assert "It d</textarea>" in as_ada.get(f"{greta.page}?compose=answer").text
    assert "Laughed</textarea>" in as_ada.get(f"{greta.page}?compose=call").text
    of = f"/w/kettle/inbox/of/{greta.pk}/"

    as_ada.post(f"{of}answer/", {"text": "It does.", "key": uuid4(), "seen": 0, "mention": mention.pk})
    as_ada.post(f"{of}call/", {"who": "us", "result": "talked", "ended_at": "2026-03-01T10:00", "token": "abc"})

    with working_in(kettle):
        assert not ComposerDraft.objects.exists()


@pytest.mark.parametrize("way", ["email", "call"])
def test_what_is_still_on_its_way_when_it_is_sent_is_no_draft(as_ada, greta, kettle, way):
    form, path = {
        "email": (
            {"subject": "Tin", "text": "Dear Greta", "key": str(uuid4())},
            f"/w/kettle/contacts/{greta.pk}/email/",
        ),
        "call": (
            {"who": "us", "result": "talked", "ended_at": "2026-03-01T10:00", "note": "Hm", "token": uuid4().hex},
            f"/w/kettle/inbox/of/{greta.pk}/call/",
        ),
    }[way]
    assert as_ada.post(path, form).status_code == 302

    late = as_ada.post(f"{greta.page}drafts/{way}/", form, headers={"HX-Request": "true"})

    assert late.status_code == 204
    with working_in(kettle):
        assert not ComposerDraft.objects.exists()
    keep(as_ada, greta, way, **form)  # by its button, after going back
    with working_in(kettle):
        assert ComposerDraft.objects.exists()


def test_a_draft_of_a_file_alone_ends_with_the_file(as_ada, greta, kettle):
    keep(as_ada, greta, attached=[file()])
    with working_in(kettle):
        number = DraftFile.objects.get().pk

    keep(as_ada, greta, draft=number)

    assert "(draft)" not in as_ada.get(greta.page).text
    with working_in(kettle):
        assert not ComposerDraft.objects.exists()


def test_a_draft_to_somebody_who_was_merged_is_found_and_is_erased_with_them(kettle, ada):
    with working_in(kettle):
        ann, twin = make_contact("Ann"), make_contact("Ann")
        keep_draft(twin, ada.pk, "email", {"text": "Dear"}, files=[file()])
        link_contacts(twin.pk, ann.pk)
        assert draft_of(ann, ada.pk, "email").said == {"text": "Dear"}
        keep_draft(ann, ada.pk, "email", {"text": "Dear Ann"})
        assert ComposerDraft.objects.count() == 1
        assert [one.name for one in files_of(draft_of(ann, ada.pk, "email"))] == ["tin.png"]
        discard_draft(ann, ada.pk, "email")
        keep_draft(ann, ada.pk, "email", {"text": "Again"}, files=[file()])
    with working_in(kettle):
        erase_person(ann.pk, by=ada)
        assert not DraftFile.objects.exists()


def test_who_may_not_write_keeps_no_draft(as_eve, member, greta):
    assert keep(as_eve, greta, text="x").status_code == 404
    assert keep(member("analyst"), greta, text="x").status_code == 403
    assert keep(member("community"), greta, "pigeon", text="x").status_code == 404


def test_a_draft_kept_twice_by_one_form_has_its_file_once(as_ada, greta, kettle):
    for _turn in range(2):
        keep(as_ada, greta, subject="Your tin", text="Dear Greta", key=uuid4(), attached=[file()])
    with working_in(kettle):
        assert DraftFile.objects.count() == 1
