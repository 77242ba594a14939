from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from consent.asking import Ask
from consent.gate import count_reachable, verdicts
from contacts.merging import link_contacts, unlink_contact
from contacts.models import Contact, Tag
from contacts.news import contacts_changed
from contacts.searching import find_people
from lib.sql import run_sql
from segments.members.membership import in_order, recheck, refresh
from segments.members.rechecking import (
    audit_segments,
    audit_tonight,
    plan_next_look,
    recheck_due,
    refresh_with_readers,
    request_recheck,
)
from segments.models import Segment, SegmentDue, SegmentMember, SegmentRecheck
from segments.news import segments_moved
from segments.rules.counting import ids_fitting
from tests.factories.contacts import letter, make_contact, make_reader
from touchpoints.facts import Fact, Hint
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import AgendaItem

VIP = {"tag": {"has_any": ["vip"]}}


@pytest.fixture
def news(monkeypatch):
    heard = []

    def hear(moves):
        heard.extend((segment.name, entered, left) for segment, entered, left in moves)

    monkeypatch.setattr(segments_moved, "hearers", [*segments_moved.hearers, hear])
    return heard


def members(segment):
    return set(SegmentMember.objects.filter(segment=segment).values_list("contact_id", flat=True))


def test_a_refresh_moves_the_difference_and_tells_it(inside, news):
    stays, leaves, comes = make_contact(tags=["vip"]), make_contact(), make_contact(tags=["vip"])
    segment = Segment.objects.create(name="VIPs", rule=VIP)
    since = timezone.now() - timedelta(days=9)
    SegmentMember.objects.create(segment=segment, contact=stays, entered_at=since)
    SegmentMember.objects.create(segment=segment, contact=leaves)

    refresh(segment)

    segment.refresh_from_db()
    assert news == [("VIPs", [comes.pk], [leaves.pk])]
    assert (members(segment), segment.member_count) == ({stays.pk, comes.pk}, 2)
    assert SegmentMember.objects.get(segment=segment, contact=stays).entered_at == since


def test_a_second_refresh_changes_nothing_and_says_nothing(inside, news):
    make_contact(tags=["vip"])
    segment = Segment.objects.create(name="VIPs", rule=VIP)
    refresh(segment)
    news.clear()

    assert refresh(segment) == ([], [])
    assert news == []


def test_a_recheck_looks_only_at_those_named(inside, news):
    named, unnamed = make_contact(tags=["vip"]), make_contact(tags=["vip"])
    segment = Segment.objects.create(name="VIPs", rule=VIP)

    recheck([named.pk])

    segment.refresh_from_db()
    assert (members(segment), segment.member_count) == ({named.pk}, 1)
    assert unnamed.pk not in members(segment)


def test_a_merge_takes_the_loser_out_and_parting_brings_both_back(kettle):
    with working_in(kettle):
        one, other = make_contact(tags=["vip"]), make_contact(tags=["vip"])
        segment = Segment.objects.create(name="VIPs", rule=VIP)
        refresh(segment)
        link_contacts(other.pk, one.pk)
    recheck_due(kettle)
    with working_in(kettle):
        assert members(segment) == {one.pk}
        unlink_contact(other.pk)
    recheck_due(kettle)
    with working_in(kettle):
        assert members(segment) == {one.pk, other.pk}


def test_segments_that_read_others_follow_them(kettle, news):
    with working_in(kettle):
        ada = make_contact()
        outer = Segment.objects.create(name="Outer", rule={"all": []})
        inner = Segment.objects.create(name="Inner", rule=VIP)
        Segment.objects.filter(pk=outer.pk).update(rule={"not": {"segment": {"id": inner.pk}}})
        for one in in_order(list(Segment.objects.all())):
            refresh(one)
        Tag.objects.create(contact=ada, name="vip")
        contacts_changed.tell(contact_ids=[ada.pk])
        news.clear()
        assert [one.name for one in in_order(list(Segment.objects.order_by("pk")))] == ["Inner", "Outer"]

    recheck_due(kettle)

    assert news == [("Inner", [ada.pk], []), ("Outer", [], [ada.pk])]


def test_a_refresh_carries_over_to_readers(inside):
    ada = make_contact()
    inner = Segment.objects.create(name="Inner", rule=VIP)
    outer = Segment.objects.create(name="Outer", rule={"segment": {"id": inner.pk}})
    Tag.objects.create(contact=ada, name="vip")

    refresh_with_readers(inner)

    assert members(outer) == {ada.pk}


def test_a_recorded_touchpoint_makes_segments_look_again(kettle):
    with working_in(kettle):
        segment = Segment.objects.create(
            name="Buyers", rule={"did": {"kind": "purchase", "count": {"op": ">=", "n": 2}}}
        )
        shop = source_for("shop", "Shop")
        for number in (1, 2):
            record(
                [
                    Fact(
                        kind="purchase",
                        external_id=str(number),
                        occurred_at=timezone.now() - timedelta(days=number),
                        hints=(Hint(2, "ada@people.example", True, "order"),),
                    )
                ],
                source=shop,
            )
        assert set(asked_for()) == set(Contact.objects.values_list("pk", flat=True))
        assert AgendaItem.objects.filter(work="segments.recheck").exists()

    recheck_due(kettle)

    with working_in(kettle):
        assert len(members(segment)) == 1
        assert SegmentRecheck.objects.count() == 0


def test_anonymous_visitors_are_never_looked_at_again(inside):
    visitor, known = make_contact(is_anonymous=True), make_contact("Tom Green")
    request_recheck([visitor.pk, known.pk])

    taken = run_sql("segments/take_rechecks", {"workspace": inside.pk, "limit": 10})

    assert sorted(taken) == sorted([(visitor.pk, False, False), (known.pk, True, False)])
    assert SegmentRecheck.objects.count() == 0


def test_words_stand_where_every_request_says_so(inside):
    loaded, both = make_contact("Ada Brew").pk, make_contact("Tom Green").pk
    request_recheck([loaded, both], words_stand=True)
    request_recheck([both])

    taken = run_sql("segments/take_rechecks", {"workspace": inside.pk, "limit": 10})

    assert taken == [(loaded, True, True), (both, True, False)]


def test_requests_are_taken_oldest_first_and_about_as_many_as_asked_for(inside):
    people = [make_contact().pk for _n in range(5)]
    for some in (people[:2], people[1:4], people[4:]):
        request_recheck(some)

    taken = [run_sql("segments/take_rechecks", {"workspace": inside.pk, "limit": 3}) for _n in range(3)]

    assert [[row[0] for row in rows] for rows in taken] == [people[:4], people[4:], []]


def asked_for():
    return [one for row in SegmentRecheck.objects.values_list("contact_ids", flat=True) for one in row]


def test_who_came_in_by_a_touchpoint_is_found_soon_after(kettle):
    with working_in(kettle):
        hint = Hint(2, "greta@slowwater.example", True, "order")
        record(
            [Fact(kind="call", external_id="1", occurred_at=timezone.now(), hints=(hint,))], source=source_for("a", "A")
        )
        assert find_people("greta") == []

    recheck_due(kettle)

    with working_in(kettle):
        assert len(find_people("greta")) == 1


def test_time_alone_brings_a_segment_back_for_another_look(kettle):
    with working_in(kettle):
        moving = Segment.objects.create(
            name="Late", rule={"last": {"kind": "purchase", "ago": {"op": ">=", "days": 30}}}
        )
        still = Segment.objects.create(name="VIPs", rule=VIP)
        for one in (moving, still):
            plan_next_look(one)
        assert list(SegmentDue.objects.values_list("segment_id", flat=True)) == [moving.pk]
        SegmentDue.objects.update(due_at=timezone.now() - timedelta(minutes=1))

    next_at = recheck_due(kettle)

    with working_in(kettle):
        moving.refresh_from_db()
        assert moving.refreshed_at is not None
        assert next_at == SegmentDue.objects.get().due_at > timezone.now()


def test_a_rule_that_cannot_be_read_keeps_its_members(kettle):
    with working_in(kettle):
        ada = make_contact(tags=["vip"])
        broken = Segment.objects.create(name="Broken", rule={"teleported": {}})
        SegmentMember.objects.create(segment=broken, contact=ada)
        request_recheck([ada.pk])

    recheck_due(kettle)

    with working_in(kettle):
        assert members(broken) == {ada.pk}
        assert SegmentRecheck.objects.count() == 0


def test_the_nightly_audit_finds_and_mends_drift(kettle):
    with working_in(kettle):
        segment = Segment.objects.create(name="VIPs", rule=VIP)
        make_contact(tags=["vip"])

    assert audit_segments(kettle) == {"VIPs": 1}
    assert audit_segments(kettle) == {}
    with working_in(kettle):
        assert len(members(segment)) == 1


def test_a_new_workspace_is_looked_over_each_night(kettle):
    item = AgendaItem.objects.get(workspace=kettle, work="segments.audit")

    assert audit_tonight(kettle) == item.due_at > timezone.now()
    assert item.due_at.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == "03:30"


def test_who_may_be_written_to_is_what_the_gate_says(inside):
    people = [
        make_reader(),
        make_reader(contact_frequency=0),
        make_contact(),
        make_reader(paused_until=timezone.now() + timedelta(1)),
        make_reader(complaint_since=timezone.now()),
        make_reader(email=""),
    ]
    ask = Ask(topic_id=letter().pk, message_class="subscribed")

    allowed = sum(one.allowed for one in verdicts(ask, [person.pk for person in people]).values())

    assert count_reachable(ask, ids_fitting({"all": []})) == allowed == 1
