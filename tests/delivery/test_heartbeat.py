"""The heartbeat names whoever the gate may think otherwise of since the claim: everybody it refuses now for a no."""

import threading
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.changing import changed_since_params, changed_since_sql
from consent.consenting import give_consent, withdraw_consent
from consent.gate import verdicts
from consent.suppressing import suppress
from contacts.merging import link_all
from contacts.models import Contact, ContactFrequency, Identity
from delivery.engine import delivering
from delivery.engine.claiming import ask_of, claim_chunk
from delivery.engine.delivering import ChunkDelivery, _beat_sql
from delivery.engine.finishing import Result, finish_chunk
from delivery.models import Delivery, Message
from lib.clock import now
from lib.sql import run_text
from tests.backstage.dev.launching import wait_until
from tests.factories.campaigns import make_campaign, make_sender, planned
from tests.factories.contacts import letter, make_reader
from workspaces.current import current_workspace_id, working_in

State = Delivery.State


def mark() -> str:
    """A moment, as the claim takes it."""
    return str(run_text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text")[0][0])


def test_a_database_that_has_counted_past_32_bits_is_asked_as_well(inside):
    """Transactions are numbered in 64 bits, and what a row says of its writer has 32 of them."""
    one, asked_at = make_reader(), now()
    since = mark()

    assert named([one.pk], since, asked_at) == {one.pk}
    assert named([one.pk], str((1 << 32) + int(since)), asked_at) == {one.pk}


def wait_until_others_are_over() -> None:
    """Until nothing that runs on the server, of other tests too, is older than what was written so far."""
    ((before,),) = run_text("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::numeric")
    oldest = "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::numeric"
    assert wait_until(lambda: run_text(oldest)[0][0] >= before, 60)


def named(ids, since: str, asked_at) -> set[int]:
    params = changed_since_params(1, since, asked_at) | {"workspace": current_workspace_id(), "ids": list(ids)}
    return {row[0] for row in run_text(changed_since_sql("SELECT unnest(%(ids)s::bigint[]) AS id"), params)}


def pause_them(one):
    Contact.objects.filter(pk=one.pk).update(paused_until=timezone.now() + timedelta(days=3))


def want_nothing(one):
    Contact.objects.filter(pk=one.pk).update(contact_frequency=ContactFrequency.NOTHING)


def complain(one):
    Contact.objects.filter(pk=one.pk).update(complaint_since=timezone.now())


def erase(one):
    Contact.objects.filter(pk=one.pk).update(erased_at=timezone.now())


def lose_the_address(one):
    Contact.objects.filter(pk=one.pk).update(email="")


def block(one):
    suppress(one.email)


def bounce(one):
    suppress(one.email, reason="bounce")


def block_another_address(one):
    Identity.objects.create(contact=one, kind=Identity.Kind.EMAIL, value=f"second-{one.pk}@people.example")
    suppress(f"second-{one.pk}@people.example", reason="complaint")


def merge_with_who_refused(one):
    other = make_reader()
    withdraw_consent(other, topic=letter())
    link_all([(other.pk, one.pk)])


def withdraw(one):
    withdraw_consent(one, topic=letter())


def object_(one):
    withdraw_consent(one, topic=None)


def say_yes_again(one):
    give_consent(one, topic=letter(), page="x")


def nothing(_one):
    """This one stays as they are."""


NOES = [
    pause_them, want_nothing, complain, erase, lose_the_address, block, bounce, block_another_address,
    merge_with_who_refused, withdraw, object_,
]  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_whoever_the_gate_refuses_now_and_did_not_then_is_named(kettle):
    """Each thing that may happen, by itself and in any mixture.

    Others may be named, too: the oldest transaction of the whole server counts, that of other tests as well.
    """

    def holds(happened):
        with working_in(kettle):
            people = [make_reader() for _ in happened]
            sender, topic = make_sender(), letter()
        ids = [one.pk for one in people]
        with working_in(kettle):
            message = Message(sender=sender, topic=topic, purpose="subscribed")
            ask, since, asked_at = ask_of(message), mark(), now()
            assert all(one.allowed for one in verdicts(ask, ids).values())
        for one, action in zip(people, happened, strict=True):
            with working_in(kettle):
                action(one)
        with working_in(kettle):
            found, judged = named(ids, since, asked_at), verdicts(ask, ids)
            refused = {one for one in ids if one not in judged or not judged[one].allowed}
        assert refused <= found
        assert refused == {one.pk for one, action in zip(people, happened, strict=True) if action in NOES}

    holds([*NOES, say_yes_again, nothing, nothing])

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.lists(st.sampled_from([*NOES, say_yes_again, nothing]), min_size=1, max_size=6))
    def in_any_mixture(happened):
        holds(happened)

    in_any_mixture()


@pytest.mark.django_db(transaction=True)
def test_a_no_written_before_the_claim_and_committed_after_it_is_named(kettle):
    with working_in(kettle):
        people = [make_reader(), make_reader(), make_reader()]
        block_address = people[1].email
    written, claimed = threading.Event(), threading.Event()

    def say_no():
        try:
            with working_in(kettle):
                withdraw_consent(people[0], topic=letter())
                suppress(block_address)
                written.set()
                assert claimed.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=say_no)
    thread.start()
    assert written.wait(30)
    with working_in(kettle):
        since, asked_at = mark(), now()
        before = named([one.pk for one in people], since, asked_at)
    claimed.set()
    thread.join()

    with working_in(kettle):
        assert named([one.pk for one in people], since, asked_at) >= {people[0].pk, people[1].pk}
    assert before <= {one.pk for one in people}


@pytest.mark.django_db(transaction=True)
def test_the_gate_is_asked_about_those_named_again_and_again_and_about_all_now_and_then(
    kettle, monkeypatch, django_assert_num_queries
):
    asked, at = [], [1000.0]

    def gate(ask, ids):
        asked.append(list(ids))
        return verdicts(ask, ids)

    with working_in(kettle):
        one, two, three = (make_reader().pk for _ in range(3))
        planned(make_campaign(make_sender()))
    monkeypatch.setattr(delivering, "verdicts", gate)
    monkeypatch.setattr(delivering, "time", SimpleNamespace(monotonic=lambda: at[0]))
    wait_until_others_are_over()
    with working_in(kettle):
        lease = claim_chunk(kettle)
    chunk = ChunkDelivery(lease, at[0] + 20, 9, beaten_at=at[0], asked_at=at[0], asked_all_at=at[0])

    def beat_after(seconds):
        at[0] += seconds
        chunk.beat()

    assert "%(contacts)s" not in _beat_sql()
    with django_assert_num_queries(4):  # BEGIN, the workspace, the beat, COMMIT
        beat_after(0.3)
    assert asked == []
    with working_in(kettle):
        Contact.objects.filter(pk=two).update(zone="Europe/Rome")
    for _ in range(6):
        beat_after(0.3)
    assert asked == [[two], [two]]  # named six times: at once, and again when 0.8 s had gone
    beat_after(8)
    assert asked[2:] == [[one, two, three]]
    lease.journal.close(forget=True)


@pytest.mark.django_db(transaction=True)
def test_nobody_is_looked_at_again_who_has_a_result(kettle, monkeypatch):
    """A heartbeat costs as much as there are people left: those before the first of them are not looked up."""
    seen, at = list[list[int]](), [1000.0]
    with working_in(kettle):
        people = [make_reader().pk for _ in range(4)]
        planned(make_campaign(make_sender()))
    wait_until_others_are_over()
    with working_in(kettle):
        lease = claim_chunk(kettle)
    monkeypatch.setattr(delivering, "time", SimpleNamespace(monotonic=lambda: at[0]))
    chunk = ChunkDelivery(lease, at[0] + 20, 9, beaten_at=at[0], asked_at=at[0], asked_all_at=at[0])
    monkeypatch.setattr(chunk, "_ask_about", lambda named, _moment: seen.append(sorted(named)))
    with working_in(kettle):
        Contact.objects.filter(pk__in=people).update(zone="Europe/Rome")

    for done in ((), (people[0], people[2]), (people[1],), (people[3],)):
        chunk.results |= dict.fromkeys(done, Result(State.SENT))
        at[0] += 0.3
        chunk.beat()

    assert seen == [people, people[1:], people[3:], []]
    assert chunk.is_ours
    assert chunk.goes_on
    lease.journal.close(forget=True)


def test_a_result_is_written_where_its_row_is(inside):
    """HOT: no index of a delivery is written a second time when its result is known, with a server's usual answer."""
    people = [make_reader().pk for _ in range(120)]
    planned(make_campaign(make_sender()))
    lease = claim_chunk(inside)
    answer = "250 2.0.0 Ok: queued as 4bJ2Wl3Q7Kz9VtXn, delivered by mx1"
    updated = "SELECT pg_stat_get_xact_tuples{hot}_updated('delivery_delivery'::regclass)"
    before = [run_text(updated.format(hot=hot))[0][0] for hot in ("", "_hot")]

    sent = Result(State.SENT, answer=answer, sent_at=now())
    assert finish_chunk(lease.message.pk, lease.chunk_id, lease.epoch, dict.fromkeys(people, sent))

    everything, hot = (
        run_text(updated.format(hot=hot))[0][0] - earlier for hot, earlier in zip(("", "_hot"), before, strict=True)
    )
    assert everything == len(people)
    assert hot >= 0.95 * everything
