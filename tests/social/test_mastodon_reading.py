"""Whatever stands anywhere in a page of notifications: that item is refused or kept, its neighbours are kept."""

import json
from contextlib import suppress
from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversations.channels import ChannelError
from conversations.mentions.accepting import BadItemError, accept
from lib.foreign.foreign_json import split_list
from social.networks.mastodon_api import Answer, quota_of, said_in, wait_of
from social.networks.mastodon_reading import Us, id_in, latest, read_mentions
from tests.social.mastodon_server import account, mention_of, status

US = Us("14715", "kettle.example")
AT = datetime(2026, 11, 20, tzinfo=UTC)
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**40), 10**40),
    st.floats(),
    st.sampled_from(["", "\0", "\ud800", "a\u202eb", "@@", "x" * 3000, "9999-99-99", "0001-01-01T00:00:00+23:59", "[" * 90, 1e308]),
    st.text(max_size=30),
    st.lists(st.none(), max_size=2),
    st.dictionaries(st.text(max_size=5), st.none(), max_size=2),
)  # fmt: skip


def notification(number):
    made = status(
        100_000 + number, at=AT, by=account(), media_attachments=[{"url": "https://x.example/a", "description": "A"}],
        mentions=[mention_of("14715", "kettle"), mention_of("9", "bob@tea.example")],
    )  # fmt: skip
    return {"id": str(number), "type": "mention", "created_at": made["created_at"], "account": made["account"], "status": made}  # fmt: skip


def places(tree, path=()):
    """Every place of the tree, as the way there."""
    if isinstance(tree, dict | list):
        for name in tree if isinstance(tree, dict) else range(len(tree)):
            yield (*path, name)
            yield from places(tree[name], (*path, name))


PLACES = list(places(notification(2)))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(PLACES), JUNK)
def test_junk_at_any_place_spoils_no_neighbour(path, junk):
    page = [notification(1), notification(2), notification(3)]
    at = page[1]
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = junk

    items, refused = read_mentions(split_list(json.dumps(page).encode()), US)

    assert {"100001", "100003"} <= {one.remote_id for one in items}
    assert len(items) + len(refused) in {2, 3}  # a kind of news that is no mention is left out
    for one in items:
        try:
            accept(one)
        except BadItemError:
            assert one.remote_id not in {"100001", "100003"}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer_in_words(raw):
    answer = Answer(raw, {"link": raw.decode("latin-1")}, "https://x.example", "x.example")
    for read in (answer.tree, answer.parts):
        with suppress(ChannelError):
            read()
    assert isinstance(answer.link("prev", "min_id") + said_in(raw) + id_in(raw), str)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(["retry-after", "x-ratelimit-reset", "x-ratelimit-remaining", "x-ratelimit-limit"]),
    st.text(max_size=40),
)
def test_whatever_the_headers_of_limits_say_we_wait_between_seconds_and_an_hour(name, value):
    headers = {"x-ratelimit-remaining": "1", "x-ratelimit-limit": "300", name: value}
    assert 5 <= wait_of(headers) <= 3600
    assert set(quota_of(headers)) in ({"left", "of", "resets_at"}, set())


def test_ids_are_ordered_by_length_then_letters():
    assert latest(["9", "10", "099"]) == "099"
    assert latest(["01HXA", "01HXB"]) == "01HXB"
    assert latest([]) == ""


def test_a_link_lends_its_query_alone():
    header = '<https://evil.example/steal?max_id=7&limit=80>; rel="next", <https://evil.example/x?min_id=34975535>; rel="prev"'
    answer = Answer(b"[]", {"link": header}, "", "x.example")
    assert (answer.link("prev", "min_id"), answer.link("next", "max_id"), answer.link("next", "min_id")) == (
        "34975535",
        "7",
        "",
    )
