"""From draft to sent: which step fits which state, what each leaves behind, what finishing writes; whole rows."""

from datetime import timedelta

import pytest
from django.db.utils import Error
from django.utils import timezone

from consent.models import Suppression
from consent.suppressing import is_suppressed
from contacts.channels import Channel
from delivery.content.liquid import BadTemplateError
from delivery.engine import finishing
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import (
    WrongStateError,
    approve,
    cancel,
    pause,
    pause_for,
    resume,
    schedule,
    take_back,
)
from delivery.engine.finishing import LADDER, Result, finish_chunk, later, message_source
from delivery.engine.lanes import WORK
from delivery.models import Delivery, Message, RecipientChunk, Sender, TrackedLink
from delivery.senders import keep_secret, note_health, secret_of
from delivery.transactional.messages import open_standing, send_to_one
from lib.sealing import SealBrokenError
from tests.factories.campaigns import make_campaign, make_message, make_sender, planned
from tests.factories.contacts import make_contact, make_reader
from touchpoints.models import Touchpoint
from workspaces.models import AgendaItem, AuditEntry, User

State = Delivery.State
S = Message.State


def in_state(state: str, **fields) -> Message:
    message = make_message(make_sender())
    Message.objects.filter(pk=message.pk).update(state=state, state_reason="old", **fields)
    message.refresh_from_db()
    AuditEntry.objects.exists()
    return message


def last_audit() -> tuple:
    return AuditEntry.objects.order_by("-id").values_list("action", "actor_id", "target", "target_id", "details")[0]


def sooner(message, *, by):
    return schedule(message, by=by)


def at_noon(message, *, by):
    return schedule(message, timezone.now() + timedelta(hours=3), by=by)


STEPS = {
    approve: ({S.DRAFT}, S.APPROVED, "message.approved"),
    take_back: ({S.APPROVED, S.SCHEDULED}, S.DRAFT, "message.taken_back"),
    sooner: ({S.APPROVED, S.SCHEDULED}, S.PLANNING, "message.scheduled"),
    at_noon: ({S.APPROVED, S.SCHEDULED}, S.SCHEDULED, "message.scheduled"),
    pause: ({S.SENDING, S.PLANNING, S.SCHEDULED}, S.PAUSED, "message.paused"),
    resume: ({S.PAUSED}, S.PLANNING, "message.resumed"),
    cancel: ({S.APPROVED, S.SCHEDULED, S.PLANNING, S.SENDING, S.PAUSED}, S.CANCELLED, "message.cancelled"),
}


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_each_step_fits_its_states_and_stands_in_the_log(inside, ada, step):
    fits, leads_to, action = STEPS[step]
    for state in S.values:
        message = in_state(state)
        if state not in fits:
            with pytest.raises(WrongStateError, match=f"^{S(state).label}$"):
                step(message, by=ada)
            message.refresh_from_db()
            assert message.state == state
            continue
        told = step(message, by=ada)
        message.refresh_from_db()
        assert (told.state, message.state) == (leads_to, leads_to)
        assert last_audit() == (action, ada.pk, "delivery.message", message.pk, {})


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_step_that_cannot_be_logged_is_not_taken(inside, step):
    message = in_state(next(state for state in S.values if state in STEPS[step][0]))

    with pytest.raises((ValueError, Error)):
        step(message, by=User(pk="nobody"))

    message = Message.objects.get(pk=message.pk)
    assert message.state in STEPS[step][0]
    assert message.state_reason == "old"
    assert TrackedLink.objects.count() == 0


def test_what_the_steps_leave_in_the_row(inside, ada):
    before = timezone.now()
    message = approve(in_state("draft"), by=ada)
    assert Message.objects.get(pk=message.pk).approved_by_id == ada.pk
    assert list(TrackedLink.objects.order_by("number").values_list("message_id", "number", "url", "label")) == [
        (message.pk, 1, "https://kettle.example/box", "spring box"),
        (message.pk, 2, "https://kettle.example/how?a=1&b=2", "how"),
    ]
    later_ = timezone.now() + timedelta(days=2)
    schedule(message, later_, by=None)
    assert Message.objects.get(pk=message.pk).scheduled_at == later_
    schedule(message, timezone.now() - timedelta(days=2), by=None)  # a moment that is over is now
    row = Message.objects.get(pk=message.pk)
    assert before <= row.scheduled_at <= timezone.now()
    assert row.state == "scheduled"
    take_back(message, by=ada)
    row = Message.objects.get(pk=message.pk)
    assert (row.approved_by_id, row.scheduled_at) == (None, None)
    approve(message, by=None)
    assert Message.objects.get(pk=message.pk).approved_by_id is None
    assert TrackedLink.objects.count() == 2  # the rows follow the text, they do not pile up
    assert last_audit()[1] is None
    schedule(message, by=ada)
    row = Message.objects.get(pk=message.pk)
    assert (row.state, before <= row.scheduled_at <= timezone.now()) == ("planning", True)
    pause(message, by=ada)
    assert Message.objects.get(pk=message.pk).state_reason == ""
    cancel(message, by=ada)
    row = Message.objects.get(pk=message.pk)
    assert (row.state_reason, before <= row.finished_at <= timezone.now()) == ("", True)


def test_who_waits_for_a_moment_is_told(inside):
    message = approve(in_state("draft"), by=None)
    AgendaItem.objects.all().delete()
    moment = timezone.now() + timedelta(hours=3)
    schedule(message, moment, by=None)
    assert list(AgendaItem.objects.values_list("work", "due_at")) == [("campaigns.plan", moment)]
    AgendaItem.objects.all().delete()
    pause(message, by=None)
    assert AgendaItem.objects.count() == 0
    resume(message, by=None)
    assert list(AgendaItem.objects.values_list("work", flat=True)) == ["campaigns.plan"]


def test_a_text_that_cannot_be_read_is_not_approved(inside):
    message = make_message(make_sender(), body="{{ contact.name | foo }}")

    with pytest.raises(BadTemplateError, match="foo"):
        approve(message, by=None)

    message.refresh_from_db()
    assert message.state == "draft"


@pytest.mark.parametrize("state", S.values)
def test_a_trouble_pauses_only_what_is_on_its_way(inside, state):
    message = in_state(state)

    pause_for(message, "why " * 100)

    row = Message.objects.get(pk=message.pk)
    if state in {"sending", "planning", "scheduled"}:
        assert (row.state, row.state_reason) == ("paused", ("why " * 100)[:300])
        assert last_audit() == ("message.stopped", None, "delivery.message", message.pk, {})
    else:
        assert (row.state, row.state_reason) == (state, "old")


@pytest.fixture
def three(inside):
    """A campaign to three readers, planned; the message and its people."""
    people = [make_reader().pk for _ in range(3)]
    return planned(make_campaign(make_sender())).message, people


@pytest.mark.parametrize(
    ("minutes", "is_leased", "is_done", "is_tried_at_once"),
    [
        (1.5, False, False, True),
        (-5, False, False, True),
        (3.5, False, False, False),
        (1, True, False, False),
        (1, False, True, False),
    ],
)
def test_resuming_tries_at_once_who_was_to_wait_a_few_minutes(three, minutes, is_leased, is_done, is_tried_at_once):
    message, _people = three
    moment = timezone.now() + timedelta(minutes=minutes)
    lease = timezone.now() if is_leased else None
    pause(message, by=None)
    RecipientChunk.objects.update(not_before=moment, leased_until=lease, is_done=is_done)
    other = RecipientChunk.objects.create(message=make_message(), number=0, contact_ids=[1], not_before=moment)
    AgendaItem.objects.all().delete()

    resume(message, by=None)

    assert RecipientChunk.objects.get(message=message).not_before == (None if is_tried_at_once else moment)
    other.refresh_from_db()
    assert other.not_before == moment
    assert Message.objects.get(pk=message.pk).state == ("sent" if is_done else "sending")
    assert list(AgendaItem.objects.values_list("work", flat=True)) == [WORK]


def test_cancelling_writes_down_who_was_not_claimed(three):
    message, people = three
    for person, state in zip(people, (State.QUEUED, State.DEFERRED, State.SENT), strict=True):
        Delivery.objects.create(message=message, contact_id=person, state=state, reason="old", attempts=2)
    extra = [make_reader().pk for _ in range(3)]
    RecipientChunk.objects.create(message=message, number=1, contact_ids=[extra[0]], occasion=5)
    RecipientChunk.objects.create(message=message, number=2, contact_ids=[extra[1]], leased_until=timezone.now())
    RecipientChunk.objects.create(message=message, number=3, contact_ids=[extra[2]], is_done=True)
    other = RecipientChunk.objects.create(message=make_message(), number=0, contact_ids=[extra[0]])

    cancel(message, by=None)

    rows = Delivery.objects.filter(message=message).order_by("contact_id")
    assert list(rows.values_list("contact_id", "state", "reason", "occasion", "attempts")) == [
        (people[0], State.CANCELLED, "", 0, 2),
        (people[1], State.CANCELLED, "", 0, 2),
        (people[2], State.SENT, "old", 0, 2),
        (extra[0], State.CANCELLED, "", 5, 0),
    ]
    done = dict(RecipientChunk.objects.filter(message=message).values_list("number", "is_done"))
    assert done == {0: True, 1: True, 2: False, 3: True}
    other.refresh_from_db()
    assert not other.is_done
    row = rows.get(contact_id=extra[0])
    assert (row.address, row.epoch, row.answer) == ("", 0, "")


@pytest.mark.parametrize(("attempt", "minutes"), [(1, 1), (2, 5), (3, 30), (4, 120), (5, 360)])
def test_a_ladder_of_waits_with_a_fifth_of_chance(attempt, minutes):
    before = timezone.now()
    found = [later(attempt, "x" * 400) for _ in range(60)]
    after = timezone.now()

    waits = [one.not_before - before for one in found]
    assert min(waits) >= timedelta(minutes=minutes)
    assert max(waits) <= timedelta(minutes=minutes * 1.2) + (after - before)
    assert max(waits) - min(waits) > timedelta(minutes=minutes * 0.08)
    assert found[0] == Result(State.DEFERRED, "asked_to_wait", "x" * 300, not_before=found[0].not_before)


def test_after_the_ladder_it_gives_up():
    assert len(LADDER) == 5
    assert later(6, "y" * 400) == Result(State.FAILED, "gave_up", "y" * 300)


def test_finishing_writes_each_result_once_with_its_facts(inside):
    people = [make_reader() for _ in range(8)]
    message = planned(make_campaign(make_sender(), name="Spring")).message
    lease = claim_chunk(inside)
    moment = timezone.now().replace(microsecond=5000)
    soon, near, far = (
        moment.replace(second=second) + timedelta(minutes=more) for second, more in ((5, 3), (50, 3), (0, 9))
    )
    sent, dead, refused, first, second, third, doubt, out = (one.pk for one in people)
    results = {
        sent: Result(State.SENT, answer="250 ok", sent_at=moment),
        dead: Result(State.FAILED, "refused", "550 5.1.1 x" + "x" * 400, is_dead_address=True),
        refused: Result(State.FAILED, "gave_up", "451 x"),
        second: Result(State.DEFERRED, "asked_to_wait", "451", not_before=near),
        first: Result(State.DEFERRED, "asked_to_wait", "451", not_before=soon),
        third: Result(State.DEFERRED, "quiet", not_before=far),
        doubt: Result(State.IN_DOUBT, "in_flight"),
        out: Result(State.EXCLUDED, "topic_off"),
    }
    before = timezone.now()

    assert finish_chunk(message.pk, lease.chunk_id, lease.epoch, results) is True
    after = timezone.now()

    rows = Delivery.objects.order_by("contact_id")
    assert list(rows.values_list("contact_id", "state", "reason", "answer", "sent_at", "not_before", "attempts")) == [
        (sent, State.SENT, "", "250 ok", moment, None, 1),
        (dead, State.FAILED, "refused", ("550 5.1.1 x" + "x" * 400)[:300], None, None, 1),
        (refused, State.FAILED, "gave_up", "451 x", None, None, 1),
        (first, State.DEFERRED, "asked_to_wait", "451", None, soon, 1),
        (second, State.DEFERRED, "asked_to_wait", "451", None, near, 1),
        (third, State.DEFERRED, "quiet", "", None, far, 1),
        (doubt, State.IN_DOUBT, "in_flight", "", None, None, 1),
        (out, State.EXCLUDED, "topic_off", "", None, None, 1),
    ]
    bounced = dict(rows.exclude(bounced_at=None).values_list("contact_id", "bounced_at"))
    assert set(bounced) == {dead, refused}
    chunk = RecipientChunk.objects.get(number=0)
    assert (chunk.is_done, chunk.leased_until, chunk.leased_by, chunk.not_before) == (True, None, "", None)
    minute = moment.replace(second=0, microsecond=0)
    again = RecipientChunk.objects.filter(number__gt=0).order_by("number")
    assert list(again.values_list("number", "contact_ids", "not_before", "occasion", "is_done", "epoch")) == [
        (1, [first, second], minute + timedelta(minutes=4), 0, False, 0),
        (2, [third], minute + timedelta(minutes=10), 0, False, 0),
    ]
    facts = Touchpoint.objects.filter(message_id=message.pk).order_by("contact_id")
    found = list(facts.values_list("kind", "external_id", "contact_id", "channel", "payload"))
    long = ("550 5.1.1 x" + "x" * 400)[:300]
    assert [(*row[:4], row[4].get("subject"), row[4].get("hard")) for row in found] == [
        (1, f"sent:{sent}:1", sent, Channel.EMAIL, "Spring", None),
        (5, f"bounced:{dead}:1", dead, Channel.EMAIL, None, True),
        (5, f"bounced:{refused}:1", refused, Channel.EMAIL, None, False),
    ]
    assert found[1][4]["answer"][:11] == long[:11]
    assert facts.get(kind=1).occurred_at == moment
    assert before - timedelta(seconds=1) <= facts.filter(kind=5)[0].occurred_at <= after
    assert [is_suppressed(one.email) for one in people] == [False, True, *[False] * 6]
    assert list(Suppression.objects.values_list("reason", "source", "channel")) == [
        ("bounce", f"message {message.pk}", Channel.EMAIL)
    ]
    assert Message.objects.get(pk=message.pk).state == "sending"  # three are to be tried again
    assert finish_chunk(message.pk, lease.chunk_id, lease.epoch, results) is False


def test_who_waits_has_lost_no_attempt_and_leaves_the_chunk_open(inside, three):
    message, people = three
    lease = claim_chunk(inside)
    until = timezone.now() + timedelta(minutes=1)
    results = {
        people[0]: Result(State.SENT, sent_at=timezone.now()),
        people[1]: Result(State.QUEUED),
        people[2]: Result(4),
    }

    assert finish_chunk(message.pk, lease.chunk_id, 1, results, released_until=until)

    chunk = RecipientChunk.objects.get()
    assert (chunk.is_done, chunk.leased_until, chunk.leased_by, chunk.not_before, chunk.epoch) == (
        False,
        None,
        "",
        until,
        1,
    )
    assert chunk.contact_ids == [people[1]]  # no two open chunks name one person, and who has a word waits in none
    assert list(Delivery.objects.order_by("contact_id").values_list("state", "attempts")) == [(2, 1), (0, 0), (4, 1)]
    assert Message.objects.get(pk=message.pk).state == "sending"


def test_nobody_waits_for_a_chunk_that_is_done(inside, three):
    message, people = three
    lease = claim_chunk(inside)
    before = timezone.now()

    finish_chunk(
        message.pk, lease.chunk_id, 1, dict.fromkeys(people, Result(State.EXCLUDED, "x")), released_until=before
    )

    chunk = RecipientChunk.objects.get()
    assert (chunk.is_done, chunk.not_before) == (True, None)
    row = Message.objects.get(pk=message.pk)
    assert (row.state, row.state_reason) == ("sent", "")
    assert before <= row.finished_at <= timezone.now()


@pytest.mark.parametrize("change", [{"epoch": 2}, {"epoch": 0}, {"is_done": True}, {"leased_until": None}])
def test_a_late_owner_writes_nothing(inside, three, change):
    message, people = three
    lease = claim_chunk(inside)
    RecipientChunk.objects.update(**change)
    before = RecipientChunk.objects.values().get()

    assert finish_chunk(message.pk, lease.chunk_id, 1, dict.fromkeys(people, Result(State.SENT))) is False

    assert RecipientChunk.objects.values().get() == before
    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENDING}


@pytest.mark.parametrize("change", [{"epoch": 2}, {"state": State.SENT}, {"occasion": 5}])
def test_only_rows_that_this_lease_made_ready_are_written(inside, three, change):
    message, people = three
    lease = claim_chunk(inside)
    Delivery.objects.filter(contact_id=people[1]).update(**change)
    other = Delivery.objects.create(message=make_message(), contact_id=people[0], state=State.SENDING, epoch=1)

    finish_chunk(message.pk, lease.chunk_id, 1, dict.fromkeys(people, Result(State.FAILED, "refused")))

    states = dict(Delivery.objects.filter(message=message).values_list("contact_id", "state"))
    assert states == {people[0]: 4, people[1]: change.get("state", State.SENDING), people[2]: 4}
    assert Delivery.objects.get(pk=other.pk).state == State.SENDING
    assert Touchpoint.objects.filter(kind=5).count() == 2


def test_finishing_is_all_or_nothing(inside, three):
    message, people = three
    lease = claim_chunk(inside)
    long_ago = timezone.now().replace(year=1800)

    with pytest.raises(ValueError, match=r"."):
        finish_chunk(message.pk, lease.chunk_id, 1, dict.fromkeys(people, Result(State.SENT, sent_at=long_ago)))

    assert set(Delivery.objects.values_list("state", flat=True)) == {State.SENDING}
    assert RecipientChunk.objects.get().leased_until is not None


def test_what_is_cancelled_while_it_is_sent_keeps_what_was_sent(inside, three):
    message, people = three
    lease = claim_chunk(inside)
    cancel(message, by=None)
    moment = timezone.now() + timedelta(minutes=1)
    results = {
        people[0]: Result(State.SENT, sent_at=timezone.now()),
        people[1]: Result(State.QUEUED),
        people[2]: Result(State.DEFERRED, "asked_to_wait", not_before=moment),
    }

    finish_chunk(message.pk, lease.chunk_id, 1, results)

    states = [State(state).name for state in Delivery.objects.order_by("contact_id").values_list("state", flat=True)]
    assert states == ["SENT", "CANCELLED", "CANCELLED"]
    assert list(RecipientChunk.objects.values_list("is_done", flat=True)) == [True]
    assert Message.objects.get(pk=message.pk).state == "cancelled"


@pytest.mark.parametrize(
    ("state", "is_standing", "open_chunk", "after"),
    [
        ("sending", False, False, "sent"),
        ("sending", False, True, "sending"),
        ("sending", True, False, "sending"),
        ("paused", False, False, "paused"),
        ("cancelled", False, False, "cancelled"),
    ],
)
def test_a_message_is_sent_when_no_chunk_is_open(inside, state, is_standing, open_chunk, after):
    message = in_state(state, is_standing=is_standing)
    RecipientChunk.objects.create(message=message, number=0, contact_ids=[1], is_done=not open_chunk)
    RecipientChunk.objects.create(message=make_message(), number=0, contact_ids=[1])

    finishing.close_when_done(message)

    row = Message.objects.get(pk=message.pk)
    assert (row.state, row.finished_at is not None) == (after, after == "sent")
    assert row.state_reason == ("" if after == "sent" else "old")


def test_an_occasion_stands_in_the_facts_and_the_next_chunk(inside):
    buyer = make_contact()
    message = open_standing(approve(make_message(make_sender(), purpose="transactional", topic=None), by=None))
    first = send_to_one(message, buyer, occasion=77)
    second = send_to_one(message, make_contact(), occasion=77)
    assert [(one.number, one.occasion, one.contact_ids) for one in (first, second)] == [
        (1, 77, [buyer.pk]), (2, 77, second.contact_ids),
    ]  # fmt: skip
    assert send_to_one(message, buyer, occasion=77) is None
    lease = claim_chunk(inside)
    later_ = timezone.now() + timedelta(minutes=5)
    finish_chunk(message.pk, lease.chunk_id, 1, {buyer.pk: Result(State.DEFERRED, "asked_to_wait", not_before=later_)})
    third = RecipientChunk.objects.get(number=3)
    assert (third.occasion, third.contact_ids) == (77, [buyer.pk])
    RecipientChunk.objects.filter(pk=third.pk).update(not_before=None, number=0)
    Delivery.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    again = claim_chunk(inside)
    finish_chunk(message.pk, again.chunk_id, 1, {buyer.pk: Result(State.SENT, sent_at=timezone.now())})
    assert list(Touchpoint.objects.filter(kind=1).values_list("external_id", flat=True)) == [f"sent:{buyer.pk}:2:77"]


def test_only_an_approved_message_is_opened_for_one_at_a_time(inside):
    for state in S.values:
        message = in_state(state)
        if state == "approved":
            opened = open_standing(message)
            row = Message.objects.get(pk=message.pk)
            assert (opened.state, row.state, row.is_standing) == ("sending", "sending", True)
            continue
        with pytest.raises(WrongStateError, match=f"^{S(state).label}$"):
            open_standing(message)
    for state, is_standing in (("sending", False), ("paused", True), ("cancelled", True)):
        with pytest.raises(WrongStateError, match=f"^{S(state).label}$"):
            send_to_one(in_state(state, is_standing=is_standing), make_contact(), occasion=1)


def test_one_person_more_is_work_to_do(inside):
    message = in_state("sending", is_standing=True)
    AgendaItem.objects.all().delete()

    send_to_one(message, make_contact(), occasion=1)

    assert list(AgendaItem.objects.values_list("work", flat=True)) == [WORK]


def test_the_source_of_a_messages_facts(inside):
    message = make_message(name="Spring")

    source = message_source(message)

    assert (source.key, source.name) == (f"message-{message.pk}", "Spring")
    assert message_source(message) == source


def test_a_sender_remembers_its_secret_and_its_health(inside, settings):
    sender, other = make_sender(), make_sender()
    keep_secret(sender, "geheim")
    assert secret_of(Sender.objects.get(pk=sender.pk)) == "geheim"
    other.sealed_secret = Sender.objects.get(pk=sender.pk).sealed_secret
    with pytest.raises(SealBrokenError):
        secret_of(other)  # bound to its row
    before = timezone.now()
    note_health(sender)
    row = Sender.objects.get(pk=sender.pk)
    assert (row.last_error, before <= row.tested_at <= timezone.now()) == ("", True)
    note_health(row, "x" * 400)
    again = Sender.objects.get(pk=sender.pk)
    assert (again.last_error, again.tested_at) == ("x" * 300, row.tested_at)
    assert Sender.objects.get(pk=other.pk).tested_at is None
    assert WORK == "delivery.send"
