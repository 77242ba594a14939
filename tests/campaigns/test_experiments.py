"""Tests of versions: everybody gets one version or waits, what did best goes to the rest, and nobody gets two."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.checking.looking import check_campaign
from campaigns.composing import compose, set_workspace_holdout
from campaigns.experiments.deciding import NotDecidableError, decide, end_test, look_due
from campaigns.experiments.going_together import LOOKS_EVERY, WORK, approve_versions, cancel_all, schedule_all, together
from campaigns.experiments.measuring import finding_of
from campaigns.experiments.setting_up import (
    PLACES,
    NotTestableError,
    add_version,
    change_version,
    make_experiment,
    remove_version,
)
from campaigns.models import Campaign, Experiment
from campaigns.planning import plan_campaign
from campaigns.standing.starting import make_standing
from contacts.merging import link_contacts
from contacts.models import Contact
from delivery.engine.controlling import WrongStateError, approve, pause, resume
from delivery.engine.planning import AlreadyPlannedError
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message, RecipientChunk
from lib.clock import now
from tests.factories.campaigns import again, make_campaign, make_sender
from tests.factories.contacts import make_reader
from tests.factories.experiments import all_versions, gone_out, it_of, look, with_test
from touchpoints.facts import Fact
from touchpoints.kinds import KINDS
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import AgendaItem, AuditEntry, Workspace

State, How = Experiment.State, Experiment.How


@pytest.fixture
def draft(inside):
    return make_campaign(make_sender())


@pytest.fixture
def readers(inside):
    return many_people()


def many_people(number: int = 60) -> list[Contact]:
    """People who are in the segment; the gate is asked when it is sent."""
    rows = [Contact(name=f"Reader {one}", email=f"r{one}@tea.example") for one in range(number)]
    return Contact.objects.bulk_create(rows)


def waiting_for(campaign: Campaign) -> list[int]:
    """Who is in the chunks of its message."""
    chunks = RecipientChunk.objects.filter(message=campaign.message_id)
    return sorted(one for ids in chunks.values_list("contact_ids", flat=True) for one in ids)


def everyone_in(campaign: Campaign) -> list[int]:
    return sorted(one for version in all_versions(campaign) for one in waiting_for(version))


def sent(campaign: Campaign, clicked: int = 0, ago=timedelta(hours=2)) -> None:
    """Its message is sent to everybody it waits for; the first of them clicked."""
    at, ids = now() - ago, waiting_for(campaign)
    Delivery.objects.bulk_create(
        Delivery(
            message_id=campaign.message_id, contact_id=one, address=f"had{one}@tea.example", state=Delivery.State.SENT,
            attempts=1, queued_at=at, sent_at=at, clicked_at=at + timedelta(minutes=9) if place < clicked else None,
        )
        for place, one in enumerate(ids)
    )  # fmt: skip
    RecipientChunk.objects.filter(message=campaign.message_id).update(is_done=True)
    Message.objects.filter(pk=campaign.message_id).update(state=Message.State.SENT, finished_at=at)


def counted(campaign: Campaign, *numbers: tuple[int, int]) -> None:
    """Its versions were sent to so many people, of whom so many clicked; these people are nobody in particular."""
    at, first = now() - timedelta(hours=2), 10_000_000
    RecipientChunk.objects.all().delete()
    for version, (people, clicked) in zip(all_versions(campaign), numbers, strict=True):
        ids = [one.pk for one in Contact.objects.bulk_create(Contact(name=f"{first + n}") for n in range(people))]
        Delivery.objects.bulk_create(
            Delivery(
                message_id=version.message_id, contact_id=one, address="", state=Delivery.State.SENT, attempts=1,
                queued_at=at, sent_at=at, clicked_at=at if place < clicked else None,
            )
            for place, one in enumerate(ids)
        )  # fmt: skip
        Message.objects.filter(pk=version.message_id).update(state=Message.State.SENT)


def test_everybody_is_in_one_version_or_in_the_rest(draft, readers, inside):
    campaign = gone_out(with_test(draft, 3, test_percent=60), inside)

    parts = [waiting_for(one) for one in all_versions(campaign)]
    assert all(parts)
    tried = everyone_in(campaign)
    assert len(tried) == len(set(tried)) < 60
    rest = decide(it_of(campaign), 1, by=None)
    assert everyone_in(campaign) == sorted(one.pk for one in readers)
    assert rest == 60 - len(tried)
    assert it_of(campaign).rest_people == rest


def test_the_whole_audience_may_be_in_the_test(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=100), inside)

    assert everyone_in(campaign) == sorted(one.pk for one in readers)
    assert decide(it_of(campaign), 0, by=None) == 0


def test_two_people_with_one_address_stand_in_one_version_and_one_of_them_gets_it(draft, inside):
    Contact.objects.bulk_create(Contact(name=f"R{n}", email=f"shared{n // 2}@tea.example") for n in range(40))

    campaign = gone_out(with_test(draft, test_percent=100), inside)

    doubles = Delivery.objects.filter(reason="same_address")
    assert doubles.count() == 20
    assert len(everyone_in(campaign)) == 20
    for version in all_versions(campaign):
        held = doubles.filter(message=version.message_id).values_list("contact__email", flat=True)
        mine = Contact.objects.filter(pk__in=waiting_for(version)).values_list("email", flat=True)
        assert sorted(held) == sorted(mine)


def test_who_is_in_which_version_does_not_change(draft, readers, inside):
    campaign = with_test(draft, test_percent=50)
    gone_out(campaign, inside)
    before = [waiting_for(one) for one in all_versions(campaign)]

    with pytest.raises(AlreadyPlannedError):
        plan_campaign(again(campaign))

    assert [waiting_for(one) for one in all_versions(campaign)] == before


def test_a_planner_that_dies_between_two_versions_has_planned_nobody(draft, readers, inside):
    campaign = with_test(draft, test_percent=50)
    approve(campaign.message, by=None)
    approve_versions(campaign, by=None)
    schedule_all(again(campaign), None, by=None)
    version = Message.objects.filter(pk=campaign.versions.get().message_id)
    version.update(state=Message.State.DRAFT)  # planning it fails, after the first one

    with pytest.raises(AlreadyPlannedError):
        plan_campaign(again(campaign))

    assert (everyone_in(campaign), it_of(campaign).state) == ([], State.DRAFT)
    version.update(state=Message.State.PLANNING)
    plan_campaign(again(campaign))
    assert it_of(campaign).state == State.RUNNING


def test_a_clear_winner_goes_to_the_rest_by_itself_and_nobody_gets_two(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=20), inside)
    before = everyone_in(campaign)
    for version in all_versions(campaign):
        sent(version)
    counted(campaign, (400, 10), (400, 120))

    look(inside)

    found = it_of(campaign)
    assert (found.state, found.decided_how, found.winner) == (State.DECIDED, How.PROVEN, 1)
    first, second = all_versions(campaign)
    assert (waiting_for(first), len(waiting_for(second))) == ([], found.rest_people)
    assert not set(waiting_for(second)) & set(before)
    assert set(waiting_for(second)) | set(before) == {one.pk for one in readers}
    assert (second.message.state, first.message.state) == (Message.State.SENDING, Message.State.SENT)
    entry = AuditEntry.objects.get(action="campaign.test_decided")
    assert (entry.details["version"], entry.details["how"]) == ("B", "proven")
    look(inside)
    with pytest.raises(NotDecidableError, match="over"):
        decide(found, 0, by=None)
    assert finding_of(found).judgement.winner == 1  # of that moment, whatever the rest does


def test_it_is_looked_at_every_quarter_of_an_hour_while_it_runs(draft, readers, inside):
    campaign = gone_out(with_test(draft), inside)

    due = AgendaItem.objects.get(work=WORK).due_at
    assert abs(due - now() - LOOKS_EVERY) < timedelta(minutes=1)
    assert look_due(inside) is not None
    end_test(it_of(campaign), by=None)
    assert look_due(inside) is None
    assert AgendaItem.objects.filter(work=WORK).count() == 1


@pytest.mark.parametrize(
    ("numbers", "word"),
    [
        (((400, 30), (400, 32)), "none"),
        (((90, 5), (90, 60)), "early"),
        (((300, 12), (400, 90)), "mismatch"),
    ],
)
def test_without_a_winner_the_rest_waits(draft, readers, inside, numbers, word):
    campaign = gone_out(with_test(draft, test_percent=20), inside)
    counted(campaign, *numbers)

    look(inside)

    found = it_of(campaign)
    assert finding_of(found).judgement.word == word
    assert (found.state, found.winner) == (State.ASKS if word == "mismatch" else State.RUNNING, None)
    assert everyone_in(campaign) == []


def test_a_mismatch_asks_a_person_who_may_decide_all_the_same(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=20), inside)
    counted(campaign, (300, 12), (400, 90))
    Experiment.objects.update(started_at=now() - timedelta(days=9))
    look(inside)

    found = it_of(campaign)
    assert (found.state, "no chance" in found.why) == (State.ASKS, True)
    look(inside)
    assert it_of(campaign).state == State.ASKS  # also when time is over
    assert decide(found, 0, by=None) > 0
    assert (it_of(campaign).decided_how, it_of(campaign).why) == (How.PERSON, "")


def test_when_time_is_over_the_one_ahead_goes_and_is_not_called_proven(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=20, wait_hours=4), inside)
    counted(campaign, (400, 30), (400, 32))
    Experiment.objects.update(started_at=now() - timedelta(hours=4))

    look(inside)

    found = it_of(campaign)
    assert (found.decided_how, found.winner) == (How.TIME, 1)


def test_machines_do_not_decide_and_what_comes_too_late_does_not_count(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=20, within_hours=1), inside)
    counted(campaign, (400, 0), (400, 0))
    version = campaign.versions.get().message
    Delivery.objects.filter(message=version).update(machine_opened_at=now())
    Delivery.objects.filter(message=version).update(clicked_at=now())  # two hours after it was sent

    assert [one.total for one in finding_of(it_of(campaign)).counts] == [0, 0]


def test_revenue_counts_orders_less_what_was_given_back(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=100, goal="revenue"), inside)
    for version in all_versions(campaign):
        sent(version)
    ann, ben = waiting_for(campaign)[:2]
    at = now() - timedelta(hours=1)
    facts = [
        Fact("purchase", "1", occurred_at=at, contact_id=ann, value_minor=5_000, currency="EUR"),
        Fact("refund", "2", occurred_at=at, contact_id=ann, value_minor=1_000, currency="EUR"),
        Fact("purchase", "3", occurred_at=at, contact_id=ben, value_minor=2_000, currency="EUR"),
        Fact("purchase", "4", occurred_at=at - timedelta(days=1), contact_id=ben, value_minor=9_000, currency="EUR"),
    ]
    Experiment.objects.update(started_at=now() - timedelta(hours=3))
    record(facts, source=source_for("shop", "Shop"))

    first, second = finding_of(it_of(campaign)).counts
    assert (first.total, first.squares, second.total) == (6_000, 4_000**2 + 2_000**2, 0)


def test_a_kind_of_touchpoint_counts_people_once(draft, readers, inside):
    kind = KINDS["event_registration"].code
    campaign = gone_out(with_test(draft, test_percent=100, goal="kind", kind=kind), inside)
    for version in all_versions(campaign):
        sent(version)
    ann = waiting_for(campaign)[0]
    Experiment.objects.update(started_at=now() - timedelta(hours=3))
    at = now() - timedelta(hours=1)
    record(
        [Fact("event_registration", str(n), occurred_at=at, contact_id=ann) for n in range(3)],
        source=source_for("shop", "Shop"),
    )

    assert [one.total for one in finding_of(it_of(campaign)).counts] == [1, 0]


def test_whoever_became_one_person_or_moved_meanwhile_gets_no_second(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=50), inside)
    for version in all_versions(campaign):
        sent(version)
    had = everyone_in(campaign)
    ann, ben = [one for one in readers if one.pk not in had][:2]
    Contact.objects.filter(pk=ann.pk).update(email=f"had{had[0]}@tea.example")  # an address that has it
    link_contacts(had[1], ben.pk)

    decide(it_of(campaign), 0, by=None)

    new = set(everyone_in(campaign)) - set(had)
    assert new
    assert not new & {ann.pk, ben.pk, had[1]}


def test_who_came_into_the_segment_meanwhile_is_of_the_rest(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=50), inside)
    late = [make_reader().pk for _ in range(2)]

    decide(it_of(campaign), 1, by=None)

    assert set(late) <= set(waiting_for(campaign.versions.get()))


def test_holdouts_are_the_same_in_all_versions_and_in_the_rest(readers, inside):
    campaign = make_campaign(make_sender(), purpose="marketing", holdout_percent=50)
    set_workspace_holdout(20)

    gone_out(with_test(again(campaign), test_percent=50), inside)
    decide(it_of(campaign), 1, by=None)

    held = list(Delivery.objects.filter(reason="holdout").values_list("contact_id", flat=True))
    shares = [one.message.holdouts for one in all_versions(campaign)]
    assert shares == [[[f"campaign-{campaign.pk}", 5_000], ["everything", 2_000]]] * 2
    assert sorted([*held, *everyone_in(campaign)]) == sorted(one.pk for one in readers)
    assert held
    assert not set(held) & set(everyone_in(campaign))


def test_the_workspaces_holdout_never_withholds_what_somebody_asked_for(draft, inside):
    offer = make_campaign(make_sender(), purpose="marketing")

    set_workspace_holdout(5)

    assert again(offer).message.holdouts == [["everything", 500]]
    assert again(draft).message.holdouts == []
    assert make_campaign(make_sender(), purpose="marketing").message.holdouts == [["everything", 500]]
    set_workspace_holdout(0)
    assert again(offer).message.holdouts == []


def test_a_test_of_moments_sends_each_at_its_own_and_the_rest_at_the_winners_clock(draft, readers, inside):
    campaign = with_test(draft, varies="time", test_percent=50, within_hours=1)
    change_version(campaign, 1, by=None, hours_later=5)

    gone_out(campaign, inside)

    second = campaign.versions.select_related("message").get()
    moments = RecipientChunk.objects.filter(message=second.message_id).values_list("not_before", flat=True)
    assert [abs(one - now() - timedelta(hours=5)) < timedelta(minutes=1) for one in moments] == [True]
    assert not RecipientChunk.objects.filter(message=campaign.message_id).exclude(not_before=None).exists()
    assert finding_of(it_of(campaign)).judgement.word == "early"
    RecipientChunk.objects.all().update(is_done=True)
    Message.objects.update(scheduled_at=now() - timedelta(hours=1))
    decide(it_of(campaign), 1, by=None)
    rest = RecipientChunk.objects.filter(message=second.message_id, is_done=False).get()
    assert abs(rest.not_before - now() - timedelta(hours=23)) < timedelta(minutes=1)


def test_a_test_of_moments_by_their_clocks_moves_what_their_clocks_show(draft, readers, inside):
    campaign = with_test(draft, varies="time", test_percent=50, within_hours=1)
    change_version(campaign, 1, by=None, hours_later=5)
    approve(campaign.message, by=None)
    approve_versions(campaign, by=None)
    day = datetime(2030, 6, 4, tzinfo=UTC)

    schedule_all(again(campaign), day.replace(hour=7), by=None, by_zone=True, wall=datetime(2030, 6, 4, 9))  # noqa: DTZ001

    second = campaign.versions.select_related("message").get()
    assert [one.message.wall_at for one in (again(campaign), second)] == [day.replace(hour=9), day.replace(hour=14)]


def test_by_their_clocks_the_rest_gets_it_when_they_show_the_same_on_another_day(draft, readers, inside):
    campaign = with_test(draft, varies="time", test_percent=50, within_hours=1)
    gone_out(campaign, inside)
    before, wall = now() - timedelta(hours=1), datetime(2030, 6, 4, 9, tzinfo=UTC)
    RecipientChunk.objects.all().update(is_done=True)
    Message.objects.update(by_zone=True, scheduled_at=before, wall_at=wall)

    decide(it_of(campaign), 1, by=None)

    winner = campaign.versions.select_related("message").get().message
    assert (winner.scheduled_at, winner.wall_at) == (before + timedelta(days=1), wall + timedelta(days=1))


@pytest.mark.parametrize("by_zone", [False, True])
def test_over_a_change_of_clocks_the_rest_gets_it_when_they_show_the_same(draft, readers, inside, by_zone):
    Workspace.objects.filter(pk=inside.pk).update(zone="Europe/Berlin")
    campaign = with_test(draft, varies="time", test_percent=50, within_hours=1)
    gone_out(campaign, inside)
    RecipientChunk.objects.all().update(is_done=True)
    nine = datetime(2030, 10, 26, 9, tzinfo=UTC)
    Message.objects.update(by_zone=by_zone, scheduled_at=nine - timedelta(hours=2), wall_at=nine if by_zone else None)

    with time_machine.travel("2030-10-26 12:00Z", tick=False), working_in(Workspace.objects.get(pk=inside.pk)):
        decide(it_of(campaign), 1, by=None)

    winner = campaign.versions.select_related("message").get().message
    assert winner.scheduled_at == datetime(2030, 10, 27, 8, tzinfo=UTC)  # the clocks were put back that night
    assert winner.wall_at == (datetime(2030, 10, 27, 9, tzinfo=UTC) if by_zone else None)


def test_what_does_not_vary_follows_the_first_version(draft, inside, ada):
    other = make_sender()
    campaign = with_test(draft)
    compose(again(campaign), body="# New words", sender=other, holdout_percent=0, name="Other name")

    approve(campaign.message, by=ada)
    approve_versions(again(campaign), by=ada)

    first, second = all_versions(campaign)
    assert (second.message.content.body, second.message.sender) == ("# New words", other)
    assert (second.message.content.subject, second.message.name) == ("Version 1", "Other name · B")
    assert (first.message.content.subject, second.message.state) != ("Version 1", Message.State.DRAFT)


def test_each_field_of_a_campaign_is_followed_by_its_versions_or_their_own():
    own = {
        "id", "workspace", "message", "variant_of", "variant", "hours_later", "expected", "created_by_id", "created_at",
    }  # fmt: skip

    assert {one.name for one in Campaign._meta.get_fields() if one.concrete} == own | set(PLACES)


def test_links_of_all_versions_tell_one_campaign_and_each_its_letter(draft, inside):
    compose(draft, name="Spring box", adds_utm=True)
    campaign = with_test(draft, 3)
    compose(again(campaign), name="Summer box")

    approve(again(campaign).message, by=None)
    approve_versions(again(campaign), by=None)

    told = [one.message.link_parameters for one in all_versions(campaign)]
    assert [one["utm_campaign"] for one in told] == ["summer-box"] * 3
    assert [one["utm_content"] for one in told] == ["A", "B", "C"]


def test_a_campaign_whose_test_is_dropped_tells_no_version(draft, inside):
    compose(draft, adds_utm=True)
    campaign = with_test(draft)

    remove_version(campaign, 1, by=None)

    assert "utm_content" not in again(campaign).message.link_parameters


def test_a_flaw_in_a_version_stands_in_the_way(inside, readers):
    inside.postal_address = "Tea Street 1, Ulm"
    inside.save()
    campaign = with_test(make_campaign(make_sender()))
    assert check_campaign(campaign, inside).blocks == check_campaign(again(campaign), inside).blocks
    before = check_campaign(campaign, inside).blocks

    change_version(campaign, 1, by=None, subject="{{ contact.nothing_here }")
    blocks = check_campaign(campaign, inside).blocks
    change_version(campaign, 1, by=None, subject=campaign.message.content.subject, preheader="First choice")
    same = check_campaign(campaign, inside).blocks

    assert [one.startswith("Version B: ") for one in blocks if one not in before] == [True]
    assert [one for one in same if one not in before] == [
        "Version B: it says the same as another version. Change it, or remove it."
    ]


def test_pause_go_on_and_cancel_hold_for_all_versions(draft, readers, inside):
    campaign = gone_out(with_test(draft, 3, test_percent=90), inside)

    together(campaign, pause, by=None)
    assert {one.message.state for one in all_versions(campaign)} == {Message.State.PAUSED}
    with pytest.raises(NotDecidableError, match="paused"):
        decide(it_of(campaign), 1, by=None)
    together(again(campaign), resume, by=None)
    assert {one.message.state for one in all_versions(campaign)} == {Message.State.SENDING}
    cancel_all(again(campaign), by=None)
    assert {one.message.state for one in all_versions(campaign)} == {Message.State.CANCELLED}
    assert it_of(campaign).state == State.ENDED
    with pytest.raises(WrongStateError):
        together(again(campaign), pause, by=None)


def test_the_rest_waits_while_any_version_is_paused_also_when_time_is_over(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=20, wait_hours=4), inside)
    counted(campaign, (400, 30), (400, 32))
    Message.objects.filter(pk=campaign.message_id).update(state=Message.State.PAUSED)
    Experiment.objects.update(started_at=now() - timedelta(hours=5))

    look(inside)
    with pytest.raises(NotDecidableError, match="paused"):
        decide(it_of(campaign), 1, by=None)

    assert (it_of(campaign).state, everyone_in(campaign)) == (State.RUNNING, [])
    together(again(campaign), resume, by=None)
    look(inside)
    assert (it_of(campaign).winner, len(everyone_in(campaign)) > 0) == (1, True)


def test_cancelling_ends_a_test_also_where_all_versions_were_sent(draft, readers, inside, ada):
    campaign = gone_out(with_test(draft, test_percent=20), inside)
    for version in all_versions(campaign):
        sent(version)
    before = everyone_in(campaign)

    cancel_all(again(campaign), by=ada)
    look(inside)

    assert (it_of(campaign).state, everyone_in(campaign)) == (State.ENDED, before)
    assert AuditEntry.objects.filter(action="campaign.test_ended").count() == 1
    with pytest.raises(WrongStateError):
        cancel_all(again(campaign), by=ada)


def test_cancelling_locks_the_test_before_its_messages(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=20), inside)

    with CaptureQueriesContext(connection) as said:
        cancel_all(campaign, by=None)

    locks = [one["sql"] for one in said if "FOR UPDATE" in one["sql"] or "FOR NO KEY UPDATE" in one["sql"]]
    assert ["campaigns_experiment" in locks[0], "delivery_message" in locks[1]] == [True, True]


def test_a_test_that_is_ended_sends_nothing_to_the_rest(draft, readers, inside, ada):
    campaign = gone_out(with_test(draft), inside)
    before = everyone_in(campaign)

    end_test(it_of(campaign), by=ada)
    look(inside)

    assert (it_of(campaign).state, everyone_in(campaign)) == (State.ENDED, before)
    with pytest.raises(NotDecidableError, match="over"):
        end_test(it_of(campaign), by=ada)


def test_versions_move_up_and_the_last_one_takes_the_test_with_it(draft, inside):
    campaign = with_test(draft, 4)
    with pytest.raises(NotTestableError, match="full"):
        add_version(campaign, by=None)

    remove_version(campaign, 1, by=None)
    assert [(one.variant, one.message.content.subject) for one in campaign.versions.order_by("variant")] == [
        (1, "Version 2"), (2, "Version 3"),
    ]  # fmt: skip
    remove_version(campaign, 2, by=None)
    remove_version(campaign, 1, by=None)
    assert (Experiment.objects.count(), Campaign.objects.count(), Message.objects.count()) == (0, 1, 1)


def test_what_is_no_draft_or_goes_out_by_itself_takes_no_test(draft, inside, ada):
    make_standing(draft, by=ada)
    with pytest.raises(NotTestableError, match="standing"):
        make_experiment(draft, by=None)

    other = make_campaign(make_sender())
    approve(other.message, by=None)
    with pytest.raises(NotTestableError, match="no_draft"):
        make_experiment(other, by=None)


def test_looking_asks_as_much_of_many_people_as_of_few(draft, readers, inside):
    campaign = gone_out(with_test(draft, test_percent=100), inside)
    counts = []
    for people in (10, 50):
        Delivery.objects.all().delete()
        counted(campaign, (people, 1), (people, 2))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            finding_of(it_of(campaign))
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_the_engine_sends_both_versions_and_then_the_rest_and_each_person_gets_one(inside, room):
    readers = [make_reader() for _ in range(24)]
    campaign = gone_out(with_test(make_campaign(make_sender(port=room.port)), test_percent=50), inside)
    send_due(inside)
    assert {one.message.state for one in all_versions(campaign)} == {Message.State.SENT}

    decide(it_of(campaign), 1, by=None)
    send_due(inside)

    rows = Delivery.objects.filter(state=Delivery.State.SENT).values_list("contact_id", flat=True)
    assert sorted(rows) == sorted(one.pk for one in readers)
    assert {one.message.state for one in all_versions(campaign)} == {Message.State.SENT}
