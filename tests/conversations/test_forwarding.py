"""Forwarding a message by email: it leaves once, answers nobody, and what comes back is a note for the team."""

import threading
from datetime import timedelta
from email import message_from_bytes, policy
from uuid import uuid4

import pytest
from django.db import connections

from consent.suppressing import suppress
from conversations.answers.replying import GoneError
from conversations.forwards.addresses import CannotForwardError
from conversations.forwards.forwarding import forward, take_back, try_again
from conversations.forwards.handing_over import send_due
from conversations.forwards.hearing import is_forward, take_answer, take_bounce
from conversations.forwards.personal_data import forget_forwards, gather_forwards
from conversations.models import Connection, Conversation, Forward, ForwardAnswer, Mention, PublicAuthor, TeamNote
from conversations.personal_data import gather_conversations
from delivery.messengers.protocol import MessageInFlightError, ServerDownError
from delivery.messengers.smtp import SmtpMessenger
from lib.clock import now
from privacy.erasing import erase_person
from tests.delivery.conftest import own_var, room, sender
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import Notice

__all__ = ["own_var", "room", "sender"]
INBOX = "/w/kettle/inbox/"
LEGAL = "legal@tea.example"


@pytest.fixture
def mention(kettle):
    with working_in(kettle):
        return make_mention("Your lid burnt me.", name="Tom Green", handle="tom@green.example", title="A hot lid")


def forwarded(kettle, mention, ada, **facts):
    with working_in(kettle):
        return forward(mention, facts.pop("to", LEGAL), "Please look.", by=ada, **facts)


def row_of(kettle):
    with working_in(kettle):
        return Forward.objects.get()


def test_it_leaves_once_with_the_note_who_sent_it_and_who_wrote_it(kettle, mention, ada, room, sender):
    key = uuid4()
    for _turn in range(2):
        forwarded(kettle, mention, ada, key=key)
        send_due(kettle)

    ((_from, to, data),) = room.letters
    read = message_from_bytes(data, policy=policy.default)
    text = read.get_body(("plain",)).get_content()
    assert (to, row_of(kettle).state) == (LEGAL, "sent")
    assert read["Message-ID"].startswith(f"<forward.{key.hex}@")
    assert read["Subject"] == "Fwd: A hot lid"
    assert (read["List-Id"], read["References"]) == (None, None)
    places = [text.index(one) for one in ("Please look.", str(ada), "Tom Green (tom@green.example)", "Your lid burnt")]
    assert places == sorted(places)
    assert ada.email not in text


def test_it_is_no_answer(kettle, mention, ada, room, sender):
    with working_in(kettle):
        facts = ("state", "waiting_since", "due_at", "assignee_id", "reopened_at", "priority")
        before = Conversation.objects.values(*facts).get()
    forwarded(kettle, mention, ada)
    send_due(kettle)

    with working_in(kettle):
        assert Conversation.objects.values(*facts).get() == before
        assert Mention.objects.get().answered_at is None


@pytest.mark.parametrize("to", ["", "legal", "a@b@c", "legal@tea.example\nBcc: x@y.example", "x" * 300 + "@a.example"])
def test_what_is_no_address_is_refused(kettle, mention, ada, sender, to):
    with pytest.raises(CannotForwardError, match="Nothing was sent"):
        forwarded(kettle, mention, ada, to=to)


def test_our_own_mailbox_the_author_and_who_wants_nothing_are_refused(kettle, mention, ada, sender):
    with working_in(kettle):
        Connection.objects.create(network="mail", name="Post", settings={"address": "hello@kettle.example"})
        ours = sender.settings["from_email"]
        suppress("never@tea.example")
    name, _at, domain = ours.partition("@")
    reasons = {
        "Hello@kettle.example": "mailbox of ours",
        ours: "mailbox of ours",
        f"{name}+legal@{domain}": "mailbox of ours",
        "tom@green.example": "wrote it themselves",
        "never@tea.example": "Do not contact",
    }
    for to, why in reasons.items():
        with pytest.raises(CannotForwardError, match=why):
            forwarded(kettle, mention, ada, to=to)
    with working_in(kettle):
        assert not Forward.objects.exists()


def test_without_a_sender_the_page_says_so_and_nothing_is_kept(kettle, mention, as_ada, ada):
    page = as_ada.get(f"{INBOX}mentions/{mention.pk}/forward/").text
    assert ("There is no sender of emails yet" in page, 'name="address"' in page) == (True, False)
    with pytest.raises(CannotForwardError, match="no sender"):
        forwarded(kettle, mention, ada)


def test_who_is_suppressed_meanwhile_gets_nothing(kettle, mention, ada, room, sender):
    forwarded(kettle, mention, ada)
    with working_in(kettle):
        suppress(LEGAL)
    send_due(kettle)

    assert (room.letters, row_of(kettle).state) == ([], "failed")
    assert "Do not contact" in row_of(kettle).last_error


def test_what_was_deleted_is_not_forwarded(kettle, mention, ada, room, sender):
    forwarded(kettle, mention, ada)
    with working_in(kettle):
        Mention.objects.update(deleted_at=now(), text="")
    send_due(kettle)

    assert (room.letters, row_of(kettle).state) == ([], "failed")
    with pytest.raises(GoneError):
        forwarded(kettle, mention, ada)
    with working_in(kettle), pytest.raises(GoneError):
        try_again(Forward.objects.get(), by=ada)


def test_it_can_be_taken_back_until_it_leaves(kettle, mention, ada, room, sender):
    first = forwarded(kettle, mention, ada, wait=timedelta(seconds=10))
    send_due(kettle)
    assert room.letters == []
    with working_in(kettle):
        assert take_back(first, by=ada)
    second = forwarded(kettle, mention, ada)
    send_due(kettle)

    with working_in(kettle):
        assert not take_back(second, by=ada)
    assert len(room.letters) == 1


def test_a_server_that_is_away_is_asked_again(kettle, mention, ada, room, sender, monkeypatch):
    def away(self, workspace, email):
        raise ServerDownError("It is away.")

    forwarded(kettle, mention, ada)
    with monkeypatch.context() as patched:
        patched.setattr(SmtpMessenger, "send_direct", away)
        assert send_due(kettle) > now()
    assert (row_of(kettle).state, row_of(kettle).last_error) == ("waiting", "It is away.")
    with working_in(kettle):
        Forward.objects.update(due_at=now())
    send_due(kettle)

    assert (row_of(kettle).state, len(room.letters)) == ("sent", 1)


def test_of_what_perhaps_left_nobody_sends_another_by_themselves(kettle, mention, ada, room, sender, monkeypatch):
    def breaks_off(self, workspace, email):
        raise MessageInFlightError("It broke off.")

    row = forwarded(kettle, mention, ada)
    with monkeypatch.context() as patched:
        patched.setattr(SmtpMessenger, "send_direct", breaks_off)
        send_due(kettle)
    send_due(kettle)
    assert (row_of(kettle).state, room.letters) == ("unclear", [])

    with working_in(kettle):
        try_again(row, by=ada)
    send_due(kettle)
    assert (row_of(kettle).state, len(room.letters)) == ("sent", 1)
    assert f"<forward.{row.key.hex}@".encode() in room.letters[0][2]


def test_what_a_dead_worker_held_is_unclear_and_not_sent_again(kettle, mention, ada, room, sender):
    forwarded(kettle, mention, ada)
    with working_in(kettle):
        Forward.objects.update(state="sending", attempts=1, leased_until=now() - timedelta(seconds=1))
    send_due(kettle)

    assert (row_of(kettle).state, room.letters) == ("unclear", [])


class KilledError(BaseException):
    """A worker that is killed catches nothing."""


@pytest.mark.parametrize(
    ("step", "letters"),
    [
        ("conversations.forwards.handing_over.words_of", 0),  # claimed
        ("delivery.messengers.smtp.build", 0),  # its words are there
        ("delivery.messengers.smtp.SmtpMessenger.connection", 0),  # the email is built
        ("delivery.messengers.smtp.outcome_of", 1),  # the server has it
        ("conversations.forwards.handing_over._read", 1),
        ("conversations.forwards.handing_over._mine", 0),
    ],
)
def test_a_worker_killed_at_any_step_sends_no_second_email_and_is_told_of(
    kettle, mention, ada, room, sender, monkeypatch, step, letters
):
    def dies(*_given, **_facts):
        raise KilledError

    forwarded(kettle, mention, ada)
    with monkeypatch.context() as patched, pytest.raises(KilledError):
        patched.setattr(step, dies)
        send_due(kettle)
    with working_in(kettle):
        Forward.objects.update(leased_until=now() - timedelta(seconds=1))
    for _turn in range(2):
        send_due(kettle)

    assert (row_of(kettle).state, len(room.letters)) == ("unclear", letters)
    with working_in(kettle):
        assert [one.user_id for one in Notice.objects.filter(kind="conversations.unforwarded")] == [ada.pk]


def test_a_slow_worker_whose_lease_ran_out_still_says_that_it_left(kettle, mention, ada, room, sender, monkeypatch):
    direct = SmtpMessenger.send_direct

    def slow(self, workspace, email):
        outcome = direct(self, workspace, email)
        with working_in(kettle):
            Forward.objects.update(leased_until=now() - timedelta(seconds=1))
        send_due(kettle)
        assert row_of(kettle).state == "unclear"
        return outcome

    forwarded(kettle, mention, ada)
    with monkeypatch.context() as patched:
        patched.setattr(SmtpMessenger, "send_direct", slow)
        send_due(kettle)
    assert (row_of(kettle).state, len(room.letters)) == ("sent", 1)


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_are_one_email(kettle, mention, ada, room):
    with working_in(kettle):
        make_sender(port=room.port)
    ready, key, made = threading.Barrier(2), uuid4(), []

    def press():
        try:
            ready.wait(10)
            made.append(forwarded(kettle, mention, ada, key=key).pk)
            send_due(kettle)
        finally:
            connections.close_all()

    presses = [threading.Thread(target=press) for _turn in range(2)]
    for one in presses:
        one.start()
    for one in presses:
        one.join(30)

    assert (len(made), len(set(made)), len(room.letters)) == (2, 1, 1)


def test_who_was_erased_meanwhile_is_not_forwarded(kettle, mention, ada, as_ada, room, sender):
    with working_in(kettle):
        tom = make_contact("Tom", "tom2@green.example")
        PublicAuthor.objects.update(contact=tom)
        erase_person(tom.pk, by=ada)
    with pytest.raises(GoneError):
        forwarded(kettle, mention, ada)
    page = f"{INBOX}mentions/{mention.pk}/forward/"
    late = as_ada.post(page, {"address": LEGAL, "note": "What I typed", "key": str(uuid4())})

    assert as_ada.get(page).status_code == 404
    assert (late.status_code, "What I typed" in late.text, "Nothing was sent" in late.text) == (422, True, True)
    assert room.letters == []


def test_an_erasure_while_it_leaves_does_not_say_that_it_did_not(kettle, mention, ada, room, sender, monkeypatch):
    direct = SmtpMessenger.send_direct

    def erased(self, workspace, email):
        with working_in(kettle):
            forget_forwards(Conversation.objects.all())
        return direct(self, workspace, email)

    forwarded(kettle, mention, ada)
    monkeypatch.setattr(SmtpMessenger, "send_direct", erased)
    send_due(kettle)

    row = row_of(kettle)
    assert (row.state, row.address, row.note, len(room.letters)) == ("sent", "", "", 1)


def test_a_forward_in_somebody_elses_conversation_loses_the_words_about_who_is_erased(kettle, mention, ada, sender):
    with working_in(kettle):
        eva = make_contact("Eva", "eva@green.example")
        theirs = make_mention("Mine, too.", name="Eva", handle="eva@green.example")
        Mention.objects.filter(pk=theirs.pk).update(conversation=mention.conversation)
        PublicAuthor.objects.filter(pk=theirs.author_id).update(contact=eva)
        forward(Mention.objects.get(pk=theirs.pk), LEGAL, "About Eva", by=ada)
        assert [one["note"] for one in gather_forwards([eva.pk])] == ["About Eva"]
        erase_person(eva.pk, by=ada)
        assert not Forward.objects.exclude(note="").exists()


def test_the_author_is_known_by_every_address_of_their_contact(kettle, mention, ada, sender):
    with working_in(kettle):
        PublicAuthor.objects.update(contact=make_contact("Tom", "tom@home.example"))
    for to in ("tom@home.example", "TOM+x@home.example", "tom+lid@green.example"):
        with pytest.raises(CannotForwardError, match="wrote it themselves"):
            forwarded(kettle, mention, ada, to=to)


def test_answers_are_asked_to_a_mailbox_that_we_read(kettle, mention, ada, as_ada, room, sender):
    page = f"{INBOX}mentions/{mention.pk}/forward/"
    assert "No mailbox is read here" in as_ada.get(page).text
    with working_in(kettle):
        Connection.objects.create(network="mail", name="Off", settings={"address": "off@k.example"}, is_active=False)
        Connection.objects.create(network="mail", name="Post", settings={"address": "hello@kettle.example"})
    assert "What comes back to hello@kettle.example" in as_ada.get(page).text
    forwarded(kettle, mention, ada)
    send_due(kettle)

    ((_from, _to, data),) = room.letters
    assert message_from_bytes(data, policy=policy.default)["Reply-To"] == "hello@kettle.example"


@pytest.mark.parametrize(
    ("address", "note"),
    [
        ("a@b.example, c@d.example", "Kept"),
        ("Lena Law <lena@tea.example>", "Kept"),
        ("legal@tea.example\r\nBcc: x@y.example", "Kept"),
        ("\u202elegal @tea.example", "Kept"),
        ("x" * 300, "Kept"),
        (LEGAL, "Kept" + "x" * 1_000_000),
    ],
)
def test_whatever_is_typed_is_answered_in_words_and_kept(kettle, mention, as_ada, sender, address, note):
    page = f"{INBOX}mentions/{mention.pk}/forward/"
    made = as_ada.post(page, {"address": address, "note": note, "key": str(uuid4())})

    assert (made.status_code, "Kept" in made.text, "errorlist" in made.text) == (422, True, True)
    with working_in(kettle):
        assert not Forward.objects.exists()


def test_a_message_of_any_length_and_direction_goes_as_it_is(kettle, mention, ada, room, sender):
    said = "\u202eשלום <b>x</b> https://a.example/?a=1&b=2 " + "long " * 40_000 + "x" * 50_000
    with working_in(kettle):
        Mention.objects.update(text=said)
    forwarded(kettle, mention, ada)
    send_due(kettle)

    ((_from, _to, data),) = room.letters
    read = message_from_bytes(data, policy=policy.default)
    assert said.strip() in read.get_body(("plain",)).get_content().replace("\r\n", "\n")
    assert "&lt;b&gt;x&lt;/b&gt;" in read.get_body(("html",)).get_content()
    assert max(map(len, data.splitlines())) < 998


def answer(row, *, by="lena@tea.example", names=None, remote_id="<back@tea.example>"):
    names = [f"<forward.{row.key.hex}@kettle.example>"] if names is None else names
    return take_answer(names, remote_id=remote_id, address=by, name="Lena Law", text="Offer her a new one.")


def test_what_comes_back_is_a_note_once_and_names_its_author(kettle, mention, ada, sender, as_ada):
    row = forwarded(kettle, mention, ada)
    with working_in(kettle):
        assert [answer(row), answer(row)] == [True, True]
        note = TeamNote.objects.get()
        assert (note.conversation_id, note.writer) == (mention.conversation_id, "Lena Law <lena@tea.example>")
        assert (ForwardAnswer.objects.count(), Mention.objects.count()) == (1, 1)
        assert Conversation.objects.get().state == "waiting"
    page = as_ada.get(f"{INBOX}{mention.conversation_id}/").text
    assert ("Offer her a new one." in page, "Lena Law &lt;lena@tea.example&gt;" in page) == (True, True)


def test_the_author_and_who_names_nothing_of_ours_are_heard_as_themselves(kettle, mention, ada, sender):
    row = forwarded(kettle, mention, ada)
    with working_in(kettle):
        assert not answer(row, by="tom@green.example")
        assert not answer(row, names=["<a@tea.example>", f"<forward.{uuid4().hex}@kettle.example>", "<forward.x@y>"])
        assert not answer(row, names=[])


@pytest.mark.parametrize("by", ["eve@evil.example", "eve@sub.tea.example", "legal@tea.example.evil.example"])
def test_a_stranger_who_names_it_is_no_note(kettle, mention, ada, sender, by):
    row = forwarded(kettle, mention, ada)
    with working_in(kettle):
        assert not answer(row, by=by)
        assert not TeamNote.objects.exists()


def test_at_a_domain_of_everybody_only_who_was_written_to_answers(kettle, mention, ada, sender):
    row = forwarded(kettle, mention, ada, to="lena.law@gmail.com")
    with working_in(kettle):
        assert not answer(row, by="eve@gmail.com")
        assert answer(row, by="lena.law+work@gmail.com", remote_id="<1@x>")
        assert answer(row, by=ada.email, remote_id="<2@x>")  # a member, to whom it was handed on


def test_a_forward_that_came_back_did_not_arrive_and_whoever_sent_it_is_told(
    kettle, mention, ada, as_ada, room, sender
):
    row = forwarded(kettle, mention, ada)
    send_due(kettle)
    named = ["<other@x.example>", f"<forward.{row.key.hex}@kettle.example>"]
    with working_in(kettle):
        assert not take_bounce(named[:1], "550", said_at=now())
        assert [take_bounce(named, "550 No such user", said_at=now()) for _turn in range(2)] == [True, True]
        assert Notice.objects.filter(kind="conversations.unforwarded", user_id=ada.pk).count() == 1
    assert (row_of(kettle).state, row_of(kettle).last_error) == ("failed", "It came back: 550 No such user")
    assert "It came back" in as_ada.get(f"{INBOX}{mention.conversation_id}/").text

    with working_in(kettle):
        try_again(row, by=ada)
    send_due(kettle)
    with working_in(kettle):
        take_bounce(named, "550", said_at=now() - timedelta(hours=1))  # the old report, read once more
    assert (row_of(kettle).state, len(room.letters)) == ("sent", 2)


def test_a_forward_of_another_workspace_is_not_ours(kettle, rival, mention):
    with working_in(kettle):
        facts = {"conversation_id": mention.conversation_id, "mention": mention, "address": LEGAL}
        row = Forward.objects.create(key=uuid4(), **facts)
    with working_in(rival):
        assert not answer(row)
        assert not is_forward(f"<forward.{row.key.hex}@kettle.example>")
        assert not take_bounce([f"<forward.{row.key.hex}@kettle.example>"], "550", said_at=now())
    with working_in(kettle):
        assert answer(row)


def test_the_page_forwards_shows_it_in_the_thread_and_takes_it_back(kettle, mention, as_ada, sender):
    page = f"{INBOX}mentions/{mention.pk}/forward/"
    wrong = as_ada.post(page, {"address": "nobody", "note": "My words", "key": str(uuid4())})
    assert (wrong.status_code, "My words" in wrong.text) == (422, True)
    made = as_ada.post(page, {"address": LEGAL, "note": "Please look.", "key": str(uuid4())})
    assert (made.status_code, made.url) == (302, f"{INBOX}{mention.conversation_id}/")
    thread = as_ada.get(made.url).text
    assert f"forwarded this to {LEGAL}" in thread
    undone = as_ada.post(f"{INBOX}forwards/{row_of(kettle).pk}/undo/")
    assert (undone.status_code, f"forwarded this to {LEGAL}" in as_ada.get(made.url).text) == (302, False)


def test_whoever_sees_no_names_gives_none_away(kettle, mention, ada, room, sender):
    forwarded(kettle, mention, ada, names_author=False)
    send_due(kettle)

    assert len(room.letters) == 1
    assert b"tom@green" not in room.letters[0][2]
    assert b"Tom Green" not in room.letters[0][2]


def test_erasing_a_person_takes_their_words_out_of_forwards_and_stops_what_waits(kettle, mention, ada, room, sender):
    with working_in(kettle):
        tom, lena = make_contact("Tom", "tom2@green.example"), make_contact("Lena", "lena@tea.example")
        PublicAuthor.objects.update(contact=tom)
        row = forward(mention, "lena@tea.example", "From Tom", by=ada)
        assert answer(row)
        assert {one["address"] for one in gather_forwards([lena.pk]) if "address" in one} == {"lena@tea.example"}
        assert "Offer her a new one." in {one.get("text") for one in gather_conversations([lena.pk])}
        assert [one["note"] for one in gather_forwards([tom.pk])] == ["From Tom"]

        erase_person(lena.pk, by=ada)
        assert Forward.objects.filter(address="", note="", state="failed").count() == 1
        assert TeamNote.objects.filter(writer="", text="").count() == 1
        assert not answer(row, remote_id="<later@tea.example>")
        again = forward(mention, LEGAL, "From Tom", by=ada)
        erase_person(tom.pk, by=ada)
        assert not Forward.objects.exclude(address="", note="").exists()
        again.refresh_from_db()
        assert again.state == "failed"
    send_due(kettle)
    assert room.letters == []


def test_nobody_else_forwards(kettle, mention, as_eve, member, sender):
    page, said = f"{INBOX}mentions/{mention.pk}/forward/", {"address": LEGAL, "key": str(uuid4())}
    assert (as_eve.get(page).status_code, as_eve.post(page, said).status_code) == (404, 404)
    analyst = member("analyst")
    assert (analyst.get(page).status_code, analyst.post(page, said).status_code) == (403, 403)
    with working_in(kettle):
        assert not Forward.objects.exists()


def test_machines_forward_once_for_a_key_and_read_it_in_the_thread(kettle, mention, sender):
    machine, key = machine_of(kettle), str(uuid4())
    where = f"/conversations/{mention.conversation_id}"
    made = [machine.post(f"{where}/forwards", {"to": LEGAL, "note": "Look.", "key": key}) for _turn in range(2)]

    assert [one.status_code for one in made] == [201, 201]
    assert made[0].json() == made[1].json()
    said = [one for one in machine.get(where).json()["messages"] if one["kind"] == "forward"]
    assert [(one["to"], one["text"], one["state"]) for one in said] == [(LEGAL, "Look.", "waiting")]
    assert machine.post(f"{where}/forwards", {"to": "nobody"}).status_code == 422
    assert machine.post(f"{where}/forwards", {"to": "tom@green.example"}).status_code == 422


@pytest.mark.parametrize("attempts", [0, 2])
def test_what_was_sent_once_more_cannot_be_taken_back(kettle, mention, ada, sender, attempts):
    row = forwarded(kettle, mention, ada)
    with working_in(kettle):
        Forward.objects.update(state="failed", attempts=attempts)
        try_again(row, by=ada)

        assert not take_back(row, by=ada)
        assert Forward.objects.get().state == "waiting"
