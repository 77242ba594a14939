"""Answers of who writes but does not send alone: they wait for somebody who may, and for everything that may have happened."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from contacts.models import Contact
from conversations.answers.replying import NotAllowedError
from conversations.models import AnswerDraft, Connection, Conversation, Reply, Team
from conversations.teams import keep_team
from tests.conftest import join, make_user
from tests.factories.contacts import make_contact
from tests.factories.social import make_connection, make_mention
from tests.workspaces.test_singles import while_another
from workspaces.current import working_in
from workspaces.models import AuditEntry, Notice, Role

pytestmark = pytest.mark.django_db
INBOX = "/w/kettle/inbox/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def mention(kettle):
    with working_in(kettle):
        return make_mention(connection=make_connection(callback_url="https://answers.example/hook"))


@pytest.fixture
def jonas(kettle):
    return join(kettle, make_user("jonas@kettle.example", "Jonas Brandt"), Role.EDITOR)


@pytest.fixture
def as_jonas(jonas):
    browser = Client()
    browser.force_login(jonas)
    return browser


def answer(client, mention, text="It does.", number=1, **facts):
    said = {"text": text, "key": f"00000000-0000-4000-8000-{number:012d}", "seen": 0, **facts}
    return client.post(f"{INBOX}mentions/{mention.pk}/reply/", said, headers=HTMX)


def asked(kettle) -> AnswerDraft | None:
    with working_in(kettle):
        return AnswerDraft.objects.exclude(asked_at=None).first()


def test_what_an_editor_writes_leaves_when_somebody_approves_it(as_jonas, as_ada, kettle, mention, jonas, ada):
    page = f"{INBOX}{mention.conversation_id}/"
    assert "Ask for approval" in as_jonas.get(page).text

    said = answer(as_jonas, mention)

    assert "It waits to be approved" in said.text
    with working_in(kettle):
        assert not Reply.objects.exists()
        assert Conversation.objects.get().state == Conversation.State.WAITING
        assert list(Notice.objects.filter(kind="conversations.asked").values_list("user_id", flat=True)) == [ada.pk]
    shown = as_ada.get(page).text
    assert "Jonas Brandt asks you to approve this." in shown
    assert re.search(r"<textarea[^>]*>\s*It does\.</textarea>", shown)
    assert "draft/" not in re.search(r"<textarea\s+id=\"reply-text\".*?>", shown, re.DOTALL)[0]  # it stays Jonas' draft
    assert page in as_ada.get(f"{INBOX}?only=approvals").text

    sent = answer(as_ada, mention, "It does, with the old lid.", approves=asked(kettle).pk)

    assert "on its way" in sent.headers["HX-Trigger"]
    with working_in(kettle):
        row = Reply.objects.get()
        assert (row.text, row.by_id, row.approved_by_id) == ("It does, with the old lid.", jonas.pk, ada.pk)
        assert not AnswerDraft.objects.exists()
        assert AuditEntry.objects.filter(action="answer.approved", actor_id=ada.pk).exists()
    shown = as_ada.get(page).text
    assert "Jonas Brandt, as Kettle" in shown
    assert "approved by Ada Berg" in shown
    assert page not in as_ada.get(f"{INBOX}?only=approvals&queue=done").text


def test_two_who_approve_at_once_send_one_answer(as_jonas, as_ada, kettle, mention, bob):
    answer(as_jonas, mention)
    pk = asked(kettle).pk
    colleague = Client()
    colleague.force_login(bob)

    answer(as_ada, mention, number=2, approves=pk)
    late = answer(colleague, mention, number=3, approves=pk)

    assert late.status_code == 422
    assert "Nothing was sent" in late.text
    answer(as_ada, mention, number=2, approves=pk)  # a second press
    with working_in(kettle):
        assert Reply.objects.count() == 1


def test_what_was_answered_meanwhile_is_shown_before_it_is_approved(as_jonas, as_ada, kettle, mention, bob):
    answer(as_jonas, mention)
    colleague = Client()
    colleague.force_login(bob)
    answer(colleague, mention, "Bob was here.", number=2)

    held = answer(as_ada, mention, number=3, approves=asked(kettle).pk)

    assert held.status_code == 422
    assert "Bob was here." in held.text
    assert asked(kettle) is not None  # it goes on asking
    answer(as_ada, mention, number=3, approves=asked(kettle).pk, even_so="on", seen=newest_answer(kettle))
    with working_in(kettle):
        assert Reply.objects.count() == 2


def newest_answer(kettle) -> int:
    with working_in(kettle):
        return Reply.objects.order_by("-pk").values_list("pk", flat=True)[0]


def test_it_goes_back_to_its_writer_who_is_told_and_asks_again(as_jonas, as_ada, kettle, mention, jonas):
    answer(as_jonas, mention)
    pk = asked(kettle).pk

    back = as_ada.post(f"{INBOX}drafts/{pk}/back/", headers=HTMX)

    assert "its writer" in back.text or "its writer" in back.headers["HX-Trigger"]
    assert asked(kettle) is None
    with working_in(kettle):
        assert Notice.objects.get(kind="conversations.returned").user_id == jonas.pk
    assert "It does." in as_jonas.get(f"{INBOX}{mention.conversation_id}/").text
    assert as_ada.post(f"{INBOX}drafts/{pk}/back/", headers=HTMX).status_code == 409
    answer(as_jonas, mention, "It does, mostly.", number=5)
    assert asked(kettle).text == "It does, mostly."


def test_what_is_written_on_asks_no_longer(as_jonas, as_ada, kettle, mention):
    answer(as_jonas, mention)
    where, pk = f"{INBOX}{mention.conversation_id}/draft/", asked(kettle).pk
    as_jonas.post(where, {"text": "It does."})
    assert asked(kettle) is not None  # nothing changed

    as_jonas.post(where, {"text": "It does no"})

    assert asked(kettle) is None
    assert answer(as_ada, mention, number=2, approves=pk).status_code == 422


def test_who_needs_approval_cannot_give_it(as_jonas, kettle, mention):
    answer(as_jonas, mention)
    pk = asked(kettle).pk

    answer(as_jonas, mention, number=2, approves=pk)

    assert as_jonas.post(f"{INBOX}drafts/{pk}/back/", headers=HTMX).status_code == 403
    with working_in(kettle):
        assert not Reply.objects.exists()


def test_the_composer_of_a_person_asks_as_well(as_jonas, kettle, mention):
    with working_in(kettle):
        greta: Contact = make_contact("Greta")
        mention.author.contact = greta
        mention.author.save()
    said = {"text": "It does.", "key": "00000000-0000-4000-8000-000000000009", "seen": 0, "mention": mention.pk}

    page = as_jonas.post(f"{INBOX}of/{greta.pk}/answer/", said, follow=True)

    assert "It waits to be approved" in page.text
    assert asked(kettle).text == "It does."
    with working_in(kettle):
        assert not Reply.objects.exists()


def test_a_number_that_is_no_draft_says_so(as_ada, kettle, mention):
    for wrong in ("99999999", "abc", "-1", str(2**70)):
        assert answer(as_ada, mention, approves=wrong).status_code == 422
    with working_in(kettle):
        assert not Reply.objects.exists()


def test_who_needs_approval_sends_no_email_of_their_own(as_jonas, kettle):
    with working_in(kettle):
        greta = make_contact("Greta", "greta@slowwater.example")
    page = f"/w/kettle/contacts/{greta.pk}/"

    said = {"subject": "Tea", "text": "Hello", "key": "00000000-0000-4000-8000-000000000010"}

    assert as_jonas.post(f"{page}email/", said).status_code == 403
    assert 'name="subject"' not in as_jonas.get(f"{page}?compose=email").text


def test_those_of_the_team_who_may_approve_are_told_else_everybody_who_may(as_jonas, kettle, mention, jonas, bob, ada):
    with working_in(kettle):
        connections = list(Connection.objects.all())
        keep_team(Team(), by=ada, name="Desk", members={jonas.pk: 0, bob.pk: 0}, connections=connections)

    answer(as_jonas, mention)

    with working_in(kettle):
        assert [one.user_id for one in Notice.objects.filter(kind="conversations.asked")] == [bob.pk]


def test_what_the_gate_refuses_is_not_asked_for(as_jonas, kettle, mention, monkeypatch):
    def refuses(_mention):
        raise NotAllowedError("They do not want to hear from us.")

    monkeypatch.setattr("conversations.answers.approving.ask_gate", refuses)

    said = answer(as_jonas, mention)

    assert (said.status_code, asked(kettle)) == (422, None)
    assert "They do not want to hear from us." in said.text


def test_a_form_that_is_sent_again_after_its_answer_was_approved_makes_nothing(as_jonas, as_ada, kettle, mention):
    answer(as_jonas, mention)
    assert "It waits to be approved" in answer(as_jonas, mention).headers["HX-Trigger"]  # a double click
    answer(as_ada, mention, "It does, with the old lid.", number=2, approves=asked(kettle).pk)

    again = answer(as_jonas, mention)

    assert again.status_code == 200
    assert "Ada Berg approved this answer meanwhile. Nothing was asked for again." in again.headers["HX-Trigger"]
    with working_in(kettle):
        assert not AnswerDraft.objects.exists()
        assert Reply.objects.get().text == "It does, with the old lid."
        assert Notice.objects.filter(kind="conversations.asked").count() == 1
    assert "It does.</textarea>" not in again.text


def test_a_slow_first_form_is_known_when_the_answer_was_asked_for_anew_since(as_jonas, as_ada, kettle, mention):
    answer(as_jonas, mention)
    as_ada.post(f"{INBOX}drafts/{asked(kettle).pk}/back/", headers=HTMX)
    answer(as_jonas, mention, "It does, indeed.", number=2)
    answer(as_ada, mention, number=3, approves=asked(kettle).pk)

    assert "approved this answer meanwhile" in answer(as_jonas, mention).headers["HX-Trigger"]
    assert "approved this answer meanwhile" in answer(as_jonas, mention, number=2).headers["HX-Trigger"]
    with working_in(kettle):
        assert not AnswerDraft.objects.exists()


def test_a_form_that_was_pressed_while_the_answer_asked_already_is_known_as_well(as_jonas, as_ada, kettle, mention):
    answer(as_jonas, mention)
    answer(as_jonas, mention, number=2)
    answer(as_ada, mention, number=3, approves=asked(kettle).pk)

    assert "approved this answer meanwhile" in answer(as_jonas, mention, number=2).headers["HX-Trigger"]
    assert asked(kettle) is None


def test_after_an_approval_another_form_asks_for_another_answer(as_jonas, as_ada, kettle, mention):
    answer(as_jonas, mention)
    answer(as_ada, mention, number=2, approves=asked(kettle).pk)

    said = answer(as_jonas, mention, "One more thing.", number=3, even_so="on")

    assert "It waits to be approved" in said.headers["HX-Trigger"]
    assert asked(kettle).text == "One more thing."


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("files", [[], ["lid.png"]])
def test_who_asks_while_somebody_approves_it_waits_and_makes_nothing(as_jonas, as_ada, kettle, mention, files):
    answer(as_jonas, mention)
    draft = asked(kettle)
    brought = {"attached": [SimpleUploadedFile(name, b"x") for name in files]} if files else {}

    def approve_it():
        return answer(as_ada, mention, number=2, approves=draft.pk).status_code

    def ask_again():
        return answer(as_jonas, mention, **brought).headers["HX-Trigger"]

    said = while_another(kettle, approve_it, ask_again)

    assert said[0] == 200
    assert "approved this answer meanwhile" in said[1]
    with working_in(kettle):
        assert not AnswerDraft.objects.exists()


def test_the_page_of_the_person_says_so_too(as_jonas, as_ada, kettle, mention):
    with working_in(kettle):
        person = make_contact("Tom Green")
        mention.author.contact = person
        mention.author.save()
    where = f"{INBOX}of/{person.pk}/answer/"
    said = {"text": "It does.", "key": "00000000-0000-4000-8000-000000000001", "seen": 0, "mention": mention.pk}
    assert "It waits to be approved" in as_jonas.post(where, said, follow=True).text
    answer(as_ada, mention, number=2, approves=asked(kettle).pk)

    assert "Ada Berg approved this answer meanwhile" in as_jonas.post(where, said, follow=True).text
    with working_in(kettle):
        assert not AnswerDraft.objects.exists()
