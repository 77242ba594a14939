"""Opens, clicks, bounces, complaints, a stop: which rows each changes, to what, and which it leaves alone."""

from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from django.db.utils import Error
from django.utils import timezone

from consent.consenting import give_consent, newest_word
from consent.models import Consent, Suppression
from consent.suppressing import is_suppressed
from contacts.channels import Channel
from contacts.merging import link_all
from contacts.models import Contact, Identity
from delivery.bounces.inbound_mail import Effect, receive
from delivery.content.addressing import return_path
from delivery.message_ids import MessageIds
from delivery.models import Delivery, Message, TrackedLink
from delivery.tracking.measuring import people_measured
from delivery.tracking.taking import take_clicks, take_opens
from delivery.unsubscribing import note_complaint, unsubscribe
from tests.delivery.test_bounce_words import about, part, report, status
from tests.factories.campaigns import make_message, make_sender
from tests.factories.contacts import letter, make_contact, make_reader
from touchpoints.models import Touchpoint
from workspaces.current import working_in
from workspaces.tracking_mode import TrackingMode

State = Delivery.State
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"
PROXY, CURL = "GoogleImageProxy", "curl/8"
NOON = (timezone.now() - timedelta(days=1)).replace(minute=30, second=0, microsecond=0)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.fixture
def got(inside):
    """Greta got a message an hour before noon."""
    reader, message = make_reader("Greta Lind"), make_message()
    Delivery.objects.create(message=message, contact=reader, state=State.SENT, sent_at=at(-60), address=reader.email)
    return message, reader


def item(got, minutes: float, link=None, *, agent=FIREFOX, head=False, **more):
    message, reader = got
    found = {"message": message.pk, "contact": reader.pk, "at": at(minutes).isoformat(), "agent": agent, "head": head}
    return found | ({} if link is None else {"link": link}) | more


def signs() -> dict[str, datetime]:
    names = ("opened_at", "clicked_at", "unsure_opened_at", "machine_opened_at")
    return {name: moment for name, moment in Delivery.objects.values(*names).get().items() if moment}


@pytest.mark.parametrize(
    ("opens", "clicks", "noted"),
    [
        ([(1, FIREFOX)], [], {"opened_at": 1}),
        ([(5, FIREFOX), (2, FIREFOX), (9, FIREFOX)], [], {"opened_at": 2}),
        ([(1, PROXY), (3, PROXY)], [], {"unsure_opened_at": 1}),
        ([(1, CURL), (3, CURL)], [], {"machine_opened_at": 1}),
        ([(1, CURL), (2, PROXY), (3, FIREFOX)], [], {"machine_opened_at": 1, "unsure_opened_at": 2, "opened_at": 3}),
        # a person's click is an open too; a machine's or a doubtful one is no click
        ([], [(4, FIREFOX), (6, FIREFOX)], {"opened_at": 4, "clicked_at": 4}),
        ([(1, FIREFOX)], [(4, FIREFOX)], {"opened_at": 1, "clicked_at": 4}),
        ([], [(4, CURL)], {"machine_opened_at": 4}),
        ([], [(4, PROXY)], {"unsure_opened_at": 4}),
    ],
)
def test_first_moments_are_noted_by_their_certainty(inside, got, opens, clicks, noted):
    for order in (1, -1):
        Delivery.objects.update(opened_at=None, clicked_at=None, unsure_opened_at=None, machine_opened_at=None)
        for minutes, agent in opens[::order]:
            take_opens(inside, [item(got, minutes, agent=agent)])
        for minutes, agent in clicks[::order]:
            take_clicks(inside, [item(got, minutes, 1, agent=agent)])
        one_by_one = signs()
        Delivery.objects.update(opened_at=None, clicked_at=None, unsure_opened_at=None, machine_opened_at=None)
        if opens:
            take_opens(inside, [item(got, minutes, agent=agent) for minutes, agent in opens])
        if clicks:
            take_clicks(inside, [item(got, minutes, 1, agent=agent) for minutes, agent in clicks])
        assert one_by_one == signs() == {name: at(minutes) for name, minutes in noted.items()}


@pytest.mark.parametrize("agent", [FIREFOX, PROXY, CURL])
def test_a_sign_proves_that_one_in_doubt_was_sent(inside, got, agent):
    Delivery.objects.update(state=State.IN_DOUBT, sent_at=None)
    take_opens(inside, [item(got, 7, agent=agent), item(got, 5, agent=agent)])

    assert Delivery.objects.values_list("state", "sent_at").get() == (State.SENT, at(5))


@pytest.mark.parametrize("state", [State.FAILED, State.EXCLUDED, State.SENT, State.CANCELLED, State.DEFERRED])
def test_a_sign_changes_no_other_state(inside, got, state):
    Delivery.objects.update(state=state)
    other = Delivery.objects.create(message=make_message(), contact=got[1], state=State.IN_DOUBT)
    third = Delivery.objects.create(message=got[0], contact=make_reader(), state=State.IN_DOUBT)

    take_opens(inside, [item(got, 5)])

    row = Delivery.objects.get(message=got[0], contact=got[1])
    assert (row.state, row.sent_at, row.opened_at) == (state, at(-60), at(5))
    for one in (other, third):
        one.refresh_from_db()
        assert (one.state, one.opened_at) == (State.IN_DOUBT, None)


def test_one_fact_a_minute_and_link(inside, got):
    message, reader = got
    take_opens(inside, [item(got, 0), item(got, 0.9), item(got, 1), item(got, 1.5, agent=CURL)])
    take_clicks(inside, [item(got, 3, 1), item(got, 3.5, 1), item(got, 3.6, 2), item(got, 4, 1), item(got, 30, 999)])

    minute = int(at(0).timestamp()) // 60
    facts = Touchpoint.objects.filter(kind__in=[3, 4]).order_by("occurred_at")
    assert [(one.external_id, one.certainty, one.payload, one.occurred_at) for one in facts] == [
        (f"opened:{reader.pk}:{minute}:0", 0, {"reason": ""}, at(0)),
        (f"opened:{reader.pk}:{minute + 1}:0", 0, {"reason": ""}, at(1)),
        (f"opened:{reader.pk}:{minute + 1}:2", 2, {"reason": "scanner"}, at(1.5)),
        (f"clicked:{reader.pk}:1:{minute + 3}:0", 0, {"reason": "", "link": 1}, at(3)),
        (f"clicked:{reader.pk}:2:{minute + 3}:0", 0, {"reason": "", "link": 2}, at(3.6)),
        (f"clicked:{reader.pk}:1:{minute + 4}:0", 0, {"reason": "", "link": 1}, at(4)),
    ]
    assert {(one.message_id, one.contact_id) for one in facts} == {(message.pk, reader.pk)}


def test_the_links_of_a_message_tell_what_every_link_is(inside, got):
    for number in (1, 2):
        TrackedLink.objects.create(message=got[0], number=number, url="https://k.example/")
    for number in (1, 2, 3):
        TrackedLink.objects.create(message=make_message(), number=number, url="https://k.example/")

    take_clicks(inside, [item(got, 0, 1), item(got, 0.01, 2)])

    assert set(Touchpoint.objects.filter(kind=4).values_list("certainty", "payload__reason")) == {(2, "every_link")}
    assert set(signs()) == {"machine_opened_at"}


def test_two_messages_in_one_batch_keep_their_own_facts(inside, got):
    other = make_message()
    Delivery.objects.create(message=other, contact=got[1], state=State.SENT, sent_at=at(-60))

    take_opens(
        inside, [item(got, 1), item((other, got[1]), 2), item(got, 3, message=999_999), item(got, 4, contact=999_999)]
    )

    facts = Touchpoint.objects.filter(kind=3).order_by("occurred_at")
    assert list(facts.values_list("message_id", "occurred_at")) == [(got[0].pk, at(1)), (other.pk, at(2))]
    moments = dict(Delivery.objects.values_list("message_id", "opened_at"))
    assert moments == {got[0].pk: at(1), other.pk: at(2)}


def test_what_nobody_got_is_no_sign(inside, got):
    before = Touchpoint.objects.count()
    Delivery.objects.all().delete()

    take_opens(inside, [item(got, 1)])
    take_opens(inside, [])

    assert Touchpoint.objects.count() == before


def test_a_sign_without_a_readable_moment_is_now(inside, got):
    before = timezone.now()

    take_opens(inside, [item(got, 1, at="some day")])

    assert before <= signs()["opened_at"] <= timezone.now()


def test_who_is_measured(inside, django_assert_num_queries):
    people = [make_contact() for _ in range(7)]
    fine, unwilling, erased, merged, survivor_no, loser_no, stays = people
    Contact.objects.filter(pk__in=[unwilling.pk, survivor_no.pk]).update(is_profiled=False)
    Contact.objects.filter(pk=erased.pk).update(erased_at=timezone.now())
    link_all([(merged.pk, survivor_no.pk), (loser_no.pk, stays.pk)])
    Contact.objects.filter(pk=loser_no.pk).update(is_profiled=False)
    Contact.objects.filter(pk=stays.pk).update(is_profiled=True)
    wanted = [one.pk for one in people]

    with django_assert_num_queries(1):
        assert people_measured(wanted) == {fine.pk, stays.pk}
    inside.mail_tracking = TrackingMode.NONE
    with django_assert_num_queries(0):
        assert people_measured(wanted) == set()
        inside.mail_tracking = TrackingMode.FULL
        assert people_measured([]) == set()


def no(reader):
    return newest_word(reader, topic=letter()).state == Consent.State.WITHDRAWN


def test_a_stop_holds_for_its_topic_and_leaves_its_proof(inside, got):
    message, reader = got
    give_consent(reader, topic=None, page="x")
    other = Delivery.objects.create(message=make_message(), contact=reader, state=State.SENT)
    third = Delivery.objects.create(message=message, contact=make_reader(), state=State.SENT)
    before = timezone.now()

    unsubscribe(reader, message, ip="192.0.2.7", agent="Mail/1")
    first = Delivery.objects.get(message=message, contact=reader).unsubscribed_at
    unsubscribe(reader, message)

    word = newest_word(reader, topic=letter())
    fact = Touchpoint.objects.get(kind=6)
    assert (word.state, word.source, word.ip, word.agent) == (
        Consent.State.WITHDRAWN,
        f"message {message.pk}",
        "192.0.2.7",
        "Mail/1",
    )
    assert str(word.touchpoint_id) == str(fact.pk)
    assert (fact.external_id, fact.payload, fact.message_id) == (
        f"unsubscribed:{reader.pk}",
        {"everything": False},
        message.pk,
    )
    assert newest_word(reader, topic=None).state == Consent.State.GIVEN
    assert not is_suppressed(reader.email)
    assert before <= first <= timezone.now()
    assert Delivery.objects.get(message=message, contact=reader).unsubscribed_at == first
    assert Delivery.objects.filter(pk__in=[other.pk, third.pk]).exclude(unsubscribed_at=None).count() == 0


def test_a_stop_of_everything_ends_everything(inside, got):
    message, reader = got
    unsubscribe(reader, message, everything=True)

    assert (is_suppressed(reader.email), no(reader)) == (True, True)
    assert Touchpoint.objects.get(kind=6).payload == {"everything": True}


def test_a_stop_that_cannot_be_proved_changes_nothing(inside, got):
    message, reader = got
    with pytest.raises((Error, ValueError)):
        unsubscribe(reader, message, ip="x" * 100)

    assert Touchpoint.objects.filter(kind=6).count() == 0
    assert not no(reader)


def test_a_complaint_ends_everything_of_the_person_behind(inside, got):
    message, reader = got
    twin = make_reader("Greta L.")
    link_all([(reader.pk, twin.pk)])
    third = Delivery.objects.create(message=message, contact=make_reader(), state=State.SENT)
    before = timezone.now()

    for _ in range(2):
        note_complaint(Contact.objects.get(pk=twin.pk), message)

    Delivery.objects.create(message=message, contact=twin, state=State.SENT)
    note_complaint(Contact.objects.get(pk=twin.pk), message)
    assert {is_suppressed(one.email) for one in (reader, twin)} == {True}
    rows = set(Suppression.objects.filter(reason="complaint").values_list("source", "channel"))
    assert rows == {(f"message {message.pk}", Channel.EMAIL)}
    assert Touchpoint.objects.filter(kind=7).values_list("external_id", "payload").get() == (
        f"complained:{twin.pk}",
        {},
    )
    row = Delivery.objects.get(message=message, contact=twin)
    assert before <= row.complained_at <= timezone.now()
    note_complaint(Contact.objects.get(pk=twin.pk), message)
    assert Delivery.objects.get(pk=row.pk).complained_at == row.complained_at
    third.refresh_from_db()
    assert third.complained_at is None
    word = newest_word(twin, topic=None)
    assert (word.state, word.source) == (Consent.State.WITHDRAWN, f"message {message.pk}")


def test_a_complaint_is_all_or_nothing(inside, got):
    message, reader = got
    message.name = None

    with pytest.raises((Error, ValueError, TypeError, AttributeError)):
        note_complaint(reader, message)

    assert not is_suppressed(reader.email)


def back(got, code="5.1.1", diagnostic="smtp; 550 sorry", *, to="To", more="") -> bytes:
    message, reader = got
    address = return_path("r.example", message.workspace_id, message.pk, reader.pk)
    head = f"From: MAILER-DAEMON@mx.example\n{to}: {address}\nSubject: Undelivered Mail\n"
    return report(status(about("a@x.example", code=code, diagnostic=diagnostic)), more, head=head)


def row_of(got) -> Delivery:
    return Delivery.objects.get(message=got[0], contact=got[1])


def test_a_hard_bounce_is_a_dead_address_a_fact_and_an_answer(inside, got):
    message, reader = got
    Delivery.objects.update(address="old@people.example", answer="250 ok")
    before = timezone.now()

    effect = receive(back(got))

    assert (effect.workspace_id, effect.message_id, effect.contact_id) == (inside.pk, message.pk, reader.pk)
    assert (is_suppressed("old@people.example"), is_suppressed(reader.email)) == (True, False)
    assert list(Suppression.objects.values_list("reason", "source")) == [("bounce", f"message {message.pk}")]
    row = row_of(got)
    assert (row.state, row.answer, row.sent_at) == (State.SENT, "5.1.1 550 sorry", at(-60))
    assert before <= row.bounced_at <= timezone.now()
    fact = Touchpoint.objects.get(kind=5)
    assert (fact.external_id, fact.message_id) == (f"bounced:{reader.pk}:returned:hard", message.pk)
    assert fact.payload == {"hard": True, "status": "5.1.1", "answer": "550 sorry"}
    receive(back(got))
    assert row_of(got).bounced_at == row.bounced_at


def test_without_an_address_on_the_row_all_of_the_persons_are_dead(inside, got):
    _message, reader = got
    Identity.objects.create(contact=reader, kind=Identity.Kind.EMAIL, value="second@people.example")
    Delivery.objects.update(address="")

    receive(back(got))

    assert (is_suppressed(reader.email), is_suppressed("second@people.example")) == (True, True)


def test_a_soft_bounce_is_noted_and_nothing_more(inside, got):
    Delivery.objects.update(answer="250 ok")

    receive(back(got, "5.2.2", "smtp; " + "x" * 400))

    row = row_of(got)
    assert (row.bounced_at, row.answer) == (None, ("5.2.2 " + "x" * 300)[:300])
    assert Suppression.objects.count() == 0
    assert Touchpoint.objects.get(kind=5).payload["hard"] is False


def test_a_soft_bounce_that_is_read_again_is_of_the_day_it_came_back(inside, got):
    Delivery.objects.update(queued_at=at(-60))
    raw = f"Date: {format_datetime(at(-5))}\n".encode() + back(got, "5.2.2")

    for _time in range(2):
        receive(raw)  # whenever that is
        assert row_of(got).soft_bounced_at == at(-5)


@pytest.mark.parametrize(
    ("said", "noted"),
    [("Thu, 1 Jan 1970 00:00:00 +0000", -60), ("Mon, 99 Foo 9999", None), ("1 Jan 2199 00:00:00 +0000", None)],
)
def test_a_clock_that_cannot_be_right_dates_no_bounce(inside, got, said, noted):
    Delivery.objects.update(queued_at=at(-60))
    before = timezone.now()

    receive(f"Date: {said}\n".encode() + back(got, "5.2.2"))

    moment = row_of(got).soft_bounced_at
    assert moment == at(noted) if noted else before <= moment <= timezone.now()


@pytest.mark.parametrize(
    ("state", "answer", "after"),
    [
        (State.FAILED, "451 later", "451 later"),
        (State.SENT, "", "5.1.1 550 sorry"),
        (State.SENT, "250 x", "5.1.1 550 sorry"),
    ],
)
def test_what_a_server_refused_at_once_keeps_its_answer(inside, got, state, answer, after):
    Delivery.objects.update(state=state, answer=answer)
    receive(back(got))
    assert row_of(got).answer == after


@pytest.mark.parametrize("code", ["5.1.1", "5.2.2"])
def test_a_bounce_proves_that_one_in_doubt_had_left(inside, got, code):
    Delivery.objects.update(state=State.IN_DOUBT, sent_at=None)
    other = Delivery.objects.create(message=got[0], contact=make_reader(), state=State.IN_DOUBT)
    before = timezone.now()

    receive(back(got, code))

    assert row_of(got).state == State.SENT
    assert before <= row_of(got).sent_at
    other.refresh_from_db()
    assert other.state == State.IN_DOUBT


@pytest.mark.parametrize("name", ["Delivered-To", "X-Original-To", "Envelope-To", "To", "DELIVERED-TO"])
def test_the_return_path_is_found_where_mail_servers_write_it(kettle, inside, got, name):
    for raw in (back(got, to=name), back(got, to=name).replace(b"\n", b"\r\n")):
        assert receive(raw).contact_id == got[1].pk


def test_a_return_path_in_the_text_or_forged_names_nobody(inside, got):
    raw = back(got).replace(b"To:", b"X-Other:")
    assert receive(raw) == Effect(receive(raw).returned)
    assert receive(back(got).replace(b"To: r-", b"To: r-a")).contact_id is None
    assert receive(raw.replace(b"X-Other:", b"Subject: x\n\nTo:")).contact_id is None
    assert Suppression.objects.count() == 0


def test_a_delivered_to_stands_before_a_to(inside, got):
    message, reader = got
    other = make_reader()
    to = return_path("r.example", message.workspace_id, message.pk, other.pk).encode()
    raw = back(got).replace(b"Subject:", b"Delivered-To: nobody@r.example\nDelivered-To: " + to + b"\nSubject:", 1)

    assert receive(raw).contact_id == other.pk
    assert reader.pk != other.pk


def test_without_a_return_path_the_enclosed_email_names_the_reader(inside, got, kettle):
    message, reader = got
    enclosed = part(
        "text/rfc822-headers",
        f"Message-ID: {MessageIds('kettle.example', message.workspace_id, message.pk).of(reader.pk, 1)}",
    )
    raw = back(got, more=enclosed).replace(b"\nTo: ", b"\nX-Other: ")

    assert receive(raw).contact_id is None
    assert row_of(got).bounced_at is None
    found = receive(raw, workspace=kettle)
    assert (found.workspace_id, found.message_id, found.contact_id) == (kettle.pk, message.pk, reader.pk)
    assert row_of(got).bounced_at is not None
    assert receive(raw.replace(b"Message-ID", b"Other-ID"), workspace=kettle).contact_id is None
    # a return path counts more than what is enclosed
    other = make_reader()
    to = return_path("r.example", message.workspace_id, message.pk, other.pk).encode()
    assert receive(raw.replace(b"Subject:", b"To: " + to + b"\nSubject:", 1), workspace=kettle).contact_id == other.pk


def test_a_workspace_or_a_person_that_is_gone_takes_no_effect(inside, got):
    message, reader = got
    stranger = return_path("r.example", 999_999, message.pk, reader.pk).encode()
    gone = return_path("r.example", message.workspace_id, message.pk, 999_999).encode()
    lost = return_path("r.example", message.workspace_id, 999_999, reader.pk).encode()
    before = Touchpoint.objects.count()
    own = return_path("r.example", message.workspace_id, message.pk, reader.pk).encode()

    assert receive(back(got).replace(own, stranger)).workspace_id is None
    assert receive(back(got).replace(own, gone)).contact_id == 999_999
    assert receive(back(got).replace(own, lost)).message_id == 999_999
    assert (Touchpoint.objects.count(), Suppression.objects.count()) == (before, 0)


def test_an_opt_out_in_the_readers_name_is_a_stop_and_no_complaint(inside, got):
    message, reader = got
    to = return_path("r.example", message.workspace_id, message.pk, reader.pk)
    raw = f"From: Greta <greta@people.example>\nTo: {to}\nSubject: x\nX-Apple-Unsubscribe: true\n\nstop"

    assert receive(raw.encode()).returned.kind == "complaint"

    assert (no(reader), is_suppressed(reader.email)) == (True, False)
    assert row_of(got).unsubscribed_at is not None
    assert row_of(got).complained_at is None
    complaint = report(
        part("message/feedback-report", "Feedback-Type: abuse"), head=f"To: {to}\n", kind="feedback-report"
    )
    receive(complaint)
    assert is_suppressed(reader.email)
    assert row_of(got).complained_at is not None
    assert row_of(got).bounced_at is None


def test_what_is_no_news_changes_nothing(inside, got):
    message, reader = got
    to = return_path("r.example", message.workspace_id, message.pk, reader.pk)
    before = Delivery.objects.values().get()

    for raw in (
        f"From: a@x.example\nTo: {to}\nSubject: Hi\n\nHello",
        f"To: {to}\nAuto-Submitted: auto-replied\n\nAway",
    ):
        assert receive(raw.encode()).contact_id == reader.pk

    assert Delivery.objects.values().get() == before
    assert Message.objects.count() == 1


@pytest.mark.parametrize("kind", ["bounce", "complaint"])
@pytest.mark.parametrize("forgery", ["numbers", "seal", "other", "elsewhere"])
def test_who_guesses_the_numbers_of_an_email_harms_nobody(kettle, rival, kind, forgery):
    """Anybody may write to a mailbox of ours, and the numbers in a Message-ID are small and running."""
    with working_in(kettle):
        message = make_message(make_sender())
        reader, other = make_reader("Greta"), make_reader("Tom")
        Delivery.objects.create(
            message=message, contact=reader, address=reader.email, state=Delivery.State.SENT, sent_at=timezone.now()
        )
    ours = MessageIds("kettle.example", kettle.pk, message.pk)
    forged = {
        "numbers": f"<{message.pk}.{reader.pk}.1@kettle.example>",
        "seal": f"<{message.pk}.{reader.pk}.1.t{'0' * 12}@kettle.example>",
        "other": ours.of(other.pk, 1).replace(f".{other.pk}.", f".{reader.pk}."),
        "elsewhere": MessageIds("kettle.example", rival.pk, message.pk).of(reader.pk, 1),
    }[forgery]

    effects = [receive(told_of(kind, one, reader.email), workspace=kettle) for one in (forged, ours.of(reader.pk, 1))]

    assert [one.contact_id for one in effects] == [None, reader.pk]


def told_of(kind, message_id, address):
    about = {
        "bounce": f"message/delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\nFinal-Recipient: rfc822; {address}\r\n"
        "Action: failed\r\nStatus: 5.1.1\r\n",
        "complaint": f"message/feedback-report\r\n\r\nFeedback-Type: abuse\r\nOriginal-Rcpt-To: {address}\r\n",
    }[kind]
    return (
        'From: x@y.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; boundary="b"\r\n\r\n--b\r\n'
        f"Content-Type: {about}\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: {message_id}\r\nTo: {address}\r\n\r\nHi\r\n"
        "--b--\r\n"
    ).encode()


def test_an_open_of_an_older_receipt_is_no_sign_of_the_new_one(inside, got):
    """A pixel does not say of which order it is: the new one stays in doubt, and is sent again."""
    message, reader = got
    second = Delivery.objects.create(
        message=message, contact=reader, occasion=2, address=reader.email, state=State.IN_DOUBT, attempts=1
    )
    take_opens(inside, [item(got, 5)])

    second.refresh_from_db()
    assert (second.state, second.sent_at) == (State.IN_DOUBT, None)
