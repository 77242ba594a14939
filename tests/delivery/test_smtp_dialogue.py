"""What is said on the line, word for word, and what the journal knows at each step."""

import base64

import pytest

from delivery.messengers.protocol import (
    AskedToWaitError,
    ConnectionLostError,
    MessageInFlightError,
    OutcomeKind,
    ServerDownError,
)
from delivery.messengers.smtp import outcome_of
from delivery.messengers.smtp_client import OutgoingMessage, can_deliver
from delivery.messengers.smtp_line import Reply
from tests.delivery.wire import HELLO, SLOW_HELLO, Wire, dial

__all__ = ["dial"]
EHLO = "EHLO kettle.example"
TAKEN = ("250 ok", "250 ok", "354 go", "250 2.0.0 taken")


def letter(slot: int, recipient: str = "", data: bytes = b"") -> OutgoingMessage:
    return OutgoingMessage(slot, "r@k.example", recipient or f"p{slot}@x.example", data or b"Hi %d\r\n" % slot)


def envelope(slot: int) -> list[str]:
    return ["MAIL FROM:<r@k.example>", f"RCPT TO:<p{slot}@x.example>", "DATA"]


class Talk:
    """A delivery of some letters: what came of each, and what was marked in which order."""

    def __init__(self, smtp, *letters, stops_at=-1):
        self.marks, self.asked, self.said = [], [], []

        def may_go(one):
            self.asked.append(one.slot)
            return one.slot != stops_at

        def mark(slot, name):
            self.marks.append((slot, name))

        self.run = smtp.deliver(iter(letters), mark, may_go)

    def __call__(self):
        for one, reply in self.run:
            self.said.append((one.slot, str(reply)))
        return self.said


def test_one_envelope_stands_right_behind_the_final_dot(dial):
    wire = Wire(*HELLO, *TAKEN, *TAKEN)
    smtp = dial(wire)
    talk = Talk(smtp, letter(4), letter(5))

    assert talk() == [(4, "250 2.0.0 taken"), (5, "250 2.0.0 taken")]
    smtp.close()

    assert wire.heard == [EHLO, *envelope(4), "Hi 4\r\n.\r\n", *envelope(5), "Hi 5\r\n.\r\n", "QUIT"]
    assert talk.marks == [(4, "about"), (4, "accepted"), (5, "about"), (5, "accepted")]
    assert talk.asked == [4, 5]
    assert wire.is_closed


def test_without_pipelining_each_command_waits_for_its_answer(dial):
    wire = Wire(*SLOW_HELLO, *TAKEN, *TAKEN)
    talk = Talk(dial(wire), letter(0), letter(1))

    assert talk() == [(0, "250 2.0.0 taken"), (1, "250 2.0.0 taken")]
    assert wire.heard == [EHLO, *envelope(0), "Hi 0\r\n.\r\n", *envelope(1), "Hi 1\r\n.\r\n"]


def test_nothing_to_send_says_nothing(dial):
    wire = Wire(*HELLO)

    assert Talk(dial(wire))() == []
    assert wire.heard == [EHLO]


@pytest.mark.parametrize(
    ("data", "on_the_line"),
    [
        (b"a\r\n.b\r\n..c\r\n.\r\nd\r\n", "a\r\n..b\r\n...c\r\n..\r\nd\r\n.\r\n"),
        (b"a.b\r\n", "a.b\r\n.\r\n"),
    ],
)
def test_a_line_that_begins_with_a_dot_gets_another(dial, data, on_the_line):
    wire = Wire(*HELLO, *TAKEN)

    Talk(dial(wire), letter(0, data=data))()

    assert wire.heard[-1] == on_the_line


@pytest.mark.parametrize(
    ("answers", "said", "heard"),
    [
        # the recipient refused, DATA taken all the same: an empty letter to nobody ends it (RFC 2920 3.1)
        (["250 ok", "550 5.1.1 no", "354 go", "554 none", "250 reset"], "550 5.1.1 no", [".\r\n", "RSET"]),
        (["250 ok", "450 4.2.0 later", "503 none", "250 reset"], "450 4.2.0 later", ["RSET"]),
        # the first refusal counts
        (["550 5.7.1 not you", "503 x", "503 y", "250 reset"], "550 5.7.1 not you", ["RSET"]),
        (["250 ok", "250 ok", "451 4.3.0 not now", "250 reset"], "451 4.3.0 not now", ["RSET"]),
    ],
)
def test_a_refused_envelope_is_taken_back_before_the_next(dial, answers, said, heard):
    wire = Wire(*HELLO, *answers, *TAKEN)
    talk = Talk(dial(wire), letter(0), letter(1))

    assert talk() == [(0, said), (1, "250 2.0.0 taken")]
    assert wire.heard == [EHLO, *envelope(0), *heard, *envelope(1), "Hi 1\r\n.\r\n"]
    assert talk.marks == [(1, "about"), (1, "accepted")]


@pytest.mark.parametrize(
    ("answers", "said", "heard"),
    [
        (["550 5.7.1 no"], "550 5.7.1 no", 1),
        (["250 ok", "550 5.1.1 no"], "550 5.1.1 no", 2),
        (["250 ok", "250 ok", "451 4.3.0 no"], "451 4.3.0 no", 3),
    ],
)
def test_without_pipelining_the_first_refusal_ends_the_envelope(dial, answers, said, heard):
    wire = Wire(*SLOW_HELLO, *answers, "250 reset", *TAKEN)

    assert Talk(dial(wire), letter(0), letter(1))() == [(0, said), (1, "250 2.0.0 taken")]
    assert wire.heard == [EHLO, *envelope(0)[:heard], "RSET", *envelope(1), "Hi 1\r\n.\r\n"]


def test_the_last_refusal_takes_back_and_begins_nothing(dial):
    wire = Wire(*HELLO, "250 ok", "550 5.1.1 no", "503 x", "250 reset")

    assert Talk(dial(wire), letter(0))() == [(0, "550 5.1.1 no")]
    assert wire.heard == [EHLO, *envelope(0), "RSET"]


@pytest.mark.parametrize(
    ("answer", "error"),
    [("421 4.7.0 x", AskedToWaitError), ("451 4.7.0 x", AskedToWaitError), ("500 5.5.1 x", ServerDownError)],
)
def test_a_server_that_takes_nothing_back_is_left(dial, answer, error):
    wire = Wire(*HELLO, "250 ok", "550 5.1.1 no", "503 x", answer)

    with pytest.raises(error, match=r"4\.7\.0|5\.5\.1"):
        Talk(dial(wire), letter(0), letter(1))()


@pytest.mark.parametrize(
    ("answer", "mark"),
    [
        ("250 ok", "accepted"),
        ("354 strange", "accepted"),
        ("450 4.2.2 full", "later"),
        ("499 x", "later"),
        ("550 5.1.1 gone", "refused"),
        ("599 x", "refused"),
        ("199 x", "refused"),
    ],
)
def test_the_last_word_on_a_letter_stands_in_the_journal(dial, answer, mark):
    wire = Wire(*HELLO, *TAKEN[:3], answer)
    talk = Talk(dial(wire), letter(3))

    assert talk() == [(3, answer)]
    assert talk.marks == [(3, "about"), (3, mark)]


@pytest.mark.parametrize("place", [0, 1, 2])
def test_421_in_an_envelope_leaves_the_letter_untouched(dial, place):
    answers = ["250 ok", "250 ok", "354 go"]
    answers[place] = "421 4.7.0 the-secret"
    talk = Talk(dial(Wire(*HELLO, *answers)), letter(0))

    with pytest.raises(AskedToWaitError) as error:
        talk()

    assert (str(error.value), talk.marks) == ("421 4.7.0", [])


def test_421_to_a_body_means_that_it_was_not_taken(dial):
    talk = Talk(dial(Wire(*HELLO, *TAKEN[:3], "421 4.7.0 the-secret")), letter(0))

    with pytest.raises(AskedToWaitError) as error:
        talk()

    assert (str(error.value), talk.marks) == ("421 4.7.0", [(0, "about"), (0, "untouched")])


def test_who_is_stopped_right_before_the_body_stays_untouched(dial):
    wire = Wire(*HELLO, *TAKEN, *TAKEN)
    talk = Talk(dial(wire), letter(0), letter(1), letter(2), stops_at=1)

    with pytest.raises(ConnectionLostError, match="stopped by us") as error:
        talk()

    assert type(error.value) is ConnectionLostError
    assert talk.said == [(0, "250 2.0.0 taken")]
    assert talk.marks == [(0, "about"), (0, "accepted"), (1, "about"), (1, "untouched")]
    assert wire.heard == [EHLO, *envelope(0), "Hi 0\r\n.\r\n", *envelope(1)]
    assert wire.is_closed


def test_a_line_that_breaks_after_the_body_leaves_the_mark(dial):
    talk = Talk(dial(Wire(*HELLO, *TAKEN[:3], None)), letter(0))

    with pytest.raises(MessageInFlightError, match="the server closed the connection"):
        talk()

    assert talk.marks == [(0, "about")]


@pytest.mark.parametrize(("less", "is_in_flight"), [(1, False), (0, True), (-1, True)])
def test_the_last_byte_of_a_body_decides_whether_it_is_in_flight(dial, less, is_in_flight):
    wire = Wire(*HELLO, "250 ok", "250 ok", "354 go")
    smtp = dial(wire)

    def may_go(_one):
        wire.leaves = len("Hi 0\r\n.\r\n") - less
        return True

    marks = []
    with pytest.raises(ConnectionLostError, match=r"the connection broke \(Broken pipe\)") as error:
        list(smtp.deliver(iter([letter(0), letter(1)]), lambda *mark: marks.append(mark), may_go))

    assert isinstance(error.value, MessageInFlightError) == is_in_flight
    assert marks == [(0, "about")] + ([] if is_in_flight else [(0, "untouched")])


def test_letters_beyond_ascii_need_a_server_that_speaks_them(dial):
    wire = Wire(*HELLO, *TAKEN)
    speaks, plain = dial(wire), dial(Wire(*SLOW_HELLO))

    assert [can_deliver(speaks, one) for one in ("a@x.example", "jürgen@x.example")] == [True, True]
    assert [can_deliver(plain, one) for one in ("a@x.example", "jürgen@x.example")] == [True, False]
    for unfit in ("a b@x.example", "a@x.example\r\nDATA", "<a@x.example>", "a@x.example>", "a\x7f@x.example", "a\0@x"):
        assert not can_deliver(speaks, unfit)
    Talk(dial(wire := Wire(*HELLO, *TAKEN)), letter(0, "jürgen@x.example"))()
    assert wire.heard[1] == "MAIL FROM:<r@k.example> SMTPUTF8 BODY=8BITMIME"
    assert wire.heard[2] == "RCPT TO:<jürgen@x.example>"


def test_what_a_server_offers_is_read_from_its_hello(dial):
    smtp = dial(Wire("220-one\n220 two", "250-mx.example hello\n250-size 1000\n250-AUTH PLAIN LOGIN\n250 pipelining"))

    assert smtp.offers == {"SIZE": "1000", "AUTH": "PLAIN LOGIN", "PIPELINING": ""}
    assert smtp.pipelines


def test_an_old_server_is_greeted_the_old_way(dial):
    wire = Wire("220 x", "502 what", "250 hello")

    smtp = dial(wire)

    assert (wire.heard, smtp.offers, smtp.pipelines) == ([EHLO, "HELO kettle.example"], {}, False)


def coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("offer", "answers", "heard"),
    [
        ("AUTH LOGIN PLAIN", ["235 in"], ["AUTH PLAIN " + coded("\0änn\0sec ret")]),
        ("auth plain", ["235 in"], ["AUTH PLAIN " + coded("\0änn\0sec ret")]),
        ("SIZE", ["235 in"], ["AUTH PLAIN " + coded("\0änn\0sec ret")]),
        ("AUTH LOGIN CRAM-MD5", ["334 x", "334 y", "235 in"], ["AUTH LOGIN", coded("änn"), coded("sec ret")]),
    ],
)
def test_we_log_in_as_the_server_offers(dial, offer, answers, heard):
    wire = Wire("220 x", f"250-mx\n250 {offer}", *answers)

    dial(wire, user="änn", password="sec ret")

    assert wire.heard == [EHLO, *heard]


@pytest.mark.parametrize(
    ("offer", "answers", "error", "said"),
    [
        ("AUTH PLAIN", ["535 5.7.8 secret"], ServerDownError, "The mail server does not accept our login (535 5.7.8)."),
        ("AUTH PLAIN", ["454 4.7.0 secret"], AskedToWaitError, "454 4.7.0"),
        ("AUTH LOGIN", ["504 secret"], ServerDownError, "The mail server does not accept our login (504)."),
        ("AUTH LOGIN", ["334 x", "535 no"], ServerDownError, "The mail server does not accept our login (535)."),
        ("AUTH CRAM-MD5", [], ServerDownError, "The mail server offers no way to log in that we speak."),
    ],
)
def test_a_login_that_fails_says_the_code_and_hangs_up(dial, offer, answers, error, said):
    wire = Wire("220 x", f"250-mx\n250 {offer}", *answers)

    with pytest.raises(error) as found:
        dial(wire, user="ann", password="secret")

    assert (type(found.value), str(found.value), wire.is_closed) == (error, said, True)


@pytest.mark.parametrize(
    ("answers", "error", "said"),
    [
        (["421 4.3.2 secret"], AskedToWaitError, "421 4.3.2"),
        (["554 5.3.2 secret"], ServerDownError, "The mail server refuses us (554 5.3.2)."),
        (["220 x", "550 a", "550 5.1.0 secret"], ServerDownError, "The mail server refuses us (550 5.1.0)."),
        (["220 x", "450 a", "450 4.1.0 secret"], AskedToWaitError, "450 4.1.0"),
        (
            ["220 x", None],
            ServerDownError,
            "The mail server mx.example:25 cannot be used: the server closed the connection",
        ),
        (["+OK secret"], ServerDownError, "The mail server mx.example:25 cannot be used: the server speaks no SMTP"),
    ],
)
def test_a_greeting_that_fails_hangs_up(dial, answers, error, said):
    wire = Wire(*answers)

    with pytest.raises(error) as found:
        dial(wire)

    assert (type(found.value), str(found.value), wire.is_closed) == (error, said, True)


@pytest.mark.parametrize(
    ("offer", "answers", "error", "said"),
    [
        ("SIZE", [], ServerDownError, "The mail server offers no STARTTLS. Choose another encryption."),
        ("STARTTLS", ["454 4.7.0 secret"], AskedToWaitError, "454 4.7.0"),
        ("STARTTLS", ["501 5.5.4 secret"], ServerDownError, "The mail server refuses us (501 5.5.4)."),
        ("STARTTLS", ["220 go\n250 injected"], ServerDownError, "The server spoke before encryption began."),
    ],
)
def test_no_letter_goes_in_the_clear_where_encryption_is_wanted(dial, offer, answers, error, said):
    wire = Wire("220 x", f"250-mx\n250 {offer}", *answers)

    with pytest.raises(error) as found:
        dial(wire, security="starttls", user="ann", password="x")

    assert (type(found.value), str(found.value), wire.is_closed) == (error, said, True)
    assert wire.heard == [EHLO, "STARTTLS"][: 1 + bool(answers)]


def waited(wire: Wire, began: float, action) -> float:
    """How many silent seconds it bore."""
    with pytest.raises((ConnectionLostError, ServerDownError)):
        action()
    return wire.at - began


def test_patience_is_a_minute_for_words_five_for_an_envelope_and_ten_for_a_body(dial):
    wire = Wire("")
    assert waited(wire, 1000, lambda: dial(wire)) == 61
    wire = Wire("220 x", "")
    assert waited(wire, 1000, lambda: dial(wire)) == 61
    wire = Wire("220 x", "250-mx\n250 AUTH PLAIN", "")
    assert waited(wire, 1000, lambda: dial(wire, user="ann")) == 61
    for count in (0, 1, 2):
        wire = Wire(*HELLO, *TAKEN[:count], "")
        assert waited(wire, 1000, Talk(dial(wire), letter(0))) == 301
    wire = Wire(*HELLO, "250 ok", "550 no", "354 go", "")
    assert waited(wire, 1000, Talk(dial(wire), letter(0))) == 301
    wire = Wire(*HELLO, "250 ok", "550 no", "503 x", "")
    assert waited(wire, 1000, Talk(dial(wire), letter(0))) == 121
    wire = Wire(*HELLO, *TAKEN[:3], "")
    assert waited(wire, 1000, Talk(dial(wire), letter(0))) == 601


def test_a_try_has_one_patience_for_everything(dial):
    wire = Wire("")
    assert waited(wire, 1000, lambda: dial(wire, seconds=10)) == 11
    wire = Wire(*HELLO, *TAKEN[:3], "")
    smtp = dial(wire, seconds=10)
    wire.at += 4
    assert waited(wire, 1000, Talk(smtp, letter(0))) == 11


def test_a_heart_beats_in_each_silent_moment_also_after_a_change(dial):
    beats = []
    wire = Wire(*HELLO, *TAKEN[:3], "")
    smtp = dial(wire, beat=lambda: beats.append("first"))
    before = len(beats)
    smtp.beat = lambda: beats.append("second")

    waited(wire, 1000, Talk(smtp, letter(0)))

    # one a read with something in it, one a silent second; the last second ends it
    assert set(beats[:before]) == {"first"}
    assert set(beats[before:]) == {"second"}
    assert 600 <= len(beats) - before <= 603


@pytest.mark.parametrize(
    ("reply", "kind", "is_dead"),
    [
        (Reply(250, "2.0.0 ok"), OutcomeKind.ACCEPTED, False),
        (Reply(399, "x"), OutcomeKind.ACCEPTED, False),
        (Reply(400, "5.1.1 x"), OutcomeKind.LATER, False),
        (Reply(499, "x"), OutcomeKind.LATER, False),
        (Reply(500, "x"), OutcomeKind.REFUSED, False),
        (Reply(550, "5.1.1 x"), OutcomeKind.REFUSED, True),
        (Reply(550, "5.1.0 x"), OutcomeKind.REFUSED, True),
        (Reply(550, "5.1.7 x"), OutcomeKind.REFUSED, False),
        (Reply(550, "5.1.8 x"), OutcomeKind.REFUSED, False),
        (Reply(550, "5.1.10 x"), OutcomeKind.REFUSED, True),
        (Reply(550, "5.2.1 x"), OutcomeKind.REFUSED, True),
        (Reply(550, "No such user"), OutcomeKind.REFUSED, True),
        (Reply(550, "user blocked as spam"), OutcomeKind.REFUSED, False),
        (Reply(550, "4.1.1 x"), OutcomeKind.REFUSED, False),
        (Reply(550, "sorry 5.1.1"), OutcomeKind.REFUSED, False),
        (Reply(199, "x"), OutcomeKind.REFUSED, False),
    ],
)
def test_what_an_answer_means_for_one_person(reply, kind, is_dead):
    found = outcome_of(reply)

    assert (found.kind, found.answer, found.is_dead_address) == (kind, f"{reply.code} {reply.text}", is_dead)


def test_an_answer_is_kept_in_three_hundred_letters():
    assert str(Reply(250, "x" * 400)) == "250 " + "x" * 296
    assert [Reply(535, text).number for text in ("5.7.8 no", "no", "")] == ["535 5.7.8", "535", "535"]
