"""New secrets for connections of every kind: judged as at first, and listening goes on from where it stopped."""

import threading
from datetime import timedelta

import pytest
from django.db import connection as database
from django.utils import timezone

from conversations.models import Connection, Mention
from lib.rooms import house
from social.connecting import connect, poll_due, sign_in_again
from social.secrets import brought_secrets, made_secrets, secrets_of
from social.signing_in_again import again_form
from tests.social import pds
from tests.social.test_discourse import KEY, Forum, post
from tests.social.test_google import Google, thread
from workspaces.current import working_in

PAGE = "/w/kettle/inbox/connections/"
REFUSED = (403, {"errors": ["invalid"], "error_type": "invalid_access"}, {})
CHANNEL = "UCkettle000001"


@pytest.fixture
def opened(settings):
    """Servers on this machine, closed afterwards."""
    settings.ECRM_FETCH_LOOPBACK = True
    made = []

    def start(kind):
        made.append(kind())
        return made[-1]

    yield start
    for one in made:
        one.close()


@pytest.fixture
def sky(kettle, opened):
    """A server of Bluesky's kind, and our account there, listened to."""
    server = opened(pds.Server)
    account = {"handle": "kettle.bsky.social", "acct": "kettle.bsky.social", "service": server.url}
    row = connected(kettle, "bluesky", settings=account, secrets=[pds.PASSWORD])
    look(kettle, row)
    return server, row


@pytest.fixture
def tube(kettle, opened):
    """Google, and our channel there."""
    google = opened(Google)
    given = {"api": google.url, "tokens": f"{google.url}/token", "channel": CHANNEL}
    return google, connected(kettle, "youtube", settings=given, secrets=["id", "secret", "refresh"])


def connected(kettle, network, **facts):
    with working_in(kettle):
        return connect(network, by=None, name="Ours", **facts)[0]


def enter(client, row, **given):
    fields = {f"again-{row.pk}-{name}": value for name, value in given.items()}
    return client.post(f"{PAGE}{row.pk}/sign-in/", fields)


def look(kettle, row):
    with working_in(kettle):
        Connection.objects.filter(pk=row.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    poll_due(kettle)
    return now_of(kettle, row)


def now_of(kettle, row):
    with working_in(kettle):
        return Connection.objects.get(pk=row.pk)


def kept(kettle, row):
    """(the secrets made here, those brought)."""
    with working_in(kettle):
        now = Connection.objects.get(pk=row.pk)
        return made_secrets(now), brought_secrets(now)


def heard(kettle):
    with working_in(kettle):
        return list(Mention.objects.filter(is_silent=False).values_list("text", flat=True))


def test_whatever_network_hides_what_is_typed_takes_it_anew(kettle):
    kinds = {key: kind for key, kind in house.networks.items() if hasattr(kind, "form")}
    hidden = {
        key: {name for name, one in kind.form.base_fields.items() if _is_hidden(one)} for key, kind in kinds.items()
    }

    asked = {}
    for key, kind in kinds.items():
        with working_in(kettle):
            row = Connection(pk=1, network=key)
            form = again_form(kind(row), row)
        asked[key] = {name for name, one in form.fields.items() if _is_hidden(one)} if form else set()

    assert asked == hidden
    assert {key for key, names in asked.items() if not names} == {"feed", "webhook"}


def _is_hidden(field):
    return getattr(field.widget, "input_type", "") == "password"


def test_an_app_password_that_was_revoked_is_replaced_and_nothing_said_meanwhile_is_lost(as_ada, kettle, sky):
    server, row = sky
    server.expire(refreshes=True)
    server.password = "new-app-pass-word"
    assert not look(kettle, row).is_active
    assert "Sign in again" in as_ada.get(PAGE).text
    server.posts = [pds.post(1, "Are you there?")]

    wrong = enter(as_ada, row, password="no")
    assert (wrong.status_code, "does not accept the app password" in wrong.text) == (422, True)
    assert enter(as_ada, row, password="new-app-pass-word").status_code == 302

    now = look(kettle, row)
    assert (now.is_active, now.failures, heard(kettle)) == (True, 0, ["Are you there?"])
    assert "Sign in again" not in as_ada.get(PAGE).text


def test_a_handle_that_is_somebody_elses_by_now_does_not_take_over_the_connection(as_ada, kettle, sky):
    server, row = sky
    tree = {"did": "did:plc:other", "handle": "kettle.bsky.social", "accessJwt": "a", "refreshJwt": "r"}
    server.answers["com.atproto.server.createSession"] = [(200, tree, {})]

    answer = enter(as_ada, row, password="theirs")

    assert (answer.status_code, "is another account by now" in answer.text) == (422, True)
    assert kept(kettle, row)[1][0] == pds.PASSWORD


def test_a_forums_new_key_leaves_the_secret_of_its_webhook(as_ada, kettle, opened):
    forum = opened(Forum)
    row = connected(kettle, "discourse", url=forum.url, settings={"username": "kettle"}, secrets=[KEY])
    look(kettle, row)
    made, _brought = kept(kettle, row)
    forum.answers = [REFUSED]
    assert not look(kettle, row).is_active
    forum.posts = [post(1, "Which descaler?")]

    assert enter(as_ada, row, password="wrong").status_code == 422
    assert enter(as_ada, row, password=KEY).status_code == 302

    assert kept(kettle, row) == (made, [KEY])
    look(kettle, row)
    assert heard(kettle) == ["Which descaler?"]


def test_a_client_of_google_that_was_revoked_is_replaced(as_ada, kettle, tube):
    google, row = tube
    look(kettle, row)
    google.tokens, google.is_revoked = 9, True
    assert not look(kettle, row).is_active
    google.is_revoked = False

    assert enter(as_ada, row, client_id="id", client_secret="", refresh_token="refresh").status_code == 422
    assert enter(as_ada, row, client_id=" id ", client_secret="secret", refresh_token="refresh").status_code == 302

    google.threads = [thread("t1")]
    now = look(kettle, row)
    assert (now.is_active, now.settings, heard(kettle)) == (True, row.settings, ["Which kettle is that?"])


@pytest.mark.django_db(transaction=True)
def test_a_token_that_is_renewed_at_the_same_moment_does_not_bring_old_keys_back(kettle, tube):
    google, row = tube
    hear, asked, may_answer = google.hear, threading.Event(), threading.Event()

    def slow(method, path, headers, raw):
        if path == "/token":
            asked.set()
            may_answer.wait(20)
        return hear(method, path, headers, raw)

    google.hear = slow
    looking = threading.Thread(target=_look_apart, args=(kettle, row))
    looking.start()
    assert asked.wait(20)
    with working_in(kettle):
        sign_in_again(Connection.objects.get(pk=row.pk), secrets=["new", "new", "new"], by=None, settings={})
    may_answer.set()
    looking.join(20)

    assert kept(kettle, row) == ([], ["new", "new", "new"])


def _look_apart(kettle, row):
    try:
        look(kettle, row)
    finally:
        database.close()


def test_keys_at_meta_are_replaced_while_its_deliveries_still_come_in(as_ada, kettle):
    row = connected(kettle, "facebook", settings={"account": "1"}, secrets=["app", "token"])
    made, _brought = kept(kettle, row)
    assert "New password or key" in as_ada.get(PAGE).text

    assert enter(as_ada, row, app_secret="app2", token="token2").status_code == 302

    assert (kept(kettle, row), now_of(kettle, row).is_active) == ((made, ["app2", "token2"]), True)


def test_a_mailboxs_new_password_is_kept_as_it_was_typed(as_ada, kettle):
    own = {
        "address": "us@kettle.example", "host": "imap.kettle.example", "port": 993, "security": "tls", "username": "us",
        "folder": "INBOX",
    }  # fmt: skip
    row = connected(kettle, "mail", settings=own, password="old")

    assert enter(as_ada, row, password=" new ").status_code == 302

    with working_in(kettle):
        assert secrets_of(Connection.objects.get(pk=row.pk)) == [" new "]
