"""A mailbox on a real Dovecot behind a real Postfix: people write, we answer, they answer, and what bounces comes back.

Skipped where the two are not installed, or the tests do not run as root; `.ci/run` installs them.
"""

from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

import pytest

from conversations.answers.handing_over import send_due as send_replies
from conversations.answers.replying import reply_to
from conversations.models import Connection, Conversation, Mention, Reply
from delivery.engine.sending import send_due
from delivery.models import Delivery, RecipientChunk
from lib.clock import now
from social.connecting import connect, network_of, poll_due
from tests.backstage.dev.launching import wait_until
from tests.delivery.conftest import own_var
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_contact
from tests.social.post_office import IS_HERE, PASSWORD, open_post_office
from workspaces.current import working_in

__all__ = ["own_var"]
pytestmark = pytest.mark.skipif(not IS_HERE, reason="Postfix and Dovecot are not installed here, or we are not root")
OURS, TOM = "hello@kettle.example", "tom@tea.example"


@pytest.fixture(scope="module")
def office():
    with open_post_office() as found:
        yield found


@pytest.fixture
def post(office, kettle, ada, settings):
    """Our own mailbox there and a sender by it; `letter` writes to us, `look` polls, `leave` sends what waits."""
    before = len(office.box(OURS))
    facts = {"host": "127.0.0.1", "port": office.imap, "security": "none", "username": OURS, "folder": "INBOX",
             "results_by": "", "address": OURS}  # fmt: skip
    with working_in(kettle):
        make_sender(port=office.smtp)
        made, _secret = connect("mail", by=ada, name="Post", settings=facts, is_public=False, password=PASSWORD)
    office.workspace, office.connection, office.before = kettle, made, before
    look(office)
    return office


def look(office):
    with working_in(office.workspace):
        Connection.objects.update(due_at=now())
    poll_due(office.workspace)
    with working_in(office.workspace):
        return Connection.objects.get(pk=office.connection.pk)


def letter(office, text, **headers):
    """Tom writes to us, and it has arrived."""
    given = {
        "From": f"Tom Tee <{TOM}>",
        "To": OURS,
        "Subject": "Your kettle",
        "Date": formatdate(),
        "Message-ID": make_msgid(),
    }
    message, lay = EmailMessage(), len(office.box(OURS))
    for name, value in {**given, **headers}.items():
        message[name] = value
    message.set_content(text)
    office.send(message.as_bytes(), OURS, TOM)
    office.waited_for(OURS, lay + 1)
    return message


def leave(office):
    """What the agenda does until an answer has left."""
    for _turn in range(3):
        send_replies(office.workspace)
        with working_in(office.workspace):
            RecipientChunk.objects.update(not_before=None)
            Reply.objects.filter(state="waiting").update(due_at=now() - timedelta(seconds=1))
        send_due(office.workspace)


def test_a_question_is_answered_in_its_thread_and_what_they_say_then_stands_in_it(post, ada):
    asked = letter(post, "Grüße! Is it any good for 5 €?", Subject="Kettle für zwei")
    assert look(post).failures == 0
    had = len(post.box(TOM))

    with working_in(post.workspace):
        mention = Mention.objects.get(is_silent=False)
        assert (mention.text, mention.author.handle) == ("Grüße! Is it any good for 5 €?", TOM)
        reply_to(mention, "It is. Schöne Grüße!", by=ada)
    leave(post)
    answer = post.waited_for(TOM, had + 1)[-1]
    letter(
        post,
        "Thank you!\n\n> It is. Schöne Grüße!",
        **{"In-Reply-To": answer["Message-ID"], "Subject": "Re: Kettle für zwei"},
    )
    look(post)

    assert (answer["In-Reply-To"], answer["To"]) == (asked["Message-ID"], TOM)
    assert "It is. Schöne Grüße!" in next(
        part.get_payload(decode=True).decode() for part in answer.walk() if part.get_content_type() == "text/plain"
    )
    with working_in(post.workspace):
        rows = Mention.objects.filter(is_silent=False).order_by("pk")  # an email says its time to the second
        assert [row.text for row in rows] == ["Grüße! Is it any good for 5 €?", "Thank you!"]
        assert Conversation.objects.filter(mentions__in=rows).distinct().count() == 1
        assert [row.state for row in Reply.objects.all()] == ["sent"]


def test_an_answer_to_nobody_bounces_and_the_bounce_takes_its_effect(post, ada):
    letter(post, "Do you deliver?", From="Gone <gone@elsewhere.test>", Subject="Delivery")
    look(post)
    with working_in(post.workspace):
        contact = make_contact("Gone", "gone@elsewhere.test")
        mention = Mention.objects.get(is_silent=False)
        reply_to(mention, "We do.", by=ada)
    lay = len(post.box(OURS))

    leave(post)
    post.waited_for(OURS, lay + 1)
    look(post)

    with working_in(post.workspace):
        row = Delivery.objects.get(contact=contact)
        assert row.bounced_at is not None
        assert Mention.objects.filter(is_silent=False).count() == 1  # the bounce is nobody's question
        assert "no messages of people" in Connection.objects.get(pk=post.connection.pk).note


def test_an_automatic_answer_to_our_answer_asks_for_nothing(post):
    letter(post, "I am away.", **{"Auto-Submitted": "auto-replied", "Subject": "Re: Your kettle"})
    look(post)

    with working_in(post.workspace):
        assert not Mention.objects.filter(is_silent=False).exists()


def test_dovecot_tells_us_when_something_comes(post):
    with working_in(post.workspace):
        network = network_of(Connection.objects.get(pk=post.connection.pk))
        line = network.open_stream()
    try:
        assert line.hear() == (False, False)
        letter(post, "Anybody there?", Subject="A new one")
        assert wait_until(lambda: line.hear()[1])
    finally:
        line.close()


def test_many_that_came_meanwhile_all_come_in(post):
    for number in range(60):
        message = EmailMessage()
        for name, value in {
            "From": TOM,
            "To": OURS,
            "Subject": f"Question {number}",
            "Message-ID": make_msgid(),
        }.items():
            message[name] = value
        message.set_content(f"Number {number}?")
        post.send(message.as_bytes(), OURS, TOM)
    assert wait_until(
        lambda: {f"Question {number}" for number in range(60)} <= {one["Subject"] for one in post.box(OURS)}
    )
    for _turn in range(3):
        look(post)

    with working_in(post.workspace):
        texts = set(Mention.objects.filter(is_silent=False).values_list("text", flat=True))
    assert {f"Number {number}?" for number in range(60)} <= texts
