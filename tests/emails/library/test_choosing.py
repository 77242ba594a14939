"""What is chosen for whom, by itself: interest, rarity, freshness, ties, what is left."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from emails.blocks.picks import PicksBlock
from emails.library.catalogue import Entry
from emails.library.choosing import Reader, choose, fit_of

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
THREE = [PicksBlock(id="b1")]


def entry(pk: int, *tags: int, days: float = 0, kind: str = "article", language: str = "") -> Entry:
    return Entry(pk, kind, f"{pk}", "", "", language, tags, NOW - timedelta(days=days or pk), None)


def ids(entries, reader, blocks=THREE, block="b1"):
    return [one.id for one in choose(entries, blocks, {7: reader}, at=NOW)[7].get(block, [])]


def test_interest_comes_before_what_is_newer_and_the_newest_fill_up():
    entries = [entry(1, 10), entry(2, 11), entry(3, 12), entry(4, 13)]

    assert ids(entries, Reader(interests={13: 2.0})) == [4, 1, 2]
    assert ids(entries, Reader()) == [1, 2, 3]


def test_a_rare_tag_says_more_than_a_common_one():
    entries = [entry(1, 10), entry(2, 10), entry(3, 10), entry(4, 11)]

    assert ids(entries, Reader(interests={10: 2.0, 11: 2.0}))[0] == 4


def test_of_two_about_the_same_the_fresher_comes_first():
    entries = [entry(1, 9), entry(2, 10, days=5), entry(3, 10, days=200)]

    assert ids(entries, Reader(interests={10: 2.0})) == [2, 3, 1]


def test_a_block_keeps_to_its_kinds_and_tags():
    entries = [entry(1, 10), entry(2, 11, kind="video"), entry(3, 11)]

    assert ids(entries, Reader(), [PicksBlock(id="b1", kinds=("video",))]) == [2]
    assert ids(entries, Reader(), [PicksBlock(id="b1", about=(11,))]) == [2, 3]
    assert ids(entries, Reader(), [PicksBlock(id="b1", kinds=("offer",))]) == []


def test_what_she_said_no_to_is_not_even_shown_as_the_newest():
    entries = [entry(1, 10), entry(2, 11), entry(3, 10, 12)]

    assert ids(entries, Reader(interests={12: 9.0}, declined={10})) == [2]


def test_the_parts_of_a_fit_say_why():
    entries = [entry(1, 10), entry(2, 11, 12)]

    assert list(fit_of(entries[1], Reader(interests={11: 3.0}), entries, NOW)) == [11]
    assert fit_of(entries[0], Reader(), entries, NOW) == {}


@given(
    strengths=st.dictionaries(st.integers(1, 6), st.floats(0, 50)),
    had=st.frozensets(st.integers(1, 12)),
    tags=st.lists(st.lists(st.integers(1, 6), max_size=3), min_size=12, max_size=12),
    language=st.sampled_from(["", "en", "de-AT"]),
)
def test_nothing_comes_twice_nothing_had_comes_again_and_who_likes_nothing_gets_the_newest(
    strengths, had, tags, language
):
    entries = [entry(at, *some, language=["", "en", "de"][at % 3]) for at, some in enumerate(tags, 1)]
    blocks = [PicksBlock(id="b1"), PicksBlock(id="b2", count=2)]
    reader = Reader(language, strengths, had)

    first, second = (ids(entries, reader, blocks, block) for block in ("b1", "b2"))
    plain = ids(entries, Reader(language, {}, had), blocks)

    assert not set(first) & set(second)
    assert not set(first + second) & had
    assert len(set(first)) == len(first) == min(3, 12 - len(had))
    assert first == ids(entries, reader, blocks)
    own = {one.id for one in entries if not language or one.language in {"", language[:2]}}
    newest = sorted(set(range(1, 13)) - had, key=lambda one: (one not in own, one))
    assert plain == newest[:3]


def test_many_at_once_get_what_each_gets_alone():
    entries = [entry(at, at % 4) for at in range(1, 20)]
    readers = {who: Reader(interests={who % 4: 1.0 + who}, had={who}) for who in range(1, 15)}

    together = choose(entries, THREE, readers, at=NOW)

    assert together == {who: choose(entries, THREE, {who: one}, at=NOW)[who] for who, one in readers.items()}
