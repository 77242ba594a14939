"""The list of campaigns: narrowed by state and words, with figures of people that lead to them."""

from datetime import timedelta

import pytest

from campaigns.list_figures import Line, lines_of, people_of
from campaigns.models import Campaign
from campaigns.reporting import results_now
from campaigns.reviewing import ask_review
from delivery.models import Delivery, Message
from lib.clock import now
from tests.factories.campaigns import make_campaign, make_sender
from tests.factories.contacts import make_reader
from tests.factories.experiments import with_test
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.kept_figures import keep_figures

C = "/w/kettle/campaigns/"


def make_sent(sender, name="Sent", people=4) -> Campaign:
    """Delivered to some: one bounced, a machine opened, one opened, one opened and clicked."""
    campaign, at = make_campaign(sender, name=name), now() - timedelta(days=5)
    rows = [{"bounced_at": at}, {"machine_opened_at": at}, {"opened_at": at}, {"opened_at": at, "clicked_at": at}]
    for facts in rows[:people]:
        Delivery.objects.create(
            message=campaign.message, contact=make_reader(), state=Delivery.State.SENT, sent_at=at, **facts
        )
    Message.objects.filter(pk=campaign.message_id).update(state="sent", planned_at=at, planned_count=people)
    return Campaign.objects.select_related("message").get(pk=campaign.pk)


def order(contact_id: int, minor: int, days_later: float, key: str) -> None:
    at = now() - timedelta(days=5 - days_later)
    record([Fact("purchase", key, at, contact_id=contact_id, value_minor=minor)], source=source_for("shop", "Shop"))


def test_a_line_counts_people_and_what_those_who_clicked_ordered(inside):
    campaign = make_sent(make_sender())
    clicker = Delivery.objects.exclude(clicked_at=None).get().contact_id
    opener = Delivery.objects.filter(clicked_at=None).exclude(opened_at=None).get().contact_id
    order(clicker, 4_200, 1, "a")
    order(clicker, 800, 2, "b")
    order(clicker, 99_900, 4, "too late")
    order(opener, 77_700, 1, "no click")

    assert lines_of([campaign]) == {campaign.pk: Line(delivered=3, opened=2, clicked=1, revenue_minor=5_000)}


def test_a_line_counts_the_people_of_all_versions(inside):
    campaign = make_campaign(make_sender(), name="Tested")
    version, at = with_test(campaign).versions.get(), now() - timedelta(days=5)
    for message, clicked in ((campaign.message_id, None), (version.message_id, at)):
        person = make_reader()
        Delivery.objects.create(
            message_id=message, contact=person, state=Delivery.State.SENT, sent_at=at, opened_at=at, clicked_at=clicked
        )
    order(person.pk, 4_200, 1, "a")
    Message.objects.update(state="sent", planned_at=at, planned_count=1)
    tested = Campaign.objects.select_related("message").get(pk=campaign.pk)

    assert lines_of([tested]) == {campaign.pk: Line(delivered=2, opened=2, clicked=1, revenue_minor=4_200)}
    assert people_of([tested]) == {campaign.pk: 2}
    Message.objects.filter(pk=version.message_id).update(planned_count=50_000)
    assert lines_of([tested]) == {}  # nothing, rather than a part of it


def test_of_a_big_one_the_list_shows_what_is_kept(inside, kettle):
    campaign = make_sent(make_sender())
    Message.objects.update(planned_count=50_000)
    campaign.message.planned_count = 50_000

    assert lines_of([campaign]) == {}
    assert results_now(campaign.pk)["line"] == [3, 2, 1, 0]


def test_the_list_asks_for_a_big_one_in_the_background(as_ada, kettle):
    with working_in(kettle):
        make_sent(make_sender())
        Message.objects.update(planned_count=50_000)
    assert "66.7 %" not in as_ada.get(C).text

    keep_figures(kettle)

    assert "66.7 %" in as_ada.get(C).text


def test_its_numbers_lead_to_its_people(as_ada, kettle):
    with working_in(kettle):
        campaign = make_sent(make_sender())

    page = as_ada.get(C).text

    for fate, share in (("opened", "66.7 %"), ("clicked", "33.3 %")):
        assert f"?email={campaign.pk}-{fate}" in page
        assert share in page


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ("", {"Draft", "Asked", "Sent", "Planned"}), ("?state=draft", {"Draft", "Asked"}), ("?state=review", {"Asked"}),
        ("?state=planned", {"Planned"}), ("?state=sent", {"Sent"}), ("?state=cancelled", set()), ("?q=aske", {"Asked"}),
        ("?q=box", {"Planned"}), ("?state=sent&q=draft", set()), ("?state=nonsense", {"Draft", "Asked", "Sent", "Planned"}),
    ],
)  # fmt: skip
def test_it_is_narrowed_by_state_and_words(as_ada, ada, kettle, asked, names):
    with working_in(kettle):
        sender = make_sender()
        make_sent(sender)
        make_campaign(sender, name="Draft")
        ask_review(make_campaign(sender, name="Asked"), by=ada)
        planned = make_campaign(sender, name="Planned", subject="The box")
        Message.objects.filter(pk=planned.message_id).update(state="approved")

    page = as_ada.get(C + asked)

    assert {one.name for one in page.context["page"].object_list} == names
    assert ("No campaign fits" in page.text) == (not names)


def test_fifty_lines_take_as_many_queries_as_one(as_ada, kettle, django_assert_max_num_queries):
    with working_in(kettle):
        sender = make_sender()
        make_sent(sender)
    as_ada.get(C)
    with django_assert_max_num_queries(60) as one:
        as_ada.get(C)
    with working_in(kettle):
        for number in range(49):
            make_sent(sender, name=f"No. {number}", people=1)
        Message.objects.filter(name__in=["No. 1", "No. 2", "No. 3"]).update(planned_count=50_000)
    as_ada.get(C)
    with django_assert_max_num_queries(60) as many:
        as_ada.get(C)
    assert len(many) - len(one) in {0, 1}  # what is kept of big ones
