from datetime import timedelta

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import consent.room
from consent.asking import Ask
from consent.consenting import NoProofError, give_consent, withdraw_consent
from consent.eligibility import read_eligibilities
from consent.gate import count_reachable, verdict, verdicts
from consent.models import Consent, Suppression, Topic
from consent.steps.base import GateStep
from consent.suppressing import suppress
from contacts.channels import Channel
from contacts.merging import link_contacts
from contacts.models import Contact, ContactFrequency, Identity
from lib.rooms import house
from tests.consent.oracle import eligibility_of
from tests.examples import examples
from tests.factories.contacts import letter, make_contact, make_reader
from workspaces.current import working_in

NOON, NIGHT = "2026-06-03 10:00:00+00:00", "2026-06-03 20:00:00+00:00"  # 12:00 and 22:00 in Berlin
MARKETING = "marketing"


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False):
        yield


def ask(message_class=MARKETING, **more) -> Ask:
    return Ask(Channel.EMAIL, message_class, **{"topic_id": letter().pk, **more})


def reason(contact, message_class=MARKETING, **more) -> str:
    return verdict(ask(message_class, **more), contact).reason


def test_who_agreed_may_be_written_to(inside):
    assert verdict(ask(), make_reader()).allowed


def test_who_never_agreed_may_not(inside):
    assert reason(make_contact()) == "no_consent"


def test_a_no_to_the_topic_counts_as_topic_off(inside):
    ada = make_reader()
    withdraw_consent(ada, topic=letter())

    assert reason(ada) == "topic_off"


def test_consent_to_another_topic_does_not_count(inside):
    assert reason(make_reader(), topic_id=Topic.objects.get(key="offers").pk) == "no_consent"


def test_consent_runs_out(inside):
    ada = make_contact()
    give_consent(ada, topic=letter(), expires_at=timezone.now() + timedelta(days=1))
    assert reason(ada) == ""

    with time_machine.travel("2026-06-05 10:00:00+00:00", tick=False):
        assert reason(ada) == "no_consent"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"erased_at": timezone.now()}, "erased"),
        ({"contact_frequency": ContactFrequency.NOTHING}, "frequency"),
        ({"paused_until": timezone.now() + timedelta(days=9000)}, "paused"),
        ({"email": ""}, "no_address"),
    ],
)
def test_what_stops_a_letter(inside, fields, code):
    assert reason(make_reader(**fields)) == code


@pytest.mark.parametrize(
    ("why", "code"),
    [
        ("complaint", "complaint"),
        ("bounce", "bounce"),
        ("objection", "objection"),
        ("manual", "blocked"),
        ("erased", "erased"),
    ],
)
def test_an_address_on_the_list_stops_by_its_reason(inside, why, code):
    ada = make_reader(email="ada@people.example")
    suppress("ada@people.example", reason=why)

    assert reason(ada) == code


def test_an_open_complaint_pauses_promotions_for_fourteen_days(inside):
    ada = make_reader(complaint_since=timezone.now() - timedelta(days=13))

    found = verdict(ask(), ada)

    assert (found.reason, found.first_failure.ends_at) == ("open_complaint", ada.complaint_since + timedelta(days=14))
    Contact.objects.filter(pk=ada.pk).update(complaint_since=timezone.now() - timedelta(days=15))
    assert reason(Contact.objects.get(pk=ada.pk)) == ""


def test_the_night_holds_marketing_only_and_says_until_when(inside):
    ada = make_reader()
    with time_machine.travel(NIGHT, tick=False):
        held = verdict(ask(), ada)
        assert (held.reason, held.is_hold) == ("quiet", True)
        assert held.first_failure.ends_at.isoformat() == "2026-06-04T08:00:00+02:00"
        assert reason(ada, "subscribed") == ""


def test_night_is_reckoned_where_the_person_lives(inside):
    ada = make_reader(zone="America/New_York")
    with time_machine.travel(NIGHT, tick=False):
        assert reason(ada) == ""
    with time_machine.travel("2026-06-03 03:00:00+00:00", tick=False):
        assert reason(ada) == "quiet"


def test_an_unknown_zone_is_read_as_the_workspace_zone(inside):
    ada = make_reader(zone="Mars/Olympus")
    with time_machine.travel(NIGHT, tick=False):
        assert reason(ada) == "quiet"


def test_a_transactional_letter_needs_no_consent_but_respects_an_objection(inside):
    ada = make_contact(email="ada@people.example", paused_until=timezone.now() + timedelta(days=5))
    assert reason(ada, "transactional") == ""

    withdraw_consent(ada, topic=None)
    assert reason(ada, "transactional") == "objection"


def test_an_answer_passes_everything_but_erasure(inside):
    ada = make_contact(email="ada@people.example")
    suppress("ada@people.example", reason="complaint")
    assert reason(ada, "answer") == ""

    Contact.objects.filter(pk=ada.pk).update(erased_at=timezone.now())
    assert reason(Contact.objects.get(pk=ada.pk), "answer") == "erased"


def test_calls_need_leave_to_call(inside):
    ada = make_contact()
    Identity.objects.create(contact=ada, kind=Identity.Kind.PHONE, value="+4930901820")
    give_consent(ada, topic=letter(), channel=Channel.CALL)
    call = Ask(Channel.CALL, "marketing", letter().pk)

    assert verdict(call, ada).reason == "channel_off"
    Contact.objects.filter(pk=ada.pk).update(dialogue_mode=Contact.DialogueMode.CALL)
    assert verdict(call, Contact.objects.get(pk=ada.pk)).reason == ""


def test_of_merged_people_the_most_restrictive_word_counts(inside):
    yes, no = make_reader(), make_reader()
    withdraw_consent(no, topic=letter())
    link_contacts(no.pk, yes.pk)

    assert (reason(yes), reason(no)) == ("topic_off", "topic_off")


def test_the_why_panel_hears_every_step(inside):
    steps = [one.code for one in verdict(ask(), make_reader()).reasons]

    assert steps[:7] == ["erased", "complaint", "bounce", "bouncing", "objection", "blocked", "no_address"]


class TooMuch(GateStep):
    order, code, classes, passed = 120, "cap", frozenset({MARKETING}), "Not too much"

    def prepare(self, people):
        self.had_three = {min(one.id for one in people)}

    def judge(self, person, now):
        return self.refuse("Had three this week") if person.id in self.had_three else self.passes


def test_a_room_above_adds_its_step(inside, monkeypatch):
    monkeypatch.setattr(house, "gate_steps", [*consent.room.room.gate_steps, TooMuch])
    ada, bea = make_reader(), make_reader()

    found = verdicts(ask(), [ada.pk, bea.pk])

    assert (found[ada.pk].reason, found[bea.pk].reason) == ("cap", "")
    assert verdict(ask(), ada).first_failure.text == "Had three this week"


def test_thirty_people_are_one_statement_and_one_for_the_hours(inside, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(house, "gate_steps", consent.room.room.gate_steps)
    question = ask()
    people = [make_contact().pk for _ in range(30)]

    with django_assert_num_queries(2):
        assert len(verdicts(question, people)) == 30


def test_who_can_be_reached_leaves_this_moment_aside(inside):
    ada, bea = make_reader(), make_contact()
    with time_machine.travel(NIGHT, tick=False):
        assert verdict(ask(), ada).reason == "quiet"
        assert count_reachable(ask(), [ada.pk, bea.pk]) == 1


def test_another_workspace_is_invisible(kettle, rival):
    with working_in(rival):
        theirs = make_reader()

    with working_in(kettle):
        assert verdicts(ask(), [theirs.pk]) == {}


actions = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.sampled_from(
            [
                "yes",
                "no",
                "all-no",
                "all-yes",
                "ask",
                "complaint",
                "bounce",
                "objection",
                "manual",
                "lift",
                "pause",
                "complain",
                "erase",
                "nothing",
                "night",
                "merge",
                "short",
                "move",
            ]
        ),
        st.integers(0, 5),
    ),
    max_size=14,
)


@settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(actions=actions, message_class=st.sampled_from(["marketing", "subscribed", "transactional", "answer"]))
def test_the_statement_reads_what_plain_python_reads(kettle, actions, message_class):
    with working_in(kettle), transaction.atomic():
        people = [make_contact() for _ in range(6)]
        for minute, (who, what, other) in enumerate(actions):
            with time_machine.travel(timezone.now() + timedelta(minutes=minute), tick=False):
                act(people, who, what, other)

        question = ask(message_class)
        ids = [one.pk for one in people]
        plain = {pk: eligibility_of(question.channel, question.topic_id, Contact.objects.get(pk=pk)) for pk in ids}

        assert read_eligibilities(question.channel, question.topic_id, ids) == plain
        assert verdicts(question, ids) == {one.pk: verdict(question, one) for one in people}
        transaction.set_rollback(True)


def act(people, who, what, other):  # noqa: PLR0912 - one line for each thing that can happen
    """One thing that happens to one of the people."""
    ada = Contact.objects.get(pk=people[who].pk)
    page = "https://kettle.example/" if other % 2 else ""
    rows = Contact.objects.filter(pk=ada.pk)
    try:
        match what:
            case "yes" | "all-yes":
                give_consent(ada, topic=letter() if what == "yes" else None, page=page)
            case "no" | "all-no":
                withdraw_consent(ada, topic=letter() if what == "no" else None)
            case "ask":
                Consent.objects.create(contact=ada, topic=letter(), state=Consent.State.REQUESTED)
            case "complaint" | "bounce" | "objection" | "manual":
                suppress(people[who].email, reason=what)
            case "lift":
                Suppression.objects.update(lifted_at=timezone.now())
            case "pause":
                rows.update(paused_until=timezone.now() + timedelta(days=other - 2))
            case "complain":
                rows.update(complaint_since=timezone.now() - timedelta(days=other * 5))
            case "erase":
                rows.update(erased_at=timezone.now())
            case "nothing":
                rows.update(contact_frequency=ContactFrequency.NOTHING)
            case "night":
                rows.update(zone=["", "Asia/Tokyo", "Nowhere", "Pacific/Auckland", "UTC", "America/Lima"][other])
            case "merge" if who != other:
                link_contacts(ada.pk, people[other].pk)
            case "short":
                give_consent(ada, topic=letter(), expires_at=timezone.now())
            case "move":
                rows.update(email="")
    except (NoProofError, ValueError):
        pass
