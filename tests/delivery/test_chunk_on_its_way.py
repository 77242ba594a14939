"""One chunk between its claim and its end: the heartbeat, the pace, the last look before a body, every trouble's name."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from consent.consenting import give_consent, withdraw_consent
from contacts.merging import link_all
from contacts.models import Contact, Identity
from delivery.content.liquid import BadTemplateError
from delivery.engine import delivering, sending
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import pause
from delivery.engine.delivering import ChunkDelivery, Stop
from delivery.engine.finishing import Result
from delivery.engine.sending import Slice, send_chunk, send_slice
from delivery.messengers.protocol import (
    AskedToWaitError,
    ConnectionLostError,
    MessageInFlightError,
    Outcome,
    OutcomeKind,
    ServerDownError,
)
from delivery.models import Delivery, Message, RecipientChunk, Sender
from delivery.pace import pacing, throttling
from lib.sealing import SealBrokenError
from lib.sql import run_text
from tests.delivery.test_planning_and_leases import night_zone
from tests.factories.campaigns import make_campaign, make_sender, planned
from tests.factories.contacts import letter, make_contact, make_reader

State = Delivery.State


class Clock:
    """A process's monotonic time, which stands still until somebody moves it; a sleep moves it on."""

    def __init__(self) -> None:
        self.at, self.slept, self.jumps, self.reserved_until = 1000.0, [], [], 0.0
        self.told = time.time()

    def monotonic(self) -> float:
        moment = self.at
        if self.jumps:
            self.at += self.jumps.pop(0)
        return moment

    def time(self) -> float:
        """A second later at each look: a domain that asked us to slow down to 50,000 a second is waited for by nobody."""
        self.told += 1.0
        return self.told

    def reserve(self, _key: str, seconds: float) -> float:
        """Valkey's turns, by this clock."""
        begins = max(self.at, self.reserved_until)
        self.reserved_until = begins + seconds
        return begins - self.at

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.at += seconds


@pytest.fixture
def clock(monkeypatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(delivering, "time", found)
    monkeypatch.setattr(throttling, "time", found)
    monkeypatch.setattr(pacing, "reserve", found.reserve)
    return found


def leased(workspace, count: int = 3, **sender):
    for _ in range(count):
        make_reader()
    campaign = planned(make_campaign(make_sender()))
    Sender.objects.filter(pk=campaign.message.sender_id).update(**sender)
    return claim_chunk(workspace)


@pytest.fixture
def chunk(inside, clock) -> ChunkDelivery:
    """Three people, on their way at the clock's start."""
    return ChunkDelivery(
        leased(inside), clock.at + 20, 100_000, beaten_at=clock.at, asked_at=clock.at, asked_all_at=clock.at
    )


def lease_ends(seconds: float) -> None:
    run_text(
        "UPDATE delivery_recipientchunk SET leased_until = clock_timestamp() + %(s)s * interval '1 s'", {"s": seconds}
    )


def lease_left() -> float:
    ((seconds,),) = run_text("SELECT extract(epoch FROM leased_until - clock_timestamp()) FROM delivery_recipientchunk")
    return float(seconds)


@pytest.mark.parametrize(("after", "is_renewed"), [(0.0, False), (0.19, False), (0.2, True), (3.0, True)])
def test_the_heart_beats_each_fifth_of_a_second(inside, chunk, clock, after, is_renewed, django_assert_num_queries):
    lease_ends(5)
    clock.at += after

    chunk.beat()

    assert (lease_left() > 10) == is_renewed  # five of before, thirty of now
    assert lease_left() < 30
    assert chunk.beaten_at == 1000 + after * is_renewed
    with django_assert_num_queries(0):
        chunk.beat()


def test_a_heart_that_beats_before_it_must_asks_nothing(chunk, clock, django_assert_num_queries):
    clock.at += 0.19
    with django_assert_num_queries(0):
        assert chunk.may_go(chunk.lease.recipients[0])


def taken_over(chunk):
    RecipientChunk.objects.update(epoch=2)


def ran_out(chunk):
    lease_ends(-1)


def given_back(chunk):
    RecipientChunk.objects.update(leased_until=None)


def done(chunk):
    RecipientChunk.objects.update(is_done=True)


@pytest.mark.parametrize("how", [taken_over, ran_out, given_back, done])
def test_a_lease_that_is_not_ours_any_more_sends_nothing(chunk, clock, how):
    first = chunk.lease.recipients[0]
    how(chunk)
    clock.at += 1

    assert not chunk.may_go(first)

    assert (chunk.is_ours, chunk.goes_on, chunk.beaten_at) == (False, True, 1000)
    assert list(chunk._recipients()) == []


@pytest.mark.parametrize("state", ["paused", "cancelled", "draft"])
def test_a_message_that_does_not_go_on_sends_nothing(chunk, clock, state):
    Message.objects.update(state=state)
    clock.at += 1

    assert not chunk.may_go(chunk.lease.recipients[0])
    assert (chunk.is_ours, chunk.goes_on) == (True, False)
    assert list(chunk._recipients()) == []
    Message.objects.update(state="sending")
    clock.at += 1
    assert chunk.may_go(chunk.lease.recipients[0])


@pytest.mark.parametrize(("hangs", "goes"), [(0.0, True), (24.9, True), (25.0, False), (600.0, False)])
def test_a_body_leaves_within_25_seconds_of_the_heartbeat_or_not_at_all(chunk, clock, hangs, goes):
    """A process that slept between its heartbeat and the body: its lease may be another's by now."""
    clock.at += 1
    clock.jumps = [hangs]  # right after the beat began

    assert chunk.may_go(chunk.lease.recipients[0]) == goes


def test_a_poisoned_journal_lets_nothing_leave(chunk):
    assert chunk.may_go(chunk.lease.recipients[0])
    chunk.lease.journal.poison()
    assert not chunk.may_go(chunk.lease.recipients[0])


def test_a_no_is_heard_at_the_next_heartbeat(chunk, clock):
    one, two, three = chunk.lease.recipients
    withdraw_consent(Contact.objects.get(pk=two.contact_id), topic=letter())
    chunk.results[three.contact_id] = Result(State.SENT)
    clock.at += 0.21

    chunk.beat()

    assert chunk.stopped == {two.contact_id}
    assert (chunk.may_go(two), chunk.may_go(one)) == (False, True)
    assert [person.contact_id for person in chunk._recipients()] == [one.contact_id]


def test_who_is_erased_is_stopped_and_who_says_yes_again_goes(chunk, clock):
    one, two, _three = chunk.lease.recipients
    reader = Contact.objects.get(pk=one.contact_id)
    withdraw_consent(reader, topic=letter())
    Contact.objects.filter(pk=two.contact_id).update(erased_at=timezone.now())
    clock.at += 1
    chunk.beat()
    assert chunk.stopped == {one.contact_id, two.contact_id}
    give_consent(reader, topic=letter(), page="x")
    clock.at += 1
    chunk.beat()
    assert chunk.stopped == {two.contact_id}


def test_people_come_in_order_until_they_have_a_result(chunk):
    one, two, three = chunk.lease.recipients
    chunk.results[one.contact_id] = Result(State.SENT)
    coming = chunk._recipients()

    assert next(coming) == two
    chunk.results[three.contact_id] = Result(State.SENT)
    assert next(coming, None) is None
    assert chunk.left() == [two]


@pytest.mark.parametrize(("late", "goes"), [(-0.1, True), (0.0, True), (0.1, False)])
def test_nobody_is_begun_after_the_deadline(chunk, clock, late, goes):
    clock.at = chunk.deadline + late

    assert (next(chunk._recipients(), None) is not None) == goes


@pytest.mark.parametrize(
    ("per_second", "moments"),
    [
        (4, [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]),
        (40, [0, 0.025, 0.05, 0.075, 0.1, 0.125, 0.15, 0.175]),
        (1, [0, 1, 2, 3, 4, 5, 6, 7]),
        (0, [0, 1, 2, 3, 4, 5, 6, 7]),
        (100_000, [0] * 8),
    ],
)
def test_a_sender_keeps_its_pace(chunk, clock, per_second, moments):
    chunk.pace.per_second = per_second
    at = []

    for place, _ in enumerate(moments):
        chunk._pace(len(moments) - place)
        at.append(round(clock.at - 1000, 3))

    assert at == moments
    assert max(clock.slept, default=0) <= 0.2


def test_whoever_is_passed_over_takes_no_turn(chunk, monkeypatch):
    one, two, three = chunk.lease.recipients
    chunk.stopped = {one.contact_id}
    later = timezone.now()
    monkeypatch.setattr(chunk.throttle, "wait_for", lambda address: later if address == two.address else None)
    turns = []
    monkeypatch.setattr(chunk, "_pace", turns.append)

    assert list(chunk._recipients()) == [three]
    assert turns == [1]
    assert chunk.results[two.contact_id] == Result(State.DEFERRED, "throttled", not_before=later)


def test_who_is_stopped_while_a_turn_is_waited_for_gets_nothing(chunk, clock):
    one, _two, _three = chunk.lease.recipients
    chunk.pace.per_second, clock.reserved_until = 1, clock.at + 5
    withdraw_consent(Contact.objects.get(pk=one.contact_id), topic=letter())

    assert one not in list(chunk._recipients())


def test_who_was_merged_or_has_another_address_meanwhile_is_stopped_and_has_the_truth_written_down(
    inside, chunk, clock
):
    """Merged: excluded. Moved: they wait, and the next claim writes to the new address."""
    gone, moved, same = chunk.lease.recipients
    link_all([(gone.contact_id, make_reader().pk)])
    Contact.objects.filter(pk=moved.contact_id).update(email="new@people.example")
    Identity.objects.filter(contact=moved.contact_id).update(value="new@people.example")
    clock.at += 1

    chunk.beat()

    assert chunk.stopped == {gone.contact_id, moved.contact_id}
    chunk.results[same.contact_id] = Result(State.SENT, sent_at=timezone.now())
    chunk.exclude_those_who_said_no()
    sending._finish(Slice(inside, 10**12), chunk.lease, chunk.results, Stop())
    rows = dict(Delivery.objects.values_list("contact_id", "reason"))
    assert (rows[gone.contact_id], rows[moved.contact_id]) == ("merged", "")
    assert [one.address for one in claim_chunk(inside).recipients] == ["new@people.example"]
    assert dict(Delivery.objects.values_list("contact_id", "attempts"))[moved.contact_id] == 1


def test_a_pace_hears_that_the_message_stops(chunk, clock):
    chunk.pace.per_second, clock.reserved_until = 1, clock.at + 100
    lease_ends(5)
    Message.objects.update(state="paused")

    assert list(chunk._recipients()) == []
    assert clock.slept == [0.2]
    assert lease_left() > 10


ACCEPTED, LATER = Outcome(OutcomeKind.ACCEPTED, "250 2.0.0 ok"), Outcome(OutcomeKind.LATER, "451 4.7.1 wait")
REFUSED, DEAD = Outcome(OutcomeKind.REFUSED, "554 5.7.1 secret"), Outcome(OutcomeKind.REFUSED, "550 5.1.1 x", "", True)
NOT_THEM = Outcome(OutcomeKind.REFUSED, "131026 not on WhatsApp", is_about_person=True)
UNKNOWN = Outcome(OutcomeKind.UNKNOWN, "cut")
UNFIT = Outcome(OutcomeKind.UNSENDABLE, "contact.city", "missing_field")


class Run:
    """A messenger's run by a script: for each `send`, steps: an outcome, or an error to raise. `sent` is who came."""

    def __init__(self, *turns) -> None:
        self.turns, self.sent, self.calls = list(turns), [], 0

    def send(self, recipients, watch):
        self.calls += 1
        steps = self.turns.pop(0) if len(self.turns) > 1 else self.turns[0]
        for step in steps:
            if isinstance(step, Outcome):
                one = next(recipients, None)
                if one is None:
                    return
                self.sent.append(one.contact_id)
                yield one, step
            elif isinstance(step, Exception):
                raise step
            else:
                step(watch, next(recipients))


def test_every_last_word_has_its_result(inside, clock):
    lease = leased(inside, 5)
    chunk = ChunkDelivery(lease, clock.at + 20, 100_000, beaten_at=clock.at, asked_at=clock.at, asked_all_at=clock.at)
    before = timezone.now()

    chunk.deliver(Run([ACCEPTED, LATER, UNFIT, REFUSED, DEAD]))

    sent, later, unfit, refused, dead = (chunk.results[one.contact_id] for one in lease.recipients)
    assert before <= sent.sent_at <= timezone.now()
    assert sent == Result(State.SENT, answer="250 2.0.0 ok", sent_at=sent.sent_at)
    assert later == Result(State.DEFERRED, "asked_to_wait", "451 4.7.1 wait", not_before=later.not_before)
    assert unfit == Result(State.EXCLUDED, "missing_field", "contact.city")
    assert refused == Result(State.FAILED, "refused", "554 5.7.1 secret")
    assert dead == Result(State.FAILED, "refused", "550 5.1.1 x", is_dead_address=True)


@pytest.mark.parametrize(
    ("outcomes", "stops"),
    [
        ([REFUSED] * 19, False),
        ([REFUSED] * 20, True),
        ([DEAD] * 25, False),
        ([REFUSED] * 19 + [ACCEPTED] + [REFUSED] * 19, False),
        ([ACCEPTED] + [REFUSED] * 20, True),
        ([REFUSED] * 10 + [DEAD, LATER, UNFIT] + [REFUSED] * 10, True),
        ([NOT_THEM] * 25, False),
        ([REFUSED] * 19 + [NOT_THEM] * 19, False),
        ([REFUSED] * 10 + [NOT_THEM] * 5 + [REFUSED] * 10, True),
    ],
)
def test_twenty_refusals_in_a_row_are_about_us(inside, clock, outcomes, stops):
    lease = leased(inside, len(outcomes))
    chunk = ChunkDelivery(lease, clock.at + 20, 100_000, beaten_at=clock.at, asked_at=clock.at, asked_all_at=clock.at)

    if stops:
        with pytest.raises(Stop) as stop:
            chunk.deliver(Run(outcomes))
        assert (stop.value.reason, stop.value.wait) == ("The server refuses everybody (554 5.7.1).", None)
    else:
        chunk.deliver(Run(outcomes))

    kept = [outcome for outcome in outcomes if outcome is not REFUSED] if stops else outcomes
    assert len(chunk.results) == len(kept)
    assert len(chunk.left()) == len(outcomes) - len(kept)


def test_who_was_stopped_gets_the_gates_word(inside, clock):
    noon = "Etc/GMT" + f"{timezone.now().hour - 12:+d}"
    people = [make_contact(zone=noon) for _ in range(5)]
    for one in people:
        give_consent(one, topic=None, page="x")
    planned(make_campaign(make_sender(), purpose="marketing", topic=None))
    chunk = ChunkDelivery(
        claim_chunk(inside), clock.at + 20, 9, beaten_at=clock.at, asked_at=clock.at, asked_all_at=clock.at
    )
    no, asleep, yes, erased, fine = people
    withdraw_consent(no, topic=None)
    Contact.objects.filter(pk=asleep.pk).update(zone=night_zone())
    chunk.stopped = {one.pk for one in (no, asleep, yes, erased)}  # `yes` said yes again meanwhile
    Contact.objects.filter(pk=erased.pk).update(erased_at=timezone.now())
    chunk.results[fine.pk] = Result(State.SENT)

    chunk.exclude_those_who_said_no()

    held = chunk.results[asleep.pk]
    assert timedelta(hours=5) < held.not_before - timezone.now() < timedelta(hours=6)
    assert chunk.results == {
        no.pk: Result(State.EXCLUDED, "objection"),
        asleep.pk: Result(State.DEFERRED, "quiet", not_before=held.not_before),
        erased.pk: chunk.results[erased.pk],
        fine.pk: Result(State.SENT),
    }
    assert (chunk.results[erased.pk].state, chunk.results[erased.pk].reason) == (State.EXCLUDED, "erased")


def test_only_those_left_and_stopped_are_asked_about(chunk, django_assert_num_queries):
    with django_assert_num_queries(0):
        chunk.exclude_those_who_said_no()
        chunk.stopped = {chunk.lease.recipients[0].contact_id}
        chunk.results[chunk.lease.recipients[0].contact_id] = Result(State.SENT)
        chunk.exclude_those_who_said_no()
    assert list(chunk.results.values()) == [Result(State.SENT)]


def go(workspace, run, count: int = 3):
    """Send a chunk of some people by this run; the lease, the message and what became of each, in order."""
    lease = leased(workspace, count)
    turn = Slice(workspace, 10**12)
    turn.runs[lease.message.pk] = run
    send_chunk(turn, lease)
    rows = dict(Delivery.objects.values_list("contact_id", "state"))
    return lease, Message.objects.get(pk=lease.message.pk), [State(rows[one]).name for one in lease.contact_ids]


def test_a_chunk_that_went_well(inside):
    before = timezone.now()

    lease, message, states = go(inside, Run([ACCEPTED] * 3))

    assert states == ["SENT"] * 3
    assert (message.state, message.state_reason) == ("sent", "")
    sender = Sender.objects.get()
    assert sender.last_error == ""
    assert before <= sender.tested_at <= timezone.now()
    assert not lease.journal.path.exists()


@pytest.mark.parametrize(
    ("error", "said", "blames_sender"),
    [
        (ServerDownError("It is down."), "It is down.", True),
        (SealBrokenError("x"), "The sender's password cannot be opened. Enter it again.", True),
        (BadTemplateError("no tag foo"), "The message cannot be written: no tag foo", False),
        (ValueError("no such colour"), "The message cannot be written: no such colour", False),
        (ConnectionLostError("gone"), "The server breaks off again and again: gone", True),
    ],
)
def test_a_trouble_pauses_in_plain_words_and_everybody_waits(inside, error, said, blames_sender):
    lease, message, states = go(inside, Run([error]))

    assert states == ["QUEUED"] * 3
    assert (message.state, message.state_reason) == ("paused", said)
    chunk = RecipientChunk.objects.get()
    assert (chunk.is_done, chunk.leased_until, chunk.not_before, chunk.leased_by) == (False, None, None, "")
    sender = Sender.objects.get()
    assert (sender.last_error, sender.tested_at, sender.failures) == (said * blames_sender, None, int(blames_sender))
    assert not lease.journal.path.exists()


def test_what_a_message_is_to_blame_for_in_the_middle_keeps_the_words_of_before(inside):
    _lease, message, states = go(inside, Run([ACCEPTED, REFUSED, ValueError("no such colour")]))

    assert states == ["SENT", "FAILED", "QUEUED"]
    assert message.state == "paused"
    assert Sender.objects.get().failures == 0


@pytest.mark.parametrize("outcome", [LATER, DEAD, UNFIT])
def test_a_chunk_of_which_nothing_was_sent_says_nothing_good_of_its_sender(inside, outcome):
    lease = leased(inside, 1)
    Sender.objects.update(failures=2, last_error="down")
    turn = Slice(inside, 10**12)
    turn.runs[lease.message.pk] = Run([outcome])

    send_chunk(turn, lease)

    sender = Sender.objects.get()
    assert (sender.failures, sender.last_error, sender.tested_at) == (2, "down", None)


def test_being_asked_to_wait_delays_a_minute_and_pauses_nothing(inside):
    before = timezone.now()

    _lease, message, states = go(inside, Run([ACCEPTED, AskedToWaitError("421 4.7.0")]))

    assert states == ["SENT", "QUEUED", "QUEUED"]
    assert (message.state, message.state_reason) == ("sending", "The server asked us to wait: 421 4.7.0")
    wait = RecipientChunk.objects.get().not_before - before
    assert timedelta(minutes=1) <= wait < timedelta(minutes=1, seconds=30)
    assert Sender.objects.get().last_error == "421 4.7.0"


@pytest.mark.parametrize(
    ("turns", "calls", "states"),
    [
        # five lines in a row that bring nobody further
        ([[ConnectionLostError("x")]], 5, ["QUEUED"] * 6),
        # a line that brought somebody further begins the count anew
        ([[ConnectionLostError("x")]] * 4 + [[ACCEPTED, ConnectionLostError("x")]] + [[ConnectionLostError("x")]], 10, [
            "SENT", *["QUEUED"] * 5]),
        ([[ConnectionLostError("x")]] * 4 + [[ACCEPTED] * 6], 5, ["SENT"] * 6),
        ([[ACCEPTED, ConnectionLostError("x")]], 6, ["SENT"] * 6),
    ],
)  # fmt: skip
def test_a_line_that_breaks_is_opened_again(inside, turns, calls, states):
    run = Run(*turns)

    _lease, message, found = go(inside, run, 6)

    assert (run.calls, found) == (calls, states)
    assert message.state == ("paused" if "QUEUED" in states else "sent")


@pytest.mark.parametrize(("unknown", "states"), [(2, ["SENT"]), (3, ["QUEUED"])])
def test_a_few_unknown_outcomes_in_a_row_are_a_brake(inside, unknown, states):
    run = Run([UNKNOWN] * unknown + [ACCEPTED] * 3)

    _lease, message, found = go(inside, run, unknown + 1)

    assert found == ["IN_DOUBT"] * unknown + states
    assert message.state == ("paused" if unknown == 3 else "sent")
    if unknown == 3:
        assert message.state_reason == "The server breaks off before it says whether it took a message: cut"


def test_what_is_under_way_when_it_stops_still_has_its_word(inside):
    """A brake stops what has not begun; whoever is on another line meanwhile is answered and noted."""

    class Several(Run):
        def send(self, recipients, watch):
            taken = [next(recipients) for _ in range(5)]
            yield from ((one, UNKNOWN) for one in taken[:3])
            assert not watch.may_go(taken[4])
            assert next(recipients, None) is None
            yield taken[3], ACCEPTED

    _lease, message, found = go(inside, Several([]), 6)

    assert found == ["IN_DOUBT"] * 3 + ["SENT", "QUEUED", "QUEUED"]
    assert message.state == "paused"


def test_what_the_journal_knows_is_not_sent_again(inside):
    """A run that ends badly with something on the line: whoever was begun is in doubt, not waiting."""

    def begin(watch, one) -> None:
        watch.mark(one.slot, "about")

    def taken(watch, one) -> None:
        watch.mark(one.slot, "accepted")

    _lease, _message, found = go(inside, Run([begin, taken, ServerDownError("down")]), 3)

    assert found == ["IN_DOUBT", "SENT", "QUEUED"]


def about(watch, one) -> None:
    watch.mark(one.slot, "about")


def test_the_one_in_flight_is_in_doubt_and_the_others_go_on(inside):
    run = Run([ACCEPTED, about, MessageInFlightError("broke " + "x" * 400)], [ACCEPTED] * 3)

    lease, message, states = go(inside, run, 4)

    assert states == ["SENT", "IN_DOUBT", "SENT", "SENT"]
    row = Delivery.objects.get(contact_id=lease.contact_ids[1])
    assert (row.reason, row.answer) == ("in_flight", ("broke " + "x" * 400)[:300])
    assert message.state == "sent"


@pytest.mark.parametrize("flag", ["is_ours", "goes_on"])
def test_a_line_we_broke_ourselves_is_not_opened_again(inside, flag):
    def stop(watch, _one) -> None:
        setattr(watch, flag, False)

    run = Run([ACCEPTED, stop, ConnectionLostError("stopped by us")])

    _lease, message, states = go(inside, run)

    assert (run.calls, states) == (1, ["SENT", "QUEUED", "QUEUED"])
    assert (message.state, message.state_reason) == ("sending", "")


def test_a_lost_lease_writes_nothing_and_pauses_nothing(inside):
    def lose(_watch, _one) -> None:
        RecipientChunk.objects.update(epoch=5)

    lease, message, states = go(inside, Run([ACCEPTED, lose, ServerDownError("down")]))

    assert states == ["SENDING"] * 3
    assert (message.state, message.state_reason) == ("sending", "")
    assert RecipientChunk.objects.get().leased_until is not None
    assert not lease.journal.path.exists()


def without_sender(message) -> None:
    message.sender = None


def of_a_strange_kind(message) -> None:
    message.sender.kind = "pigeon"


def that_cannot_be_read(message) -> None:
    message.content.body = "{{ contact.name | foo }}"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without_sender, "The message has no sender."),
        (of_a_strange_kind, "Nobody here can send by “pigeon”."),
        (that_cannot_be_read, "The message cannot be written: unknown filter 'foo'"),
    ],
)
def test_a_message_that_cannot_begin_says_why(inside, change: Callable, said):
    lease = leased(inside)
    change(lease.message)

    send_chunk(Slice(inside, 10**12), lease)

    message = Message.objects.get()
    assert (message.state, message.state_reason.partition(",")[0]) == ("paused", said)
    assert set(Delivery.objects.values_list("state", "attempts")) == {(State.QUEUED, 0)}


def test_a_message_is_prepared_once_a_slice_and_hung_up_at_its_end(inside):
    first, second = leased(inside, 1), leased(inside, 1)
    turn = Slice(inside, 10**12)

    assert turn.run_of(first.message) is turn.run_of(first.message)
    assert turn.run_of(first.message).messenger is turn.messengers[first.message.sender_id]
    second.message.sender = first.message.sender
    assert turn.run_of(second.message) is not turn.run_of(first.message)
    assert turn.run_of(second.message).messenger is turn.run_of(first.message).messenger
    assert len(turn.messengers) == 1


def test_a_slice_counts_its_chunks_and_ends_with_its_time(inside, room, monkeypatch):
    from delivery.engine import planning

    monkeypatch.setattr(planning, "CHUNK", 1)
    for _ in range(3):
        make_reader()
    campaign = planned(make_campaign(make_sender(port=room.port)))

    assert send_slice(inside, seconds=0) == 0
    assert room.letters == []
    assert send_slice(inside, seconds=60) == 3
    assert sum(room.counts.values()) == 3
    assert send_slice(inside, seconds=60) == 0
    assert Message.objects.get(pk=campaign.message_id).state == "sent"
    assert (20, 5, timedelta(minutes=1)) == (sending.SLICE_SECONDS, sending.MOST_LOST, sending.WAIT_WHEN_ASKED)


def test_a_paused_message_keeps_its_rest_for_later(inside):
    def pause_it(watch, _one) -> None:
        pause(watch.lease.message, by=None)
        watch.beaten_at -= 1

    run = Run([ACCEPTED, pause_it, ACCEPTED, ACCEPTED])

    _lease, message, states = go(inside, run)

    assert (message.state, states, run.calls) == ("paused", ["SENT", "QUEUED", "QUEUED"], 1)
