"""An email by hand under pressure: a worker that claims in between, an Undo and a second try."""

import re
from uuid import uuid4

import pytest

from delivery.engine.claiming import claim_chunk
from delivery.engine.sending import send_due
from delivery.models import PersonalEmail, RecipientChunk
from delivery.personal import personal_emails
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.delivery.test_stopping_midway import in_another_thread
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_contact
from workspaces.current import working_in


@pytest.fixture
def mailbox(settings, tmp_path):
    settings.VAR_DIR, settings.ECRM_FETCH_LOOPBACK = tmp_path, True
    box = Mailroom()
    controller = open_mailroom(box)
    box.port = controller.real_port
    yield box
    controller.stop()


@pytest.mark.django_db(transaction=True)
def test_it_is_taken_back_only_while_no_worker_has_it(kettle, ada, mailbox, monkeypatch):
    with working_in(kettle):
        make_sender(port=mailbox.port)
        greta = make_contact("Greta", "greta@slowwater.example")
        email = personal_emails.send_email(greta, subject="a", text="b", key=uuid4(), by=ada)
        RecipientChunk.objects.update(not_before=None)
    real, leases = personal_emails.cancel, []

    def after_a_claim(message, *, by):
        def claim():
            with working_in(kettle):
                leases.append(claim_chunk(kettle))

        in_another_thread(claim).join(20)
        return real(message, by=by)

    monkeypatch.setattr(personal_emails, "cancel", after_a_claim)
    with working_in(kettle):
        personal_emails.take_back(email, by=ada)
    assert leases == [None]


def test_another_text_after_undo_is_never_said_to_go_when_it_does_not(kettle, as_ada, ada, mailbox):
    with working_in(kettle):
        make_sender(port=mailbox.port)
        greta = make_contact("Greta", "greta@slowwater.example")
    form = {"subject": "a", "text": "wrong", "key": str(uuid4())}
    path = f"/w/kettle/contacts/{greta.pk}/email/"
    as_ada.post(path, form)
    with working_in(kettle):
        email = PersonalEmail.objects.get()
    as_ada.post(f"/w/kettle/contacts/emails/{email.pk}/take-back/")

    again = as_ada.post(path, form | {"text": "right"})

    key = re.search(r'name="key" value="([^"]+)"', again.text)[1]
    assert (again.status_code, "right</textarea>" in again.text, key != form["key"]) == (422, True, True)
    assert as_ada.post(path, form | {"text": "right", "key": key}).status_code == 302
    with working_in(kettle):
        RecipientChunk.objects.update(not_before=None)
    send_due(kettle)
    assert len(mailbox.letters) == 1


def test_an_analyst_reads_no_name_in_it(kettle, member, ada, mailbox):
    with working_in(kettle):
        make_sender(port=mailbox.port)
        greta = make_contact("Greta Lindqvist", "greta@slowwater.example")
        personal_emails.send_email(greta, subject="For Lindqvist", text="Dear Lindqvist", key=uuid4(), by=ada)
        RecipientChunk.objects.update(not_before=None)
    send_due(kettle)
    page = member("analyst").get(f"/w/kettle/contacts/{greta.pk}/").text
    assert f"Contact {greta.pk}" in page
    assert "Lindqvist" not in page
