"""Signing in on a server that asks the person: OAuth with PKCE, bound to the session and workspace that began it."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest

from conversations.models import Connection
from workspaces.current import working_in

WHERE = "/w/kettle/inbox/connections/"


@pytest.fixture
def sent(as_ada, server):
    """Ada gave the server alone; the query of the page to which she is led."""
    page = as_ada.post(f"{WHERE}mastodon/add/", {"mastodon-name": "Fedi", "mastodon-server": server.url})
    assert page.status_code == 200
    address = unescape(re.search(r'href="([^"]+/oauth/authorize[^"]+)"', page.text)[1])
    assert address.startswith(f"{server.url}/oauth/authorize?")
    query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
    server.code = ("a code", query["code_challenge"])
    return query


def count(kettle):
    with working_in(kettle):
        return Connection.objects.count()


def test_who_allows_us_is_connected(as_ada, kettle, server, sent):
    assert (sent["code_challenge_method"], urlsplit(sent["redirect_uri"]).path) == ("S256", f"{WHERE}back/")

    answer = as_ada.get(f"{WHERE}back/", {"code": "a code", "state": sent["state"]}, follow=True)

    assert "Connected." in answer.text
    with working_in(kettle):
        made = Connection.objects.get()
        assert (made.name, made.url, made.settings["acct"]) == ("Fedi", server.url, "kettle@kettle.example")


def test_a_way_back_is_good_once(as_ada, kettle, sent):
    for _ in range(2):
        answer = as_ada.get(f"{WHERE}back/", {"code": "a code", "state": sent["state"]}, follow=True)
    assert ("used before" in answer.text, count(kettle)) == (True, 1)


@pytest.mark.parametrize("given", [{"code": "a code", "state": "made up"}, {"code": "a code"}, {}])
def test_an_address_that_a_stranger_made_connects_nothing(as_ada, kettle, sent, given):
    answer = as_ada.get(f"{WHERE}back/", given, follow=True)
    assert ("not yours" in answer.text, count(kettle)) == (True, 0)


def test_who_does_not_allow_it_is_told_that_nothing_was_connected(as_ada, kettle, sent):
    answer = as_ada.get(f"{WHERE}back/", {"error": "access_denied", "state": sent["state"]}, follow=True)
    assert ("Nothing was connected" in answer.text, count(kettle)) == (True, 0)


def test_a_code_that_the_server_does_not_know_connects_nothing(as_ada, kettle, sent):
    answer = as_ada.get(f"{WHERE}back/", {"code": "another", "state": sent["state"]}, follow=True)
    assert ("authorization grant is invalid" in answer.text, count(kettle)) == (True, 0)


def test_a_server_that_knows_no_programs_is_told_in_words(as_ada, server):
    server.quirk = lambda _method, path: (200, {"client_id": 7}, {}) if path == "/api/v1/apps" else None
    page = as_ada.post(f"{WHERE}mastodon/add/", {"mastodon-name": "Fedi", "mastodon-server": server.url})
    assert (page.status_code, "Paste an access token instead" in page.text) == (422, True)


def test_only_who_may_connect_comes_back(as_eve, member, kettle):
    assert (as_eve.get(f"{WHERE}back/").status_code, member("analyst").get(f"{WHERE}back/").status_code) == (404, 403)
