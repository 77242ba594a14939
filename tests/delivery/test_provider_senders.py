"""The page of a sender by a provider's API: what is asked, kept sealed, refused; and never a key to another place."""

import pytest

from delivery.models import Sender
from delivery.presets import APIS
from delivery.returns.hooks import BY_KEY, address_of, webhook_of
from delivery.senders import messenger_of, secret_of
from lib.rooms import house
from tests.delivery.providers import ALL, MORE, make_provider_sender
from tests.delivery.returns.calls import SECRETS
from workspaces.current import working_in

NEW = "/w/kettle/campaigns/senders/new/"
FACTS = {
    "name": "Provider", "from_name": "Kettle & Co", "from_email": "hello@kettle.example", "secret": "k-123",
    "per_second": 50, "connections": 6,
}  # fmt: skip


def edit(sender) -> str:
    return f"/w/kettle/campaigns/senders/{sender.pk}/"


def test_every_preset_with_an_api_has_its_messenger():
    assert set(ALL) == APIS
    assert set(house.messengers) >= APIS


@pytest.mark.parametrize("kind", ALL)
def test_a_sender_is_made_with_its_key_sealed(as_ada, kettle, kind):
    page = as_ada.get(f"{NEW}?kind={kind}")
    assert page.status_code == 200
    assert 'value="Kettle' in page.text

    answer = as_ada.post(f"{NEW}?kind={kind}", FACTS | MORE.get(kind, {}))

    assert answer.status_code == 302
    with working_in(kettle):
        sender = Sender.objects.get()
        assert (sender.kind, secret_of(sender), sender.settings["connections"]) == (kind, "k-123", 6)
        assert "k-123" not in str(sender.settings)
        assert messenger_of(sender).url().startswith("https://")
    shown = as_ada.get(edit(sender)).text
    assert "k-123" not in shown


def test_the_page_of_a_provider_leads_to_its_key(as_ada):
    page = as_ada.get(f"{NEW}?preset=postmark").text

    assert "?kind=postmark" in page
    assert "?kind=google" not in as_ada.get(f"{NEW}?preset=google").text


def test_a_key_is_asked_for_once_and_kept_when_left_empty(as_ada, kettle):
    missing = as_ada.post(f"{NEW}?kind=resend", FACTS | {"secret": ""})
    assert missing.status_code == 422
    as_ada.post(f"{NEW}?kind=resend", FACTS)
    with working_in(kettle):
        sender = Sender.objects.get()

    as_ada.post(edit(sender), FACTS | {"secret": "", "name": "Renamed"})

    with working_in(kettle):
        sender.refresh_from_db()
        assert (sender.name, secret_of(sender)) == ("Renamed", "k-123")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "http://203.0.113.9/"),
        ("endpoint", "https://user:pass@api.example/"),
        ("endpoint", "ftp://api.example/"),
        ("endpoint", "http://1.1.1.1/"),
        ("secret", "kéy"),
        ("secret", "a\tb"),
        ("from_name", "A\nB"),
        ("stream", "out bound"),
        ("connections", "51"),
    ],
)
def test_what_cannot_be_used_is_said(as_ada, kettle, field, value, settings):
    settings.ECRM_FETCH_LOOPBACK = False
    answer = as_ada.post(f"{NEW}?kind=postmark", FACTS | MORE["postmark"] | {field: value})

    assert answer.status_code == 422
    with working_in(kettle):
        assert not Sender.objects.exists()


def test_a_key_goes_to_no_other_place_unless_it_is_entered_again(as_ada, kettle):
    with working_in(kettle):
        sender = make_provider_sender("postmark", "http://127.0.0.1:8081/")
    facts = FACTS | MORE["postmark"] | {"secret": "", "endpoint": "http://127.0.0.1:8082/"}

    refused = as_ada.post(edit(sender), facts)
    taken = as_ada.post(edit(sender), facts | {"secret": "new"})

    assert (refused.status_code, "Enter the key again" in refused.text, taken.status_code) == (422, True, 302)


@pytest.mark.parametrize("role", ["marketer", "analyst"])
def test_only_who_may_change_settings_sees_it(member, role):
    assert member(role).get(f"{NEW}?kind=postmark").status_code == 403


@pytest.mark.parametrize("kind", ALL)
def test_where_the_provider_tells_what_became_of_emails_is_made_on_the_page(as_ada, kettle, client, kind):
    with working_in(kettle):
        sender = make_provider_sender(kind, "http://127.0.0.1:8081/")
    page, url = edit(sender), f"{edit(sender)}returns/"
    needs_key = bool(BY_KEY[kind].asks_for)

    without = as_ada.post(url, {"secret": ""})
    made = as_ada.post(url, {"secret": SECRETS.get(kind, "")})

    assert (without.status_code, made.status_code) == (422 if needs_key else 302, 302)
    with working_in(kettle):
        webhook = webhook_of(sender)
        assert webhook.provider == kind
        assert address_of(webhook) in as_ada.get(page).text
    assert SECRETS.get(kind, "no secret") not in as_ada.get(page).text
    assert as_ada.post(f"{url}remove/").status_code == 302
    with working_in(kettle):
        assert webhook_of(sender) is None


def test_who_may_not_change_settings_sets_up_no_webhook(member, as_eve, kettle):
    with working_in(kettle):
        sender = make_provider_sender("postmark", "http://127.0.0.1:8081/")

    assert member("marketer").post(f"{edit(sender)}returns/").status_code == 403
    assert as_eve.post(f"{edit(sender)}returns/").status_code == 404
    with working_in(kettle):
        assert webhook_of(sender) is None
