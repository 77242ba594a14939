import gzip
import json
from datetime import UTC, datetime, timedelta

import pytest

from contacts.models import Contact, Identity
from touchpoints.models import DayCount, Touchpoint
from workspaces.current import working_in
from workspaces.keys import revoke_key


def bought(number: int, **more) -> dict:
    return {
        "type": "track",
        "event": "Order Completed",
        "messageId": f"m{number}",
        "userId": f"u{number % 3}",
        "timestamp": "1997-01-12T00:00:00Z",
        "properties": {"revenue": 11.77, "currency": "usd"},
        **more,
    }


def test_a_batch_lands_on_the_timeline_and_a_replay_changes_nothing(post, kettle):
    body = {"batch": [bought(n) for n in range(10)], "sentAt": "2026-01-01T00:00:00Z"}

    first, again = post(body), post(body)

    assert first.json() == {"success": True, "kept": 10, "new": 10, "refused": []}
    assert again.json()["new"] == 0
    with working_in(kettle):
        fact = Touchpoint.objects.filter(external_id="m1").get()
        assert (Touchpoint.objects.count(), Contact.objects.count()) == (10, 3)
        assert (fact.kind, fact.value_minor, fact.currency, fact.occurred_at.year) == (20, 1177, "USD", 1997)


def test_one_bad_item_is_refused_with_its_reason_and_the_rest_is_kept(post, kettle):
    ahead = (datetime.now(UTC) + timedelta(minutes=11)).isoformat()
    batch = [
        bought(1),
        {"type": "track", "userId": "x"},
        bought(2, timestamp=ahead),
        bought(3, timestamp="1969-12-31T23:59:59Z"),
        bought(4, timestamp="yesterday"),
        {"type": "page", "messageId": "p"},
        {"type": "dance", "userId": "x"},
        7,
        {"type": "track", "event": "E", "userId": True},
        bought(6, properties={"note": "x" * 33_000}),
    ]

    answer = post({"batch": batch}).json()

    assert answer["kept"] == 1
    assert [row["index"] for row in answer["refused"]] == [1, 2, 3, 4, 5, 6, 7, 8, 9]
    reasons = [row["reason"] for row in answer["refused"]]
    assert reasons[:5] == [
        "track needs an event",
        "timestamp lies more than 10 minutes ahead",
        "timestamp lies before 1970",
        "timestamp 'yesterday' is not ISO 8601",
        "needs a userId or an anonymousId",
    ]
    assert reasons[-1] == "larger than 32 kB"


def test_a_single_item_has_a_path_of_its_own(post, kettle):
    assert (
        post(
            {"userId": "u1", "messageId": "i", "traits": {"email": "Ina@Example.org", "plan": "gold"}}, "identify"
        ).status_code
        == 200
    )
    assert post({"event": "", "userId": "u1"}, "track").status_code == 400

    with working_in(kettle):
        contact = Contact.objects.get()
        assert contact.email == "ina@example.org"
        assert set(contact.identities.values_list("kind", "value")) == {(1, "u1"), (2, "ina@example.org")}
        assert contact.field_values.get().text == "gold"


def test_traits_may_stand_in_the_context_of_an_identify(post, kettle):
    """RudderStack's clients write them there."""
    post({"userId": "u1", "context": {"traits": {"email": "ina@example.org", "name": "Ina"}}}, "identify")

    with working_in(kettle):
        contact = Contact.objects.get()
        assert (contact.name, contact.email) == ("Ina", "ina@example.org")


@pytest.mark.parametrize(
    ("body", "headers", "status", "words"),
    [
        (b'{"batch": [', {}, 400, "malformed JSON"),
        (b"{}", {}, 400, "a batch is written"),
        (b"\xff\xfe", {}, 400, "malformed JSON"),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400, "not gzip"),
        (b'{"batch": "' + b"x" * 4_000_001 + b'"}', {}, 413, "4 MB"),
        (gzip.compress(b'{"batch": "' + b"x" * 4_000_001 + b'"}', mtime=0), {"Content-Encoding": "gzip"}, 413, "4 MB"),
        (b"{}", {"Content-Encoding": "br"}, 415, "gzip is"),
        (json.dumps({"batch": [{}] * 1001}).encode(), {}, 413, "1001 items"),
    ],
)
def test_what_cannot_be_read_is_answered_with_the_reason(post, body, headers, status, words):
    response = post(body, **headers)

    assert response.status_code == status
    assert words in response.json()["message"]
    assert (response.json()["success"], response["Access-Control-Allow-Origin"]) == (False, "*")


def test_malformed_json_is_told_its_place(post):
    assert "byte" in post(b'{"batch": [}').json()["message"]


@pytest.mark.parametrize("key", ["nobody", "api", ""])
def test_a_wrong_key_opens_nothing(post, key):
    assert post({"batch": [bought(1)]}, key=key).status_code == 401


def test_a_revoked_key_opens_nothing(post, keys, kettle, ada):
    with working_in(kettle):
        from workspaces.models import ApiKey

        revoke_key(ApiKey.objects.get(name="server"), by=ada)
    assert post({"batch": [bought(1)]}).status_code == 401


def test_gzip_and_bearer_and_a_key_in_the_body_are_read(client, keys, kettle):
    batch = {"batch": [bought(1)]}
    packed = client.post(
        "/v1/batch",
        gzip.compress(json.dumps(batch).encode()),
        content_type="application/json",
        headers={"Content-Encoding": "gzip", "Authorization": f"Bearer {keys['server']}"},
    )
    beacon = client.post("/v1/batch", json.dumps({**batch, "writeKey": keys["browser"]}), content_type="text/plain")

    assert (packed.status_code, beacon.status_code) == (200, 200)
    assert beacon["Access-Control-Allow-Origin"] == "*"


def test_a_purchase_from_a_public_key_is_shown_but_does_not_score(post, kettle):
    post({"batch": [bought(1)]}, key="browser")

    with working_in(kettle):
        assert Touchpoint.objects.get().weight_milli == 0
        assert Identity.objects.get().verified_at is None


@pytest.mark.parametrize("how", [{"headers": {"Sec-GPC": "1"}}, {"context": {"consent": "denied"}}])
def test_a_visitor_without_consent_leaves_no_identifier(post, kettle, how):
    body = {"batch": [{"type": "page", "anonymousId": "a1", "messageId": "p1"}], "context": how.get("context")}

    assert post(body, key="browser", **how.get("headers", {})).json()["kept"] == 1

    with working_in(kettle):
        assert (Touchpoint.objects.count(), Contact.objects.count(), Identity.objects.count()) == (0, 0, 0)
        assert DayCount.objects.get().count == 1


def test_alias_joins_a_visitor_to_a_person_but_never_two_people(post, kettle):
    post({"batch": [{"type": "page", "anonymousId": "a1", "messageId": "p1"}, bought(1)]})
    post({"previousId": "a1", "userId": "u1", "messageId": "al"}, "alias")

    with working_in(kettle):
        from contacts.models import Merged

        assert Merged.objects.count() == 1


def test_the_segment_client_works_with_its_host_changed(live_server, kettle, keys):
    from segment.analytics.client import Client

    sender = Client(keys["server"], host=live_server.url, sync_mode=True, gzip=True, max_retries=1)
    sender.identify("seg-1", {"email": "seg@example.org", "name": "Seg Ment"})
    sender.track("seg-1", "Order Completed", {"revenue": 20})
    sender.page("seg-1", "Shop", "Teas")
    sender.alias("seg-anon", "seg-1")

    with working_in(kettle):
        contact = Contact.objects.get(email="seg@example.org")
        assert sorted(Touchpoint.objects.filter(contact=contact).values_list("kind", flat=True)) == [10, 12, 12, 20]
