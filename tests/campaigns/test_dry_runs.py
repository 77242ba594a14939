"""A dry run over a segment: it answers what the gate answers about each, survives being stopped, and changes nothing."""

import re

import pytest

from campaigns import dry_running
from campaigns.dry_running import KEPT, begin_dry_run, everybody_of, go_on, people_of
from campaigns.models import DryRun, DryRunPart
from consent.asking import Ask
from consent.consenting import give_consent, withdraw_all
from consent.gate import verdict
from consent.suppressing import suppress
from contacts.models import Contact
from lib import clock
from segments.models import Segment
from tests.factories.contacts import letter, make_contact
from workspaces.current import working_in

EVERYBODY = {"all": []}


@pytest.fixture
def mixed(kettle):
    """Twelve people of whom the gate says four things, in a segment of everybody."""
    with working_in(kettle):
        people = [make_contact(zone="UTC") for _ in range(12)]
        for one in people[:8]:
            give_consent(one, topic=letter(), wording="Yes")
        withdraw_all([people[6].pk, people[7].pk], topic=letter())
        suppress(people[5].email, reason="bounce")
        return Segment.objects.create(name="All", rule=EVERYBODY), people


def asked(segment, *, kind="subscribed"):
    return begin_dry_run(segment, message_class=kind, topic_id=letter().pk, channel=1)


def test_it_answers_person_by_person_what_the_gate_answers(kettle, mixed):
    segment, people = mixed
    with working_in(kettle):
        run = asked(segment)
        assert run.finished_at
        assert run.counts == {"may": 5, "bounce": 1, "topic_off": 2, "no_consent": 4}
        for code in run.counts:
            for one in everybody_of(run, code):
                found = verdict(Ask(message_class="subscribed", topic_id=letter().pk), Contact.objects.get(pk=one))
                assert ("may" if found.allowed else found.reason) == code
        assert sorted(one for code in run.counts for one in everybody_of(run, code)) == [one.pk for one in people]


def test_a_large_one_is_done_in_slices_and_gone_on_with_after_a_kill(kettle, mixed, monkeypatch):
    monkeypatch.setattr(dry_running, "FEW", 3)
    monkeypatch.setattr(dry_running, "CHUNK", 5)
    segment, people = mixed
    with working_in(kettle):
        run = asked(segment)
        assert (run.done, run.finished_at) == (0, None)
    whole = dry_running._judge

    def killed_at_the_second(held, ids):
        if held.done:
            raise KeyboardInterrupt
        whole(held, ids)

    monkeypatch.setattr(dry_running, "_judge", killed_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        go_on(kettle)
    with working_in(kettle):
        assert DryRun.objects.get().done == 5
    monkeypatch.setattr(dry_running, "_judge", whole)
    go_on(kettle)
    with working_in(kettle):
        run = DryRun.objects.get()
        assert (run.done, run.people) == (12, 12)
        assert run.finished_at
        assert sum(run.counts.values()) == 12
        assert sorted(one for code in run.counts for one in everybody_of(run, code)) == [one.pk for one in people]
        assert people_of(run, "may", number=2) == [one.pk for one in people[:2]]
        assert people_of(run, "may", after=people[1].pk, number=9) == [one.pk for one in people[2:5]]


def test_a_new_question_takes_the_place_of_the_last_one_and_a_week_later_it_is_gone(kettle, mixed):
    segment, _people = mixed
    with working_in(kettle):
        asked(segment)
        second = asked(segment, kind="transactional")
        assert DryRun.objects.get() == second
        DryRun.objects.update(at=clock.now() - KEPT * 2)
    assert go_on(kettle) is None
    with working_in(kettle):
        assert not DryRun.objects.exists()
        assert not DryRunPart.objects.exists()


def test_a_segment_that_can_no_longer_be_read_says_so(kettle, mixed, monkeypatch):
    monkeypatch.setattr(dry_running, "FEW", 3)
    segment, _people = mixed
    with working_in(kettle):
        asked(segment)
        Segment.objects.filter(pk=segment.pk).update(rule={"all": [{"segment": {"id": 987654}}]})
    go_on(kettle)
    with working_in(kettle):
        run = DryRun.objects.get()
        assert run.error
        assert run.finished_at


def test_the_page_asks_answers_and_keeps_the_people_as_a_list(as_ada, kettle, mixed):
    segment, people = mixed
    page = f"/w/kettle/campaigns/dry-runs/{segment.pk}/"
    assert "Nobody asked yet" in as_ada.get(page).text
    with working_in(kettle):
        about = f"subscribed-{letter().pk}"
    assert as_ada.post(page, {"about": "because", "channel": "1"}).status_code == 422
    assert as_ada.post(page, {"about": about, "channel": "99"}).status_code == 422
    assert as_ada.post(page, {"about": about, "channel": "1"}).status_code == 302
    text = re.sub(r"\s+", " ", as_ada.get(page).text)
    assert "Newsletter: Newsletter, by Email" in text
    for words in ("May be written to", "Said no to this", "No consent", "Address does not work"):
        assert words in text
    behind = as_ada.get(f"{page}topic_off/").text
    assert people[6].name in behind
    assert people[0].name not in behind
    for no_answer in ("nonsense", "quiet"):
        assert as_ada.get(f"{page}{no_answer}/").status_code == 404
    assert as_ada.post(f"{page}topic_off/", {"name": "Said no"}).status_code == 302
    with working_in(kettle):
        made = Segment.objects.get(name="Said no")
        assert {one.contact_id for one in made.members.all()} == {people[6].pk, people[7].pk}
    assert as_ada.post(f"{page}topic_off/", {"name": "Said no"}, follow=True).status_code == 200
    with working_in(kettle):
        assert Segment.objects.filter(is_list=True).count() == 1


def test_whose_names_one_may_not_see_are_not_shown(member, kettle, mixed):
    segment, people = mixed
    with working_in(kettle):
        asked(segment)
    analyst = member("analyst")
    behind = analyst.get(f"/w/kettle/campaigns/dry-runs/{segment.pk}/may/").text
    assert f"Contact {people[0].pk}" in behind
    assert people[0].name not in behind
    with working_in(kettle):
        Segment.objects.filter(pk=segment.pk).update(is_private=True, owner_id=1)
    assert analyst.get(f"/w/kettle/campaigns/dry-runs/{segment.pk}/may/").status_code == 404
    assert member("colleague").get(f"/w/kettle/campaigns/dry-runs/{segment.pk}/").status_code == 403


@pytest.mark.parametrize("number", [10, 40])
def test_a_slice_costs_the_same_statements_whatever_its_size(kettle, number, django_assert_max_num_queries):
    with working_in(kettle):
        for _ in range(number):
            make_contact()
        segment = Segment.objects.create(name="All", rule=EVERYBODY)
        letter()
        with django_assert_max_num_queries(20):
            asked(segment)


def test_part_of_an_answer_is_kept_as_no_list(as_ada, kettle, mixed):
    segment, _people = mixed
    with working_in(kettle):
        asked(segment)
        DryRun.objects.update(finished_at=None)
    page = as_ada.post(f"/w/kettle/campaigns/dry-runs/{segment.pk}/may/", {"name": "Half"}, follow=True)
    assert "still being asked" in page.text
    with working_in(kettle):
        assert not Segment.objects.filter(is_list=True).exists()
