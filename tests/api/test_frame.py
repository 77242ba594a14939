"""The API's frame: whose key, what it may, how often, once, and how each error looks."""

import json
from datetime import UTC, datetime

import pytest
import redis
import time_machine

from contacts.editing import create_contact
from contacts.models import Contact
from lib.valkey import valkey
from privacy.erasing import erase_person
from segments.models import Segment
from tests.machines import Machine, machine_of
from workspaces.api import limiting
from workspaces.current import working_in
from workspaces.keys import make_key, revoke_key
from workspaces.models import ApiAnswer, ApiKey


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


@pytest.fixture(autouse=True)
def nothing_counted():
    for name in valkey().scan_iter("api-rate:*"):
        valkey().delete(name)


def is_problem(answer, status, code=None):
    said = answer.json()
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json"), answer.content
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    return code is None or said["code"] == code


# --- Keys and scopes -------------------------------------------------------------------------------------------------


def test_without_a_key_nobody_comes_in(kettle, db):
    assert is_problem(Machine().get("/contacts"), 401)
    assert is_problem(Machine("api_nonsense").get("/contacts"), 401)
    assert "Bearer" in Machine().get("/contacts")["WWW-Authenticate"]


def test_a_key_that_was_revoked_or_is_of_another_kind_opens_nothing(kettle, ada):
    with working_in(kettle):
        key, clear = make_key("api", "Old")
        server, browser = make_key("server", "Shop")[1], make_key("browser", "Site")[1]
        revoke_key(key, by=ada)

    assert is_problem(Machine(clear).get("/contacts"), 401)
    assert is_problem(Machine(server).get("/contacts"), 403, "other_kind")
    assert is_problem(Machine(browser).get("/contacts"), 403, "other_kind")


def test_a_key_may_what_its_scopes_say(kettle):
    narrow = machine_of(kettle, ["contacts:read"])

    assert narrow.get("/contacts").status_code == 200
    assert is_problem(narrow.post("/contacts", {"name": "X"}), 403, "scope_missing")
    assert is_problem(narrow.get("/segments"), 403, "scope_missing")


def test_a_key_that_may_write_or_see_segments_reads_nobody(kettle):
    """What answers with people needs the scope that reads them."""
    with working_in(kettle):
        known = create_contact(by=None, name="Ada", email="ada@tea.example")
        everybody = Segment.objects.create(name="All", rule={"all": []})
    writes, sees = machine_of(kettle, ["contacts:write", "consents:write"]), machine_of(kettle, ["segments:read"])

    said = {"by": {"kind": "email", "value": "ada@tea.example"}}
    assert is_problem(writes.post("/contacts/upsert", said), 403, "scope_missing")
    assert is_problem(writes.patch(f"/contacts/{known.pk}", {}), 403, "scope_missing")
    assert is_problem(writes.post(f"/contacts/{known.pk}/tracking", {"mode": None}), 403, "scope_missing")
    assert is_problem(sees.get(f"/segments/{everybody.pk}/members"), 403, "scope_missing")
    assert is_problem(sees.get(f"/segments/{everybody.pk}/explain/{known.pk}"), 403, "scope_missing")
    assert sees.get(f"/segments/{everybody.pk}/count").status_code == 200
    assert writes.post(f"/contacts/{known.pk}/tags", {"name": "vip"}).status_code == 201


def test_a_key_without_scopes_may_everything(machine):
    assert [machine.get(path).status_code for path in ("/contacts", "/segments", "/imports", "/suppressions")] == [
        200
    ] * 4
    assert machine.post("/contacts", {"name": "X"}).status_code == 201


def test_the_key_of_a_server_still_records(kettle, client):
    with working_in(kettle):
        clear = make_key("server", "Shop")[1]

    answer = client.post(
        "/v1/identify",
        json.dumps({"userId": "u1"}),
        content_type="application/json",
        headers={"Authorization": f"Bearer {clear}"},
    )

    assert answer.status_code == 200


def test_a_key_is_made_with_scopes_on_its_page(as_ada, kettle):
    page = as_ada.get("/w/kettle/settings/keys/").text
    assert 'value="contacts:read"' in page

    made = as_ada.post(
        "/w/kettle/settings/keys/", {"name": "CRM", "kind": "api", "scopes": ["contacts:read", "imports:write"]}
    )

    assert made.status_code == 200
    assert ApiKey.objects.get(name="CRM").scopes == ["contacts:read", "imports:write"]
    assert "Contacts" in made.text


@pytest.mark.parametrize(
    "said", [{"kind": "api", "scopes": ["moon:read"]}, {"kind": "server", "scopes": ["contacts:read"]}]
)
def test_scopes_that_cannot_be_are_refused_on_the_page(as_ada, said):
    assert as_ada.post("/w/kettle/settings/keys/", {"name": "CRM", **said}).status_code == 422
    assert not ApiKey.objects.filter(name="CRM").exists()


# --- Problems --------------------------------------------------------------------------------------------------------


def test_whatever_is_wrong_is_a_problem(machine):
    assert is_problem(machine.get("/moon"), 404)
    assert is_problem(machine.get("/contacts/7"), 404)
    assert is_problem(machine.get("/contacts/x"), 422)
    assert is_problem(machine.get(f"/contacts/{2**63}"), 422)
    assert is_problem(machine.call("PUT", "/contacts", {}), 405)
    assert machine.call("PUT", "/contacts", {})["Allow"] == "GET, POST"
    assert is_problem(machine.call("POST", "/contacts", "{nonsense"), 400)
    assert is_problem(machine.call("POST", "/contacts", "[" * 100_000), 400)
    assert is_problem(machine.call("POST", "/contacts", '{"name": "\\ud800"}'), 400)
    assert is_problem(machine.call("POST", "/contacts", "[]"), 422)
    assert is_problem(machine.call("POST", "/contacts", "NaN"), 400)
    assert is_problem(machine.post("/contacts", {"name": "x" * 3_000_000}), 413)
    assert is_problem(machine.get("/contacts?email=%00"), 400)
    assert is_problem(machine.get("/contacts/%00"), 400)


def test_another_kind_of_body_is_refused(machine):
    head = {"Authorization": f"Bearer {machine.key}"}
    answer = machine.client.post("/api/v1/contacts", "name=X", content_type="text/plain", headers=head)

    assert is_problem(answer, 415)


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"name": NaN}', b"\xff", b'{"name": "\\ud800"}', b'{"name": 1'])
def test_a_body_that_is_no_json_is_told_so_in_our_words(machine, body):
    answer = machine.post("/contacts", body)

    assert is_problem(answer, 400)
    assert answer.json()["detail"].startswith("The body is no JSON that we read: ")


def test_nul_in_a_text_is_taken_out(machine):
    assert machine.call("POST", "/contacts", '{"name": "A\\u0000na"}').json()["name"] == "Ana"


def test_an_error_of_ours_is_a_problem_too_and_keeps_nothing(machine, kettle, monkeypatch):
    def breaks(*_args, **_more):
        create_contact(by=None, name="Half")
        raise RuntimeError("broken")

    monkeypatch.setattr("contacts.api.people.create", breaks)

    assert is_problem(machine.post("/contacts", {"name": "X"}), 500)
    with working_in(kettle):
        assert Contact.objects.count() == 0


# --- Another workspace -----------------------------------------------------------------------------------------------


def test_a_key_of_another_workspace_sees_and_changes_nothing(machine, rival, kettle):
    stranger = machine_of(rival)
    greta = machine.post("/contacts", {"name": "Greta", "email": "greta@tea.example"}).json()
    tag = machine.post(f"/contacts/{greta['id']}/tags", {"name": "vip"}).json()
    machine.post("/suppressions", {"addresses": ["tom@tea.example"]})
    entry = machine.get("/suppressions").json()["items"][0]["id"]
    before = machine.get(f"/contacts/{greta['id']}").json()

    for path in (
        "/contacts",
        "/contacts?email=greta@tea.example",
        "/suppressions",
        "/merges",
        "/duplicates",
        "/imports",
    ):
        assert stranger.get(path).json()["items"] == [], path
    own = f"/contacts/{greta['id']}"
    identity = before["identities"][0]["id"]
    asked = [
        stranger.get(own),
        stranger.patch(own, {"name": "Stolen"}),
        stranger.get(f"{own}/identities"),
        stranger.post(f"{own}/identities", {"kind": "email", "value": "x@y.example"}),
        stranger.delete(f"{own}/identities/{identity}"),
        stranger.delete(f"{own}/tags/{tag['id']}"),
        stranger.get(f"{own}/consents"),
        stranger.post(f"{own}/consents", {"state": "withdrawn"}),
        stranger.post(f"{own}/merge", {"other_id": greta["id"]}),
        stranger.call("PUT", f"{own}/roles/critic"),
        stranger.post(f"/suppressions/{entry}/lift", {"address": "tom@tea.example"}),
    ]

    assert [one.status_code for one in asked] == [404] * len(asked)
    assert machine.get(own).json() == before
    assert stranger.get("/suppressions/check?address=tom@tea.example").json()["items"] == []


# --- Once ------------------------------------------------------------------------------------------------------------


def test_the_same_post_under_one_key_happens_once(machine, kettle):
    said = {"name": "Ana"}
    first = machine.post("/contacts", said, Idempotency_Key="a-1")
    again = machine.post("/contacts", said, Idempotency_Key="a-1")

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    with working_in(kettle):
        assert Contact.objects.count() == 1


def test_another_request_under_the_same_key_is_refused(machine):
    machine.post("/contacts", {"name": "Ana"}, Idempotency_Key="a-1")

    assert is_problem(machine.post("/contacts", {"name": "Bo"}, Idempotency_Key="a-1"), 422, "key_used_before")
    assert is_problem(machine.post("/contacts/upsert", {"name": "Ana"}, Idempotency_Key="a-1"), 422, "key_used_before")
    assert machine.post("/contacts", {"name": "Bo"}, Idempotency_Key="a-2").status_code == 201


def test_what_was_refused_may_be_put_right_under_the_same_key(machine):
    assert machine.post("/contacts", {"email": "nonsense"}, Idempotency_Key="a-1").status_code == 422

    assert machine.post("/contacts", {"email": "ana@tea.example"}, Idempotency_Key="a-1").status_code == 201


def test_keys_and_workspaces_do_not_share_answers(machine, kettle, rival):
    machine.post("/contacts", {"name": "Ana"}, Idempotency_Key="a-1")

    for other in (machine_of(kettle), machine_of(rival)):
        assert "Idempotency-Replayed" not in other.post("/contacts", {"name": "Bo"}, Idempotency_Key="a-1")


def test_an_answer_is_kept_for_a_day(machine, kettle):
    with time_machine.travel(datetime(2026, 5, 4, 12, tzinfo=UTC), tick=False) as clock:
        first = machine.post("/contacts", {"name": "Ana"}, Idempotency_Key="a-1").json()
        clock.shift(24 * 3600 - 60)
        assert machine.post("/contacts", {"name": "Ana"}, Idempotency_Key="a-1").json() == first
        clock.shift(120)
        assert machine.post("/contacts", {"name": "Ana"}, Idempotency_Key="a-1").json() != first
    with working_in(kettle):
        assert ApiAnswer.objects.count() == 1


def test_an_answer_is_forgotten_with_whoever_is_erased_and_still_happens_once(machine, kettle, ada, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    made = machine.post("/contacts", {"name": "Ana", "email": "ana@tea.example"}, Idempotency_Key="a-1").json()
    with working_in(kettle):
        erase_person(made["id"], by=ada)
        assert ApiAnswer.objects.get().body == ""

    again = machine.post("/contacts", {"name": "Ana", "email": "ana@tea.example"}, Idempotency_Key="a-1")

    assert is_problem(again, 409, "answer_forgotten")
    with working_in(kettle):
        assert Contact.objects.count() == 1


@pytest.mark.parametrize("name", ["", "x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(machine, name):
    assert is_problem(machine.post("/contacts", {"name": "Ana"}, Idempotency_Key=name), 400)


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_being_worked_on_is_not_begun_twice(machine, kettle, monkeypatch):
    import threading

    from django.db import connection

    inside, go_on, answers = threading.Event(), threading.Event(), []
    real = create_contact

    def slow(**facts):
        inside.set()
        go_on.wait(20)
        return real(**facts)

    monkeypatch.setattr("contacts.api.changing.create_contact", slow)

    def first():
        answers.append(Machine(machine.key).post("/contacts", {"name": "Ana"}, Idempotency_Key="a-1"))
        connection.close()

    working = threading.Thread(target=first)
    working.start()
    assert inside.wait(20)
    second = machine.post("/contacts", {"name": "Ana"}, Idempotency_Key="a-1")
    go_on.set()
    working.join(20)

    assert is_problem(second, 409, "in_flight")
    assert [one.status_code for one in answers] == [201]
    assert machine.post("/contacts", {"name": "Ana"}, Idempotency_Key="a-1").json() == answers[0].json()


# --- How often -------------------------------------------------------------------------------------------------------


def test_a_key_that_asks_too_often_is_told_how_long_to_wait(machine, kettle, settings):
    settings.ECRM_API_REQUESTS_A_MINUTE = 2
    with time_machine.travel(datetime(2026, 5, 4, 12, 0, 20, tzinfo=UTC), tick=False) as clock:
        first, second, third = (machine.get("/topics") for _ in range(3))
        other = machine_of(kettle).get("/topics")
        clock.shift(41)
        later = machine.get("/topics")

    assert (first["RateLimit-Policy"], first["RateLimit"]) == ('"default";q=2;w=60', '"default";r=1;t=40')
    assert second["RateLimit"] == '"default";r=0;t=40'
    assert is_problem(third, 429)
    assert (third["Retry-After"], third["RateLimit"]) == ("40", '"default";r=0;t=40')
    assert (other.status_code, later.status_code) == (200, 200)


def test_while_valkey_is_away_nobody_is_refused(machine, settings, monkeypatch):
    settings.ECRM_API_REQUESTS_A_MINUTE = 0
    away = redis.Redis(host="127.0.0.1", port=9, socket_connect_timeout=0.2)
    monkeypatch.setattr(limiting, "valkey", lambda: away)

    answer = machine.get("/topics")

    assert answer.status_code == 200
    assert answer["RateLimit-Policy"] == '"default";q=0;w=60'
    assert "RateLimit" not in answer
