"""`/connections` and `/listeners`: a machine lists, adds, changes and removes what is looked for."""

import pytest

from conversations.models import Connection, WatchedQuery
from social.connecting import connect
from social.networks.bluesky import Bluesky
from social.watching import MOST, watch
from tests.factories.social import make_connection
from tests.machines import machine_of
from workspaces.current import working_in

pytestmark = pytest.mark.django_db
HERE = "/listeners"
BOTH = ("hashtag", "words")


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture
def sky(kettle):
    with working_in(kettle):
        return connect(Bluesky.key, name="The sky", by=None, url="https://pds.example", password="x")[0]


@pytest.fixture
def theirs(rival):
    with working_in(rival):
        connection = connect(Bluesky.key, name="Other", by=None, url="https://pds.example", password="x")[0]
        return connection, watch(connection, "hashtag", "secret", finds=BOTH, by=None)


def test_a_listener_is_added_listed_changed_and_removed(machine, kettle, sky, theirs):
    body = {"connection": sky.pk, "kind": "hashtag", "query": "#Tea"}
    made, same = machine.post(HERE, body), machine.post(HERE, body)
    where = f"{HERE}/{made.json()['id']}"
    with working_in(kettle):
        WatchedQuery.objects.update(cursor={"head": "far"}, failures=3, last_error="No.")
    changed = machine.patch(where, {"query": "#Kettles"})

    assert (made.status_code, made.json()["query"], made.json()["id"]) == (201, "Tea", same.json()["id"])
    assert (changed.json()["query"], changed.json()["failures"]) == ("Kettles", 0)
    with working_in(kettle):
        assert WatchedQuery.objects.get().cursor["head"] != "far"  # what it looks for now has a place of its own
    listed = machine.get(f"{HERE}?connection={sky.pk}").json()["items"]
    assert [(one["query"], one["found_lately"]) for one in listed] == [("Kettles", 0)]
    assert machine.get(f"{HERE}?connection={theirs[0].pk}").json()["items"] == []
    assert machine.delete(where).status_code == 204
    assert machine.delete(where).status_code == 404


def test_what_cannot_be_listened_to_is_refused_in_words(machine, kettle, sky):
    with working_in(kettle):
        hook = make_connection()
        for number in range(MOST - 1):
            watch(sky, "hashtag", f"tea{number}", finds=BOTH, by=None)
        last = watch(sky, "words", "kettle lids", finds=BOTH, by=None)

    for body in (
        {"connection": sky.pk, "kind": "hashtag", "query": "two words"},
        {"connection": sky.pk, "kind": "hashtag", "query": "more"},
        {"connection": sky.pk, "kind": "mood", "query": "more"},
        {"connection": hook.pk, "kind": "hashtag", "query": "tea"},
        {"connection": 999_999, "kind": "hashtag", "query": "tea"},
    ):
        assert machine.post(HERE, body).status_code == 422
    assert machine.patch(f"{HERE}/{last.pk}", {"query": "x"}).status_code == 422
    first = machine.get(f"{HERE}?limit=1").json()["items"][0]["id"]
    held = machine.patch(f"{HERE}/{first}", {"query": "tea1"})
    assert (held.status_code, held.json()["errors"][0]["at"]) == (422, "body.query")


def test_another_workspaces_are_not_there(machine, kettle, rival, theirs):
    connection, listener = theirs

    body = {"connection": connection.pk, "kind": "hashtag", "query": "tea"}
    assert machine.post(HERE, body).status_code == 422
    assert machine.patch(f"{HERE}/{listener.pk}", {"query": "tea"}).status_code == 404
    assert machine.delete(f"{HERE}/{listener.pk}").status_code == 404
    assert machine.patch(f"/connections/{connection.pk}", {"is_active": False}).status_code == 404
    assert machine.get("/connections").json()["items"] == []
    with working_in(rival):
        assert WatchedQuery.objects.get().query == "secret"


def test_a_key_needs_the_scope_of_connections(kettle, sky):
    inbox, reads = machine_of(kettle, ["conversations:write"]), machine_of(kettle, ["connections:read"])

    assert inbox.get(HERE).status_code == 403
    assert reads.get("/connections").json()["items"][0]["finds"] == ["hashtag", "words"]
    assert reads.post(HERE, {"connection": sky.pk, "kind": "hashtag", "query": "tea"}).status_code == 403
    assert reads.patch(f"/connections/{sky.pk}", {"is_active": False}).status_code == 403


def test_a_connection_pauses_and_goes_on(machine, kettle, sky):
    paused = machine.patch(f"/connections/{sky.pk}", {"is_active": False}).json()
    with working_in(kettle):
        assert Connection.objects.get().due_at is None

    assert (paused["is_active"], "secret" in paused) == (False, False)
    assert machine.patch(f"/connections/{sky.pk}", {"is_active": True}).json()["is_active"] is True


def test_the_page_changes_one(as_ada, kettle, sky):
    with working_in(kettle):
        row = watch(sky, "hashtag", "tea", finds=BOTH, by=None)
    page = f"/w/kettle/inbox/connections/{sky.pk}/listeners/"

    assert "Look for this instead" in as_ada.get(page).text
    assert "#kettles is looked for" in as_ada.post(f"{page}{row.pk}/change/", {"query": "kettles"}, follow=True).text
    refused = as_ada.post(f"{page}{row.pk}/change/", {"query": "two words"})
    assert refused.status_code == 422
    assert "A hashtag is one word" in refused.text
