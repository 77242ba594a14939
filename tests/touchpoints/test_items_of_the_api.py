"""What /v1 makes of an item, field by field; what it answers; how much it takes a minute."""

import base64
import gzip
import json
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client
from psycopg.errors import NotNullViolation, QueryCanceled

from contacts.models import Contact, FieldValue, Identity, Merged
from contacts.resolving import Hint
from touchpoints.api import keeping
from touchpoints.api.decoding import RefusedError, read_time
from touchpoints.api.envelopes import AnswerError, keys_in, read_body
from touchpoints.api.items import read_item
from touchpoints.api.people import profile_in
from touchpoints.facts import Fact
from touchpoints.models import DayCount, Source, Touchpoint
from workspaces.current import working_in
from workspaces.keys import make_key
from workspaces.models import ApiKey

NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)
U1 = Hint(Identity.Kind.EXTERNAL_ID, "u1", True, "your server said so")


def read(trusted: bool = True, kind: str | None = None, sent_at: str | None = None, **item) -> Fact:
    item = {"messageId": "m", **item}
    return read_item(json.dumps(item).encode(), now=NOON, trusted=trusted, kind=kind, sent_at=sent_at)


def refusal(**item) -> str | None:
    try:
        read(**item)
    except RefusedError as error:
        return str(error)
    return None


def fact(kind: str, **more) -> Fact:
    return Fact(kind, "m", **{"hints": (U1,), "has_foreign_id": True, **more})


def track(event: str = "E", **more) -> dict:
    return {"type": "track", "userId": "u1", "event": event, **more}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (track(" Tea Brewed "), fact("Tea Brewed")),
        (track("PRODUCT viewed", properties={"a": [1]}), fact("page", payload={"a": [1]})),
        (track("e" * 79 + " f"), fact("e" * 79)),
        (track("Order Completed", properties={"revenue": 0, "total": 7, "currency": "usd"}),
         fact("purchase", value_minor=0, currency="USD", payload={"revenue": 0, "total": 7, "currency": "usd"})),
        (track("refund", properties={"revenue": None, "total": "7.5", "value": 3, "currency": "EURO"}),
         fact("refund", value_minor=750, payload={"revenue": None, "total": "7.5", "value": 3, "currency": "EURO"})),
        (track("purchase", properties={"value": 3, "currency": "E1R"}), fact("purchase", value_minor=300, payload={"value": 3, "currency": "E1R"})),
        (track("purchase", properties={"value": 3, "currency": "éur"}), fact("purchase", value_minor=300, payload={"value": 3, "currency": "éur"})),
        (track("purchase", properties={"value": "x", "currency": "EUR"}), fact("purchase", payload={"value": "x", "currency": "EUR"})),
        (track("visit", properties={"value": 3}), fact("visit", payload={"value": 3})),
        (track("Product Reviewed", properties={"rating": 1}), fact("review", sentiment_milli=-1000, payload={"rating": 1})),
        (track("review", properties={"rating": 5}), fact("review", sentiment_milli=1000, payload={"rating": 5})),
        (track("rating", properties={"rating": 3.5}), fact("rating", sentiment_milli=250, payload={"rating": 3.5})),
        (track("rating", properties={"rating": 0.9}), fact("rating", payload={"rating": 0.9})),
        (track("rating", properties={"rating": 5.1}), fact("rating", payload={"rating": 5.1})),
        (track("visit", properties={"rating": 5}), fact("visit", payload={"rating": 5})),
        ({"type": "page", "userId": "u1", "name": "Home", "category": "Shop", "properties": {"url": "/"}},
         fact("page", payload={"url": "/", "name": "Home", "category": "Shop"})),
        ({"type": "screen", "userId": "u1", "name": ""}, fact("screen")),
        ({"type": "identify", "userId": "u1", "traits": {"plan": "x"}}, fact("identify", profile={"plan": "x"})),
        ({"type": "identify", "userId": "u1", "context": {"traits": {"plan": "y"}}}, fact("identify", profile={"plan": "y"})),
        ({"type": "identify", "userId": "u1", "traits": {"plan": "x"}, "context": {"traits": {"plan": "y"}}}, fact("identify", profile={"plan": "x"})),
        ({"type": "identify", "userId": "u1", "context": {"traits": "y"}}, fact("identify", profile={})),
        ({"type": "group", "userId": "u1", "groupId": "g", "traits": {"size": 3}}, fact("Group Joined", payload={"group_id": "g", "size": 3})),
        ({"type": "alias", "userId": "u1", "previousId": "p"},
         fact("identify", payload={"alias": True}, hints=(U1, Hint(Identity.Kind.DEVICE, "p", False, "your server said so")))),
        (track(context={"page": {"a": 1}, "campaign": {"b": 2}, "locale": "de", "timezone": "Z", "library": 1, "app": 2, "screen": 3,
                        "ip": "10.0.0.1", "userAgent": "x"}, sentAt="2026-03-18T12:00:00Z"),
         fact("E", payload={"context": {"page": {"a": 1}, "campaign": {"b": 2}, "locale": "de", "timezone": "Z", "library": 1, "app": 2,
                                        "screen": 3}, "sent_at": "2026-03-18T12:00:00Z"})),
        (track(context={"page": {}, "locale": ""}), fact("E")),
    ],
)  # fmt: skip
def test_an_item_becomes_this_fact(item, expected):
    assert read(**item) == expected


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        ({"type": "group", "userId": "u1"}, "group needs a groupId"),
        ({"type": "alias", "userId": "u1"}, "alias needs previousId and userId"),
        ({"type": "alias", "previousId": "u1"}, "alias needs previousId and userId"),
        ({"type": "alias", "previousId": "p", "userId": "null"}, "the id 'null' names nobody"),
        ({"type": "alias", "previousId": "0", "userId": "null"}, "the id '0' names nobody"),
        ({"userId": "u1"}, "type is ''; known are track, page, screen, identify, group, alias"),
        ({"type": "d" * 50, "userId": "u1"}, f"type is {'d' * 40!r}; known are track, page, screen, identify, group, alias"),
        (track(""), "track needs an event"),
        (track(userId="undefined"), "the id 'undefined' names nobody, and nothing else says who it was"),
        (track(userId=None, anonymousId="guest"), "the id 'guest' names nobody, and nothing else says who it was"),
        (track(userId=None), "needs a userId or an anonymousId"),
        (track(userId="u" * 300), None), (track(userId="u" * 301), "an id must have 1 to 300 characters"),
        (track(anonymousId="u" * 300), None), (track(anonymousId="u" * 301), "an id must have 1 to 300 characters"),
        (track(messageId="m" * 300), None), (track(messageId="m" * 301), "messageId is longer than 300 characters"),
        (track(timestamp="2026-03-18T12:10:00Z"), None),
        (track(timestamp="2026-03-18T12:10:00.001Z"), "timestamp lies more than 10 minutes ahead"),
        (track(timestamp="t" * 50), f"timestamp {'t' * 40!r} is not ISO 8601"),
        (track(properties="x"), "properties is an object"), (track(traits=1), "traits is an object"),
        (track(context=[1]), "context is an object"), (track(name=True), "name is a text"), (track(name=[1]), "name is a text"),
        (track(name=[]), None), (track(name={}), None), (track(properties=None), None),
    ],
)  # fmt: skip
def test_an_item_that_is_refused_is_told_why(item, reason):
    assert refusal(**item) == reason


def test_an_item_has_32_kilobytes():
    whole = json.dumps({**track(), "messageId": "m", "name": ""}).encode()
    for more, reason in ((0, None), (1, "larger than 32 kB")):
        raw = whole.replace(b'"name": ""', b'"name": "' + b"x" * (32_768 - len(whole) + more) + b'"')
        assert len(raw) == 32_768 + more
        try:
            read_item(raw, now=NOON, trusted=True)
            said = None
        except RefusedError as error:
            said = str(error)
        assert said == reason


def test_an_item_without_an_id_is_known_by_its_letters():
    one, again, other = (
        read_item(json.dumps(track(text)).encode(), now=NOON, trusted=True).external_id for text in ("a", "a", "b")
    )

    assert one == again != other
    assert (one[:4], len(one)) == ("sha-", 36)


def test_the_path_says_the_kind_whatever_the_item_says():
    assert read(kind="page", **track()).kind == "page"
    assert read(kind=None, **track()).kind == "E"


@pytest.mark.parametrize(
    ("trusted", "event", "weight"),
    [(False, "Order Completed", 0), (False, "refund", 0), (False, "review", 1000), (True, "Order Completed", 1000)],
)
def test_money_that_anybody_could_write_does_not_score(trusted, event, weight):
    assert read(trusted=trusted, **track(event)).weight_milli == weight


@pytest.mark.parametrize(("trusted", "evidence"), [(True, "your server said so"), (False, "claimed in a browser")])
def test_who_it_was_by_everything_that_is_said(trusted, evidence):
    item = track(
        anonymousId="a1",
        context={"traits": {"email": " Ina@Example.org ", "phone": "+49 30 901820"}},
        traits={"email": "no@x.org"},
    )

    assert read(trusted=trusted, **item).hints == (
        Hint(Identity.Kind.EXTERNAL_ID, "u1", trusted, evidence),
        Hint(Identity.Kind.DEVICE, "a1", False, evidence),
        Hint(Identity.Kind.EMAIL, "ina@example.org", trusted, evidence),
        Hint(Identity.Kind.PHONE, "+4930901820", trusted, evidence),
    )


def test_addresses_that_are_none_are_left_out_and_those_after_them_are_read():
    item = {"type": "identify", "traits": {"email": "nobody", "phone": "+49 30 901820"}}

    assert [hint.value for hint in read(**item).hints] == ["+4930901820"]
    assert refusal(type="identify", traits={"email": " ", "phone": 7}) == "needs a userId or an anonymousId"


@pytest.mark.parametrize(
    ("traits", "profile"),
    [
        ({"firstName": "Ina", "lastName": "Berg"}, {"given_name": "Ina", "family_name": "Berg", "name": "Ina Berg"}),
        ({"firstName": "Ina"}, {"given_name": "Ina", "name": "Ina"}), ({"lastName": "Berg"}, {"family_name": "Berg", "name": "Berg"}),
        ({"name": "I.", "firstName": "Ina"}, {"name": "I.", "given_name": "Ina"}),
        ({"address": {"city": "Bonn", "country": "DE"}, "city": "Ulm"}, {"city": "Bonn", "country": "DE"}),
        ({"address": "Here 1", "phone": "1", "plan": None, "x": 0}, {"x": 0}),
        ({"email": "nobody", "plan": "y"}, {"plan": "y"}), ({"email": "Ina@Example.org"}, {"email": "ina@example.org"}),
        ({"locale": "de", "timezone": "Europe/Berlin"}, {"language": "de", "zone": "Europe/Berlin"}), ({}, {}),
    ],
)  # fmt: skip
def test_what_is_told_of_a_person(traits, profile):
    assert profile_in(traits) == profile


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-18T12:00:00+01:00", datetime(2026, 3, 18, 11, tzinfo=UTC)), ("2026-03-18", datetime(2026, 3, 18, tzinfo=UTC)),
        ("1700000000", datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)), ("1700000000123", datetime(2023, 11, 14, 22, 13, 20, 123000, tzinfo=UTC)),
        ("17000000000", datetime(2508, 9, 16, 6, 13, 20, tzinfo=UTC)), ("170000000000", datetime(1975, 5, 22, 14, 13, 20, tzinfo=UTC)),
        ("100000000", datetime(1973, 3, 3, 9, 46, 40, tzinfo=UTC)), ("20260318", datetime(2026, 3, 18, tzinfo=UTC)),
        ("1700000000123999", datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=170_000_000_012_399)),  # cut after fifteen
        ("²²²²²²²²²", None), ("soon", None), ("", None),
        ("9999-12-31T23:59:59-14:00", None),
    ],
)  # fmt: skip
def test_moments_as_clients_write_them(text, moment):
    assert read_time(text) == moment


@pytest.mark.parametrize(("off", "expected"), [(120, 0), (121, 121), (-120, 0), (-121, -121), (0, 0), (3600, 3600)])
@pytest.mark.parametrize("where", ["item", "request", "both"])
def test_a_clock_more_than_two_minutes_off_is_put_right(off, expected, where):
    then, sent = NOON - timedelta(days=1), (NOON - timedelta(seconds=off)).isoformat()
    item = track(timestamp=then.isoformat())
    item |= {"sentAt": sent} if where != "request" else {}
    around = {"item": None, "request": sent, "both": "2001-01-01T00:00:00Z"}[where]

    assert read(sent_at=around, **item).occurred_at == then + timedelta(seconds=expected)


def test_a_moment_has_two_names_and_none_is_no_moment():
    assert read(**track(originalTimestamp="2026-03-01T00:00:00Z")).occurred_at == datetime(2026, 3, 1, tzinfo=UTC)
    assert read(**track(timestamp="2026-03-02", originalTimestamp="2026-03-01")).occurred_at == datetime(
        2026, 3, 2, tzinfo=UTC
    )
    assert read(**track(sentAt="2026-03-01T00:00:00Z")).occurred_at is None


def test_numbers_are_read_as_their_digits():
    item = track(userId=12, anonymousId=3.0, messageId=7, event=404.5)

    found = read(**item)
    assert (found.kind, found.external_id, [hint.value for hint in found.hints]) == ("404.5", "7", ["12", "3"])


@pytest.fixture
def limits(noon, keys, kettle):
    """How many requests of a key of this kind were counted in this minute already."""

    def used(kind: str, count: int) -> None:
        with working_in(kettle):
            cache.set(f"rate:{ApiKey.objects.get(name=kind).pk}:1200", count, 120)

    return used


@pytest.mark.parametrize(("kind", "most"), [("browser", 3_000), ("server", 60_000)])
def test_a_key_has_so_many_requests_a_minute(post, limits, kettle, time_machine, kind, most):
    body = {"batch": [track(messageId=f"{kind}")], "sentAt": NOON.isoformat()}
    limits(kind, most - 1)

    last, refused, again = post(body, key=kind), post(body, key=kind), post(body, key=kind)

    assert (last.status_code, refused.status_code, again.status_code) == (200, 429, 429)
    assert (refused["Retry-After"], refused["Access-Control-Expose-Headers"]) == ("60", "Retry-After")
    assert refused.json() == {
        "success": False, "code": "too_many_requests", "message": "too many requests this minute; nothing of this one was kept",
    }  # fmt: skip
    other = "server" if kind == "browser" else "browser"
    assert post(body, key=other).status_code == 200
    time_machine.move_to(NOON + timedelta(minutes=1), tick=False)
    assert post(body, key=kind).status_code == 200


def test_requests_are_counted_by_the_minute_and_a_key_in_the_body_counts_too(client, limits, keys, post):
    limits("browser", 3_000)
    body = json.dumps({"writeKey": keys["browser"], "batch": [track()]})

    assert client.post("/v1/batch", body, content_type="text/plain").status_code == 429


def test_a_slot_that_ran_out_between_two_calls_refuses_nobody(post, monkeypatch):
    monkeypatch.setattr(cache, "add", lambda *_args: False, raising=False)

    assert post({"batch": [track()]}).status_code == 200


def test_pages_of_other_sites_may_post(keys):
    strict = Client(enforce_csrf_checks=True)
    body = json.dumps({"writeKey": keys["browser"], "batch": [track()]})

    assert strict.post("/v1/batch", body, content_type="text/plain").json()["new"] == 1


@pytest.mark.parametrize("method", ["get", "put", "delete", "patch"])
def test_other_methods_are_refused(client, method):
    answer = getattr(client, method)("/v1/batch")

    assert (answer.status_code, answer.json()) == (
        405,
        {"success": False, "code": "method_not_allowed", "message": "POST only"},
    )
    assert client.post("/v1/sourceConfig").json()["message"] == "GET only"
    assert client.put("/v1/nowhere").json()["message"] == "GET or POST only"
    assert client.get("/v1/nowhere").json() == {"success": False, "code": "not_found", "message": "no such address"}


def test_a_preflight_allows_what_it_is_asked_for(client):
    asked = ", ".join(["X-Own", "bad header", "content-type", *(f"h{n}" for n in range(30)), "x" * 41])
    answer = client.options("/v1/batch", headers={"Access-Control-Request-Headers": asked})

    usual = ["authorization", "content-type", "content-encoding", "anonymousid", "sentat"]
    assert answer.status_code == 204
    assert answer["Access-Control-Allow-Headers"].split(", ") == [*usual, "x-own", *(f"h{n}" for n in range(17))]
    assert (answer["Access-Control-Allow-Methods"], answer["Access-Control-Max-Age"]) == ("POST", "86400")
    assert answer["Vary"].split(", ")[0] == "Access-Control-Request-Headers"
    assert client.options("/v1/nowhere")["Access-Control-Allow-Methods"] == "GET, POST"
    long = client.options("/v1/batch", headers={"Access-Control-Request-Headers": "a" * 40 + "," + "b" * 41})
    assert long["Access-Control-Allow-Headers"].split(", ") == [*usual, "a" * 40]


@pytest.mark.parametrize(
    ("header", "status", "message"),
    [
        ("Basic abc", 401, "unreadable key"), ("Basic /w==", 401, "unreadable key"), ("Basic bm9ib2R5Og==", 401, "unknown key"),
        ("Bearer nobody", 401, "unknown key"), ("Digest x", 401, "unknown key"), ("", 401, "unknown key"),
    ],
)  # fmt: skip
def test_a_header_without_a_key_opens_nothing(client, keys, header, status, message):
    answer = client.post("/v1/batch", b"{}", content_type="text/plain", headers={"Authorization": header})

    assert (answer.status_code, answer.json()) == (
        status,
        {"success": False, "code": "unauthorized", "message": message},
    )


def test_a_key_is_read_wherever_clients_write_it(client, keys, kettle):
    def send(body: dict, header: str = "", path: str = "track") -> int:
        headers = {"Authorization": header} if header else {}
        return client.post(f"/v1/{path}", json.dumps(body), content_type="text/plain", headers=headers).status_code

    basic = base64.b64encode(f"{keys['server']}:secret".encode()).decode()
    assert send(track(), f"BASIC {basic}") == 200
    assert send(track(), f"bearer   {keys['server']} ") == 200
    assert send({**track(), "writeKey": keys["browser"]}, "Token x") == 200
    assert send({**track(), "writeKey": "nobody"}, f"Bearer {keys['server']}") == 200
    assert send({"batch": [{**track(), "writeKey": "browser_other"}], "writeKey": keys["browser"]}, path="batch") == 200
    assert (
        send({"batch": [{**track(), "writeKey": keys["browser"]}]}, path="batch") == 401
    )  # an item's key opens no door


def test_the_first_five_keys_of_a_body_are_looked_at():
    body = b'{"writeKey" : "a","x":{"writeKey":"b"},"writeKey":"a","y":[{"writeKey":"c.d-e_f"},{"writeKey":"%s"}]}' % (
        b"k" * 201
    )

    assert keys_in(body) == ["a", "b", "c.d-e_f"]
    assert keys_in(b"".join(b'"writeKey":"%d"' % n for n in range(9))) == list("01234")
    assert keys_in(b'"writeKey":"%s"' % (b"k" * 200)) == ["k" * 200]


def test_what_browser_clients_are_told(client, keys):
    key = keys["browser"]
    told = client.get(f"/v1/projects/{key}/settings/")

    assert (told.status_code, told["Access-Control-Allow-Origin"]) == (200, "*")
    assert told.json() == {
        "integrations": {
            "Segment.io": {
                "apiKey": key, "apiHost": "testserver/v1", "protocol": "http", "versionSettings": {"version": "4.4.7"},
                "type": "browser", "bundlingStatus": "unbundled",
            }
        },
        "plan": {"track": {}, "identify": {}, "group": {}}, "edgeFunction": {}, "metrics": {"sampleRate": 0}, "remotePlugins": [],
        "source": {
            "id": key[:12], "name": "eCRM", "writeKey": key, "enabled": True, "workspaceId": "", "destinations": [],
            "config": {"statsCollection": {"errors": {"enabled": False}, "metrics": {"enabled": False}}},
        },
    }  # fmt: skip
    assert client.get("/v1/projects/nobody/settings").json()["message"] == "unknown key"
    assert client.get(f"/v1/projects/{keys['api']}/settings").status_code == 404


@pytest.mark.parametrize("pack", [False, True])
def test_a_request_has_four_megabytes(post, pack):
    def send(size: int):
        frame = b'{"batch": [], "x": ""}'
        body = frame.replace(b'""', b'"' + b"x" * (size - len(frame)) + b'"')
        assert len(body) == size
        return post(gzip.compress(body, 1), **{"Content-Encoding": " GZIP "}) if pack else post(body)

    assert send(4_000_000).json() == {"success": True, "kept": 0, "new": 0, "refused": []}
    refused = send(4_000_001)
    assert (refused.status_code, refused.json()) == (
        413,
        {"success": False, "code": "too_large", "message": "larger than 4 MB"},
    )


def test_a_request_holds_a_thousand_items(post):
    def send(count: int):
        return post(b'{"batch":[' + b",".join([b"0"] * count) + b"]}")

    assert len(send(1_000).json()["refused"]) == 1_000
    assert send(1_001).json()["message"] == "1001 items; 1000 at most"


@pytest.mark.parametrize(
    ("body", "headers", "status", "message"),
    [
        (b'{"batch":null}', {}, 400, 'a batch is written {"batch": [item, …]}'),
        (b"\x1f\x8b\x08 cut", {"Content-Encoding": "gzip"}, 400, "the body is not gzip"),
        (gzip.compress(b'{"batch":[]}', mtime=0)[:-9], {"Content-Encoding": "gzip"}, 400, "the body is not gzip"),
        (b"{}", {"Content-Encoding": "z" * 50}, 415, f"the encoding {'z' * 40!r} is not known; gzip is"),
        (b'\xef\xbb\xbf{"batch":[]}', {}, 200, None), (b'{"batch":[]}', {"Content-Encoding": "identity"}, 200, None),
    ],
)  # fmt: skip
def test_bodies_that_are_read_or_not(post, body, headers, status, message):
    answer = post(body, **headers)

    assert (answer.status_code, answer.json().get("message")) == (status, message)


def test_around_a_broken_item_the_request_is_still_understood(post, keys, kettle, noon):
    sent = b'"sentAt":"2026-03-18T11:00:00Z","writeKey":"%s","context":{"consent":"denied"}' % keys["browser"].encode()
    item = b'{"type":"page","anonymousId":"a","timestamp":"2026-03-18T10:00:00Z"}'

    assert post(b'{"batch":[%s,{"a" 1}],%s}' % (item, sent), key=None).json()["kept"] == 1

    with working_in(kettle):
        assert (DayCount.objects.get().count, Touchpoint.objects.count()) == (1, 0)
    kept = post(b'{"batch":[%s,{"a" 1}],"context":{"a" 1},"sentAt":"2026-03-18T11:00:00Z"}' % item).json()
    assert kept["kept"] == 1
    with working_in(kettle):
        assert Touchpoint.objects.get().occurred_at == NOON - timedelta(hours=1)


def test_the_moment_of_sending_may_stand_in_a_header_or_be_a_number(post, kettle, noon):
    item = track(timestamp="2026-03-18T10:00:00Z")
    post({**item, "messageId": "1"}, "track", SentAt="2026-03-18T11:00:00Z")
    post({"batch": [{**item, "messageId": "2"}], "sentAt": 1_773_831_600}, SentAt="2026-03-18T09:00:00Z")
    post({"batch": [{**item, "messageId": "3"}], "sentAt": ["x"]})

    with working_in(kettle):
        moments = dict(Touchpoint.objects.values_list("external_id", "occurred_at"))
    assert moments == {"1": NOON - timedelta(hours=1), "2": NOON - timedelta(hours=1), "3": NOON - timedelta(hours=2)}


@pytest.mark.parametrize(
    ("key", "gpc", "consent", "leaves"),
    [
        ("browser", "1", None, False), ("browser", None, "denied", False), ("browser", "0", "granted", True), ("browser", None, None, True),
        ("server", "1", "denied", True),
    ],
)  # fmt: skip
def test_who_wants_to_leave_no_trace_leaves_none(post, kettle, key, gpc, consent, leaves):
    body = {"batch": [{"type": "page", "anonymousId": "a1"}], "context": {"consent": consent}}

    answer = post(body, key=key, **({"Sec-GPC": gpc} if gpc else {})).json()

    assert answer == {"success": True, "kept": 1, "new": int(leaves), "refused": []}
    with working_in(kettle):
        assert (Touchpoint.objects.count(), Contact.objects.count(), DayCount.objects.count()) == (
            int(leaves),
            int(leaves),
            1,
        )


def test_a_single_item_that_is_refused_is_an_error_and_one_of_a_batch_is_not(post):
    assert post({"userId": "u1"}, "group").json() == {
        "success": False, "code": "refused", "message": "group needs a groupId", "kept": 0, "new": 0,
        "refused": [{"index": 0, "reason": "group needs a groupId"}],
    }  # fmt: skip
    assert post({"batch": [{"type": "group", "userId": "u1"}]}).status_code == 200
    assert post({"userId": "u1", "groupId": "g"}, "g").json() == {"success": True, "kept": 1, "new": 1, "refused": []}


def test_a_browser_fills_empty_fields_and_a_server_overwrites(post, kettle):
    def tell(key: str, city: str, plan: str) -> list[str]:
        traits = {"city": city, "plan": plan, "email": "ina@example.org"}
        post({"userId": "u1", "traits": traits, "messageId": city}, "identify", key=key)
        with working_in(kettle):
            return [Contact.objects.get().city, FieldValue.objects.get(name="plan").text]

    assert tell("browser", "Bonn", "gold") == ["Bonn", "gold"]
    assert tell("browser", "Ulm", "none") == ["Bonn", "gold"]
    assert tell("server", "Ghent", "tin") == ["Ghent", "tin"]
    with working_in(kettle):
        kinds = list(Identity.objects.order_by("kind").values_list("kind", flat=True))
        assert (kinds, Merged.objects.count()) == ([1, 2], 0)


def test_facts_come_from_the_key_that_brought_them(post, kettle):
    post({"batch": [track(messageId="m")]}, key="server")
    post({"batch": [track(messageId="m")]}, key="browser")

    with working_in(kettle):
        pks = {key.name: key.pk for key in ApiKey.objects.all()}
        sources = dict(Source.objects.values_list("pk", "key"))
        found = {sources[one] for one in Touchpoint.objects.values_list("source_id", flat=True)}
        assert found == {f"key-{pks['server']}", f"key-{pks['browser']}"}
        assert set(Source.objects.filter(key__in=found).values_list("name", flat=True)) == {"server", "browser"}


def test_bad_items_are_named_in_their_order_wherever_they_failed(post, monkeypatch):
    record = keeping.record

    def record_unless_poisoned(facts, **kwargs):
        if any(fact.kind == "poison" for fact in facts):
            raise ValueError("first line\nsecond line")
        return record(facts, **kwargs)

    monkeypatch.setattr(keeping, "record", record_unless_poisoned)
    batch = [track("poison"), {"type": "dance"}, track("fine"), track("poison"), 7]

    answer = post({"batch": batch}).json()

    assert [(row["index"], row["reason"][:40]) for row in answer["refused"]] == [
        (0, "cannot be stored: first line"), (1, "type is 'dance'; known are track, page, "), (3, "cannot be stored: first line"),
        (4, "Expected `object`, got `int`"),
    ]  # fmt: skip
    assert (answer["kept"], answer["new"]) == (1, 1)


def failing(error: Exception, cause: Exception):
    def fail(*_args, **_kwargs):
        raise error from cause

    return fail


def test_a_statement_cut_off_for_its_time_and_an_error_of_our_own_are_not_called_passing(post, monkeypatch, client):
    client.raise_request_exception = False
    monkeypatch.setattr(keeping, "record", failing(OperationalError("slow"), QueryCanceled()))
    assert post({"batch": [track()]}).status_code in {500, 504}
    monkeypatch.setattr(keeping, "record", failing(OperationalError("odd"), NotNullViolation()))
    refused = post({"batch": [track()]}).json()["refused"]
    assert refused == [{"index": 0, "reason": "cannot be stored: NotNullViolation"}]


def test_a_key_of_another_kind_is_made_for_other_doors(kettle, post):
    with working_in(kettle):
        _key, clear = make_key("api", "other")

    assert post({"batch": []}, key=clear).status_code == 401


def test_what_nobody_foresaw_in_an_item_is_written_to_the_log_and_what_is_refused_is_not(post, monkeypatch):
    written = []

    class Log:
        def exception(self, event: str) -> None:
            written.append(event)

    monkeypatch.setattr(keeping, "log", Log())
    assert post({"batch": [7]}).json()["refused"] == [{"index": 0, "reason": "Expected `object`, got `int`"}]
    assert written == []
    monkeypatch.setattr(keeping, "read_item", failing(ZeroDivisionError("secret"), ValueError()))
    assert post({"batch": [track()]}).json()["refused"] == [
        {"index": 0, "reason": "cannot be stored: ZeroDivisionError"}
    ]
    assert written == ["item_unreadable"]


def test_a_body_that_ends_early_is_said_to(rf):
    class Broken(BytesIO):
        def read(self, size: int = -1) -> bytes:
            raise OSError

    request = rf.post("/v1/batch", b"{}", content_type="application/json")
    request._stream = Broken()
    with pytest.raises(AnswerError, match="the body ended early") as refused:
        read_body(request)
    assert (refused.value.status, refused.value.code) == (400, "bad_request")


@pytest.mark.parametrize(
    ("announced", "fits"), [("4000000", True), ("4000001", False), ("9" * 30, False), ("-1", True), ("x", True)]
)
def test_what_announces_itself_as_too_large_is_not_read(rf, announced, fits):
    request = rf.post("/v1/batch", b"{}", content_type="application/json", headers={"Content-Length": announced})
    request._stream = BytesIO(b"{}")

    if fits:
        assert read_body(request) == b"{}"
    else:
        with pytest.raises(AnswerError, match="larger than 4 MB"):
            read_body(request)


def test_the_snippet_is_read_by_anybody_and_kept_for_an_hour(client):
    answer = client.get("/t/ecrm.js")

    assert (answer.status_code, answer["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert answer["Cache-Control"] == "public, max-age=3600"
    assert (answer["Access-Control-Allow-Origin"], answer["Cross-Origin-Resource-Policy"]) == ("*", "cross-origin")
    assert (client.post("/t/ecrm.js").status_code, client.post("/t/ecrm.js")["Allow"]) == (405, "GET, HEAD")


def test_the_snippet_is_answered_before_any_middleware_asks_for_a_session(client, settings):
    client.cookies["sessionid"] = "somebody"  # this test may not touch the database: looking it up would fail

    answer = client.get("/t/ecrm.js")

    assert settings.MIDDLEWARE[0] == "ecrm.early.answer_early"
    assert answer.status_code == 200
    assert answer["Vary"] == "Accept-Encoding"
    assert not {"Content-Security-Policy", "Permissions-Policy", "Set-Cookie"} & set(answer.headers)


def test_the_snippet_goes_out_packed_and_once(client):
    plain = client.get("/t/ecrm.js")
    packed = client.get("/t/ecrm.js", headers={"Accept-Encoding": "br, gzip"})
    refused = client.get("/t/ecrm.js", headers={"Accept-Encoding": "gzip;q=0"})
    again = client.get("/t/ecrm.js", headers={"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
    asked = client.head("/t/ecrm.js")

    assert gzip.decompress(packed.content) == plain.content == refused.content
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content) / 2
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", plain["ETag"])
    assert (again["Cache-Control"], again["Vary"]) == ("public, max-age=3600", "Accept-Encoding")
    assert (asked.status_code, asked.content, asked["ETag"]) == (200, b"", plain["ETag"])
