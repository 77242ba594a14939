"""Whatever stands at any place of what a network sends: that item is kept or set aside, its neighbours are kept, nothing breaks.

What programs send to /v1 is tried the same way in tests/touchpoints/test_door.py, every verb of the API in
tests/api/test_document.py.
"""

import copy
import hmac
import json
from contextlib import suppress
from itertools import count

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from conversations.channels import ChannelError, Picture
from conversations.mentions.setting_aside import hear_each
from conversations.models import Mention, SetAside
from lib.foreign.foreign_json import BadJsonError, read_what_can_be
from social.connecting import connect, hook_link, network_of
from social.networks.signing import sealed_base64
from social.networks.webhook import signature
from tests.examples import examples
from tests.loopback import LoopbackApi
from tests.social import pds, test_discourse, test_google, test_hooks, test_linkedin, test_meta, test_reddit, test_x
from workspaces.current import working_in

FUZZ = hypothesis_settings(
    max_examples=examples(30),
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
DEEP = json.loads("[" * 80 + "]" * 80)
POISON = st.sampled_from([
    None, True, 0, -1, 7, 2**70, 1.5, 1e308, float("nan"), float("inf"), "", " ", "\0", "a\0b", "\ud800", "ok \udfff \ud83d",
    "null", "undefined", "x" * 70_000, "\u202e\u2066gnp.exe", "\u200b", "👩‍👩‍👧‍👦" * 200, [], {}, [None], {"a": {"b": []}}, DEEP,
    "0000-00-00T00:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59-14:00", "2026-02-30T00:00:00Z",
    "2026-11-27T00:00:00", "1969-01-01T00:00:00Z", "2099-01-01T00:00:00Z", "javascript:alert(1)", "at://", "did:",
    "<script>alert(1)</script>" * 10, "٣", "1e9", "-0", "NaN", "%00", "http://[", "did:plc:" + "é" * 400,
])  # fmt: skip
numbers = count(10_000)  # of no id that stands in a payload


def places_of(tree, path=()):
    """Every place of a tree, the whole one too."""
    yield path
    inside = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for name, value in inside:
        yield from places_of(value, (*path, name))


@st.composite
def poisoned(draw, tree):
    """The tree with something else at one or two of its places, or without it."""
    tree = copy.deepcopy(tree)
    for _time in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(list(places_of(tree))))
        if not path:
            return copy.deepcopy(draw(POISON))
        here = tree
        for name in path[:-1]:
            here = here[name]
        if draw(st.integers(0, 6)):
            here[path[-1]] = copy.deepcopy(draw(POISON))
        else:
            del here[path[-1]]
    return tree


class Saying(LoopbackApi):
    """Says the same to everybody."""

    def hear(self, _method, path, _headers, _raw):
        return self.said(path)


@pytest.fixture
def saying(settings):
    settings.ECRM_FETCH_LOOPBACK = True
    api = Saying()
    yield api
    api.close()


def kept(kettle, *ids):
    with working_in(kettle):
        return Mention.objects.filter(remote_id__in=ids).count() == len(ids)


def take(kettle, connection, cursor):
    """One look, stored as the poller stores it."""
    page = network_of(connection).poll(cursor)
    with working_in(kettle):
        hear_each(connection, page.items)
        json.dumps(page.cursor)
    return page


BLUESKY = pds.post(
    "0",
    "See kettle.example/a… @ines.bsky.social",
    reply={"root": {"uri": "at://a/b/c", "cid": "d"}, "parent": {"uri": "at://a/b/c", "cid": "d"}},
    facets=[
        {"index": {"byteStart": 4, "byteEnd": 20}, "features": [{"$type": "x#link", "uri": "https://kettle.example/a"}]}
    ],
    embed={"$type": "app.bsky.embed.images", "images": [{"alt": "A kettle", "image": {"ref": {"$link": "b"}}}]},
)


@FUZZ
@given(bad=poisoned(BLUESKY))
def test_bluesky_keeps_the_neighbours_of_whatever_stands_between(kettle, saying, bad):
    one, other = pds.post(f"a{next(numbers)}"), pds.post(f"b{next(numbers)}")
    session = {"did": pds.US, "handle": "k.example", "pds": saying.url, "access": "a", "refresh": "r"}
    with working_in(kettle):
        connection = connect("bluesky", by=None, name="B", secrets=["p", json.dumps(session)])[0]
    answers = {"listNotifications": {"notifications": [one, bad, other]}, "getPosts": {"posts": [bad]}}
    saying.said = lambda path: (200, answers.get(path.partition("?")[0].rpartition(".")[2], {}), {})

    page = take(kettle, connection, {"head": ""})

    assert kept(kettle, one["uri"], other["uri"])
    assert len(page.items) + len(page.refused) <= 3
    take(kettle, connection, page.cursor)


@FUZZ
@given(bad=poisoned(test_discourse.post(1_000_000)))
def test_a_forum_keeps_the_neighbours_of_whatever_stands_between(kettle, saying, bad):
    one, other = test_discourse.post(next(numbers)), test_discourse.post(next(numbers))
    with working_in(kettle):
        connection = connect(
            "discourse", by=None, name="F", url=saying.url, settings={"username": "kettle"}, secrets=["key"]
        )[0]
    answers = {"/posts.json": {"latest_posts": [one, bad, other]}}
    saying.said = lambda path: (200, answers.get(path.partition("?")[0], bad), {})

    page = take(kettle, connection, {"head": 0})

    assert kept(kettle, f"post-{one['id']}", f"post-{other['id']}")
    take(kettle, connection, page.cursor)


POLLED = [
    ("youtube", "items", lambda id_: test_google.thread(id_, test_google.comment(f"{id_}.1", parent=id_))),
    ("google_reviews", "reviews", test_google.review),
    ("reddit", "children", lambda id_: test_reddit.thing(f"t1_{id_}")),
    ("x", "data", test_x.post),
]


@pytest.mark.parametrize(("network", "name", "make"), POLLED, ids=[one[0] for one in POLLED])
def test_a_list_keeps_the_neighbours_of_whatever_stands_between(kettle, saying, network, name, make):
    token = json.dumps({"token": "t", "until": 10**11})
    settings = {
        "api": saying.url,
        "channel": test_google.US,
        "location": "accounts/1/locations/2",
        "username": "kettle",
        "user_id": test_x.US,
    }
    with working_in(kettle):
        connection = connect(network, by=None, name="L", settings=settings, secrets=["i", "s", "r", token])[0]

    @FUZZ
    @given(bad=poisoned(make("bad")))
    def look(bad):
        one, other = (f"n{next(numbers)}" for _time in range(2))
        rows = [make(one), bad, make(other)]
        saying.said = lambda _path: (200, {"data": {name: rows}} | {name: rows}, {})

        page = take(kettle, connection, {"head": ""})

        assert kept(kettle, *(f"t1_{id_}" if network == "reddit" else id_ for id_ in (one, other)))
        take(kettle, connection, page.cursor)

    look()


@FUZZ
@given(bad=poisoned(test_linkedin.comment(1, answers=1)), metadata=poisoned({"commentSummary": {"count": 3}}))
def test_a_company_page_keeps_the_neighbours_of_whatever_stands_between(kettle, saying, bad, metadata):
    one, other = (test_linkedin.comment(next(numbers)) for _time in range(2))
    token, settings = json.dumps({"token": "t", "until": 10**11}), {"api": saying.url, "organization": "42"}
    with working_in(kettle):
        connection = connect("linkedin", by=None, name="L", settings=settings, secrets=["i", "s", "r", token])[0]
    good, counted = test_linkedin.POST, {"commentSummary": {"count": 3}}
    answers = {
        "/posts": {"elements": [bad, {"id": good}, {"id": "urn:li:share:2"}]},
        "/socialMetadata": {"results": {good: counted, "urn:li:share:2": metadata}},
    }
    comments = {"elements": [one, bad, other]}
    saying.said = lambda path: (200, answers.get(path.partition("?")[0], comments if good[-4:] in path else {}), {})

    page = take(kettle, connection, {"below": 0})

    assert kept(kettle, one["commentUrn"], other["commentUrn"])
    take(kettle, connection, page.cursor)


MESSAGE = {
    "sender": {"id": "4444"}, "recipient": {"id": test_meta.PAGE}, "timestamp": 1764200000000, "message": {"mid": "m_1", "text": "Psst"},
}  # fmt: skip
PAYLOADS = [
    ("facebook", test_meta.page(test_meta.COMMENT, messaging=[MESSAGE])),
    ("instagram", test_meta.INSTAGRAM),
    ("threads", test_meta.THREADS),
    (
        "x",
        {
            "for_user_id": test_x.US,
            "tweet_create_events": [test_x.event(1)],
            "tweet_delete_events": [{"status": {"id": "2"}}],
        },
    ),
]


@pytest.mark.parametrize("network", ["facebook", "instagram", "threads", "x", "discourse", "webhook"])
def test_no_delivery_breaks_whatever_stands_in_it(kettle, network):
    payloads = dict(PAYLOADS) | {"discourse": {"post": test_discourse.post(5)}, "webhook": [test_hooks.item()]}
    settings = {"account": test_meta.PAGE, "username": "kettle", "user_id": test_x.US, "webhook": True}
    secrets = [test_meta.SECRET, "t", "", "", test_meta.SECRET]
    with working_in(kettle):
        connection, secret = connect(network, by=None, name="N", settings=settings, secrets=secrets)
        url = hook_link(connection)
    client, key = Client(raise_request_exception=True), secret if network == "discourse" else test_meta.SECRET

    @FUZZ
    @given(tree=poisoned(payloads[network]))
    def deliver(tree):
        raw = json.dumps(tree).encode()
        seal = f"sha256={hmac.digest(key.encode(), raw, 'sha256').hex()}"
        headers = {
            "X-Hub-Signature-256": seal, "X-Discourse-Event-Signature": seal, "X-Discourse-Event": "post_created",
            "X-Ecrm-Signature": signature(secret, raw), "X-Twitter-Webhooks-Signature": sealed_base64(key, raw),
        }  # fmt: skip
        answer = client.post(url[url.index("/hooks/") :], raw, content_type="application/json", headers=headers)
        assert answer.status_code in {200, 400}, answer.content

    deliver()
    if network == "webhook":
        with working_in(kettle):
            assert SetAside.objects.exists()


@FUZZ
@given(bad=poisoned(test_meta.COMMENT))
def test_a_page_of_facebook_keeps_the_neighbours_of_whatever_stands_between(kettle, bad):
    one, other = (test_meta.COMMENT | {"comment_id": f"9_{next(numbers)}"} for _time in range(2))
    with working_in(kettle):
        connection = connect("facebook", by=None, name="P", settings={"account": test_meta.PAGE}, secrets=["s", "t"])[0]

        parsed = network_of(connection).parse_webhook({}, json.dumps(test_meta.page(one, bad, other)).encode())
        hear_each(connection, parsed.items)

    assert kept(kettle, one["comment_id"], other["comment_id"])


SHOWN = {
    "x": [
        {"data": {"id": "7", "media_key": "3_7", "expires_after_secs": 86_400}},
        {"data": {"id": "7", "associated_metadata": {}}},
        {"data": {"id": "9", "text": "It does."}},
    ],
    "facebook": [{"id": "501", "post_id": "1_501"}, {"id": "9"}],
}


@pytest.mark.parametrize("network", SHOWN)
def test_an_answer_with_a_picture_leaves_or_not_whatever_is_said_to_it(kettle, saying, network):
    settings = {"api": saying.url, "endpoint": saying.url, "user_id": test_x.US, "account": test_meta.PAGE}
    secrets = ["i", "token", "r", json.dumps({"token": "t", "until": 10**11})]
    with working_in(kettle):
        connection = connect(network, by=None, name="P", settings=settings, secrets=secrets)[0]
    row = test_x.outbox(network=network, pictures=[Picture(0, b"\xff\xd8", "image/jpeg", "A lid", 4, 4)])

    @FUZZ
    @given(place=st.integers(0, 2), data=st.data(), status=st.sampled_from([200, 200, 400, 403, 413]))
    def answer(place, data, status):
        trees = list(SHOWN[network])
        place %= len(trees)
        trees[place] = data.draw(poisoned(trees[place]))
        said = iter([(status if number == place else 200, tree, {}) for number, tree in enumerate(trees)])
        saying.said = lambda _path: next(said, (200, {}, {}))
        with suppress(ChannelError):
            assert isinstance(network_of(connection).reply(row), str)

    answer()


@FUZZ
@given(bad=POISON, raw=st.binary(max_size=40))
def test_a_page_is_read_around_what_cannot_be_read(bad, raw):
    deep = b'{"deep":' * 70 + json.dumps(bad).encode() + b"}" * 70

    found = read_what_can_be(b'{"rows":[1,' + deep + b',3],"cursor":"c"}')
    with suppress(BadJsonError):
        read_what_can_be(raw)

    assert (found["rows"][0], found["rows"][2], found["cursor"]) == (1, 3, "c")
