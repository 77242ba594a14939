"""Clicks on ads: the id that a network puts into the address makes one touchpoint of the ads channel, however often it comes."""

import pytest

from contacts.channels import Channel
from touchpoints.ad_clicks import ad_clicks_in
from touchpoints.facts import Fact
from touchpoints.kinds import KINDS
from touchpoints.models import Touchpoint
from workspaces.current import working_in

CLICK = KINDS["ad_click"].code


def viewed(number: int, campaign=None, **more):
    context = {"campaign": campaign} if campaign is not None else {}
    return {"type": "page", "messageId": f"page-{number}", "userId": "7", "context": context, **more}


def clicks(kettle) -> list[tuple[int, str, str]]:
    with working_in(kettle):
        rows = Touchpoint.objects.filter(kind=CLICK).order_by("external_id")
        return [(row.channel, row.payload["network"], row.payload["click_id"]) for row in rows]


def test_a_page_with_a_click_id_is_a_click_on_an_ad_once(post, kettle):
    told = {"source": "google", "campaign": "tea", "gclid": "Cj0K"}

    answer = post({"batch": [viewed(1, told), viewed(2, told)]})
    post({"batch": [viewed(3, told), viewed(4, {"fbclid": "IwAR"})]})

    assert answer.json() | {"kept": 2, "new": 2} == answer.json()  # the click itself is not counted among the items
    assert clicks(kettle) == [(Channel.ADS, "meta", "IwAR"), (Channel.ADS, "google", "Cj0K")]
    with working_in(kettle):
        click = Touchpoint.objects.get(kind=CLICK, payload__network="google")
        page = Touchpoint.objects.filter(kind=KINDS["page"].code).order_by("occurred_at")[0]
        assert click.contact_id == page.contact_id
        assert click.payload["campaign"] == {"source": "google", "campaign": "tea"}


@pytest.mark.parametrize(
    "campaign", [None, "x", [], {"gclid": ""}, {"gclid": 5}, {"gclid": "x" * 501}, {"source": "news"}]
)
def test_anything_else_is_none(post, kettle, campaign):
    assert post({"batch": [viewed(1, campaign)]}).json()["kept"] == 1
    assert clicks(kettle) == []


@pytest.mark.parametrize(
    ("name", "network"),
    [("gbraid", "google"), ("wbraid", "google"), ("msclkid", "microsoft"), ("ttclid", "tiktok"), ("li_fat_id", "linkedin"),
     ("twclid", "x")],
)  # fmt: skip
def test_networks_are_told_by_their_ids(name, network):
    (click,) = ad_clicks_in([Fact("page", "a", payload={"context": {"campaign": {name: "1"}}})])

    assert (click.kind, click.channel, click.payload["network"]) == ("ad_click", Channel.ADS, network)
    assert click.value_minor is None


def test_what_is_odd_in_a_payload_stops_nothing():
    facts = [Fact("page", "a", payload={"context": odd}) for odd in ("x", None, [], {"campaign": None}, 5)]

    assert ad_clicks_in(facts) == []


def test_a_client_that_tells_the_click_itself_is_heard_once(post, kettle):
    told = {
        "type": "track",
        "event": "ad_click",
        "messageId": "own",
        "userId": "7",
        "context": {"campaign": {"gclid": "Cj0K"}},
    }

    assert post({"batch": [told]}).json()["new"] == 1
    with working_in(kettle):
        assert Touchpoint.objects.filter(kind=CLICK).count() == 1
