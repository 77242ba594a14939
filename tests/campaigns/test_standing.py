"""Standing campaigns: whoever enters a segment, does something or has a day coming gets it, once an occasion."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.calendar import going_between, standing_emails
from campaigns.composing import remove_draft
from campaigns.models import Campaign, StandingCampaign, StandingEntry
from campaigns.standing.days import look_for_days
from campaigns.standing.entering import WORK, enter, on_segments_moved
from campaigns.standing.handing_over import hand_over_due
from campaigns.standing.rhythms import standing_named
from campaigns.standing.starting import end, go_on, make_single, make_standing, standing_of, start, stop
from campaigns.standing.versions import write_version
from contacts.custom_fields.defining import define_field
from contacts.custom_fields.entering import enter_values
from contacts.merging import link_contacts
from contacts.models import Contact, CustomType, Tag
from delivery.engine.controlling import WrongStateError, approve, pause
from delivery.engine.planning import NotOpenError, add_recipients
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message
from engagement.alarms import count_alarms
from segments.members.membership import recheck
from segments.models import Segment
from tests.days import today_in
from tests.factories.campaigns import again, make_campaign, make_sender
from tests.factories.contacts import make_contact, make_reader
from touchpoints.facts import Fact
from touchpoints.kinds import KINDS
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.models import AgendaItem, AuditEntry

Fate, State, Trigger = StandingEntry.Fate, Delivery.State, StandingCampaign.Trigger
PURCHASE = {"trigger": Trigger.HAPPENS, "kind": KINDS["purchase"].code}


@pytest.fixture
def tagged(inside):
    """A segment of whoever bears a tag."""
    return Segment.objects.create(name="New", rule={"all": [{"tag": {"has_any": ["new"]}}]})


@pytest.fixture
def opened(inside, room, ada):
    """A standing campaign that was started; of everybody who does or has something, or of a segment."""

    def make(segment=None, **facts) -> Campaign:
        campaign = make_campaign(make_sender(port=room.port), segment=segment)
        make_standing(campaign, by=ada, **facts)
        return opened_again(campaign, ada)

    return make


def opened_again(campaign, by) -> Campaign:
    approve(campaign.message, by=by)
    start(again(campaign), by=by)
    return again(campaign)


@pytest.fixture
def work(inside):
    """What the agenda does: hand over, then send."""

    def go() -> None:
        hand_over_due(inside)
        send_due(inside)

    return go


def tag(*people: Contact) -> None:
    Tag.objects.bulk_create([Tag(contact=one, name="new") for one in people])
    recheck([one.pk for one in people])


def fates(campaign) -> list[tuple[int, str]]:
    rows = StandingEntry.objects.filter(standing__campaign=campaign).order_by("contact_id", "occasion")
    return list(rows.values_list("contact_id", "fate"))


def sent_to(campaign) -> list[int]:
    rows = Delivery.objects.filter(message=campaign.message_id, state=State.SENT)
    return sorted(rows.values_list("contact_id", flat=True))


def did(*people: Contact, ago=timedelta(0), kind="purchase") -> None:
    at = timezone.now() - ago
    facts = [Fact(kind, f"{kind}-{one.pk}-{at.timestamp()}", occurred_at=at, contact_id=one.pk) for one in people]
    record(facts, source=source_for("shop", "Shop"))


def test_whoever_enters_the_segment_gets_it_and_nobody_twice(opened, tagged, work):
    before, ann, ben = make_reader(), make_reader(), make_reader()
    tag(before)
    campaign = opened(tagged)

    tag(ann, ben)
    work()
    Tag.objects.filter(contact=ann).delete()
    recheck([ann.pk])
    tag(ann)
    work()

    assert sent_to(campaign) == [ann.pk, ben.pk]
    assert fates(campaign) == [(ann.pk, Fate.GIVEN), (ben.pk, Fate.GIVEN)]
    message = again(campaign).message
    assert (message.state, message.planned_count) == (Message.State.SENDING, 2)


def test_a_minute_before_its_delay_is_over_nobody_gets_it(opened, tagged, work):
    ann = make_reader()
    campaign = opened(tagged, delay_minutes=60)
    tag(ann)

    work()

    assert (sent_to(campaign), fates(campaign)) == ([], [(ann.pk, Fate.WAITS)])
    due = AgendaItem.objects.get(work=WORK).due_at
    assert due <= StandingEntry.objects.get().due_at
    assert timedelta(minutes=59) < StandingEntry.objects.get().due_at - timezone.now() <= timedelta(minutes=60)

    StandingEntry.objects.update(due_at=timezone.now())
    work()
    assert sent_to(campaign) == [ann.pk]


def test_who_left_the_segment_meanwhile_gets_nothing(opened, tagged, work):
    ann, ben = make_reader(), make_reader()
    campaign = opened(tagged, delay_minutes=60)
    tag(ann, ben)
    Tag.objects.filter(contact=ann).delete()
    recheck([ann.pk])
    StandingEntry.objects.update(due_at=timezone.now())

    work()

    assert (sent_to(campaign), fates(campaign)) == ([ben.pk], [(ann.pk, Fate.LEFT), (ben.pk, Fate.GIVEN)])


@pytest.mark.parametrize("includes", [True, False])
def test_who_is_in_it_as_it_starts_gets_it_where_that_was_asked_for(opened, tagged, work, includes):
    ann, ben = make_reader(), make_reader()
    tag(ann, ben)

    campaign = opened(tagged, includes_present=includes, most_a_day=1)
    work()

    assert sent_to(campaign) == ([ann.pk, ben.pk] if includes else [])
    assert again(campaign).message.state == Message.State.SENDING  # it was asked for: no alarm


def test_more_than_its_owner_believes_wait_for_a_look(opened, tagged, work, ada):
    people = [make_reader() for _ in range(4)]
    campaign = opened(tagged, most_a_day=3)
    tag(*people[:2])
    work()
    assert len(sent_to(campaign)) == 2

    tag(*people[2:])
    work()

    message = again(campaign).message
    assert (message.state, len(sent_to(campaign))) == (Message.State.PAUSED, 2)
    assert message.state_reason.startswith("4 people would get it today; you expected 3 at most.")

    go_on(again(campaign), by=ada)
    work()
    assert len(sent_to(campaign)) == 4


def test_a_purchase_starts_it_and_history_that_is_loaded_does_not(opened, work):
    ann, ben, cas = make_reader(), make_reader(), make_reader()
    campaign = opened(**PURCHASE)

    did(ann)
    did(ben, ago=timedelta(days=30))
    did(cas, kind="visit")
    work()

    assert sent_to(campaign) == [ann.pk]


def test_what_they_did_before_it_started_does_not_count(opened, work):
    ann = make_reader()
    at = timezone.now()
    campaign = opened(**PURCHASE)
    record([Fact("purchase", "late", occurred_at=at, contact_id=ann.pk)], source=source_for("shop", "Shop"))

    work()

    assert fates(campaign) == []


def test_again_after_some_days_is_counted_from_the_last_time(opened, inside, work):
    ann = make_reader()
    campaign = opened(**PURCHASE, again_after_days=3)
    day = today_in(inside).toordinal()
    for days_ago, times in ((3, 1), (2, 2)):
        StandingEntry.objects.all().delete()
        Delivery.objects.all().delete()
        StandingEntry.objects.create(
            standing=standing_of(campaign), contact=ann, occasion=day - days_ago, due_at=timezone.now(),
            done_at=timezone.now() - timedelta(days=days_ago), fate=Fate.GIVEN,
        )  # fmt: skip
        did(ann)
        did(ann)
        work()
        assert (StandingEntry.objects.count(), len(sent_to(campaign))) == (3 - times, 2 - times)


def test_a_birthday_comes_each_year_at_nine_of_their_own_clock(opened, inside, work):
    birthday = define_field("birthday", type=CustomType.DATE, by=None)
    here = ZoneInfo(inside.zone)
    today = timezone.now().astimezone(here).date()
    far, near, other = make_reader(zone="Pacific/Kiritimati"), make_reader(), make_reader()
    for one, day in ((far, today), (near, today), (other, today + timedelta(days=40))):
        enter_values(one, {birthday.name: day.replace(year=1984).isoformat()}, by=None)
    campaign = opened(trigger=Trigger.DATE, field=birthday.name, at_hour=9)
    standing = standing_of(campaign)

    look_for_days(standing)
    look_for_days(standing)

    rows = StandingEntry.objects.order_by("contact_id").values_list("contact_id", "occasion", "due_at")
    nine = datetime.combine(today, time(9))
    assert list(rows) == [
        (far.pk, today.toordinal(), nine.replace(tzinfo=ZoneInfo("Pacific/Kiritimati"))),
        (near.pk, today.toordinal(), nine.replace(tzinfo=here)),
    ]
    StandingEntry.objects.filter(contact=near).update(due_at=timezone.now() - timedelta(hours=25))
    StandingEntry.objects.filter(contact=far).update(due_at=timezone.now() - timedelta(hours=23))
    work()
    assert fates(campaign) == [(far.pk, Fate.GIVEN), (near.pk, Fate.LATE)]


@pytest.mark.parametrize(("year", "comes"), [(2027, True), (2028, False)])
def test_the_29_february_comes_on_the_28_where_the_year_has_none(opened, time_machine, year, comes):
    field = define_field("birthday", type=CustomType.DATE, by=None)
    ann = make_reader()
    enter_values(ann, {field.name: "2004-02-29"}, by=None)
    campaign = opened(trigger=Trigger.DATE, field=field.name)
    time_machine.move_to(datetime(year, 2, 27, 2, tzinfo=UTC), tick=False)
    StandingCampaign.objects.update(dates_until=datetime(year, 2, 27, tzinfo=UTC).date())

    look_for_days(standing_of(campaign))

    assert [one for one, _fate in fates(campaign)] == ([ann.pk] if comes else [])


def test_a_renewal_goes_out_some_days_before_and_not_each_year(opened, inside):
    field = define_field("renewal", type=CustomType.DATE, by=None)
    today = today_in(inside)
    due, last_year = make_reader(), make_reader()
    enter_values(due, {field.name: (today + timedelta(days=14)).isoformat()}, by=None)
    enter_values(last_year, {field.name: (today + timedelta(days=14 - 365)).isoformat()}, by=None)
    campaign = opened(trigger=Trigger.DATE, field=field.name, is_yearly=False, offset_days=-14)

    look_for_days(standing_of(campaign))

    assert fates(campaign) == [(due.pk, Fate.WAITS)]


def test_two_with_one_address_get_one_and_the_control_group_none(opened, tagged, work):
    people = [make_reader() for _ in range(12)]
    twin = make_reader()
    campaign = opened(tagged)
    Message.objects.filter(pk=campaign.message_id).update(holdouts=[["x", 5_000]])
    tag(*people)
    work()
    reached = sent_to(campaign)
    Contact.objects.filter(pk=twin.pk).update(email=Contact.objects.get(pk=reached[0]).email)
    tag(twin)
    work()

    message = again(campaign).message
    words = Counter(Delivery.objects.filter(message=message).values_list("state", "reason"))
    held = words[State.EXCLUDED, "holdout"]
    assert 0 < held < 12
    assert words[State.EXCLUDED, "same_address"] + held == 13 - len(reached)
    assert (message.held_count, message.planned_count) == (held, 13)
    assert sent_to(campaign) == reached


def test_two_contacts_who_turn_out_to_be_one_get_one(opened, tagged, work):
    ann, double = make_reader(), make_reader()
    campaign = opened(tagged, delay_minutes=60)
    tag(ann, double)
    link_contacts(double.pk, ann.pk)
    StandingEntry.objects.update(due_at=timezone.now())

    work()

    assert sent_to(campaign) == [ann.pk]


def test_paused_it_gathers_who_enters_and_goes_on_with_them(opened, tagged, work, ada):
    ann = make_reader()
    campaign = opened(tagged)
    pause(campaign.message, by=ada)
    tag(ann)
    work()
    assert (sent_to(campaign), fates(campaign)) == ([], [(ann.pk, Fate.WAITS)])

    go_on(again(campaign), by=ada)
    work()

    assert sent_to(campaign) == [ann.pk]


@pytest.mark.parametrize("verb", [end, stop])
def test_ended_nobody_enters_any_more(opened, tagged, work, ada, verb):
    ann, ben = make_reader(), make_reader()
    campaign = opened(tagged)
    tag(ann)
    work()

    verb(again(campaign), by=ada)
    tag(ben)
    work()

    assert sent_to(campaign) == [ann.pk]
    assert again(campaign).message.state == ("sent" if verb is end else "cancelled")
    with pytest.raises(WrongStateError):
        end(again(campaign), by=ada)


def test_a_new_version_takes_its_place_and_who_had_the_old_one_does_not_get_it(opened, tagged, work, room, ada):
    ann, ben = make_reader(), make_reader()
    old = opened(tagged)
    tag(ann)
    work()
    new = make_campaign(make_sender(port=room.port), segment=tagged, name="Second")
    make_standing(old, by=ada, draft=new)

    opened_again(new, ada)
    Tag.objects.filter(contact=ann).delete()
    recheck([ann.pk])
    tag(ann, ben)
    work()

    assert (sent_to(old), sent_to(new)) == ([ann.pk], [ben.pk])
    assert (again(old).message.state, again(new).message.state) == ("sent", "sending")
    assert standing_of(again(new)).draft_id is None


def test_one_that_goes_out_once_is_started_by_nobody(inside, room, ada):
    campaign = make_campaign(make_sender(port=room.port))
    make_standing(campaign, by=ada, trigger=Trigger.ENTERS)
    make_single(campaign, by=ada)
    approve(campaign.message, by=ada)

    with pytest.raises(WrongStateError):
        start(again(campaign), by=ada)
    with pytest.raises(NotOpenError):
        add_recipients(campaign.message, [make_reader().pk], occasion=0)
    assert AuditEntry.objects.filter(action="campaign.single").count() == 1


def test_many_cost_as_many_statements_as_one(opened, tagged, inside):
    standing = standing_of(opened(tagged))
    found = {}
    for many in (1, 1, 50):  # the first notes the price as well
        people = [make_contact() for _ in range(many)]
        Tag.objects.bulk_create([Tag(contact=one, name="new") for one in people])
        with CaptureQueriesContext(connection) as asked:
            on_segments_moved([(tagged, [one.pk for one in people], [])])
            hand_over_due(inside)
        found[many] = len(asked)
    assert (found[1], StandingEntry.objects.filter(fate=Fate.GIVEN).count()) == (found[50], 52)
    assert enter(standing, {}) == 0


def test_pages_and_emails_ask_nothing_of_standing_campaigns(opened):
    opened(**PURCHASE)
    ann = make_reader()
    with CaptureQueriesContext(connection) as asked:
        did(ann, kind="page")
    assert [one for one in asked if "standingcampaign" in one["sql"]] == []


def test_one_that_nobody_gets_any_more_is_an_alarm_until_it_ends(opened, inside, ada):
    campaign = opened(**PURCHASE)
    standing, people = standing_of(campaign), [make_contact() for _ in range(12)]
    today = timezone.now()
    StandingEntry.objects.bulk_create(
        StandingEntry(
            standing=standing, contact=one, occasion=ago, fate=Fate.GIVEN,
            due_at=today - timedelta(days=ago), done_at=today - timedelta(days=ago),
        )
        for ago in range(4, 50) for one in people
    )  # fmt: skip

    (alarm,) = count_alarms(0)
    assert (alarm["rhythm"], alarm["which"], alarm["silent_days"]) == ("campaigns.standing", standing.pk, 3)

    end(again(campaign), by=ada)
    assert standing_named([standing.pk]) == {}


def test_the_calendar_has_them_in_a_line_and_not_in_its_days(opened, inside):
    campaign = opened(**PURCHASE)
    standing = standing_of(campaign)
    for ago in range(14):
        at = timezone.now() - timedelta(days=ago)
        StandingEntry.objects.create(standing=standing, contact=make_contact(), due_at=at, done_at=at, fate=Fate.GIVEN)

    assert [(name, daily) for name, _page, daily in standing_emails()] == [(campaign.name, 0.5)]
    today = today_in(inside)
    assert going_between(today - timedelta(days=7), today + timedelta(days=7)) == []


def test_who_had_it_before_they_turned_out_to_be_somebody_does_not_get_it_again(opened, tagged, work):
    ann, double = make_reader(), make_reader()
    campaign = opened(tagged)
    tag(double)
    work()
    link_contacts(double.pk, ann.pk)
    tag(ann)
    work()

    assert sent_to(campaign) == [double.pk]


def test_never_twice_turned_into_after_some_days_counts_from_when_they_had_it(opened, work, ada):
    ann = make_reader()
    campaign = opened(**PURCHASE)
    did(ann)
    work()
    make_standing(campaign, by=ada, again_after_days=3)
    for days, times in ((2, 1), (4, 2)):
        StandingEntry.objects.filter(occasion=0).update(done_at=timezone.now() - timedelta(days=days))
        did(ann)
        work()
        assert Delivery.objects.filter(message=campaign.message_id, state=State.SENT).count() == times


@pytest.mark.parametrize("verb", [end, stop])
def test_who_waited_as_it_ended_gets_nothing_of_a_later_version(opened, tagged, work, room, ada, verb):
    ann = make_reader()
    old = opened(tagged, delay_minutes=60)
    tag(ann)
    new = make_campaign(make_sender(port=room.port), segment=tagged, name="Second")
    make_standing(old, by=ada, draft=new)
    verb(again(old), by=ada)
    opened_again(new, ada)
    StandingEntry.objects.update(due_at=timezone.now() - timedelta(days=30))
    work()

    assert sent_to(new) == []
    assert StandingEntry.objects.get().fate == Fate.ENDED


def test_a_purchase_that_anybody_can_write_starts_nothing(opened, work):
    ann = make_reader()
    campaign = opened(**PURCHASE)
    fact = Fact("purchase", "public", occurred_at=timezone.now(), contact_id=ann.pk, weight_milli=0)
    record([fact], source=source_for("site", "Site"))
    work()

    assert fates(campaign) == []


def test_the_draft_of_a_new_version_goes_and_what_runs_stays(opened, tagged, work, ada):
    ann, ben = make_reader(), make_reader()
    campaign = opened(tagged)
    tag(ann)
    work()
    draft = write_version(standing_of(campaign), by=ada)

    remove_draft(again(draft))
    tag(ben)
    work()

    assert sent_to(campaign) == [ann.pk, ben.pk]
    assert standing_of(again(campaign)).draft_id is None


def test_one_that_is_approved_does_not_become_one_that_goes_out_once(inside, room, ada):
    campaign = make_campaign(make_sender(port=room.port), segment=None)
    make_standing(campaign, by=ada, **PURCHASE)
    approve(campaign.message, by=ada)

    with pytest.raises(WrongStateError):
        make_single(again(campaign), by=ada)
    assert standing_of(again(campaign)) is not None
