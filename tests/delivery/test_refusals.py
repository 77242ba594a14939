"""What servers answer, as they write it: a dead mailbox is told from a full one, and both from a no to us."""

import pytest

from consent.suppressing import is_suppressed
from delivery.bounces.refusals import Refusal, is_about_us, judge_refusal
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_reader


@pytest.mark.parametrize(
    ("words", "means"),
    [
        ("550 No such user", "hard"),
        ("550 no such user here", "hard"),
        ("550 unknown user", "hard"),
        ("550 Requested action not taken: mailbox unavailable", "hard"),
        ("550 <ann@x.example>: Recipient address rejected: User unknown in local recipient table", "hard"),
        ("550 The email account that you tried to reach does not exist", "hard"),
        ("550 this account has been disabled or discontinued; account disabled", "hard"),
        ("553 sorry, no mailbox here by that name", "hard"),
        ("550 mailbox full", "soft"),
        ("552 mailbox unavailable: quota exceeded", "soft"),
        ("450 user unknown for now", "soft"),
        ("550 mailbox temporarily unavailable", "soft"),
        ("550 go away", "soft"),
        ("550 Address rejected by spam filter", "policy"),
        ("550 mailbox unavailable due to policy", "policy"),
        ("550 Recipient rejected: access denied", "policy"),
        ("554 user unknown; your host is blocked using zen.spamhaus.org", "policy"),
        ("550 sender address does not exist", "policy"),
        ("550 relaying to unknown user denied", "policy"),
        ("451 greylisted, no such user yet", "policy"),
    ],
)
def test_without_a_code_the_words_decide_and_no_address_pays_for_what_is_said_of_us(words, means):
    assert judge_refusal("", words) == Refusal(means)


@pytest.mark.parametrize(
    ("status", "means"),
    [
        ("5.1.1", "hard"), ("5.1.10", "hard"), ("5.2.1", "hard"), ("5.2.2", "soft"), ("4.2.2", "soft"), ("4.1.1", "soft"),
        ("5.7.1", "policy"), ("5.7.26", "policy"), ("4.7.0", "policy"), ("5.1.8", "policy"), ("5.1.7", "policy"),
        ("5.3.4", "soft"), ("5.4.4", "soft"),
    ],
)  # fmt: skip
def test_a_code_goes_before_words(status, means):
    assert judge_refusal(status, "550 user unknown") == Refusal(means)
    assert is_about_us(status, "") == (means == "policy")


def test_a_plain_no_such_user_is_never_written_to_again_and_a_no_to_us_suppresses_nobody(inside, room, sender, send):
    gone, refused = make_reader("Greta Lind"), make_reader("Hugo Behr")
    room.refuse = {gone.email: "550 No such user", refused.email: "550 user rejected, your host is blocked as spam"}

    send(make_campaign(sender))

    assert (is_suppressed(gone.email), is_suppressed(refused.email)) == (True, False)
