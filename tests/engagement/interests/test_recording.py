"""Clicks, pages and purchases of tagged things make interests; whatever changes the facts changes them too."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.tracking import say_tracking
from contacts.merging import link_contacts, survivors_of, unlink_contact
from contacts.models import Contact
from engagement.interests.checking import largest_difference
from engagement.interests.reading import interests_of, tag_for
from engagement.interests.rebuilding import rebuild_interests
from engagement.interests.tagging import set_page_rule, tag_links
from engagement.models import Interest
from portal.preferences import allow_profiling
from tests.engagement.world import NOON, fact, happen, person
from touchpoints.correcting import Change, Field, correct
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.tracking_mode import TrackingMode

MESSAGE = 77


@pytest.fixture
def world(here):
    here.mail_tracking = TrackingMode.FULL
    here.save(update_fields=["mail_tracking"])
    return here


@pytest.fixture
def tea(world):
    tag = tag_for("Tea")
    tag_links(MESSAGE, {1: [tag.pk]})
    return tag


def click(who: int, days_ago: float = 0, link: int = 1, **more):
    return happen(who, "clicked", days_ago, message_id=MESSAGE, payload={"link": link}, **more)


def look_at(who: int, url: str, days_ago: float = 0, **more):
    return happen(who, "page", days_ago, payload={"context": {"page": {"url": url}}}, **more)


def strength(who: int, tag, **more) -> float:
    return interests_of([who], at_least=-1, **more).get(who, {}).get(tag.pk, 0)


def test_a_click_counts_two_and_halves_every_sixty_days(tea, time_machine):
    anna = person()
    click(anna)
    midnight = 2 * 2 ** (-0.5 / 60)  # a day counts from its start

    assert strength(anna, tea) == pytest.approx(midnight)
    time_machine.move_to(NOON + timedelta(days=60), tick=False)
    assert strength(anna, tea) == pytest.approx(midnight / 2)


def test_many_clicks_of_a_day_are_no_more_than_three_times_one(tea):
    anna = person()
    for _time in range(20):
        click(anna)

    assert strength(anna, tea) == pytest.approx(6 * 2 ** (-0.5 / 60))


def test_an_untagged_link_and_a_machine_say_nothing(tea):
    anna = person()
    click(anna, link=2)
    click(anna, certainty=2)

    assert interests_of([anna], at_least=-1) == {}


def test_pages_count_by_the_address_they_begin_with(world):
    tea, anna = tag_for("Tea"), person()
    set_page_rule("https://www.kettle.example/Tea/", [tea.pk])

    look_at(anna, "http://kettle.example/tea/oolong?utm_source=x")
    look_at(anna, "https://kettle.example/cups")

    assert strength(anna, tea) == pytest.approx(0.3 * 2 ** (-0.5 / 60))


def test_a_purchase_counts_for_the_category_it_names(world):
    tea, cups, anna = tag_for("Tea"), tag_for("Cups"), person()

    happen(anna, "purchase", payload={"products": [{"category": "Tea "}, {"category": 7}, "odd"], "category": "cups"})

    assert strength(anna, tea) == strength(anna, cups) == pytest.approx(5 * 2 ** (-0.5 / 60))


def test_a_click_unmasked_as_a_machine_is_taken_back_and_comes_back(tea):
    anna = person()
    batch = click(anna)

    correct([Change(batch.ids[0], Field.CERTAINTY, 2)])
    assert strength(anna, tea) == 0
    correct([Change(batch.ids[0], Field.CERTAINTY, 0)])
    assert strength(anna, tea) > 1.9


def test_two_who_become_one_have_their_interests_together_and_apart_again(tea):
    anna, other = person(), person()
    click(anna)
    click(other, 1)
    before = interests_of([anna, other], at_least=-1)

    link_contacts(other, anna)
    assert strength(anna, tea) == pytest.approx(before[anna][tea.pk] + before[other][tea.pk])
    assert strength(other, tea) == strength(anna, tea)
    click(other, 2)
    unlink_contact(other)

    assert strength(anna, tea) == pytest.approx(before[anna][tea.pk])
    assert strength(other, tea) > before[other][tea.pk]


def test_who_may_not_be_measured_is_interested_in_nothing_until_they_may(tea):
    anna = person()
    click(anna)

    say_tracking(Contact.objects.get(pk=anna), TrackingMode.NONE)
    assert interests_of([anna], at_least=-1) == {}
    click(anna, 1)
    assert interests_of([anna], at_least=-1) == {}
    say_tracking(Contact.objects.get(pk=anna), TrackingMode.FULL, page="their page")
    assert strength(anna, tea) > 2


def test_who_refuses_a_profile_has_no_interests_until_they_allow_it(tea):
    anna = person()
    click(anna)

    allow_profiling(Contact.objects.get(pk=anna), False)
    assert interests_of([anna], at_least=-1) == {}
    allow_profiling(Contact.objects.get(pk=anna), True)
    assert strength(anna, tea) > 1.9


def test_facts_without_tags_cost_one_look_and_others_none(tea):
    anna = person()
    source = source_for("test", "Test")
    record([fact(anna, "opened")], source=source)
    counts = {}
    for name, kind, message in (
        ("opened", "opened", None),
        ("untagged", "clicked", 78),
        ("tagged", "clicked", MESSAGE),
    ):
        counts[name] = queries_of(lambda k=kind, m=message: record(
            [fact(anna, k, message_id=m, payload={"link": 1})], source=source
        ))  # fmt: skip

    assert counts["untagged"] - counts["opened"] == 1


def test_fifty_people_cost_what_one_costs(tea):
    people = [person() for _number in range(50)]
    source = source_for("test", "Test")
    record([fact(who, "clicked", message_id=MESSAGE, payload={"link": 1}) for who in people], source=source)

    counts = [
        queries_of(lambda some=some: record(
            [fact(who, "clicked", message_id=MESSAGE, payload={"link": 1}) for who in some], source=source
        ))
        for some in (people[:1], people)
    ]  # fmt: skip
    reads = [queries_of(lambda some=some: interests_of(some)) for some in (people[:1], people)]

    assert counts[0] == counts[1]
    assert reads == [1, 1]


def queries_of(act) -> int:
    with CaptureQueriesContext(connection) as caught:
        act()
    return len(caught)


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(["clicked", "page", "purchase", "correct", "link", "unlink"]),
        st.integers(0, 2),
        st.integers(0, 300),
    ),
    max_size=25,
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(HAPPENINGS)
def test_incremental_interests_equal_rebuilt_ones_whatever_happens(tea, happenings):
    set_page_rule("kettle.example", [tea.pk])
    people, done = [person() for _number in range(3)], []
    for kind, which, days in happenings:
        who, other = people[which], people[(which + 1) % 3]
        if kind == "clicked":
            done += click(who, days).ids
        elif kind == "page":
            done += look_at(who, "https://kettle.example/", days).ids
        elif kind == "purchase":
            done += happen(who, "purchase", days, payload={"category": "tea"}).ids
        elif kind == "correct" and done:
            correct([Change(done[days % len(done)], Field.CERTAINTY, days % 3)])
        elif kind == "link":
            link_if_apart(who, other)
        elif kind == "unlink":
            unlink_contact(who)

    assert largest_difference() < 1e-9


def link_if_apart(loser: int, survivor: int) -> None:
    if len(set(survivors_of([loser, survivor]).values())) == 2:
        link_contacts(loser, survivor)


def test_a_rebuild_writes_what_stands(tea):
    anna = person()
    click(anna, 3)
    before = list(Interest.objects.values_list("contact_id", "tag_id", "sum", "said"))

    rebuild_interests()
    assert Interest.objects.values("contact").distinct().count() == 1
    assert list(Interest.objects.values_list("contact_id", "tag_id", "sum", "said")) == before
