"""The inbox's poll where nothing changed costs no session and no database; whatever is not certain is asked as ever."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from conversations.assigning import close
from conversations.inbox.live import place_of
from lib import clock
from tests.factories.social import make_mention
from workspaces.current import working_in
from workspaces.models import Membership
from workspaces.presence import forget_presence, others_at

INBOX = "/w/kettle/inbox/"
LOOK = re.compile(r'hx-get="([^"]+/live/[^"]+)"')


@pytest.fixture
def mention(kettle):
    with working_in(kettle):
        return make_mention("Does it drip?", name="Tom Green", handle="tom@tea.example", thread="t")


def address(browser, **more):
    """Where the page asks, as its script would ask it."""
    found = LOOK.search(browser.get(INBOX).text)[1].replace("&amp;", "&")
    return found + "".join(f"&{name}={value}" for name, value in more.items())


def ask(browser, path):
    """(status, how many statements)."""
    with CaptureQueriesContext(connection) as asked:
        status = browser.get(path).status_code
    return status, len(asked)


def test_nothing_new_costs_no_statement(as_ada, mention):
    path = address(as_ada)
    assert ask(as_ada, path) == (204, 0)


def test_with_a_conversation_open_it_costs_none_either_and_the_other_is_seen(as_ada, bob, mention):
    as_bob = Client()
    as_bob.force_login(bob)
    open_ = {"open": mention.conversation_id, "here": 1}
    mine, theirs = address(as_ada, **open_), address(as_bob, **open_, writes=1)
    as_ada.get(mine)  # names the members, for a minute
    assert ask(as_ada, mine) == (204, 0)

    assert as_bob.get(theirs).status_code == 200  # Ada is there

    assert as_ada.get(mine).context["others"][0].name == "Bob Marsh"
    assert as_ada.get(mine).context["others"][0].writes


def test_a_quiet_poll_keeps_who_looks_in_sight(as_ada, ada, bob, kettle, mention):
    mine = address(as_ada, open=mention.conversation_id, here=1)
    as_ada.get(mine)
    with working_in(kettle):
        forget_presence(place_of(mention.conversation_id), ada.pk)
    assert ask(as_ada, mine) == (204, 0)

    with working_in(kettle):
        others = others_at(place_of(mention.conversation_id), bob.pk, {ada.pk: "Ada"})
    assert [one.name for one in others] == ["Ada"]


def test_a_change_is_told_at_once(as_ada, ada, kettle, mention, django_capture_on_commit_callbacks):
    path = address(as_ada)
    with django_capture_on_commit_callbacks(execute=True), working_in(kettle):
        close(mention.conversation, by=ada)
    assert ask(as_ada, path)[0] == 200


def test_a_stranger_with_a_token_learns_that_nothing_is_new_and_no_more(
    as_ada, ada, kettle, mention, django_capture_on_commit_callbacks
):
    path = address(as_ada)
    with django_capture_on_commit_callbacks(execute=True), working_in(kettle):
        close(mention.conversation, by=ada)
    assert Client().get(path).status_code == 302


def test_one_who_was_let_go_is_no_longer_answered_when_something_happens(
    as_ada, bob, ada, kettle, mention, django_capture_on_commit_callbacks
):
    as_bob = Client()
    as_bob.force_login(bob)
    path = address(as_bob)
    Membership.objects.filter(user=bob).delete()
    with django_capture_on_commit_callbacks(execute=True), working_in(kettle):
        close(mention.conversation, by=ada)
    assert as_bob.get(path).status_code in {302, 404}


def test_a_token_of_another_house_an_old_and_a_broken_one_are_none(as_ada, as_eve, mention, time_machine):
    path, version = address(as_ada), as_ada.get(INBOX).context["version"]
    rival = re.search(r"poll=([^&]+)", as_eve.get("/w/rival/inbox/").text)[1]
    for token in (rival, "x", "", "A" * 9_999):
        assert ask(as_ada, re.sub(r"poll=[^&]+", f"poll={token}", path))[1] > 0
    time_machine.move_to(clock.now() + timedelta(hours=2), tick=False)
    assert ask(as_ada, path)[1] > 0
    assert version in path
