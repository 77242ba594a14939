"""The set-up of a sender shows the address that its provider calls, whether it does, and what was refused."""

from urllib.parse import urlsplit

import pytest

from delivery.models import ProviderWebhook
from delivery.returns.hooks import note_refusal, webhook_of
from tests.delivery.returns.calls import body_of, signed
from workspaces.current import working_in
from workspaces.models import AuditEntry


@pytest.fixture
def sender(kettle, make_sender):
    with working_in(kettle):
        return make_sender(host="smtp.postmarkapp.com")


@pytest.fixture
def setup_page(sender):
    return f"/w/kettle/campaigns/deliverability/senders/{sender.pk}/"


def set_up(client, setup_page, provider="postmark", secret=""):
    return client.post(f"{setup_page}returns/", {"provider": provider, "secret": secret})


def shown_address(client, setup_page):
    text = client.get(setup_page).text
    return text.partition('id="returns-address">')[2].partition("</code>")[0]


def test_before_it_is_set_up_the_likely_provider_is_chosen(as_ada, setup_page):
    text = as_ada.get(setup_page).text

    assert "Set up the webhook" in text
    assert '<option value="postmark" selected' in text
    assert "So far only what a server refuses at once is known." in text


def test_the_address_is_made_shown_and_heard(as_ada, client, kettle, setup_page):
    answer = set_up(as_ada, setup_page)
    address = urlsplit(shown_address(as_ada, setup_page))

    assert (answer.status_code, answer["Location"]) == (302, setup_page)
    assert "Nothing heard yet" in as_ada.get(setup_page).text
    raw, headers = signed("postmark", body_of("postmark", "delivered", to="a@x.example"), address.password)
    assert client.post(address.path, raw, content_type="application/json", headers=headers).status_code == 200
    text = as_ada.get(setup_page).text
    assert "Events arrive" in text
    assert "Of no email of yours, or of no use: 1." in text
    with working_in(kettle):
        assert address.password.encode() not in bytes(ProviderWebhook.objects.get().sealed_secret)
        assert AuditEntry.objects.filter(action="provider_webhook.set_up").exists()


def test_a_provider_that_signs_needs_its_key_and_keeps_it(as_ada, kettle, sender, setup_page):
    refused = set_up(as_ada, setup_page, "mailgun")
    assert (refused.status_code, "HTTP webhook signing key is needed" in refused.text) == (422, True)

    assert set_up(as_ada, setup_page, "mailgun", "key-1").status_code == 302
    with working_in(kettle):
        first = webhook_of(sender)
    assert "key-1" not in as_ada.get(setup_page).text
    assert "ecrm:" not in shown_address(as_ada, setup_page)
    assert set_up(as_ada, setup_page, "mailgun").status_code == 302  # empty: it stays
    with working_in(kettle):
        assert bytes(webhook_of(sender).sealed_secret) == bytes(first.sealed_secret)


def test_what_is_typed_for_a_provider_that_signs_nothing_leaves_our_password(as_ada, setup_page):
    set_up(as_ada, setup_page, secret="guessed")
    first = urlsplit(shown_address(as_ada, setup_page)).password
    set_up(as_ada, setup_page, secret="guessed")

    assert urlsplit(shown_address(as_ada, setup_page)).password == first
    assert len(first) > 20


def test_another_provider_begins_with_a_new_address(as_ada, kettle, sender, setup_page):
    set_up(as_ada, setup_page)
    before = shown_address(as_ada, setup_page)
    set_up(as_ada, setup_page, "brevo")

    assert shown_address(as_ada, setup_page) != before
    with working_in(kettle):
        assert ProviderWebhook.objects.count() == 1


def test_refused_calls_are_shown_with_their_reason(as_ada, kettle, sender, setup_page):
    set_up(as_ada, setup_page)
    with working_in(kettle):
        note_refusal(webhook_of(sender), "the password is missing, or another one")

    text = as_ada.get(setup_page).text
    assert "1 call was refused" in text
    assert "the password is missing, or another one" in text


def test_removed_it_is_nobodys(as_ada, client, setup_page):
    set_up(as_ada, setup_page)
    address = urlsplit(shown_address(as_ada, setup_page))
    assert as_ada.post(f"{setup_page}returns/remove/").status_code == 302
    raw, headers = signed("postmark", body_of("postmark", "delivered", to="a@x.example"), address.password)

    assert client.post(address.path, raw, content_type="application/json", headers=headers).status_code == 404
    assert as_ada.post(f"{setup_page}returns/remove/").status_code == 302


def test_is_for_those_who_set_up_and_of_their_own_workspace(as_eve, member, setup_page):
    analyst = member("analyst")
    for path in (f"{setup_page}returns/", f"{setup_page}returns/remove/"):
        assert as_eve.post(path, {"provider": "postmark"}).status_code == 404
        assert analyst.post(path, {"provider": "postmark"}).status_code == 403


def test_nonsense_is_told_back(as_ada, setup_page):
    assert set_up(as_ada, setup_page, "pigeon").status_code == 422
    assert as_ada.get(f"{setup_page}returns/").status_code == 405
