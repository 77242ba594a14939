"""What the gate reads of people: whose rows, which word of several, which address of several; and how many at a time."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import consent.room
from consent import gate
from consent.asking import Ask
from consent.consenting import give_consent, withdraw_consent
from consent.eligibility import newest_word_sql, read_eligibilities, statement_params, stopped_sql
from consent.gate import Verdict, count_reachable, verdict, verdicts
from consent.models import Consent, Suppression, Topic
from consent.panels import consents_panel
from consent.steps.base import Reason
from consent.suppressing import suppress
from contacts.addresses import address_hash
from contacts.channels import Channel
from contacts.merging import link_contacts
from contacts.models import Contact, Identity
from contacts.reaching import Chosen, use_addresses
from lib.rooms import house
from lib.sql import run_dicts
from tests.consent.oracle import eligibility_of
from tests.factories.contacts import letter, make_contact, make_reader
from workspaces.current import current_workspace_id, working_in

NOON = "2026-06-03 10:00:00+00:00"
PAGE = "https://kettle.example/join"
DAY, MOMENT = timedelta(days=1), timedelta(microseconds=1)
GIVEN, WITHDRAWN = Consent.State.GIVEN, Consent.State.WITHDRAWN


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


@pytest.fixture
def own_steps(monkeypatch):
    """Only the steps of this room."""
    monkeypatch.setattr(house, "gate_steps", consent.room.room.gate_steps)


def stands(contact, channel=Channel.EMAIL, topic=None):
    found = read_eligibilities(channel, topic, [contact.pk])[contact.pk]
    assert found == eligibility_of(channel, topic, Contact.objects.get(pk=contact.pk))
    return found


def say(contact, state, *, days=0, topic="letter", expires_in=None, channel=Channel.EMAIL):
    return Consent.objects.create(
        contact=contact,
        topic=Topic.objects.get(key=topic) if topic else None,
        channel=channel,
        state=state,
        at=timezone.now() - days * DAY,
        expires_at=None if expires_in is None else timezone.now() + expires_in,
    ).pk


class TestTheWordThatCounts:
    def test_of_one_voice_is_the_newest_whatever_it_says(self, inside):
        greta = make_contact()
        say(greta, WITHDRAWN, days=2)
        newest = say(greta, GIVEN, days=1)
        say(greta, GIVEN, days=3)

        found = stands(greta, topic=letter().pk)

        assert (found.word_id, found.word_state, found.word_at) == (newest, GIVEN, timezone.now() - DAY)

    def test_of_two_in_one_moment_is_the_later_row(self, inside):
        greta = make_contact()
        say(greta, WITHDRAWN)
        later = say(greta, GIVEN)

        assert stands(greta, topic=letter().pk).word_id == later

    @pytest.mark.parametrize(("first", "second"), [(GIVEN, WITHDRAWN), (WITHDRAWN, GIVEN)])
    def test_of_several_addresses_is_the_no(self, inside, first, second):
        greta, also_greta = make_contact(), make_contact()
        words = {first: say(greta, first, days=1), second: say(also_greta, second, days=2)}
        link_contacts(also_greta.pk, greta.pk)

        for one in (greta, also_greta):
            found = stands(one, topic=letter().pk)
            assert (found.asked_id, found.id, found.word_id) == (one.pk, greta.pk, words[WITHDRAWN])

    def test_of_two_yeses_is_the_one_that_ran_out(self, inside):
        greta, also_greta = make_contact(), make_contact()
        say(greta, GIVEN)
        lapsed = say(also_greta, GIVEN, days=5, expires_in=timedelta(0))
        link_contacts(also_greta.pk, greta.pk)

        found = stands(greta, topic=letter().pk)

        assert (found.word_id, found.word_lapsed) == (lapsed, True)

    def test_of_two_equal_yeses_is_the_newer_and_then_the_later_row(self, inside):
        greta, also_greta, third = make_contact(), make_contact(), make_contact()
        say(greta, GIVEN, days=2)
        say(also_greta, GIVEN, days=1)
        last = say(third, GIVEN, days=1)
        for one in (also_greta, third):
            link_contacts(one.pk, greta.pk)

        assert stands(greta, topic=letter().pk).word_id == last

    def test_of_people_without_an_address_is_one_voice_each(self, inside):
        greta, also_greta = make_contact(email=""), make_contact(email="")
        no = say(greta, WITHDRAWN, days=2)
        say(also_greta, GIVEN)
        link_contacts(also_greta.pk, greta.pk)

        assert stands(greta, topic=letter().pk).word_id == no

    def test_of_one_address_held_twice_is_the_newest(self, inside):
        greta, also_greta = make_contact(), make_contact(email="")
        Contact.objects.filter(pk=also_greta.pk).update(email=greta.email)
        say(greta, WITHDRAWN, days=2)
        yes = say(also_greta, GIVEN, days=1)
        link_contacts(also_greta.pk, greta.pk)

        assert stands(greta, topic=letter().pk).word_id == yes

    @pytest.mark.parametrize(
        ("expires_in", "has_lapsed"), [(None, False), (MOMENT, False), (timedelta(0), True), (-MOMENT, True)]
    )
    def test_runs_out_at_its_moment(self, inside, expires_in, has_lapsed):
        greta = make_contact()
        say(greta, GIVEN, days=9, expires_in=expires_in)

        assert stands(greta, topic=letter().pk).word_lapsed is has_lapsed

    def test_that_is_a_no_never_runs_out(self, inside):
        greta = make_contact()
        say(greta, WITHDRAWN, days=9, expires_in=-DAY)

        assert stands(greta, topic=letter().pk).word_lapsed is False

    def test_is_about_the_topic_or_everything_on_this_channel(self, inside):
        greta, bea = make_contact(), make_contact()
        all_of_it = say(greta, GIVEN, topic=None)
        say(bea, GIVEN, topic="offers")
        say(bea, Consent.State.REQUESTED)
        say(bea, GIVEN, channel=Channel.MOBILE)

        assert stands(greta, topic=letter().pk).word_id == all_of_it
        assert stands(greta).word_id == all_of_it
        found = stands(bea, topic=letter().pk)
        assert (found.word_id, found.word_state, found.word_topic_id, found.word_basis, found.word_source) == (
            None,
            None,
            None,
            None,
            None,
        )
        assert (found.word_at, found.word_lapsed) == (None, False)


class TestTheAddress:
    def test_of_mail_is_the_column_and_of_phones_the_current_one_that_is_preferred(self, inside):
        greta = make_contact(email="greta@tea.example")
        for value in ("+4930901822", "+4930901820", "+4930901821"):
            Identity.objects.create(contact=greta, kind=Identity.Kind.PHONE, value=value)
        Identity.objects.create(contact=greta, kind=Identity.Kind.EMAIL, value="a@tea.example")

        assert stands(greta).address == "greta@tea.example"
        assert stands(greta, Channel.MOBILE).address == "+4930901822"
        use_addresses([Chosen(greta.pk, Identity.Kind.PHONE, "+4930901821")])
        assert stands(greta, Channel.MOBILE).address == "+4930901821"
        use_addresses([Chosen(greta.pk, Identity.Kind.PHONE, "")])
        assert stands(greta, Channel.MOBILE).address == "+4930901820"
        assert stands(greta, Channel.SOCIAL).address == ""
        assert stands(greta, Channel.WEB).address == ""

    def test_that_bounced_stops_only_mail_to_itself(self, inside):
        greta, also_greta = make_contact(), make_contact()
        Identity.objects.create(contact=greta, kind=Identity.Kind.EMAIL, value="old@tea.example")
        link_contacts(also_greta.pk, greta.pk)
        suppress("old@tea.example", reason="bounce")
        suppress(also_greta.email, reason="bounce")
        assert stands(greta).bounce_at is None

        suppress(greta.email, reason="bounce")
        assert stands(greta).bounce_at == timezone.now()

    @pytest.mark.parametrize(
        ("reason", "column"),
        [
            ("complaint", "complaint_at"),
            ("objection", "objection_at"),
            ("manual", "blocked_at"),
            ("erased", "forgotten_at"),
        ],
    )
    def test_of_any_of_theirs_stops_them_since_the_last_moment(self, inside, reason, column):
        greta, also_greta, other = make_contact(), make_contact(email=""), make_contact()
        Identity.objects.create(contact=also_greta, kind=Identity.Kind.EMAIL, value="old@tea.example")
        link_contacts(also_greta.pk, greta.pk)
        for address, days in [(greta.email, 2), ("old@tea.example", 1)]:
            Suppression.objects.create(
                address_hash=address_hash(address), reason=reason, at=timezone.now() - days * DAY
            )

        found = stands(greta)

        stops = {
            name: getattr(found, name)
            for name in ("complaint_at", "bounce_at", "objection_at", "blocked_at", "forgotten_at")
        }
        assert {name: at for name, at in stops.items() if at} == {column: timezone.now() - DAY}
        assert getattr(stands(other), column) is None

    def test_that_was_lifted_or_stands_for_another_channel_stops_nothing(self, inside):
        greta = make_contact()
        suppress(greta.email, reason="objection")
        Suppression.objects.update(lifted_at=timezone.now())
        Suppression.objects.create(
            channel=Channel.MOBILE, address_hash=address_hash(greta.email), reason="manual", at=timezone.now()
        )

        found = stands(greta)

        assert (found.objection_at, found.blocked_at) == (None, None)


def test_people_are_read_once_each_and_strangers_not_at_all(kettle, rival):
    with working_in(rival):
        theirs = make_reader()
    with working_in(kettle):
        greta, bea = make_reader(), make_contact()

        found = read_eligibilities(Channel.EMAIL, letter().pk, [bea.pk, greta.pk, theirs.pk, 10**12])

        assert {pk: (one.asked_id, one.word_state) for pk, one in found.items()} == {
            bea.pk: (bea.pk, None),
            greta.pk: (greta.pk, GIVEN),
        }


def everybody(text):
    return run_dicts(
        f"SELECT * FROM ({text}) AS found ORDER BY 1, 2",
        {"workspace": current_workspace_id(), "topic": letter().pk, "now": timezone.now(), **statement_params()},
    )


def test_the_word_of_everybody_is_that_of_each(inside):
    greta, also_greta, bea, _silent = [make_contact() for _ in range(4)]
    say(greta, GIVEN)
    no = say(also_greta, WITHDRAWN, days=3)
    yes = say(bea, GIVEN, days=1, expires_in=-MOMENT)
    link_contacts(also_greta.pk, greta.pk)

    rows = everybody(
        newest_word_sql(
            channel=Channel.EMAIL, channel_sql="1", topic_sql="%(topic)s", now_sql="%(now)s", only=" AND said.id > 0"
        )
    )

    assert [(row["person_id"], row["id"], row["state"], row["lapsed"]) for row in rows] == [
        (greta.pk, no, WITHDRAWN, False),
        (bea.pk, yes, GIVEN, True),
    ]


def test_what_stands_on_the_list_of_everybody_is_that_of_each(inside):
    by_column, by_identity, loser, odd = make_contact(email=""), make_contact(), make_contact(), make_contact()
    Contact.objects.filter(pk=by_column.pk).update(email="column@tea.example")
    Identity.objects.create(contact=by_identity, kind=Identity.Kind.EMAIL, value="second@tea.example")
    Identity.objects.create(contact=odd, kind=Identity.Kind.PHONE, value="+4930901820")
    link_contacts(loser.pk, by_identity.pk)
    for address in ("column@tea.example", "second@tea.example", loser.email):
        suppress(address, reason="objection")
    suppress("+4930901820", channel=Channel.MOBILE)

    def stopped(channel):
        text = stopped_sql(channel=channel, channel_sql=str(int(channel)), only_held="", only_people="")
        return [(row["person_id"], row["value"], row["reason"]) for row in everybody(text)]

    assert stopped(Channel.EMAIL) == sorted(
        [
            (by_column.pk, "column@tea.example", "objection"),
            (by_identity.pk, "second@tea.example", "objection"),
            (by_identity.pk, loser.email, "objection"),
        ]
    )
    assert stopped(Channel.MOBILE) == [(odd.pk, "+4930901820", "manual")]
    assert stopped(Channel.WEB) == []


class TestTheGate:
    @pytest.mark.parametrize(
        ("message_class", "count"), [("marketing", 14), ("subscribed", 13), ("transactional", 6), ("answer", 1)]
    )
    def test_asks_each_class_its_own_steps_in_order(self, inside, own_steps, message_class, count):
        codes = [one.code for one in consent.room.room.gate_steps if message_class in one.classes]

        found = verdict(Ask(message_class=message_class, topic_id=letter().pk), make_reader())

        assert [one.code for one in found.reasons] == codes
        assert len(codes) == count
        assert (found.allowed, found.reason, found.first_failure, found.is_hold) == (True, "", None, False)

    def test_decides_by_the_first_no_and_keeps_the_rest(self, inside):
        greta = make_reader(paused_until=timezone.now() + DAY, complaint_since=timezone.now())
        withdraw_consent(greta, topic=letter())

        found = verdict(Ask(topic_id=letter().pk), greta)

        assert (found.allowed, found.reason, found.address) == (False, "topic_off", greta.email)
        assert [one.code for one in found.reasons if not one.passed] == ["topic_off", "paused", "open_complaint"]
        assert found.first_failure.code == "topic_off"

    @pytest.mark.parametrize(("code", "is_hold"), [("quiet", True), ("paused", False), ("", False)])
    def test_only_the_night_is_waited_for(self, code, is_hold):
        assert Verdict(not code, code, (Reason(code, "", None, not code),)).is_hold is is_hold

    def test_sums_up_who_can_be_reached_over_every_chunk(self, inside, own_steps, monkeypatch):
        monkeypatch.setattr(gate, "CHUNK", 2)
        people = [make_reader(), make_contact(), make_reader(), make_reader(), make_contact()]

        assert count_reachable(Ask(topic_id=letter().pk), [one.pk for one in people]) == 3
        assert count_reachable(Ask(topic_id=letter().pk), []) == 0

    @pytest.mark.parametrize(("people", "statements"), [(1, 1), (1000, 1), (1001, 2), (2001, 3)])
    def test_reads_a_thousand_people_at_a_time(self, inside, own_steps, people, statements):
        ask = Ask(topic_id=letter().pk)

        with CaptureQueriesContext(connection) as asked:
            assert count_reachable(ask, range(10**9, 10**9 + people)) == 0

        assert len(asked) == statements

    def test_leaves_the_moment_aside_only_where_it_counts(self, inside, own_steps):
        greta = make_reader()
        with time_machine.travel("2026-06-03 20:00:00+00:00", tick=False):
            assert verdicts(Ask(topic_id=letter().pk), [greta.pk])[greta.pk].is_hold
            assert count_reachable(Ask(topic_id=letter().pk), [greta.pk]) == 1


class TestMayWeWrite:
    @pytest.fixture
    def panel(self, as_ada, kettle):
        def ask(contact, about=""):
            page = as_ada.get(
                f"/w/kettle/contacts/{contact.pk}/may-write/", {"about": about}, headers={"HX-Request": "true"}
            )
            return page.context["panel"]

        return ask

    @pytest.mark.parametrize(
        ("fields", "headline"),
        [
            ({}, "Yes"),
            ({"paused_until": "2026-06-04T10:00:00Z"}, "No, not today"),
            ({"contact_frequency": 0}, "No"),
            ({"zone": "Pacific/Auckland"}, "Yes, in the morning"),
        ],
    )
    def test_says_it_in_a_word(self, panel, kettle, fields, headline):
        with working_in(kettle):
            greta = make_reader(**fields)

        assert panel(greta)["headline"] == headline

    def test_asks_about_the_first_topic_unless_another_kind_is_chosen(self, panel, kettle):
        with working_in(kettle):
            greta, first, second = make_reader(), letter().pk, Topic.objects.get(key="offers").pk

        def asked(about):
            found = panel(greta, about)
            return found["form"].initial["about"], found["verdict"].reason, found["answer_allowed"]

        assert asked("") == asked("nonsense") == (f"marketing-{first}", "", True)
        assert asked(f"subscribed-{second}") == (f"subscribed-{second}", "no_consent", True)
        assert asked("transactional-") == ("transactional-", "", True)
        assert asked("answer-") == ("answer-", "", False)

    def test_allows_an_answer_to_everybody_but_the_erased(self, panel, kettle):
        with working_in(kettle):
            greta = make_contact(erased_at=timezone.now())

        assert panel(greta)["answer_allowed"] is False

    def test_says_first_what_stops_then_what_is_worth_a_line_then_the_rest_in_one(self, panel, kettle, own_steps):
        with working_in(kettle):
            greta = make_reader(paused_until=timezone.now() + DAY, contact_frequency=0)

        lines = [(one["ok"], str(one["text"]), str(one["detail"]), one["ends_at"]) for one in panel(greta)["reasons"]]

        assert lines == [
            (False, "Asked for a pause", "", timezone.now() + DAY),
            (False, "Wants no messages at all", "", None),
            (True, "Consent given", "Consent, 3 Jun 2026", None),
            (True, "No open complaint", "", None),
            (True, "Not night there", "", None),
            (
                True,
                "Nothing else stands against it",
                "Not erased · Never marked an email as spam · The address works, as far as we know · The mailbox"
                " takes what we send · No objection · Not blocked by us · We have an address · Consent not withdrawn · This channel is open",
                None,
            ),
        ]

    def test_needs_no_line_for_the_rest_where_there_is_none(self, panel, kettle, own_steps):
        with working_in(kettle):
            greta = make_contact(erased_at=timezone.now())

        lines = [(one["ok"], str(one["text"])) for one in panel(greta, "answer-")["reasons"]]

        assert lines == [(False, "Erased at their request")]


class TestWhatTheySaid:
    def test_is_the_newest_answer_to_each_question_and_everything_before(self, inside):
        greta, also_greta = make_contact(), make_contact()
        say(greta, GIVEN, days=5)
        say(also_greta, WITHDRAWN, days=3)
        say(greta, GIVEN, days=4, topic=None)
        say(greta, GIVEN, days=2, channel=Channel.CALL)
        say(greta, Consent.State.REQUESTED, days=1)
        say(make_contact(), GIVEN)
        link_contacts(also_greta.pk, greta.pk)

        panel = consents_panel(None, greta)

        def told(rows):
            return [(row["topic"], row["channel"], row["state"], row["basis"]) for row in rows]

        asked = ("Newsletter", "Email", Consent.State.REQUESTED, "")
        by_call = ("Newsletter", "Call", GIVEN, "Consent")
        no, everything = ("Newsletter", "Email", WITHDRAWN, ""), ("Everything", "Email", GIVEN, "Consent")
        assert told(panel["newest"]) == [by_call, no, everything]
        assert told(panel["history"]) == [asked, by_call, no, everything, ("Newsletter", "Email", GIVEN, "Consent")]

    def test_comes_with_its_proof(self, inside):
        greta = make_contact()
        give_consent(
            greta,
            topic=letter(),
            basis="interest",
            wording="Write to me",
            source="form",
            page=PAGE,
            expires_at=timezone.now() + DAY,
        )

        assert consents_panel(None, greta)["newest"] == [
            {
                "topic": "Newsletter",
                "icon": "mail",
                "channel": "Email",
                "state": GIVEN,
                "word": "given",
                "basis": "Legitimate interest",
                "source": "form",
                "wording": "Write to me",
                "page": PAGE,
                "at": timezone.now(),
                "expires_at": timezone.now() + DAY,
            }
        ]

    def test_of_one_moment_is_the_later_row_and_the_last_two_hundred(self, inside):
        greta = make_contact()
        Consent.objects.bulk_create(
            Consent(contact=greta, topic=letter(), state=GIVEN, source=str(number), at=timezone.now())
            for number in range(201)
        )

        panel = consents_panel(None, greta)

        assert [row["source"] for row in panel["newest"]] == ["200"]
        assert [row["source"] for row in panel["history"]] == [str(number) for number in range(200, 0, -1)]
