"""What the DNS says, asked of a real name server: which line is there, which is missing, what to write."""

import pytest

from deliverability.judging import Finding, PublicKey, Setup, is_ready, judge
from deliverability.name_servers import AskedNameServers
from deliverability.spf import with_terms
from delivery.presets import BY_KEY, PRESETS, preset_of
from tests.deliverability.conftest import DOMAIN, good_zone

OWN = Setup(DOMAIN, f"smtp.{DOMAIN}", reports_to="dmarc@kettle.coffee")
KEY = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def found(setup=OWN, **options):
    return {one.key: one for one in judge(setup, AskedNameServers(**options))}


def marks(setup=OWN):
    return {key: (one.mark, one.said) for key, one in found(setup).items()}


def test_all_is_there(answering):
    answering(good_zone())

    assert marks() == {
        "spf": ("ok", "found"), "ptr": ("ok", "found"), "dmarc": ("ok", "reports_reach_us"),
        "answers": ("ok", "found"), "logo": ("none", "needs_policy"),
    }  # fmt: skip
    assert is_ready(list(found().values()))


def test_nothing_is_there_and_each_line_says_what_to_write(answering):
    answering({(f"smtp.{DOMAIN}", "A"): ["93.184.216.34"]})

    lines = found()

    assert {key: (one.mark, one.host, one.value) for key, one in lines.items() if key != "logo"} == {
        "spf": ("bad", DOMAIN, "v=spf1 ip4:93.184.216.34 ~all"),
        "ptr": ("bad", "93.184.216.34", f"smtp.{DOMAIN}"),
        "dmarc": ("bad", f"_dmarc.{DOMAIN}", "v=DMARC1; p=none; rua=mailto:dmarc@kettle.coffee"),
        "answers": ("warn", DOMAIN, ""),
    }
    assert not is_ready(list(lines.values()))


@pytest.mark.parametrize(
    ("records", "mark", "said", "value"),
    [
        (['"v=spf1 ip4:93.184.216.0/24 -all"'], "ok", "found", "v=spf1 ip4:93.184.216.0/24 -all"),
        (['"v=spf1 a:smtp.kettle.coffee -all"'], "ok", "found", "v=spf1 a:smtp.kettle.coffee -all"),
        (['"v=spf1 a:smtp.kettle.coffee/24 -all"'], "ok", "found", "v=spf1 a:smtp.kettle.coffee/24 -all"),
        (['"v=spf1 include:_spf.other.coffee ~all"'], "ok", "found", "v=spf1 include:_spf.other.coffee ~all"),
        (['"v=spf1 redirect=_spf.other.coffee"'], "ok", "found", "v=spf1 redirect=_spf.other.coffee"),
        (['"v=spf1 ip4:198.51.100.7 ~all"'], "bad", "names_none", "v=spf1 ip4:198.51.100.7 ip4:93.184.216.34 ~all"),
        (['"v=spf1 -ip4:93.184.216.34 -all"'], "bad", "names_none", "v=spf1 -ip4:93.184.216.34 ip4:93.184.216.34 -all"),
        (['"v=spf1 +all"'], "bad", "lets_all", "v=spf1 ip4:93.184.216.34 +all"),
        (['"v=spf1 mx -all"', '"v=spf1 a -all"'], "bad", "several", "v=spf1 ip4:93.184.216.34 ~all"),
        (['"v=spf10 a -all"'], "bad", "missing", "v=spf1 ip4:93.184.216.34 ~all"),
        (['"v=spf1 ip4:nonsense include: ip4:93.184.216.34 ~all"'], "ok", "found", None),
        (['"v=spf1 include:loop.coffee ip4:93.184.216.34 ~all"'], "bad", "too_many_lookups", None),
        (['"v=spf1 ip4:93.184." "216.34 ~all"'], "ok", "found", "v=spf1 ip4:93.184.216.34 ~all"),
    ],
)
def test_spf_in_all_its_ways(answering, records, mark, said, value):
    answering(
        good_zone()
        | {
            (DOMAIN, "TXT"): records,
            ("_spf.other.coffee", "TXT"): ['"v=spf1 ip4:93.184.216.34 -all"'],
            ("loop.coffee", "TXT"): ['"v=spf1 include:loop.coffee -all"'],
        }
    )

    spf = found()["spf"]

    assert (spf.mark, spf.said) == (mark, said)
    assert value is None or spf.value == value


def test_a_name_of_an_address_has_to_lead_back(answering):
    answering(good_zone() | {("34.216.184.93.in-addr.arpa", "PTR"): ["static.host.coffee."]})

    assert (found()["ptr"].said, found()["ptr"].facts) == ("leads_elsewhere", {"found": "static.host.coffee"})


@pytest.mark.parametrize(
    ("record", "mark", "said"),
    [
        (f"v=DKIM1; k=ed25519; p={KEY}", "ok", "found"),
        (f"v=DKIM1;k=ed25519;p={KEY[:20]} {KEY[20:]}", "ok", "found"),
        ("v=DKIM1; k=ed25519; p=AAAAYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "bad", "other_key"),
        ("v=DKIM1; k=ed25519; p=", "bad", "revoked"),
        ("v=DKIM1; k=ed25519; p=%%%", "bad", "other_key"),
        (None, "wait", "not_seen"),
    ],
)
def test_the_key_that_stands_there_is_ours_or_another(answering, record, mark, said):
    rows = {("k1._domainkey.kettle.coffee", "TXT"): [f'"{record}"']} if record else {}
    answering(good_zone() | rows)
    setup = Setup(DOMAIN, f"smtp.{DOMAIN}", keys=(PublicKey("k1", "ed25519", KEY),))

    line = found(setup)["dkim_ed25519"]

    assert (line.mark, line.said, line.value) == (mark, said, f"v=DKIM1; k=ed25519; p={KEY}")


@pytest.mark.parametrize(
    ("records", "mark", "said", "value"),
    [
        (["v=DMARC1; p=reject; rua=mailto:a@b.coffee"], "warn", "reports_go_elsewhere",
         "v=DMARC1; p=reject; rua=mailto:a@b.coffee,mailto:dmarc@kettle.coffee"),
        (["v=DMARC1; p=quarantine"], "warn", "no_reports", "v=DMARC1; p=quarantine; rua=mailto:dmarc@kettle.coffee"),
        (["v=DMARC1; p=none; ruf=mailto:a@b.coffee; rua=mailto:a@b.coffee; pct=50"], "warn", "reports_go_elsewhere",
         "v=DMARC1; p=none; ruf=mailto:a@b.coffee; rua=mailto:a@b.coffee,mailto:dmarc@kettle.coffee; pct=50"),
        (["v=DMARC1;p=none;rua=;"], "warn", "no_reports", "v=DMARC1; p=none; rua=mailto:dmarc@kettle.coffee"),
        (["v=dmarc1; p=maybe; sp=none"], "bad", "no_policy", "v=DMARC1; p=none; sp=none; rua=mailto:dmarc@kettle.coffee"),
        (["v=DMARC1; p=none; rua=mailto:xdmarc@kettle.coffee"], "warn", "reports_go_elsewhere", None),
        (["v=DMARC1; p=none; rua=mailto:a@b.coffee, mailto:DMARC@kettle.coffee!10m"], "ok", "reports_reach_us", None),
        (["v=DMARC1; p=none", "v=DMARC1; p=reject"], "bad", "several", None),
        (["v=DMARC1; sp=none"], "bad", "no_policy", None),
        (["dmarc please"], "bad", "missing", None),
    ],
)  # fmt: skip
def test_dmarc_in_its_ways(answering, records, mark, said, value):
    answering(good_zone() | {(f"_dmarc.{DOMAIN}", "TXT"): [f'"{one}"' for one in records]})

    line = found()["dmarc"]

    assert (line.mark, line.said) == (mark, said)
    assert value is None or line.value == value


def test_the_policy_of_the_domain_above_counts_for_those_below(answering):
    zone = good_zone("news.kettle.coffee") | {(f"_dmarc.{DOMAIN}", "TXT"): ['"v=DMARC1; p=reject"']}
    del zone["_dmarc.news.kettle.coffee", "TXT"]
    answering(zone)

    line = found(Setup("news.kettle.coffee", "smtp.news.kettle.coffee"))["dmarc"]

    assert (line.mark, line.host, line.facts["policy"]) == ("ok", f"_dmarc.{DOMAIN}", "reject")


@pytest.mark.parametrize(
    ("policy", "said"), [("p=reject", "found"), ("p=none", "needs_policy"), ("p=reject; sp=none", "needs_policy")]
)
def test_a_logo_and_its_policy_may_stand_at_the_domain_above(answering, policy, said):
    zone = good_zone("news.kettle.coffee") | {
        (f"_dmarc.{DOMAIN}", "TXT"): [f'"v=DMARC1; {policy}"'],
        (f"default._bimi.{DOMAIN}", "TXT"): ['"v=BIMI1; l=https://kettle.coffee/logo.svg"'],
    }
    del zone["_dmarc.news.kettle.coffee", "TXT"]
    answering(zone)

    logo = found(Setup("news.kettle.coffee", "smtp.news.kettle.coffee"))["logo"]

    assert (logo.said, logo.host) == (said, f"default._bimi.{DOMAIN}")


def finding(key, mark, **facts):
    return Finding(key, "", "", "", mark, "", facts)


SPF, DMARC = finding("spf", "ok"), finding("dmarc", "ok")
CARRIER = finding("dkim_carrier", "bad", selectors="s1 s2")


@pytest.mark.parametrize(
    ("findings", "ready"),
    [
        ([SPF, DMARC], True),
        ([SPF, finding("dmarc", "bad")], False),
        ([DMARC, finding("spf", "bad"), finding("dkim_rsa", "ok")], False),
        ([DMARC, finding("spf", "none"), finding("dkim_rsa", "ok")], True),
        ([SPF, DMARC, CARRIER], False),
        ([SPF, DMARC, finding("carrier_key", "wait")], False),
        ([SPF, DMARC, finding("dkim_carrier", "ok")], True),
        ([SPF, DMARC, CARRIER, finding("dkim_ed25519", "ok")], True),
        ([SPF, DMARC, finding("dkim_carrier", "bad", selectors="")], True),
        ([SPF, DMARC, finding("return_path", "ok", aligned="yes")], True),
        ([SPF, DMARC, finding("return_path", "warn", aligned="")], False),
        ([SPF, DMARC, finding("return_path", "wait")], False),
        ([SPF, DMARC, finding("return_path", "warn", aligned=""), finding("dkim_rsa", "ok")], True),
        ([], False),
    ],
)
def test_receivers_believe_what_is_signed_or_comes_back_to_its_own_domain(findings, ready):
    assert is_ready(findings) is ready


def test_a_provider_that_is_named_in_spf_and_does_not_sign_is_not_believed(answering):
    answering(
        good_zone()
        | {
            (DOMAIN, "TXT"): ['"v=spf1 include:sendgrid.net ~all"'],
            ("sendgrid.net", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 -all"'],
        }
    )

    lines = found(Setup(DOMAIN, "smtp.sendgrid.net"))

    assert (lines["spf"].mark, is_ready(list(lines.values()))) == ("ok", False)


def test_a_server_may_be_named_by_its_address(answering):
    answering(good_zone() | {("34.216.184.93.in-addr.arpa", "PTR"): []})

    lines = found(Setup(DOMAIN, "93.184.216.34"))

    assert (lines["spf"].mark, lines["ptr"].mark, lines["ptr"].value) == ("ok", "bad", f"mail.{DOMAIN}")


def test_a_server_that_nobody_knows_is_never_called_the_providers(answering):
    answering({})

    spf = found(Setup(DOMAIN, f"gone.{DOMAIN}"))["spf"]

    assert (spf.mark, spf.said, spf.value) == ("bad", "missing", f"v=spf1 a:gone.{DOMAIN} ~all")


def test_a_return_path_is_where_spf_stands_and_should_be_aligned(answering):
    zone = good_zone() | {
        ("bounce.kettle.coffee", "TXT"): ['"v=spf1 ip4:93.184.216.34 -all"'],
        ("bounce.kettle.coffee", "MX"): ["10 in.kettle.coffee."],
        ("elsewhere.coffee", "MX"): ["10 in.kettle.coffee."],
    }
    answering(zone)

    ours = found(Setup(DOMAIN, f"smtp.{DOMAIN}", return_path="bounce.kettle.coffee"))
    theirs = found(Setup(DOMAIN, f"smtp.{DOMAIN}", return_path="elsewhere.coffee"))
    nobodys = found(Setup(DOMAIN, f"smtp.{DOMAIN}", return_path="gone.coffee", inbound_host="in.kettle.coffee"))

    assert (ours["spf"].host, ours["spf"].mark, ours["return_path"].said) == ("bounce.kettle.coffee", "ok", "aligned")
    assert (theirs["return_path"].mark, theirs["return_path"].said) == ("warn", "not_aligned")
    assert (nobodys["return_path"].mark, nobodys["return_path"].value) == ("bad", "10 in.kettle.coffee")


@pytest.mark.parametrize("preset", [one for one in PRESETS if one.host], ids=lambda one: one.key)
def test_a_provider_is_known_by_its_server_and_asked_for_its_own_lines(answering, preset):
    spf = [f'"v=spf1 include:{preset.spf} ~all"'] if preset.spf else []
    keys = {(f"{preset.selectors[-1]}._domainkey.{DOMAIN}", "TXT"): ['"v=DKIM1; p=abcd"']} if preset.selectors else {}
    zone = (
        good_zone()
        | keys
        | {(DOMAIN, "TXT"): spf, (preset.spf or "none.coffee", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 -all"']}
    )
    answering({key: rows for key, rows in zone.items() if rows})

    lines = found(Setup(DOMAIN, preset.host))

    assert preset_of(preset.host) is preset
    assert lines["spf"].mark == ("ok" if preset.spf else "none")
    assert lines["dkim_carrier"].mark == ("ok" if preset.selectors else "bad")
    assert "ptr" not in lines


def test_other_regions_of_a_provider_are_the_provider():
    assert preset_of("email-smtp.us-east-1.amazonaws.com") is BY_KEY["ses"]
    assert preset_of("smtp.mailgun.org") is BY_KEY["mailgun"]
    assert preset_of("SMTP.SendGrid.net.") is BY_KEY["sendgrid"]
    assert preset_of("mail.kettle.coffee") is BY_KEY["smtp"]


def test_who_does_not_answer_leaves_the_line_unknown_and_the_others_known(answering):
    answering(good_zone(), silent=(f"_dmarc.{DOMAIN}",))

    lines = found(seconds=3)

    assert (lines["dmarc"].mark, lines["dmarc"].said) == ("wait", "no_answer")
    assert lines["spf"].mark == "ok"


def test_the_same_question_is_asked_once(answering):
    server = answering(good_zone())

    judge(OWN, AskedNameServers())

    assert len(server.asked) == len(set(server.asked))


@pytest.mark.parametrize(
    "name", ["a" * 64 + ".coffee", "..", "", "ümlaut.coffee", "x" * 300, "\0.coffee", "a b.coffee"]
)
def test_a_name_that_is_none_is_no_crash(answering, name):
    answering({})

    assert {one.mark for one in judge(Setup(name, name), AskedNameServers())} <= {"bad", "warn", "wait", "none"}


@pytest.mark.parametrize(
    ("record", "terms", "line"),
    [
        ("", ["ip4:1.2.3.4"], "v=spf1 ip4:1.2.3.4 ~all"),
        ("v=spf1 mx -all", ["include:a.b"], "v=spf1 mx include:a.b -all"),
        ("v=spf1 redirect=a.b", ["ip4:1.2.3.4"], "v=spf1 ip4:1.2.3.4 redirect=a.b"),
        ("v=spf1 mx", ["ip4:1.2.3.4"], "v=spf1 mx ip4:1.2.3.4"),
        ("v=spf1 mx ?all", [], "v=spf1 mx ?all"),
    ],
)
def test_what_is_missing_goes_before_what_is_said_of_all_others(record, terms, line):
    assert with_terms(record, terms) == line
