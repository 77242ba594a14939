"""What is said before approval: how alike the emails are, how much is selling, how often, how heavy, what leads nowhere."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.checking.looking import check_campaign
from campaigns.checking.warnings import warnings_of
from campaigns.models import Campaign
from delivery.content.compiling import compile_message
from delivery.models import Delivery, Message
from tests.factories.campaigns import make_campaign, make_message, make_programme, make_sender
from tests.factories.contacts import make_reader

LINK = " [More](https://kettle.example/more)"


@pytest.fixture
def said(inside):
    """The warnings of an email to these people."""

    def tell(people, body="Hello {{ contact.first_name | default: 'you' }}." + LINK, **facts) -> list[str]:
        campaign = make_campaign(make_sender(), body=body, **facts)
        compiled = compile_message(campaign.message, inside)
        return list(warnings_of(campaign, compiled, [one.pk for one in people], inside))

    return tell


def test_the_same_words_for_everybody_but_for_their_name(said):
    people = [make_reader(f"Ann{number} Lind", city="Leipzig" if number % 2 else "Ulm") for number in range(60)]

    assert said(people) == [
        "60 of 60 get the same words but for their name. Show a block to some, or let it pick for each."
    ]
    assert said(people, "Hello from {{ contact.city | default: 'here' }}." + LINK) == []
    assert said(people[:49]) == []  # few


def test_almost_everybody_is_everybody_and_most_are_not(said):
    people = [make_reader(city="Leipzig") for _ in range(48)] + [make_reader(city=f"Town {n}") for n in range(12)]
    body = "From {{ contact.city | default: 'here' }}." + LINK

    assert said(people, body) == [
        "48 of 60 get the same words but for their name. Show a block to some, or let it pick for each."
    ]
    assert said([*people, make_reader(city="Bonn")], body) == []


def test_more_offers_than_the_programme_promised(said):
    programme = make_programme(selling_percent=50)
    sent = [make_message(programme=programme, purpose=purpose) for purpose in ("subscribed", "marketing")]
    Message.objects.filter(pk__in=[one.pk for one in sent]).update(planned_at=timezone.now() - timedelta(days=89))
    people = [make_reader()]

    assert said(people, programme=programme, purpose="marketing") == [
        "With this one 2 of the programme’s 3 emails in 90 days sell; it promised 50 % at most."
    ]
    assert said(people, programme=programme) == []  # it sells nothing itself
    programme.selling_percent = 67
    assert said(people, programme=programme, purpose="marketing") == []
    programme.selling_percent = 50
    Message.objects.filter(pk=sent[0].pk).update(planned_at=timezone.now() - timedelta(days=91))
    assert said(people, programme=programme, purpose="marketing") == []  # two are too few to judge


def test_who_heard_from_us_often_this_week(said):
    people = [make_reader() for _ in range(10)]
    for message in [make_message() for _ in range(3)]:
        Delivery.objects.create(message=message, contact=people[0], state=Delivery.State.SENT)

    assert said(people) == ["1 of 10 had 3 or more messages of ours in the last 7 days."]
    assert said([*people, make_reader()]) == []  # fewer than one in ten
    Delivery.objects.all()[:1].get().delete()
    assert said(people) == []


def test_what_is_heavy_or_leads_nowhere(said):
    people = [make_reader()]

    assert said(people, '<p>x</p><p><a href="https://nodots">Go</a></p>', body_format="html") == [
        "The link “Go”: “https://nodots” is not a whole address."
    ]
    heavy = said(people, "word " * 22_000 + LINK)
    assert any("Gmail hides" in one for one in heavy)


def test_the_check_says_them_and_many_cost_as_many_statements_as_one(inside):
    inside.postal_address = "Tea Street 1"
    made = make_campaign(make_sender(), body="Hello." + LINK)
    found = {}
    for people in (1, 1, 58):  # the first asks what stays known
        for _ in range(people):
            make_reader()
        campaign = Campaign.objects.select_related("message__content", "message__sender", "segment").get(pk=made.pk)
        with CaptureQueriesContext(connection) as asked:
            check = check_campaign(campaign, inside)
        found[people] = sum("survey_tables" not in one["sql"] for one in asked)

    assert "60 of 60 get the same words but for their name." in " ".join(check.warns)
    assert found[1] == found[58]
