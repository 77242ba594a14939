"""A sender whose server fails again and again rests, is tried again by one slot, and is well when that works."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import resume
from delivery.engine.sending import next_moment, send_due
from delivery.models import Delivery, Message, RecipientChunk, Sender
from delivery.pace.complaint_guard import guard_complaints
from delivery.senders import FIRST_REST, LONGEST_REST, MOST_FAILURES, note_health
from delivery.unsubscribing import note_complaint
from tests.factories.campaigns import again, make_campaign, make_message, make_sender, planned
from tests.factories.contacts import make_reader
from workspaces.current import working_in
from workspaces.models import Workspace


def rest_of(sender) -> float | None:
    row = Sender.objects.get(pk=sender.pk)
    return row.rests_until and (row.rests_until - timezone.now()).total_seconds()


def test_the_rest_begins_with_the_third_failure_and_doubles(inside):
    sender = make_sender()

    rests = []
    for _ in range(9):
        note_health(sender, "down")
        rests.append(rest_of(sender))

    assert rests[: MOST_FAILURES - 1] == [None, None]
    first, longest = FIRST_REST.total_seconds(), LONGEST_REST.total_seconds()
    wanted = [min(first * 2**n, longest) for n in range(7)]
    assert [round(one, -1) for one in rests[MOST_FAILURES - 1 :]] == wanted
    note_health(sender)
    sender.refresh_from_db()
    assert (sender.failures, sender.rests_until, sender.last_error) == (0, None, "")


def test_nothing_of_a_resting_sender_is_claimed_and_then_one_slot_tries(inside):
    sender = make_sender()
    message = make_message(sender)
    Message.objects.filter(pk=message.pk).update(state="sending", planned_count=3)
    for number in range(3):
        RecipientChunk.objects.create(message=message, number=number, contact_ids=[make_reader().pk])
    for _ in range(MOST_FAILURES):
        note_health(sender, "down")

    assert claim_chunk(inside) is None
    assert next_moment() == Sender.objects.get().rests_until
    Sender.objects.update(rests_until=timezone.now() - timedelta(seconds=1))
    assert claim_chunk(inside) is not None
    assert claim_chunk(inside) is None


def test_it_goes_on_by_itself_when_the_server_is_back(inside, room):
    readers = [make_reader()]
    sender = make_sender(port=1)
    messages = [planned(make_campaign(sender)).message for _ in range(5)]

    send_due(inside)

    states = list(Message.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["paused"] * 3 + ["sending"] * 2  # the others were not even tried
    assert Sender.objects.get().failures == MOST_FAILURES
    Sender.objects.update(
        rests_until=timezone.now() - timedelta(seconds=1), settings=sender.settings | {"port": room.port}
    )
    send_due(inside)
    assert list(Message.objects.order_by("pk").values_list("state", flat=True)) == ["paused"] * 3 + ["sent"] * 2
    resume(messages[0], by=None)
    send_due(inside)
    assert len(room.letters) == 3 * len(readers)


def test_being_asked_to_wait_is_no_failure(inside, room):
    reader = make_reader()
    room.refuse_data = {reader.email: "421 4.7.0 Too fast"}
    planned(make_campaign(make_sender(port=room.port)))

    send_due(inside)

    sender = Sender.objects.get()
    assert (sender.failures, sender.last_error) == (0, "421 4.7.0")


def test_the_page_says_that_it_rests(as_ada, kettle):
    with working_in(kettle):
        sender = make_sender()
        for _ in range(MOST_FAILURES):
            note_health(sender, "The mail server is down.")

    page = as_ada.get("/w/kettle/campaigns/senders/").text

    assert "Resting until" in page
    assert "The mail server is down." in page


@pytest.mark.parametrize(
    ("sent", "complaints", "state", "says"),
    [
        (1_000, 1, "sending", ""),  # one says nothing yet
        (3_000, 2, "sending", ""),
        (2_000, 2, "sending", "2 readers marked it as spam, 0.1 %. At 0.3 % it pauses."),
        (1_000, 3, "paused", "3 readers marked it as spam, 0.3 %: more would harm your sender."),
        (100, 2, "sending", "2 readers marked it as spam, 2.0 %. At 0.3 % it pauses."),
        (100, 3, "paused", "3 readers marked it as spam, 3.0 %: more would harm your sender."),
    ],
)
def test_complaints_warn_and_then_pause(inside, sent, complaints, state, says):
    reader, others = make_reader(), make_reader()
    campaign, moment = planned(make_campaign(make_sender())), timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            message=campaign.message,
            contact=others if number else reader,
            occasion=number,
            state=Delivery.State.SENT,
            complained_at=moment if 0 < number < complaints else None,
        )
        for number in range(sent)
    )

    note_complaint(reader, campaign.message)

    message = again(campaign).message
    assert (message.state, message.state_reason) == (state, says)


def test_the_figures_of_the_guard_are_written_as_the_team_writes_numbers(inside):
    inside.locale = "de"
    Workspace.objects.filter(pk=inside.pk).update(locale="de")
    reader = make_reader()
    campaign = planned(make_campaign(make_sender()))
    Delivery.objects.bulk_create(
        Delivery(message=campaign.message, contact=reader, occasion=number, state=Delivery.State.SENT)
        for number in range(40)
    )
    Delivery.objects.filter(occasion__lt=2).update(complained_at=timezone.now())

    guard_complaints(campaign.message)

    assert "5,0 %" in again(campaign).message.state_reason


def test_a_complaint_locks_its_message_before_it_writes_anything(inside):
    """As whoever finishes a chunk does: two that lock in another order each would wait for each other."""
    reader = make_reader()
    message = planned(make_campaign(make_sender())).message
    with CaptureQueriesContext(connection) as asked:
        note_complaint(reader, message)

    writes = [
        one["sql"] for one in asked if "FOR NO KEY UPDATE" in one["sql"] or one["sql"].lstrip().startswith("INSERT")
    ]
    assert '"delivery_message"' in writes[0]
    assert "FOR NO KEY UPDATE" in writes[0]
