"""A segment that was saved gets its members: at once where few people are, else in the background, with progress."""

import json

import pytest
from django.db import OperationalError

from campaigns.planning import plan_due
from delivery.models import Message
from lib.clock import now
from segments.members import filling
from segments.members.filling import fill, next_to_fill, request_fill
from segments.members.membership import unfilled_in
from segments.members.rechecking import audit_segments, bring_in_members, recheck_due, request_recheck
from segments.models import Segment, SegmentCount, SegmentDue, SegmentMember
from segments.news import filling_went_on, segments_moved
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact
from workspaces.current import working_in
from workspaces.models import AgendaItem

VIP = {"all": [{"tag": {"has_any": ["vip"]}}]}
HERE = "/w/kettle/segments/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def big(monkeypatch):
    """Two people are many, and one is written at a time."""
    monkeypatch.setattr(filling, "SMALL", 1)
    monkeypatch.setattr(filling, "AT_ONCE", 1)


@pytest.fixture
def people(kettle):
    with working_in(kettle):
        return [make_contact(f"P{n}", tags=["vip"] if n < 3 else []) for n in range(4)]


def members(segment):
    return set(SegmentMember.objects.filter(segment=segment).values_list("contact_id", flat=True))


def save(client, rule=VIP, url=f"{HERE}new/", **more):
    return client.post(url, {"rule": json.dumps(rule), "do": "save", "name": "VIPs", **more})


def test_a_small_workspace_fills_it_at_once(as_ada, kettle, people):
    save(as_ada)

    with working_in(kettle):
        segment = Segment.objects.get()
        assert (segment.is_being_filled, segment.member_count, len(members(segment))) == (False, 3, 3)


def test_a_big_one_saves_at_once_and_fills_it_soon_with_progress(as_ada, kettle, people, big):
    answer = save(as_ada)

    with working_in(kettle):
        segment = Segment.objects.get()
        assert (segment.is_being_filled, members(segment)) == (True, set())
        assert AgendaItem.objects.get(work="segments.recheck").due_at <= now()
    page = as_ada.get(answer.url).text
    assert "Being filled" in page
    assert "<progress" in page
    assert f'hx-get="{HERE}{segment.pk}/standing/"' in page
    assert "being filled" in as_ada.get(HERE).text

    assert recheck_due(kettle) is None

    with working_in(kettle):
        segment.refresh_from_db()
        assert members(segment) == {one.pk for one in people[:3]}
        assert (segment.is_being_filled, segment.member_count, segment.fill_count, segment.fill_of) == (False, 3, 3, 3)
        assert SegmentCount.objects.get(segment=segment).people == 3
    poll = as_ada.get(f"{HERE}{segment.pk}/standing/", headers=HTMX).text
    assert "3 people stand in it" in poll
    assert "hx-trigger" not in poll
    assert poll.strip() in as_ada.get(f"{HERE}{segment.pk}/").text


def test_it_says_how_far_it_is_and_goes_on_after_a_killed_worker(kettle, people, big, monkeypatch):
    with working_in(kettle):
        segment = Segment.objects.create(name="VIPs", rule=VIP)
        bring_in_members(segment)
    add, done = filling._add, []

    def dies_at_the_third(one, some):
        if len(done) == 2:
            raise OperationalError("the worker was killed")
        done.append(some)
        add(one, some)

    monkeypatch.setattr(filling, "_add", dies_at_the_third)
    with pytest.raises(OperationalError):
        recheck_due(kettle)

    with working_in(kettle):
        segment.refresh_from_db()
        assert (segment.is_being_filled, segment.fill_count, segment.fill_of, len(members(segment))) == (True, 2, 3, 2)
        first = dict(SegmentMember.objects.values_list("contact_id", "entered_at"))
    monkeypatch.setattr(filling, "_add", add)
    recheck_due(kettle)

    with working_in(kettle):
        assert members(segment) == {one.pk for one in people[:3]}
        stands = dict(SegmentMember.objects.values_list("contact_id", "entered_at"))
        assert {who: stands[who] for who in first} == first


def test_another_rule_takes_out_who_fits_no_more_and_tells_who_moved(kettle, people, big, monkeypatch):
    heard = []
    monkeypatch.setattr(segments_moved, "hearers", [lambda moves: heard.extend(moves)])
    monkeypatch.setattr(filling_went_on, "hearers", [lambda segment, people: heard.append((segment, people, []))])
    with working_in(kettle):
        segment = Segment.objects.create(name="VIPs", rule={"all": []})
        SegmentMember.objects.bulk_create(SegmentMember(segment=segment, contact=people[n]) for n in (0, 3))
        segment.rule = VIP
        segment.save()
        request_fill(segment)

    assert fill(kettle, segment)

    with working_in(kettle):
        assert members(segment) == {one.pk for one in people[:3]}
    moved = [(entered, left) for _segment, entered, left in heard]
    assert moved == [([], [people[3].pk]), ([people[1].pk], []), ([people[2].pk], [])]


def test_one_that_is_saved_again_meanwhile_begins_anew(kettle, people, big, monkeypatch):
    with working_in(kettle):
        segment = Segment.objects.create(name="VIPs", rule=VIP)
        request_fill(segment)
    add = filling._add

    def saved_again(one, some):
        add(one, some)
        Segment.objects.filter(pk=segment.pk).update(version=2, rule={"not": VIP})

    monkeypatch.setattr(filling, "_add", saved_again)
    assert not fill(kettle, segment)
    monkeypatch.setattr(filling, "_add", add)
    recheck_due(kettle)

    with working_in(kettle):
        assert members(segment) == {people[3].pk}
        assert next_to_fill() is None


def test_whom_something_happened_to_meanwhile_is_looked_at_after_it(kettle, people, big):
    with working_in(kettle):
        segment = Segment.objects.create(name="VIPs", rule=VIP)
        request_fill(segment)
        people[0].tags.all().delete()
        request_recheck([people[0].pk])
        assert audit_segments(kettle) == {}
        assert members(segment) == set()

    recheck_due(kettle)

    with working_in(kettle):
        assert members(segment) == {people[1].pk, people[2].pk}


def test_those_that_read_it_are_filled_after_it(kettle, people, big):
    with working_in(kettle):
        inner = Segment.objects.create(name="VIPs", rule=VIP)
        outer = Segment.objects.create(name="Others", rule={"not": {"segment": {"id": inner.pk}}})
        for one in (outer, inner):
            request_fill(one)
        assert next_to_fill() == inner

    recheck_due(kettle)

    with working_in(kettle):
        assert (members(inner), members(outer)) == ({one.pk for one in people[:3]}, {people[3].pk})


def test_one_that_moves_with_time_is_looked_at_again(kettle, people, big):
    rule = {"did": {"kind": "purchase", "window": {"last_days": 3}}}
    with working_in(kettle):
        segment = Segment.objects.create(name="Buyers", rule=rule)
        request_fill(segment)

    recheck_due(kettle)

    with working_in(kettle):
        assert SegmentDue.objects.get().segment_id == segment.pk


def test_one_whose_rule_cannot_be_read_says_so_and_keeps_its_members(as_ada, kettle, people, big):
    with working_in(kettle):
        segment = Segment.objects.create(name="VIPs", rule={"segment": {"id": 10**9}})
        SegmentMember.objects.create(segment=segment, contact=people[0])
        request_fill(segment)

    assert recheck_due(kettle) is None

    with working_in(kettle):
        segment.refresh_from_db()
        assert (segment.is_being_filled, members(segment)) == (False, {people[0].pk})
    assert "could not be filled" in as_ada.get(f"{HERE}{segment.pk}/standing/").text


def test_a_big_workspace_answers_with_the_page_and_counts_after_it(as_ada, kettle, people, big):
    with working_in(kettle):
        segment = Segment.objects.create(name="VIPs", rule=VIP)

    page = as_ada.get(f"{HERE}{segment.pk}/").text
    assert ("Being counted" in page, 'hx-trigger="load"' in page, "May get" in page) == (True, True, False)

    later = as_ada.post(f"{HERE}{segment.pk}/", {"rule": json.dumps(VIP), "do": "why"}, headers=HTMX).text
    assert ("Being counted" in later, "May get" in later, "P0" in later) == (False, True, True)


@pytest.mark.parametrize("who", ["as_eve"])
def test_a_stranger_sees_no_progress(request, kettle, who, people):
    with working_in(kettle):
        segment = Segment.objects.create(name="VIPs", rule=VIP)

    assert request.getfixturevalue(who).get(f"{HERE}{segment.pk}/standing/").status_code == 404


def test_a_campaign_waits_for_the_segments_that_its_own_reads(kettle, people, big):
    with working_in(kettle):
        inner = Segment.objects.create(name="VIPs", rule=VIP)
        outer = Segment.objects.create(name="Others", rule={"segment": {"id": inner.pk}})
        request_fill(inner)
        campaign = make_campaign(segment=outer)
        Message.objects.filter(pk=campaign.message_id).update(state=Message.State.PLANNING)
        assert [one.pk for one in unfilled_in(outer.rule)] == [inner.pk]

    again = plan_due(kettle)

    with working_in(kettle):
        campaign.message.refresh_from_db()
        assert campaign.message.state == Message.State.PLANNING
        assert again is not None
    recheck_due(kettle)
    plan_due(kettle)
    with working_in(kettle):
        campaign.message.refresh_from_db()
        assert (campaign.message.planned_at is not None, campaign.message.planned_count) == (True, 3)
