import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.db import connection as database
from django.utils import timezone

from contacts.models import Contact, Identity
from conversations.answers.handing_over import send_due
from conversations.answers.replying import AlreadyAnsweredError, NotAllowedError, reply_to, try_again
from conversations.authors.authoring import link_author
from conversations.mentions.by_hand import by_hand
from conversations.models import Conversation, Mention, Reply
from conversations.telling_members import UNSENT
from social.networks.webhook import Webhook, signature
from social.secrets import secrets_of
from tests.factories.contacts import make_contact
from tests.factories.social import make_connection, make_mention, make_vouching
from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import AgendaItem, Notice


class Callback(http.server.BaseHTTPRequestHandler):
    """Takes answers; keeps each Idempotency-Key once, as a receiver should."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.append((self.headers["Idempotency-Key"], self.headers["X-Ecrm-Signature"], body))
        self.server.posts.setdefault(self.headers["Idempotency-Key"], json.loads(body)["text"])
        self.server.came.set()
        time.sleep(self.server.dawdle)
        status = self.server.statuses.pop(0) if self.server.statuses else 200
        try:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(b'{"id": "r1"}')
        except OSError:
            pass

    def log_message(self, *_):
        pass


@pytest.fixture
def callback(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Callback)
    server.calls, server.posts, server.statuses, server.dawdle, server.came = [], {}, [], 0, threading.Event()
    server.url = f"http://127.0.0.1:{server.server_port}/answers"
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def mention(kettle, callback):
    with working_in(kettle):
        return make_mention(connection=make_connection(callback_url=callback.url), thread="spouts")


def state(kettle, reply):
    with working_in(kettle):
        reply.refresh_from_db()
        return reply.state


def make_due(kettle):
    with working_in(kettle):
        Reply.objects.update(due_at=timezone.now() - timedelta(seconds=1))


def test_an_answer_goes_out_signed_with_its_key_and_the_conversation_is_done(kettle, mention, callback, ada):
    with working_in(kettle):
        reply = reply_to(mention, "It does.", by=ada)
        assert AgendaItem.objects.filter(workspace=kettle, work="conversations.reply").exists()
    send_due(kettle)

    key, header, body = callback.calls[0]
    with working_in(kettle):
        secret = secrets_of(mention.connection)[0]
        assert header == signature(secret, body, int(header[2:].split(",")[0]))
        assert json.loads(body) == {
            "key": str(reply.key), "in_reply_to": mention.remote_id, "url": mention.url, "thread": "spouts",
            "network": "mastodon", "public": True, "visibility": "public", "warning": "", "text": "It does.",
        }  # fmt: skip
        reply.refresh_from_db()
        conversation = Conversation.objects.get()
        assert (key, reply.state, reply.remote_id, conversation.state, conversation.assignee_id) == (
            str(reply.key),
            "sent",
            "r1",
            "done",
            ada.pk,
        )
        assert Mention.objects.get().answered_at == reply.created_at


def test_the_same_form_sent_twice_is_one_answer(kettle, mention, callback, ada):
    key = uuid4()
    with working_in(kettle):
        first, second = (reply_to(mention, "It does.", by=ada, key=key) for _ in range(2))
    send_due(kettle)
    send_due(kettle)
    assert (first.pk, len(callback.calls)) == (second.pk, 1)


def test_a_second_answer_warns_and_shows_the_first(kettle, mention, ada, bob):
    with working_in(kettle):
        first = reply_to(mention, "It does.", by=ada)
        with pytest.raises(AlreadyAnsweredError) as error:
            reply_to(mention, "Yes!", by=bob)
        assert error.value.reply == first
        assert reply_to(mention, "Yes!", by=bob, even_so=True).pk != first.pk


def test_an_answer_to_a_contact_stands_on_the_timeline(kettle, mention, callback, ada):
    with working_in(kettle):
        greta = make_contact("Greta")
        hers = make_mention("Is it good?", connection=mention.connection, handle="greta@tea.example")
        link_author(hers.author, greta, by=ada)
        reply_to(hers, "It is.", by=ada)
    send_due(kettle)
    with working_in(kettle):
        fact = Touchpoint.objects.get(kind=KINDS["answer"].code)
        assert (fact.contact_id, fact.direction, fact.actor_id, fact.payload["text"]) == (greta.pk, 1, ada.pk, "It is.")


def test_nobody_answers_somebody_who_was_forgotten(inside, vouching, ada):
    greta = make_contact("Greta")
    Identity.objects.create(contact=greta, kind=4, value="greta@tea.example")
    hers = make_mention("Is it good?", connection=make_vouching(), handle="greta@tea.example")
    Contact.objects.filter(pk=greta.pk).update(erased_at=timezone.now())
    hers.author.refresh_from_db()

    with pytest.raises(NotAllowedError):
        reply_to(hers, "It is.", by=ada)
    assert Reply.objects.count() == 0


def test_where_the_channel_cannot_send_the_answer_is_written_down(inside, ada):
    reply = reply_to(make_mention("Called about gifts", connection=by_hand()), "Told her on the phone.", by=ada)
    assert (reply.state, reply.sent_at is None, Conversation.objects.get().state) == ("sent", False, "done")


def test_trouble_is_tried_again_with_the_same_key(kettle, mention, callback, ada):
    callback.statuses = [500, 503, 200]
    with working_in(kettle):
        reply = reply_to(mention, "It does.", by=ada)
    for _ in range(3):
        make_due(kettle)
        send_due(kettle)
    assert (state(kettle, reply), reply.attempts, callback.posts) == ("sent", 3, {str(reply.key): "It does."})


def test_answers_of_one_conversation_leave_in_their_order(kettle, mention, callback, ada):
    """The first waits for its next attempt: the second waits with it, and other conversations wait for neither."""
    callback.statuses = [500]
    with working_in(kettle):
        first = reply_to(mention, "It does.", by=ada)
        second = reply_to(mention, "And it is of steel.", by=ada, even_so=True)
        bridge = mention.connection
        other = reply_to(make_mention(connection=bridge, thread="lids", handle="eva@tea.example"), "It fits.", by=ada)
        Reply.objects.filter(pk=first.pk).update(due_at=timezone.now() - timedelta(seconds=9))

    send_due(kettle)
    assert [state(kettle, one) for one in (first, second, other)] == ["waiting", "waiting", "sent"]
    make_due(kettle)
    send_due(kettle)

    assert [json.loads(body)["text"] for _key, _signature, body in callback.calls] == [
        "It does.", "It fits.", "It does.", "And it is of steel.",
    ]  # fmt: skip


def test_trouble_is_tried_for_a_day_with_growing_pauses_and_whoever_answered_hears_of_it(
    kettle, mention, callback, ada, time_machine
):
    callback.statuses = [503] * 40
    time_machine.move_to(timezone.now(), tick=False)
    with working_in(kettle):
        reply, pauses = reply_to(mention, "It does.", by=ada), []
    begun = timezone.now()
    while True:
        send_due(kettle)
        if state(kettle, reply) != "waiting":
            break
        pauses.append(int((reply.due_at - timezone.now()).total_seconds()))
        time_machine.move_to(reply.due_at, tick=False)

    assert pauses[:9] == [20, 40, 80, 160, 320, 640, 1280, 2560, 3600]
    assert (reply.state, reply.due_at, len(set(pauses[8:]))) == ("failed", None, 1)
    assert timedelta(hours=24) <= timezone.now() - begun < timedelta(hours=25)
    with working_in(kettle):
        assert Conversation.objects.get().state == "waiting"
        assert Notice.objects.get(kind=UNSENT).user_id == ada.pk


def test_a_refusal_brings_the_conversation_back_and_can_be_tried_again(kettle, mention, callback, ada):
    callback.statuses = [422]
    with working_in(kettle):
        reply = reply_to(mention, "It does.", by=ada)
    send_due(kettle)

    with working_in(kettle):
        conversation = Conversation.objects.get()
        reply.refresh_from_db()
        assert (reply.state, reply.last_error, conversation.state) == (
            "failed",
            "Where the answer goes, they said 422.",
            "waiting",
        )
        try_again(reply, by=ada)
    send_due(kettle)
    assert (state(kettle, reply), len(callback.posts)) == ("sent", 1)


def test_a_lease_that_ran_out_is_taken_over_and_two_workers_never_share_one(kettle, mention, callback, ada):
    with working_in(kettle):
        reply = reply_to(mention, "It does.", by=ada)
        Reply.objects.update(state="sending", attempts=1, leased_until=timezone.now() + timedelta(seconds=30))
    send_due(kettle)
    assert callback.calls == []

    with working_in(kettle):
        Reply.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    send_due(kettle)
    assert (state(kettle, reply), reply.attempts) == ("sent", 2)


WORKER = """
import django, os, sys
django.setup()
from django.conf import settings
settings.ECRM_FETCH_LOOPBACK = True
from django.db import connection
connection.settings_dict["NAME"] = sys.argv[1]
from workspaces.models import Workspace
from conversations.answers.handing_over import send_due
send_due(Workspace.objects.get(slug="kettle"))
"""


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_five_times_while_sending_gives_one_answer(kettle, mention, callback, ada):
    with working_in(kettle):
        reply = reply_to(mention, "It does.", by=ada)
    callback.dawdle = 30
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "ecrm.settings", "SECRET_KEY": django_settings.SECRET_KEY}
    killed = 0
    for _ in range(5):
        callback.came.clear()
        worker = subprocess.Popen(
            [sys.executable, "-c", WORKER, database.settings_dict["NAME"]],
            env=environment,
            cwd=django_settings.BASE_DIR,
        )
        assert callback.came.wait(30), "the worker never reached the wire"
        worker.send_signal(signal.SIGKILL)
        killed += worker.wait() == -signal.SIGKILL
        assert state(kettle, reply) == "sending"
        with working_in(kettle):
            Reply.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    callback.dawdle = 0
    send_due(kettle)

    assert (killed, len(callback.calls), callback.posts) == (5, 6, {str(reply.key): "It does."})
    assert (state(kettle, reply), reply.attempts) == ("sent", 6)


def test_the_webhook_says_what_it_can(inside):
    assert Webhook(make_connection()).capabilities().replies is False
    assert Webhook(make_connection(callback_url="https://bridge.example/")).capabilities().replies is True


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_signed_while_no_workspace_is_open(kettle):
    """The worker hands answers over between two short blocks: the secret must open there too."""
    from social.connecting import connect
    from social.secrets import secrets_of
    from workspaces.current import working_in

    with working_in(kettle):
        connection, secret = connect("webhook", name="Bridge", callback_url="", is_public=True, by=None)

    assert secrets_of(connection) == [secret]


def test_an_answer_to_the_later_question_is_an_answer_to_the_earlier_one(inside, ada, bob):
    """Bob has an older page open: he sees Ada's answer before his own goes out."""
    bridge, at = make_connection(), timezone.now() - timedelta(minutes=30)
    asked = {"connection": bridge, "thread": "Q", "handle": "quinn"}
    first = make_mention("Where is my order?", published_at=at, **asked)
    second = make_mention("Hello? Where is it?", published_at=at + timedelta(minutes=5), **asked)
    given = reply_to(second, "On its way.", by=ada)

    with pytest.raises(AlreadyAnsweredError) as error:
        reply_to(first, "We look.", by=bob)

    assert (error.value.reply, Reply.objects.count()) == (given, 1)
    third = make_mention("And now?", published_at=at + timedelta(minutes=9), **asked)
    assert reply_to(third, "Tomorrow.", by=bob).mention_id == third.pk
