"""What the ledger of consents and the suppression list hold after each verb: whole rows, whose, and who is told."""

from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from django.utils import timezone

from consent.consenting import (
    NoProofError,
    addresses_of,
    addresses_of_all,
    give_all,
    give_consent,
    keep_wording,
    newest_word,
    withdraw_all,
    withdraw_consent,
)
from consent.default_topics import create_default_topics
from consent.models import Consent, ConsentWording, Suppression, Topic
from consent.news import consent_changed
from consent.suppressing import is_suppressed, suppress, suppress_all
from contacts.addresses import BadAddressError, address_hash
from contacts.channels import Channel
from contacts.merging import link_contacts
from contacts.models import Identity
from tests.factories.contacts import letter, make_contact

PAGE = "https://kettle.example/join"
STEP = timedelta(microseconds=1)
DAY = timedelta(days=1)
GIVEN, WITHDRAWN, REQUESTED = Consent.State.GIVEN, Consent.State.WITHDRAWN, Consent.State.REQUESTED
NOW = "2026-06-03 10:00:00+00:00"


@pytest.fixture(autouse=True)
def kettle_stands_still(inside):
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def told(monkeypatch):
    heard = []
    monkeypatch.setattr(consent_changed, "hearers", [lambda contact_ids: heard.append(contact_ids)])
    return heard


@pytest.fixture
def nobody_listens(monkeypatch):
    """Whoever hears of it fails, so the verb must take back all that it did."""

    def fail(contact_ids):
        raise RuntimeError("A hearer fell over.")

    monkeypatch.setattr(consent_changed, "hearers", [fail])


def said_of(contact):
    """(state, topic, channel, at) of all that stands in the ledger for somebody, the oldest row first."""
    rows = Consent.objects.filter(contact=contact).order_by("pk")
    return [(row.state, row.topic.key if row.topic else None, row.channel, row.at) for row in rows]


def listed():
    """(reason, source, at, lifted_at) of the whole list."""
    return list(Suppression.objects.order_by("reason", "pk").values_list("reason", "source", "at", "lifted_at"))


def offers():
    return Topic.objects.get(key="offers")


class TestAYes:
    def test_is_kept_with_everything_that_proves_it(self, told, ada):
        greta = make_contact()
        touchpoint = UUID("0190a1b2-0000-7000-8000-000000000001")
        until = timezone.now() + DAY

        row = give_consent(
            greta,
            topic=letter(),
            channel=Channel.MOBILE,
            basis="soft_opt_in",
            wording="Write to me",
            at=timezone.now() - DAY,
            expires_at=until,
            source="s" * 121,
            touchpoint_id=touchpoint,
            by=ada,
            page=PAGE,
            language="de",
            ip="192.0.2.7",
            agent="a" * 301,
        )

        kept = Consent.objects.values().get(pk=row.pk)
        wording = ConsentWording.objects.get(text="Write to me")
        assert {name: value for name, value in kept.items() if name not in {"id", "workspace_id"}} == {
            "contact_id": greta.pk,
            "topic_id": letter().pk,
            "channel": Channel.MOBILE,
            "state": GIVEN,
            "basis": "soft_opt_in",
            "wording_id": wording.pk,
            "source": "s" * 120,
            "touchpoint_id": touchpoint,
            "page": PAGE,
            "language": "de",
            "ip": "192.0.2.7",
            "agent": "a" * 300,
            "by_id": ada.pk,
            "at": timezone.now() - DAY,
            "expires_at": until,
        }
        assert told == [[greta.pk]]

    def test_without_more_is_said_now_by_email_with_consent_as_its_basis(self, told):
        greta = make_contact()

        row = give_consent(greta, topic=None)

        kept = Consent.objects.get(pk=row.pk)
        assert (kept.channel, kept.basis, kept.at, kept.wording, kept.expires_at, kept.topic) == (
            Channel.EMAIL,
            "consent",
            timezone.now(),
            None,
            None,
            None,
        )
        assert (kept.source, kept.touchpoint_id, kept.by_id, kept.page, kept.language, kept.ip, kept.agent) == (
            "",
            None,
            None,
            "",
            "",
            None,
            "",
        )

    def test_by_hearsay_twice_adds_nothing_and_tells_nobody(self, told):
        greta = make_contact()
        first = give_consent(greta, topic=letter(), source="list.csv")
        told.clear()

        assert give_consent(greta, topic=letter(), source="other.csv") == first
        assert (Consent.objects.count(), told) == (1, [])

    @pytest.mark.parametrize("proof", [{"page": PAGE}, {"touchpoint_id": UUID(int=7)}])
    def test_of_their_own_is_written_down_each_time(self, proof):
        greta = make_contact()
        give_consent(greta, topic=letter(), source="list.csv")

        give_consent(greta, topic=letter(), **proof)

        assert Consent.objects.count() == 2

    def test_to_everything_is_none_to_the_topic(self):
        greta = make_contact()
        give_consent(greta, topic=None, source="list.csv")

        give_consent(greta, topic=letter(), source="list.csv")

        assert [(state, topic) for state, topic, _channel, _at in said_of(greta)] == [(GIVEN, None), (GIVEN, "letter")]

    @pytest.mark.parametrize("proof", [{"page": PAGE}, {"touchpoint_id": UUID(int=7)}])
    def test_takes_a_no_back_from_the_very_moment_of_the_no(self, proof):
        greta = make_contact()
        withdraw_consent(greta, topic=letter())
        no_at = timezone.now()

        with pytest.raises(NoProofError):
            give_consent(greta, topic=letter(), at=no_at - STEP, **proof)
        give_consent(greta, topic=letter(), at=no_at, **proof)

        assert said_of(greta) == [
            (WITHDRAWN, "letter", Channel.EMAIL, no_at),
            (GIVEN, "letter", Channel.EMAIL, no_at),
        ]

    @pytest.mark.parametrize("hearsay", [{"source": "list.csv"}, {"ip": "192.0.2.7", "agent": "x", "language": "de"}])
    def test_by_hearsay_takes_no_no_back_and_says_what_it_needs(self, hearsay):
        greta = make_contact()
        withdraw_consent(greta, topic=None)

        with pytest.raises(NoProofError) as refused:
            give_consent(greta, topic=letter(), at=timezone.now() + DAY, **hearsay)

        assert str(refused.value) == "They said no; a yes needs the moment or the page on which they said it."
        assert is_suppressed(greta.email)

    @pytest.mark.parametrize(
        ("reason", "is_lifted"),
        [("complaint", True), ("bounce", True), ("objection", True), ("erased", True), ("manual", False)],
    )
    def test_of_their_own_lifts_what_was_theirs_to_lift(self, reason, is_lifted):
        greta = make_contact()
        suppress(greta.email, reason=reason)

        give_consent(greta, topic=letter(), page=PAGE)

        assert Suppression.objects.get().lifted_at == (timezone.now() if is_lifted else None)

    def test_lifts_this_address_on_this_channel_only_and_those_of_merged_people(self):
        greta, also_greta, other = make_contact(), make_contact(), make_contact()
        for one in (greta, also_greta, other):
            Identity.objects.create(contact=one, kind=Identity.Kind.PHONE, value=f"+49309018{one.pk % 1000:03d}0")
        phone = greta.identities.get(kind=Identity.Kind.PHONE).value
        link_contacts(also_greta.pk, greta.pk)
        suppress_all([greta.email, also_greta.email, other.email], reason="objection")
        suppress(phone, channel=Channel.MOBILE, reason="objection")

        give_consent(greta, topic=letter(), page=PAGE)

        assert (is_suppressed(greta.email), is_suppressed(also_greta.email)) == (False, False)
        assert (is_suppressed(other.email), is_suppressed(phone, channel=Channel.MOBILE)) == (True, True)

    def test_leaves_what_was_lifted_long_ago_alone(self):
        greta, then = make_contact(), timezone.now() - DAY
        suppress(greta.email, reason="bounce")
        Suppression.objects.update(lifted_at=then)

        give_consent(greta, topic=letter(), page=PAGE)

        assert Suppression.objects.get().lifted_at == then

    def test_is_not_half_kept_where_somebody_who_hears_of_it_fails(self, nobody_listens):
        greta = make_contact(email="greta@people.example")
        Suppression.objects.create(address_hash=address_hash("greta@people.example"), reason="objection")

        with pytest.raises(RuntimeError):
            give_consent(greta, topic=letter(), page=PAGE, wording="Yes")

        assert Consent.objects.count() == ConsentWording.objects.count() == 0
        assert is_suppressed("greta@people.example")


class TestAYesForMany:
    def test_is_a_row_for_each_that_never_answered(self, told):
        silent, said_yes, said_no, asked, lapsed, wants_nothing = people = [make_contact() for _ in range(6)]
        give_consent(said_yes, topic=letter())
        withdraw_consent(said_no, topic=letter())
        Consent.objects.create(contact=asked, topic=letter(), state=REQUESTED)
        give_consent(lapsed, topic=letter(), expires_at=timezone.now() - DAY)
        withdraw_consent(wants_nothing, topic=None)
        told.clear()
        then = timezone.now() - DAY
        before = Consent.objects.count()

        added = give_all(
            [(one.pk, then, "192.0.2.7") for one in reversed(people)],
            topic=letter(),
            basis="interest",
            wording="As on the form",
            source="s" * 121,
        )

        assert added == {silent.pk, asked.pk}
        assert told == [[silent.pk, asked.pk]]
        assert Consent.objects.count() == before + 2
        kept = Consent.objects.get(contact=silent)
        assert (kept.state, kept.topic, kept.channel, kept.basis, kept.wording.text, kept.source) == (
            GIVEN,
            letter(),
            Channel.EMAIL,
            "interest",
            "As on the form",
            "s" * 120,
        )
        assert (kept.at, kept.ip, kept.page, kept.language, kept.agent) == (then, "192.0.2.7", "", "", "")

    def test_looks_at_the_topic_and_the_channel_asked_for(self):
        greta = make_contact()
        give_consent(greta, topic=offers())
        give_consent(greta, topic=letter(), channel=Channel.MOBILE)

        assert give_all([(greta.pk, timezone.now(), None)], topic=letter()) == {greta.pk}
        kept = Consent.objects.latest("pk")
        assert (kept.topic, kept.channel, kept.basis, kept.wording, kept.ip) == (
            letter(),
            Channel.EMAIL,
            "consent",
            None,
            None,
        )

    def test_each_contact_answers_for_itself_though_merged(self):
        greta, also_greta = make_contact(), make_contact()
        withdraw_consent(also_greta, topic=letter())
        link_contacts(also_greta.pk, greta.pk)

        assert give_all([(greta.pk, timezone.now(), None)], topic=letter()) == {greta.pk}
        assert newest_word(greta, topic=letter()).state == WITHDRAWN

    def test_twice_is_once_and_of_one_person_named_twice_the_last_counts(self, told):
        greta, then = make_contact(), timezone.now() - DAY
        rows = [(greta.pk, timezone.now(), "192.0.2.1"), (greta.pk, then, None)]

        assert [give_all(rows, topic=letter()) for _ in range(2)] == [{greta.pk}, set()]
        assert said_of(greta) == [(GIVEN, "letter", Channel.EMAIL, then)]
        assert told == [[greta.pk]]

    def test_for_nobody_is_nothing(self, told):
        assert (give_all([], topic=letter()), Consent.objects.count(), told) == (set(), 0, [])

    def test_is_not_half_kept_where_somebody_who_hears_of_it_fails(self, nobody_listens):
        with pytest.raises(RuntimeError):
            give_all([(make_contact().pk, timezone.now(), None)], topic=letter(), wording="Yes")

        assert Consent.objects.count() == ConsentWording.objects.count() == 0


class TestANo:
    def test_is_kept_with_everything_that_proves_it(self, told, ada):
        greta = make_contact()

        assert withdraw_consent(
            greta,
            topic=letter(),
            channel=Channel.MOBILE,
            source="s" * 121,
            touchpoint_id=UUID(int=7),
            by=ada,
            page=PAGE,
            language="de",
            ip="192.0.2.7",
            agent="a" * 301,
        )

        kept = Consent.objects.values().get()
        assert {name: value for name, value in kept.items() if name not in {"id", "workspace_id"}} == {
            "contact_id": greta.pk,
            "topic_id": letter().pk,
            "channel": Channel.MOBILE,
            "state": WITHDRAWN,
            "basis": "consent",
            "wording_id": None,
            "source": "s" * 120,
            "touchpoint_id": UUID(int=7),
            "page": PAGE,
            "language": "de",
            "ip": "192.0.2.7",
            "agent": "a" * 300,
            "by_id": ada.pk,
            "at": timezone.now(),
            "expires_at": None,
        }
        assert (told, Suppression.objects.count()) == ([[greta.pk]], 0)

    def test_of_many_is_added_where_none_stands(self, told):
        silent, said_yes, said_no, wants_nothing, asked = people = [make_contact() for _ in range(5)]
        give_consent(said_yes, topic=letter())
        withdraw_consent(said_no, topic=letter())
        withdraw_consent(wants_nothing, topic=None)
        Consent.objects.create(contact=asked, topic=letter(), state=REQUESTED)
        told.clear()

        new = withdraw_all([one.pk for one in reversed(people)] * 2, topic=letter())

        assert new == {silent.pk, said_yes.pk, asked.pk}
        assert told == [[silent.pk, said_yes.pk, asked.pk]]
        counts = [Consent.objects.filter(contact=one, state=WITHDRAWN).count() for one in people]
        assert counts == [1, 1, 1, 1, 1]

    def test_to_one_topic_or_channel_leaves_the_others(self):
        greta = make_contact()
        withdraw_consent(greta, topic=offers())
        withdraw_consent(greta, topic=letter(), channel=Channel.MOBILE)

        assert withdraw_consent(greta, topic=letter())
        assert [state for state, *_rest in said_of(greta)] == [WITHDRAWN] * 3

    def test_after_a_newer_yes_is_news_again(self):
        greta = make_contact()
        withdraw_consent(greta, topic=letter())
        give_consent(greta, topic=letter(), page=PAGE)

        assert [withdraw_consent(greta, topic=letter()) for _ in range(2)] == [True, False]

    def test_to_everything_puts_every_address_on_the_list(self):
        greta, also_greta, other = make_contact(), make_contact(), make_contact()
        Identity.objects.create(contact=greta, kind=Identity.Kind.EMAIL, value="greta@elsewhere.example")
        Identity.objects.create(contact=greta, kind=Identity.Kind.PHONE, value="+4930901820")
        link_contacts(also_greta.pk, greta.pk)

        assert withdraw_all([greta.pk], topic=None, source="letter") == {greta.pk}

        theirs = [greta.email, "greta@elsewhere.example", also_greta.email]
        assert [is_suppressed(one) for one in [*theirs, other.email]] == [True, True, True, False]
        assert listed() == [("objection", "letter", timezone.now(), None)] * 3

    def test_of_nobody_is_nothing(self, told):
        assert (withdraw_all([], topic=None), told, listed()) == (set(), [], [])

    def test_is_not_half_kept_where_somebody_who_hears_of_it_fails(self, nobody_listens):
        with pytest.raises(RuntimeError):
            withdraw_all([make_contact().pk], topic=None)

        assert (Consent.objects.count(), listed()) == (0, [])


class TestTheList:
    def test_takes_each_usable_address_once(self, told):
        lines = ["ada@tea.example", "ADA@tea.example ", "no address", "", "bea@tea.example"]

        assert suppress_all(lines, source="s" * 201) == 2
        assert listed() == [("manual", "s" * 200, timezone.now(), None)] * 2
        assert set(Suppression.objects.values_list("address_hash", "channel")) == {
            (address_hash("ada@tea.example"), Channel.EMAIL),
            (address_hash("bea@tea.example"), Channel.EMAIL),
        }
        assert told == []

    def test_holds_nothing_of_what_nobody_can_use(self, told):
        assert (suppress_all(["", "no address"]), listed(), told) == (0, [], [])
        with pytest.raises(BadAddressError):
            suppress("no address")

    def test_keeps_the_moment_of_what_stands_and_renews_what_was_lifted(self):
        then = timezone.now() - DAY
        for address, lifted_at in [("standing@tea.example", None), ("lifted@tea.example", then + STEP)]:
            Suppression.objects.create(
                address_hash=address_hash(address), reason="bounce", source="old", at=then, lifted_at=lifted_at
            )

        suppress_all(["standing@tea.example", "lifted@tea.example"], reason="bounce", source="new")

        found = {row.address_hash: (row.at, row.lifted_at) for row in Suppression.objects.all()}
        assert found == {
            address_hash("standing@tea.example"): (then, None),
            address_hash("lifted@tea.example"): (timezone.now(), None),
        }

    def test_has_one_entry_for_each_reason(self):
        suppress("ada@tea.example", reason="bounce")
        suppress("ada@tea.example", reason="complaint", source="feedback loop")

        assert listed() == [
            ("bounce", "", timezone.now(), None),
            ("complaint", "feedback loop", timezone.now(), None),
        ]

    def test_tells_of_everybody_who_holds_the_address(self, told):
        by_identity = make_contact()
        Identity.objects.create(contact=by_identity, kind=Identity.Kind.EMAIL, value="shared@tea.example")
        Identity.objects.create(contact=make_contact(), kind=Identity.Kind.HANDLE, value="shared@tea.example")
        by_column = make_contact(email="")
        type(by_column).objects.filter(pk=by_column.pk).update(email="shared@tea.example")

        suppress("shared@tea.example")

        assert told == [[by_identity.pk, by_column.pk]]

    def test_of_phones_tells_nobody_by_an_email(self, told):
        greta = make_contact()
        Identity.objects.create(contact=greta, kind=Identity.Kind.PHONE, value="+4930901820")
        odd = make_contact(email="")
        type(odd).objects.filter(pk=odd.pk).update(email="+4930901820")

        suppress("+49 30 901820", channel=Channel.CALL)

        assert told == [[greta.pk]]

    def test_knows_what_stands_and_takes_the_unusable_for_listed(self):
        suppress("ada@tea.example", reason="complaint")
        assert [is_suppressed(one) for one in ("ADA@tea.example", "bea@tea.example", "no address")] == [
            True,
            False,
            True,
        ]

        Suppression.objects.update(lifted_at=timezone.now())
        assert not is_suppressed("ada@tea.example")

    def test_is_not_half_kept_where_somebody_who_hears_of_it_fails(self, nobody_listens):
        greta = make_contact()

        with pytest.raises(RuntimeError):
            suppress_all([greta.email])

        assert listed() == []


class TestAddresses:
    def test_of_a_person_are_those_of_everybody_merged_in_order(self):
        greta, also_greta = make_contact(email="z@tea.example"), make_contact(email="b@tea.example")
        nameless = make_contact(email="")
        Identity.objects.create(contact=nameless, kind=Identity.Kind.EMAIL, value="c@tea.example")
        Identity.objects.create(contact=also_greta, kind=Identity.Kind.PHONE, value="+4930901820")
        for one in (also_greta, nameless):
            link_contacts(one.pk, greta.pk)
        make_contact(email="x@tea.example")

        whole = ["b@tea.example", "c@tea.example", "z@tea.example"]
        assert addresses_of(greta, Channel.EMAIL) == addresses_of(also_greta, Channel.EMAIL) == whole
        assert addresses_of(nameless, Channel.CALL) == ["+4930901820"]
        assert addresses_of_all([greta.pk], Channel.WEB) == []

    def test_that_only_a_column_holds_count(self):
        greta = make_contact(email="")
        type(greta).objects.filter(pk=greta.pk).update(email="only@tea.example")

        assert addresses_of(greta, Channel.EMAIL) == ["only@tea.example"]
        assert addresses_of(greta, Channel.MOBILE) == []


def test_the_newest_word_is_that_of_the_topic_and_channel():
    greta = make_contact()
    yes = give_consent(greta, topic=letter())
    give_consent(greta, topic=letter(), channel=Channel.MOBILE)

    assert newest_word(greta, topic=letter()) == yes
    assert newest_word(greta, topic=offers()) is None
    assert newest_word(greta, topic=None) is None
    assert newest_word(make_contact(), topic=letter()) is None


def test_a_sentence_is_one_row_and_no_sentence_none():
    rows = {keep_wording(text).pk for text in ("Yes", "Yes", "Yes, please")}

    assert (len(rows), keep_wording("")) == (2, None)
    kept = ConsentWording.objects.order_by("text").values_list("text", "digest")
    assert [(text, len(digest)) for text, digest in kept] == [("Yes", 32), ("Yes, please", 32)]


def test_what_a_new_workspace_has_to_ask_for(inside):
    create_default_topics(inside)

    assert list(Topic.objects.values_list("key", "name", "promise", "asks", "position", "is_private")) == [
        ("letter", "Newsletter", "What is new, now and then", "Read it when you like", 1, False),
        ("offers", "Offers", "Prices before others see them", "Nothing", 2, False),
    ]


@pytest.mark.parametrize("number", [1, 30])
def test_verbs_for_many_take_a_constant_number_of_statements(number, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(consent_changed, "hearers", [])
    ids, topic, then = [make_contact().pk for _ in range(number)], letter(), timezone.now()

    with django_assert_num_queries(8):  # the words, whom they speak for, what counts now
        give_all([(pk, then, None) for pk in ids], topic=topic)
    with django_assert_num_queries(8):
        withdraw_all(ids, topic=topic)
    with django_assert_num_queries(4):
        suppress_all([f"p{n}@tea.example" for n in range(number)])
