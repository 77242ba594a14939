"""Emails whose program cut what they answer, and one email that lies in two of our mailboxes."""

import re
from datetime import timedelta
from email import message_from_bytes
from uuid import uuid4

import pytest

from conversations.answers.handing_over import send_due as send_replies
from conversations.answers.replying import reply_to
from conversations.models import Connection, Conversation, Mention, Reply
from delivery.engine.sending import send_due
from delivery.models import RecipientChunk
from lib.clock import now
from social.connecting import connect, poll_due
from tests.deliverability.mailbox import ImapServer
from tests.delivery.conftest import own_var, room, sender
from tests.factories.contacts import make_contact
from tests.social.mailbox import box, email
from workspaces.current import working_in

__all__ = ["box", "own_var", "room", "sender"]


def threads(workspace):
    with working_in(workspace):
        return [len(one.mentions.all()) for one in Conversation.objects.order_by("pk")]


@pytest.fixture
def answered(box, kettle, ada, room, sender):
    """Tom asked, we answered; the Message-ID of our answer, as it went over the wire."""
    with working_in(kettle):
        make_contact("Tom", "tom@tea.example")
    box.look()
    box.messages += [email(Message_ID="<a@tea.example>")]
    box.look()
    with working_in(kettle):
        reply_to(Mention.objects.get(), "It is.", key=uuid4(), by=ada)
    for _turn in range(2):
        with working_in(kettle):
            RecipientChunk.objects.update(not_before=None)
            Reply.objects.filter(state="waiting").update(due_at=now() - timedelta(seconds=1))
        send_replies(kettle)
        send_due(kettle)
    return message_from_bytes(room.letters[0][2])["Message-ID"]


def test_what_names_our_answer_alone_goes_on_in_its_conversation(box, kettle, answered):
    box.messages += [email("Thanks", In_Reply_To=answered, Subject="Thanks for that")]
    box.look()

    assert threads(kettle) == [2]


def test_a_name_that_only_looks_like_our_answer_leads_nowhere(box, kettle, answered):
    forged = re.sub(r"\.t(.)", lambda seal: f".t{(int(seal[1], 16) + 1) % 16:x}", answered, count=1)
    box.messages += [email("Thanks", In_Reply_To=forged, Subject="Something else"),
                     email("Me too", In_Reply_To=answered, who="eva@tea.example", Subject="Mine")]  # fmt: skip
    box.look()

    assert threads(kettle) == [1, 1, 1]


def test_what_names_a_later_letter_of_the_exchange_goes_on_in_it(box, kettle):
    box.look()
    box.messages += [email(Message_ID="<a@tea.example>")]
    box.look()
    box.messages += [email("More", Message_ID="<b@tea.example>", References="<a@tea.example>")]
    box.look()
    box.messages += [email("Still", In_Reply_To="<b@tea.example>", Subject="Quite another")]
    box.look()

    assert threads(kettle) == [3]


@pytest.mark.parametrize("again", ["Re: Your kettle", "AW: RE: Your kettle", "Antw: your kettle "])
def test_what_names_nothing_goes_on_by_its_subject(box, kettle, again):
    box.look()
    box.messages += [email()]
    box.look()
    box.messages += [email("More", Subject=again), email("Not I", Subject=again, who="eva@tea.example")]
    box.look()

    assert threads(kettle) == [2, 1]


def test_a_new_letter_of_the_same_subject_begins_anew_and_so_does_an_old_one(box, kettle):
    box.look()
    box.messages += [email()]
    box.look()
    box.messages += [email("Another thing")]
    box.look()
    assert threads(kettle) == [1, 1]
    with working_in(kettle):
        Conversation.objects.update(last_at=now() - timedelta(days=61))
    box.messages += [email("Long after", Subject="Re: Your kettle")]
    box.look()

    assert threads(kettle) == [1, 1, 1]


@pytest.mark.parametrize("is_proven", [True, False])
def test_one_letter_to_two_of_our_boxes_stands_once(box, kettle, ada, is_proven):
    letter = email(proof="mx.kettle.example; dmarc=pass" if is_proven else "")
    with ImapServer({"INBOX": ("", [])}) as second:
        with working_in(kettle):
            given = Connection.objects.get(network="mail").settings | {
                "port": second.port,
                "address": "help@kettle.example",
            }
            connect("mail", by=ada, name="Help", settings=given, is_public=False, password="open")
        box.look()
        box.messages.append(letter)
        second.folders["INBOX"][1].append(letter)
        box.look()
        with working_in(kettle):
            Connection.objects.update(due_at=now())
        poll_due(kettle)

    with working_in(kettle):
        assert Mention.objects.filter(twin_of=None).count() == 1
        assert Mention.objects.exclude(twin_of=None).count() == 1
        assert Conversation.objects.count() == 1
