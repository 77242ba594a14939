"""Who is planned, which chunk is claimed, what a lease says, whose lease is taken over: whole rows, at their edges."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from consent.consenting import give_consent, withdraw_consent
from consent.suppressing import suppress
from contacts.channels import Channel
from contacts.merging import link_all
from contacts.models import Contact
from delivery.engine import planning
from delivery.engine.claiming import ask_of, claim_chunk
from delivery.engine.controlling import approve, cancel, pause, resume, schedule
from delivery.engine.finishing import finish_chunk
from delivery.engine.journal import Journal, NoJournalError, journal_path
from delivery.engine.lanes import WORK
from delivery.engine.planning import AlreadyPlannedError, plan
from delivery.engine.reaping import FOREIGN_AFTER, reap_leases
from delivery.engine.sending import next_moment
from delivery.models import Delivery, Message, RecipientChunk
from delivery.transactional.messages import open_standing, send_to_one
from lib.bucketing import bucket
from lib.presence import host_id, own_name
from lib.sql import run_sql, run_text
from lib.standard_webhooks import new_secret
from tests.factories.campaigns import make_campaign, make_message, make_sender, make_webhook_sender, planned
from tests.factories.contacts import letter, make_contact, make_reader
from workspaces.current import working_in
from workspaces.models import AgendaItem

State = Delivery.State
ALL = "SELECT id AS contact_id FROM contacts_contact WHERE workspace_id = %(workspace)s"


def night_zone() -> str:
    """A zone where it is two o'clock at night now."""
    ahead = (2 - timezone.now().hour + 11) % 24 - 11
    return f"Etc/GMT{-ahead:+d}" if ahead else "UTC"


def chunks(message) -> list[tuple[int, list[int], int, bool]]:
    rows = RecipientChunk.objects.filter(message=message).order_by("number")
    return list(rows.values_list("number", "contact_ids", "occasion", "is_done"))


def rows_of(message) -> dict[int, tuple[int, str]]:
    rows = Delivery.objects.filter(message=message)
    return {one: (state, reason) for one, state, reason in rows.values_list("contact_id", "state", "reason")}


def ready(**fields) -> Message:
    """A message that waits to be planned."""
    message = make_message(make_sender())
    Message.objects.filter(pk=message.pk).update(state="planning", state_reason="old", **fields)
    return message


def test_a_chunk_has_a_thousand_people():
    assert planning.CHUNK == 1_000


def test_people_are_cut_into_chunks_in_order(inside, monkeypatch):
    monkeypatch.setattr(planning, "CHUNK", 2)
    people = [make_reader().pk for _ in range(5)]
    message = ready()
    AgendaItem.objects.all().delete()
    before = timezone.now()

    found = plan(message, ALL + " ORDER BY id DESC", {})

    assert chunks(message) == [(0, people[:2], 0, False), (1, people[2:4], 0, False), (2, people[4:], 0, False)]
    message.refresh_from_db()
    assert (message.state, message.planned_count, message.held_count) == ("sending", 5, 0)
    assert (message.state_reason, message.finished_at) == ("", None)
    assert before <= message.planned_at <= timezone.now()
    assert found.planned_at == message.planned_at
    assert list(AgendaItem.objects.values_list("work", flat=True)) == [WORK]
    assert Delivery.objects.count() == 0


def test_doubles_and_the_held_are_written_down_at_once(inside):
    people = [make_reader() for _ in range(60)]
    double = make_contact(email="")
    Contact.objects.filter(pk=double.pk).update(email=people[0].email)
    nowhere = [make_contact(email=""), make_contact(email="")]
    message = ready(holdouts=[["a", 3000], ["b", 1000]])
    everyone = [*people, double, *nowhere]
    held = {one.pk for one in everyone if bucket(one.pk, "a") < 3000 or bucket(one.pk, "b") < 1000} - {double.pk}
    assert 5 < len(held) < 50

    plan(message, ALL, {})

    message.refresh_from_db()
    assert rows_of(message) == dict.fromkeys(held, (State.EXCLUDED, "holdout")) | {
        double.pk: (State.EXCLUDED, "same_address")
    }
    assert chunks(message)[0][1] == [one.pk for one in everyone if one.pk not in held | {double.pk}]
    assert (message.planned_count, message.held_count) == (63, len(held))
    row = Delivery.objects.filter(message=message)[0]
    assert (row.occasion, row.address, row.attempts, row.epoch, row.answer) == (0, "", 0, 0, "")


def test_the_size_of_a_holdout_is_a_bound_that_is_not_reached(inside):
    person = make_reader()
    exact = bucket(person.pk, "s")
    in_, out = ready(holdouts=[["s", exact + 1]]), ready(holdouts=[["s", exact]])

    plan(in_, ALL, {})
    plan(out, ALL, {})

    assert (rows_of(in_), chunks(in_)) == ({person.pk: (State.EXCLUDED, "holdout")}, [])
    assert (rows_of(out), chunks(out)) == ({}, [(0, [person.pk], 0, False)])
    in_.refresh_from_db()
    assert (in_.state, in_.finished_at) == (Message.State.SENT, in_.planned_at)


def test_an_audience_of_nobody_is_sent_at_once(inside):
    make_reader()
    message = ready()

    plan(message, "SELECT id AS contact_id FROM contacts_contact WHERE name = %(name)s", {"name": "nobody"})

    message.refresh_from_db()
    assert (message.state, message.planned_count, message.finished_at) == ("sent", 0, message.planned_at)
    assert chunks(message) == []


@pytest.mark.parametrize("state", ["draft", "approved", "sending", "paused", "sent", "cancelled"])
def test_only_what_waits_for_it_is_planned(inside, state):
    make_reader()
    message = ready()
    Message.objects.filter(pk=message.pk).update(state=state)

    with pytest.raises(AlreadyPlannedError):
        plan(message, ALL, {})

    assert chunks(message) == []


def test_nobody_of_another_workspace_is_planned_and_nobody_is_planned_twice(kettle, rival):
    with working_in(rival):
        theirs = make_contact().pk
    with working_in(kettle):
        mine, message = make_reader().pk, ready()

        plan(message, f"SELECT unnest(ARRAY[{mine}, {theirs}]) AS contact_id", {})
        Message.objects.filter(pk=message.pk).update(state="planning")

        assert chunks(message) == [(0, [mine], 0, False)]
        with pytest.raises(AlreadyPlannedError):
            plan(message, ALL, {})


@pytest.fixture
def three(inside):
    """A campaign to three readers, planned."""
    readers = [make_reader() for _ in range(3)]
    return planned(make_campaign(make_sender())), [one.pk for one in readers]


def put(**fields) -> None:
    RecipientChunk.objects.update(**fields)


def database_now() -> datetime:
    ((moment,),) = run_text("SELECT clock_timestamp()")
    return moment


def test_a_lease_holds_thirty_seconds_and_its_rows(inside, three):
    campaign, people = three
    before = database_now()

    lease = claim_chunk(inside)

    chunk = RecipientChunk.objects.get()
    assert before <= chunk.leased_until - timedelta(seconds=30) <= database_now()
    assert (chunk.leased_by, chunk.epoch, chunk.is_done) == (own_name(), 1, False)
    assert (lease.message, lease.chunk_id, lease.epoch, lease.occasion) == (campaign.message, chunk.pk, 1, 0)
    assert lease.contact_ids == people
    assert [(one.contact_id, one.slot, one.attempt, one.occasion) for one in lease.recipients] == [
        (person, slot, 1, 0) for slot, person in enumerate(people)
    ]
    assert [one.address for one in lease.recipients] == list(
        Contact.objects.order_by("pk").values_list("email", flat=True)
    )
    assert all(one.fields["brand"] == "Kettle & Co" for one in lease.recipients)
    assert lease.journal.path == journal_path(inside.pk, chunk.pk, 1)
    assert lease.journal.marks() == bytes(3)
    assert rows_of(campaign.message) == dict.fromkeys(people, (State.SENDING, ""))
    assert set(Delivery.objects.values_list("attempts", "epoch", "not_before")) == {(1, 1, None)}
    assert claim_chunk(inside) is None


@pytest.mark.parametrize(
    ("fields", "is_free"),
    [
        ({}, True),
        ({"not_before": timedelta(seconds=-1)}, True),
        ({"not_before": timedelta(minutes=1)}, False),
        ({"is_done": True}, False),
        ({"leased_until": timedelta(seconds=-100)}, False),  # only reaping gives it back
        ({"leased_until": timedelta(seconds=100)}, False),
    ],
)
def test_only_a_free_chunk_is_claimed(inside, three, fields, is_free):
    put(**{name: timezone.now() + one if isinstance(one, timedelta) else one for name, one in fields.items()})

    assert (claim_chunk(inside) is not None) == is_free


@pytest.mark.parametrize("state", ["draft", "approved", "scheduled", "planning", "paused", "sent", "cancelled"])
def test_only_of_a_message_that_is_being_sent(inside, three, state):
    Message.objects.update(state=state)

    assert claim_chunk(inside) is None


def test_messages_take_turns_the_one_planned_first_begins_and_chunks_keep_their_order(inside, monkeypatch):
    monkeypatch.setattr(planning, "CHUNK", 1)
    for _ in range(2):
        make_reader()
    one, two = planned(make_campaign(make_sender())), planned(make_campaign(make_sender()))
    Message.objects.filter(pk=one.message_id).update(planned_at=timezone.now() + timedelta(minutes=1))

    leases = [claim_chunk(inside) for _ in range(4)]

    numbers = dict(RecipientChunk.objects.values_list("pk", "number"))
    assert [(lease.message.pk, numbers[lease.chunk_id]) for lease in leases] == [
        (two.message_id, 0), (one.message_id, 0), (two.message_id, 1), (one.message_id, 1),
    ]  # fmt: skip


def test_the_gate_decides_at_the_claim(inside):
    noon = "Etc/GMT" + f"{timezone.now().hour - 12:+d}"
    fine, no, blocked, asleep, merged, gone = (make_contact(zone=noon) for _ in range(6))
    for one in (fine, no, blocked, asleep, merged, gone):
        give_consent(one, topic=None, page="x")
    campaign = planned(make_campaign(make_sender(), purpose="marketing", topic=None))
    withdraw_consent(no, topic=None)
    suppress(blocked.email)
    Contact.objects.filter(pk=asleep.pk).update(zone=night_zone())
    link_all([(merged.pk, fine.pk)])
    RecipientChunk.objects.update(contact_ids=[fine.pk, no.pk, blocked.pk, asleep.pk, merged.pk, 999_999_999])

    lease = claim_chunk(inside)

    assert [(one.contact_id, one.slot) for one in lease.recipients] == [(fine.pk, 0)]
    assert len(lease.journal.marks()) == 6
    rows = rows_of(campaign.message)
    assert rows == {
        fine.pk: (State.SENDING, ""),
        no.pk: (State.EXCLUDED, "objection"),
        blocked.pk: (State.EXCLUDED, "blocked"),
        asleep.pk: (State.DEFERRED, "quiet"),
        merged.pk: (State.EXCLUDED, "merged"),
    }
    row = Delivery.objects.get(contact=asleep)
    assert timedelta(hours=5) < row.not_before - timezone.now() < timedelta(hours=6)
    assert (row.attempts, row.epoch) == (0, 1)


@pytest.mark.parametrize(
    ("state", "minutes", "is_taken", "attempts"),
    [
        (State.QUEUED, None, True, 3),
        (State.DEFERRED, -1, True, 3),
        (State.DEFERRED, 1, False, 2),
        (State.DEFERRED, None, False, 2),
        (State.SENDING, None, False, 2),
        (State.SENT, None, False, 2),
        (State.FAILED, None, False, 2),
        (State.EXCLUDED, None, False, 2),
        (State.IN_DOUBT, None, False, 2),
        (State.CANCELLED, None, False, 2),
    ],
)
def test_a_row_is_the_lock(inside, three, state, minutes, is_taken, attempts):
    campaign, people = three
    moment = None if minutes is None else timezone.now() + timedelta(minutes=minutes)
    Delivery.objects.create(
        message=campaign.message,
        contact_id=people[1],
        state=state,
        attempts=2,
        not_before=moment,
        epoch=0,
        address="old",
    )

    lease = claim_chunk(inside)

    wanted = people if is_taken else [people[0], people[2]]
    assert [one.contact_id for one in lease.recipients] == wanted
    row = Delivery.objects.get(contact=people[1])
    address = Contact.objects.get(pk=people[1]).email
    after = (State.SENDING, 3, 1, None, address) if is_taken else (state, attempts, 0, moment, "old")
    assert (row.state, row.attempts, row.epoch, row.not_before, row.address) == after
    if is_taken:
        assert [one.attempt for one in lease.recipients] == [1, 3, 1]


def test_an_occasion_is_a_lock_of_its_own(inside, three):
    campaign, people = three
    Delivery.objects.create(message=campaign.message, contact_id=people[0], occasion=0, state=State.SENT)
    put(occasion=501)

    lease = claim_chunk(inside)

    assert (lease.occasion, [one.occasion for one in lease.recipients]) == (501, [501] * 3)
    assert Delivery.objects.filter(contact_id=people[0]).count() == 2


def test_a_claim_without_its_journal_is_none(inside, three):
    campaign, _people = three
    path = journal_path(inside.pk, RecipientChunk.objects.get().pk, 1)
    path.mkdir()

    with pytest.raises(NoJournalError, match="Is a directory"):
        claim_chunk(inside)

    chunk = RecipientChunk.objects.get()
    assert (chunk.epoch, chunk.leased_until, rows_of(campaign.message)) == (0, None, {})


def test_what_the_gate_is_asked(inside):
    message = make_message(make_sender())
    Message.objects.filter(pk=message.pk).update(cap_group=7, weekly_cap=2)
    message.refresh_from_db()
    asked = ask_of(message)
    assert (asked.channel, asked.message_class, asked.topic_id) == (1, "subscribed", letter().pk)
    assert (asked.message_id, asked.cap_group, asked.weekly_cap) == (message.pk, 7, 2)


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("by", "ago", "is_reaped"),
    [
        ("own", SECOND, True),
        ("own", -60 * SECOND, False),
        ("brother", SECOND, True),
        ("brother", -60 * SECOND, False),
        ("gone", -20 * SECOND, True),
        ("stranger", timedelta(minutes=9), False),
        ("stranger", timedelta(minutes=11), True),
        ("nobody", timedelta(minutes=1), False),
    ],
)
def test_whose_lease_is_taken_over(inside, three, by, ago, is_reaped):
    claim_chunk(inside)
    dead = journal_path(1, 1, 1).parent / "dead.gone"
    dead.touch()
    name = {"own": own_name(), "brother": f"{host_id()}.x", "gone": f"{host_id()}.dead", "stranger": "elsewhere.x"}
    put(leased_by=name.get(by, ""), leased_until=database_now() - ago)

    assert reap_leases(inside) == int(is_reaped)
    assert RecipientChunk.objects.get().epoch == 1 + is_reaped
    assert timedelta(minutes=10) == FOREIGN_AFTER


def test_what_is_done_or_free_is_not_reaped(inside, three):
    claim_chunk(inside)
    put(leased_until=database_now() - SECOND, is_done=True)
    assert reap_leases(inside) == 0
    put(leased_until=None, is_done=False)
    assert reap_leases(inside) == 0


def test_a_lease_is_looked_at_again_under_its_lock(inside, three):
    one = claim_chunk(inside).chunk_id
    put(leased_until=database_now() - SECOND)
    mine = {"workspace": inside.pk, "host": host_id(), "foreign": FOREIGN_AFTER, "gone": []}

    assert run_sql("delivery/expired", mine | {"chunk": one}) == [(one,)]
    assert run_sql("delivery/expired", mine | {"chunk": one + 1}) == []
    assert run_sql("delivery/expired", mine | {"chunk": None}) == [(one,)]


def expire(lease, **fields) -> None:
    put(leased_until=database_now() - SECOND, **fields)


def test_the_journal_says_what_became_of_each(inside, django_capture_on_commit_callbacks):
    for _ in range(5):
        make_reader()
    campaign = planned(make_campaign(make_sender()))
    lease = claim_chunk(inside)
    for slot, mark in enumerate(("untouched", "about", "accepted", "refused", "later")):
        lease.journal.mark(slot, mark)
    expire(lease)
    before = timezone.now()

    with django_capture_on_commit_callbacks(execute=True):
        assert reap_leases(inside) == 1

    waits, doubt, sent, refused, later = lease.contact_ids
    assert rows_of(campaign.message) == {
        waits: (State.QUEUED, ""),
        doubt: (State.IN_DOUBT, "killed"),
        sent: (State.SENT, ""),
        refused: (State.FAILED, "refused"),
        later: (State.DEFERRED, "asked_to_wait"),
    }
    answers = dict(Delivery.objects.values_list("contact_id", "answer"))
    assert answers == {waits: "", doubt: "", **dict.fromkeys((sent, refused, later), "read from the journal")}
    assert before <= Delivery.objects.get(contact=sent).sent_at <= timezone.now()
    moment = Delivery.objects.get(contact=later).not_before - before
    assert timedelta(minutes=1) <= moment < timedelta(minutes=1, seconds=20)
    attempts = dict(Delivery.objects.values_list("contact_id", "attempts"))
    assert attempts == {waits: 0, **dict.fromkeys((doubt, sent, refused, later), 1)}
    assert not lease.journal.path.exists()
    assert lease.journal.is_poisoned
    chunk = RecipientChunk.objects.get(number=0)
    assert (chunk.epoch, chunk.leased_until, chunk.leased_by, chunk.is_done, chunk.not_before) == (
        2,
        None,
        "",
        False,
        None,
    )
    assert list(RecipientChunk.objects.filter(number=1).values_list("contact_ids", flat=True)) == [[later]]


@pytest.mark.parametrize("how", ["elsewhere", "short", "away"])
def test_a_journal_that_cannot_be_read_leaves_everybody_in_doubt(inside, three, how):
    campaign, people = three
    lease = claim_chunk(inside)
    if how == "short":
        lease.journal.path.write_bytes(bytes(3))
    if how == "away":
        lease.journal.path.unlink()
    put(
        leased_by="elsewhere.x" if how == "elsewhere" else own_name(),
        leased_until=database_now() - (timedelta(minutes=11) if how == "elsewhere" else SECOND),
    )

    assert reap_leases(inside) == 1

    assert rows_of(campaign.message) == dict.fromkeys(people, (State.IN_DOUBT, "killed"))
    assert RecipientChunk.objects.get().is_done
    assert Message.objects.get(pk=campaign.message_id).state == Message.State.SENT


def test_a_reaping_touches_only_rows_of_its_own_lease(inside, three):
    campaign, people = three
    lease = claim_chunk(inside)
    Delivery.objects.filter(contact=people[0]).update(state=State.SENT)
    Delivery.objects.filter(contact=people[1]).update(epoch=9)
    Delivery.objects.create(message=campaign.message, contact_id=people[2], occasion=5, state=State.SENDING, epoch=1)
    expire(lease)

    reap_leases(inside)

    rows = Delivery.objects.order_by("contact_id", "occasion").values_list("contact_id", "occasion", "state")
    assert list(rows) == [
        (people[0], 0, State.SENT), (people[1], 0, State.SENDING), (people[2], 0, State.QUEUED), (people[2], 5, State.SENDING),
    ]  # fmt: skip


def test_a_reaping_that_fails_leaves_the_lease_to_the_next(inside, three):
    lease = claim_chunk(inside)
    lease.journal.mark(0, "later")
    Delivery.objects.update(attempts=-5)  # nobody's step of the ladder
    expire(lease)

    with pytest.raises(IndexError):
        reap_leases(inside)

    assert RecipientChunk.objects.get().epoch == 1
    assert lease.journal.path.exists()
    Delivery.objects.update(attempts=1)
    assert reap_leases(inside) == 1


def test_a_journal_is_a_byte_a_slot_behind_its_poison(inside):
    journal = Journal.create(1, 2, 3, 5)
    for slot, name in enumerate(("later", "refused", "accepted", "about", "untouched")):
        journal.mark(slot, name)
    journal.poison()

    assert journal.path.name == "1-2-3.journal"
    assert journal.path.read_bytes() == bytes([1, 4, 3, 2, 1, 0])
    journal.close(forget=False)
    assert journal.path.exists()
    Journal(journal.path).close(forget=True)
    assert not journal.path.exists()


def test_when_there_is_something_to_send_again(inside, three):
    campaign, _people = three
    moment = timezone.now()
    soon, late = moment + timedelta(minutes=5), moment + timedelta(minutes=9)
    states = {}
    for state in Message.State.values:
        Message.objects.filter(pk=campaign.message_id).update(state=state)
        found = []
        for not_before, leased_until in ((None, None), (soon, None), (None, soon), (late, soon), (soon, late)):
            put(not_before=not_before, leased_until=leased_until)
            said = next_moment()
            found.append(said if said is None or said > moment + timedelta(minutes=1) else "now")
        put(is_done=True)
        assert next_moment() is None
        put(is_done=False)
        states[state] = found
    leased_only = [None, None, soon, late, late]
    assert states == {
        "draft": [None] * 5, "approved": [None] * 5, "scheduled": [None] * 5, "planning": [None] * 5, "sent": [None] * 5,
        "sending": ["now", soon, soon, late, late], "paused": leased_only, "cancelled": leased_only,
    }  # fmt: skip


def test_the_earliest_chunk_says_when(inside, monkeypatch):
    monkeypatch.setattr(planning, "CHUNK", 1)
    for _ in range(3):
        make_reader()
    planned(make_campaign(make_sender()))
    moment = timezone.now()
    for number, minutes in enumerate((9, 4, 6)):
        RecipientChunk.objects.filter(number=number).update(not_before=moment + timedelta(minutes=minutes))

    assert next_moment() == moment + timedelta(minutes=4)


def locks_of(action) -> list[str]:
    """Which rows a verb locks, in order, and how."""
    with CaptureQueriesContext(
        connection,
    ) as found:
        action()
    statements = [
        one["sql"] for one in found.captured_queries if " FOR " in one["sql"] and one["sql"].startswith("SELECT")
    ]
    return [
        one.split('FROM "')[1].split('"')[0].removeprefix("delivery_") + " " + one.rpartition(" FOR ")[2]
        for one in statements
        if 'FROM "delivery_' in one and one.rpartition(" FOR ")[2].split()[0] in {"UPDATE", "NO"}
    ]


def test_a_message_is_locked_before_its_chunks_and_never_keeps_deliveries_out(inside, three):
    campaign, _people = three
    message = campaign.message
    other = make_message(make_sender())
    standing = open_standing(approve(make_message(make_sender(), purpose="transactional", topic=None), by=None))
    lease = claim_chunk(inside)
    assert locks_of(lambda: approve(other, by=None)) == ["message NO KEY UPDATE"]
    assert locks_of(lambda: schedule(other, by=None)) == ["message NO KEY UPDATE"]
    assert locks_of(lambda: pause(message, by=None)) == ["message NO KEY UPDATE"]
    assert locks_of(lambda: resume(message, by=None)) == ["message NO KEY UPDATE"]
    assert locks_of(lambda: send_to_one(standing, Contact.objects.first(), occasion=3)) == ["message NO KEY UPDATE"]
    assert locks_of(lambda: finish_chunk(message.pk, lease.chunk_id, 1, {})) == [
        "message NO KEY UPDATE", "recipientchunk UPDATE",
    ]  # fmt: skip
    put(leased_until=database_now() - SECOND, leased_by=own_name(), is_done=False)
    assert locks_of(lambda: reap_leases(inside))[:2] == ["message NO KEY UPDATE", "recipientchunk UPDATE SKIP LOCKED"]
    assert locks_of(lambda: cancel(standing, by=None)) == ["message NO KEY UPDATE", "recipientchunk UPDATE"]
    assert locks_of(lambda: plan(ready(), ALL, {})) == ["message NO KEY UPDATE"]
    fresh = approve(make_message(make_sender(), purpose="transactional", topic=None), by=None)
    assert locks_of(lambda: open_standing(fresh)) == ["message NO KEY UPDATE"]


def test_messages_by_webhook_ask_for_its_channel(inside):
    message = make_message(make_webhook_sender("https://x.example/", new_secret(), channel="mobile"))

    assert ask_of(message).channel == Channel.MOBILE
    message.sender.kind = "pigeon"
    assert ask_of(message).channel == Channel.EMAIL
    message.sender = None
    assert ask_of(message).channel == Channel.EMAIL
