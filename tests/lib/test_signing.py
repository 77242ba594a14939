"""Tokens of one purpose open no other door, whoever shares a hash with them."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import signing
from lib.signing import BadTokenError, TokenMaker, make_numbered_token, make_token, read_numbered_token, read_token

IDS = st.integers(min_value=0, max_value=2**40)


@given(IDS, IDS, IDS, st.lists(st.integers(min_value=0, max_value=999), min_size=1, max_size=30, unique=True))
def test_numbers_behind_the_same_ids_are_read_back(workspace, message, person, numbers):
    tokens = TokenMaker("t.click", workspace, message, numbers=numbers).tokens(person)

    assert [read_numbered_token("t.click", one.decode(), count=4) for one in tokens] == [
        (workspace, message, person, number) for number in numbers
    ]
    assert [one.decode() for one in tokens] == [
        make_numbered_token("t.click", workspace, message, person, number) for number in numbers
    ]
    assert len(set(tokens)) == len(numbers)


@given(IDS, IDS)
def test_a_maker_makes_what_one_by_one_is_made(first, person):
    assert TokenMaker("t.open", first).token(person).decode() == make_token("t.open", first, person)


def refused(purpose: str, token: str, *, count: int = 4) -> bool:
    try:
        read_numbered_token(purpose, token, count=count)
    except BadTokenError:
        return True
    return False


def test_a_changed_letter_opens_nothing():
    token = make_numbered_token("t.click", 1, 70_000, 2_000_000_000, 3)

    for at, letter in enumerate(token):
        for other in ("A", "b", "_", "9"):
            assert other == letter or refused("t.click", token[:at] + other + token[at + 1 :])
    assert refused("t.click", token + "A")
    assert refused("t.click", token[:-1])
    assert refused("t.click", "")


def test_a_seal_holds_for_its_own_number_person_and_purpose():
    """Five numbers share a hash, each has bytes of its own of it."""
    maker = TokenMaker("t.click", 1, 2, numbers=range(12))
    raws = [bytes.fromhex(_hex(one)) for one in maker.tokens(3)]
    others = [bytes.fromhex(_hex(one)) for one in maker.tokens(4)]
    seals = [raw[-12:] for raw in raws]

    assert len(set(seals)) == 12
    for number, raw in enumerate(raws):
        swapped = [raw[:-12] + seal for seal in (*seals, *(one[-12:] for one in others)) if seal != raw[-12:]]
        assert all(refused("t.click", _token(one)) for one in swapped), number
    assert refused("t.open", maker.tokens(3)[0].decode())
    assert refused("t.click", make_token("t.click", 1, 2, 3, 4))
    assert refused("t.click", maker.tokens(3)[0].decode(), count=3)
    with pytest.raises(BadTokenError):
        read_token("t.click", maker.tokens(3)[0].decode(), count=4)


def test_a_number_can_be_written_in_one_way_only():
    """A varint may be padded by zeros: such a body is another token, which nobody made."""
    raw = bytes.fromhex(_hex(make_numbered_token("t.click", 1, 2, 3, 4).encode()))

    assert refused("t.click", _token(raw[:3] + b"\x84\x00" + raw[4:]))


def test_old_keys_open_old_tokens(settings):
    token = make_numbered_token("t.click", 1, 2, 3, 4)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another"

    assert read_numbered_token("t.click", token, count=4) == (1, 2, 3, 4)
    settings.SECRET_KEY_FALLBACKS = []
    assert refused("t.click", token)


def _hex(token: bytes) -> str:
    return base64.urlsafe_b64decode(token + b"=" * (-len(token) % 4)).hex()


def _token(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@given(st.lists(st.binary(max_size=40), max_size=20))
def test_many_are_written_at_once_as_each_is_alone(raws):
    assert signing._all_packed(raws) == [signing._packed(raw) for raw in raws]
