"""What people write to our numbers stands in the inbox, once, and is theirs whom the number names."""

import pytest

from contacts.models import Contact, Identity
from conversations.authors.authoring import link_known_authors, make_contact
from conversations.models import Connection, Conversation, Mention
from delivery.models import Sender
from delivery.returns.texts import Answer, take_answer
from messengers.whatsapp.hearing import take_call
from tests.messengers.meta import chatting, make_whatsapp_sender, signed, told
from tests.messengers.test_whatsapp_hook import written
from touchpoints.models import Touchpoint
from workspaces.current import working_in

ONE, TWO = "+4915200000001", "+4915200000002"


@pytest.fixture
def whatsapp(kettle):
    with working_in(kettle):
        yield make_whatsapp_sender("http://127.0.0.1:9")


def hear(sender, *messages):
    return take_call(sender, signed(told(messages=messages))["data"])


def test_what_a_contact_writes_stands_in_their_conversation_once(whatsapp):
    contact = chatting(ONE)
    before = Touchpoint.objects.count()

    for _again in range(3):
        hear(whatsapp, written("Is it quiet?"), written("And light?", "wamid.in2"))

    talk = Conversation.objects.get()
    assert (talk.thread, talk.is_public, talk.author.contact_id) == (ONE, False, contact.pk)
    assert sorted(Mention.objects.values_list("text", flat=True)) == ["And light?", "Is it quiet?"]
    assert Touchpoint.objects.count() == before + 2


def test_stop_keeps_its_meaning_and_stands_in_the_thread(whatsapp):
    chatting(ONE)

    hear(whatsapp, written("STOP"))

    mention = Mention.objects.get()
    assert (mention.text, mention.sentiment, mention.intent) == ("STOP", "unc", "other")
    assert Touchpoint.objects.filter(pk=mention.touchpoint_id).exists()


def test_a_stranger_stays_one_until_made_a_contact(whatsapp, ada):
    hear(whatsapp, written("Hello", number=TWO[1:]))
    author = Mention.objects.get().author
    assert (author.handle, author.claimed_by, author.contact_id) == (TWO, 0, None)

    contact = make_contact(author, by=ada)

    assert Identity.objects.get(kind=Identity.Kind.PHONE, value=TWO).contact_id == contact.pk
    assert Mention.objects.get().touchpoint_id is not None


def test_a_stranger_whose_number_a_contact_gets_is_that_contact(whatsapp):
    hear(whatsapp, written("Hello", number=TWO[1:]))

    contact = chatting(TWO)

    link_known_authors([contact.pk])
    assert Mention.objects.get().author.contact_id == contact.pk


def test_a_text_stands_there_too_and_a_paused_connection_hears_nothing(kettle):
    with working_in(kettle):
        sender = Sender.objects.create(kind="sms", name="Texts of Kettle", settings={})
        for _again in range(2):
            take_answer(sender, Answer("SM1", ONE, "Hello"))
        connection = Connection.objects.get()
        assert (connection.name, connection.network, Mention.objects.count()) == ("Texts of Kettle", "sms", 1)

        Connection.objects.update(is_active=False)
        take_answer(sender, Answer("SM2", ONE, "Anybody?"))

        assert (Mention.objects.count(), Contact.objects.filter(identities__value=ONE).count()) == (1, 0)


def test_a_stranger_is_called_what_they_call_themselves_on_whatsapp(whatsapp):
    tree = told(messages=[written("Hello", number=TWO[1:])])
    tree["entry"][0]["changes"][0]["value"]["contacts"] = [{"wa_id": TWO[1:], "profile": {"name": "Ines Teal"}}]

    take_call(whatsapp, signed(tree)["data"])

    author = Mention.objects.get().author
    assert (author.name, author.handle) == ("Ines Teal", TWO)
