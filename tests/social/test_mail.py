"""A mailbox of the workspace's own, on a real IMAP server: who wrote stands in the inbox once, the rest takes its effect."""

import time
from datetime import timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection

from campaigns.planning import plan_due
from consent.models import Suppression
from consent.suppressing import is_suppressed, suppress
from contacts.addresses import address_hash
from contacts.models import Contact, Identity
from conversations.answers.handing_over import send_due as send_replies
from conversations.answers.replying import reply_to
from conversations.forwards.forwarding import forward
from conversations.forwards.handing_over import send_due as send_forwards
from conversations.models import (
    Connection,
    Conversation,
    Forward,
    Mention,
    PublicAuthor,
    Reply,
    ReplyFile,
    SetAside,
    TeamNote,
)
from delivery.engine.sending import send_due
from delivery.message_ids import MessageIds
from delivery.models import Delivery
from lib.clock import now
from privacy.erasing import erase_person
from social.connecting import poll_due
from social.networks.mail_reading import NoSenderError, read_letter
from tests.deliverability.mailbox import ImapServer
from tests.delivery.conftest import own_var, room, sender
from tests.factories.campaigns import make_campaign, started
from tests.factories.contacts import make_contact, make_reader
from tests.social.mailbox import box, email
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.models import User

__all__ = ["box", "own_var", "room", "sender"]


def test_what_people_wrote_stands_in_the_inbox_once(box, kettle):
    box.look()
    box.messages += [email(), email("And the lid?", who="eva@tea.example")]
    box.look()
    box.look()

    with working_in(kettle):
        rows = set(Mention.objects.values_list("author__handle", "text", "network"))
        assert rows == {("tom@tea.example", "Is it any good?", "mail"), ("eva@tea.example", "And the lid?", "mail")}
        assert Conversation.objects.get(author__handle="tom@tea.example").title == "Your kettle"
        assert not Conversation.objects.filter(is_public=True).exists()


def test_what_lay_there_before_comes_in_without_asking_for_answers(box, kettle):
    box.messages += [email()]
    box.look()

    with working_in(kettle):
        assert [one.is_silent for one in Mention.objects.all()] == [True]


def test_a_known_person_whose_server_proves_it_has_it_on_their_timeline(box, kettle):
    with working_in(kettle):
        tom = make_contact("Tom", "tom@tea.example")
        eva = make_contact("Eva", "eva@tea.example")
    box.look()
    box.messages += [
        email(),
        email(who="eva@tea.example", proof=""),
        email(who="eva@tea.example", proof="x; dmarc=fail"),
    ]
    box.look()

    with working_in(kettle):
        assert Touchpoint.objects.filter(contact=tom).count() == 1
        assert Touchpoint.objects.filter(contact=eva).count() == 0
        claimed = PublicAuthor.objects.get(handle="eva@tea.example")
        assert (claimed.contact_id, claimed.claimed_by) == (None, box.connection.pk)


OURS = "mx.kettle.example"


@pytest.mark.parametrize(
    ("heads", "is_proven"),
    [
        (f"Authentication-Results: {OURS}; spf=pass; dmarc=pass (p=none)", True),
        (f"Authentication-Results: {OURS.upper()} 1; dmarc = pass", True),
        (f"Authentication-Results: x; dmarc=fail\r\nAuthentication-Results: {OURS}; dmarc=pass", True),
        (f"Authentication-Results: {OURS}; dmarc=fail\r\nAuthentication-Results: {OURS}; dmarc=pass", False),
        ("Authentication-Results: x; dmarc=pass", False),
        (f"Authentication-Results: x (\r\n {OURS}); dmarc=pass", False),
        (f"Authentication-Results: {OURS}; spf=fail smtp.mailfrom=dmarc=pass@e.example", False),
        (f'Authentication-Results: {OURS}; spf=fail smtp.mailfrom="; dmarc=pass"@e.example', False),
        (f"Authentication-Results: {OURS}; dmarc=fail (; dmarc=pass)", False),
        (f"Authentication-Results: {OURS}", False),
        (f"Authentication-Results: {OURS}; dmarc=pass\r\nFrom: eve@evil.example", False),
        ("Subject: x", False),
    ],
)
def test_a_proof_counts_when_the_server_we_believe_wrote_it_of_the_one_sender(heads, is_proven):
    raw = heads.encode() + b"\r\n" + email(who="eva@tea.example", proof="")

    assert read_letter(raw, proven_by=OURS).is_proven is is_proven
    assert not read_letter(raw).is_proven


def test_dmarc_of_a_broken_from_proves_no_other_header():
    raw = f"Authentication-Results: {OURS}; dmarc=pass\r\nFrom: nobody\r\nReply-To: eva@tea.example\r\n\r\nHi".encode()

    letter = read_letter(raw, proven_by=OURS)

    assert (letter.address, letter.is_proven) == ("eva@tea.example", False)


def test_answers_of_one_exchange_are_one_conversation(box, kettle):
    box.look()
    first = email(Message_ID="<a@tea.example>")
    second = email("And?", In_Reply_To="<b@kettle.example>", References="<a@tea.example> <b@kettle.example>")
    box.messages += [first, second, email("Something else")]
    box.look()

    with working_in(kettle):
        assert sorted(one.mentions.count() for one in Conversation.objects.all()) == [1, 2]


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"}, {"List_Unsubscribe": "<https://a.example/u>"}, {"Precedence": "bulk"},
        {"Precedence": "junk"}, {"List_Id": "<tea.lists.example>"}, {"X_Loop": "hello@kettle.example"},
        {"Subject": "Automatic reply: away"}, {"who": "hello@kettle.example"},
    ],
)  # fmt: skip
def test_what_no_person_wrote_asks_for_no_answer(box, kettle, headers):
    box.look()
    box.messages += [email(**headers), email("Real")]
    box.look()

    with working_in(kettle):
        assert [one.text for one in Mention.objects.all()] == ["Real"]
        assert Connection.objects.get(network="mail").note.startswith("1 were no messages of people")


def bounce_of(message_id, address):
    return (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
        f"--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message_id}\r\nTo: {address}\r\n\r\nHi\r\n--b--\r\n"
    ).encode()


def test_a_bounce_that_lies_there_takes_its_effect(box, kettle, sender):
    with working_in(kettle):
        reader = make_reader("Greta")
        campaign = started(make_campaign(sender))
    plan_due(kettle)
    send_due(kettle)
    with working_in(kettle):
        message_id = MessageIds("kettle.example", kettle.pk, campaign.message_id).of(reader.pk, 1)
        address = Contact.objects.get(pk=reader.pk).email
    box.look()
    box.messages += [bounce_of(message_id, address)]
    box.look()

    with working_in(kettle):
        assert Delivery.objects.get(contact=reader).bounced_at is not None
        assert Suppression.objects.filter(reason=Suppression.Reason.BOUNCE).exists()
        assert not Mention.objects.exists()


def blocked_since(hours, reason):
    suppress((reader := make_reader()).email, reason=reason)
    Suppression.objects.update(at=now() - timedelta(hours=hours))
    return reader.email


def test_who_writes_from_an_address_that_bounced_is_written_to_again(box, kettle):
    with working_in(kettle):
        complained = blocked_since(3, Suppression.Reason.COMPLAINT)
        before, since = (blocked_since(hours, Suppression.Reason.BOUNCE) for hours in (3, 3))
        Suppression.objects.filter(address_hash=address_hash(since)).update(at=now())
    box.look()
    at = format_datetime(now() - timedelta(hours=1))
    box.messages += [email(who=one, Date=at) for one in (complained, before, since)]
    box.look()

    with working_in(kettle):
        assert [is_suppressed(one) for one in (complained, before, since)] == [True, False, True]


def test_what_answers_by_itself_lifts_no_bounce(box, kettle):
    with working_in(kettle):
        bounced = blocked_since(3, Suppression.Reason.BOUNCE)
    box.look()
    box.messages += [email(who=bounced, Date=format_datetime(now()), Auto_Submitted="auto-replied")]
    box.look()

    with working_in(kettle):
        assert is_suppressed(bounced)


def test_an_answer_goes_out_in_their_thread_and_is_one(box, kettle, ada, room, sender):
    with working_in(kettle):
        tom = make_contact("Tom", "tom@tea.example")
    box.look()
    box.messages += [email(Message_ID="<a@tea.example>")]
    box.look()
    with working_in(kettle):
        reply_to(Mention.objects.get(), "It is.", key=uuid4(), by=ada)
        Reply.objects.update(due_at=now() - timedelta(seconds=1))
    for _turn in range(2):
        send_replies(kettle)
        with working_in(kettle):
            from delivery.models import RecipientChunk

            RecipientChunk.objects.update(not_before=None)
            Reply.objects.filter(state="waiting").update(due_at=now() - timedelta(seconds=1))
        send_due(kettle)
    send_replies(kettle)

    with working_in(kettle):
        assert [one.state for one in Reply.objects.all()] == ["sent"]
        assert Touchpoint.objects.filter(contact=tom).count() >= 2
    ((_from, to, data),) = room.letters
    assert to == "tom@tea.example"
    assert b"In-Reply-To: <a@tea.example>" in data
    assert b"Subject: Re: Your kettle" in data


def test_what_comes_back_to_a_forward_is_a_note_and_goes_to_nobody(box, kettle, ada, room, sender):
    box.look()
    box.messages += [email(Message_ID="<a@tea.example>")]
    box.look()
    with working_in(kettle):
        row = forward(Mention.objects.get(), "legal@law.example", "Please look.", by=ada)
    send_forwards(kettle)
    ((_from, _to, data),) = room.letters
    ours = message_from_bytes(data)["Message-ID"]
    back = email(
        "Offer a new one.", who="Lena Law <lena@law.example>", In_Reply_To=ours, References=f"{ours} <b@x.example>"
    )
    away = email("Away", who="legal@law.example", In_Reply_To=ours, Auto_Submitted="auto-replied")
    tom = email("And me?", References=f"<a@tea.example> {ours}")
    eve = email("Pay me instead.", who="eve@evil.example", In_Reply_To=ours)
    round_ = email("Please look.", who="Group <group@law.example>", Message_ID=ours)
    box.messages += [back, away, tom, eve, round_, email("Hello", who="legal@law.example")]
    for _turn in range(2):
        box.look()
    with working_in(kettle):
        Connection.objects.filter(network="mail").update(cursor={"validity": 1, "uid": 99, "looked": True})
    box.look()

    with working_in(kettle):
        notes = TeamNote.objects.order_by("pk").values_list("conversation", "writer", "text")
        assert list(notes) == [
            (row.conversation_id, "Lena Law <lena@law.example>", "Offer a new one."),
            (row.conversation_id, "legal@law.example", "Automatic answer: Away"),
        ]
        said = set(Mention.objects.values_list("author__handle", "text"))
        assert said == {
            ("tom@tea.example", "Is it any good?"),
            ("tom@tea.example", "And me?"),
            ("eve@evil.example", "Pay me instead."),
            ("legal@law.example", "Hello"),
        }
    assert len(room.letters) == 1


def test_a_forward_that_comes_back_did_not_arrive(box, kettle, ada, room, sender):
    box.look()
    box.messages += [email()]
    box.look()
    with working_in(kettle):
        forward(Mention.objects.get(), "lgal@law.example", "Please look.", by=ada)
    send_forwards(kettle)
    ((_from, _to, data),) = room.letters
    ours = message_from_bytes(data)["Message-ID"]
    head = (
        "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
    )
    said = "Final-Recipient: rfc822; lgal@law.example\r\nAction: {}\r\nDiagnostic-Code: smtp; 550 No such user\r\n\r\n"
    foot = f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {ours}\r\n\r\n--b--\r\n"
    states = []
    for action in ("delayed", "failed"):
        box.messages += [(head + said.format(action) + foot).encode()]
        box.look()
        with working_in(kettle):
            states += Forward.objects.values_list("state", "last_error")

    assert states == [("sent", ""), ("failed", "It came back: 550 No such user")]
    with working_in(kettle):
        assert Mention.objects.count() == 1


def test_a_stranger_who_is_answered_becomes_a_contact(box, kettle, ada, room, sender):
    box.look()
    box.messages += [email(who="new@tea.example", proof="")]
    box.look()
    with working_in(kettle):
        reply_to(Mention.objects.get(), "Hello.", key=uuid4(), by=ada)
        Reply.objects.update(due_at=now() - timedelta(seconds=1))
    send_replies(kettle)

    with working_in(kettle):
        assert Identity.objects.get(kind=Identity.Kind.EMAIL).value == "new@tea.example"


def test_a_server_that_makes_its_numbers_anew_brings_nothing_twice(box, kettle):
    box.look()
    box.messages += [email()]
    box.look()
    with working_in(kettle):
        Connection.objects.filter(network="mail").update(cursor={"validity": 1, "uid": 99, "looked": True})
    box.look()

    with working_in(kettle):
        assert Mention.objects.count() == 1


def test_a_message_of_nobody_is_set_aside_and_stops_no_other(box, kettle):
    box.look()
    box.messages += [email(who=""), b"\xff\xfe\x00", email("Real")]
    box.look()

    with working_in(kettle):
        assert [one.text for one in Mention.objects.all()] == ["Real"]
        assert Connection.objects.get(network="mail").last_error == ""


def test_more_than_fifty_come_in_by_pages(box, kettle):
    box.look()
    box.messages += [email(f"No {number}", who=f"p{number}@tea.example") for number in range(120)]
    for _turn in range(3):
        box.look()

    with working_in(kettle):
        assert Mention.objects.count() == 120


def test_all_that_lay_there_is_silent_however_many_pages_it_takes(box, kettle):
    box.messages += [email(f"Old {number}", who=f"p{number}@tea.example") for number in range(60)]
    box.look()
    box.messages += [email("New", who="new@tea.example")]
    for _turn in range(2):
        box.look()

    with working_in(kettle):
        assert Mention.objects.filter(is_silent=True, text__startswith="Old").count() == 60
        assert [one.text for one in Mention.objects.filter(is_silent=False)] == ["New"]


def test_a_mailbox_that_was_empty_is_read_on(box, kettle):
    for _turn in range(2):
        box.look()
    box.messages += [email("First of all", who="new@tea.example")]
    box.look()

    with working_in(kettle):
        assert [(one.text, one.is_silent) for one in Mention.objects.all()] == [("First of all", False)]
        assert Connection.objects.get(pk=box.connection.pk).last_error == ""


def test_an_email_is_never_edited_by_another_of_the_same_id(box, kettle):
    box.look()
    box.messages += [email("Where is my kettle?", Message_ID="<a@tea.example>")]
    box.look()
    forged = email("I love it!", who="eve@evil.example", Message_ID="<a@tea.example>")
    box.messages += [forged, email("One", Message_ID="<b@tea.example>"), forged.replace(b"<a@", b"<b@")]
    box.look()

    with working_in(kettle):
        rows = set(Mention.objects.values_list("author__handle", "text", "edited_at"))
        assert rows == {("tom@tea.example", "Where is my kettle?", None), ("tom@tea.example", "One", None)}


def test_a_server_that_stops_midway_is_read_as_far_as_it_goes(box, kettle, monkeypatch):
    monkeypatch.setattr("social.networks.mail.SECONDS", 0.4)
    box.look()
    box.messages += [email(f"No {number}", who=f"p{number}@tea.example") for number in range(5)]
    box.hangs_at = 3
    box.look()
    with working_in(kettle):
        assert {one.text for one in Mention.objects.all()} == {"No 0", "No 1"}
        row = Connection.objects.get(network="mail")
        assert (row.cursor["uid"], row.last_error, row.due_at <= now()) == (2, "", True)
    box.look()
    with working_in(kettle):
        row = Connection.objects.get(network="mail")
        assert (row.cursor["uid"], row.last_error) == (2, "The mailbox’s server is too slow.")
    box.hangs_at = 0
    box.look()

    with working_in(kettle):
        assert {one.text for one in Mention.objects.all()} == {f"No {number}" for number in range(5)}


def test_while_the_database_is_away_no_bounce_is_lost(box, kettle, sender):
    with working_in(kettle):
        reader = make_reader("Greta")
        message = make_campaign(sender).message
        Delivery.objects.create(message=message, contact=reader, state=Delivery.State.SENT, address=reader.email)
    box.look()
    box.messages += [bounce_of(MessageIds("kettle.example", kettle.pk, message.pk).of(reader.pk, 1), reader.email)]

    def away(execute, sql, params, many, context):
        if "delivery_delivery" in sql:
            raise OperationalError("the connection is gone")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(away), pytest.raises(OperationalError):
        box.look()
    with working_in(kettle):
        assert Connection.objects.get(network="mail").cursor["uid"] == 0
        assert not SetAside.objects.exists()
    box.look()

    with working_in(kettle):
        assert Delivery.objects.get(contact=reader).bounced_at is not None


@pytest.mark.parametrize(
    "raw",
    [
        b"", b"\0\0\0", b"From: a@b.example\r\n\r\n" + b"x" * 300_000, b"From: =?utf-9?b?x?= <a@b.example>\r\n\r\n\xff",
        b"From: a@b.example\r\nDate: Mon, 99 Foo 9999\r\nSubject: =?x?\r\n\r\n", b"From: <@>\r\n\r\n",
        b"From: a@b.example\r\nContent-Type: text/html; charset=nonsense\r\n\r\n<script>alert(1)</script><p>Hi",
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\n--x",
        b"From: a@b.example\r\nMessage-ID: " + b"<" + b"y" * 5000 + b">\r\n\r\n",
    ],
)  # fmt: skip
def test_whatever_an_email_holds_it_is_read_or_refused(raw):
    try:
        letter = read_letter(raw)
    except NoSenderError:
        return
    assert letter.address == "a@b.example"
    assert "<script" not in letter.text
    assert len(letter.text) <= 100_000
    assert len(letter.message_id) <= 300


class TestThePage:
    def test_a_mailbox_is_connected_on_the_page(self, as_ada, kettle, settings):
        with ImapServer({"INBOX": ("", [])}) as server:
            form = {
                "mail-name": "Post", "mail-address": "hello@kettle.example", "mail-host": "127.0.0.1",
                "mail-port": server.port, "mail-security": "none", "mail-username": "hello", "mail-password": "open",
                "mail-folder": "INBOX",
            }  # fmt: skip
            answer = as_ada.post("/w/kettle/inbox/connections/mail/add/", form)
            poll_due(kettle)

        assert answer.status_code == 302
        with working_in(kettle):
            row = Connection.objects.get(network="mail")
            assert (row.is_public, row.last_error, row.failures) == (False, "", 0)
            assert b"open" not in bytes(row.sealed_secret)
            assert "password" not in row.settings

    def test_a_wrong_password_is_said_on_the_connection(self, box, kettle, as_ada):
        box.password = "other"
        box.look()

        assert "The mailbox does not accept the login." in as_ada.get("/w/kettle/inbox/connections/").text


def test_files_go_with_an_answer_and_the_inbox_names_them(box, kettle, as_ada, room, sender):
    with working_in(kettle):
        tom = make_contact("Tom", "tom@tea.example")
    box.look()
    box.messages += [email(Message_ID="<a@tea.example>")]
    box.look()
    page = f"/w/kettle/contacts/{tom.pk}/?compose=answer"
    assert "10 MB together" in as_ada.get(page).text
    png = SimpleUploadedFile("../Tin für Tom.png", b"\x89PNG\r\n\x1a\n0", content_type="text/html")
    with working_in(kettle):
        mention = Mention.objects.get()
    form = {"text": "Like this.", "key": uuid4(), "seen": 0, "mention": mention.pk, "attached": [png]}

    assert as_ada.post(f"/w/kettle/inbox/of/{tom.pk}/answer/", form).status_code == 302
    for _turn in range(2):
        with working_in(kettle):
            Reply.objects.filter(state="waiting").update(due_at=now() - timedelta(seconds=1))
        send_replies(kettle)
        send_due(kettle)

    ((_from, _to, data),) = room.letters
    (read,) = message_from_bytes(data, policy=policy.default).iter_attachments()
    assert (read.get_filename(), read.get_content_type()) == ("Tin für Tom.png", "image/png")
    assert read.get_content() == b"\x89PNG\r\n\x1a\n0"
    assert "Tin für Tom.png" in as_ada.get(f"/w/kettle/inbox/{mention.conversation_id}/").text
    with working_in(kettle):
        assert bytes(ReplyFile.objects.get().data) == b""  # the email holds them
        erase_person(tom.pk, by=User.objects.get(email="ada@kettle.example"))
        assert not ReplyFile.objects.exists()


def nested(count):
    parts = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\r\n\r\n--b{n}\r\n' for n in range(count))
    return f"From: bo@tea.example\r\n{parts}Content-Type: text/plain\r\n\r\nhi\r\n".encode()


BOMBS = {
    "nested": nested(2_000),
    "enclosed": b"From: bo@tea.example\r\n" + b"Content-Type: message/rfc822\r\n\r\n" * 2_000 + b"hi",
    "parts": b"From: bo@tea.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
    + b"--b\r\n\r\nx\r\n" * 100_000,
    "head": b"From: " + b"a@b, " * 200_000 + b"\r\n\r\nhi",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_set_aside_and_stops_no_other(box, kettle, bomb):
    box.look()
    box.messages += [bomb, email("After it")]

    box.look()

    with working_in(kettle):
        assert [one.text for one in Mention.objects.all()] == ["After it"]
        assert "was not opened" in SetAside.objects.get().reason


@pytest.mark.parametrize(
    "raw",
    [
        b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<div>" * 150_000,
        b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n" + b"<b><x>" * 100_000 + b"hi",
        b'From: a@b.example\r\nContent-Type: text/plain; charset="\0utf"\r\n\r\nhi\xff',
        b"From: a@b.example\r\nContent-Type: text/plain; charset=punycode\r\n\r\n" + b"a" * 400_000,
        b"From: a@b.example\r\nSubject: " + b"Re: " * 50_000 + b"\r\n\r\nhi",
        b"From: a@b.example\r\nReferences: " + b"<a@b.c> " * 30_000 + b"\r\n\r\nhi",
    ],
    ids=["deep", "deep-unknown", "nul-charset", "punycode", "subject", "references"],
)
def test_what_is_made_to_take_long_takes_no_time(raw):
    begun = time.process_time()

    assert read_letter(raw).address == "a@b.example"

    assert time.process_time() - begun < 3


def test_a_person_who_writes_of_a_report_domain_is_heard(box, kettle):
    box.look()
    box.messages += [
        email("What is a report domain, please?"),
        email("No file", Subject="Report domain: kettle.example"),
    ]

    box.look()

    with working_in(kettle):
        assert {one.text for one in Mention.objects.all()} == {"What is a report domain, please?", "No file"}


@pytest.mark.parametrize(
    ("said", "codec"),
    [("us-ascii", "utf-8"), ("utf-8", "cp1252"), ("nonsense", "utf-8"), ("iso-8859-1", "iso-8859-1"), ("", "utf-8"), ("koi8-r", "koi8-r")],
)  # fmt: skip
def test_letters_are_read_as_they_were_meant_whatever_charset_is_named(said, codec):
    words = "Привет" if codec == "koi8-r" else "Grüße, für €5" if codec != "iso-8859-1" else "Grüße"
    kind = f"text/plain; charset={said}" if said else "text/plain"
    head = f"From: a@b.example\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"

    assert read_letter(head.encode() + words.encode(codec)).text == words
