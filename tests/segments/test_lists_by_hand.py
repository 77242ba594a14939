"""Lists: whom somebody picked stands on them, whatever happens, and coming and going is news as in any segment."""

import json

import pytest

from contacts.merging import link_contacts, unlink_contact
from segments.members.membership import recheck, refresh, remove
from segments.members.rechecking import audit_segments
from segments.models import Segment, SegmentMember, SegmentPick
from segments.news import segments_moved
from segments.picking import NoListError, make_list, people_named, pick, unpick
from segments.rules.explaining import explain
from tests.factories.contacts import make_contact
from workspaces.current import working_in

HERE = "/w/kettle/segments/"


@pytest.fixture
def people(inside):
    return [make_contact("Ann", email="ann@people.example"), make_contact("Ben", email="ben@people.example")]


@pytest.fixture
def board(inside, ada):
    return make_list("Board", owner_id=ada.pk)


def members(segment):
    return set(SegmentMember.objects.filter(segment=segment).values_list("contact_id", flat=True))


def heard(monkeypatch):
    told = []
    monkeypatch.setattr(segments_moved, "tell", lambda **news: told.append(news))
    return told


def test_people_are_put_on_it_and_taken_off_and_that_is_news(board, people, ada, monkeypatch):
    ann, ben = people
    told = heard(monkeypatch)

    assert pick(board, [ann.pk, ben.pk], by_id=ada.pk) == 2
    assert pick(board, [ann.pk], by_id=ada.pk) == 0
    assert members(board) == {ann.pk, ben.pk}
    assert unpick(board, [ben.pk]) == 1
    assert members(board) == {ann.pk}
    moves = [(list(entered), list(left)) for one in told for _segment, entered, left in one["moves"]]
    assert moves == [([ann.pk, ben.pk], []), ([], [ben.pk])]
    board.refresh_from_db()
    assert board.member_count == 1


def test_nobody_comes_or_goes_by_a_look(board, people, kettle):
    pick(board, [people[0].pk])

    assert refresh(board) == ([], [])
    assert recheck([one.pk for one in people]) == 0


def test_a_list_of_those_who_fit_today_keeps_them(inside, ada):
    fits = make_contact(tags=["vip"])

    kept = make_list("VIPs in May", owner_id=ada.pk, rule={"all": [{"tag": {"has_any": ["vip"]}}]})
    later = make_contact(tags=["vip"])
    refresh(kept)

    assert members(kept) == {fits.pk} != {later.pk}


def test_whoever_is_merged_takes_the_place_along_and_back(board, people):
    ann, ben = people
    pick(board, [ann.pk])

    link_contacts(ann.pk, ben.pk)
    refresh(board)
    assert members(board) == {ben.pk}
    unlink_contact(ann.pk)
    refresh(board)
    assert members(board) == {ann.pk}


def test_a_person_is_taken_off_with_everybody_merged_into_them(board, people):
    ann, ben = people
    pick(board, [ann.pk])
    link_contacts(ann.pk, ben.pk)
    refresh(board)

    assert unpick(board, [ben.pk]) == 1
    assert members(board) == set() == set(SegmentPick.objects.values_list("pk", flat=True))


def test_why_is_answered(board, people):
    pick(board, [people[0].pk])

    told = [(found.fits, found.lines[0].evidence.text) for found in (explain(board.rule, one) for one in people)]

    assert told == [(True, "on the list"), (False, "not on the list")]


def test_nobody_is_put_into_a_segment_that_has_a_rule(inside, people):
    segment = Segment.objects.create(name="By rule", rule={"all": []})

    with pytest.raises(NoListError):
        pick(segment, [people[0].pk])


def test_lines_are_read_with_what_they_do_not_name(people):
    ann, ben = people

    assert people_named([" ANN@people.example, ", str(ben.pk), "", "nobody@people.example", "999999999", "x"]) == (
        [ann.pk, ben.pk],
        ["nobody@people.example", "999999999", "x"],
    )


def test_a_list_goes_with_its_picks(board, people):
    pick(board, [people[0].pk])

    remove(board)

    assert (SegmentPick.objects.count(), SegmentMember.objects.count()) == (0, 0)


def test_the_nightly_look_finds_nothing_drifted(kettle, ada):
    with working_in(kettle):
        made = make_list("Board", owner_id=ada.pk)
        pick(made, [make_contact().pk])

    assert audit_segments(kettle) == {}


class TestPages:
    @pytest.fixture
    def made(self, as_ada, kettle):
        with working_in(kettle):
            make_contact("Ann", email="ann@people.example")
        answer = as_ada.post(f"{HERE}lists/new/", {"name": "Board", "description": "", "is_private": ""})
        with working_in(kettle):
            return answer, Segment.objects.get(name="Board")

    def test_make_add_and_take_off(self, as_ada, kettle, made):
        answer, board = made
        assert answer.status_code == 302

        added = as_ada.post(
            f"{HERE}{board.pk}/people/add/", {"people": "ann@people.example\nwho@people.example", "do": "add"}
        )
        page = as_ada.get(f"{HERE}{board.pk}/").text
        with working_in(kettle):
            ann = SegmentPick.objects.get().contact_id
        removed = as_ada.post(f"{HERE}{board.pk}/people/remove/", {"person": ann})

        assert "1 person came to the list." in added.text
        assert "who@people.example" in added.text
        assert "Ann" in page
        assert removed.status_code == 302
        with working_in(kettle):
            assert SegmentPick.objects.count() == 0

    def test_its_rule_is_not_to_be_changed(self, as_ada, kettle, made):
        _answer, board = made

        assert as_ada.post(f"{HERE}{board.pk}/", {"rule": "{}", "do": "save", "name": "X"}).status_code == 403

    def test_those_who_fit_a_draft_are_kept_as_a_list(self, as_ada, kettle, made):
        rule = {"all": [{"field": {"name": "name", "op": "=", "value": "Ann"}}]}

        answer = as_ada.post(f"{HERE}new/", {"rule": json.dumps(rule), "name": "Anns", "do": "keep"})

        assert answer.status_code == 302
        with working_in(kettle):
            kept = Segment.objects.get(name__startswith="Anns on ")
            assert (kept.is_list, kept.member_count) == (True, 1)

    def test_an_empty_form_and_a_stranger(self, as_ada, client, eve, made):
        _answer, board = made

        assert as_ada.post(f"{HERE}{board.pk}/people/add/", {"people": ""}).status_code == 422
        assert as_ada.post(f"{HERE}lists/new/", {"name": ""}).status_code == 422
        assert as_ada.post(f"{HERE}lists/new/", {"name": "Board"}).status_code == 422
        client.force_login(eve)
        assert client.post(f"{HERE}{board.pk}/people/add/", {"people": "1"}).status_code == 404
