"""Looking at the DNS of senders: when, how often, and what follows from it."""

from datetime import timedelta

import pytest
from django.test import Client

from campaigns.checking.looking import check_campaign
from campaigns.models import Campaign
from deliverability.domains import is_private
from deliverability.looking import ask_look, look_at_due, look_of, setup_of
from deliverability.models import DomainLook
from deliverability.name_servers import AskedNameServers
from deliverability.standing import standing_of, warning_of
from delivery.engine.controlling import approve
from delivery.models import Delivery, Sender
from delivery.presets import APIS, BY_KEY
from lib.clock import now
from tests.deliverability.conftest import DOMAIN, good_zone
from tests.factories.campaigns import make_campaign
from workspaces.current import working_in
from workspaces.models import AgendaItem


def test_a_sender_that_is_saved_is_looked_at_by_the_agenda(as_ada, kettle, answering):
    answering(good_zone())
    form = {
        "name": "Letters", "from_name": "Kettle", "from_email": f"hello@{DOMAIN}", "host": f"smtp.{DOMAIN}", "port": "587",
        "security": "starttls", "per_second": "50",
    }  # fmt: skip

    as_ada.post("/w/kettle/campaigns/senders/new/", form)
    assert AgendaItem.objects.filter(workspace=kettle.pk, work="deliverability.look").exists()
    again = look_at_due(kettle)

    with working_in(kettle):
        look = DomainLook.objects.get()
        assert (look.domain, look.is_ready, look.kept_at) == (DOMAIN, True, "kontor.coffee")
        assert look.first_ready_at is not None
        assert again == look.next_at > now() + timedelta(hours=23)


def test_while_something_is_missing_it_is_looked_at_each_five_minutes_for_a_day(kettle, answering, make_sender):
    answering({})
    with working_in(kettle):
        look_of(make_sender())
    look_at_due(kettle)

    with working_in(kettle):
        look = DomainLook.objects.get()
        assert look.next_at - look.looked_at == timedelta(minutes=5)
        DomainLook.objects.update(wanted_at=now() - timedelta(days=2), next_at=now())
    look_at_due(kettle)
    with working_in(kettle):
        look = DomainLook.objects.get()
        assert look.next_at - look.looked_at == timedelta(hours=1)


def test_who_asks_while_it_is_looked_at_is_answered_by_another_look(kettle, answering, make_sender):
    answering(good_zone())
    with working_in(kettle):
        look = look_of(make_sender())

    class Slow:
        def __getattr__(self, name):
            with working_in(kettle):
                ask_look(look)
            return getattr(AskedNameServers(), name)

    asked = []

    def servers():
        asked.append(1)
        return Slow() if len(asked) == 1 else AskedNameServers()

    look_at_due(kettle, servers)

    assert len(asked) == 4  # lines and keeper, twice


def test_a_line_with_a_nul_stops_no_other_sender(kettle, answering, make_sender):
    answering(good_zone() | {("odd.coffee", "TXT"): ['"v=spf1 \\000 -all"']} | good_zone("fine.coffee"))
    with working_in(kettle):
        for domain in ("odd.coffee", "fine.coffee"):
            look_of(make_sender(from_email=f"hello@{domain}", host=f"smtp.{domain}"))

    look_at_due(kettle)

    with working_in(kettle):
        assert dict(DomainLook.objects.values_list("domain", "is_ready")) == {"odd.coffee": False, "fine.coffee": True}


def test_a_look_that_breaks_comes_again_and_stops_no_other(kettle, answering, make_sender):
    answering(good_zone("fine.coffee"))
    with working_in(kettle):
        for domain in ("odd.coffee", "fine.coffee"):
            look_of(make_sender(from_email=f"hello@{domain}", host=f"smtp.{domain}"))

    class Breaks(AskedNameServers):
        def txt(self, name):
            if name == "odd.coffee":
                raise ValueError(name)
            return super().txt(name)

    again = look_at_due(kettle, Breaks)

    with working_in(kettle):
        looks = {one.domain: one for one in DomainLook.objects.all()}
        assert (looks["fine.coffee"].is_ready, looks["odd.coffee"].looked_at) == (True, None)
        assert looks["odd.coffee"].next_at == again > now()


def test_a_sender_that_is_changed_is_looked_at_again_at_once(as_ada, kettle, answering, make_sender):
    answering(good_zone())
    with working_in(kettle):
        sender = make_sender()
        look_of(sender)
    look_at_due(kettle)
    form = {
        "name": "Letters", "from_name": "Kettle", "from_email": f"hello@{DOMAIN}", "host": f"mail.{DOMAIN}", "port": "587",
        "security": "starttls", "per_second": "50",
    }  # fmt: skip

    assert as_ada.post(f"/w/kettle/campaigns/senders/{sender.pk}/", form).status_code == 302

    with working_in(kettle):
        assert DomainLook.objects.get().next_at <= now()


def test_another_domain_is_another_look_and_the_first_readiness_is_gone(kettle, answering, make_sender):
    answering(good_zone())
    with working_in(kettle):
        sender = make_sender()
        look_of(sender)
    look_at_due(kettle)
    with working_in(kettle):
        sender.settings = sender.settings | {"from_email": "hello@other.coffee"}
        sender.save()
        look = look_of(sender)

        assert (look.domain, look.findings, look.first_ready_at) == ("other.coffee", [], None)


@pytest.mark.parametrize(
    ("host", "private"),
    [
        ("127.0.0.1", True), ("localhost", True), ("10.1.2.3", True), ("mail", True), ("mail.kettle.example", True),
        ("::1", True), ("mail.local", True), ("smtp.kettle.coffee", False), ("93.184.216.34", False),
    ],
)  # fmt: skip
def test_a_server_of_ones_own_network_has_no_dns_to_look_at(inside, make_sender, host, private):
    assert is_private(host) is private
    assert (setup_of(make_sender(host=host)) is None) is private


def test_a_sender_without_sense_has_no_dns_to_look_at(inside):
    for given in (
        {},
        {"host": "a.b"},
        {"from_email": "nobody", "host": "smtp.kettle.coffee"},
        [],
        {"from_email": 7, "host": 8},
    ):
        assert setup_of(Sender.objects.create(name="x", settings=given)) is None


def test_a_first_campaign_stays_here_while_the_dns_says_no_and_goes_when_it_says_yes(
    kettle, ada, answering, make_sender
):
    answering({})
    kettle.postal_address = "Lindenallee 8"
    kettle.save()
    with working_in(kettle):
        sender = make_sender()
        look_of(sender)
        made = make_campaign(sender)
    look_at_due(kettle)

    def blocks():
        with working_in(kettle):
            campaign = Campaign.objects.select_related("message__sender", "segment", "programme").get(pk=made.pk)
            return [one for one in check_campaign(campaign, kettle).blocks if DOMAIN in one]

    assert blocks() == [f"The DNS does not let this sender speak for {DOMAIN} yet."]
    answering(good_zone())
    with working_in(kettle):
        ask_look(DomainLook.objects.get())
    look_at_due(kettle)
    assert blocks() == []
    with working_in(kettle):
        approve(Campaign.objects.get(pk=made.pk).message, by=ada)


def test_who_has_sent_before_is_warned_and_not_stopped(kettle, answering, make_sender):
    answering({})
    with working_in(kettle):
        sender = make_sender()
        look_of(sender)
        campaign = make_campaign(sender)
        from tests.factories.contacts import make_contact

        Delivery.objects.create(message=campaign.message, contact=make_contact("Greta"), state=Delivery.State.SENT)
    look_at_due(kettle)

    with working_in(kettle):
        campaign = Campaign.objects.select_related("message__sender", "segment", "programme").get(pk=campaign.pk)
        check = check_campaign(campaign, kettle)
        assert not [one for one in check.blocks if DOMAIN in one]
        assert [one for one in check.warns if DOMAIN in one] == [warning_of(sender)]
        assert "junk" in warning_of(sender)


class TestThePage:
    @pytest.fixture
    def sender(self, kettle, answering, make_sender):
        zone = good_zone() | {(DOMAIN, "TXT"): ['"v=spf1 ip4:198.51.100.7 ~all"']}
        answering(zone)
        with working_in(kettle):
            sender = make_sender()
            look_of(sender)
        look_at_due(kettle)
        return sender

    def test_shows_what_is_missing_first_and_what_to_copy(self, as_ada, sender):
        page = as_ada.get(f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/").text

        assert "Send as hello@kettle.coffee" in page
        assert page.index("Who may send (SPF)") < page.index("Answers come back (MX)")
        assert "v=spf1 ip4:198.51.100.7 ip4:93.184.216.34 ~all" in page
        assert "1 needs you" in page

    def test_the_line_to_copy_holds_the_address_for_reports(self, as_ada, kettle, sender, answering):
        form = {
            "name": "Letters", "from_name": "Kettle", "from_email": f"hello@{DOMAIN}", "host": f"smtp.{DOMAIN}", "port": "587",
            "security": "starttls", "per_second": "50", "reports_to": f"reports@{DOMAIN}",
        }  # fmt: skip
        as_ada.post(f"/w/kettle/campaigns/senders/{sender.pk}/", form)
        look_at_due(kettle)

        page = as_ada.get(f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/").text

        assert f"v=DMARC1; p=none; rua=mailto:dmarc@kettle.coffee,mailto:reports@{DOMAIN}" in page

    def test_looks_again_when_asked(self, as_ada, kettle, sender, answering):
        answering(good_zone())
        as_ada.post(f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/look/")
        waiting = as_ada.get(f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/").text
        look_at_due(kettle)
        lines = as_ada.get(
            f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/?part=lines", headers={"HX-Request": "true"}
        ).text

        assert "every 2s" in waiting
        assert "every 2s" not in lines
        assert "Lets everybody" not in lines
        with working_in(kettle):
            assert standing_of(sender).mark == "ok"

    def test_of_a_demo_sender_says_where_emails_lie(self, as_ada, kettle, make_sender):
        with working_in(kettle):
            sender = make_sender(host="127.0.0.1", from_email="letter@kettle.example")

        page = as_ada.get(f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/").text

        assert "Emails by this sender lie on the server 127.0.0.1." in page
        assert "DNS lines</h2>" not in page

    def test_is_for_those_who_set_up(self, as_eve, member, sender):
        url = f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/"

        assert as_eve.get(url).status_code == 404
        assert Client().get(url).status_code == 302
        assert member("marketer").get(url).status_code == 403
        assert member("analyst").post(f"{url}look/").status_code == 403

    def test_of_nobody_is_not_found(self, as_ada, sender):
        assert as_ada.get("/w/kettle/campaigns/deliverability/senders/999999/").status_code == 404

    def test_the_list_of_senders_leads_to_it(self, as_ada, sender):
        page = as_ada.get("/w/kettle/campaigns/senders/").text

        assert f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/" in page
        assert "1 needs you" in page


@pytest.mark.parametrize("kind", sorted(APIS))
def test_a_sender_by_a_providers_api_is_looked_at_as_by_its_smtp(as_ada, kettle, answering, make_sender, kind):
    """What the DNS has to say does not depend on how emails are handed over."""
    answering({(DOMAIN, "MX"): ["10 mx.kontor.coffee."]})
    with working_in(kettle):
        by_smtp, by_api = make_sender(host=BY_KEY[kind].host), make_sender()
        Sender.objects.filter(pk=by_api.pk).update(kind=kind, settings={"from_email": f"hello@{DOMAIN}"})
        by_api.refresh_from_db()
        for one in (by_smtp, by_api):
            look_of(one)
    look_at_due(kettle)

    with working_in(kettle):
        found = [[(row["key"], row["mark"]) for row in look.findings] for look in DomainLook.objects.order_by("pk")]
        assert found[0] == found[1] != []
        campaign = make_campaign(by_api)
        assert any(
            "DNS" in one for one in check_campaign(campaign, kettle).blocks
        )  # the first one waits while something is missing
    page = as_ada.get(f"/w/kettle/campaigns/deliverability/senders/{by_api.pk}/")
    assert page.status_code == 200
    assert DOMAIN in page.text
