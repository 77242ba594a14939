import json
import threading
import time
from urllib.parse import quote

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.mentions import listening
from conversations.models import Mention
from social.connecting import connect, hook_link, rotate_secret, set_active
from social.networks.webhook import signature
from tests.examples import examples
from workspaces.current import working_in
from workspaces.founding import found_workspace


@pytest.fixture
def hook(kettle):
    with working_in(kettle):
        connection, secret = connect("webhook", name="Bridge", by=None)
        url = hook_link(connection)
    return connection, secret, url[url.index("/hooks/") :]


def item(**facts):
    return {
        "id": "p1", "text": "Is it any good?", "author": {"handle": "tom@tea.example", "name": "Tom", "followers": 12},
        "url": "https://tea.example/p1", "published_at": timezone.now().isoformat(), "network": "mastodon",
    } | facts  # fmt: skip


def deliver(url, secret, body, *, moment=None, header=None, client=None):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return (client or Client()).post(
        url,
        raw,
        content_type="application/json",
        headers={"X-Ecrm-Signature": header or signature(secret, raw, moment)},
    )


def count(kettle):
    with working_in(kettle):
        return Mention.objects.count()


def test_one_item_and_a_list_are_kept(hook, kettle):
    _connection, secret, url = hook

    one = deliver(url, secret, item())
    many = deliver(url, secret, [item(), item(id="p2", thread="t9", rating=2)])

    assert one.json() == {"new": 1, "changed": 0, "known": 0, "refused": []}
    assert many.json() == {"new": 1, "changed": 0, "known": 1, "refused": []}
    assert count(kettle) == 2


@pytest.mark.parametrize("at", ["body", "signature", "time"])
def test_one_flipped_bit_is_a_forgery(hook, kettle, at):
    _connection, secret, url = hook
    raw = json.dumps(item()).encode()
    header = signature(secret, raw)
    if at == "body":
        raw = bytes([raw[0], raw[1] ^ 1, *raw[2:]])
    elif at == "signature":
        header = header[:-1] + ("0" if header[-1] != "0" else "1")
    else:
        header = header.replace("t=", "t=1", 1)

    assert deliver(url, secret, raw, header=header).status_code == 401
    assert count(kettle) == 0


@pytest.mark.parametrize("seconds", [-310, 20, 299, 310])
def test_a_signature_of_another_time_is_refused(hook, seconds):
    _connection, secret, url = hook
    assert deliver(url, secret, item(), moment=int(time.time()) + seconds).status_code == 401


@pytest.mark.parametrize("seconds", [-290, -1, 5])
def test_a_clock_a_little_off_is_believed(hook, seconds):
    _connection, secret, url = hook
    assert deliver(url, secret, item(), moment=int(time.time()) + seconds).status_code == 200


@pytest.mark.parametrize(
    "header", ["", "v1=00", "t=abc,v1=00", "t=²,v1=00", "t=1,t=2,v1=00", "t=1", "t=1,v1=é", "x" * 5000]
)
def test_a_broken_header_is_a_forgery(hook, header):
    url = hook[2]
    raw = json.dumps(item()).encode()
    response = Client().post(url, raw, content_type="application/json", headers={"X-Ecrm-Signature": header})
    assert response.status_code == 401


def test_two_secrets_are_good_while_they_rotate(hook, kettle):
    connection, first, url = hook
    with working_in(kettle):
        second = rotate_secret(connection, by=None)
    assert [deliver(url, one, item()).status_code for one in (first, second)] == [200, 200]
    with working_in(kettle):
        third = rotate_secret(connection, by=None)
    assert [deliver(url, one, item()).status_code for one in (first, second, third)] == [401, 200, 200]


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"id": ""}, "id is missing"),
        ({"id": "x" * 301}, "id is longer than 300"),
        ({"text": None}, "text is missing"),
        ({"text": 5.5}, "text is text"),
        ({"author": {}}, "author.handle is missing"),
        ({"author": "tom"}, "author is an object with handle, name, url, followers"),
        ({"published_at": None}, "published_at is missing"),
        ({"published_at": "yesterday"}, "published_at is a time with its zone, as 2026-11-19T13:50:00Z"),
        ({"published_at": "2026-02-30T10:00:00Z"}, "published_at is a time with its zone, as 2026-11-19T13:50:00Z"),
        ({"published_at": "2026-01-01T10:00:00"}, "published_at is a time with its zone, as 2026-11-19T13:50:00Z"),
        ({"published_at": "2999-01-01T10:00:00Z"}, "published_at lies more than 10 minutes ahead"),
        ({"published_at": "1969-01-01T10:00:00Z"}, "published_at lies before 1970"),
        ({"url": "javascript:alert(1)"}, "url is an http or https address"),
        ({"rating": 9}, "rating is a number from 0 to 5"),
        ({"public": "yes"}, "public is true or false"),
    ],
)
def test_a_bad_item_is_refused_by_its_index_and_the_rest_is_kept(hook, kettle, facts, reason):
    _connection, secret, url = hook

    answer = deliver(url, secret, [item(id="good"), item(**facts)])

    assert answer.json() == {"new": 1, "changed": 0, "known": 0, "refused": [{"index": 1, "reason": reason}]}
    assert count(kettle) == 1


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[" * 100_000, 400), (json.dumps([1] * 501).encode(), 400)]
)
def test_what_is_no_delivery_is_refused(hook, body, status):
    _connection, secret, url = hook
    assert deliver(url, secret, body).status_code == status


def test_too_much_is_refused(hook):
    _connection, secret, url = hook
    assert deliver(url, secret, b"x" * 2_000_001).status_code == 413


def test_a_number_is_a_good_id_and_odd_items_are_named(hook, kettle):
    _connection, secret, url = hook
    answer = deliver(url, secret, [item(id=117), "text", None])
    assert (answer.json()["new"], [one["index"] for one in answer.json()["refused"]]) == (1, [1, 2])


def test_another_workspaces_address_opens_nothing(hook, kettle):
    _connection, secret, url = hook
    found_workspace("rival", "Rival Teas")
    assert deliver(url.replace("/kettle/", "/rival/"), secret, item()).status_code == 404
    other = "y" if url[-2] == "x" else "x"
    assert deliver(f"{url[:-2]}{other}/", secret, item()).status_code == 404
    assert deliver(url.replace("/kettle/", "/nobody/"), secret, item()).status_code == 404
    assert Client().get(url).status_code == 405


def test_a_paused_connection_takes_nothing(hook, kettle):
    connection, secret, url = hook
    with working_in(kettle):
        set_active(connection, False, by=None)
    assert deliver(url, secret, item()).status_code == 404


def test_the_secret_is_not_in_the_database(hook, kettle):
    connection, secret, _url = hook
    assert secret.encode() not in bytes(connection.sealed_secret)


@pytest.mark.django_db(transaction=True)
def test_a_hundred_equal_deliveries_at_once_are_one_effect(hook, kettle):
    _connection, secret, url = hook
    body, answers = [item(), item(id="p2")], []

    def many():
        try:
            answers.extend(deliver(url, secret, body).json() for _ in range(10))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=many) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (len(answers), sum(one["new"] for one in answers), count(kettle)) == (100, 2, 2)
    assert sum(one["known"] for one in answers) == 198


HOSTILE = {
    "not UTF-8": b'{"id":"\xff","text":"x"}',
    "half a surrogate": b'{"id":"a","text":"\\ud800","author":{"handle":"h"},"published_at":"2026-01-01T00:00:00Z"}',
    "NaN": b'{"id":"a","rating":NaN}',
    "a number without end": b'{"id":"a","rating":9e299999}',
    "control characters": b'{"id":"\x01"}',
    "an id of NUL": b'{"id":"\\u0000","text":"x","author":{"handle":"h"},"published_at":"2026-01-01T00:00:00Z"}',
    "year 1": b'{"id":"a","text":"x","author":{"handle":"h"},"published_at":"0001-01-01T00:00:00+14:00"}',
    "year 9999": b'{"id":"a","text":"x","author":{"handle":"h"},"published_at":"9999-12-31T23:59:59-14:00"}',
    "a missing comma": b'{"id":"a" "text":"x"}',
    "nothing": b"",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_item_costs_no_neighbour(hook, kettle, what):
    _connection, secret, url = hook
    good = [json.dumps(item(id=f"good-{place}")).encode() for place in range(2)]

    answer = deliver(url, secret, b"[" + b",".join([good[0], HOSTILE[what], good[1]]) + b"]")

    assert (answer.status_code, answer.json()["new"]) == (200, 2)
    assert [one["index"] for one in answer.json()["refused"]] == [1]


def test_nul_is_dropped_wherever_it_stands(hook, kettle):
    _connection, secret, url = hook
    odd = item(
        id="a\0b", text="x\0y", title="t\0", thread="\0", language="e\0n", author={"handle": "h\0", "name": "\0"}
    )

    assert deliver(url, secret, [odd]).json()["new"] == 1
    with working_in(kettle):
        row = Mention.objects.get()
        assert (row.remote_id, row.text, row.author.handle) == ("ab", "xy", "h")


def test_an_item_that_cannot_be_stored_is_refused_alone(hook, kettle, monkeypatch):
    from conversations.mentions import setting_aside

    def hear(connection, items, **more):
        if any(one.remote_id == "poison" for one in items):
            raise ZeroDivisionError
        return listening.hear(connection, items, **more)

    monkeypatch.setattr(setting_aside, "hear", hear)
    _connection, secret, url = hook

    answer = deliver(url, secret, [7, item(id="a"), item(id="poison"), item(id="b")]).json()

    assert (answer["new"], [one["index"] for one in answer["refused"]]) == (2, [0, 2])
    assert answer["refused"][1]["reason"] == "cannot be stored: ZeroDivisionError"


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=12)
    | st.sampled_from(["\0", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 10**400, 2**63, 1e308]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["handle", "name", "url"]), inner),
    max_leaves=5,
)
NAMES = ["id", "text", "author", "url", "published_at", "edited_at", "network", "thread", "title", "rating", "deleted"]
FUZZ = settings(
    max_examples=examples(60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)


@FUZZ
@given(facts=st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=4))
def test_no_json_gives_a_500_or_costs_a_neighbour(hook, facts):
    _connection, secret, url = hook

    answer = deliver(url, secret, [item(id="good"), item() | facts, item(id="good too")])

    assert answer.status_code == 200
    assert {one["index"] for one in answer.json()["refused"]} <= {1}


@FUZZ
@given(raw=st.binary(max_size=60) | st.text('[]{}",:\\u0 1eE-.tfn', max_size=60).map(str.encode))
def test_no_bytes_give_a_500(hook, raw):
    _connection, secret, url = hook

    assert deliver(url, secret, raw).status_code in {200, 400}
    assert deliver(url, secret, b"[" + raw + b"]").status_code in {200, 400}


@FUZZ
@given(
    slug=st.text("ab-_9é²\0 ", max_size=8),
    token=st.text(st.characters(exclude_characters="/?#%"), min_size=1, max_size=30),
)
def test_no_address_gives_a_500(hook, slug, token):
    _connection, secret, _url = hook

    for path in (f"/hooks/kettle/{quote(token, errors='replace')}/", f"/hooks/{quote(slug)}/x/"):
        assert deliver(path, secret, b"[]").status_code in {400, 404, 405}


def test_a_delete_wins_over_a_create_that_comes_late(hook, kettle):
    _connection, secret, url = hook

    deliver(url, secret, [{"id": "d1", "deleted": True}])
    late = deliver(url, secret, [item(id="d1", text="I regret writing this", network="mastodon")])

    assert (late.json()["new"], count(kettle)) == (0, 0)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"text": "a<b and <anna@example.org>"}, "a<b and <anna@example.org>"),
        ({"text": "<p>Hi &amp; you</p>", "format": "html"}, "Hi & you"),
        ({"text": "<p>Hi &amp; you</p>", "format": "text"}, "<p>Hi &amp; you</p>"),
        ({"text": "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f Go!"},
         "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f Go!"),
    ],
)  # fmt: skip
def test_the_sender_says_whether_it_is_html(hook, kettle, facts, text):
    _connection, secret, url = hook

    assert deliver(url, secret, item(**facts)).json()["new"] == 1
    with working_in(kettle):
        assert Mention.objects.get().text == text


@pytest.mark.parametrize("text", ["Das ist wirklich schlimm, der Kessel ist nach zwei Wochen kaputt gegangen", "Die Bohnen waren nett, die Tasse war toll"])  # fmt: skip
def test_a_language_tag_that_the_text_contradicts_is_not_believed(hook, kettle, text):
    _connection, secret, url = hook
    deliver(url, secret, item(text=text, language="en"))

    with working_in(kettle):
        assert Mention.objects.values_list("language", "sentiment").get() == ("de", "unc")


def test_what_was_refused_stands_on_the_page_of_connections(hook, kettle, as_ada):
    _connection, secret, url = hook
    for _again in range(2):
        deliver(
            url, secret, [item(id="good"), item(id="odd", text="Kept in sight", published_at="1969-01-01T10:00:00Z")]
        )

    page = " ".join(as_ada.get("/w/kettle/inbox/connections/").text.split())
    assert ("1 item could not be kept" in page, "published_at lies before 1970" in page) == (True, True)
    assert "Kept in sight" in page
