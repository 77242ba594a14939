"""What spam filters' rules say of a test: a filter that answers is told, and one that is away, or talks nonsense, is not."""

import shutil
from pathlib import Path

import pytest

from campaigns.checking.looking import check_campaign
from delivery.content.compiling import Written
from delivery.models import Trial
from delivery.spam_rules import SpamScore, ask_rules
from delivery.test_sends import ask_trial, send_trials
from tests.factories.campaigns import again, make_campaign
from tests.factories.contacts import make_reader

GTUBE = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"  # by which every filter shows itself
PLAIN = Written("The kettle stays on", "<p>Hello Ann, the kettle stays on.</p>", "Hello Ann, the kettle stays on.\r\n")
SAYS = '{"score": 6.5, "required_score": 6.0, "symbols": {"BAD_WORDS": {"score": 5.0}, "R_SPF_NA": {"score": 1.0}, "FINE": {"score": -0.5}}}'


@pytest.fixture
def rspamc(tmp_path, monkeypatch):
    """A client of rspamd that answers so, and nothing else is installed."""

    def install(answer: str, *, fails: bool = False) -> Path:
        program = tmp_path / "rspamc"
        program.write_text(
            f"#!/bin/sh\n/bin/cat > {tmp_path}/asked\n/bin/cat <<'END'\n{answer}\nEND\nexit {int(fails)}\n"
        )
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(tmp_path))
        return tmp_path / "asked"

    return install


def test_rspamd_is_asked_about_the_words_and_not_about_the_delivery(rspamc):
    asked = rspamc(SAYS)

    score = ask_rules(PLAIN, sender="hello@kettle.example", to="ann@people.example")

    assert score == SpamScore("rspamd", 5.5, 6.0, (("BAD_WORDS", 5.0),))
    assert score.words == "rspamd gives it 5.5 points; it counts as spam from 6.0 on. BAD_WORDS 5.0"
    assert not score.is_spam
    email = asked.read_text()
    assert "From: hello@kettle.example" in email
    assert "Hello Ann, the kettle stays on." in email


@pytest.mark.parametrize("answer", ["", "no json", "{}", '{"score": "x", "required_score": 1, "symbols": {}}', "[]"])
def test_a_filter_that_talks_nonsense_says_nothing(rspamc, answer):
    rspamc(answer)

    assert ask_rules(PLAIN, sender="hello@kettle.example", to="ann@people.example") is None


def test_where_no_filter_is_or_it_fails_nothing_is_said(rspamc, monkeypatch, tmp_path):
    rspamc(SAYS, fails=True)
    assert ask_rules(PLAIN, sender="hello@kettle.example", to="ann@people.example") is None
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert ask_rules(PLAIN, sender="hello@kettle.example", to="ann@people.example") is None


@pytest.mark.skipif(shutil.which("spamassassin") is None, reason="SpamAssassin is not installed")
def test_spamassassin_knows_its_test_string():
    spam = Written("Hello", "", f"{GTUBE}\r\n")

    score = ask_rules(spam, sender="hello@kettle.example", to="ann@people.example")

    assert score is not None
    assert (score.is_spam, score.rules[0][0]) == (True, "GTUBE")


def test_a_test_says_it_and_the_check_warns(rspamc, inside, room, sender, ada):
    rspamc(SAYS.replace("5.0", "9.0").replace("6.5", "10.5"))
    inside.postal_address = "Lindenallee 8"
    make_reader()
    campaign = make_campaign(sender)
    ask_trial(sender, by=ada, message=campaign.message)

    send_trials(inside)

    trial = Trial.objects.get()
    assert (trial.state, trial.is_spam) == ("sent", True)
    assert trial.spam_words.startswith("rspamd gives it 9.5 points")
    warned = check_campaign(again(campaign), inside).warns
    assert any(one.startswith("The last test looked like spam: rspamd gives it 9.5") for one in warned)
