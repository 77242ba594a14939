"""The desk: how emails are received, by provider and code, and whether three sets of rules are kept."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from deliverability.answer_codes import _HELD, _LISTED, MEANINGS, meaning_of
from deliverability.judging import Finding
from deliverability.rules import Evidence, rule_sets
from deliverability.trends import FIGURE, Reception, answers, busiest, count_trends, receptions
from delivery.bounces.refusals import Refusal, judge_refusal
from delivery.messengers.smtp_line import ENHANCED
from delivery.models import Delivery, Message, Sender
from lib.clock import now
from lib.mail_providers import PROVIDERS, provider_of
from tests.deliverability.conftest import DOMAIN
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.kept_figures import keep_figures

State = Delivery.State


@pytest.fixture
def sent(inside, make_sender):
    """`sent("a@gmail.com", days=3, …)`: a delivery as it stands in the table."""
    campaign = make_campaign(make_sender())
    people = []

    def make(address, *, days=1, count=1, message=None, **facts):
        for _no in range(count):
            people.append(make_contact(f"P{len(people)}"))
            moment = now() - timedelta(days=days)
            given = {"state": State.SENT, "sent_at": moment, "queued_at": moment} | facts
            Delivery.objects.create(message=message or campaign.message, contact=people[-1], address=address, **given)

    return make


@pytest.mark.parametrize(
    ("domain", "key"),
    [
        ("gmail.com", "google"), ("GoogleMail.com", "google"), ("outlook.de", "microsoft"), ("hotmail.co.uk", "microsoft"),
        ("yahoo.co.jp", "yahoo"), ("aol.com", "yahoo"), ("gmx.net", "gmx"), ("web.de", "gmx"), ("t-online.de", "telekom"),
        ("kettle.coffee", "others"), ("", "others"), ("notgmail.com", "others"), ("yahoo", "yahoo"),
    ],
)  # fmt: skip
def test_whose_mailboxes_are_known_by_their_domain(domain, key):
    assert provider_of(domain).key == key


def test_the_statement_knows_the_same_providers_as_the_function(sent):
    domains = [*(one.domains[0] for one in PROVIDERS), "outlook.fr", "yahoo.de", "gmx.at", "kettle.coffee"]
    for domain in domains:
        sent(f"a@{domain}")

    by_statement = {row["provider"]: row["sent"] for row in count_trends(0)["weeks"]}

    keys = [provider_of(domain).key for domain in domains]
    assert by_statement == {key: keys.count(key) for key in keys}


def test_each_provider_has_its_four_weeks_and_its_eight(sent):
    sent("a@gmail.com", count=3)
    sent("a@gmail.com", bounced_at=now(), attempts=2)
    sent("a@gmail.com", days=40, bounced_at=now())
    sent("a@hotmail.com", complained_at=now())
    sent("a@hotmail.com", state=State.FAILED, sent_at=None, bounced_at=now())
    sent("a@kettle.coffee", days=60)
    sent("a@kettle.coffee", state=State.EXCLUDED, sent_at=None)

    google, microsoft = receptions(count_trends(0))

    assert (google.sent, google.bounced, google.waited, google.delivered_share) == (4, 1, 1, 0.75)
    assert google.weekly == [None, None, 0.0, None, None, None, None, 0.75]
    assert (microsoft.sent, microsoft.bounced, microsoft.complained, microsoft.delivered_share) == (2, 1, 1, 0.5)


def test_what_goes_by_a_webhook_is_no_email(sent):
    hook = Sender.objects.create(kind="webhook", name="Hook", settings={"url": "https://a.coffee", "channel": "mobile"})
    other = Message.objects.create(name="x", content=Message.objects.get().content, sender=hook)

    sent("a@gmail.com", message=other)

    assert receptions(count_trends(0)) == []


def test_what_servers_answered_is_told_by_cause_with_what_mends_it(sent):
    sent("a@gmail.com", count=2, state=State.FAILED, sent_at=None, bounced_at=now(), answer="550 5.1.1 no such user")
    sent("a@gmx.de", state=State.FAILED, sent_at=None, bounced_at=now(), answer="550 5.1.1 unknown")
    sent("a@hotmail.com", state=State.FAILED, sent_at=None, bounced_at=now(), answer="550 5.7.515 denied")
    sent("a@t-online.de", state=State.FAILED, sent_at=None, bounced_at=now(), answer="554 5.7.1 imprint")
    sent("a@gmail.com", state=State.DEFERRED, sent_at=None, answer="421 4.7.28 slow down")
    sent("a@gmail.com", answer="250 2.0.0 fine")
    sent("a@gmail.com", days=40, state=State.FAILED, sent_at=None, bounced_at=now(), answer="550 5.2.1 old")
    sent("a@kettle.coffee", state=State.FAILED, sent_at=None, bounced_at=now(), answer="no code")

    rows = answers(count_trends(0))

    assert [(one.code, one.provider.key if one.provider else "", one.times) for one in rows[:1]] == [("5.1.1", "", 3)]
    assert {(one.code, one.provider.key if one.provider else "", one.times) for one in rows[1:]} == {
        ("5.7.515", "microsoft", 1), ("5.7.1", "telekom", 1), ("4.7.28", "google", 1), ("", "others", 1),
    }  # fmt: skip
    assert {one.code: one.meaning.act for one in rows}["5.7.515"] == "setup"


def test_the_busiest_day_says_since_when_one_counts_as_bulk(sent, monkeypatch):
    monkeypatch.setattr("deliverability.trends.BULK_A_DAY", 3)
    sent("a@gmail.com", count=3, days=50)
    sent("a@gmail.com", count=2, days=9)
    sent("a@outlook.com", count=2)

    data = count_trends(0)

    most, since = busiest(data, "google")
    assert (most, since != "") == (3, True)
    assert busiest(data, "microsoft") == (2, "")
    assert busiest(data, "yahoo") == (0, "")


ANSWERS = {
    "550 5.1.1 x": "5.1.1", "421 later": "421", "hello": "", "smtp; 550 4.2.2": "4.2.2", "550-5.7.26 a": "5.7.26",
    "554 [185.12.3.4] refused": "554", "554 5.12.3.4 refused": "554", "55012 x": "", "550 5.1.1. Sorry": "5.1.1",
}  # fmt: skip


def test_the_code_of_an_answer_is_never_a_piece_of_an_address(sent):
    for number, answer in enumerate(ANSWERS):
        sent("a@gmail.com", count=number + 1, state=State.FAILED, sent_at=None, bounced_at=now(), answer=answer)

    counted = {row["code"]: row["times"] for row in count_trends(0)["answers"]}

    assert counted == {
        code: sum(number + 1 for number, one in enumerate(ANSWERS.values()) if one == code) for code in ANSWERS.values()
    }
    for answer, code in ANSWERS.items():
        found = ENHANCED.search(answer)
        assert (found[0] if found else "") == (code if "." in code else "")


def test_no_address_of_a_person_is_kept_with_the_figures(sent):
    sent("greta@gmail.com", state=State.FAILED, sent_at=None, bounced_at=now(), answer="550 5.1.1 <greta@gmail.com> x")

    assert "greta" not in json.dumps(count_trends(0))


def test_what_is_said_to_be_on_the_list_or_held_is():
    said = {code: meaning.fix for (code, _provider), meaning in MEANINGS.items()}

    assert {judge_refusal(code, "") for code, fix in said.items() if fix is _LISTED} == {Refusal.HARD}
    assert {judge_refusal(code, "") for code, fix in said.items() if fix is _HELD and "." in code} == {Refusal.SOFT}


def test_every_code_has_a_cause_and_a_fix_and_unknown_ones_do_too():
    assert len(MEANINGS) >= 40
    assert all(str(one.cause) and str(one.fix) for one in MEANINGS.values())
    assert meaning_of("4.9.9").by_itself
    assert not meaning_of("5.9.9").by_itself
    assert meaning_of("5.7.1", "telekom") is not meaning_of("5.7.1", "freenet")


def finding(key, mark, **facts):
    return Finding(key, "TXT", DOMAIN, "", mark, "found", facts)


GOOD = [finding("spf", "ok"), finding("dkim_rsa", "ok"), finding("dmarc", "ok", policy="none"), finding("answers", "ok"),
        finding("ptr", "ok")]  # fmt: skip


def standings(evidence):
    return {rules.name: {str(one.name): one.mark for one in rules.rules} for rules in rule_sets(evidence)}


def test_with_all_in_place_nothing_stands_in_the_way():
    clean = {key: Reception(provider_of(f"{key}.com"), sent=10_000, complained=1) for key in ("google", "yahoo")}
    sets = rule_sets(Evidence(GOOD, clean, has_campaigns=True))

    assert [one.broken_count for one in sets] == [0, 0, 0]
    assert {"ok", "none"} >= {rule.mark for one in sets for rule in one.rules}


def test_what_receivers_report_goes_before_what_the_dns_says():
    evidence = Evidence(
        GOOD, {}, passed={"google": {"both": 0.829, "spf": 0.9, "dkim": 0.99}, "microsoft": {"spf": 0.92, "dkim": 1}}
    )

    found = standings(evidence)

    assert found["Google"]["SPF and DKIM pass"] == "bad"
    assert found["Yahoo"]["SPF and DKIM pass"] == "ok"
    assert (found["Microsoft"]["SPF passes"], found["Microsoft"]["DKIM passes"]) == ("bad", "ok")


@pytest.mark.parametrize(("complained", "mark"), [(9, "ok"), (10, "warn"), (29, "warn"), (30, "bad"), (0, "none")])
def test_spam_reports_have_googles_limits(complained, mark):
    one = Reception(provider_of("gmail.com"), sent=10_000, complained=complained)

    assert standings(Evidence(GOOD, {"google": one}))["Google"]["Spam reports under 0.10 %"] == mark


def test_before_the_first_look_nobody_knows():
    marks = {mark for rules in standings(Evidence([], {})).values() for mark in rules.values()}

    assert "bad" not in marks


def test_a_way_to_unsubscribe_is_in_every_campaign_once_there_is_one():
    names = {
        "Google": "One click to unsubscribe",
        "Yahoo": "One click, honoured in 2 days",
        "Microsoft": "A way to unsubscribe",
    }
    for has_campaigns, mark in [(False, "none"), (True, "ok")]:
        found = standings(Evidence(GOOD, {}, has_campaigns=has_campaigns))
        assert {found[provider][name] for provider, name in names.items()} == {mark}


def test_what_is_missing_is_said_in_each_set():
    found = standings(
        Evidence([finding("spf", "bad"), finding("dmarc", "bad"), finding("answers", "warn")], {}, is_encrypted=False)
    )

    assert found["Google"]["TLS on the connection"] == "bad"
    assert found["Microsoft"]["The From address takes answers"] == "bad"
    assert {rules["DMARC is set"] for name, rules in found.items() if name != "Google"} == {"bad"}


class TestThePage:
    url = "/w/kettle/campaigns/deliverability/"

    def test_without_a_sender_says_what_to_do(self, as_ada, kettle):
        assert "No sender yet" in as_ada.get(self.url).text

    def test_shows_the_figures_when_they_are_counted(self, as_ada, kettle, make_sender):
        with working_in(kettle):
            message = make_campaign(make_sender()).message
            moment = now() - timedelta(days=1)
            for number, answer in enumerate(["250 fine", "250 fine", "550 5.7.515 denied"]):
                bounced = moment if answer[0] == "5" else None
                Delivery.objects.create(
                    message=message, contact=make_contact(f"P{number}"), address="a@outlook.com", state=State.SENT,
                    sent_at=moment, bounced_at=bounced, answer=answer,
                )  # fmt: skip
        before = as_ada.get(self.url).text
        keep_figures(kettle)
        after = as_ada.get(self.url).text

        assert "It is being counted." in before
        assert "66.7 % of 3 emails were delivered in the last four weeks." in after
        assert "5.7.515" in after
        assert "SPF, DKIM or DMARC did not pass at Outlook" in after

    def test_is_for_everybody_who_sees_campaigns(self, as_eve, member, kettle):
        assert member("analyst").get(self.url).status_code == 200
        assert as_eve.get(self.url).status_code == 404

    @pytest.mark.parametrize("url", [url, "/w/kettle/campaigns/senders/"])
    def test_needs_the_same_queries_for_one_sender_and_fifty(self, as_ada, kettle, make_sender, url):
        def count():
            as_ada.get(url)  # what is new is noted and counted first
            keep_figures(kettle)
            with CaptureQueriesContext(connection) as queries:
                as_ada.get(url)
            return len(queries)

        with working_in(kettle):
            make_sender(host="smtp.postmarkapp.com")  # without keys of its own, which take long to make
        one = count()
        with working_in(kettle):
            for number in range(49):
                make_sender(host="smtp.postmarkapp.com", from_email=f"a@d{number}.{DOMAIN}")

        assert count() == one

    def test_figures_are_asked_by_name(self):
        assert FIGURE == "deliverability.trends"
