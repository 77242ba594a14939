"""Any order of events, each as often as it likes, gives the same end; five in a row over three days hold an address."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.asking import Ask, MessageClass
from consent.gate import verdict
from consent.holding import held_among
from consent.models import Suppression
from contacts.channels import Channel
from delivery.bounces.bouncing import read_returned
from delivery.bounces.inbound_mail import receive
from delivery.bounces.soft_bounces import Fate, held_until
from delivery.content.addressing import return_path
from delivery.models import Delivery
from delivery.returns.events import Kind, ReturnEvent, moment_of, our_message
from delivery.returns.folding import FOLDED, fold
from delivery.returns.taking import take_events
from delivery.tracking.taking import take_opens
from tests.delivery.test_bounce_words import about, report, status
from tests.factories.campaigns import make_campaign, make_message, make_sender
from tests.factories.contacts import make_reader
from touchpoints.models import Touchpoint

State = Delivery.State
NOW = timezone.now().replace(microsecond=0)
FULL = {"status": "5.2.2", "words": "552 full"}


def days_ago(days: float):
    return NOW - timedelta(days=days)


one_event = st.builds(
    ReturnEvent,
    kind=st.sampled_from([one for one in Kind if one not in {Kind.OPEN, Kind.CLICK}]),
    at=st.integers(0, 5).map(lambda hours: NOW - timedelta(hours=hours)),
    words=st.sampled_from(["", "552 full", "550 user unknown", "451 later"]),
)


@settings(max_examples=300, deadline=None)
@given(
    events=st.lists(one_event, max_size=7).flatmap(lambda some: st.tuples(st.just(some), st.permutations(some * 2))),
    state=st.sampled_from([State.SENT, State.IN_DOUBT, State.FAILED, State.SENDING]),
)
def test_the_end_is_the_same_in_any_order_and_however_often(events, state):
    ends = []
    for order in events:
        row = Delivery(
            workspace_id=1,
            state=state,
            reason="in_flight" if state == State.IN_DOUBT else "",
            answer="250 ok",
            sent_at=NOW,
        )
        for one in order:
            fold(row, one)
        ends.append([getattr(row, name) for name in FOLDED])

    assert ends[0] == ends[1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<7.12.1@kettle.example>", (7, 12, 0)), ("7.12.1@kettle.example", (7, 12, 0)), ("<7.12.2.99@k.x>", (7, 12, 99)),
        ("<7.12@k.x>", None), ("<a.b.c@k.x>", None), ("", None), (None, None), (7, None),
        ("<9999999999999999999.1.1@k.x>", None), ("x <7.12.1@k.x>", None),
    ],
)  # fmt: skip
def test_our_own_ids_are_known_with_and_without_brackets(text, found):
    assert our_message(text) == found


@pytest.mark.parametrize(
    "odd", [None, "", "x", -1e300, 1e300, float("nan"), True, [], {}, "99999999999999999999", 10**12]
)
def test_a_moment_that_cannot_be_is_now(odd):
    assert abs((moment_of(odd) - timezone.now()).total_seconds()) < 5


def test_moments_are_read_as_providers_write_them():
    wanted = days_ago(2)
    assert {
        moment_of(int(wanted.timestamp())),
        moment_of(str(int(wanted.timestamp()))),
        moment_of(wanted.isoformat()),
    } == {wanted}
    assert moment_of("2016-01-27T14:59:38.237Z").isoformat() == "2016-01-27T14:59:38.237000+00:00"


def fate(days, *, soft=False, opened=False, state=State.SENT, answer="552 5.2.2 full", delivered=False):
    at = days_ago(days)
    return Fate(
        state, "", answer, at, None, at if soft else None, at if delivered else None, at if opened else None, None
    )


def bad(*days):
    return [fate(one, soft=True) for one in days]


@pytest.mark.parametrize(
    ("fates", "held"),
    [
        (bad(5, 4, 3, 2, 1), 1),
        (bad(1, 3, 5, 2, 4), 1),  # in whatever order they are told
        (bad(9, 5, 4, 3, 2, 1), 1),
        (bad(4, 3, 2, 1), None),  # four are not five
        (bad(3.9, 3.5, 3, 2, 1), None),  # not over three days
        ([*bad(5, 4, 3, 2), fate(2.5), *bad(1)], None),  # one between them stayed there
        ([*bad(6, 5, 4, 3, 2), fate(1)], None),
        ([*bad(6, 5, 4, 3), fate(2, soft=True, opened=True), *bad(1)], None),  # somebody read one
        ([*bad(6, 5, 4, 3, 2), fate(1, soft=True, delivered=True)], 1),  # taken first, and sent back then
        ([*bad(6, 5, 4, 3, 2), fate(1, state=State.EXCLUDED)], 2),  # what never left says nothing
        ([*bad(6, 5, 4, 3), fate(2, soft=True, answer="550 5.7.1 spam"), *bad(1)], 1),  # nor what was said of us
        ([fate(one, soft=True, answer="550 5.7.1 spam") for one in (6, 5, 4, 3, 2, 1)], None),
        ([], None),
    ],
)
def test_five_in_a_row_over_three_days_hold_for_thirty(fates, held):
    assert held_until(fates) == (None if held is None else days_ago(held) + timedelta(days=30))


@pytest.fixture
def greta(inside):
    """Greta got an email on each of six days, and a bounce of each can be had."""
    sender, reader = make_sender(), make_reader("Greta Lind")
    rows = [
        Delivery.objects.create(
            message=make_message(sender), contact=reader, state=State.SENT, address=reader.email, answer="250 ok",
            sent_at=days_ago(day), queued_at=days_ago(day),
        )
        for day in (6, 5, 4, 3, 2, 1)
    ]  # fmt: skip
    return reader, rows


def told(row, kind=Kind.SOFT, **facts):
    sent = (row.message_id, row.contact_id, 0)
    given = {"at": row.sent_at + timedelta(minutes=1), "sent": sent} | (FULL if kind == Kind.SOFT else {}) | facts
    return ReturnEvent(kind, **given)


def asks(kind=MessageClass.SUBSCRIBED):
    return Ask(channel=int(Channel.EMAIL), message_class=kind)


def test_who_sends_everything_back_is_left_alone_for_a_month_and_told_so(greta, as_ada):
    reader, rows = greta
    take_events([told(row) for row in rows[:4]])
    assert held_among([reader.email]) == set()

    take_events([told(row) for row in rows[4:]])

    until = days_ago(1) + timedelta(minutes=1, days=30)
    assert Suppression.objects.get().ends_at == until
    said = verdict(asks(), reader)
    hold = next(one for one in said.reasons if one.code == "bouncing")
    assert (hold.passed, hold.ends_at) == (False, until)
    receipt = verdict(asks(MessageClass.TRANSACTIONAL), reader)
    assert "bouncing" not in {one.code for one in receipt.reasons}  # a receipt is still tried


def test_the_pages_say_the_hold_its_reason_and_its_end(greta, as_ada):
    reader, rows = greta
    take_events([told(row) for row in rows])

    page = as_ada.get("/w/kettle/contacts/do-not-contact/", {"address": reader.email}).text
    assert "Bounced again and again" in page
    assert "held until" in page
    assert "never written to</span>" not in page
    assert "The mailbox sends everything back for now" in as_ada.get(f"/w/kettle/contacts/{reader.pk}/").text


@pytest.mark.parametrize("kind", [Kind.DELIVERED, Kind.HARD])
def test_a_hold_ends_with_a_delivery_told_late_and_stands_beside_a_dead_address(greta, kind):
    reader, rows = greta
    take_events([told(row) for row in rows[:3] + rows[4:]])
    orders = [told(rows[3], kind)]
    take_events(orders)

    assert held_among([reader.email]) == (set() if kind == Kind.DELIVERED else {reader.email})


def test_an_open_ends_it_and_so_does_time(greta, inside):
    reader, rows = greta
    take_events([told(row) for row in rows])
    assert held_among([reader.email])
    item = {
        "message": rows[5].message_id,
        "contact": reader.pk,
        "at": NOW.isoformat(),
        "agent": "Mozilla/5.0 (X11) Firefox/150",
    }
    take_opens(inside, [item | {"head": False}])
    assert held_among([reader.email]) == set()

    Delivery.objects.update(opened_at=None)
    take_events([told(rows[0], at=days_ago(5.5))])
    assert held_among([reader.email])
    Suppression.objects.update(ends_at=NOW - timedelta(seconds=1))
    assert verdict(asks(), reader).reason != "bouncing"


@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(order=st.permutations(range(8)))
def test_the_hold_is_the_same_in_whatever_order_it_is_told(greta, order):
    reader, rows = greta
    Delivery.objects.update(soft_bounced_at=None, bounced_at=None, delivered_at=None, answer="250 ok")
    Suppression.objects.all().delete()
    events = [*(told(row) for row in rows), told(rows[0], Kind.DELIVERED), told(rows[2])]
    for no in order:
        take_events([events[no]])

    assert held_among([reader.email]) == {reader.email}
    assert Suppression.objects.get(lifted_at=None).ends_at == days_ago(1) + timedelta(minutes=1, days=30)
    assert Touchpoint.objects.filter(kind=5).count() == 6


def test_a_campaign_leaves_out_who_is_held_and_says_why(greta, room, inside, send):
    reader, rows = greta
    take_events([told(row) for row in rows])
    other = make_reader("Hugo Behr")
    campaign = send(make_campaign(make_sender(port=room.port)))

    assert set(room.counts) == {other.email}
    assert Delivery.objects.get(message=campaign.message, contact=reader).reason == "bouncing"


def test_a_server_that_gives_up_at_the_end_of_the_ladder_counts_and_one_that_will_not_have_us_does_not(
    greta, room, inside, send
):
    reader, rows = greta
    other = make_reader("Hugo Behr")
    for row in rows[:5]:
        Delivery.objects.create(
            message=row.message, contact=other, state=State.SENT, address=other.email, queued_at=row.queued_at,
            soft_bounced_at=row.sent_at, sent_at=row.sent_at, answer="550 5.7.1 blocked",
        )  # fmt: skip
    take_events([told(row) for row in rows[1:5]])
    rows[5].delete()
    room.refuse = {reader.email: "552 5.2.2 full", other.email: "554 5.7.1 blocked"}
    send(make_campaign(make_sender(port=room.port)))

    assert held_among([reader.email, other.email]) == {reader.email}


def test_reports_in_a_mailbox_count_too_and_delays_do_not(greta, inside):
    reader, rows = greta
    take_events([told(row) for row in rows[:4]])

    def came_back(row, action):
        to = return_path("r.example", inside.pk, row.message_id, reader.pk)
        head = f"From: MAILER-DAEMON@mx.example\nTo: {to}\nSubject: Undelivered Mail\n"
        return report(status(about(reader.email, action, "4.2.2", "smtp; 452 full")), head=head)

    assert read_returned(came_back(rows[4], "delayed")).is_delay
    receive(came_back(rows[4], "delayed"))
    assert (held_among([reader.email]), Delivery.objects.get(pk=rows[4].pk).soft_bounced_at) == (set(), None)
    receive(came_back(rows[4], "failed"))
    receive(came_back(rows[5], "failed"))
    assert held_among([reader.email]) == {reader.email}
