import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.foreign.foreign_json import BadJsonError, check_depth, read_json, split_list, split_object

TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text('ab[]{}",\\:', max_size=5), inner, max_size=4),
)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * 7_000 + b"]" * 7_000,
        b'{"a":' * 65 + b"1" + b"}" * 65,
        b"[" * 65,
        b'["\\"' + b"[" * 10 + b'",' + b"[" * 64,
        b'{"x":"\\\\"' + b",[" * 70,
    ],
)
def test_what_nests_too_deep_never_reaches_a_decoder(raw):
    with pytest.raises(BadJsonError, match="deeper than 64"):
        check_depth(raw)
    with pytest.raises(BadJsonError, match="deeper than 64"):
        read_json(raw)


@pytest.mark.parametrize(
    "raw",
    [b"[" * 64 + b"]" * 64, b'["' + b"[" * 500 + b'"]', b'["\\"' + b"{" * 500 + b'"]', b"[" + b"[]," * 5_000 + b"1]"],
)
def test_brackets_in_texts_and_side_by_side_are_no_depth(raw):
    check_depth(raw)
    read_json(raw)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"[NaN]", "NaN is no number"),
        (b"[-Infinity]", "-Infinity is no number"),
        (b"[9e299999]", "the number 9e299999 is out of range"),
        (b'["\\ud800"]', "half of a surrogate pair stands in a text"),
        (b'{"\\udfff": 1}', "half of a surrogate pair stands in a text"),
        (b'["\xff"]', "not UTF-8"),
        ("[\ud800]", "not UTF-8"),
        (b"[\xe2\x28", "not UTF-8"),
        ("[1, 2".encode("utf-16"), "not UTF-8"),
        (b"", "not JSON: Expecting value: line 1 column 1 (char 0)"),
    ],
)
def test_what_cannot_be_read_says_why(raw, why):
    with pytest.raises(BadJsonError) as refusal:
        read_json(raw)

    assert str(refusal.value) == why


def test_what_can_be_read_is_harmless():
    tree = read_json('\ufeff{"a\\u0000": "x\\u0000y", "n": 1%s, "k": "\\\\u0000", "s": "\\ud83d\\ude00"}' % ("0" * 400))

    assert tree == {"a": "xy", "n": "1" + "0" * 63, "k": "\\u0000", "s": "😀"}


@given(st.lists(TREES, max_size=5))
def test_a_list_is_split_into_its_elements_as_they_are_written(trees):
    parts = split_list(json.dumps(trees).encode())

    assert parts is not None
    assert [json.loads(part) for part in parts] == trees


@given(st.dictionaries(st.text("abc", min_size=1), TREES, max_size=5))
def test_an_object_is_split_into_its_members(tree):
    parts = split_object(json.dumps(tree, indent=1).encode())

    assert parts is not None
    assert {name: json.loads(part) for name, part in parts.items()} == tree


@pytest.mark.parametrize("raw", [b"", b"[", b"[1]]", b"[1] [2]", b"{}", b'["]', b"[1}", b'["a\\"]'])
def test_what_does_not_close_is_not_split(raw):
    assert split_list(raw) in (None, [b"1"]) if raw == b"[1}" else split_list(raw) is None


@given(st.binary(max_size=200) | st.text('[]{}",:\\a1 ', max_size=200).map(str.encode))
def test_any_bytes_are_split_or_not_but_never_an_error(raw):
    for split in (split_list, split_object):
        split(raw)
    with suppress(BadJsonError):
        read_json(raw)


def test_unclosed_texts_are_looked_through_once():
    """Each escaped quote of an unclosed text would begin a search of its own: 4 MB took hours."""
    assert split_list(b'["' + b'\\"' * 500_000) is None
