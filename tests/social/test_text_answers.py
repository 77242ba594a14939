"""Answers by SMS and WhatsApp leave once, while they may; what becomes of them is told."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.db import connection as database
from django.utils import timezone

from contacts.models import Contact
from conversations.answers.handing_over import send_due
from conversations.answers.replying import NotAllowedError, reply_to, try_again
from conversations.models import AnswerDraft, Connection, Conversation, Mention, Reply
from delivery.models import Sender
from delivery.returns.texts import Answer, take_answer
from lib import clock
from messengers.whatsapp.hearing import take_call
from privacy.erasing import erase_person
from tests.conversations.test_replying import WORKER
from tests.machines import machine_of
from tests.messengers.meta import chatting, make_whatsapp_sender, signed, told
from tests.messengers.test_whatsapp_hook import written
from tests.social.carriers import Meta, Twilio, make_sms_sender, status_of
from touchpoints.models import CorrectedFact, Touchpoint
from workspaces.current import working_in
from workspaces.models import Notice

ONE = "+4915200000001"
ENDED = "24 hours after they wrote, and these ended on"


@pytest.fixture
def twilio(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    made = Twilio()
    yield made
    made.close()


@pytest.fixture
def meta(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    made = Meta()
    yield made
    made.close()


@pytest.fixture
def sms(kettle, twilio):
    with working_in(kettle):
        chatting(ONE)
        sender = make_sms_sender(twilio.url)
        take_answer(sender, Answer("SMin1", ONE, "Is it quiet?"))
    return sender


@pytest.fixture
def whatsapp(kettle, meta):
    with working_in(kettle):
        chatting(ONE)
        sender = make_whatsapp_sender(meta.url)
        write(sender, "Is it quiet?")
    return sender


def write(sender, text, sid="wamid.in1", **more):
    return take_call(sender, signed(told(messages=[written(text, sid, **more)]))["data"])


def hear(kettle, sender, status):
    with working_in(kettle):
        return take_call(sender, signed(told(statuses=[status]))["data"])


def answer(kettle, by, text="It is.", **more) -> Reply:
    with working_in(kettle):
        mention = Mention.objects.select_related("author__contact", "connection").order_by("-pk").first()
        return reply_to(mention, text, by=by, **more)


def come_again(kettle, *, minutes=0):
    """The worker looks again, `minutes` after a request was in doubt and once its pause is over."""
    moment = timezone.now()
    with working_in(kettle):
        Reply.objects.update(due_at=moment, leased_until=moment - timedelta(seconds=1))
        Reply.objects.exclude(in_doubt_at=None).update(in_doubt_at=moment - timedelta(minutes=minutes))
    send_due(kettle)


def now_of(kettle, reply) -> Reply:
    with working_in(kettle):
        return Reply.objects.select_related("conversation", "mention").get(pk=reply.pk)


# SMS


def test_a_text_is_answered_once_and_stands_on_the_timeline(kettle, ada, sms, twilio):
    reply = answer(kettle, ada)

    send_due(kettle)
    send_due(kettle)

    asked, row = twilio.asked, now_of(kettle, reply)
    assert [(one.fields["To"], one.fields["Body"]) for one in asked] == [(ONE, "It is.")]
    assert (row.state, row.remote_id, row.in_doubt_at, row.conversation.state) == ("sent", "SM1", None, "done")
    with working_in(kettle):
        fact = Touchpoint.objects.get(pk=row.touchpoint_id)
        assert (fact.contact_id, fact.payload["text"]) == (Contact.objects.get().pk, "It is.")


def test_a_request_without_an_answer_is_looked_for_and_never_sent_twice(kettle, ada, sms, twilio):
    twilio.hangs_up = True
    reply = answer(kettle, ada)
    send_due(kettle)
    assert (now_of(kettle, reply).state, len(twilio.sent)) == ("waiting", 1)

    twilio.is_deaf = True
    come_again(kettle, minutes=30)
    assert (now_of(kettle, reply).state, len(twilio.asked)) == ("waiting", 1)

    twilio.is_deaf = False
    come_again(kettle)
    assert (now_of(kettle, reply).state, now_of(kettle, reply).remote_id, len(twilio.asked)) == ("sent", "SM1", 1)


def test_a_request_that_never_arrived_is_made_again_after_a_while(kettle, ada, sms, twilio):
    twilio.always = (502, {}, {})
    reply = answer(kettle, ada)
    send_due(kettle)
    twilio.always = None

    come_again(kettle, minutes=1)
    assert (now_of(kettle, reply).state, len(twilio.sent)) == ("waiting", 0)

    come_again(kettle, minutes=3)
    assert (now_of(kettle, reply).state, len(twilio.sent)) == ("sent", 1)


def test_the_same_words_given_before_are_not_taken_for_this_answer(kettle, ada, sms, twilio):
    answer(kettle, ada, "Yes.")
    send_due(kettle)
    twilio.always = (502, {}, {})
    second = answer(kettle, ada, "Yes.", even_so=True)
    send_due(kettle)
    twilio.always = None

    come_again(kettle, minutes=3)

    assert (now_of(kettle, second).remote_id, len(twilio.sent)) == ("SM2", 2)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_when_its_request_has_left_gives_one_text(kettle, ada, sms, twilio):
    reply = answer(kettle, ada)
    twilio.dawdles = 30
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "ecrm.settings", "SECRET_KEY": settings.SECRET_KEY}
    command = [sys.executable, "-c", WORKER, database.settings_dict["NAME"]]
    worker = subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR)
    assert twilio.came.wait(30), "the worker never reached the wire"
    worker.send_signal(signal.SIGKILL)
    assert worker.wait() == -signal.SIGKILL
    twilio.goes_on.set()
    assert now_of(kettle, reply).state == "sending"

    come_again(kettle)

    row = now_of(kettle, reply)
    assert (row.state, row.remote_id, row.attempts, len(twilio.asked)) == ("sent", "SM1", 2, 1)


def test_a_service_that_puts_plainer_letters_is_known_again(kettle, ada, sms, twilio):
    twilio.hangs_up = True
    reply = answer(kettle, ada, "It’s “quiet” – yes.")
    send_due(kettle)
    twilio.sent[0].tree["body"] = 'It\'s "quiet" - yes.'

    come_again(kettle)

    assert (now_of(kettle, reply).state, len(twilio.asked)) == ("sent", 1)


def test_the_carrier_s_word_settles_a_doubt_without_a_look(client, kettle, ada, sms, twilio):
    twilio.hangs_up = True
    reply = answer(kettle, ada)
    send_due(kettle)

    assert twilio.tells(client, 0, "sent").status_code == 200
    come_again(kettle, minutes=30)

    row = now_of(kettle, reply)
    assert (row.state, row.remote_id, row.in_doubt_at, len(twilio.asked), twilio.listed) == ("sent", "SM1", None, 1, 0)


def test_an_answer_that_never_arrived_is_marked_told_and_counts_no_more(client, kettle, ada, sms, twilio):
    reply = answer(kettle, ada)
    send_due(kettle)

    for _again in range(2):
        twilio.tells(client, 0, "undelivered", "30005")

    row = now_of(kettle, reply)
    assert (row.state, row.last_error, row.conversation.state) == (
        "failed", "There is no such number any more", "waiting",
    )  # fmt: skip
    with working_in(kettle):
        assert list(Notice.objects.values_list("kind", "user_id")) == [("conversations.unsent", ada.pk)]
        assert CorrectedFact.objects.get(touchpoint_id=row.touchpoint_id).is_deleted


def test_one_that_is_sent_again_counts_again_and_an_old_word_does_not_undo_it(client, kettle, ada, sms, twilio):
    reply = answer(kettle, ada)
    send_due(kettle)
    twilio.tells(client, 0, "undelivered", "30003")
    with working_in(kettle):
        try_again(now_of(kettle, reply), by=ada)

    send_due(kettle)
    twilio.tells(client, 0, "undelivered", "30003")

    row = now_of(kettle, reply)
    assert (row.state, row.remote_id, len(twilio.sent)) == ("sent", "SM2", 2)
    with working_in(kettle):
        assert not CorrectedFact.objects.filter(touchpoint_id=row.touchpoint_id, is_deleted=True).exists()


def test_a_word_about_an_answer_that_bears_no_signature_changes_nothing(client, kettle, ada, sms, twilio):
    reply = answer(kettle, ada)
    send_due(kettle)
    path = urlsplit(twilio.sent[0].callback).path

    said = client.post(path, {"MessageSid": "SM1", "MessageStatus": "failed"}, headers={"X-Twilio-Signature": "none"})
    nowhere = client.post(f"{path[:-5]}xxxx/", {"MessageSid": "SM1", "MessageStatus": "failed"})

    assert (said.status_code, nowhere.status_code) == (401, 404)
    assert now_of(kettle, reply).state == "sent"


def test_who_texted_stop_is_not_answered_until_start(kettle, ada, sms, twilio):
    with working_in(kettle):
        Conversation.objects.get()
        take_answer(sms, Answer("SMin2", ONE, "Stop!"))
    with pytest.raises(NotAllowedError, match="START"):
        answer(kettle, ada)

    with working_in(kettle):
        take_answer(sms, Answer("SMin3", ONE, "START"))
    answer(kettle, ada)
    send_due(kettle)

    assert len(twilio.sent) == 1


@pytest.mark.parametrize("word", ["STOP", "stopp", "Start"])
def test_a_word_for_the_machine_waits_for_nobody(kettle, twilio, word):
    with working_in(kettle):
        take_answer(make_sms_sender(twilio.url), Answer("SMin1", ONE, word))

        assert (Mention.objects.get().text, Conversation.objects.get().state) == (word, "done")


def test_stop_before_their_words_stood_in_the_inbox_counts_too(kettle, ada, twilio):
    with working_in(kettle):
        sender = make_sms_sender(twilio.url)
        take_answer(sender, Answer("SMin1", ONE, "STOP"))
        Mention.objects.all().delete()
        take_answer(sender, Answer("SMin2", ONE, "Hello?"))

    with pytest.raises(NotAllowedError, match="STOP"):
        answer(kettle, ada)


def test_a_stop_that_only_the_carrier_knows_closes_the_way(kettle, ada, sms, twilio):
    twilio.always = (400, {"code": 21610, "message": "Attempt to send to unsubscribed recipient"}, {})
    reply = answer(kettle, ada)

    send_due(kettle)

    row = now_of(kettle, reply)
    assert (row.state, row.last_error[:17]) == ("failed", "They texted STOP ")
    with working_in(kettle):
        assert AnswerDraft.objects.get(user_id=ada.pk).text == "It is."


def test_a_wrong_key_shows_on_the_connection_until_it_is_right_again(kettle, ada, sms, twilio):
    twilio.always = (401, {"code": 20003, "message": "Authenticate"}, {})
    reply = answer(kettle, ada)

    send_due(kettle)

    row = now_of(kettle, reply)
    assert (row.state, row.in_doubt_at) == ("waiting", None)
    with working_in(kettle):
        connection = Connection.objects.get()
        assert (connection.failures, "Check the key" in connection.last_error) == (1, True)
        assert "Check the key" in Sender.objects.get().last_error

    twilio.always = None
    come_again(kettle)
    assert now_of(kettle, reply).state == "sent"
    with working_in(kettle):
        assert (Connection.objects.get().failures, Connection.objects.get().last_error) == (0, "")


def test_it_waits_as_long_as_the_carrier_asks(kettle, ada, sms, twilio):
    twilio.always = (429, {"code": 20429, "message": "Too many requests"}, {"Retry-After": "120"})
    reply = answer(kettle, ada)

    send_due(kettle)

    row = now_of(kettle, reply)
    assert row.state == "waiting"
    assert row.in_doubt_at is None
    assert timedelta(seconds=100) < row.due_at - timezone.now() <= timedelta(seconds=120)


def test_a_text_that_is_too_long_is_not_begun(kettle, ada, sms):
    with pytest.raises(NotAllowedError, match="1600 letters at most"):
        answer(kettle, ada, "x" * 1_601)


def test_nobody_answers_who_was_erased(kettle, ada, sms, twilio):
    reply = answer(kettle, ada)
    with working_in(kettle):
        erase_person(Contact.objects.get().pk, by=ada)

    send_due(kettle)

    assert (now_of(kettle, reply).state, twilio.asked) == ("failed", [])


def test_a_sender_that_is_gone_says_so(kettle, ada, sms, twilio):
    with working_in(kettle):
        Sender.objects.all().delete()

    with pytest.raises(NotAllowedError, match="was removed"):
        answer(kettle, ada)


# WhatsApp


def test_a_chat_is_answered_in_free_text_and_bears_its_mark(kettle, ada, whatsapp, meta):
    reply = answer(kettle, ada)

    send_due(kettle)

    tree, row = meta.asked[0].tree, now_of(kettle, reply)
    assert (tree["to"], tree["text"]["body"], tree["biz_opaque_callback_data"]) == (ONE, "It is.", f"answer.{row.pk}")
    assert (row.state, row.remote_id) == ("sent", "wamid.out1")


def test_after_24_hours_nobody_begins_an_answer(kettle, ada, whatsapp, meta):
    with working_in(kettle):
        Mention.objects.update(published_at=timezone.now() - timedelta(hours=24))

    with pytest.raises(NotAllowedError, match=ENDED):
        answer(kettle, ada)

    with working_in(kettle):
        write(whatsapp, "Hello?", "wamid.in2")
    answer(kettle, ada)
    send_due(kettle)
    assert len(meta.asked) == 1


def test_an_answer_that_waits_too_long_goes_back_to_its_writer(kettle, ada, whatsapp, meta):
    meta.always = (503, {}, {})
    reply = answer(kettle, ada)
    send_due(kettle)
    meta.always = None
    with working_in(kettle):
        Mention.objects.update(published_at=timezone.now() - timedelta(hours=24, minutes=1))

    come_again(kettle)

    row = now_of(kettle, reply)
    assert (row.state, ENDED in row.last_error, row.conversation.state, len(meta.asked)) == (
        "failed", True, "waiting", 1,
    )  # fmt: skip
    with working_in(kettle):
        assert AnswerDraft.objects.get(user_id=ada.pk).text == "It is."
        assert list(Notice.objects.values_list("kind", "user_id")) == [("conversations.unsent", ada.pk)]
        with pytest.raises(NotAllowedError, match=ENDED):
            try_again(row, by=ada)


def test_a_draft_begun_meanwhile_is_not_written_over(kettle, ada, whatsapp, meta):
    reply = answer(kettle, ada)
    with working_in(kettle):
        AnswerDraft.objects.create(conversation=reply.conversation, user_id=ada.pk, text="Another thought")
        Mention.objects.update(published_at=timezone.now() - timedelta(hours=25))

    send_due(kettle)

    with working_in(kettle):
        assert AnswerDraft.objects.get().text == "Another thought"


def test_a_chat_in_doubt_waits_for_the_hook_and_is_never_sent_again(kettle, ada, whatsapp, meta):
    meta.hangs_up = True
    reply = answer(kettle, ada)
    send_due(kettle)
    meta.hangs_up = False

    come_again(kettle, minutes=5)
    assert (now_of(kettle, reply).state, len(meta.asked)) == ("waiting", 1)
    come_again(kettle, minutes=11)
    assert (now_of(kettle, reply).state, len(meta.asked)) == ("failed", 1)
    with working_in(kettle):
        try_again(now_of(kettle, reply), by=ada)
    come_again(kettle, minutes=11)
    assert (now_of(kettle, reply).state, len(meta.asked)) == ("failed", 1)

    hear(kettle, whatsapp, status_of(meta.asked[0].tree, "delivered"))

    row = now_of(kettle, reply)
    assert (row.state, row.remote_id, row.conversation.state) == ("sent", "wamid.out1", "done")


def test_what_the_hook_says_failed_is_marked_with_what_to_do(kettle, ada, whatsapp, meta):
    reply = answer(kettle, ada)
    send_due(kettle)
    tree = meta.asked[0].tree

    for state in ("sent", "failed", "sent"):
        errors = {"errors": [{"code": 131047, "title": "Re-engagement message"}]} if state == "failed" else {}
        hear(kettle, whatsapp, status_of(tree, state, **errors))

    row = now_of(kettle, reply)
    assert row.state == "failed"
    assert row.last_error == "More than 24 hours since they wrote. Send an approved template instead of free text."
    with working_in(kettle):
        assert AnswerDraft.objects.get().text == "It is."


def test_a_window_that_only_whatsapp_knows_to_be_closed(kettle, ada, whatsapp, meta):
    meta.always = (400, {"error": {"code": 131047, "message": "(#131047) Re-engagement message"}}, {})
    reply = answer(kettle, ada)

    send_due(kettle)

    row = now_of(kettle, reply)
    assert (row.state, row.last_error[:14], row.in_doubt_at) == ("failed", "WhatsApp says ", None)


def test_another_sender_s_word_changes_nothing(kettle, ada, whatsapp, meta):
    reply = answer(kettle, ada)
    send_due(kettle)
    with working_in(kettle):
        other = make_whatsapp_sender(meta.url, phone_number_id="206540352242922", account_id="1")
        tree = told(
            statuses=[status_of(meta.asked[0].tree, "failed", errors=[{"code": 131026}])], number="206540352242922"
        )
        take_call(other, signed(tree)["data"])

    assert now_of(kettle, reply).state == "sent"


# The pages


def test_the_reply_form_says_until_when_and_then_that_it_is_over(client, kettle, ada, whatsapp):
    client.force_login(ada)
    page = inbox(client, kettle)
    assert "You can answer until" in page
    assert "data-send\n        disabled" not in page

    with working_in(kettle):
        Mention.objects.update(published_at=timezone.now() - timedelta(days=2))
    page = inbox(client, kettle)

    assert "You can answer until" not in page
    assert ENDED in page
    assert 'disabled aria-describedby="reply-closed"' in page


def inbox(client, kettle) -> str:
    with working_in(kettle):
        pk = Conversation.objects.get().pk
    return client.get(f"/w/kettle/inbox/{pk}/").text


def test_the_reply_form_counts_texts(client, kettle, ada, sms):
    client.force_login(ada)
    with working_in(kettle):
        pk = Conversation.objects.get().pk
    path = f"/w/kettle/inbox/{pk}/draft/"

    assert "2 texts" in client.post(path, {"text": "x" * 161}).text
    assert "text" not in client.post(path, {"text": ""}).text


def test_a_refused_answer_keeps_its_words_in_the_box(client, kettle, ada, whatsapp):
    client.force_login(ada)
    with working_in(kettle):
        Mention.objects.update(published_at=clock.now() - timedelta(days=2))
        mention = Mention.objects.get()
    path = f"/w/kettle/inbox/mentions/{mention.pk}/reply/"

    said = client.post(path, {"text": "Too late", "key": "6b1d4c52-6f0e-4a53-9b0e-2f5f3c1b7d90"})

    assert said.status_code == 422
    assert ENDED in said.text
    assert "Too late" in said.text


def test_their_own_page_says_that_the_window_is_over_too(client, kettle, ada, whatsapp):
    client.force_login(ada)
    with working_in(kettle):
        Mention.objects.update(published_at=clock.now() - timedelta(days=2))
        pk = Contact.objects.get().pk

    assert ENDED in client.get(f"/w/kettle/contacts/{pk}/?compose=answer").text


def test_a_machine_reads_the_window_and_is_refused_after_it(kettle, whatsapp, meta):
    machine = machine_of(kettle)
    with working_in(kettle):
        pk = Conversation.objects.get().pk
    thread = machine.get(f"/conversations/{pk}").json()
    assert (thread["answer_until"][:4].isdigit(), thread["answer_closed"]) == (True, "")

    with working_in(kettle):
        Mention.objects.update(published_at=clock.now() - timedelta(days=2))
    closed = machine.get(f"/conversations/{pk}").json()["answer_closed"]
    refused = machine.post(f"/conversations/{pk}/replies", {"text": "It is."})

    assert ENDED in closed
    assert (refused.status_code, refused.json()["detail"]) == (403, closed)
    assert meta.asked == []
