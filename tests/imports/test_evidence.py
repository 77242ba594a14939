"""A yes needs positive evidence: whatever a file says in whatever words, a no never becomes a yes."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.consenting import give_consent
from consent.models import Consent, Suppression, Topic
from consent.suppressing import is_suppressed
from contacts.models import Contact
from imports.judging import Word, judge, looks_like_status
from imports.models import ImportRun
from imports.starting import NotReadyError
from tests.examples import examples

TWINS = """Email,Unsubscribed
Jan6@example.org,
jan6@Example.org,yes
kim6@example.org,2024-03-01 10:00
lea6@example.org,opted out
mia6@example.org,perhaps
nie6@example.org,no
"""
HUBSPOT = """Record ID,First Name,Email,Mobile Phone Number,Country/Region,Lifecycle Stage,Unsubscribed from all email,Opted out of email: News,Email hard bounce reason,Additional email addresses
151,Sanna,sanna@example.org,+46 70 555 01 42,Sweden,Customer,,,,
152,Tim,tim@example.org,,Germany,Lead,true,,,
153,Ulf,ulf@example.org,,Germany,Lead,false,true,,ulf.two@example.org;ulf.three@example.org
154,Vaya,vaya@example.org,,Atlantis,Lead,,,Unknown user,
"""
ACTIVE_CAMPAIGN = """"Contact ID","Email","First Name","Phone","Status","Subscribed Date","Unsubscribed Date"
"901","wilma@example.org","Wilma","","Active","2024-03-01",""
"902","xaver@example.org","Xaver","","Unsubscribed","2024-03-01","2025-01-05"
"903","yara@example.org","Yara","","Bounced","2024-03-01",""
"904","zeno@example.org","Zeno","","Unconfirmed","",""
"""
BREVO = """CONTACT ID;EMAIL;FIRSTNAME;SMS;OPT_IN;EMAIL_BLACKLISTED;SMS_BLACKLISTED;LISTS
1;arvid@example.org;Arvid;46705550144;TRUE;FALSE;FALSE;3,5
2;beata@example.org;Beata;;TRUE;TRUE;TRUE;3
3;carl@example.org;Carl;;FALSE;FALSE;FALSE;3
"""
KLAVIYO = """Email,Klaviyo ID,First Name,Email Marketing Consent,Email Marketing Consent Timestamp,Email Suppressions
cleo@example.org,01HABC,Cleo,SUBSCRIBED,2024-04-01 10:00:00,[]
dana@example.org,01HABD,Dana,UNSUBSCRIBED,2024-04-01 10:00:00,['UNSUBSCRIBED']
enzo@example.org,01HABE,Enzo,NEVER_SUBSCRIBED,,['HARD_BOUNCE']
"""
MAILCHIMP = "Email Address,First Name,MEMBER_RATING,OPTIN_TIME,CONFIRM_TIME,LEID,TAGS{more}\n"
GERMAN = """E-Mail;Vorname;Nachname;Newsletter
kaethe@example.org;Käthe;Müßig;ja
joerg@example.org;Jörg;Schön;nein
evi@example.org;Evi;Roth;evtl.
uwe@example.org;Uwe;Rast;
ada@example.org;Ada;Berg;abgemeldet
"""


@pytest.mark.parametrize(
    ("text", "agreed", "listed"),
    [
        (TWINS, {"nie6"}, {"jan6", "kim6", "lea6"}),
        (HUBSPOT, {"sanna"}, {"tim", "ulf", "vaya"}),
        (ACTIVE_CAMPAIGN, {"wilma"}, {"xaver", "yara"}),
        (BREVO, {"arvid"}, {"beata"}),
        (KLAVIYO, {"cleo"}, {"dana", "enzo"}),
        (GERMAN, {"kaethe"}, {"ada"}),
    ],
    ids=["twins", "hubspot", "activecampaign", "brevo", "klaviyo", "german"],
)
def test_only_who_said_yes_has_one(bring, text, agreed, listed):
    result = bring(text)

    people = set(Contact.objects.values_list("email", flat=True))
    assert {email.split("@")[0] for email in result.agreed()} == agreed
    assert {email.split("@")[0] for email in people if is_suppressed(email)} == listed
    assert len(people) == len(set(text.lower().splitlines()[1:])) - (text is TWINS)


def test_each_programs_own_dates_countries_and_numbers_are_read(bring):
    bring(HUBSPOT)
    bring(ACTIVE_CAMPAIGN)
    bring(BREVO)
    bring(KLAVIYO)

    def yes(email):
        return Consent.objects.get(contact__email=email).at.isoformat()

    assert yes("wilma@example.org") == "2024-02-29T23:00:00+00:00"
    assert yes("cleo@example.org") == "2024-04-01T08:00:00+00:00"
    ulf = Contact.objects.get(email="ulf@example.org")
    assert (ulf.country, Contact.objects.get(email="sanna@example.org").country) == ("DE", "SE")
    assert set(ulf.identities.values_list("value", flat=True)) >= {"ulf.two@example.org", "ulf.three@example.org"}
    assert Contact.objects.get(email="arvid@example.org").identities.filter(value="+46705550144").exists()
    vaya = Contact.objects.get(email="vaya@example.org")
    assert vaya.field_values.get(name="country as written").text == "Atlantis"


def test_reasons_of_the_list_are_told_apart(bring):
    bring(KLAVIYO + "fred@example.org,1,Fred,UNSUBSCRIBED,,['SPAM_COMPLAINT']\n")

    assert sorted(Suppression.objects.values_list("reason", flat=True)) == [
        "bounce",
        "complaint",
        "objection",
        "objection",
    ]


@pytest.mark.parametrize(
    ("more", "mode"),
    [
        (",UNSUB_TIME", ImportRun.Mode.UNSUBSCRIBE),
        (",CLEAN_TIME", ImportRun.Mode.SUPPRESS),
        ("", ImportRun.Mode.UPSERT),
    ],
)
def test_mailchimps_files_are_known_by_their_columns(bring, more, mode):
    row = "ulla@example.org,Ulla,2,2022-01-01 10:00:00,,531,{tags}" + (",2024-03-03 10:00:00" if more else "")
    result = bring(MAILCHIMP.format(more=more) + row.format(tags='"""VIP"",""Berlin, Mitte"""') + "\n", "my people.csv")

    assert result.run.mode == mode
    assert result.agreed() == ({"ulla@example.org"} if mode == ImportRun.Mode.UPSERT else set())
    assert is_suppressed("ulla@example.org") == (mode != ImportRun.Mode.UPSERT)
    if mode == ImportRun.Mode.UPSERT:
        ulla = Contact.objects.get()
        assert sorted(ulla.tags.values_list("name", flat=True)) == ["Berlin, Mitte", "VIP"]
        assert ulla.consents.get().at.year == 2022


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("Status", ["a"]),
        ("Newsletter?", ["x"]),
        ("E-Mail-Werbung", ["1"]),
        ("Opt-Out", []),
        ("Spalte 7", ["unsubscribed", "opted out", "tea"]),
        ("Kontakt", ["abgemeldet", "abgemeldet"]),
    ],
)
def test_what_looks_like_a_status_must_be_answered(bring, name, cells):
    text = f"Email,{name}\n" + "".join(f"p{n}@example.org,{cell}\n" for n, cell in enumerate(cells or ["zz"]))

    with pytest.raises(NotReadyError, match="may say who must not be emailed"):
        bring(text)
    assert len(bring(text, mapping={name: "field"}).agreed()) == len(cells or ["zz"])


@pytest.mark.parametrize("name", ["First name", "Mailing City", "Favourite tea", "Points"])
def test_other_columns_are_not_asked_for(name):
    assert not looks_like_status(name, ["Oolong", "Sencha", ""])


def test_words_can_be_answered_by_hand(bring):
    answers = {"Newsletter": {"evtl.": "opted_out", "ja": "no"}}

    result = bring(GERMAN, answers=answers)

    assert result.agreed() == set()
    assert is_suppressed("evi@example.org")
    assert result.run.words == {"no": 3, "opted_out": 2}


def test_words_are_counted_and_noted(bring):
    result = bring(GERMAN)

    assert result.run.words == {"yes": 1, "no": 2, "unclear": 1, "opted_out": 1}
    assert result.reasons[4] == "Newsletter: “evtl.” is not understood: no consent."
    assert result.reasons[2] == ""


def test_a_no_in_a_later_file_takes_the_yes_back_and_a_riddle_does_not(bring):
    bring("Email,Vorname,Nachname,Newsletter\na@example.org,A,A,ja\nb@example.org,B,B,ja\n")

    result = bring("Email,Vorname,Nachname,Newsletter\na@example.org,A,A,nein\nb@example.org,B,B,evtl.\n")

    assert result.agreed() == {"b@example.org"}
    assert result.reasons[2].startswith("consent: withdrawn.")


def test_a_yes_is_not_given_to_whom_the_address_is_not(bring, inside):
    bring("Customer number,Email\nK-1,one@example.org\nK-2,two@example.org\n", topic="")
    result = bring("Customer number,Email\nK-1,two@example.org\n")

    assert result.agreed() == set()
    assert "belongs to contact" in result.reasons[2]


def test_a_yes_said_here_outlives_a_file_that_is_silent(bring):
    bring("Email,Unsubscribed\nada@example.org,\n", topic="")
    ada = Contact.objects.get()
    give_consent(ada, topic=Topic.objects.get(key="letter"), page="https://kettle.example/")

    assert bring("Email,Unsubscribed\nada@example.org,no\n").agreed() == {"ada@example.org"}


CELLS = [
    "",
    "yes",
    "no",
    "ja",
    "nein",
    "subscribed",
    "Unsubscribed",
    "BOUNCED",
    "evtl.",
    "2024-03-01",
    "[]",
    "true",
    "x",
    "0",
]
NAY = {Word.COMPLAINED, Word.BOUNCED, Word.OPTED_OUT, Word.NO, Word.UNCLEAR}


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(
    targets=st.lists(
        st.sampled_from(["opt_out", "consent", "status", "bounced", "suppressed"]), min_size=2, max_size=2
    ),
    rows=st.lists(
        st.tuples(st.integers(0, 3), st.booleans(), st.sampled_from(CELLS), st.sampled_from(CELLS)),
        min_size=1,
        max_size=8,
    ),
    chunk=st.sampled_from([1, 500]),
)
def test_the_most_restrictive_of_all_rows_counts(bring, monkeypatch, targets, rows, chunk):
    monkeypatch.setattr("imports.running.CHUNK", chunk)
    batch = ImportRun.objects.count()
    address = f"p{{}}.{batch}@example.org"
    text = "Email,One,Two\n" + "".join(
        f"{(address.upper() if loud else address).format(who)},{one},{two}\n" for who, loud, one, two in rows
    )

    result = bring(text, mapping=dict(zip(["One", "Two"], targets, strict=True)))

    for who in {row[0] for row in rows}:
        said = [
            judge(target, cell, {})
            for number, _loud, *cells in rows
            if number == who
            for target, cell in zip(targets, cells, strict=True)
            if cell
        ]
        asks = bool({"consent", "status"} & set(targets))
        every_row_says = [
            any(judge(t, c, {}) for t, c in zip(targets, cells, strict=True) if c)
            for number, _loud, *cells in rows
            if number == who
        ]
        may = not NAY & set(said) and (all(every_row_says) if asks else True)
        assert (address.format(who) in result.agreed()) == may
