"""What comes back says who, how hard and which email: whole answers for made-up reports of every habit we read."""

import pytest

from delivery.bounces.bouncing import OPT_OUT, Returned, read_returned
from delivery.management.commands.parse_bounce import Command as ParseBounce

HEAD = "From: MAILER-DAEMON@mx.example\nTo: back@k.example\nSubject: Undelivered Mail\n"
MULTI = 'MIME-Version: 1.0\nContent-Type: multipart/report; report-type={kind}; boundary="b"\n\n'


def part(kind: str, text: str) -> str:
    return f"--b\nContent-Type: {kind}\n\n{text}\n"


def report(*parts: str, head: str = HEAD, kind: str = "delivery-status") -> bytes:
    return (head + MULTI.format(kind=kind) + "".join(parts) + "--b--\n").encode()


def status(*blocks: str, kind: str = "message/delivery-status") -> str:
    return part(kind, "\n\n".join(("Reporting-MTA: dns; mx.example", *blocks)))


def about(address: str, action: str = "failed", code: str = "5.1.1", diagnostic: str = "smtp; 550 5.1.1 sorry") -> str:
    return f"Final-Recipient: rfc822; {address}\nAction: {action}\nStatus: {code}\nDiagnostic-Code: {diagnostic}"


def dead(*addresses: str, status: str = "5.1.1", diagnostic: str = "550 5.1.1 sorry", sent=None) -> Returned:
    return Returned("bounce", "hard", addresses, status, diagnostic, sent)


def soft(*addresses: str, status: str, diagnostic: str, sent=None) -> Returned:
    return Returned("bounce", "soft", addresses, status, diagnostic, sent)


A, B, C = "ann@x.example", "bea@x.example", "cem@x.example"


@pytest.mark.parametrize(
    ("blocks", "said"),
    [
        ([about("Ann@X.example")], dead(A)),
        # several that failed are all named, with the words about the first; those delayed or delivered are not
        ([about(A), about(B, code="5.2.2", diagnostic="smtp; 552 full"), about(C, "delivered")], dead(A, B)),
        ([about(B, "delayed", "4.4.1", "smtp; 451 later"), about(A)], dead(A)),
        ([about(C, "delivered", "2.0.0"), about(A)], dead(A)),
        # without a failure, those delayed: soft, whatever the status says
        (
            [about(A, "delayed", "5.1.1", "smtp; 550 5.1.1 no"), about(B, "delivered", "2.0.0")],
            soft(A, status="5.1.1", diagnostic="550 5.1.1 no"),
        ),
        # an action that is missing is a failure; an original recipient stands in for a final one
        ([f"Final-Recipient: rfc822; {A}\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 sorry"], dead(A)),
        (
            [f"Original-Recipient: rfc822;{A}\nAction: FAILED\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 sorry"],
            dead(A),
        ),
        ([about(A).replace("Final", f"Original-Recipient: rfc822; {B}\nFinal")], dead(A)),
        # a block that names nobody is passed over
        (["Action: failed\nStatus: 5.2.2", about(A)], dead(A)),
        # what is delivered, relayed or expanded is no bounce
        ([about(A, "delivered", "2.0.0")], Returned("other")),
        ([about(A, "relayed", "2.0.0")], Returned("other")),
        ([about(A, "expanded", "2.0.0")], Returned("other")),
        # the better code: the diagnostic's where the status says nothing
        (
            [about(A, code="5.0.0", diagnostic="smtp; 552 5.2.2 full")],
            soft(A, status="5.2.2", diagnostic="552 5.2.2 full"),
        ),
        ([about(A, code="none", diagnostic="smtp; 550 5.1.1 sorry")], dead(A)),
        ([about(A, code="5.1.1", diagnostic="smtp; 552 5.2.2 full")], dead(A, diagnostic="552 5.2.2 full")),
        ([about(A, code="5.2.2", diagnostic="smtp; 550 5.0.0 x")], soft(A, status="5.2.2", diagnostic="550 5.0.0 x")),
        # a diagnostic without a type, one that is folded, one that is long
        ([about(A, diagnostic="550 5.1.1 sorry")], dead(A)),
        ([about(A, diagnostic="smtp; 550 5.1.1\n  sorry")], dead(A)),
        ([about(A, diagnostic="smtp; " + "x" * 400)], dead(A, diagnostic="x" * 300)),
        # the first of two lines of one name counts
        ([about(A) + "\nAction: delivered\nStatus: 5.7.1"], dead(A)),
    ],
)
def test_a_report_names_those_that_failed(blocks, said):
    assert read_returned(report(status(*blocks))) == said
    assert read_returned(report(status(*blocks, kind="message/global-delivery-status"))) == said


@pytest.mark.parametrize(
    ("code", "words", "hardness"),
    [
        ("5.1.0", "", "hard"),
        ("5.1.1", "", "hard"),
        ("5.1.6", "", "hard"),
        ("5.1.7", "", "soft"),  # about the sender
        ("5.1.8", "", "soft"),
        ("5.1.9", "", "hard"),
        ("5.2.0", "", "soft"),
        ("5.2.1", "", "hard"),
        ("5.2.2", "", "soft"),
        ("5.3.1", "", "soft"),
        ("5.7.1", "user unknown", "soft"),  # a policy's words about users are not believed
        ("4.1.1", "user unknown", "soft"),
        ("5.0.0", "user unknown", "hard"),
        ("5.0.0", "550 no such user here", "hard"),
        ("5.0.0", "450 no such user here", "soft"),
        ("5.0.0", "try again", "soft"),
        ("5.5.0", "mailbox unavailable", "hard"),
        ("5.5.0", "mailbox is full", "soft"),
        ("", "550 user unknown", "hard"),
        ("", "450 user unknown", "soft"),
        ("", "550 go away", "soft"),
    ],
)
def test_hard_means_that_there_is_no_such_mailbox(code, words, hardness):
    found = read_returned(report(status(about(A, code=code, diagnostic=f"smtp; {words}"))))

    assert (found.hardness, found.status, found.addresses) == (hardness, code, (A,))


@pytest.mark.parametrize(
    "words",
    [
        "User unknown", "user not found", "user doesn't exist", "userdoesnt exist", "unknown user", "unknown recipient",
        "unknown local part", "unknown address", "unknown mailbox", "no such user", "no such mailbox",
        "no such recipient", "no such address", "no such account", "no such person", "does not exist",
        "invalid recipient", "invalid mailbox", "invalid address", "invalid user", "mailbox unavailable",
        "account has been disabled", "address is inactive", "recipient was not found", "recipient address rejected",
        "account deactivated", "mailbox suspended", "not a valid mailbox",
    ],
)  # fmt: skip
def test_these_words_say_that_nobody_is_there(words):
    assert read_returned(report(status(about(A, code="5.0.0", diagnostic=f"smtp; 550 {words}")))).hardness == "hard"


@pytest.mark.parametrize(
    "words", ["quota exceeded", "message too large", "spam detected", "greylisted", "blocked", "busy"]
)
def test_these_say_nothing_of_it(words):
    assert read_returned(report(status(about(A, code="5.0.0", diagnostic=f"smtp; 550 {words}")))).hardness == "soft"


@pytest.mark.parametrize(
    ("enclosed", "sent"),
    [
        (part("text/rfc822-headers", "Message-ID: <7.12.1@kettle.example>"), (7, 12, 1, 0, "")),
        (part("text/rfc822-headers", "Message-ID: <7.12.3.501@kettle.example>"), (7, 12, 3, 501, "")),
        (part("message/rfc822", "Message-ID: <70.120.2@kettle.example>\n\nHello"), (70, 120, 2, 0, "")),
        (part("text/rfc822-headers", "Message-ID: <7.12@kettle.example>"), None),
        (part("text/rfc822-headers", "Message-ID: <a.7.12.1@kettle.example>"), None),
        (part("text/plain", "Message-ID: <7.12.1@kettle.example>"), None),
        (
            part("text/rfc822-headers", "Message-ID: <x@y.example>")
            + part("text/rfc822-headers", "Message-ID: <8.9.1@kettle.example>"),
            (8, 9, 1, 0, ""),
        ),
    ],
)
def test_the_enclosed_email_names_message_person_and_attempt(enclosed, sent):
    assert read_returned(report(status(about(A)), enclosed)) == dead(A, sent=sent)


ORIGINAL = part("message/rfc822", f"To: {B}\nMessage-ID: <7.12.1@kettle.example>\n\nHello")


@pytest.mark.parametrize(
    ("fields", "enclosed", "addresses", "kind"),
    [
        (f"Feedback-Type: abuse\nOriginal-Rcpt-To: <{A}>", ORIGINAL, (A,), "abuse"),
        (f"Feedback-Type: fraud\nRemoval-Recipient: {A}", ORIGINAL, (A,), "fraud"),
        (f"Original-Rcpt-To: {A}\nRemoval-Recipient: {C}", ORIGINAL, (A, C), ""),
        ("Feedback-Type: abuse", ORIGINAL, (B,), "abuse"),
        ("Feedback-Type: abuse", "", (), "abuse"),
    ],
)
def test_a_complaint_names_the_reader_by_its_report_then_by_the_email(fields, enclosed, addresses, kind):
    raw = report(part("message/feedback-report", fields), enclosed, kind="feedback-report")

    sent = (7, 12, 1, 0, "") if enclosed else None
    assert read_returned(raw) == Returned("complaint", "", addresses, "", kind, sent)


def test_complaints_of_two_houses_that_send_no_report():
    stop = f"From: Ann <{A}>\nTo: x@k.example\nSubject: x\nX-Apple-Unsubscribe: true\n\nstop"
    assert read_returned(stop.encode()) == Returned("complaint", "", (A,), "", OPT_OUT)

    head = "From: staff@hotmail.example\nSubject:  Complaint about message from 1.2.3.4\n"
    for line, reader in ((f"X-HmXmrOriginalRecipient: {A}\nTo: {B}", A), (f"To: {B}", B)):
        raw = report(part("message/rfc822", f"{line}\nMessage-ID: <7.12.1@kettle.example>\n\nHello"), head=head)
        assert read_returned(raw) == Returned("complaint", "", (reader,), "", "abuse", (7, 12, 1, 0, ""))
    assert read_returned(b"From: a@x.example\nSubject: My complaint about message from you\n\nx").kind == "other"


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        ("Auto-Submitted: auto-replied", "autoreply"),
        ("Auto-Submitted: Auto-Replied (vacation)", "autoreply"),
        ("Auto-Submitted: auto-generated", "other"),
        ("Auto-Submitted: no", "other"),
        ("X-Autoreply: yes", "autoreply"),
        ("X-Autorespond: yes", "autoreply"),
        ("X-Auto-Response-Suppress: All", "autoreply"),
        ("X-Autoresponder: yes", "autoreply"),
        ("Precedence: auto_reply", "autoreply"),
        ("Precedence: AUTO_REPLY", "autoreply"),
        ("Precedence: bulk", "other"),
        ("Subject: Out of the office", "autoreply"),
        ("Subject: out of office", "autoreply"),
        ("Subject: Automatic reply: News", "autoreply"),
        ("Subject: Auto-Response: News", "autoreply"),
        ("Subject: On vacation", "autoreply"),
        ("Subject: Abwesenheitsnotiz", "autoreply"),
        ("Subject: =?utf-8?q?R=C3=A9ponse_automatique?=", "autoreply"),
        ("Subject: away from my desk", "autoreply"),
        ("Subject: =?nonsense?q?Hello?=", "other"),
        ("Subject: Thanks", "other"),
        # a machine that reports a failure is no person who is away
        ("Auto-Submitted: auto-replied\nX-Failed-Recipients: ann@x.example", "bounce"),
        ("Auto-Submitted: auto-replied\nSubject: Undeliverable: News", "other"),
    ],
)
def test_who_is_away_is_told_from_who_is_gone(head, kind):
    raw = f"From: ann@people.example\nTo: back@k.example\n{head}\n\nBack on Monday"

    assert read_returned(raw.encode()).kind == kind
    from_daemon = raw.replace("ann@people", "mailer-daemon@people")
    assert read_returned(from_daemon.encode()).kind in {"other", "bounce"}


def plain(
    text: str, *, sender: str = "MAILER-DAEMON@mx.example", subject: str = "Undelivered mail", more: str = ""
) -> bytes:
    return f"From: {sender}\nTo: back@k.example\nSubject: {subject}\n{more}\n{text}\n".encode()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        # a header that names who failed; the line with a code or a dead word is the diagnostic
        (
            plain("Hello\n  550 5.1.1 no such user  \nBye", more=f"X-Failed-Recipients: {A}, {B}\n"),
            dead(A, B, diagnostic="550 5.1.1 no such user"),
        ),
        (
            plain("It said:\nUser unknown", more=f"X-Failed-Recipients: {A}\n"),
            dead(A, status="", diagnostic="User unknown"),
        ),
        (
            plain("452 4.2.2 Mailbox full", more=f"X-Failed-Recipients: {A}\n"),
            soft(A, status="4.2.2", diagnostic="452 4.2.2 Mailbox full"),
        ),
        (
            plain("We could not.", more=f"X-Failed-Recipients: {A}\n"),
            soft(A, status="", diagnostic=""),
        ),
        (
            plain("550 " + "y" * 400, more=f"X-Failed-Recipients: {A}\n"),
            soft(A, status="", diagnostic=("550 " + "y" * 400)[:300]),
        ),
        # without one: the first address in the report's words that is neither its own nor where it came to
        (
            plain(f"Dear back@k.example, here is mailer-daemon@mx.example.\nSorry about {B} and {A}:\n550 5.1.1 unknown user"),
            dead(B, diagnostic="550 5.1.1 unknown user"),
        ),
        (plain("Sorry.\n" * 59 + f"{A}\n550 5.1.1 unknown user"), dead(A, diagnostic="550 5.1.1 unknown user")),
        (plain("Sorry.\n" * 60 + f"{A}\n550 5.1.1 unknown user"), Returned("other")),
        # neither who is no daemon, nor a daemon that speaks of no failure, is believed
        (plain(f"Sorry about {A}:\n550 5.1.1 unknown user", sender="bob@mx.example"), Returned("other")),
        (plain(f"Your weekly digest, {A}", subject="Digest"), Returned("other")),
        (plain(f"Mail delivery failed: {A} (550 5.1.1 unknown user)", subject="Hm"), dead(
            A, diagnostic=f"Mail delivery failed: {A} (550 5.1.1 unknown user)")),
    ],
)  # fmt: skip
def test_without_a_report_the_habits_of_servers_are_read(raw, said):
    assert read_returned(raw) == said


def test_addresses_are_read_once_in_order_in_small_letters():
    raw = plain("550 5.1.1 unknown user", more=f"X-Failed-Recipients: Ann <{A.upper()}>, {B}, <{A}>\n")

    assert read_returned(raw).addresses == (A, B)


def test_the_command_says_a_line_a_file(tmp_path, capsys):
    path = tmp_path / "one.eml"
    path.write_bytes(report(status(about(A)), part("text/rfc822-headers", "Message-ID: <7.12.1@kettle.example>")))

    ParseBounce().handle(files=[path])

    assert capsys.readouterr().out == (
        f'{{"file": "{path}", "kind": "bounce", "hardness": "hard", "addresses": ["{A}"], "status": "5.1.1", '
        '"diagnostic": "550 5.1.1 sorry", "sent": [7, 12, 1]}\n'
    )
