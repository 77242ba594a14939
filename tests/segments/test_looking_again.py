"""Who stands in a segment after each look, when the next look is due, and what a broken rule holds up: nothing."""

from datetime import UTC, datetime, timedelta

import pytest
import structlog
import time_machine
from django.db import OperationalError, ProgrammingError, connection

from consent.consenting import give_consent
from contacts.editing import add_tag
from contacts.merging import link_contacts
from contacts.models import Contact, SearchTerm, Tag
from lib.sql import run_text
from segments.members import membership, rechecking
from segments.members.membership import in_order, readers_of, recheck, refresh
from segments.members.rechecking import (
    audit_segments,
    audit_tonight,
    moves_with_time,
    next_night,
    on_contacts_linked,
    on_people_changed,
    plan_next_look,
    recheck_due,
    refresh_with_readers,
    request_recheck,
)
from segments.models import Segment, SegmentDue, SegmentMember, SegmentRecheck
from segments.news import segments_moved
from segments.rules.statements import TooSlowError, bounded
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in
from workspaces.models import AgendaItem

NOW = datetime(2026, 6, 3, 10, tzinfo=UTC)
STEP, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
VIP, EVERYBODY, BROKEN = {"tag": {"has_any": ["vip"]}}, {"all": []}, {"teleported": {}}
LATE = {"last": {"kind": "purchase", "ago": {"op": ">=", "days": 30}}}


@pytest.fixture(autouse=True)
def on_the_third_of_june():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def news(monkeypatch):
    heard = []

    def hear(moves):
        heard.extend((segment.name, entered, left) for segment, entered, left in moves)

    monkeypatch.setattr(segments_moved, "hearers", [hear])
    return heard


@pytest.fixture
def nobody_listens(monkeypatch):
    def fail(moves):
        raise RuntimeError("A hearer fell over.")

    monkeypatch.setattr(segments_moved, "hearers", [fail])


def make_segment(name, rule, *members, **fields):
    segment = Segment.objects.create(name=name, rule=rule, member_count=len(members), **fields)
    SegmentMember.objects.bulk_create(
        SegmentMember(segment=segment, contact=one, entered_at=NOW - DAY) for one in members
    )
    return segment


def stand_in(segment):
    """[(contact, since)] of a segment, and the number that it says."""
    rows = SegmentMember.objects.filter(segment=segment).order_by("contact").values_list("contact_id", "entered_at")
    return list(rows), Segment.objects.get(pk=segment.pk).member_count


class TestARefresh:
    def test_moves_the_difference_and_says_who_moved(self, inside, news):
        stays, *leave = [make_contact(tags=["vip"]), make_contact(), make_contact()]
        segment = make_segment("VIPs", VIP, stays, *leave)
        come = [make_contact(tags=["vip"]) for _ in range(2)]

        moved = refresh(segment)

        entered, left = [one.pk for one in come], [one.pk for one in leave]
        assert moved == (entered, left)
        assert news == [("VIPs", entered, left)]
        assert stand_in(segment) == ([(stays.pk, NOW - DAY), *((pk, NOW) for pk in entered)], 3)
        assert Segment.objects.get(pk=segment.pk).refreshed_at == NOW

    def test_reads_the_rule_that_stands_and_leaves_other_segments(self, inside, news):
        greta = make_contact(tags=["vip"])
        other = make_segment("Others", VIP, make_contact())
        stale = make_segment("VIPs", BROKEN)
        Segment.objects.filter(pk=stale.pk).update(rule=VIP)

        assert refresh(stale) == ([greta.pk], [])
        assert len(stand_in(other)[0]) == 1

    def test_is_taken_back_where_somebody_who_hears_of_it_fails(self, inside, nobody_listens):
        segment = make_segment("VIPs", VIP)
        make_contact(tags=["vip"])

        with pytest.raises(RuntimeError):
            refresh(segment)

        assert stand_in(segment) == ([], 0)
        assert Segment.objects.get(pk=segment.pk).refreshed_at is None


class TestARecheck:
    def test_moves_those_named_and_counts_the_places(self, inside, news):
        comes, goes, unnamed = make_contact(tags=["vip"]), make_contact(), make_contact()
        segment = make_segment("VIPs", VIP, goes, unnamed)
        make_contact(tags=["vip"])
        also_comes = make_contact(tags=["vip"])

        assert recheck([comes.pk, goes.pk, also_comes.pk]) == 3
        assert news == [("VIPs", [comes.pk, also_comes.pk], [goes.pk])]
        rows = [(unnamed.pk, NOW - DAY), (comes.pk, NOW), (also_comes.pk, NOW)]
        assert stand_in(segment) == (sorted(rows), 3)
        assert (recheck([comes.pk, goes.pk]), recheck([])) == (0, 0)
        assert Segment.objects.get(pk=segment.pk).refreshed_at is None

    def test_never_says_less_than_nobody(self, inside, news):
        goes = make_contact()
        segment = make_segment("VIPs", VIP, goes)
        Segment.objects.filter(pk=segment.pk).update(member_count=0)

        assert recheck([goes.pk]) == 1
        assert stand_in(segment) == ([], 0)

    def test_of_a_loser_looks_at_the_survivor_too(self, inside, news):
        greta, also_greta = make_contact(), make_contact(tags=["vip"])
        segment = make_segment("VIPs", VIP)
        link_contacts(also_greta.pk, greta.pk)

        assert recheck([also_greta.pk]) == 1
        assert stand_in(segment) == ([(greta.pk, NOW)], 1)

    @pytest.mark.parametrize(
        ("share", "looked_at", "is_whole"),
        [(0.05, 200, False), (0.05, 201, True), (50, 201, True), (67, 201, False)],
    )
    def test_of_much_of_the_workspace_is_a_whole_refresh(self, inside, monkeypatch, share, looked_at, is_whole):
        """Of four people: 201 are more than 50 times as many, and less than 67 times."""
        segment = make_segment("VIPs", VIP)
        Contact.objects.bulk_create(Contact(name="Somebody") for _ in range(4))
        monkeypatch.setattr(membership, "FULL_AFTER_SHARE", share)
        Segment.objects.filter(pk=segment.pk).update(member_count=9)

        recheck(range(10**9, 10**9 + looked_at))

        segment.refresh_from_db()
        assert (segment.refreshed_at is not None) is is_whole
        assert segment.member_count == (0 if is_whole else 9)

    def test_of_many_counts_the_places_of_a_whole_refresh(self, inside, monkeypatch, news):
        monkeypatch.setattr(membership, "FULL_AFTER_LEAST", 1)
        comes, unnamed, goes = make_contact(tags=["vip"]), make_contact(tags=["vip"]), make_contact()
        segment = make_segment("VIPs", VIP, goes)

        assert recheck([comes.pk, goes.pk]) == 3
        assert news == [("VIPs", [comes.pk, unnamed.pk], [goes.pk])]
        assert stand_in(segment)[1] == 2

    def test_goes_on_behind_a_rule_that_cannot_be_read(self, inside, news):
        greta = make_contact(tags=["vip"])
        broken, vips = make_segment("Broken", BROKEN, greta), make_segment("VIPs", VIP)
        assert broken.pk < vips.pk

        assert recheck([greta.pk]) == 1
        assert (stand_in(broken)[1], stand_in(vips)[1]) == (1, 1)

    def test_looks_only_at_the_segments_named(self, inside, news):
        greta = make_contact(tags=["vip"])
        make_segment("VIPs", VIP)
        named = make_segment("Also", VIP)

        assert (recheck([greta.pk], segments=[]), recheck([greta.pk], segments=[named])) == (0, 1)
        assert news == [("Also", [greta.pk], [])]

    def test_is_taken_back_where_somebody_who_hears_of_it_fails(self, inside, nobody_listens):
        greta = make_contact(tags=["vip"])
        segment = make_segment("VIPs", VIP)

        with pytest.raises(RuntimeError):
            recheck([greta.pk])

        assert stand_in(segment) == ([], 0)


class TestTheOrderOfSegments:
    def test_is_those_that_are_read_first(self, inside):
        outer, middle, inner, alone = [make_segment(name, EVERYBODY) for name in ("Outer", "Middle", "Inner", "Alone")]
        outer.rule = {"all": [{"segment": {"id": middle.pk}}, {"not": {"segment": {"id": inner.pk}}}]}
        middle.rule = {"segment": {"id": inner.pk}}
        alone.rule = BROKEN | {"x": 1}

        found = in_order([alone, outer, middle, inner])

        assert [one.name for one in found] == ["Inner", "Middle", "Outer", "Alone"]
        assert [one.name for one in in_order([outer, alone])] == ["Outer", "Alone"]

    def test_of_two_that_read_each_other_ends(self, inside):
        one, other = make_segment("One", EVERYBODY), make_segment("Other", EVERYBODY)
        one.rule, other.rule = {"segment": {"id": other.pk}}, {"segment": {"id": one.pk}}

        assert [each.name for each in in_order([one, other])] == ["Other", "One"]

    def test_readers_are_those_whose_rules_name_it(self, inside):
        vips = make_segment("VIPs", VIP)
        Segment.objects.filter(pk=vips.pk).update(rule={"segment": {"id": vips.pk}})
        make_segment("Other", {"segment": {"id": vips.pk + 1000}})
        make_segment("Broken", {"a": 1, "b": 2})
        reader = make_segment("Reader", {"any": [VIP, {"not": {"segment": {"id": vips.pk}}}]})

        assert readers_of(vips) == [reader]


def test_what_changes_no_word_leaves_the_search_alone(kettle, ada):
    """A consent moves people between segments at once; by which words they are found is not asked again."""
    with working_in(kettle):
        greta, rule = make_contact("Greta"), {"consent": {"channel": "email", "topic": "letter", "state": "given"}}
        refresh_with_readers(Segment.objects.create(name="Readers", rule=rule))
        give_consent(greta, topic=letter(), wording="Yes", page="https://kettle.example/")
        SearchTerm.objects.all().delete()
    recheck_due(kettle)

    with working_in(kettle):
        assert SegmentMember.objects.filter(contact=greta).exists()
        assert not SearchTerm.objects.exists()
        add_tag(greta, "tea", by=ada)
    recheck_due(kettle)

    with working_in(kettle):
        assert SearchTerm.objects.filter(contact=greta, term="greta").exists()


class TestAskingForALook:
    def due(self):
        return list(AgendaItem.objects.filter(work="segments.recheck").values_list("due_at", flat=True))

    def asked(self):
        return {one for row in SegmentRecheck.objects.values_list("contact_ids", flat=True) for one in row}

    def test_names_the_people_and_wakes_the_work(self, inside):
        AgendaItem.objects.all().delete()
        greta, bea = make_contact(), make_contact()

        on_people_changed([bea.pk, greta.pk, bea.pk])
        on_contacts_linked([(greta.pk, bea.pk)])

        assert self.asked() == {greta.pk, bea.pk}
        assert self.due() == [NOW]

    def test_of_both_ends_of_a_link(self, inside):
        greta, bea, cleo = make_contact(), make_contact(), make_contact()

        on_contacts_linked([(greta.pk, bea.pk), (cleo.pk, bea.pk)])

        assert self.asked() == {greta.pk, bea.pk, cleo.pk}

    def test_of_nobody_wakes_nobody(self, inside):
        AgendaItem.objects.all().delete()

        request_recheck([])

        assert (self.due(), self.asked()) == ([], set())

    def test_of_many_stands_in_rows_that_one_look_can_take(self, inside, monkeypatch):
        monkeypatch.setattr(rechecking, "AT_ONCE", 2)

        request_recheck([5, 3, 4, 1, 2])

        assert list(SegmentRecheck.objects.order_by("pk").values_list("contact_ids", flat=True)) == [
            [1, 2],
            [3, 4],
            [5],
        ]

    def test_is_planned_within_the_hour_where_time_alone_moves_the_rule(self, inside):
        AgendaItem.objects.all().delete()
        late = make_segment("Late", LATE)

        plan_next_look(late)
        assert (SegmentDue.objects.get().due_at, self.due()) == (NOW + HOUR, [NOW + HOUR])
        with time_machine.travel(NOW + DAY, tick=False):
            plan_next_look(late)
            assert SegmentDue.objects.get().due_at == NOW + DAY + HOUR

        late.rule = VIP
        plan_next_look(late)
        assert SegmentDue.objects.count() == 0

    @pytest.mark.parametrize(
        ("rule", "moves"),
        [
            (VIP, False),
            (EVERYBODY, False),
            ({"any": [VIP, {"not": LATE}]}, True),
            ({"field": {"name": "created_at", "op": "last_days", "value": 3}}, True),
            (BROKEN, False),
            ({"a": 1, "b": 2}, False),
            ({"all": [BROKEN, LATE]}, True),
            ({"all": [{"tag": {}}, LATE]}, False),
        ],
    )
    def test_a_rule_moves_with_time_by_any_of_its_lines(self, inside, rule, moves):
        assert moves_with_time(Segment(rule=rule)) is moves


class TestReaders:
    def test_are_looked_at_again_for_those_who_moved(self, inside, news):
        comes, goes = make_contact(tags=["vip"]), make_contact()
        inner = make_segment("Inner", VIP, goes)
        outer = make_segment("Outer", {"not": {"segment": {"id": inner.pk}}}, comes)

        assert refresh_with_readers(inner) == ([comes.pk], [goes.pk])
        assert news == [("Inner", [comes.pk], [goes.pk]), ("Outer", [goes.pk], [comes.pk])]
        assert stand_in(outer)[1] == 1

    def test_are_left_alone_where_nobody_moved(self, inside, news):
        inner = make_segment("Inner", VIP)
        outer = make_segment("Outer", {"not": {"segment": {"id": inner.pk}}})
        make_contact()

        refresh_with_readers(inner)

        assert (news, stand_in(outer)) == ([], ([], 0))

    def test_are_taken_back_together(self, inside, monkeypatch):
        greta = make_contact(tags=["vip"])
        inner = make_segment("Inner", LATE)
        Segment.objects.filter(pk=inner.pk).update(rule={"any": [VIP, LATE]})
        inner.refresh_from_db()
        make_segment("Outer", {"segment": {"id": inner.pk}})

        def fail(moves):
            if any(segment.name == "Outer" for segment, _entered, _left in moves):
                raise RuntimeError("A hearer fell over.")

        monkeypatch.setattr(segments_moved, "hearers", [fail])
        with pytest.raises(RuntimeError):
            refresh_with_readers(inner)

        assert (stand_in(inner), SegmentDue.objects.count()) == (([], 0), 0)
        assert greta.tags.count() == 1


class TestTheWork:
    def test_sweeps_everybody_in_sets_and_then_sleeps(self, kettle, monkeypatch, news):
        assert rechecking.AT_ONCE == 5_000
        monkeypatch.setattr(rechecking, "AT_ONCE", 2)
        with working_in(kettle):
            people = [make_contact(tags=["vip"]) for _ in range(5)]
            segment = make_segment("VIPs", VIP)
            request_recheck([one.pk for one in people])

        assert recheck_due(kettle) is None

        ids = [one.pk for one in people]
        assert news == [("VIPs", ids[:2], []), ("VIPs", ids[2:4], []), ("VIPs", ids[4:], [])]
        with working_in(kettle):
            assert (stand_in(segment)[1], SegmentRecheck.objects.count()) == (5, 0)

    def test_looks_at_what_is_due_and_says_when_the_rest_is(self, kettle, news):
        with working_in(kettle):
            greta = make_contact()
            rule = {"not": LATE}
            now_, soon, later = [make_segment(name, rule) for name in ("Now", "Soon", "Later")]
            for one, due_at in [(now_, NOW), (soon, NOW + STEP), (later, NOW + HOUR)]:
                SegmentDue.objects.create(segment=one, due_at=due_at)

        assert recheck_due(kettle) == NOW + STEP
        assert news == [("Now", [greta.pk], [])]
        with working_in(kettle):
            dues = dict(SegmentDue.objects.values_list("segment__name", "due_at"))
            assert dues == {"Now": NOW + HOUR, "Soon": NOW + STEP, "Later": NOW + HOUR}

    def test_looks_at_the_oldest_first(self, kettle, news):
        with working_in(kettle):
            make_contact()
            for name, age in [("B", 1), ("A", 3), ("C", 2)]:
                SegmentDue.objects.create(segment=make_segment(name, {"not": LATE}), due_at=NOW - age * HOUR)

        recheck_due(kettle)

        assert [name for name, _entered, _left in news] == ["A", "C", "B"]

    def test_comes_back_to_a_broken_rule_in_six_hours_and_holds_nothing_up(self, kettle, news):
        with working_in(kettle):
            greta = make_contact(tags=["vip"])
            broken, vips = make_segment("Broken", BROKEN), make_segment("VIPs", VIP)
            SegmentDue.objects.create(segment=broken, due_at=NOW - DAY)
            SegmentDue.objects.create(segment=vips, due_at=NOW)

        assert recheck_due(kettle) == NOW + 6 * HOUR
        assert news == [("VIPs", [greta.pk], [])]
        with working_in(kettle):
            assert list(SegmentDue.objects.values_list("segment_id", "due_at")) == [(broken.pk, NOW + 6 * HOUR)]

    def test_makes_those_found_whose_names_came_in(self, kettle):
        from contacts.searching import find_people

        with working_in(kettle):
            greta = make_contact("Greta Lind")
            request_recheck([greta.pk])
        recheck_due(kettle)
        with working_in(kettle):
            assert find_people("lind") == [greta.pk]

    def test_stops_when_its_slice_is_over_and_comes_back_at_once(self, kettle, monkeypatch):
        assert rechecking.SLICE_SECONDS == 20
        monkeypatch.setattr(rechecking, "SLICE_SECONDS", -1)
        with working_in(kettle):
            request_recheck([make_contact().pk])

        assert recheck_due(kettle) == NOW
        with working_in(kettle):
            assert SegmentRecheck.objects.count() == 1


class TestTheNight:
    def test_finds_what_drifted_by_name_and_goes_on_behind_what_is_broken(self, kettle):
        with working_in(kettle):
            goes = make_contact()
            make_segment("Broken", BROKEN, goes)
            make_segment("VIPs", VIP, goes)
            make_segment("Right", {"tag": {"has_any": ["none"]}})
            Tag.objects.create(contact=make_contact(), name="vip")

        assert audit_segments(kettle) == {"VIPs": 2}
        assert audit_segments(kettle) == {}

    def test_looks_at_what_others_read_first(self, kettle):
        with working_in(kettle):
            make_contact(tags=["vip"])
            outer = make_segment("Outer", EVERYBODY)
            inner = make_segment("Inner", VIP)
            Segment.objects.filter(pk=outer.pk).update(rule={"segment": {"id": inner.pk}})

        assert audit_segments(kettle) == {"Inner": 1, "Outer": 1}

    def test_writes_a_drift_down_and_nothing_else(self, kettle):
        with working_in(kettle):
            make_segment("VIPs", VIP)
            make_contact(tags=["vip"])

        with structlog.testing.capture_logs() as first:
            audit_tonight(kettle)
        with structlog.testing.capture_logs() as second:
            audit_tonight(kettle)

        drifted = {"event": "segments_drifted", "log_level": "warning", "workspace": "kettle", "drift": {"VIPs": 1}}
        assert ([one for one in first if one["event"] == "segments_drifted"], second) == ([drifted], [])

    @pytest.mark.parametrize(
        ("moment", "night"),
        [
            ("2026-06-03T01:29:59.999999+00:00", "2026-06-03T03:30:00+02:00"),
            ("2026-06-03T01:30:00+00:00", "2026-06-04T03:30:00+02:00"),
            ("2026-06-03T22:30:00+00:00", "2026-06-04T03:30:00+02:00"),
            ("2026-01-31T12:34:56.789+00:00", "2026-02-01T03:30:00+01:00"),
        ],
    )
    def test_is_half_past_three_where_the_workspace_is(self, kettle, moment, night):
        with time_machine.travel(datetime.fromisoformat(moment), tick=False):
            assert next_night(kettle).isoformat() == night


def settings_of_the_session():
    return [run_text(f"SHOW {name}")[0][0] for name in ("statement_timeout", "work_mem", "jit")]


class TestWithinBounds:
    def test_a_statement_has_room_and_time_and_then_everything_is_as_before(self, inside):
        before = settings_of_the_session()

        with bounded():
            assert settings_of_the_session() == ["20s", "256MB", "off"]
            with bounded(7):
                assert settings_of_the_session() == ["7s", "256MB", "off"]
            assert settings_of_the_session() == ["20s", "256MB", "off"]

        assert settings_of_the_session() == before != ["20s", "256MB", "off"]

    def test_what_takes_too_long_ends_and_says_so(self, inside):
        before = settings_of_the_session()

        with pytest.raises(TooSlowError) as slow, bounded(0.001):
            run_text("SELECT pg_sleep(30)")

        assert str(slow.value) == "Counting took longer than 0.001 seconds."
        assert settings_of_the_session() == before

    def test_another_trouble_is_not_called_slow(self, inside):
        before = settings_of_the_session()

        with pytest.raises(ProgrammingError), bounded():
            run_text("SELECT nothing FROM nowhere")
        with pytest.raises(OperationalError, match="out of memory"), bounded():
            raise OperationalError("out of memory")

        assert settings_of_the_session() == before
        assert connection.is_usable()

    def test_a_look_that_is_too_slow_comes_back_in_six_hours_and_holds_nothing_up(self, kettle, monkeypatch):
        assert membership.REFRESH_SECONDS == 120
        monkeypatch.setattr(membership, "REFRESH_SECONDS", 0.001)
        with working_in(kettle):
            Contact.objects.bulk_create(Contact(name=str(number)) for number in range(3_000))
            slow = make_segment("Slow", EVERYBODY)
            SegmentDue.objects.create(segment=slow, due_at=NOW)

        assert recheck_due(kettle) == NOW + 6 * HOUR
        assert audit_segments(kettle) == {}
        with working_in(kettle):
            assert stand_in(slow) == ([], 0)
