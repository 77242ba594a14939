"""Files on answers by email: beside the draft, in the email as it left, named in the thread; what is not taken says why."""

import base64
import io
import re
from datetime import timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from conversations.answers.handing_over import send_due as send_replies
from conversations.models import AnswerDraft, AnswerDraftFile, Mention, Reply, ReplyFile
from delivery.engine.sending import send_due
from delivery.models import EmailAttachment, RecipientChunk, Sender
from lib.clock import now
from tests.conftest import join, make_user
from tests.delivery.conftest import own_var, room, sender
from tests.factories.contacts import make_contact
from tests.machines import machine_of
from tests.social.mailbox import box, email
from tests.social.test_picture_answers import picture
from workspaces.current import working_in
from workspaces.models import Role

__all__ = ["box", "own_var", "room", "sender"]
HTMX = {"HX-Request": "true", "HX-Target": "reply-files"}
PDF = b"%PDF-1.7\n" + b"x" * 300


@pytest.fixture
def mention(box, kettle, sender):
    with working_in(kettle):
        make_contact("Tom", "tom@tea.example")
    box.look()
    box.messages += [email(Message_ID="<a@tea.example>")]
    box.look()
    with working_in(kettle):
        return Mention.objects.get()


@pytest.fixture
def as_jonas(kettle):
    browser = Client()
    browser.force_login(join(kettle, make_user("jonas@kettle.example", "Jonas Brandt"), Role.EDITOR))
    return browser


def file(name="Tin für Tom.pdf", data=PDF):
    return SimpleUploadedFile(name, data, content_type="text/html")


def add(client, mention, *files, **said):
    return client.post(f"/w/kettle/inbox/mentions/{mention.pk}/files/", said | {"attached": files}, headers=HTMX)


def beside(kettle):
    with working_in(kettle):
        return list(AnswerDraftFile.objects.order_by("pk").values_list("pk", flat=True))


def send(client, kettle, mention, **said):
    given = {"text": "Like this.", "key": uuid4(), "seen": "0", "beside": beside(kettle)} | said
    return client.post(f"/w/kettle/inbox/mentions/{mention.pk}/reply/", given, headers={"HX-Request": "true"})


def leave(kettle):
    for _turn in range(3):
        with working_in(kettle):
            Reply.objects.filter(state="waiting").update(due_at=now() - timedelta(seconds=1))
            RecipientChunk.objects.update(not_before=None)
        send_replies(kettle)
        send_due(kettle)


def attachments(data):
    found = message_from_bytes(data, policy=policy.default).iter_attachments()
    return [(one.get_filename(), one.get_content_type(), one.get_content()) for one in found]


def test_files_go_in_their_order_under_clean_names_and_the_thread_names_them(as_ada, kettle, mention, room):
    page = as_ada.get(f"/w/kettle/inbox/{mention.conversation_id}/").text
    assert "Up to five, 5 MB each, 10 MB together." in page
    photo = picture()
    shown = add(as_ada, mention, file("../../Tin?für|Tom.pdf"), file("lid.jpg", photo), text="Like this.")
    assert (shown.text.count('class="drafted-file"'), 'name="alt-' in shown.text) == (2, False)

    send(as_ada, kettle, mention)
    leave(kettle)

    ((_from, to, data),) = room.letters
    assert to == "tom@tea.example"
    assert b"In-Reply-To: <a@tea.example>" in data
    assert attachments(data) == [("Tin für Tom.pdf", "application/pdf", PDF), ("lid.jpg", "image/jpeg", photo)]
    page = as_ada.get(f"/w/kettle/inbox/{mention.conversation_id}/").text
    assert re.findall(r"Tin für Tom\.pdf|lid\.jpg", page) == ["Tin für Tom.pdf", "lid.jpg"]
    small = as_ada.get(re.search(r'src="([^"]+/replies/files/\d+/small/)"', page)[1])
    assert (small["Content-Type"], small["Content-Disposition"]) == ("image/jpeg", "inline")
    with Image.open(io.BytesIO(small.content)) as read:  # the bytes of the file have gone with the email, this has not
        assert max(read.size) <= 320
    with working_in(kettle):
        assert not AnswerDraft.objects.exists()
        assert {bytes(one.data) for one in ReplyFile.objects.all()} == {b""}  # the email holds them


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ([("big.pdf", b"%PDF-" + b"x" * 5_000_000)], "is larger than 5 MB"),
        ([("empty.pdf", b"")], "is empty"),
        ([("setup.PDF.exe", b"MZ")], "is a program"),
        ([(f"{n}.txt", b"x") for n in range(6)], "At most 5 files"),
        ([(f"{n}.bin", b"x" * 4_000_000) for n in range(3)], "larger than 10 MB"),
    ],
)
def test_what_is_not_taken_says_why_and_the_words_stay(as_ada, kettle, mention, room, files, why):
    made = [file(*one) for one in files]

    told = add(as_ada, mention, *made, text="Like this.")
    for one in made:
        one.seek(0)
    held = send(as_ada, kettle, mention, attached=made)

    assert (told.status_code, why in told.text) == (422, True)
    assert (held.status_code, why in held.text, ">Like this.</textarea>" in held.text) == (422, True, True)
    with working_in(kettle):
        assert not Reply.objects.exists()
        assert (AnswerDraft.objects.get().text, AnswerDraftFile.objects.count()) == ("Like this.", 0)


def test_together_they_have_ten_megabytes_however_they_were_added(as_ada, kettle, mention):
    for number in range(2):
        assert add(as_ada, mention, file(f"{number}.bin", b"x" * 4_500_000)).status_code == 200
    told = add(as_ada, mention, file("2.bin", b"x" * 1_500_000))
    assert (told.status_code, "larger than 10 MB" in told.text, len(beside(kettle))) == (422, True, 2)


def test_one_form_with_its_files_that_is_sent_twice_is_one_email(as_ada, kettle, mention, room):
    said = {"key": uuid4(), "beside": []}
    for _press in range(2):
        assert send(as_ada, kettle, mention, attached=[file()], **said).status_code == 200
    leave(kettle)

    ((_from, _to, data),) = room.letters
    assert [name for name, _kind, _data in attachments(data)] == ["Tin für Tom.pdf"]
    assert beside(kettle) == []


def test_a_sender_that_takes_none_is_told_before_anything_leaves(as_ada, kettle, mention, room):
    add(as_ada, mention, file())
    with working_in(kettle):
        Sender.objects.update(kind="webhook", settings={"url": "https://x.example", "channel": "email"})
    page = as_ada.get(f"/w/kettle/inbox/{mention.conversation_id}/").text
    assert ("Tin für Tom.pdf" in page, 'type="file"' in page) == (True, False)

    held = send(as_ada, kettle, mention)

    assert (held.status_code, "takes no files: nothing was sent" in held.text) == (422, True)
    assert (len(beside(kettle)), room.letters) == (1, [])


class Killed(BaseException):
    pass


def test_a_worker_that_dies_on_the_way_leaves_one_email_with_each_file_once(as_ada, kettle, mention, room, monkeypatch):
    """Once while the answer is handed over, once with the email on the wire."""
    add(as_ada, mention, file(), file("lid.jpg", picture()))
    send(as_ada, kettle, mention)
    with working_in(kettle):
        Reply.objects.update(due_at=now() - timedelta(seconds=1))
    with monkeypatch.context() as patched:
        patched.setattr("social.networks.mail.wait_for", kill)
        with pytest.raises(Killed):
            send_replies(kettle)
    with working_in(kettle):
        assert (Reply.objects.get().state, EmailAttachment.objects.count()) == ("sending", 2)
        Reply.objects.update(leased_until=now() - timedelta(seconds=1))
    leave(kettle)

    ((_from, _to, data),) = room.letters
    assert [name for name, _kind, _data in attachments(data)] == ["Tin für Tom.pdf", "lid.jpg"]
    with working_in(kettle):
        assert (Reply.objects.get().state, EmailAttachment.objects.count()) == ("sent", 2)


def kill(*_args):
    raise Killed


def test_who_approves_reads_the_files_before_they_leave(as_jonas, as_ada, kettle, mention, room):
    add(as_jonas, mention, file(), text="Like this.")
    send(as_jonas, kettle, mention)
    [pk] = beside(kettle)
    page = as_ada.get(f"/w/kettle/inbox/{mention.conversation_id}/").text
    read = as_ada.get(f"/w/kettle/inbox/drafts/files/{pk}/")
    assert "Tin für Tom.pdf" in page
    assert (read.content, "attachment" in read.headers["Content-Disposition"]) == (PDF, True)
    [draft] = re.findall(r'name="approves" value="(\d+)"', page)

    send(as_ada, kettle, mention, approves=draft, **{"with": [pk]})
    leave(kettle)

    ((_from, _to, data),) = room.letters
    assert attachments(data) == [("Tin für Tom.pdf", "application/pdf", PDF)]


def test_an_answer_from_the_persons_page_asks_with_its_files(as_jonas, as_ada, kettle, mention, room):
    with working_in(kettle):
        tom = Mention.objects.get().author.contact_id
    form = {"text": "Like this.", "key": uuid4(), "seen": 0, "mention": mention.pk, "attached": [file()]}

    asked = as_jonas.post(f"/w/kettle/inbox/of/{tom}/answer/", form)

    assert asked.status_code == 302
    with working_in(kettle):
        draft = AnswerDraft.objects.exclude(asked_at=None).get()
    send(as_ada, kettle, mention, approves=draft.pk, **{"with": beside(kettle)})
    leave(kettle)
    ((_from, _to, data),) = room.letters
    assert attachments(data) == [("Tin für Tom.pdf", "application/pdf", PDF)]


def test_the_api_sends_files_by_email_and_tells_what_it_does_not_take(kettle, mention, room):
    machine, where = machine_of(kettle), f"/conversations/{mention.conversation_id}/replies"

    def told(name, data, **more):
        content = base64.b64encode(data).decode() if isinstance(data, bytes) else data
        return machine.post(where, {"text": "Like this.", "files": [{"name": name, "data": content}]} | more)

    assert told("a.pdf", "no base64!").status_code == 422
    assert told("setup.exe", PDF).status_code == 422
    assert told("a.pdf", PDF, pictures=[{"data": base64.b64encode(picture()).decode(), "alt": "A"}]).status_code == 422
    assert told("../a.pdf", PDF).status_code == 201
    leave(kettle)

    ((_from, _to, data),) = room.letters
    assert attachments(data) == [("a.pdf", "application/pdf", PDF)]
    ours = machine.get(f"/conversations/{mention.conversation_id}").json()["messages"][-1]
    assert [(one["name"], one["size"], one["alt"]) for one in ours["attached"]] == [("a.pdf", len(PDF), "")]
