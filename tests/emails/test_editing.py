"""Steps on a list of blocks: what is not meant stays as it was, ids stay unique, nothing foreign comes in."""

import json

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emails import editing
from emails.blocks.kinds import BY_KIND, KINDS
from emails.editing import NoSuchBlockError, add, change, copied, duplicate, move, neighbour_of, paste, remove, show_to
from emails.reading import MOST_BLOCKS, BadBlocksError, check_blocks, read_blocks, write_blocks
from tests.emails.making import SEVERAL, made

RULE = {"all": [{"tag": {"name": "oolong"}}]}


def ids(blocks) -> list[str]:
    return [one.id for one in blocks]


@pytest.mark.parametrize("kind", sorted(BY_KIND))
def test_each_kind_is_added_behind_the_chosen_one(kind):
    blocks = made({"kind": "heading"}, {"kind": "divider"})

    changed, new = add(blocks, kind, after="b1")

    assert ids(changed) == ["b1", new, "b2"]
    assert isinstance(changed[1], BY_KIND[kind])
    assert read_blocks(write_blocks(changed)) == changed


def test_without_a_chosen_one_it_comes_last_and_an_unknown_kind_is_refused():
    blocks = made({"kind": "heading"})

    assert ids(add(blocks, "divider", after="gone")[0])[0] == "b1"
    with pytest.raises(BadBlocksError, match="no kind of block called “video”"):
        add(blocks, "video")


@settings(deadline=None)
@given(st.lists(st.sampled_from(["copy", "remove", "move", "add"]), max_size=12), st.randoms())
def test_whatever_is_done_ids_are_unique_and_the_others_stay_in_their_order(steps, chance):
    blocks = check_blocks(made(*SEVERAL))
    for step in steps:
        one = chance.choice(ids(blocks)) if blocks else ""
        before = [other for other in ids(blocks) if other != one]
        match step:
            case "copy" if one:
                blocks, new = duplicate(blocks, one)
                assert ids(blocks).index(new) == ids(blocks).index(one) + 1
            case "remove" if one:
                blocks = remove(blocks, one)
                assert ids(blocks) == before
            case "move" if one:
                to = chance.randint(0, len(blocks) + 3)
                blocks = move(blocks, one, to)
                assert ids(blocks).index(one) == min(to, len(before))
                assert [other for other in ids(blocks) if other != one] == before
            case "add":
                blocks, new = add(blocks, "divider", after=one)
        assert len(set(ids(blocks))) == len(blocks)


def test_what_goes_is_followed_by_its_neighbour():
    blocks = made({"kind": "heading"}, {"kind": "divider"}, {"kind": "text"})

    assert [neighbour_of(blocks, one) for one in ("b1", "b2", "b3")] == ["b2", "b3", "b2"]
    assert neighbour_of(blocks[:1], "b1") == ""


@pytest.mark.parametrize("verb", [duplicate, remove, neighbour_of])
def test_a_block_that_is_gone_is_no_place_to_work_on(verb):
    with pytest.raises(NoSuchBlockError):
        verb(made({"kind": "heading"}), "b9")


def test_a_change_keeps_what_it_does_not_name():
    blocks = show_to(made({"kind": "heading", "text": "One", "level": 2, "space": 40}), "b1", RULE)

    changed = change(blocks, "b1", {"text": "Two"})

    assert (changed[0].text, changed[0].level, changed[0].space, changed[0].when) == ("Two", 2, 40, RULE)
    assert show_to(changed, "b1", None)[0].when is None


@pytest.mark.parametrize("facts", [{"level": 7}, {"text": 5}, {"space": "much"}, {"kind": "virus"}])
def test_what_a_block_cannot_be_is_refused(facts):
    with pytest.raises(BadBlocksError):
        change(made({"kind": "heading", "text": "One"}), "b1", facts)


def test_a_copied_block_comes_with_an_id_of_its_own_and_its_condition():
    (block,) = show_to(made({"kind": "quote", "text": "Four on the first.", "by": "Henrike"}), "b1", RULE)

    pasted, new = paste(made({"kind": "divider"}, {"kind": "divider"}), copied(block), after="b1")

    assert ids(pasted) == ["b1", new, "b2"]
    assert msgspec.structs.replace(pasted[1], id="b1") == block


@pytest.mark.parametrize(
    "text",
    [
        "", "hello", "[]", "{}", '{"version": 1, "what": "email-blocks", "blocks": []}',
        '{"version": 9, "what": "email-blocks", "blocks": [{"kind": "divider", "id": "b1"}]}',
        '{"version": 1, "what": "email-blocks", "blocks": [{"kind": "evil", "id": "b1"}]}',
        "[" * 100_000, '{"version": 1, "blocks": [{"kind": "divider", "id": "x", "when": ' + '{"all":[' * 5_000, "\ud800",
    ],
)  # fmt: skip
def test_what_is_no_block_is_refused_when_it_is_pasted(text):
    with pytest.raises(BadBlocksError, match="Nothing was changed"):
        paste(made({"kind": "divider"}), text)


def test_nobody_pastes_more_blocks_than_an_email_holds():
    many = json.dumps({"version": 1, "what": editing.WHAT, "blocks": [{"kind": "divider", "id": "x"}] * MOST_BLOCKS})

    with pytest.raises(BadBlocksError, match="at most 200 blocks; these are 201"):
        paste(made({"kind": "divider"}), many)


def test_pasted_markup_is_cleaned():
    evil = made({"kind": "raw", "html": "<p onclick='x()'>Hi<script>alert(1)</script></p>"})[0]

    changed, _new = paste([], copied(evil))

    assert "script" not in changed[0].html
    assert "onclick" not in changed[0].html


def test_deep_blocks_never_reach_the_decoder():
    deep = '{"version": 1, "blocks": [{"kind": "divider", "id": "x", "when": ' + '{"all":[' * 50_000

    with pytest.raises(BadBlocksError):
        read_blocks(deep)


def test_every_kind_can_be_added():
    assert len(KINDS) == len(BY_KIND) == 14
