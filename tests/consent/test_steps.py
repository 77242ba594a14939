"""Each step of the gate decides by its own fact alone, says when its no ends, and is asked for its own classes."""

import re
from copy import replace
from datetime import UTC, datetime, timedelta
from inspect import getsource
from typing import cast

import pytest

import consent.room
from consent.asking import Ask
from consent.eligibility import Eligibility
from consent.gate import judging
from consent.models import Consent
from consent.steps.address import AddressStep
from consent.steps.base import GateStep, Reason
from consent.steps.blocked import BlockedStep
from consent.steps.bounce import BounceStep
from consent.steps.channel import ChannelStep
from consent.steps.complaint import ComplaintStep
from consent.steps.consent import ConsentStep
from consent.steps.erased import ErasedStep
from consent.steps.frequency import WishedFrequencyStep
from consent.steps.objection import ObjectionStep
from consent.steps.open_complaint import OpenComplaintStep
from consent.steps.paused import PausedStep
from consent.steps.quiet import QuietHoursStep, night_ends
from consent.steps.topic import TopicStep
from contacts.channels import Channel
from contacts.models import Contact, ContactFrequency
from lib.rooms import house

NOW = datetime(2026, 6, 3, 10, tzinfo=UTC)
MAY = datetime(2026, 5, 4, 10, tzinfo=UTC)
MOMENT = timedelta(microseconds=1)
GIVEN, WITHDRAWN = Consent.State.GIVEN, Consent.State.WITHDRAWN

# Nothing stands against them: they said yes to topic 7, and it is noon.
WILLING = Eligibility(
    asked_id=1,
    id=1,
    channel=Channel.EMAIL,
    address="ada@people.example",
    erased_at=None,
    dialogue_mode=Contact.DialogueMode.WRITE,
    contact_frequency=ContactFrequency.NORMAL,
    paused_until=None,
    complaint_since=None,
    zone="Europe/Berlin",
    complaint_at=None,
    bounce_at=None,
    objection_at=None,
    blocked_at=None,
    forgotten_at=None,
    word_id=5,
    word_state=GIVEN,
    word_topic_id=7,
    word_basis="consent",
    word_source="form",
    word_at=MAY,
    word_lapsed=False,
)


def judged(step, **facts):
    found = step(Ask()).judge(replace(WILLING, **facts), NOW)
    return found.passed, found.code, str(found.text), str(found.detail), found.ends_at


def test_the_gate_walks_its_steps_in_this_order_and_for_these_classes(inside):
    assert all(judged(one)[0] for one in consent.room.room.gate_steps)
    every = {"marketing", "subscribed", "transactional", "answer", "confirmation", "personal"}
    letters = every - {"answer"}
    purposeful = {"marketing", "subscribed"}

    assert [(one.order, one.code, set(one.classes), one.is_momentary) for one in consent.room.room.gate_steps] == [
        (10, "erased", every, False),
        (20, "complaint", letters, False),
        (30, "bounce", letters, False),
        (35, "bouncing", purposeful, False),
        (40, "objection", letters - {"confirmation"}, False),
        (50, "blocked", letters, False),
        (55, "no_address", letters, False),
        (60, "no_consent", purposeful, False),
        (70, "topic_off", purposeful, False),
        (80, "channel_off", purposeful, False),
        (90, "paused", purposeful, False),
        (100, "open_complaint", purposeful, False),
        (110, "frequency", purposeful, False),
        (130, "quiet", {"marketing"}, True),
    ]


def test_the_email_that_asks_back_goes_to_an_erased_address_and_to_nobody_who_is_erased():
    def asks(**facts):
        return ErasedStep(Ask(message_class="confirmation")).judge(replace(WILLING, **facts), NOW).passed

    assert asks(forgotten_at=MAY)
    assert not asks(erased_at=MAY)


@pytest.mark.parametrize(
    ("step", "code", "text"),
    [
        (ErasedStep, "erased", "Not erased"),
        (ComplaintStep, "complaint", "Never marked an email as spam"),
        (BounceStep, "bounce", "The address works, as far as we know"),
        (ObjectionStep, "objection", "No objection"),
        (BlockedStep, "blocked", "Not blocked by us"),
        (AddressStep, "no_address", "We have an address"),
        (TopicStep, "topic_off", "Consent not withdrawn"),
        (ChannelStep, "channel_off", "This channel is open"),
        (PausedStep, "paused", "No pause"),
        (OpenComplaintStep, "open_complaint", "No open complaint"),
    ],
)
def test_who_is_willing_passes(step, code, text):
    assert judged(step) == (True, code, text, "", None)


@pytest.mark.parametrize(
    ("step", "facts", "text", "detail"),
    [
        (ErasedStep, {"erased_at": MAY}, "Erased at their request", "4 May 2026"),
        (ErasedStep, {"forgotten_at": MAY}, "Erased at their request", "4 May 2026"),
        (ErasedStep, {"erased_at": NOW, "forgotten_at": MAY}, "Erased at their request", "3 Jun 2026"),
        (ComplaintStep, {"complaint_at": MAY}, "Marked an email as spam", "4 May 2026"),
        (BounceStep, {"bounce_at": MAY}, "The address does not work", "4 May 2026"),
        (ObjectionStep, {"objection_at": MAY}, "Wants nothing at all from us here", "4 May 2026"),
        (
            ObjectionStep,
            {"word_state": WITHDRAWN, "word_topic_id": None},
            "Wants nothing at all from us here",
            "4 May 2026",
        ),
        (
            ObjectionStep,
            {"objection_at": NOW, "word_state": WITHDRAWN, "word_topic_id": None},
            "Wants nothing at all from us here",
            "3 Jun 2026",
        ),
        (BlockedStep, {"blocked_at": MAY}, "Blocked by us", "4 May 2026"),
        (AddressStep, {"address": ""}, "We have no address for this", ""),
        (ConsentStep, {"word_state": None}, "No consent for this", ""),
        (ConsentStep, {"word_lapsed": True}, "The consent has expired", "4 May 2026"),
        (TopicStep, {"word_state": WITHDRAWN}, "Withdrew the consent to this", "4 May 2026"),
        (
            ChannelStep,
            {"channel": Channel.CALL, "dialogue_mode": Contact.DialogueMode.WRITE},
            "Wants to be called only when asking for it",
            "",
        ),
        (
            ChannelStep,
            {"channel": Channel.CALL, "dialogue_mode": Contact.DialogueMode.LISTEN},
            "Wants to be called only when asking for it",
            "",
        ),
        (WishedFrequencyStep, {"contact_frequency": ContactFrequency.NOTHING}, "Wants no messages at all", ""),
    ],
)
def test_each_step_refuses_for_good_by_its_own_fact(step, facts, text, detail):
    assert judged(step, **facts) == (False, step.code, text, detail, None)


@pytest.mark.parametrize(
    ("step", "facts"),
    [
        (ObjectionStep, {"word_state": WITHDRAWN, "word_topic_id": 7}),  # a no to the topic is the topic's matter
        (ObjectionStep, {"word_state": GIVEN, "word_topic_id": None}),
        (TopicStep, {"word_state": None}),
        (ChannelStep, {"channel": Channel.CALL, "dialogue_mode": Contact.DialogueMode.CALL}),
        (ChannelStep, {"channel": Channel.MOBILE, "dialogue_mode": Contact.DialogueMode.LISTEN}),
        (ConsentStep, {"word_state": WITHDRAWN}),
    ],
)
def test_what_another_step_decides_passes(step, facts):
    found = step(Ask()).judge(replace(WILLING, **facts), NOW)

    assert (found, found.passed) == (step.passes, True)


@pytest.mark.parametrize(
    ("basis", "source", "at", "proof"),
    [
        ("soft_opt_in", "shop", MAY, "Existing customer, similar products, shop, 4 May 2026"),
        ("consent", "", MAY, "Consent, 4 May 2026"),
        ("of old", "shop", MAY, "shop, 4 May 2026"),
        (None, None, None, ""),
    ],
)
def test_a_yes_shows_its_proof(basis, source, at, proof):
    found = judged(ConsentStep, word_basis=basis, word_source=source, word_at=at)

    assert found == (True, "no_consent", "Consent given", proof, None)


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (ContactFrequency.LESS, "Contact frequency: Less: two emails a month at most"),
        (ContactFrequency.NORMAL, "Contact frequency: As usual"),
        (ContactFrequency.MORE, "Contact frequency: More"),
    ],
)
def test_any_wish_but_nothing_passes_and_is_said(wish, text):
    assert judged(WishedFrequencyStep, contact_frequency=wish) == (True, "frequency", text, "", None)


def test_a_pause_ends_at_its_moment():
    end = NOW + MOMENT

    assert judged(PausedStep, paused_until=end) == (False, "paused", "Asked for a pause", "", end)
    assert judged(PausedStep, paused_until=NOW)[0]
    assert judged(PausedStep, paused_until=NOW - MOMENT)[0]


def test_an_open_complaint_pauses_for_exactly_fourteen_days():
    since = NOW - timedelta(days=14) + MOMENT

    assert judged(OpenComplaintStep, complaint_since=since) == (
        False,
        "open_complaint",
        "Open complaint since 20 May 2026",
        "Ends when resolved, or by itself",
        NOW + MOMENT,
    )
    assert judged(OpenComplaintStep, complaint_since=NOW - timedelta(days=14))[0]


BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


@pytest.mark.parametrize(
    ("zone", "otherwise", "moment", "ends"),
    [  # Berlin stands two hours ahead in June, one in January
        (BERLIN, "UTC", "2026-06-03T17:59:59.999999+00:00", None),
        (BERLIN, "UTC", "2026-06-03T18:00:00+00:00", "2026-06-04T08:00:00+02:00"),
        (BERLIN, "UTC", "2026-06-03T21:59:59+00:00", "2026-06-04T08:00:00+02:00"),
        (BERLIN, "UTC", "2026-06-03T22:00:00+00:00", "2026-06-04T08:00:00+02:00"),
        (BERLIN, "UTC", "2026-06-04T05:59:59.999999+00:00", "2026-06-04T08:00:00+02:00"),
        (BERLIN, "UTC", "2026-06-04T06:00:00+00:00", None),
        (BERLIN, "UTC", "2026-01-04T07:00:00+00:00", None),
        (NEW_YORK, BERLIN, "2026-06-03T18:00:00+00:00", None),
        (NEW_YORK, BERLIN, "2026-06-04T03:00:00+00:00", "2026-06-04T08:00:00-04:00"),
        ("", BERLIN, "2026-06-03T18:00:00+00:00", "2026-06-04T08:00:00+02:00"),
        ("Mars/Olympus", BERLIN, "2026-06-03T18:00:00+00:00", "2026-06-04T08:00:00+02:00"),
        ("../etc/passwd", BERLIN, "2026-06-03T18:00:00+00:00", "2026-06-04T08:00:00+02:00"),
        ("Mars/Olympus", "Venus", "2026-06-03T20:00:00+00:00", "2026-06-04T08:00:00+00:00"),
        ("", "", "2026-06-03T19:59:59+00:00", None),
    ],
)
def test_the_night_runs_from_twenty_to_eight_where_they_live(zone, otherwise, moment, ends):
    found = night_ends(zone, otherwise, datetime.fromisoformat(moment))

    assert (found.isoformat() if found else None) == ends


def test_quiet_hours_look_at_the_persons_zone_and_then_at_ours(inside):
    night = datetime(2026, 6, 3, 20, tzinfo=UTC)

    def at_night(zone):
        found = QuietHoursStep(Ask()).judge(replace(WILLING, zone=zone), night)
        return found.passed, str(found.text), found.ends_at and found.ends_at.isoformat()

    assert at_night("") == (False, "It is night there: wait until 8 o’clock", "2026-06-04T08:00:00+02:00")
    assert at_night("America/Lima") == (True, "Not night there", None)
    assert at_night("Asia/Kolkata") == (
        False,
        "It is night there: wait until 8 o’clock",
        "2026-06-04T08:00:00+05:30",
    )


def test_who_differs_in_anything_that_a_step_looks_at_gets_an_answer_of_its_own(inside):
    """One answer serves all who are alike: a step that shares its own says everything that it reads of a person."""
    for step in cast("list[type[GateStep]]", house.gate_steps):
        if step.looks_at:
            reads = set(re.findall(r"person\.(\w+)", getsource(step)))
            assert reads == set(step.looks_at), step
            assert "person)" not in getsource(step), step  # nor does anything else read it for them


@pytest.mark.django_db
def test_people_judged_together_hear_what_each_alone_would(inside):
    """With every fact that stops somebody, each beside a fact that stops another."""
    facts = [{}, {"blocked_at": MAY}, {"bounce_at": MAY}, {"complaint_at": MAY}, {"forgotten_at": MAY}]
    facts += [{"erased_at": MAY}, {"paused_until": NOW + MOMENT}, {"complaint_since": NOW}, {"zone": "Asia/Kamchatka"}]
    facts += [{"held_until": NOW + MOMENT}, {"contact_frequency": ContactFrequency.NOTHING}, {"objection_at": MAY}]
    people = [replace(WILLING, id=one, **(facts[one % 12] | facts[one // 12])) for one in range(144)]
    steps = [step(Ask()) for step in cast("list[type[GateStep]]", consent.room.room.gate_steps)]
    together = judging(steps, NOW)

    answers = [together(one) for one in people]

    assert answers == [tuple(step.judge(one, NOW) for step in steps) for one in people]
    assert len({tuple(reason.passed for reason in one) for one in answers}) > 40


def test_a_step_that_says_nothing_itself_is_no_step():
    class Mute(GateStep):
        order, code, classes, passed = 1, "mute", frozenset(), "Nothing"

    assert Mute.passes == Reason("mute", "Nothing", None, True)
    assert Mute(Ask()).prepare([WILLING]) is None
    with pytest.raises(NotImplementedError):
        Mute(Ask()).judge(WILLING, NOW)


def test_a_question_without_more_is_an_offer_by_email_for_everything():
    ask = Ask()

    assert (ask.channel, ask.message_class, ask.topic_id, ask.message_id, ask.cap_group, ask.weekly_cap) == (
        Channel.EMAIL,
        "marketing",
        None,
        None,
        None,
        None,
    )
