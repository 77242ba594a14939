"""Signing in: limits by account and address, closed when nobody counts; secrets at rest; invitations for one address."""

import pytest
import redis
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client

from lib import valkey
from lib.web import caching
from tests.conftest import make_user
from workspaces.current import working_in
from workspaces.inviting import invite
from workspaces.models import Invitation, Membership

RIGHT = "correct horse battery"
LOGIN = "/accounts/login/"


def sign_in(email: str, password: str, address: str, client: Client | None = None):
    return (client or Client()).post(LOGIN, {"login": email, "password": password}, REMOTE_ADDR=address)


def test_wrong_passwords_of_a_stranger_keep_only_the_stranger_out(ada):
    for _time in range(6):
        last = sign_in(ada.email, "wrong", "203.0.113.9")

    assert "Too many failed login attempts" in last.text
    assert "Too many failed login attempts" in sign_in(ada.email, RIGHT, "203.0.113.9").text
    assert sign_in(ada.email, RIGHT, "198.51.100.1").status_code == 302


def test_ten_wrong_posts_of_one_address_do_not_lock_its_colleagues_out(ada, bob):
    for number in range(10):
        sign_in(f"nobody-{number}@kettle.example", "wrong", "203.0.113.9")

    assert sign_in(bob.email, RIGHT, "203.0.113.9").status_code == 302


def test_many_addresses_do_not_share_the_guessing_and_a_known_address_stays_open(ada):
    assert sign_in(ada.email, RIGHT, "198.51.100.1").status_code == 302
    for number in range(55):
        last = sign_in(ada.email, "wrong", f"203.0.113.{number}")

    assert "Too many failed login attempts" in last.text
    assert sign_in(ada.email, RIGHT, "203.0.113.200").status_code == 200
    assert sign_in(ada.email, RIGHT, "198.51.100.1").status_code == 302


def test_where_nobody_counts_nobody_may_try(ada, as_ada, monkeypatch):
    class Away:
        def ping(self):
            raise redis.ConnectionError

    monkeypatch.setattr(valkey, "valkey", Away)

    answer = sign_in(ada.email, RIGHT, "198.51.100.1")

    assert (answer.status_code, "Signing in is not possible for a moment" in answer.text) == (200, True)
    assert as_ada.get("/w/kettle/").status_code == 200


def test_allauths_limits_are_shut_while_valkey_is_away_and_caching_goes_on(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise redis.ConnectionError

    away = caching.ForgivingCache(django_settings.REDIS_URL, {})
    monkeypatch.setattr(away._class, "add", refuse)

    assert (away.add("allauth:rl:mfa:lock", 1), away.add("anything", 1)) == (False, True)


def test_the_seeds_of_one_time_codes_are_sealed(ada):
    secret = generate_totp_secret()
    TOTP.activate(ada, secret)

    with connection.cursor() as cursor:
        cursor.execute("SELECT data::text FROM mfa_authenticator")
        kept = cursor.fetchone()[0]

    assert secret not in kept
    assert TOTP(Authenticator.objects.get()).instance.wrap().validate_code("nonsense") is False
    from allauth.mfa.adapter import get_adapter

    assert get_adapter().decrypt(Authenticator.objects.get().data["secret"]) == secret


@pytest.fixture
def link(kettle, ada, mailoutbox, django_capture_on_commit_callbacks):
    """The address in an invitation for carla@kettle.example."""
    with django_capture_on_commit_callbacks(execute=True), working_in(kettle):
        invite("carla@kettle.example", "analyst", by=ada)
    text = mailoutbox[-1].body
    return "/join/" + text.split("/join/")[1].split()[0]


def test_a_forwarded_invitation_lets_nobody_else_in(link, kettle, as_eve):
    shown, tried = as_eve.get(link), as_eve.post(link)

    assert ("was sent to another address" in shown.text, tried.status_code) == (True, 403)
    assert not Membership.objects.filter(workspace=kettle, user__email="eve@rival.example").exists()
    assert Invitation.objects.get().accepted_at is None


def test_a_verified_second_address_counts(link, kettle, eve, as_eve):
    EmailAddress.objects.create(user=eve, email="carla@kettle.example", verified=False)
    unproven = as_eve.post(link).status_code
    EmailAddress.objects.update(verified=True)

    assert (unproven, as_eve.post(link).status_code) == (403, 302)
    assert Membership.objects.get(workspace=kettle, user=eve).role == "analyst"


def test_the_address_itself_is_let_in(link, kettle):
    carla = make_user("carla@kettle.example", "Carla")
    browser = Client()
    browser.force_login(carla)

    assert browser.post(link).status_code == 302
    assert Membership.objects.filter(workspace=kettle, user=carla).exists()
