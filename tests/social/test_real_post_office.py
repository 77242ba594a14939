"""Mail the whole way through servers of others: Postfix takes and bounces it, Dovecot keeps it, nothing of it is made up."""

import select
import time
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from smtplib import SMTP
from uuid import uuid4

import pytest

from campaigns.planning import plan_due
from consent.models import Suppression
from conversations.answers.handing_over import send_due as send_replies
from conversations.answers.replying import reply_to
from conversations.models import Connection, Conversation, Mention, Reply
from delivery.engine.sending import send_due
from delivery.models import Delivery, RecipientChunk
from lib.clock import now
from lib.connections.imap import Account
from lib.connections.imap_idle import open_idle
from social.connecting import connect, poll_due
from tests.delivery.conftest import own_var
from tests.factories.campaigns import make_campaign, make_sender, started
from tests.factories.contacts import make_reader
from tests.social.post_office import HERE, ME, PASSWORD, SECONDS, THEIRS, PostOffice, missing, open_post_office
from workspaces.current import working_in

__all__ = ["own_var"]
BURST = 130  # between two looks; fifty are read at once
US = "hello@kettle.example"
why_not = missing()
pytestmark = pytest.mark.skipif(bool(why_not), reason=why_not)


@pytest.fixture(scope="module")
def house() -> Iterator[PostOffice]:
    """Starting both takes seconds."""
    with open_post_office() as found:
        yield found


@pytest.fixture
def office(house: PostOffice) -> PostOffice:
    """With empty mailboxes."""
    house.empty()
    return house


@pytest.fixture
def box(office, kettle, ada):
    """Our mailbox there, connected."""
    facts = {
        "host": HERE,
        "port": office.imap_port,
        "security": "none",
        "username": ME,
        "folder": "INBOX",
        "address": US,
    }
    with working_in(kettle):
        connection, _secret = connect("mail", by=ada, name="Post", settings=facts, is_public=False, password=PASSWORD)
    return connection


def look(workspace) -> None:
    """Poll until a look brings nothing new."""
    cursor = None
    while True:
        with working_in(workspace):
            Connection.objects.update(due_at=now())
        poll_due(workspace)
        with working_in(workspace):
            row = Connection.objects.get(network="mail")
        assert not row.last_error, row.last_error
        if row.cursor == cursor:
            return
        cursor = row.cursor


def letter_of(name: str, text: str, **heads: str) -> EmailMessage:
    """What somebody elsewhere writes to us by their own program."""
    email = EmailMessage()
    email["From"], email["To"], email["Date"] = f"{name.title()} <{name}@{THEIRS}>", US, formatdate()
    email["Message-ID"], email["Subject"] = make_msgid(domain=THEIRS), heads.pop("subject", "Your kettle")
    for head, value in heads.items():
        email[head.replace("_", "-")] = value
    email.set_content(text)
    return email


def test_a_campaign_arrives_and_the_bounce_that_postfix_writes_takes_its_effect(office, box, kettle):
    with working_in(kettle):
        readers = {name: make_reader(name.title(), email=f"{name}@{THEIRS}") for name in ("tom", "eva", "gone")}
        started(make_campaign(make_sender(port=office.smtp_port)))
    look(kettle)
    plan_due(kettle)
    send_due(kettle)
    arrived = [*office.waits_for("tom"), *office.waits_for("eva")]
    office.waits_for_ours(count=1)
    look(kettle)
    send_due(kettle)

    assert [str(one["To"]) for one in arrived] == [f"tom@{THEIRS}", f"eva@{THEIRS}"]
    assert all(one["List-Unsubscribe"] and one["Return-Path"] for one in arrived)
    with working_in(kettle):
        rows = {one.contact_id: one.bounced_at is not None for one in Delivery.objects.all()}
        assert rows == {readers["tom"].pk: False, readers["eva"].pk: False, readers["gone"].pk: True}
        assert [one.reason for one in Suppression.objects.all()] == [Suppression.Reason.BOUNCE]
        assert not Mention.objects.exists()
    assert (len(office.waits_for("tom")), len(office.waits_for("eva"))) == (1, 1)


def test_who_answers_a_campaign_is_answered_once_in_their_own_thread(office, box, kettle, ada):
    with working_in(kettle):
        tom = make_reader("Tom", email=f"tom@{THEIRS}")
        started(make_campaign(make_sender(port=office.smtp_port)))
    look(kettle)
    plan_due(kettle)
    send_due(kettle)
    [campaign] = office.waits_for("tom")
    question = letter_of(
        "tom",
        f"Is it any good?\n\nOn Monday Kettle & Co wrote:\n> {campaign['Subject']}\n",
        subject=f"Re: {campaign['Subject']}",
        In_Reply_To=str(campaign["Message-ID"]),
        References=str(campaign["Message-ID"]),
    )
    office.writes(question)
    office.waits_for_ours(count=1)
    look(kettle)
    with working_in(kettle):
        mention = Mention.objects.get()
        assert (mention.text, mention.is_silent) == ("Is it any good?", False)
        reply_to(mention, "It is.", key=uuid4(), by=ada)
    for _turn in range(3):
        with working_in(kettle):
            Reply.objects.filter(state="waiting").update(due_at=now() - timedelta(seconds=1))
            RecipientChunk.objects.update(not_before=None)
        send_replies(kettle)
        send_due(kettle)

    answer = office.waits_for("tom", count=2)[-1]
    assert str(answer["In-Reply-To"]) == str(question["Message-ID"])
    assert answer["Auto-Submitted"] is None
    assert answer.get_body(("plain",)).get_content().startswith("It is.")
    with working_in(kettle):
        assert [one.state for one in Reply.objects.all()] == ["sent"]
        assert Conversation.objects.count() == 1
        assert tom.email == f"tom@{THEIRS}"
    assert len(office.waits_for("tom")) == 2


def test_an_away_note_asks_for_nothing(office, box, kettle):
    look(kettle)
    office.writes(letter_of("tom", "I am away.", Auto_Submitted="auto-replied", subject="Re: Your kettle"))
    office.waits_for_ours(count=1)
    look(kettle)

    with working_in(kettle):
        assert not Mention.objects.filter(is_silent=False).exists()


def test_a_burst_between_two_looks_comes_in_whole_and_once(office, box, kettle):
    look(kettle)
    with SMTP(HERE, office.their_port, timeout=SECONDS) as server:
        for number in range(BURST):
            server.send_message(letter_of("eva", f"Number {number}", subject=f"Question {number}"))
    office.waits_for_ours(count=BURST)
    look(kettle)
    look(kettle)

    with working_in(kettle):
        assert sorted(Mention.objects.values_list("text", flat=True)) == sorted(f"Number {n}" for n in range(BURST))


def test_dovecot_says_at_once_that_something_came(office):
    account = Account(HERE, office.imap_port, ME, PASSWORD, "none")
    line = open_idle(account, "INBOX")
    try:
        office.writes(letter_of("tom", "Hello?"))
        until, is_sign = time.monotonic() + SECONDS, False
        while not is_sign and time.monotonic() < until:
            select.select([line], [], [], 1)
            is_sign = line.hear()[1]
    finally:
        line.close()

    assert is_sign
