"""Every number leads to its people: the list of contacts narrowed by what the number counted."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from contacts.merging import link_contacts
from contacts.models import Audience
from delivery.models import Delivery
from engagement.models import LevelMove, Score
from lib.clock import now
from segments.members.growing import growth_of, keep_counts
from segments.members.membership import refresh
from segments.members.rechecking import audit_tonight
from segments.models import Segment, SegmentCount
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact
from workspaces.current import working_in

LIST = "/w/kettle/contacts/"


@pytest.fixture
def three(kettle):
    with working_in(kettle):
        return [make_contact(name, roles=[role]) for name, role in (("Ann", 1), ("Ben", 1), ("Cyd", 2))]


def names(browser, query: str) -> list[str]:
    page = browser.get(f"{LIST}?{query}").text
    return [name for name in ("Ann", "Ben", "Cyd") if f">{name}<" in page]


def test_a_segments_number_leads_to_its_members(as_ada, kettle, three):
    with working_in(kettle):
        segment = Segment.objects.create(name="Buyers", rule={"all": [{"role": {"in": ["customer"]}}]})
        refresh(segment)

    assert names(as_ada, f"segment={segment.pk}") == ["Ann", "Ben"]
    assert names(as_ada, f"segment={segment.pk}&role=2") == []
    assert "Segment: Buyers" in as_ada.get(f"{LIST}?segment={segment.pk}").text
    assert f"{LIST}?segment={segment.pk}" in as_ada.get("/w/kettle/segments/").text


def test_a_private_segment_narrows_nobody_elses_list(as_ada, member, kettle, three):
    with working_in(kettle):
        segment = Segment.objects.create(name="Mine", is_private=True, owner_id=77, rule={"all": []})

    assert names(as_ada, f"segment={segment.pk}") == ["Ann", "Ben", "Cyd"]
    assert "Mine" not in as_ada.get(f"{LIST}?segment={segment.pk}").text


@pytest.mark.parametrize(
    "query",
    ["segment=x", "segment=²", "level=0", "level=9", "moved=sideways", "email=1", "email=x-opened"],
)
def test_nonsense_narrows_nothing(as_ada, three, query):
    assert names(as_ada, query) == ["Ann", "Ben", "Cyd"]


def test_levels_and_moves_lead_to_their_people(as_ada, kettle, three):
    ann, ben, cyd = three
    with working_in(kettle):
        for one, level in ((ann, 5), (ben, 2)):
            Score.objects.update_or_create(contact=one, defaults={"level": level})
        LevelMove.objects.create(contact=ann, at=now() - timedelta(days=3), before=4, after=5)
        LevelMove.objects.create(contact=ben, at=now() - timedelta(days=3), before=4, after=2)
        LevelMove.objects.create(contact=cyd, at=now() - timedelta(days=40), before=1, after=2)

    assert (names(as_ada, "level=5"), names(as_ada, "level=2")) == (["Ann"], ["Ben"])
    assert (names(as_ada, "moved=up"), names(as_ada, "moved=down")) == (["Ann"], ["Ben"])
    assert names(as_ada, f"moved=up&role={int(Audience.PROSPECT)}") == []


def test_each_number_of_a_campaign_leads_to_its_people(as_ada, kettle, three):
    ann, ben, cyd = three
    with working_in(kettle):
        campaign = make_campaign()
        rows = [
            Delivery(
                message=campaign.message, contact=ann, state=Delivery.State.SENT, opened_at=now(), clicked_at=now()
            ),
            Delivery(
                message=campaign.message,
                contact=ben,
                state=Delivery.State.SENT,
                machine_opened_at=now(),
                bounced_at=now(),
            ),
            Delivery(message=campaign.message, contact=cyd, state=Delivery.State.EXCLUDED, reason="no_consent"),
        ]
        Delivery.objects.bulk_create(rows)

    found = {
        fate: names(as_ada, f"email={campaign.pk}-{fate}")
        for fate in (
            "sent",
            "delivered",
            "opened",
            "clicked",
            "machines",
            "unopened",
            "bounced",
            "no_consent",
            "paused",
        )
    }

    assert found == {
        "sent": ["Ann", "Ben"], "delivered": ["Ann"], "opened": ["Ann"], "clicked": ["Ann"], "machines": ["Ben"],
        "unopened": [], "bounced": ["Ben"], "no_consent": ["Cyd"], "paused": [],
    }  # fmt: skip


def test_the_list_keeps_narrowed_on_its_next_page_and_in_its_search(as_ada, kettle):
    with working_in(kettle):
        for number in range(55):
            make_contact(f"Person {number:02}", roles=[1])
        segment = Segment.objects.create(name="Buyers", rule={"all": [{"role": {"in": ["customer"]}}]})
        refresh(segment)

    page = as_ada.get(f"{LIST}?segment={segment.pk}").text

    assert f'<input type="hidden" name="segment" value="{segment.pk}">' in page
    assert f"?segment={segment.pk}&amp;after=" in page


def test_growth_is_one_count_a_day_and_one_a_week(inside):
    segment = Segment.objects.create(name="Grows", rule={"all": []})
    assert growth_of(segment) is None
    today = now().astimezone(ZoneInfo(inside.zone)).date()  # of the workspace, where it may be tomorrow
    for back in range(30, -1, -1):
        SegmentCount.objects.create(segment=segment, day=today - timedelta(days=back), people=100 - back)
    segment.member_count = 321
    keep_counts([segment])
    keep_counts([segment])

    growth = growth_of(segment)

    assert SegmentCount.objects.count() == 31
    assert growth["values"][-1] == 321
    assert len(growth["values"]) == 6
    assert (growth["since"], growth["first"]) == (today - timedelta(days=30), 70)


def test_growth_looks_back_twelve_weeks_the_first_day_too(inside):
    segment = Segment.objects.create(name="Grows", rule={"all": []})
    today = now().astimezone(ZoneInfo(inside.zone)).date()
    for weeks, days, people in ((12, 1, 1), (12, 0, 2), (0, 0, 3)):
        SegmentCount.objects.create(segment=segment, day=today - timedelta(weeks=weeks, days=days), people=people)

    assert growth_of(segment)["values"] == [2, 3]


def test_each_look_and_each_night_keep_a_count(kettle, three):
    with working_in(kettle):
        segment = Segment.objects.create(name="Buyers", rule={"all": [{"role": {"in": ["customer"]}}]})
        unread = Segment.objects.create(name="Unread", rule={"all": [{"nothing": 1}]}, member_count=7)
        refresh(segment)
        assert SegmentCount.objects.get().people == 2
        SegmentCount.objects.all().delete()

    audit_tonight(kettle)

    with working_in(kettle):
        assert dict(SegmentCount.objects.values_list("segment", "people")) == {segment.pk: 2, unread.pk: 7}


def test_who_got_it_before_being_merged_is_found_as_who_they_are(as_ada, kettle, three):
    ann, ben, _cyd = three
    with working_in(kettle):
        campaign = make_campaign()
        Delivery.objects.create(message=campaign.message, contact=ann, state=Delivery.State.SENT)
        link_contacts(ann.pk, ben.pk)

    assert names(as_ada, f"email={campaign.pk}-sent") == ["Ben"]


def test_a_foreign_campaign_or_segment_narrows_nothing(as_ada, rival, three):
    with working_in(rival):
        campaign, segment = make_campaign(), Segment.objects.create(name="Theirs", rule={"all": []})

    for query in (
        f"email={campaign.pk}-sent",
        f"segment={segment.pk}",
        "segment=99999999999999999999",
        "email=9e9-sent",
    ):
        assert names(as_ada, query) == ["Ann", "Ben", "Cyd"], query
