import pytest
import redis

from lib.rooms import house
from lib.valkey import valkey
from touchpoints import stream
from workspaces.current import current_workspace


@pytest.fixture
def heard(monkeypatch):
    """What the handler "test.heard" was given; it fails while `heard.broken` is set."""

    class Heard(list):
        broken = False

    got = Heard()

    def hear(workspace, items):
        if got.broken:
            raise ValueError("poison")
        got.append((current_workspace().slug, [item["n"] for item in items]))

    monkeypatch.setitem(house.stream_handlers, "test.heard", hear)
    valkey().delete(stream.STREAM, stream.DEAD)
    yield got
    valkey().delete(stream.STREAM, stream.DEAD)


def test_items_reach_their_handler_inside_their_workspace_once(heard, kettle, rival):
    stream.push(kettle.pk, "test.heard", {"n": 1})
    stream.push(rival.pk, "test.heard", {"n": 2})
    stream.push(kettle.pk, "test.heard", {"n": 3})

    assert (stream.drain(rest_ms=0), stream.drain(rest_ms=0)) == (3, 0)
    assert sorted(heard) == [("kettle", [1, 3]), ("rival", [2])]
    assert stream.waiting_count() == 0


def test_items_rest_before_they_are_taken(heard, kettle):
    stream.push(kettle.pk, "test.heard", {"n": 1})

    assert stream.drain() == 0
    assert heard == []
    assert stream.drain(rest_ms=0) == 1


def test_a_failing_item_is_tried_again_and_buried_in_the_end(heard, kettle):
    heard.broken = True
    stream.push(kettle.pk, "test.heard", {"n": 1})

    for _try in range(stream.MOST_TRIES + 1):
        stream.drain(rest_ms=0)

    assert stream.waiting_count() == 0
    assert valkey().xlen(stream.DEAD) == 1


def test_without_valkey_the_item_is_handled_at_once(heard, kettle, monkeypatch):
    class Down:
        def xadd(self, *args):
            raise redis.ConnectionError

    monkeypatch.setattr(stream, "valkey", Down)

    stream.push(kettle.pk, "test.heard", {"n": 7})

    assert heard == [("kettle", [7])]
