"""How much is too much: caps, frequency, the control group, each at its edge, with the moment it ends."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from consent.asking import Ask
from consent.eligibility import read_eligibilities
from contacts.channels import Channel
from contacts.merging import link_all
from contacts.models import Contact, ContactFrequency
from delivery.leaf_types.message import MessageForm, MessageLeaf
from delivery.models import Delivery, Message
from delivery.steps.cap import CapStep
from delivery.steps.frequency import FrequencyStep
from delivery.steps.holdout import HoldoutStep
from delivery.steps.received import MONTH, WEEK, Received, received
from lib.bucketing import bucket
from segments.leaf_types.base import RuleError
from segments.rules.compiler import check_rule
from segments.rules.counting import ids_fitting
from segments.rules.explaining import explain
from tests.factories.campaigns import make_message
from tests.factories.contacts import make_contact, make_reader

State = Delivery.State
DAY, EDGE = timedelta(days=1), timedelta(seconds=20)


@pytest.fixture
def reader(inside):
    return make_reader()


def made(purpose="marketing", *, group=None) -> Message:
    message = make_message()
    Message.objects.filter(pk=message.pk).update(purpose=purpose, cap_group=group)
    return message


def got(person, ago: timedelta, purpose="marketing", *, group=None, state=State.SENT, message=None) -> datetime:
    moment = timezone.now() - ago
    Delivery.objects.create(
        message=message or made(purpose, group=group), contact=person, state=state, queued_at=moment
    )
    return moment


def judge(step, person, **ask):
    asked = Ask(**({"message_class": "marketing"} | ask))
    people = read_eligibilities(Channel.EMAIL, None, [person.pk])
    one = step(asked)
    one.prepare(people.values())
    return one.judge(people[person.pk], timezone.now())


def said(step, person, **ask) -> tuple:
    found = judge(step, person, **ask)
    return found.passed, str(found.text), found.ends_at


PASSES = (True, "Not too many emails lately", None)


@pytest.mark.parametrize(("ago", "passes"), [(EDGE, False), (DAY - EDGE, False), (DAY + EDGE, True)])
def test_one_offer_a_day_and_it_ends_a_day_later(reader, ago, passes):
    got(reader, 5 * DAY)
    moment = got(reader, ago)

    assert said(CapStep, reader) == (PASSES if passes else (False, "Had an offer today already", moment + DAY))


def test_the_newest_offer_says_when_the_day_ends(reader):
    got(reader, DAY - EDGE)
    newest = got(reader, timedelta(hours=2))
    got(reader, timedelta(hours=3))

    assert said(CapStep, reader) == (False, "Had an offer today already", newest + DAY)


@pytest.mark.parametrize(
    ("days", "ends"),
    [
        ((2, 3), None),
        ((2, 3, 4), 4),
        ((2, 3, 4, 5), 5),
        ((2, 3, 8), None),
        ((2, 3, 6.999), 6.999),
        ((2, 3, 7.001), None),
    ],
)
def test_three_offers_a_week_until_the_oldest_is_a_week_old(reader, days, ends):
    moments = {one: got(reader, one * DAY) for one in days}

    text = f"Had {len(days)} offers this week already"
    assert said(CapStep, reader) == (PASSES if ends is None else (False, text, moments[ends] + 7 * DAY))
    assert said(CapStep, reader, message_class="subscribed") == PASSES


def test_what_is_no_offer_counts_for_no_offer(reader):
    for purpose in ("subscribed", "transactional"):
        for hours in (1, 2, 3, 4):
            got(reader, timedelta(hours=hours), purpose)

    assert said(CapStep, reader) == PASSES


@pytest.mark.parametrize("state", State.values)
def test_what_left_or_is_leaving_counts(reader, state):
    got(reader, EDGE, state=state)

    assert said(CapStep, reader)[0] == (state not in {State.SENT, State.SENDING})


@pytest.mark.parametrize(
    ("cap", "group", "count", "passes"),
    [(1, 7, 0, True), (1, 7, 1, False), (2, 7, 1, True), (2, 7, 2, False), (2, 7, 3, False), (
        None, 7, 9, True), (2, None, 9, True), (2, 8, 9, True)],
)  # fmt: skip
def test_a_group_has_its_own_number_a_week(reader, cap, group, count, passes):
    moments = [got(reader, (number + 1) * DAY / 2, "subscribed", group=7) for number in range(count)]
    got(reader, 8 * DAY, "subscribed", group=7)

    found = said(CapStep, reader, message_class="subscribed", cap_group=group, weekly_cap=cap)

    text = f"Had {count} message{'' if count == 1 else 's'} of this programme this week"
    assert found == (PASSES if passes else (False, text, min(moments) + 7 * DAY))


def test_a_message_does_not_count_for_itself_nor_anothers_for_them(reader):
    own = made()
    got(reader, EDGE, message=own)
    got(make_reader(), EDGE)

    assert said(CapStep, reader, message_id=own.pk) == PASSES
    assert said(CapStep, reader, message_id=own.pk + 9_999)[0] is False


def test_people_are_counted_with_those_merged_into_them(reader):
    twin, triplet = make_reader(), make_reader()
    link_all([(twin.pk, reader.pk), (triplet.pk, reader.pk)])
    first = got(twin, 6 * DAY)
    got(triplet, 5 * DAY)
    last = got(reader, 2 * DAY)

    row = received(Ask(), [reader.pk], days=MONTH)

    assert row == {reader.pk: Received(reader.pk, 3, 3, 0, 0, week_first=first, first=first, newest=last)}
    assert said(CapStep, reader) == (False, "Had 3 offers this week already", first + 7 * DAY)


def test_all_numbers_of_a_month_in_one_row(reader):
    ages = [timedelta(hours=1), DAY + EDGE, 6.9 * DAY, 7 * DAY + EDGE, 29.9 * DAY, 30 * DAY + EDGE]
    offers = [got(reader, age) for age in ages]
    letters = [got(reader, age, "subscribed", group=7) for age in (DAY / 2, 6 * DAY, 8 * DAY, 29 * DAY)]
    got(reader, DAY, "transactional", group=7)

    capped, numbers = Ask(cap_group=7), {"offers_week": 3, "offers_day": 1, "group_week": 2, "week_first": offers[2]}
    everything = Received(reader.pk, 9, first=offers[4], newest=offers[0], **numbers)
    assert received(capped, [reader.pk], days=MONTH)[reader.pk] == everything
    assert received(capped, [reader.pk], days=WEEK)[reader.pk] == everything._replace(messages=5, first=offers[2])
    assert letters
    assert received(Ask(), [], days=MONTH) == {}
    assert received(Ask(), [make_reader().pk], days=MONTH) == {}


@pytest.mark.parametrize(
    ("days", "passes"),
    [((), True), ((1,), True), ((1, 2), False), ((1, 2, 3), False), ((1, 29.99), False), ((1, 30.01), True)],
)
def test_who_wants_less_gets_two_a_month_until_the_first_is_a_month_old(inside, days, passes):
    reader = make_reader(contact_frequency=ContactFrequency.LESS)
    moments = [got(reader, one * DAY, "subscribed") for one in days]
    got(reader, DAY, "transactional")

    text = f"Had {len(days)} emails this month, and wants two at most"
    assert said(FrequencyStep, reader) == (
        (True, "No more emails this month than they want", None) if passes else (False, text, min(moments) + 30 * DAY)
    )


@pytest.mark.parametrize("frequency", [one for one in ContactFrequency.values if one != ContactFrequency.LESS])
def test_who_does_not_want_less_may_get_more(inside, frequency):
    reader = make_reader(contact_frequency=frequency)
    for hours in range(5):
        got(reader, timedelta(hours=hours), "subscribed")

    assert said(FrequencyStep, reader)[0] is True


def test_the_steps_order_classes_and_kind():
    assert [
        (one.order, one.code, sorted(one.classes), one.is_momentary) for one in (FrequencyStep, CapStep, HoldoutStep)
    ] == [
        (111, "frequency", ["marketing", "subscribed"], True),
        (120, "cap", ["marketing", "subscribed"], True),
        (140, "holdout", ["marketing"], True),
    ]


def test_before_planning_the_bucket_tells_who_is_held_out(reader):
    size = bucket(reader.pk, "s")
    for holdouts, is_out in (
        ([["s", size]], False), ([["s", size + 1]], True), ([], False), ([["s", 0], ["s", size + 1]], True),
        ([["s", size + 1], ["s", 0]], True), ([["s", 10_000]], True),
    ):  # fmt: skip
        message = made()
        Message.objects.filter(pk=message.pk).update(holdouts=holdouts)
        found = said(HoldoutStep, reader, message_id=message.pk)
        assert found == ((False, "In the control group", None) if is_out else (True, "Not in the control group", None))
    assert said(HoldoutStep, reader)[0] is True
    assert said(HoldoutStep, reader, message_id=999_999)[0] is True


def test_after_planning_the_row_tells(reader):
    message, other = made(), made()
    Message.objects.filter(pk__in=[message.pk, other.pk]).update(holdouts=[["s", 10_000]], planned_at=timezone.now())
    assert said(HoldoutStep, reader, message_id=message.pk)[0] is True
    Delivery.objects.create(message=message, contact=reader, state=State.EXCLUDED, reason="same_address")
    Delivery.objects.create(message=other, contact=reader, state=State.EXCLUDED, reason="holdout")
    assert said(HoldoutStep, reader, message_id=message.pk)[0] is True
    assert said(HoldoutStep, reader, message_id=other.pk)[0] is False
    assert said(HoldoutStep, make_reader(), message_id=other.pk)[0] is True


# --- the leaf of rules about messages


def fitting(**argument) -> set[int]:
    rule = {"message": argument}
    check_rule(rule)
    return set(ids_fitting(rule))


@pytest.fixture
def four(inside):
    """Who received, opened, clicked (merged into another), and got nothing; one more of another message."""
    message, moment = make_message(name="Spring"), timezone.now()
    people = [make_contact() for _ in range(5)]
    Delivery.objects.create(message=message, contact=people[0], state=State.SENT, sent_at=moment - 9 * DAY)
    Delivery.objects.create(
        message=message, contact=people[1], state=State.SENT, sent_at=moment - 9 * DAY, opened_at=moment - 3 * DAY
    )
    twin = make_contact()
    link_all([(twin.pk, people[2].pk)])
    Delivery.objects.create(
        message=message, contact=twin, state=State.SENT, sent_at=moment - 9 * DAY, clicked_at=moment - 2 * DAY
    )
    Delivery.objects.create(message=message, contact=people[3], state=State.FAILED)
    Delivery.objects.create(message=make_message(), contact=people[4], state=State.SENT, sent_at=moment - 5 * DAY)
    return message, [one.pk for one in people]


def test_who_received_opened_and_clicked(four):
    message, (one, two, three, _four, five) = four
    assert fitting(did="received") == {one, two, three, five}
    assert fitting(did="received", message=message.pk) == {one, two, three}
    assert fitting(did="opened") == {two}
    assert fitting(did="clicked", message=message.pk) == {three}
    assert fitting(did="received", window={"last_days": 6}) == {five}
    assert fitting(did="opened", message=message.pk, window={"last_days": 4}) == {two}
    assert fitting(did="opened", message=message.pk, window={"last_days": 2}) == set()


def test_what_no_rule_can_ask(four):
    for argument in ({"did": "burned"}, {"did": "opened", "message": 999_999}, {"did": "opened", "window": {}}):
        with pytest.raises(RuleError):
            check_rule({"message": argument})


def test_a_rule_is_said_and_proved(four):
    message, (_one, two, *_rest) = four
    words = []
    for argument in ({"did": "opened"}, {"did": "clicked", "message": message.pk, "window": {"last_days": 1}}):
        own = MessageLeaf.open(argument, ())
        phrase = own.phrase()
        words.append((str(phrase.field), str(phrase.verb), phrase.value, own.moves_with_time()))
    assert words == [
        ("Emails", "opened", "any email ever", False),
        ("Emails", "clicked in", "Spring in the last day", True),
    ]
    moment = Delivery.objects.get(contact_id=two).opened_at
    own = MessageLeaf.open({"did": "opened"}, ())
    seen, unseen = own.evidence([two]), own.evidence([four[1][0]])
    assert (str(seen.text), seen.since, seen.holds) == ("last time", moment, True)
    assert (str(unseen.text), unseen.since, unseen.holds) == ("never in this time", None, False)
    assert explain({"message": {"did": "opened"}}, Contact.objects.get(pk=two))


def test_the_form_reads_and_writes_a_rule(four):
    message = four[0]
    Message.objects.filter(pk=message.pk).update(planned_at=timezone.now())
    form = MessageForm({"did": "clicked", "message": str(message.pk), "last_days": "30"})
    assert form.is_valid()
    assert form.argument() == {"did": "clicked", "message": message.pk, "window": {"last_days": 30}}
    assert MessageForm.initial_of(form.argument()) == {"did": "clicked", "message": message.pk, "last_days": 30}
    assert MessageForm.initial_of({}) == {"did": "opened", "message": None, "last_days": None}
    empty = MessageForm({"did": "opened", "message": "", "last_days": ""})
    assert empty.is_valid()
    assert empty.argument() == {"did": "opened"}
    assert list(form.fields["message"].choices) == [("", "any email"), (message.pk, "Spring")]
    for days, is_fine in (("0", False), ("1", True), ("3650", True), ("3651", False)):
        assert MessageForm({"did": "opened", "message": "", "last_days": days}).is_valid() == is_fine
    assert not MessageForm({"did": "", "message": "", "last_days": ""}).is_valid()
