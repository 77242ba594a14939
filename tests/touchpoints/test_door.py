"""Whatever a stranger sends to `/v1`: the process lives, good items are kept, a bad one is refused alone."""

import json
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import OperationalError, connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, FieldValue, Identity
from lib.clock import now
from tests.examples import examples
from touchpoints.api import keeping
from touchpoints.models import OwnKind, Received, Touchpoint
from touchpoints.timestamps import forget_arrivals
from workspaces.current import working_in

GOOD = b'{"type":"track","userId":"neighbour","event":"ok"}'
GOOD_TOO = b'{"type":"track","userId":"neighbour","event":"ok too"}'
DEEP = b"[" * 7_000 + b"]" * 7_000


def between(*items: bytes) -> bytes:
    return b'{"batch":[' + b",".join([GOOD, *items, GOOD_TOO]) + b"]}"


def track(**more) -> bytes:
    return json.dumps({"type": "track", "userId": "u", "event": "E", **more}).encode()


def trait(name: str, value: object) -> bytes:
    return json.dumps({"type": "identify", "userId": "u", "traits": {name: value}}).encode()


def names_of(kettle) -> list[str]:
    with working_in(kettle):
        return sorted(FieldValue.objects.values_list("name", flat=True))


@pytest.mark.parametrize("path", ["batch", "track", "t", "b", "identify", "import"])
@pytest.mark.parametrize("key", [None, "server"])
def test_brackets_without_end_are_refused_before_any_decoder(post, path, key):
    deep = b'{"context":{"x":' + DEEP + b"}}"

    assert post(deep, path, key, content_type="text/plain").status_code == 400
    assert post(DEEP, path, key).status_code == 400
    assert post(between(), path="batch").json()["kept"] == 2


@pytest.mark.parametrize("name", ["properties", "traits", "context"])
def test_an_item_that_nests_too_deep_spoils_its_request_but_not_the_process(post, name):
    answer = post(b'{"batch":[{"type":"track","userId":"u","event":"E","%s":{"x":%s}}]}' % (name.encode(), DEEP))

    assert (answer.status_code, answer.json()["message"]) == (400, "malformed JSON: nested deeper than 64")


def test_without_a_key_nothing_is_read(post, kettle):
    assert post(between(), key=None).json() == {"success": False, "code": "unauthorized", "message": "unknown key"}
    assert post(b'{"batch":[{"properties":{"writeKey":"browser_nobody"}}]}', key=None).status_code == 401
    with working_in(kettle):
        assert Touchpoint.objects.count() == 0


KEPT = {
    "NUL in event": track(event="a\0b"),
    "NUL in messageId": track(messageId="m\0x"),
    "NUL in userId": track(userId="u\0"),
    "NUL in a trait's name": json.dumps({"type": "identify", "userId": "n", "traits": {"pl\0an": "a", "plan": "b"}}).encode(),
    "NUL in a payload's name": track(properties={"a\0": {"b": ["\0"]}}),
    "the letters of an escaped NUL": track(properties={"a": "\\u0000", "b\\": "\\\\u0000"}),
    "names equal after trimming": json.dumps({"type": "identify", "userId": "n", "traits": {"x ": 1, " x": 2, "x": 3}}).encode(),
    "names equal in 80 letters": json.dumps({"type": "identify", "userId": "n", "traits": {"x" * 80 + "a": 1, "x" * 80 + "b": 2}}).encode(),
    "names without a letter": trait(" \0 ", "x"),
    "kinds equal in 80 letters": b",".join([track(event="k" * 80 + "a"), track(event="k" * 79 + " b")]),
    "a whole number of 400 digits": trait("n", 10**400),
    "a property of 4000 digits": track(properties={"n": 10**4000}),
    "revenue without end": track(event="Order Completed", properties={"revenue": "Infinity"}),
    "revenue beyond all money": track(event="Order Completed", properties={"revenue": "9e299999"}),
    "revenue in words": track(event="Order Completed", properties={"revenue": "lots"}),
    "revenue of 300 digits": track(event="Order Completed", properties={"revenue": 10**300}),
    "revenue as a list": track(event="Order Completed", properties={"revenue": [1], "currency": ["EUR"]}),
    "a rating that is none": track(event="review", properties={"rating": "5"}),
    "empty lists for objects": b'{"type":"track","userId":"e1","event":"E","properties":[],"traits":[],"context":[]}',
    "ids as numbers": b'{"type":"track","userId":12,"anonymousId":3.0,"messageId":7,"event":404}',
    "time in seconds": track(timestamp=1_700_000_000),
    "time in milliseconds": track(timestamp=1_700_000_000_123),
    "a zone of seconds": track(timestamp="2026-01-01T00:00:00+01:02:03.000004"),
    "a year 1 as a trait": trait("born", "0001-01-01T00:00:00+14:00"),
    "a year 9999 as a trait": trait("born", "9999-12-31T23:59:59-14:00"),
    "sent at nonsense": track(timestamp="2026-01-01T00:00:00Z", sentAt="0001-01-01T00:00:00+14:00"),
    "an own field as a number": trait("city", 1e300),
    "a nested address": trait("address", {"city": {"x": 1}, "country": "x" * 500}),
    "a phone of letters": trait("phone", "\u0660" * 400),
}  # fmt: skip
REFUSED = {
    "not UTF-8": b'{"type":"track","userId":"u","event":"\xff"}',
    "half a surrogate": b'{"type":"track","userId":"u","event":"\\ud800"}',
    "half a surrogate and a NUL": b'{"type":"track","userId":"u","event":"\\u0000\\udfff"}',
    "NaN": b'{"type":"track","userId":"u","event":"E","properties":{"x":NaN}}',
    "Infinity": b'{"type":"track","userId":"u","event":"E","properties":{"x":-Infinity}}',
    "a float beyond all": b'{"type":"track","userId":"u","event":"E","properties":{"x":9e299999}}',
    "control characters": b'{"type":"track","userId":"u","event":"\x01"}',
    "not an object": b"[1,[2]]",
    "nothing": b"null",
    "a type of its own": b'{"type":{"a":1},"userId":"u"}',
    "an id of a kind": b'{"type":"track","userId":{"a":1},"event":"E"}',
    "properties as text": b'{"type":"track","userId":"u","event":"E","properties":"x"}',
    "an id without end": json.dumps({"type": "track", "userId": "u" * 301, "event": "E"}).encode(),
    "a messageId without end": track(messageId="m" * 301),
    "year 1": track(timestamp="0001-01-01T00:00:00+14:00"),
    "year 9999": track(timestamp="9999-12-31T23:59:59-14:00"),
    "a time of twenty digits": track(timestamp=10**17),
    "no event but blanks": track(event=" \0 "),
    "nobody": b'{"type":"track","userId":"undefined","event":"E"}',
    "a missing comma": b'{"type":"track" "userId":"u"}',
}  # fmt: skip


@pytest.mark.parametrize("what", KEPT)
def test_what_clients_confuse_is_cleaned_and_kept(post, kettle, what):
    answer = post(between(KEPT[what]))

    assert answer.json()["refused"] == []
    assert answer.json()["new"] == answer.json()["kept"] >= 3


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_kept_is_refused_alone(post, kettle, what):
    answer = post(between(REFUSED[what])).json()

    assert (answer["kept"], [row["index"] for row in answer["refused"]]) == (2, [1])
    assert answer["refused"][0]["reason"]
    alone = post(REFUSED[what], "track")
    assert alone.status_code in {200, 400}  # the path may give the type that the item lacks
    assert alone.json()["success"] == (alone.status_code == 200)


def test_fields_whose_names_are_equal_once_cleaned_are_one_field(post, kettle):
    post(between(KEPT["names equal after trimming"], KEPT["NUL in a trait's name"], KEPT["names equal in 80 letters"]))

    assert names_of(kettle) == ["plan", "x", "x" * 80]


def test_text_that_only_looks_like_a_nul_stays_as_it_is(post, kettle):
    post(between(KEPT["the letters of an escaped NUL"]))

    with working_in(kettle):
        payload = Touchpoint.objects.get(payload__has_key="a").payload
    assert payload == {"a": "\\u0000", "b\\": "\\\\u0000"}


def test_a_failure_nobody_foresaw_refuses_the_item_that_causes_it(post, kettle, monkeypatch):
    record = keeping.record

    def record_unless_poisoned(facts, **kwargs):
        if any(fact.payload.get("poison") for fact in facts):
            raise ZeroDivisionError("secret of the house")
        return record(facts, **kwargs)

    monkeypatch.setattr(keeping, "record", record_unless_poisoned)
    items = [track(event="fine", messageId=str(n)) for n in range(20)]
    items[7] = items[13] = track(properties={"poison": True})

    answer = post(b'{"batch":[' + b",".join(items) + b"]}").json()

    reason = "cannot be stored: ZeroDivisionError"
    assert answer["refused"] == [{"index": 7, "reason": reason}, {"index": 13, "reason": reason}]
    assert (answer["kept"], answer["new"]) == (18, 18)


def test_a_database_that_is_away_is_no_items_fault(post, monkeypatch):
    def gone(*_args, **_kwargs):
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(keeping, "record", gone)
    answer = post(between())

    assert (answer.status_code, answer["Retry-After"], answer["Access-Control-Allow-Origin"]) == (503, "5", "*")
    assert answer.json() == {"success": False, "code": "unavailable", "message": "try again in a moment"}


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(["", "\0", "u1", "undefined", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1e999"])
    | st.sampled_from([10**400, -(10**25), 2**63, 1e308, [], {}]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["email", "phone", "name", " a", "a ", "\0", "revenue", "traits"]), inner, max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
WORDS = [
    "type", "userId", "anonymousId", "previousId", "groupId", "messageId", "event", "name", "properties", "traits",
    "context", "timestamp", "sentAt", "batch",
]  # fmt: skip
KINDS = st.sampled_from(["track", "identify", "page", "screen", "group", "alias"])
ITEMS = st.dictionaries(st.sampled_from(WORDS), JSON_VALUES, max_size=6).flatmap(
    lambda item: KINDS.map(lambda kind: {"type": kind, "userId": "u1", "event": "Order Completed"} | item)
)
PATHS = st.sampled_from(["batch", "track", "identify", "page", "group", "alias", "p", "t", "i", "s", "g", "a", "b"])
FUZZ = settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)


@FUZZ
@given(item=ITEMS, path=PATHS, key=st.sampled_from(["server", "browser"]))
def test_no_json_gives_a_500_or_costs_a_neighbour(post, item, path, key):
    raw = json.dumps(item).encode()

    together, alone = post(between(raw), key=key), post(raw, path, key)

    assert together.status_code == 200
    assert together.json()["kept"] + len(together.json()["refused"]) == 3
    assert {row["index"] for row in together.json()["refused"]} <= {1}
    assert alone.status_code in {200, 400}


@FUZZ
@given(raw=st.binary(max_size=60) | st.text('[]{}",:\\u0 1eE-.tfn', max_size=60).map(str.encode), path=PATHS)
def test_no_bytes_give_a_500(post, raw, path):
    assert post(raw, path).status_code in {200, 400}
    assert post(b'{"batch":[' + raw + b"]}", path).status_code in {200, 400}
    assert post(b'{"userId":"u","event":"' + raw + b'"}', path).status_code in {200, 400}


def reports_of_others() -> dict[str, list[dict]]:
    """Batches that lost events elsewhere, each with what must be kept."""
    return {
        "PostHog#17297": [{"type": "track", "userId": "n1", "event": "a\0b"}, {"type": "track", "userId": "x", "event": "ok"}],
        "PostHog#36488": [{"type": "track", "userId": "n2", "event": "E", "messageId": "m\0x"}, {"type": "track", "userId": "x", "event": "ok"}],
        "analytics-php#31": [
            {"type": "track", "userId": "e1", "event": "E", "properties": []},
            {"type": "identify", "userId": "e2", "traits": []},
            {"type": "page", "userId": "e3", "context": []},
        ],
    }  # fmt: skip


@pytest.mark.parametrize("name", reports_of_others())
def test_reports_of_other_programs_are_kept_whole(post, kettle, name):
    items = reports_of_others()[name]

    answer = post({"batch": items, "context": []})

    assert (answer.status_code, answer.json()["new"], answer.json()["refused"]) == (200, len(items), [])


@pytest.mark.parametrize("key", ["server", "browser"])
def test_the_message_id_alone_tells_a_repetition(post, kettle, key):
    """A client that stamps its retry anew made two purchases of one."""
    order = {
        "type": "track",
        "userId": "d1",
        "event": "Order Completed",
        "messageId": "order-1",
        "properties": {"revenue": 7},
    }

    answers = []
    for seconds in (0, 1, 3_600, 86_400):
        moment = datetime(2026, 1, 20, 10, tzinfo=UTC) + timedelta(seconds=seconds)
        answers.append(post({"batch": [order | {"timestamp": moment.isoformat()}]}, key=key).json())
    answers.append(post({"batch": [order]}, key=key).json())  # and without any time

    assert [(one["kept"], one["new"]) for one in answers] == [(1, 1), (1, 0), (1, 0), (1, 0), (1, 0)]
    with working_in(kettle):
        fact = Touchpoint.objects.get()
        assert (fact.occurred_at, fact.value_minor) == (datetime(2026, 1, 20, 10, tzinfo=UTC), 700)


def test_of_two_equal_ids_in_one_request_the_first_counts(post, kettle):
    twins = [json.loads(track(messageId="m", timestamp=f"2026-01-0{day}T00:00:00Z")) for day in (1, 2)]

    assert post({"batch": twins}).json()["new"] == 1
    with working_in(kettle):
        assert Touchpoint.objects.get().occurred_at.day == 1


def test_first_moments_are_kept_for_30_days_from_their_arrival(post, kettle):
    post({"batch": [json.loads(track(messageId="old", timestamp="1997-01-12T00:00:00Z"))]})
    forget_arrivals(kettle)
    with working_in(kettle):
        assert Received.objects.count() == 1
        Received.objects.update(received_at=now() - timedelta(days=31))

    assert forget_arrivals(kettle) > now()

    with working_in(kettle):
        assert Received.objects.count() == 0


@pytest.mark.parametrize(
    ("ahead", "expected"),
    [(timedelta(hours=1), timedelta(seconds=2)), (timedelta(hours=-5), timedelta(seconds=2)), (timedelta(seconds=90), None)],
)  # fmt: skip
@pytest.mark.parametrize("where", ["item", "request"])
def test_a_clock_that_is_wrong_is_put_right(post, kettle, ahead, expected, where):
    """received - (sentAt - timestamp), where the clock is more than two minutes off."""
    client_now = now() + ahead
    item = {"type": "track", "userId": "c1", "event": "E", "timestamp": (client_now - timedelta(seconds=2)).isoformat()}
    sent = {"sentAt": client_now.isoformat()}

    before = now()
    answer = post({"batch": [item | (sent if where == "item" else {})], **(sent if where == "request" else {})})
    after = now()

    assert answer.json()["new"] == 1
    with working_in(kettle):
        moment = Touchpoint.objects.get().occurred_at
    if expected is None:
        assert abs(moment - datetime.fromisoformat(item["timestamp"])) < timedelta(milliseconds=1)
    else:
        assert before - timedelta(milliseconds=1) <= moment + expected <= after


RESERVED = [
    "undefined", "null", "None", "NaN", "[object Object]", "guest", "anonymous", "0", "00000000-0000-0000-0000-000000000000",
    "not_set", "(not set)", "0000", " Null ", '"undefined"', "GUEST", "0.0",
]  # fmt: skip


def test_ids_that_stand_for_a_missing_one_join_nobody(post, kettle):
    people = [
        {"type": "identify", "userId": word, "traits": {"email": f"{who}-{place}@example.org"}}
        for place, word in enumerate(RESERVED)
        for who in ("ann", "bob")
    ]

    assert post({"batch": people}).json()["kept"] == len(people)
    with working_in(kettle):
        assert Contact.objects.count() == len(people)
        assert set(Identity.objects.values_list("kind", flat=True)) == {Identity.Kind.EMAIL}


@pytest.mark.parametrize("word", RESERVED)
def test_such_an_id_alone_is_refused_with_the_reason(post, kettle, word):
    batch = [
        {"type": "track", "userId": word, "event": "E"},
        {"type": "page", "anonymousId": word},
        {"type": "alias", "userId": word, "previousId": "a1"},
        {"type": "alias", "userId": "u1", "previousId": word},
        {"type": "page", "anonymousId": "a1", "userId": word},
    ]

    answer = post({"batch": batch}).json()

    assert [row["index"] for row in answer["refused"]] == [0, 1, 2, 3]
    assert all("names nobody" in row["reason"] for row in answer["refused"])
    with working_in(kettle):
        assert Identity.objects.get().value == "a1"


@pytest.mark.parametrize(
    ("short", "body", "kind"),
    [
        ("p", {"anonymousId": "a", "name": "Home"}, 10),
        ("t", {"anonymousId": "a", "event": "Order Completed"}, 20),
        ("i", {"userId": "a", "traits": {"plan": "x"}}, 12),
        ("s", {"anonymousId": "a", "name": "Home"}, 14),
        ("a", {"previousId": "a", "userId": "b"}, 12),
    ],
)
def test_each_path_has_a_short_form_with_the_key_in_the_body(post, keys, kettle, short, body, kind):
    answer = post({**body, "writeKey": keys["browser"]}, short, None, content_type="text/plain")

    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    with working_in(kettle):
        assert Touchpoint.objects.get().kind == kind


def test_a_batch_of_720_kb_is_taken(post):
    """RudderStack sends up to 4 MB."""
    items = [json.loads(track(messageId=str(n), properties={"note": "x" * 2_300})) for n in range(300)]

    assert post({"batch": items}).json()["new"] == 300


@pytest.mark.parametrize("path", ["batch", "t", "projects/x/settings", "sourceConfig/", "nowhere", ""])
def test_scripts_of_any_site_may_read_every_answer(client, kettle, path):
    preflight = client.options(f"/v1/{path}", headers={"Access-Control-Request-Headers": "anonymousid"})
    refused = client.post(f"/v1/{path}", b"{}", content_type="text/plain")

    assert preflight["Access-Control-Allow-Origin"] == refused["Access-Control-Allow-Origin"] == "*"
    assert "anonymousid" in preflight["Access-Control-Allow-Headers"]
    assert refused.status_code in {401, 404, 405}
    assert set(refused.json()) == {"success", "code", "message"}


def test_browser_clients_are_told_where_to_send(client, keys):
    answer = client.get(f"/v1/projects/{keys['browser']}/settings")
    unknown = client.get("/v1/projects/nobody/settings")

    assert answer.json()["integrations"]["Segment.io"]["apiHost"] == "testserver/v1"
    assert client.get("/v1/sourceConfig/", {"writeKey": keys["browser"]}).json()["source"]["enabled"] is True
    assert unknown.status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_first_events_of_a_fresh_workspace_may_come_from_many_at_once(kettle, keys, settings):
    """Source, kinds, first moments and people are all made by whoever comes first; nobody loses an event."""
    from django.test import Client

    together, answers = threading.Barrier(4), []

    def send(number: int) -> None:
        body = {
            "writeKey": keys["server"],
            "batch": [
                {"type": "track", "userId": "u", "event": "Same", "messageId": "same"},
                {"type": "track", "userId": f"u{number}", "event": f"Own {number}", "messageId": f"own-{number}"},
            ],
        }
        together.wait(timeout=10)
        try:
            answers.append(Client().post("/v1/batch", json.dumps(body), content_type="text/plain").json())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)

    assert [answer["refused"] for answer in answers] == [[], [], [], []]
    assert sum(answer["new"] for answer in answers) == 5
    with working_in(kettle):
        assert sorted(OwnKind.objects.values_list("key", flat=True)) == ["Own 0", "Own 1", "Own 2", "Own 3", "Same"]
        assert len(set(OwnKind.objects.values_list("code", flat=True))) == 5
        assert Touchpoint.objects.filter(external_id="same").count() == 1
