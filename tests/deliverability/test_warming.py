"""Warm-up plans by what came back, and as they are steered: the desk, the page of a sender, the API, a campaign's words."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from campaigns.checking.looking import check_campaign
from campaigns.narrowing import whose_email
from campaigns.reporting import figures_of, reasons_of
from campaigns.views.going_out import sending_of
from contacts.models import Contact
from deliverability.warming import advice_of, begin_warm_up, judge_days, shown_plan, troubles_of
from delivery.models import Delivery, WarmUp
from delivery.pace.rationing import today_of
from delivery.pace.warming_up import plan_of
from lib.clock import now
from lib.sql import run_text
from tests.factories.campaigns import make_campaign, make_message, make_sender
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.models import AgendaItem, AuditEntry

State = Delivery.State
TO_ANYBODY = {"purpose": "transactional", "topic": None}


@pytest.fixture
def plan(inside):
    """A plan at its third step, whose yesterday was full."""
    sender = make_sender()
    one = begin_warm_up(sender, most=800, days_a_step=1, by=None)
    yesterday = today_of(inside) - timedelta(days=1)
    WarmUp.objects.update(step=2, day=yesterday, taken_count=200, stepped_at=now() - timedelta(days=1))
    one.refresh_from_db()
    return one


def sent(sender, count: int, provider: str = "gmail.com", **facts) -> None:
    """So many emails to one provider, an hour ago."""
    message, contact = make_message(sender), make_contact()
    message.state = "sent"
    message.save()
    at = now() - timedelta(hours=1)
    given = {"state": State.SENT, "sent_at": at} | facts
    Delivery.objects.bulk_create(
        Delivery(message=message, contact=contact, occasion=one, address=f"p{one}@{provider}", **given)
        for one in range(count)
    )


def bad(kind: str) -> dict:
    at = now() - timedelta(hours=1)
    return {
        "complaints": {"complained_at": at},
        "refusals": {"state": State.FAILED, "sent_at": None, "bounced_at": at, "answer": "550 5.7.1 Not wanted"},
        "bounces": {"bounced_at": at, "answer": "550 5.1.1 No such user"},
    }[kind]


@pytest.mark.parametrize(
    ("kind", "good", "count", "is_trouble"),
    [
        ("complaints", 998, 2, True), ("complaints", 999, 1, True), ("complaints", 400, 1, False), ("bounces", 97, 3, True),
        ("bounces", 98, 2, False), ("bounces", 10, 2, False), ("refusals", 97, 3, True), ("refusals", 980, 20, False),
    ],
)  # fmt: skip
def test_what_makes_a_day_a_bad_one(plan, kind, good, count, is_trouble):
    sent(plan.sender, good)
    sent(plan.sender, count, **bad(kind))
    sent(plan.sender, 50, "web.de")

    found = troubles_of([plan])

    assert ({plan.sender_id: (kind, "google", count, good + count)} if is_trouble else {}) == {
        one: (said["kind"], said["provider"], said["count"], said["of"]) for one, said in found.items()
    }


def test_what_came_back_before_the_step_began_holds_it_no_more(plan):
    sent(plan.sender, 50)
    sent(plan.sender, 5, **bad("bounces"))
    WarmUp.objects.update(stepped_at=now())
    plan.refresh_from_db()

    assert troubles_of([plan]) == {}


def test_another_senders_trouble_is_not_ours(plan):
    other = make_sender()
    sent(other, 50, **bad("bounces"))
    sent(plan.sender, 50)

    assert troubles_of([plan]) == {}


def test_many_plans_are_looked_at_in_one_statement(inside, django_assert_num_queries):
    one, *more = [begin_warm_up(make_sender(), most=800, days_a_step=1, by=None) for _ in range(10)]
    with django_assert_num_queries(1):
        troubles_of([one])
    with django_assert_num_queries(1):
        troubles_of([one, *more])


@pytest.fixture
def founded(kettle):
    """The same outside of any workspace, as the agenda finds it."""
    with working_in(kettle):
        sender = make_sender()
        begin_warm_up(sender, most=200, days_a_step=1, by=None)
    return sender


def a_full_day(workspace, **facts) -> None:
    with working_in(workspace):
        one = WarmUp.objects.get()
        one.day, one.taken_count, one.judged_on = today_of(workspace) - timedelta(days=1), one.most, None
        for name, value in facts.items():
            setattr(one, name, value)
        one.save()


def test_a_good_day_steps_up_and_bad_ones_hold_and_step_back(kettle, founded):
    a_full_day(kettle)
    assert judge_days(kettle) > now()
    judge_days(kettle)  # the day counts once
    with working_in(kettle):
        assert WarmUp.objects.get().most == 100
        sent(founded, 20, sent_at=now() + timedelta(seconds=1))
        sent(founded, 5, **(bad("bounces") | {"bounced_at": now() + timedelta(seconds=1)}))

    most = []
    for _day in range(2):
        a_full_day(kettle)
        judge_days(kettle)
        with working_in(kettle):
            most.append((WarmUp.objects.get().most, WarmUp.objects.get().trouble["kind"]))

    assert most == [(100, "bounces"), (50, "bounces")]
    with working_in(kettle):
        assert "Of the last 25 emails to Google, 5 came back (20.00 %)." in shown_plan(founded).trouble


def test_after_seven_good_days_on_the_last_step_nothing_limits_it(kettle, founded):
    a_full_day(kettle, step=2, good_days=6)

    assert judge_days(kettle) is not None
    assert judge_days(kettle) is None

    with working_in(kettle):
        assert plan_of(founded) is None
        assert AuditEntry.objects.filter(action="warm_up.ended", actor_id=None).exists()


def test_a_plan_is_looked_at_after_midnight(inside):
    begin_warm_up(make_sender(), most=200, days_a_step=1, by=None)

    item = AgendaItem.objects.get(workspace=inside, work="deliverability.warm_ups")
    assert timedelta(0) < item.due_at - now() <= timedelta(days=1)


STEPS = {"start": "", "pause": "pause/", "go_on": "go-on/", "end": "end/"}


def url(name: str, pk: int) -> str:
    return f"/w/kettle/campaigns/deliverability/senders/{pk}/warm-up/{STEPS[name]}"


@pytest.fixture
def steer(client, ada):
    """`steer(step, pk, …)`: Ada's POST, and the page it leads to."""
    client.force_login(ada)

    def go(name: str, pk: int, **facts):
        return client.post(url(name, pk), facts, follow=True)

    return go


def test_a_member_starts_pauses_and_ends_a_plan(steer, kettle):
    with working_in(kettle):
        sender = make_sender()

    started = steer("start", sender.pk, pace=1, most=400).content.decode()
    assert "50 may leave today: 0 did, 50 more can." in started
    assert "Step 4" in started
    assert "Step 5" not in started
    assert "It stays at 50 a day until you go on." in steer("pause", sender.pk).content.decode()
    assert "This does not fit any more" in steer("pause", sender.pk).content.decode()
    assert "50 may leave today" in steer("go_on", sender.pk).content.decode()
    assert "Nothing limits this sender" in steer("end", sender.pk).content.decode()


@pytest.mark.parametrize("facts", [{}, {"pace": 3, "most": 400}, {"pace": 1, "most": 99}, {"pace": 1, "most": "x"}])
def test_a_plan_that_cannot_be_is_refused(steer, kettle, facts):
    with working_in(kettle):
        sender = make_sender()

    assert steer("start", sender.pk, **facts).status_code == 422
    with working_in(kettle):
        assert WarmUp.objects.count() == 0


@pytest.mark.parametrize("name", list(STEPS))
def test_a_stranger_and_who_may_not_steer_no_plan(client, kettle, eve, bob, name):
    with working_in(kettle):
        sender = make_sender()
        begin_warm_up(sender, most=200, days_a_step=1, by=None)
    for who, status in ((eve, 404), (bob, 403)):
        client.force_login(who)
        assert client.post(url(name, sender.pk), {"pace": 1, "most": 400}).status_code == status
    with working_in(kettle):
        assert WarmUp.objects.get().steps == [50, 100, 200]


def test_the_desk_says_where_a_plan_stands_and_why_it_is_held(client, ada, kettle):
    with working_in(kettle):
        begin_warm_up(make_sender(), most=200, days_a_step=1, by=None)
        WarmUp.objects.update(
            trouble={"kind": "complaints", "provider": "yahoo", "count": 3, "of": 900},
            day=today_of(kettle),
            taken_count=20,
        )
    client.force_login(ada)

    shown = client.get("/w/kettle/campaigns/deliverability/").content.decode()

    assert "50 may leave today: 20 did, 30 more can." in shown
    assert "Of the last 900 emails to Yahoo, 3 were marked as spam (0.33 %)." in shown


def test_a_campaign_says_before_approval_and_while_it_goes_who_waits(inside, room, send):
    sender = make_sender(port=room.port)
    begin_warm_up(sender, most=200, days_a_step=1, by=None)
    WarmUp.objects.update(steps=[2, 3, 4])
    for _ in range(10):
        make_contact()
    campaign = make_campaign(sender, **TO_ANYBODY)
    check = check_campaign(campaign, inside)
    assert check.says == "2 today, the rest over the next 3 days: the sender warms up, and the most engaged come first."

    campaign = send(campaign)

    said = sending_of(campaign, figures_of(campaign))["warming"]
    assert said.startswith("The sender warms up: 8 more get it over the next 3 days")
    assert [(one["code"], one["count"]) for one in reasons_of(campaign)] == [("warming_up", 8)]


def test_the_number_of_those_who_wait_leads_to_them(inside, room, send):
    sender = make_sender(port=room.port)
    begin_warm_up(sender, most=200, days_a_step=1, by=None)
    WarmUp.objects.update(steps=[2])
    for _ in range(5):
        make_contact()
    campaign = send(make_campaign(sender, **TO_ANYBODY))
    request = SimpleNamespace(membership=SimpleNamespace(role="owner"))
    narrowed = whose_email(request, f"{campaign.pk}-warming_up")

    rows = run_text(
        f"SELECT c.id FROM contacts_contact c WHERE c.workspace_id = %(workspace)s {narrowed.sql}",
        {"workspace": inside.pk} | dict(narrowed.params),
    )
    got = set(Delivery.objects.filter(state=State.SENT).values_list("contact_id", flat=True))
    assert {pk for (pk,) in rows} == set(Contact.objects.values_list("pk", flat=True)) - got


def test_who_writes_to_many_from_an_unknown_domain_is_told(inside):
    sender = make_sender(from_email="hello@kettle.coffee", host="mail.kettle.coffee")

    said = advice_of(sender, 5_000)
    assert said.startswith("kettle.coffee has sent 0 emails in 30 days")
    assert advice_of(sender, 900) == ""
    sent(sender, 1_000)
    assert advice_of(sender, 5_000) == ""


def test_who_has_a_plan_is_told_nothing(inside):
    sender = make_sender(from_email="hello@kettle.coffee", host="mail.kettle.coffee")
    begin_warm_up(sender, most=200, days_a_step=1, by=None)

    assert advice_of(sender, 5_000) == ""
