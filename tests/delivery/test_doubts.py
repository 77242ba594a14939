"""Recipients with unknown outcome: a person's word, an old Message-ID, what comes back, and when nobody will know."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery.bounces.inbound_mail import receive
from delivery.content.addressing import return_path
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import approve, resume
from delivery.engine.doubts import Fate, NotResendableError, closed_doubts, open_doubts, resolve_doubt, settle_by_sign
from delivery.engine.reaping import reap_leases
from delivery.engine.sending import send_due
from delivery.message_ids import MessageIds
from delivery.models import Delivery, Message, RecipientChunk
from delivery.transactional.messages import open_standing, send_to_one
from delivery.unsubscribing import note_complaint, unsubscribe
from lib.sql import run_text
from tests.delivery.rough_server import rough_server
from tests.factories.campaigns import again, make_campaign, make_message, make_sender, planned
from tests.factories.contacts import make_contact, make_reader
from touchpoints.models import Touchpoint
from workspaces.models import AuditEntry

State = Delivery.State


@pytest.fixture
def doubtful(inside, room):
    """A campaign to two readers that was sent, one of them with an outcome that nobody knows."""
    readers = [make_reader(), make_reader()]
    campaign = planned(make_campaign(make_sender(port=room.port)))
    send_due(inside)
    Delivery.objects.filter(contact=readers[0]).update(state=State.IN_DOUBT, sent_at=None, reason="in_flight")
    return again(campaign), Delivery.objects.get(contact=readers[0]), readers[0]


@pytest.mark.parametrize(
    ("fate", "state", "reason"), [(Fate.SENT, State.SENT, "resolved"), (Fate.LEAVE, State.IN_DOUBT, "left")]
)
def test_a_person_says_what_became_of_one_once(doubtful, ada, fate, state, reason):
    _campaign, row, _reader = doubtful

    assert resolve_doubt(row, fate, by=ada)
    assert not resolve_doubt(row, fate, by=ada)

    row.refresh_from_db()
    assert (row.state, row.reason, row.sent_at is not None) == (state, reason, fate == Fate.SENT)
    entry = AuditEntry.objects.get(action="delivery.resolved")
    assert (entry.actor_id, entry.target_id, entry.details) == (ada.pk, row.pk, {"fate": fate.value})


@pytest.mark.parametrize("how", ["a person", "a sign"])
def test_what_was_sent_after_all_is_a_fact_like_any_other(doubtful, ada, how):
    campaign, row, reader = doubtful
    Delivery.objects.filter(pk=row.pk).update(attempts=2)  # the fact of the fixture's own sending is of the first one
    row.refresh_from_db()
    before = set(Touchpoint.objects.values_list("pk", flat=True))

    for _ in range(2):
        if how == "a person":
            resolve_doubt(row, Fate.SENT, by=ada)
        else:
            settle_by_sign(campaign.message, reader)

    row.refresh_from_db()
    fact = Touchpoint.objects.exclude(pk__in=before).get()
    assert (fact.kind, fact.contact_id, fact.message_id) == (1, reader.pk, campaign.message_id)
    assert timedelta(0) <= row.sent_at - fact.occurred_at < timedelta(milliseconds=1)  # the ledger counts these


def test_sent_again_it_has_its_old_message_id(doubtful, inside, room, ada):
    campaign, row, reader = doubtful
    first = next(data for _from, to, data in room.letters if to == reader.email)

    assert resolve_doubt(row, Fate.RESEND, by=ada)
    campaign.message.refresh_from_db()
    assert (campaign.message.state, campaign.message.finished_at) == (Message.State.SENDING, None)
    send_due(inside)

    second = [data for _from, to, data in room.letters if to == reader.email][1]
    ids = [data.partition(b"Message-ID: ")[2].partition(b"\r\n")[0] for data in (first, second)]
    assert (
        ids == [MessageIds("kettle.example", campaign.workspace_id, campaign.message_id).of(reader.pk, 1).encode()] * 2
    )
    row.refresh_from_db()
    assert (row.state, row.attempts) == (State.SENT, 1)
    assert again(campaign).message.state == Message.State.SENT


def test_who_said_no_meanwhile_is_not_sent_to_again(doubtful, inside, room, ada):
    campaign, row, reader = doubtful
    count = len(room.letters)
    unsubscribe(reader, campaign.message)
    Delivery.objects.filter(pk=row.pk).update(state=State.IN_DOUBT)

    resolve_doubt(row, Fate.RESEND, by=ada)
    send_due(inside)

    row.refresh_from_db()
    assert (row.state, row.reason, len(room.letters)) == (State.EXCLUDED, "topic_off", count)


def test_nothing_of_a_cancelled_message_is_sent_again(doubtful, ada):
    campaign, row, _reader = doubtful
    Message.objects.filter(pk=campaign.message_id).update(state="cancelled")

    with pytest.raises(NotResendableError):
        resolve_doubt(row, Fate.RESEND, by=ada)

    row.refresh_from_db()
    assert row.state == State.IN_DOUBT
    assert not RecipientChunk.objects.filter(is_done=False).exists()


def stop_by_link(campaign, reader):
    unsubscribe(reader, campaign.message)


def complain(campaign, reader):
    note_complaint(reader, campaign.message)


def bounce(campaign, reader):

    to = return_path("returns.kettle.example", campaign.workspace_id, campaign.message_id, reader.pk)
    receive(
        f"Return-Path: <>\nTo: {to}\nSubject: Undelivered\nContent-Type: multipart/report; report-type=delivery-status;"
        f' boundary="b"\n\n--b\n\nno\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n'
        f"Final-Recipient: rfc822; {reader.email}\nAction: failed\nStatus: 5.1.1\n\n--b--\n".encode()
    )


@pytest.mark.parametrize("sign", [stop_by_link, complain, bounce])
def test_what_only_a_reader_can_send_back_settles_it(doubtful, sign):
    campaign, row, reader = doubtful

    sign(campaign, reader)

    row.refresh_from_db()
    assert (row.state, row.sent_at is not None) == (State.SENT, True)


def test_after_72_hours_it_stays_unknown(doubtful, ada):
    campaign, row, _reader = doubtful
    assert (list(open_doubts(campaign.message_id)), list(closed_doubts(campaign.message_id))) == ([row], [])

    Delivery.objects.filter(pk=row.pk).update(queued_at=timezone.now() - timedelta(hours=72, minutes=1))

    assert (list(open_doubts(campaign.message_id)), list(closed_doubts(campaign.message_id))) == ([], [row])


def test_what_is_left_alone_stays_unknown(doubtful, ada):
    campaign, row, _reader = doubtful

    resolve_doubt(row, Fate.LEAVE, by=ada)

    assert (list(open_doubts(campaign.message_id)), list(closed_doubts(campaign.message_id))) == ([], [row])


def test_the_evidence_names_the_connection(inside):
    make_reader()
    with rough_server(cuts=1, cut_at=100) as server:
        planned(make_campaign(make_sender(port=server.port)))
        send_due(inside)

    row = Delivery.objects.get()
    assert (row.state, row.reason) == (State.IN_DOUBT, "in_flight")
    assert row.answer.endswith("(connection 1 to 127.0.0.1)")


@pytest.fixture
def receipt(inside):
    """`receipt(port)`: a standing message that one person waits for."""

    def made(port: int, **facts) -> Message:
        given = {"purpose": "transactional", "topic": None} | facts
        return open_standing(approve(make_message(make_sender(port=port), **given), by=None))

    return made


def a_minute_later() -> None:
    """As if the moment had come at which those that wait are tried again."""
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(state=State.DEFERRED).update(not_before=past)
    RecipientChunk.objects.filter(is_done=False, leased_until=None).update(not_before=past)


def ids_of(letters) -> list[bytes]:
    return [data.partition(b"Message-ID: ")[2].partition(b"\n")[0].strip() for _to, data in letters]


@pytest.mark.parametrize("purpose", ["transactional", "confirmation"])
def test_what_one_person_waits_for_is_sent_again_under_its_message_id(inside, receipt, purpose):
    with rough_server(cuts=1, cut_at=100) as server:
        message, buyer = receipt(server.port, purpose=purpose), make_contact()
        chunk = send_to_one(message, buyer, occasion=7)
        before = timezone.now()
        send_due(inside)
        row = Delivery.objects.get()
        assert (row.state, row.reason, row.attempts, row.occasion) == (State.DEFERRED, "unknown", 0, 7)
        assert timedelta(minutes=1) <= row.not_before - before < timedelta(minutes=2)
        send_due(inside)
        assert server.letters == []  # its minute is not over

        a_minute_later()
        send_due(inside)
        letters = list(server.letters)

    row.refresh_from_db()
    assert (row.state, row.reason, row.attempts) == (State.SENT, "", 1)
    expected = MessageIds("kettle.example", inside.pk, message.pk).of(buyer.pk, 1, 7)
    assert ids_of(letters) == [expected.encode()]
    assert RecipientChunk.objects.exclude(pk=chunk.pk).get().is_done


def test_three_times_at_most_then_it_is_in_doubt_like_others(inside, receipt):
    with rough_server(cuts=9, cut_at=100) as server:
        message = receipt(server.port)
        send_to_one(message, make_contact(), occasion=1)
        for _ in range(5):
            send_due(inside)
            a_minute_later()
            message.refresh_from_db()
            if message.state == Message.State.PAUSED:  # three doubts in a row: somebody looks at the server
                resume(message, by=None)
        assert (server.cuts, server.letters) == (5, [])

    row = Delivery.objects.get()
    assert (row.state, row.reason, row.resends, row.attempts) == (State.IN_DOUBT, "in_flight", 3, 1)
    assert not RecipientChunk.objects.filter(is_done=False).exists()


def test_a_killed_worker_leaves_it_to_be_sent_again(inside, room, receipt):
    send_to_one(receipt(room.port), make_contact(), occasion=1)
    lease = claim_chunk(inside)
    lease.journal.mark(0, "about")
    run_text("UPDATE delivery_recipientchunk SET leased_until = clock_timestamp() - interval '1 s'")

    assert reap_leases(inside) == 1

    assert Delivery.objects.values_list("state", "reason", "attempts").get() == (State.DEFERRED, "unknown", 0)
    a_minute_later()
    send_due(inside)
    assert (Delivery.objects.get().state, len(room.letters)) == (State.SENT, 1)


def test_what_goes_to_many_is_never_sent_again_by_itself(inside):
    make_reader(), make_reader()
    with rough_server(cuts=1, cut_at=100) as server:
        planned(make_campaign(make_sender(port=server.port), purpose="transactional", topic=None))
        send_due(inside)

    assert Delivery.objects.filter(state=State.IN_DOUBT).count() == 1
    assert not Delivery.objects.filter(state=State.DEFERRED).exists()


def test_a_sign_of_its_reader_ends_the_waiting(inside, receipt, room):
    with rough_server(cuts=1, cut_at=100) as server:
        message, buyer = receipt(server.port), make_contact()
        send_to_one(message, buyer, occasion=1)
        send_due(inside)
        note_complaint(buyer, message)
        a_minute_later()
        send_due(inside)
        assert server.letters == []

    assert Delivery.objects.get().state == State.SENT
