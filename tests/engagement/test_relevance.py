"""How much of what we sent mattered: to a person, by message, on their page and on home."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.merging import link_contacts
from engagement.relevance import FIGURE, Relevance, kept_relevance, relevance_by_message, relevance_of
from tests.engagement.world import happen, person
from tests.factories.campaigns import make_campaign, make_programme
from touchpoints.correcting import Change, Field, correct
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.kept_figures import keep_figures, kept_figure


def test_a_message_mattered_to_who_clicked_or_answered(here):
    anna = person()
    for message in (1, 2, 3, 4, 5):
        happen(anna, "sent", 5, message_id=message)
    happen(anna, "clicked", 4, message_id=1)
    happen(anna, "clicked", 4, message_id=1)
    happen(anna, "reply", 4, message_id=2)
    happen(anna, "opened", 4, message_id=3)
    happen(anna, "clicked", 4, message_id=4, certainty=2)
    happen(anna, "unsubscribed", 4, message_id=5)

    assert relevance_of([anna]) == {anna: Relevance(5, 2)}
    assert relevance_of([anna])[anna].percent == 40


def test_what_is_long_ago_and_what_was_never_sent_do_not_count(here):
    anna, other = person(), person()
    happen(anna, "sent", 91, message_id=1)
    happen(other, "clicked", 1, message_id=9)
    happen(other, "sent", 1)

    assert relevance_of([anna, other]) == {}


def test_a_click_unmasked_as_a_machine_matters_no_more(here):
    anna = person()
    happen(anna, "sent", 5, message_id=1)
    batch = happen(anna, "clicked", 4, message_id=1)

    correct([Change(batch.ids[0], Field.CERTAINTY, 2)])

    assert relevance_of([anna]) == {anna: Relevance(1, 0)}


def test_two_who_are_one_got_a_message_once(here):
    anna, twin = person(), person()
    happen(anna, "sent", 5, message_id=1)
    happen(twin, "sent", 5, message_id=1)
    happen(twin, "clicked", 4, message_id=1)
    link_contacts(twin, anna)

    assert relevance_of([anna]) == {anna: Relevance(1, 1)}
    assert relevance_by_message() == {"1": [1, 1]}


def test_by_message_and_in_one_statement_for_any_number(here):
    people = [person() for _number in range(50)]
    for who in people:
        happen(who, "sent", 5, message_id=1)
    happen(people[0], "sms", 5, message_id=2)
    happen(people[0], "clicked", 4, message_id=2)

    assert relevance_by_message() == {"1": [50, 0], "2": [1, 1]}
    for some in (people, people[:1]):
        with CaptureQueriesContext(connection) as caught:
            relevance_of(some)
        assert len(caught) == 1


def test_it_is_kept_and_summed_over_messages(inside):
    assert kept_relevance() is None
    anna = person()
    assert kept_figure(FIGURE) is None
    record_now(anna, timezone.now())
    keep_figures(inside)

    assert kept_relevance() == Relevance(2, 1)
    assert kept_relevance([1]) == Relevance(1, 1)
    assert kept_relevance([3]) is None


def record_now(who: int, at) -> None:
    facts = [
        Fact("sent", "s1", at, contact_id=who, message_id=1),
        Fact("sent", "s2", at, contact_id=who, message_id=2),
        Fact("clicked", "c1", at, contact_id=who, message_id=1),
    ]
    record(facts, source=source_for("test", "Test"))


@pytest.mark.parametrize("where", ["contact", "home"])
def test_pages_say_how_much_mattered(as_ada, kettle, where):
    with working_in(kettle):
        who = person("Greta")
        record_now(who, timezone.now())
        kept_figure(FIGURE)
    keep_figures(kettle)

    text = as_ada.get(f"/w/kettle/contacts/{who}/" if where == "contact" else "/w/kettle/").text
    assert "1 of the 2 things we sent mattered" in " ".join(text.split())


def test_a_programme_says_how_much_of_its_own_emails_mattered(as_ada, kettle):
    with working_in(kettle):
        programme = make_programme()
        message = make_campaign(programme=programme).message
        who, at = person("Greta"), timezone.now()
        facts = [Fact("sent", "p1", at, contact_id=who, message_id=message.pk)]
        record(facts, source=source_for("test", "Test"))
        record_now(who, at)
        kept_figure(FIGURE)
    keep_figures(kettle)

    text = " ".join(as_ada.get(f"/w/kettle/programmes/{programme.pk}/").text.split())
    assert "0 of the 1 thing we sent mattered" in text
