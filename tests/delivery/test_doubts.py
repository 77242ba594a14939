"""Recipients with unknown outcome: a person's word, an old Message-ID, what comes back, and when nobody will know."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery.content.addressing import return_path
from delivery.doubts import Fate, NotResendableError, closed_doubts, open_doubts, resolve_doubt, settle_by_sign
from delivery.inbound_mail import receive
from delivery.message_ids import MessageIds
from delivery.models import Delivery, Message, RecipientChunk
from delivery.sending import send_due
from delivery.unsubscribing import note_complaint, unsubscribe
from tests.delivery.rough_server import rough_server
from tests.factories.campaigns import again, make_campaign, make_sender, planned
from tests.factories.contacts import make_reader
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
