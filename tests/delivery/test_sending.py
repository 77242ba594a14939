import re
from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.planning import plan_campaign, plan_due
from consent.consenting import give_consent, withdraw_consent
from consent.suppressing import is_suppressed, suppress
from contacts.editing import edit_contact
from contacts.models import Contact
from contacts.sharing import mark_shared
from delivery.engine.claiming import claim_chunk
from delivery.engine.controlling import WrongStateError, approve, cancel, pause, resume, schedule
from delivery.engine.finishing import Result, finish_chunk
from delivery.engine.planning import AlreadyPlannedError
from delivery.engine.sending import next_moment, send_due
from delivery.message_ids import MessageIds
from delivery.messengers.protocol import AskedToWaitError, ServerDownError
from delivery.messengers.smtp_client import Account, Smtp
from delivery.models import Delivery, Message, RecipientChunk
from delivery.senders import keep_secret
from lib.clock import now
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.delivery.test_planning_and_leases import night_zone
from tests.factories.campaigns import again, make_campaign, make_sender, planned, started
from tests.factories.contacts import letter, make_contact, make_reader
from touchpoints.models import Touchpoint

State = Delivery.State


def states(campaign) -> dict[str, int]:
    rows = Delivery.objects.filter(message=campaign.message).values_list("state", "reason")
    return dict(Counter(f"{State(state).name.lower()} {reason}".strip() for state, reason in rows))


def test_everybody_who_may_be_written_to_gets_one_letter(inside, sender, room, send):
    readers = [make_reader() for _ in range(5)]
    never_asked = make_contact()
    make_contact(email="")

    campaign = send(make_campaign(sender))

    assert room.counts == Counter({reader.email: 1 for reader in readers})
    assert states(campaign) == {"sent": 5, "excluded no_consent": 1, "excluded no_address": 1}
    assert (campaign.message.state, campaign.message.planned_count) == (Message.State.SENT, 7)
    assert Delivery.objects.get(contact=never_asked).reason == "no_consent"
    assert Touchpoint.objects.filter(kind=1, message_id=campaign.message_id).count() == 5
    assert list(sender.__class__.objects.values_list("last_error", flat=True)) == [""]


def test_the_letter_carries_its_headers_and_a_return_path(inside, sender, room, send):
    reader = make_reader("Greta Lind")

    campaign = send(make_campaign(sender))

    ((sender, address, data),) = room.letters
    head = data.partition(b"\r\n\r\n")[0].decode()
    assert address == reader.email
    assert sender.startswith("r-")
    assert sender.endswith("@returns.kettle.example")
    assert (
        f"Message-ID: {MessageIds('kettle.example', campaign.workspace_id, campaign.message_id).of(reader.pk, 1)}"
        in head
    )
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    assert "List-Unsubscribe: <http" in head
    assert "List-Id: Kettle & Co <letter.kettle.kettle.example>" in head
    assert "Precedence" not in head
    assert "Auto-Submitted" not in head


@pytest.mark.parametrize("pipelines", [True, False])
def test_one_refusal_stops_nobody_else(inside, sender, room, send, pipelines):
    room.pipelines = pipelines
    readers = [make_reader() for _ in range(6)]
    room.refuse = {readers[1].email: "550 5.1.1 No such mailbox", readers[2].email: "451 4.7.1 Greylisted"}
    room.refuse_data = {readers[3].email: "554 5.7.1 Looks like spam", readers[4].email: "452 4.2.2 Full"}

    campaign = send(make_campaign(sender))

    assert states(campaign) == {"sent": 2, "failed refused": 2, "deferred asked_to_wait": 2}
    assert is_suppressed(readers[1].email)
    assert not is_suppressed(readers[3].email)
    assert campaign.message.state == Message.State.SENDING
    assert next_moment() > timezone.now()


def test_the_deferred_get_it_later_with_another_message_id(inside, sender, room, send):
    reader = make_reader()
    room.refuse = {reader.email: "451 4.7.1 Greylisted"}
    campaign = send(make_campaign(sender))
    room.refuse = {}
    past = timezone.now() - timedelta(seconds=1)
    Delivery.objects.update(not_before=past)
    RecipientChunk.objects.filter(is_done=False).update(not_before=past)

    send_due(inside)

    campaign = again(campaign)
    assert states(campaign) == {"sent": 1}
    assert re.search(rb"\.2\.t[0-9a-f]{12}@kettle\.example>", room.letters[0][2])
    assert campaign.message.state == Message.State.SENT


def test_a_retry_that_is_not_due_is_left_alone(inside, sender, room, send):
    first, second = make_reader(), make_reader()
    room.refuse = {first.email: "451 4.7.1 Greylisted"}
    campaign = send(make_campaign(sender))
    RecipientChunk.objects.update(is_done=False, leased_until=None, not_before=None)
    room.refuse = {}

    send_due(inside)

    assert room.counts == {second.email: 1}
    assert states(campaign) == {"sent": 1, "deferred asked_to_wait": 1}


def test_after_five_tries_it_gives_up(inside, sender, room, send):
    reader = make_reader()
    room.refuse = {reader.email: "451 4.7.1 Greylisted"}
    campaign = send(make_campaign(sender))
    for _ in range(5):
        past = timezone.now() - timedelta(seconds=1)
        Delivery.objects.update(not_before=past)
        RecipientChunk.objects.filter(is_done=False).update(not_before=past)
        send_due(inside)

    assert states(campaign) == {"failed gave_up": 1}
    assert not is_suppressed(reader.email)


def test_a_server_that_is_down_pauses_and_loses_nobody(inside, send, room):
    reader = make_reader()
    campaign = send(make_campaign(make_sender(port=1)))

    assert campaign.message.state == Message.State.PAUSED
    assert "127.0.0.1:1 does not answer" in campaign.message.state_reason
    assert states(campaign) == {"queued": 1}

    campaign.message.sender.settings["port"] = room.port
    campaign.message.sender.save()
    resume(campaign.message, by=None)
    send_due(inside)

    assert room.counts == {reader.email: 1}
    assert states(campaign) == {"sent": 1}
    assert re.search(rb"\.1\.t[0-9a-f]{12}@kettle\.example>", room.letters[0][2])


def test_a_sender_that_is_refused_pauses_after_twenty(inside, sender, room, send):
    for _ in range(30):
        make_reader()
    room.refuse_sender = "550 5.7.1 Sender not allowed here"

    campaign = send(make_campaign(sender))

    assert campaign.message.state == Message.State.PAUSED
    assert campaign.message.state_reason == "The server refuses everybody (550 5.7.1)."
    assert states(campaign) == {"queued": 30}
    assert room.letters == []


def test_greylisting_everybody_pauses_nothing(inside, sender, room, send):
    readers = [make_reader() for _ in range(30)]
    room.refuse = {reader.email: "451 4.7.1 Greylisted" for reader in readers}

    campaign = send(make_campaign(sender))

    assert campaign.message.state == Message.State.SENDING
    assert states(campaign) == {"deferred asked_to_wait": 30}


def test_a_line_that_breaks_after_the_dot_leaves_one_in_doubt(inside, sender, room, send):
    readers = [make_reader() for _ in range(6)]
    room.drop_at = {3}

    campaign = send(make_campaign(sender))

    assert states(campaign) == {"sent": 5, "in_doubt in_flight": 1}
    assert max(room.counts.values()) == 1
    assert len(room.counts) == len(readers)


def test_421_waits_a_minute_and_goes_on(inside, sender, room, send):
    readers = [make_reader() for _ in range(3)]
    sender.settings |= {"connections": 1}
    sender.save()
    room.refuse_data = {readers[1].email: "421 4.7.0 Too fast"}

    campaign = send(make_campaign(sender))

    assert states(campaign) == {"sent": 1, "queued": 2}
    assert campaign.message.state == Message.State.SENDING
    assert "asked us to wait" in campaign.message.state_reason
    assert next_moment() > timezone.now() + timedelta(seconds=30)


def test_a_missing_field_keeps_the_letter_back_from_that_person_only(inside, sender, room, send):
    has, lacks = make_reader(city="Ulm"), make_reader()

    campaign = send(make_campaign(sender, body="In {{ contact.city }}"))

    assert states(campaign) == {"sent": 1, "excluded missing_field": 1}
    assert room.counts == {has.email: 1}
    assert Delivery.objects.get(contact=lacks).answer == "contact.city"


def test_one_address_is_written_to_once(inside, sender, room, send):
    first = make_reader(email="family@people.example")
    double = make_contact(email="")
    double.email = first.email
    double.save()

    campaign = send(make_campaign(sender))

    assert room.counts == {first.email: 1}
    assert states(campaign) == {"sent": 1, "excluded same_address": 1}


def test_who_says_no_between_planning_and_claiming_gets_nothing(inside, sender, room):
    gone, blocked, stays = make_reader(), make_reader(), make_reader()
    campaign = started(make_campaign(sender))
    plan_campaign(campaign)
    withdraw_consent(gone, topic=letter())
    suppress(blocked.email)

    send_due(inside)

    assert room.counts == {stays.email: 1}
    assert states(campaign) == {"sent": 1, "excluded topic_off": 1, "excluded blocked": 1}


def test_the_holdout_is_stable_and_only_for_offers(inside, sender, room, send):
    people = [make_reader() for _ in range(40)]
    asked = send(make_campaign(sender, holdout_percent=50))
    assert asked.message.held_count == 0
    from consent.consenting import give_consent

    for person in people:
        give_consent(person, topic=None, page="x")

    offers = make_campaign(sender, holdout_percent=50, purpose="marketing", topic=None)
    started(offers)
    plan_campaign(again(offers))
    offers = again(offers)

    assert 8 <= offers.message.held_count <= 32
    assert offers.message.planned_count == 40
    assert Delivery.objects.filter(message=offers.message, reason="holdout").count() == offers.message.held_count
    with pytest.raises(AlreadyPlannedError):
        plan_campaign(offers)


def test_states_only_step_where_they_may(inside, sender):
    campaign = make_campaign(sender)
    with pytest.raises(WrongStateError):
        schedule(campaign.message, by=None)
    approve(campaign.message, by=None)
    with pytest.raises(WrongStateError):
        approve(campaign.message, by=None)


def test_cancelling_accounts_for_everybody(inside, sender, room):
    for _ in range(4):
        make_reader()
    campaign = planned(make_campaign(sender))
    pause(campaign.message, by=None)
    cancel(campaign.message, by=None)

    send_due(inside)

    assert states(campaign) == {"cancelled": 4}
    assert room.letters == []


def test_a_moment_missed_by_hours_asks_first(inside, sender, room):
    make_reader()
    campaign = make_campaign(sender)
    schedule(approve(campaign.message, by=None), timezone.now() + timedelta(hours=1), by=None)
    Message.objects.update(scheduled_at=timezone.now() - timedelta(hours=5))

    plan_due(inside)

    campaign = again(campaign)
    assert campaign.message.state == Message.State.PAUSED
    assert room.letters == []


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_login_by_password(inside):
    room = Mailroom()
    controller = open_mailroom(room, login=("ann", "secret"))
    try:
        account = Account("127.0.0.1", controller.real_port, "none", "ann", "secret")
        Smtp(account).close()
        with pytest.raises(ServerDownError, match="does not accept our login"):
            Smtp(Account("127.0.0.1", controller.real_port, "none", "ann", "wrong"))
        with pytest.raises(ServerDownError, match="STARTTLS"):
            Smtp(Account("127.0.0.1", controller.real_port, "starttls", "ann", "secret"))
    finally:
        controller.stop()


@pytest.mark.filterwarnings("ignore:Requiring AUTH")
def test_a_sealed_password_is_used(inside, send):
    room = Mailroom()
    controller = open_mailroom(room, login=("ann", "secret"))
    try:
        make_reader()
        sender = make_sender(port=controller.real_port, username="ann")
        keep_secret(sender, "secret")
        send(make_campaign(sender))
        assert len(room.letters) == 1
    finally:
        controller.stop()


def test_a_greeting_that_says_later_is_no_failure():
    import socket
    import threading

    listener = socket.create_server(("127.0.0.1", 0))

    def answer():
        peer, _ = listener.accept()
        peer.sendall(b"421 4.3.2 Not now\r\n")
        peer.close()

    thread = threading.Thread(target=answer)
    thread.start()
    with pytest.raises(AskedToWaitError):
        Smtp(Account("127.0.0.1", listener.getsockname()[1], "none"))
    thread.join()
    listener.close()


def test_a_shared_address_is_written_to_once_and_the_report_says_why(inside, sender, room, send, ada):
    ann, ben = make_reader("Ann", email="info@people.example"), make_reader("Ben", email="")
    mark_shared(ann, ann.identities.get().pk, by=ada)
    edit_contact(ben, by=ada, email="info@people.example")

    campaign = send(make_campaign(sender))

    assert room.counts == {"info@people.example": 1}
    assert states(campaign) == {"sent": 1, "excluded same_address": 1}


@pytest.mark.parametrize("awake_count", [0, 2])
def test_who_is_asleep_when_it_goes_out_gets_it_in_the_morning(inside, sender, room, send, awake_count):
    """Held at the claim, and not by a server: the message stays open until they had theirs."""
    noon = "Etc/GMT" + f"{timezone.now().hour - 12:+d}"
    awake = [make_contact(zone=noon) for _ in range(awake_count)]
    asleep = [make_contact(zone=night_zone()) for _ in range(2)]
    for one in (*awake, *asleep):
        give_consent(one, topic=None, page="x")
    campaign = send(make_campaign(sender, purpose="marketing", topic=None))

    assert set(room.counts) == {one.email for one in awake}
    assert campaign.message.state == "sending"
    held = RecipientChunk.objects.get(message=campaign.message, is_done=False)
    assert held.contact_ids == [one.pk for one in asleep]
    assert held.not_before >= max(Delivery.objects.filter(contact__in=asleep).values_list("not_before", flat=True))

    Contact.objects.filter(pk__in=[one.pk for one in asleep]).update(zone=noon)
    earlier = timezone.now() - timedelta(minutes=1)
    Delivery.objects.filter(state=State.DEFERRED).update(not_before=earlier)
    RecipientChunk.objects.filter(pk=held.pk).update(not_before=earlier)
    for _ in range(2):
        send_due(inside)

    assert room.counts == Counter({one.email: 1 for one in (*awake, *asleep)})
    assert again(campaign).message.state == "sent"
    assert not RecipientChunk.objects.filter(is_done=False).exists()


def test_who_is_to_be_tried_soon_is_not_left_behind_by_a_resume(inside, sender, room, send):
    """Resuming opens their chunk at once: their own moments come with it, whatever lease had put them off."""
    reader = make_reader()
    room.refuse[reader.email] = "451 4.7.1 later"
    campaign = send(make_campaign(sender))
    due = now() + timedelta(seconds=115)  # their chunk opens at the minute after
    Delivery.objects.update(epoch=2, not_before=due)  # a chunk that had been given back before
    chunks = RecipientChunk.objects.filter(is_done=False)
    chunks.update(not_before=due.replace(second=0, microsecond=0) + timedelta(minutes=1))
    pause(campaign.message, by=None)
    room.refuse.clear()
    resume(campaign.message, by=None)
    for _ in range(2):
        send_due(inside)

    assert room.counts == {reader.email: 1}
    assert again(campaign).message.state == "sent"


def test_no_two_open_chunks_name_one_person(inside, sender):
    """A chunk that is given back names those who wait, and nobody who has a word or a chunk of their own."""
    people = [make_reader() for _ in range(4)]
    planned(make_campaign(sender))
    lease = claim_chunk(inside)
    ids = [one.pk for one in people]
    soon = timezone.now() + timedelta(hours=1)
    results = {
        ids[0]: Result(State.SENT, sent_at=timezone.now()),
        ids[1]: Result(State.DEFERRED, "asked_to_wait", not_before=soon),
        ids[2]: Result(State.QUEUED),
        ids[3]: Result(State.QUEUED),
    }
    assert finish_chunk(lease.message.pk, lease.chunk_id, lease.epoch, results)

    named = [one for chunk in RecipientChunk.objects.filter(is_done=False) for one in chunk.contact_ids]
    assert sorted(named) == sorted(ids[1:])
    lease.journal.close(forget=True)


def test_who_was_held_at_the_claim_is_cancelled_with_the_rest(inside, sender):
    asleep = make_contact(zone=night_zone())
    give_consent(asleep, topic=None, page="x")
    campaign = planned(make_campaign(sender, purpose="marketing", topic=None))
    lease = claim_chunk(inside)
    cancel(campaign.message, by=None)
    finish_chunk(lease.message.pk, lease.chunk_id, lease.epoch, {})

    row = Delivery.objects.get(contact=asleep)
    assert (row.state, row.not_before) == (State.CANCELLED, None)
    lease.journal.close(forget=True)
