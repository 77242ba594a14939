"""What messages cost: on the form, before they go out, on the report, in the API."""

from decimal import Decimal

import pytest

from campaigns.checking.looking import check_campaign
from campaigns.views.picturing import page_of
from delivery.engine.sending import send_due
from delivery.models import Delivery, Message, Sender
from delivery.pricing import Cost, Price, cost_so_far, expected_cost
from lib.money import written_money
from tests.delivery.test_texts import Carrier, make_text_sender, text_campaign, texted
from tests.factories.campaigns import make_campaign, make_sender, planned
from tests.factories.contacts import make_reader
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import Workspace

State = Delivery.State


@pytest.fixture
def carrier():
    found = Carrier()
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("12.4", "EUR", "12.40 EUR"),
        ("1240.005", "EUR", "1,240.01 EUR"),
        ("0.004", "EUR", "0.00 EUR"),
        ("1240.5", "JPY", "1,241 JPY"),
        ("1.2345", "KWD", "1.235 KWD"),
        ("3", "usd", "3.00 USD"),
    ],
)
def test_money_has_the_decimals_of_its_currency(amount, currency, text):
    assert written_money(Decimal(amount), currency) == text


def test_units_and_postage_add_up_without_rounding_on_the_way():
    assert Price(1, 0).of(3, 3) == Decimal("0.003")
    assert Price(80, 950).of(5, 2) == Decimal("2.3")
    assert not Price()


def test_nothing_is_said_where_nobody_entered_a_price(inside, sender):
    message = make_campaign(sender).message

    assert expected_cost(message, people=10, units=1, currency="EUR") is None
    assert cost_so_far(message, "EUR") is None


def test_an_email_costs_what_its_sender_says_and_only_what_was_handed_over_counts(inside, room, send):
    sender = make_sender(port=room.port)
    Sender.objects.filter(pk=sender.pk).update(price_milli=10)
    sender.refresh_from_db()
    readers = [make_reader() for _ in range(3)]
    room.refuse[readers[0].email] = "550 5.1.1 no such user"
    campaign = make_campaign(sender)
    check = check_campaign(campaign, Workspace.objects.get(pk=inside.pk))

    campaign = send(campaign)

    assert check.cost == Cost(Decimal("0.03"), "EUR", 3)
    assert cost_so_far(campaign.message, "EUR") == Cost(Decimal("0.02"), "EUR", 2)
    assert str(page_of(campaign)["cost"]) == "0.02 EUR"


def test_a_text_costs_its_segments_each_person_their_own(inside, carrier, send):
    sender = make_text_sender(carrier)
    texted("+4915200000001")
    long = texted("+4915200000002")
    long.given_name = "A" * 99
    long.save()
    body = "Hello {{ contact.first_name | default: 'you' }}, " + "x" * 100
    campaign = text_campaign(sender, body=body)
    check = check_campaign(campaign, Workspace.objects.get(pk=inside.pk))

    campaign = send(campaign)

    assert check.cost == Cost(Decimal("0.15"), "EUR", 2)
    assert sorted(Delivery.objects.values_list("units", flat=True)) == [1, 2]
    assert cost_so_far(campaign.message, "EUR").amount == Decimal("0.225")


def test_a_new_contract_changes_no_bill_of_old(inside, room, send):
    sender = make_sender(port=room.port)
    Sender.objects.filter(pk=sender.pk).update(price_milli=10)
    make_reader()
    campaign = send(make_campaign(Sender.objects.get(pk=sender.pk)))

    Sender.objects.filter(pk=sender.pk).update(price_milli=99)

    message = Message.objects.select_related("sender").get(pk=campaign.message_id)
    assert cost_so_far(message, "EUR").amount == Decimal("0.01")


@pytest.mark.parametrize(
    ("kind", "label"),
    [("smtp", "Price of a message"), ("sms", "Price of a segment"), ("ad_audience", "Price of a person on the list")],
)
def test_every_form_of_a_sender_asks_for_its_price(client, ada, kettle, kind, label):
    client.force_login(ada)

    assert label in client.get(f"/w/kettle/campaigns/senders/new/?kind={kind}").text


@pytest.mark.parametrize(("given", "kept"), [("0.075", 75), ("", 0), ("1000", 1_000_000)])
def test_a_price_is_kept_in_thousandths(client, ada, kettle, given, kept):
    client.force_login(ada)
    told = {"name": "Ads", "network": "meta", "per_second": 50, "price": given}
    client.post("/w/kettle/campaigns/senders/new/?kind=ad_audience", told)

    with working_in(kettle):
        assert Sender.objects.get().price_milli == kept
        page = client.get(f"/w/kettle/campaigns/senders/{Sender.objects.get().pk}/").text
    assert (f'value="{Decimal(kept) / 1000}"' in page) is bool(kept)


@pytest.mark.parametrize("given", ["-1", "1001", "0.0001", "dear", "NaN"])
def test_what_is_no_price_is_said_so(client, ada, kettle, given):
    client.force_login(ada)
    told = {"name": "Ads", "network": "meta", "per_second": 50, "price": given}

    assert client.post("/w/kettle/campaigns/senders/new/?kind=ad_audience", told).status_code == 422


def test_the_api_tells_prices_and_costs(kettle, room):
    with working_in(kettle):
        sender = make_sender(port=room.port)
        Sender.objects.filter(pk=sender.pk).update(price_milli=10)
        make_reader()
        campaign = planned(make_campaign(Sender.objects.get(pk=sender.pk)))
    send_due(kettle)
    machine = machine_of(kettle)

    price = machine.get(f"/senders/{sender.pk}").json()["price"]
    cost = machine.get(f"/deliveries/counts?message_id={campaign.message_id}").json()["cost"]

    assert price == {"amount": "0.010", "postage": "0.000", "unit": "message", "currency": "EUR"}
    assert cost == {"amount": "0.010", "currency": "EUR"}
