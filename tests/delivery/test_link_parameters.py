"""What a campaign adds to its links: utm parameters, never over what stands there, never to our own pages."""

import pytest
from django.urls import reverse

from campaigns.composing import compose, utm_of
from campaigns.models import Campaign
from delivery.content.addressing import plain_addresses
from delivery.content.compiling import compile_message
from delivery.content.link_parameters import plain_targets, with_parameters
from delivery.engine.controlling import approve
from delivery.models import TrackedLink
from tests.factories.campaigns import again, make_campaign, make_sender
from workspaces.current import working_in

UTM = {"utm_source": "kettle", "utm_campaign": "spring tins"}


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("https://tea.example", "https://tea.example?utm_campaign=spring%20tins&utm_source=kettle"),
        ("https://tea.example/a?b=1", "https://tea.example/a?b=1&utm_campaign=spring%20tins&utm_source=kettle"),
        ("https://tea.example/a?", "https://tea.example/a?utm_campaign=spring%20tins&utm_source=kettle"),
        ("https://tea.example/a#top", "https://tea.example/a?utm_campaign=spring%20tins&utm_source=kettle#top"),
        ("https://tea.example/?utm_source=own", "https://tea.example/?utm_source=own&utm_campaign=spring%20tins"),
        ("https://tea.example/?utm_source=&utm_campaign=x", "https://tea.example/?utm_source=&utm_campaign=x"),
        ("https://tea.example/%C3%A4?q=%2F+x", "https://tea.example/%C3%A4?q=%2F+x&utm_campaign=spring%20tins&utm_source=kettle"),
        ("mailto:ann@tea.example", "mailto:ann@tea.example"),
        ("tel:+49", "tel:+49"),
        ("#top", "#top"),
        ("https://[broken", "https://[broken"),
        ("", ""),
    ],
)  # fmt: skip
def test_an_address_keeps_what_it_has(target, found):
    assert with_parameters(target, UTM) == found
    assert with_parameters(target, {}) == target


def test_our_own_pages_are_told_nothing(settings):
    settings.ECRM_URL = "https://mail.kettle.example"

    assert with_parameters("https://mail.kettle.example/p/kettle/", UTM) == "https://mail.kettle.example/p/kettle/"


def test_every_counted_link_of_a_campaign_bears_them(inside, ada):
    campaign = make_campaign(make_sender(), name="Spring: tins & lids", adds_utm=True)
    approve(campaign.message, by=ada)

    links = list(
        TrackedLink.objects.filter(message=campaign.message_id).order_by("number").values_list("url", flat=True)
    )

    added = "utm_campaign=spring-tins-lids&utm_medium=email&utm_source=kettle"
    assert links == [f"https://kettle.example/box?{added}", f"https://kettle.example/how?a=1&b=2&{added}"]


def test_where_nothing_is_counted_they_stand_in_the_email_itself(inside):
    inside.mail_tracking = 0
    inside.save()
    with working_in(inside):
        message = make_campaign(make_sender(), adds_utm=True).message
        compiled = compile_message(message, inside)
        html = compiled.write({"contact": {}, "brand": "Kettle"}, plain_addresses(compiled.links.rows)).html

    assert "https://kettle.example/box?utm_campaign=spring-letter&amp;utm_medium=email&amp;utm_source=kettle" in html


def test_it_follows_the_name_and_can_be_left_out(inside):
    campaign = make_campaign(make_sender(), adds_utm=True)
    compose(campaign, name="東京")
    assert again(campaign).message.link_parameters["utm_campaign"] == f"campaign-{campaign.pk}"
    compose(campaign, adds_utm=False)
    assert again(campaign).message.link_parameters == {}
    assert utm_of(campaign)["utm_medium"] == "email"


def test_a_new_campaign_bears_them_unless_its_page_says_otherwise(as_ada, kettle):
    made = as_ada.post("/w/kettle/campaigns/new/", {"name": "Spring tins", "purpose": "subscribed"})
    page = as_ada.get(made["Location"]).text
    pk = int(made["Location"].rstrip("/").rpartition("/")[2])
    where = f"/w/kettle{reverse('campaigns:set', args=[pk, 'links'], urlconf='ecrm.urls_workspace')}"

    as_ada.post(where, {})

    with working_in(kettle):
        campaign = Campaign.objects.select_related("message").get(pk=pk)
    assert (campaign.adds_utm, campaign.message.link_parameters) == (False, {})
    assert page


@pytest.mark.parametrize(
    "target", ["", "?", "?a=1", "?a=1&", "?utm_source=shop", "?a=%20b#part", "#a?b&c", "?utm_medium=email"]
)
@pytest.mark.parametrize(
    "parameters", [{}, {"utm_medium": "email", "utm_source": "tins & lids", "utm_campaign": "ä=?"}]
)
def test_the_plain_target_is_found_again(target, parameters):
    plain = f"https://kettle.example/tea{target}"
    told = with_parameters(plain, parameters)

    assert plain in plain_targets(told, parameters)
    assert {with_parameters(one, parameters) for one in plain_targets(told, parameters)} == {told}
