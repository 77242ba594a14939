"""The pages of standing campaigns: when it goes out, starting, ending, a new version; by everybody's clock, or spread."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, StandingCampaign
from campaigns.planning import plan_due
from campaigns.standing.starting import make_standing, standing_of, start
from contacts.custom_fields.defining import define_field
from contacts.models import CustomType
from delivery.engine.controlling import WrongStateError, approve, resume, schedule
from delivery.engine.timing import first_moment, moment_in
from delivery.models import Message, RecipientChunk
from segments.models import Segment
from tests.factories.campaigns import again, make_campaign, make_sender, planned
from tests.factories.contacts import make_reader
from touchpoints.kinds import KINDS
from workspaces.current import working_in
from workspaces.models import AuditEntry

Trigger = StandingCampaign.Trigger
ASKED = {"trigger": "enters", "side": "after", "unit": "60", "most_a_day": "1000"}


def at(name: str, pk: int) -> str:
    return f"/w/kettle{reverse(f'campaigns:{name}', args=[pk], urlconf='ecrm.urls_workspace')}"


@pytest.fixture
def draft(kettle):
    kettle.postal_address = "Lindenallee 8"
    kettle.save()
    with working_in(kettle):
        return make_campaign(make_sender())


@pytest.mark.parametrize(
    ("given", "facts"),
    [
        ({"delay": "2", "unit": "1440"}, {"trigger": "enters", "delay_minutes": 2880, "again_after_days": None}),
        ({"delay": "90", "unit": "1", "includes_present": "on"}, {"delay_minutes": 90, "includes_present": True}),
        ({"trigger": "happens", "kind": str(KINDS["purchase"].code), "again": "on", "again_after_days": "30"},
         {"kind": KINDS["purchase"].code, "again_after_days": 30, "field": "", "at_hour": 9}),
        ({"trigger": "date", "field": "renewal", "days": "14", "side": "before", "at_hour": "7", "delay": "3"},
         {"field": "renewal", "offset_days": -14, "at_hour": 7, "is_yearly": False, "delay_minutes": 0}),
        ({"trigger": "date", "field": "renewal", "is_yearly": "on"}, {"is_yearly": True, "at_hour": 9}),
    ],
)  # fmt: skip
def test_the_form_keeps_what_its_trigger_reads(draft, as_ada, kettle, given, facts):
    with working_in(kettle):
        define_field("renewal", type=CustomType.DATE, by=None)

    answer = as_ada.post(at("when", draft.pk), ASKED | given)

    assert (answer.status_code, answer["Location"]) == (302, at("page", draft.pk))
    with working_in(kettle):
        kept = standing_of(draft)
        assert {name: getattr(kept, name) for name in facts} == facts
    shown = as_ada.get(at("when", draft.pk))
    assert (shown.status_code, as_ada.get(at("page", draft.pk)).status_code) == (200, 200)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"trigger": "happens"}, "kind"),
        ({"trigger": "happens", "kind": str(KINDS["page"].code)}, "kind"),
        ({"trigger": "date"}, "field"),
        ({"trigger": "date", "field": "nothing"}, "field"),
        ({"trigger": "hourly"}, "trigger"),
        ({"delay": "500", "unit": "1440"}, "delay"),
        ({"again": "on"}, "again_after_days"),
        ({"most_a_day": "0"}, "most_a_day"),
        ({"at_hour": "24"}, "at_hour"),
    ],
)
def test_what_it_cannot_be_is_said_at_its_place(draft, as_ada, kettle, given, field):
    answer = as_ada.post(at("when", draft.pk), ASKED | given)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    with working_in(kettle):
        assert standing_of(draft) is None


def test_a_segment_is_needed_to_be_entered(as_ada, kettle):
    with working_in(kettle):
        draft = make_campaign(make_sender(), segment=None)

    assert list(as_ada.post(at("when", draft.pk), ASKED).context["form"].errors) == ["trigger"]


def test_one_of_what_people_do_needs_no_segment(as_ada, kettle, ada):
    kettle.postal_address = "Lindenallee 8"
    kettle.save()
    with working_in(kettle):
        make_reader()
        draft = make_campaign(make_sender(), segment=None)
    said = ASKED | {"trigger": "happens", "kind": str(KINDS["signed_up"].code)}

    page = as_ada.post(at("when", draft.pk), said, follow=True).text

    assert "Everybody we may write to" in page
    as_ada.post(at("approve", draft.pk))
    assert "Start it" in as_ada.get(at("page", draft.pk)).text
    assert "It runs by itself" in as_ada.post(at("start", draft.pk), follow=True).text


def test_from_draft_to_running_to_a_new_version_to_its_end(draft, as_ada, kettle, ada):
    as_ada.post(at("when", draft.pk), ASKED)
    with working_in(kettle):
        approve(again(draft).message, by=ada)
    assert "Start it" in as_ada.get(at("page", draft.pk)).text

    as_ada.post(at("start", draft.pk))
    page = as_ada.get(at("page", draft.pk)).text
    assert "It runs by itself" in page
    assert "Cancel the rest" not in page
    assert "Runs by itself" in as_ada.get("/w/kettle/campaigns/").text

    made = as_ada.post(at("version", draft.pk))
    assert as_ada.post(at("version", draft.pk))["Location"] == made["Location"]  # one at a time
    assert as_ada.get(made["Location"]).status_code == 200
    with working_in(kettle):
        new = Campaign.objects.order_by("-pk")[0]
        assert (new.message.content.body, new.message.name) == (draft.message.content.body, draft.message.name)
        assert new.message.content_id != draft.message.content_id
        approve(new.message, by=ada)
    assert "takes the place of" in as_ada.get(at("page", new.pk)).text
    as_ada.post(at("start", new.pk))
    assert "It runs by itself" in as_ada.get(at("page", new.pk)).text

    as_ada.post(at("end", new.pk))
    assert "It ran by itself" in as_ada.get(at("page", new.pk)).text
    with working_in(kettle):
        actions = set(AuditEntry.objects.values_list("action", flat=True))
    assert {"campaign.standing", "campaign.started", "campaign.version", "campaign.ended"} <= actions


def test_steps_that_do_not_fit_are_told(draft, as_ada, kettle):
    for name in ("start", "end", "version"):
        answer = as_ada.post(at(name, draft.pk), follow=True)
        assert answer.status_code == 200
        assert "note" in answer.text or "does not" in answer.text
    with working_in(kettle):
        assert again(draft).message.state == "draft"
        sent = planned(make_campaign(make_sender()))
    assert as_ada.get(at("when", sent.pk))["Location"] == at("page", sent.pk)
    as_ada.post(at("when", draft.pk), ASKED)
    as_ada.post(at("once", draft.pk))
    with working_in(kettle):
        assert standing_of(draft) is None


def test_strangers_and_who_may_not(draft, as_eve, member, kettle):
    for name in ("when", "once", "start", "end", "version"):
        assert as_eve.post(at(name, draft.pk)).status_code == 404
    analyst = member("analyst")
    assert [analyst.post(at(name, draft.pk)).status_code for name in ("when", "start", "end")] == [403] * 3


def test_an_empty_segment_is_no_reason_to_wait_where_people_enter_it(as_ada, kettle, ada):
    with working_in(kettle):
        nobody = Segment.objects.create(name="New", rule={"all": [{"tag": {"has_any": ["new"]}}]})
        kettle.postal_address = "Lindenallee 8"
        kettle.save()
        draft = make_campaign(make_sender(), segment=nobody)
    assert "Nobody is in the segment." in as_ada.get(at("page", draft.pk)).text
    with working_in(kettle):
        make_standing(draft, by=ada, trigger=Trigger.ENTERS)
    assert "Nobody is in the segment." not in as_ada.get(at("page", draft.pk)).text


@pytest.mark.parametrize(
    ("zone", "wall", "since", "moment"),
    [
        ("Asia/Tokyo", "2027-03-03 09:00", "2027-03-01 00:00", "2027-03-03 00:00"),
        ("Asia/Tokyo", "2027-03-03 09:00", "2027-03-03 07:00", "2027-03-04 00:00"),  # gone by: a day later
        ("", "2027-03-03 09:00", "2027-03-03 08:00", "2027-03-03 08:00"),  # the workspace's own
        ("Nowhere/Land", "2027-03-03 09:00", "2027-03-01 00:00", "2027-03-03 08:00"),
        (
            "America/New_York",
            "2027-03-14 02:30",
            "2027-03-01 00:00",
            "2027-03-14 07:00",
        ),  # skipped by the clock: the first moment after
        ("America/New_York", "2027-11-07 01:30", "2027-11-01 00:00", "2027-11-07 05:30"),  # comes twice
        ("Pacific/Kiritimati", "2027-03-03 09:00", "2027-03-01 00:00", "2027-03-02 19:00"),
    ],
)
def test_their_clock_shows_the_time_that_ours_shows(inside, zone, wall, since, moment):
    type(inside).objects.filter(pk=inside.pk).update(zone="Europe/Berlin")
    inside.refresh_from_db()
    with working_in(inside):
        found = moment_in(zone, datetime.fromisoformat(wall), datetime.fromisoformat(since).replace(tzinfo=UTC))

    assert found == datetime.fromisoformat(moment).replace(tzinfo=UTC)


def test_each_zone_is_a_chunk_with_its_moment(inside, ada):
    tokyo = [make_reader(zone="Asia/Tokyo").pk for _ in range(3)]
    lima, unknown = make_reader(zone="America/Lima").pk, make_reader(zone="").pk
    campaign = make_campaign(make_sender())
    later = (timezone.now() + timedelta(days=3)).replace(hour=9, minute=0, second=0, microsecond=0)
    schedule(approve(campaign.message, by=ada), later, by=ada, by_zone=True)
    message = Message.objects.get(pk=campaign.message_id)
    wall = later.astimezone(ZoneInfo(inside.zone)).replace(tzinfo=None)
    assert first_moment(message) == wall.replace(tzinfo=UTC) - timedelta(hours=14)
    assert plan_due(inside) == first_moment(message)

    # the first clock shows it
    ahead = timedelta(hours=13, minutes=50) - (later.astimezone(ZoneInfo(inside.zone)).utcoffset() or timedelta(0))
    Message.objects.update(scheduled_at=timezone.now() + ahead)
    message.refresh_from_db()
    plan_due(inside)

    found = {one: chunk.not_before for chunk in RecipientChunk.objects.all() for one in chunk.contact_ids}
    since = timezone.now()
    wall = message.scheduled_at.astimezone(ZoneInfo(inside.zone)).replace(tzinfo=None)
    wanted = {zone: moment_in(zone, wall, since) for zone in ("Asia/Tokyo", "America/Lima", "")}
    assert found == dict.fromkeys(tokyo, wanted["Asia/Tokyo"]) | {lima: wanted["America/Lima"], unknown: wanted[""]}
    assert RecipientChunk.objects.count() == 3


def test_spread_over_an_hour_is_twelve_parts(inside, ada):
    people = sorted(make_reader().pk for _ in range(30))
    campaign = make_campaign(make_sender())
    before = timezone.now()
    schedule(approve(campaign.message, by=ada), by=ada, spread_minutes=60)
    plan_due(inside)

    chunks = list(RecipientChunk.objects.order_by("number"))
    assert [len(one.contact_ids) for one in chunks] == [3] * 10
    assert [one for chunk in chunks for one in chunk.contact_ids] == people
    gaps = [later.not_before - one.not_before for one, later in pairwise(chunks)]
    assert set(gaps) == {timedelta(minutes=6)}
    assert before <= chunks[0].not_before <= timezone.now()


@pytest.mark.parametrize(
    ("given", "field"), [({"by_zone": "on"}, "at"), ({"spread_hours": "73"}, "spread_hours"), ({"at": "soon"}, "at")]
)
def test_a_timing_that_cannot_be_is_refused(draft, as_ada, kettle, ada, given, field):
    with working_in(kettle):
        make_reader()
        approve(again(draft).message, by=ada)

    answer = as_ada.post(at("schedule", draft.pk), given)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_scheduled_by_their_clocks_it_says_so(draft, as_ada, kettle, ada):
    with working_in(kettle):
        approve(again(draft).message, by=ada)
    moment = (timezone.now() + timedelta(days=2)).strftime("%Y-%m-%dT09:00")

    as_ada.post(at("schedule", draft.pk), {"at": moment, "by_zone": "on", "spread_hours": "2"})

    page = as_ada.get(at("page", draft.pk)).text
    assert "the clock where each of them is" in page
    assert "Spread over 2 h." in page
    with working_in(kettle):
        message = again(draft).message
    assert (message.by_zone, message.spread_minutes, message.state) == (True, 120, "scheduled")


def test_one_that_was_not_approved_does_not_start(draft, kettle, ada):
    with working_in(kettle):
        make_standing(draft, by=ada, trigger=Trigger.ENTERS)
        with pytest.raises(WrongStateError):
            start(again(draft), by=ada)


def test_who_may_not_approve_changes_nothing_that_was_approved(draft, kettle, ada, member):
    editor = member("editor")
    editor.post(at("when", draft.pk), ASKED)
    with working_in(kettle):
        approve(again(draft).message, by=ada)

    for name, given in (("when", ASKED | {"most_a_day": "9999"}), ("once", {})):
        assert editor.post(at(name, draft.pk), given).status_code == 302
    with working_in(kettle):
        assert standing_of(again(draft)).most_a_day == 1_000
        start(again(draft), by=ada)
    editor.post(at("when", draft.pk), ASKED | {"most_a_day": "9999"})
    with working_in(kettle):
        assert standing_of(again(draft)).most_a_day == 1_000


def test_missed_by_their_clocks_and_resumed_it_goes_now(inside, ada):
    make_reader(zone="Asia/Tokyo")
    campaign = make_campaign(make_sender())
    schedule(approve(campaign.message, by=ada), timezone.now() + timedelta(days=1), by=ada, by_zone=True)
    Message.objects.update(scheduled_at=timezone.now() - timedelta(hours=5))
    plan_due(inside)
    assert again(campaign).message.state == "paused"

    resume(again(campaign).message, by=ada)
    plan_due(inside)

    assert RecipientChunk.objects.get().not_before is None
