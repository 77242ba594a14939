"""One of us writes to one person: once, through the gate, without a list's headers, and it can be taken back."""

from datetime import timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest

from consent.asking import Ask
from consent.suppressing import suppress
from contacts.models import Contact
from delivery.engine.claiming import claim_chunk
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message, PersonalEmail, RecipientChunk
from delivery.personal.personal_emails import (
    NoSenderError,
    RefusedError,
    TooLateError,
    purpose_for,
    send_email,
    standing_of,
    take_back,
)
from delivery.personal_data import erase_emails, gather_emails
from delivery.steps.received import received
from tests.factories.contacts import make_contact
from touchpoints.facts import Fact
from touchpoints.models import Touchpoint
from touchpoints.recording import record
from touchpoints.sources import source_for

TEXT = "Dear Greta,\n\nyour {{ contact.name }} of {% 5 %} left <today>.\nhttps://kettle.example/x"


@pytest.fixture
def greta(inside) -> Contact:
    return make_contact("Greta Lindqvist", "greta@slowwater.example")


def write(contact, ada, **more) -> PersonalEmail:
    return send_email(contact, **{"subject": "Your {{ tin }}", "text": TEXT, "key": uuid4(), "by": ada} | more)


def letters(room) -> list:
    return [message_from_bytes(data, policy=policy.default) for _sender, _address, data in room.letters]


def pass_cool_down() -> None:
    RecipientChunk.objects.update(not_before=None)


def go(inside) -> None:
    pass_cool_down()
    for _ in range(2):
        send_due(inside)


def test_it_leaves_once_as_it_was_typed_without_the_headers_of_a_list(inside, ada, room, sender, greta):
    key = uuid4()
    email = write(greta, ada, key=key)
    assert write(greta, ada, key=key).pk == email.pk
    send_due(inside)
    assert room.letters == []

    go(inside)

    (letter,) = letters(room)
    assert letter["To"] == "greta@slowwater.example"
    assert letter["Subject"] == "Your {{ tin }}"
    assert [
        letter[name]
        for name in ("List-Id", "List-Unsubscribe", "List-Unsubscribe-Post", "Feedback-ID", "Auto-Submitted")
    ] == [None] * 5
    plain, html = (part.get_content() for part in letter.iter_parts())
    assert "your {{ contact.name }} of {% 5 %} left <today>." in plain
    assert 'href="https://kettle.example/x"' in html
    assert "/o/" not in html
    assert "/c/" not in html
    assert standing_of(PersonalEmail.objects.select_related("message").get()) == ("sent", "")


def test_the_timeline_says_who_wrote_what(inside, ada, room, sender, greta):
    write(greta, ada)

    go(inside)

    fact = Touchpoint.objects.get(contact=greta)
    assert (fact.actor_id, fact.payload["text"].partition("\n")[0], fact.direction) == (ada.pk, "Your {{ tin }}", 1)
    assert "\n\nDear Greta" in fact.payload["text"]
    assert "subject" not in fact.payload  # a title would show it where names are masked


def test_an_answer_names_the_email_it_answers(inside, ada, room, sender, greta):
    write(greta, ada, in_reply_to="<abc@mail.example>")

    go(inside)

    assert (letters(room)[0]["In-Reply-To"], letters(room)[0]["References"]) == ("<abc@mail.example>",) * 2


def test_a_header_cannot_be_smuggled_in(inside, ada, room, sender, greta):
    write(greta, ada, subject="a\r\nBcc: all@world.example", in_reply_to="<a@b>\r\nBcc: all@world.example")

    go(inside)

    assert room.letters == []
    assert standing_of(PersonalEmail.objects.select_related("message").get())[0] == "refused"


def test_it_can_be_taken_back_until_it_leaves(inside, ada, room, sender, greta):
    email = write(greta, ada)

    take_back(email, by=ada)
    take_back(email, by=ada)
    go(inside)

    assert room.letters == []
    assert Delivery.objects.get().state == Delivery.State.CANCELLED
    sent = write(greta, ada)
    go(inside)
    with pytest.raises(TooLateError):
        take_back(sent, by=ada)


def test_who_said_no_is_not_written_to_but_answered(inside, ada, room, sender, greta):
    suppress(greta.email)
    with pytest.raises(RefusedError) as said:
        write(greta, ada)
    assert said.value.verdict.reason == "blocked"
    assert Message.objects.count() == 0

    record([Fact("message", "m1", contact_id=greta.pk, channel=1, direction=0)], source=source_for("t", "T"))

    assert purpose_for(greta) == "answer"
    write(greta, ada)
    go(inside)
    assert len(room.letters) == 1


def test_a_no_that_comes_while_it_waits_stops_it(inside, ada, room, sender, greta):
    email = write(greta, ada)
    suppress(greta.email)

    go(inside)

    assert room.letters == []
    assert standing_of(PersonalEmail.objects.select_related("message").get(pk=email.pk)) == ("refused", "blocked")


def test_without_a_sender_nothing_is_kept(inside, ada, greta):
    with pytest.raises(NoSenderError):
        write(greta, ada)
    assert PersonalEmail.objects.count() == 0


def test_without_an_address_the_gate_says_so(inside, ada, room, sender):
    nobody = make_contact("Nobody", "")
    with pytest.raises(RefusedError):
        write(nobody, ada)
    record([Fact("message", "m1", contact_id=nobody.pk, channel=1, direction=0)], source=source_for("t", "T"))
    with pytest.raises(RefusedError):
        write(nobody, ada)


def test_it_counts_against_nobodys_emails_a_month(inside, ada, room, sender, greta):
    for _ in range(3):
        write(greta, ada)
    go(inside)

    assert received(Ask(), [greta.pk], days=30) == {}


def test_it_goes_before_a_campaign_that_was_planned_earlier(inside, ada, room, sender, greta):
    email = write(greta, ada)
    other = Message.objects.create(
        name="Big", content=email.message.content, sender=sender, state="sending", planned_count=9,
        planned_at=email.message.planned_at - timedelta(hours=1), purpose="transactional",
    )  # fmt: skip
    RecipientChunk.objects.create(message=other, number=1, contact_ids=[greta.pk])
    pass_cool_down()

    assert claim_chunk(inside).message.pk == email.message_id


def test_its_words_are_handed_out_and_go_with_the_person(inside, ada, room, sender, greta):
    write(greta, ada)
    (entry,) = gather_emails([greta.pk])
    assert (entry["message"], entry["text"]) == ("Your {{ tin }}", TEXT)

    assert erase_emails([greta.pk]) == 1

    email = PersonalEmail.objects.select_related("message__content").get()
    content = email.message.content
    assert (email.text, email.message.name, content.subject, content.body) == ("", "", "", "")
