"""A sender that warms up: how many leave a day, who goes first, what is never held, and what a claim costs for it."""

import threading
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from delivery.engine import planning
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import approve, cancel, pause, resume
from delivery.engine.finishing import Result, finish_chunk
from delivery.engine.sending import next_moment, send_due
from delivery.models import Delivery, Message, RecipientChunk, WarmUp
from delivery.pace.rationing import WARMING_UP, held_back, left_today, today_of, tomorrow_of
from delivery.pace.warming_up import end_warm_up, note_day, start_warm_up
from delivery.transactional.messages import open_standing, send_to_one
from engagement.models import Score
from lib.clock import now
from tests.factories.campaigns import again, make_campaign, make_message, make_sender, planned
from tests.factories.contacts import make_contact, make_reader
from tests.plans import explained
from workspaces.current import working_in

State = Delivery.State
TO_ANYBODY = {"purpose": "transactional", "topic": None}  # asks for no consent; to many it is no urgent email


def people(count: int, make=make_contact) -> list[int]:
    """So many, the most engaged first: the higher the number, the warmer."""
    made = [make().pk for _ in range(count)]
    Score.objects.filter(contact__in=made).delete()
    Score.objects.bulk_create([Score(contact_id=pk, heat=place) for place, pk in enumerate(made)])
    return made[::-1]


def warm(sender, *steps: int, days: int = 1) -> WarmUp:
    """A plan of just these steps."""
    plan = start_warm_up(sender, most=100, days_a_step=days, by=None)
    WarmUp.objects.filter(pk=plan.pk).update(steps=list(steps))
    return WarmUp.objects.get(pk=plan.pk)


def a_day_later() -> None:
    """As if tomorrow had come and gone past nine, and the plan had been looked at in the night between."""
    for plan in WarmUp.objects.all():
        if plan.day is not None:
            note_day(plan, plan.day, {})
            plan.day, plan.judged_on = plan.day - timedelta(days=1), plan.judged_on - timedelta(days=1)
            plan.save()
    waiting = RecipientChunk.objects.exclude(not_before=None)
    waiting.update(not_before=F("not_before") - timedelta(days=1, hours=15))


def sent_to() -> set[int]:
    return set(Delivery.objects.filter(state=State.SENT).values_list("contact_id", flat=True))


def waiting_chunks(message: Message) -> list[RecipientChunk]:
    return list(RecipientChunk.objects.filter(message=message, is_done=False).order_by("number"))


def test_a_campaign_goes_out_over_days_to_the_most_engaged_first(inside, sender, room):
    ranked = people(300)
    warm(sender, 50, 100, 200)
    campaign = planned(make_campaign(sender, **TO_ANYBODY))

    days = []
    for _day in range(3):
        before = sent_to()
        for _slice in range(3):
            send_due(inside)
        days.append(sent_to() - before)
        a_day_later()

    assert days == [set(ranked[:50]), set(ranked[50:150]), set(ranked[150:])]
    assert len(room.letters) == len(room.counts) == 300
    assert again(campaign).message.state == Message.State.SENT


def test_who_may_not_go_today_waits_until_nine_and_says_why(inside, sender):
    people(60)
    plan = warm(sender, 50, 100)
    campaign = planned(make_campaign(sender, **TO_ANYBODY))

    send_due(inside)

    (rest,) = waiting_chunks(campaign.message)
    assert (len(rest.contact_ids), rest.reason, rest.not_before) == (10, WARMING_UP, tomorrow_of(inside))
    local = rest.not_before.astimezone(ZoneInfo(inside.zone))
    assert (local.date(), local.hour) == (today_of(inside) + timedelta(days=1), 9)
    assert next_moment() == rest.not_before
    plan.refresh_from_db()
    assert (plan.taken_count, left_today(plan), held_back(campaign.message)) == (50, 0, 10)
    assert Delivery.objects.count() == 50


def test_every_campaign_of_the_sender_shares_its_day_and_no_other_sender_does(inside, sender, room):
    people(40)
    warm(sender, 50)
    for one in (sender, sender, make_sender(port=room.port)):
        planned(make_campaign(one, **TO_ANYBODY))

    send_due(inside)

    sent = Delivery.objects.filter(state=State.SENT)
    assert sent.filter(message__sender=sender).count() == 50
    assert sent.exclude(message__sender=sender).count() == 40
    assert RecipientChunk.objects.filter(is_done=False).exclude(reason=WARMING_UP).count() == 0


def test_what_somebody_waits_for_is_counted_and_never_held(inside, sender, room):
    people(3)
    plan = warm(sender, 2)
    planned(make_campaign(sender, **TO_ANYBODY))
    send_due(inside)
    receipt = open_standing(approve(make_message(sender, **TO_ANYBODY), by=None))

    send_to_one(receipt, Contact.objects.first(), occasion=1)
    send_due(inside)

    plan.refresh_from_db()
    assert (len(room.letters), plan.taken_count, left_today(plan)) == (3, 3, 0)


def test_those_whom_the_gate_leaves_out_take_nobodys_place(inside, sender):
    readers, strangers = people(60, make_reader), people(20)
    Score.objects.filter(contact__in=strangers).update(heat=1_000)  # the warmest of all said no
    plan = warm(sender, 50)
    planned(make_campaign(sender))

    for _slice in range(3):
        send_due(inside)

    assert sent_to() == set(readers[:50])
    plan.refresh_from_db()
    assert plan.taken_count == 50


def test_what_was_not_handed_over_counts_no_more_and_is_first_again(inside, sender):
    ranked = people(80)
    plan = warm(sender, 50)
    campaign = planned(make_campaign(sender, **TO_ANYBODY))
    lease = claim_chunk(inside)
    assert lease.contact_ids == ranked[:50]
    results = {one: Result(State.SENT if place < 30 else State.QUEUED) for place, one in enumerate(ranked[:50])}

    assert finish_chunk(campaign.message_id, lease.chunk_id, lease.epoch, results)

    plan.refresh_from_db()
    assert plan.taken_count == 30
    for _slice in range(3):
        send_due(inside)
    assert sent_to() == set(ranked[:50])
    plan.refresh_from_db()
    assert plan.taken_count == 50


def test_a_chunk_of_yesterday_gives_nothing_back_to_today(inside, sender):
    ranked = people(30)
    plan = warm(sender, 50)
    campaign = planned(make_campaign(sender, **TO_ANYBODY))
    lease = claim_chunk(inside)
    WarmUp.objects.update(day=today_of(inside) + timedelta(days=1), taken_count=7)

    finish_chunk(campaign.message_id, lease.chunk_id, lease.epoch, dict.fromkeys(ranked, Result(State.QUEUED)))

    plan.refresh_from_db()
    assert plan.taken_count == 7


def test_a_retry_whose_moment_has_not_come_is_not_brought_forward(inside, sender):
    ranked = people(60)
    warm(sender, 50)
    campaign = planned(make_campaign(sender, **TO_ANYBODY))
    lease = claim_chunk(inside)
    later = now() + timedelta(minutes=5)
    results = {one: Result(State.DEFERRED, "asked_to_wait", not_before=later) for one in ranked[:50]}

    finish_chunk(campaign.message_id, lease.chunk_id, lease.epoch, results)

    first, second = waiting_chunks(campaign.message)
    assert (first.contact_ids, first.not_before, first.reason) == (ranked[50:], None, "")
    assert (sorted(second.contact_ids), second.reason) == (sorted(ranked[:50]), "")
    assert second.not_before >= later


def test_who_ends_the_plan_lets_all_go_at_once(inside, sender, ada):
    people(80)
    warm(sender, 50)
    planned(make_campaign(sender, **TO_ANYBODY))
    send_due(inside)

    end_warm_up(sender, by=ada)
    send_due(inside)

    assert len(sent_to()) == 80


def test_pausing_and_cancelling_keep_the_sum(inside, sender):
    people(80)
    warm(sender, 50)
    campaign = planned(make_campaign(sender, **TO_ANYBODY))
    send_due(inside)

    resume(pause(campaign.message, by=None), by=None)
    assert held_back(campaign.message) == 30
    cancel(campaign.message, by=None)

    states = list(Delivery.objects.values_list("state", flat=True))
    assert (states.count(State.SENT), states.count(State.CANCELLED), len(states)) == (50, 30, 80)


def test_tomorrow_begins_where_the_workspace_is(inside, monkeypatch):
    inside.zone = "Pacific/Auckland"
    moment = datetime(2026, 3, 4, 12, 30, tzinfo=ZoneInfo("UTC"))  # 01:30 of the fifth there
    monkeypatch.setattr("delivery.pace.rationing.now", lambda: moment)

    assert today_of(inside).isoformat() == "2026-03-05"
    assert tomorrow_of(inside).isoformat() == "2026-03-06T09:00:00+13:00"


@pytest.mark.django_db(transaction=True)
def test_two_processes_at_once_never_exceed_the_day(kettle, monkeypatch):
    monkeypatch.setattr(planning, "CHUNK", 7)
    with working_in(kettle):
        for _ in range(100):
            make_contact()
        sender = make_sender()
        warm(sender, 50)
        planned(make_campaign(sender, **TO_ANYBODY))
    start = threading.Barrier(2)

    def work() -> None:
        start.wait()
        try:
            while True:
                with working_in(kettle):
                    lease = claim_chunk(kettle)
                if lease is None:
                    return
                results = {one.contact_id: Result(State.SENT, sent_at=now()) for one in lease.recipients}
                with working_in(kettle):
                    finish_chunk(lease.message.pk, lease.chunk_id, lease.epoch, results)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    with working_in(kettle):
        assert Delivery.objects.filter(state=State.SENT).count() == 50
        assert WarmUp.objects.get().taken_count == 50
        waiting = RecipientChunk.objects.filter(is_done=False)
        assert sum(len(one.contact_ids) for one in waiting) == 50
        assert set(waiting.values_list("reason", flat=True)) == {WARMING_UP}


def claim_queries(workspace) -> list[str]:
    with CaptureQueriesContext(connection) as found:
        assert claim_chunk(workspace) is not None
    return [one["sql"] for one in found.captured_queries]


@pytest.mark.parametrize("count", [2, 60])
def test_a_plan_costs_a_claim_one_statement(inside, sender, count):
    people(count)
    planned(make_campaign(sender, **TO_ANYBODY))
    planned(make_campaign(sender, **TO_ANYBODY))
    without = claim_queries(inside)
    warm(sender, 1_000)

    assert len(claim_queries(inside)) == len(without) + 1


def test_a_claim_with_a_plan_stays_a_look_by_key(inside, sender):
    people(2)
    warm(sender, 1)
    planned(make_campaign(sender, **TO_ANYBODY))
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    with explained(only="delivery_warmup") as plans:
        claim_chunk(inside)

    assert len(plans) == 2
    for plan in plans:
        walked = [node["Relation Name"] for node in plan.nodes if node["Node Type"] == "Seq Scan"]
        assert walked == []
        assert all("workspace_id" in node["Index Cond"] for node in plan.nodes if "Index Cond" in node)
