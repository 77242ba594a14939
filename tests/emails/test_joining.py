"""Lists of blocks that two changed at once: each one's changes are in the joined list, or it says which are not."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from emails.blocks.base import Block
from emails.joining import join
from tests.emails.making import made

IDS = st.lists(st.sampled_from([f"b{n}" for n in range(1, 8)]), unique=True, max_size=7)

(HEADING,) = made({"kind": "heading"})


@st.composite
def lists(draw) -> list[Block]:
    ids = draw(IDS)
    return [msgspec.structs.replace(HEADING, id=one, text=draw(st.sampled_from("xyz"))) for one in ids]


@given(lists(), lists())
def test_with_nothing_written_meanwhile_it_is_what_is_wanted(base, wanted):
    assert join(base, wanted, base).blocks == wanted
    assert join(base, wanted, base).left == ()


@given(lists(), lists())
def test_where_nothing_is_wanted_it_stays_as_it_is_kept(base, kept):
    assert join(base, base, kept).blocks == kept
    assert join(base, base, kept).left == ()


@given(lists(), lists(), lists())
def test_what_others_wrote_stands_and_what_is_not_done_is_named(base, wanted, kept):
    joined = join(base, wanted, kept)
    was, new, now, made_one = ({one.id: one for one in blocks} for blocks in (base, wanted, kept, joined.blocks))

    assert len(made_one) == len(joined.blocks)
    for one in {*was, *new, *now}:
        others_wrote, we_wrote = was.get(one) != now.get(one), was.get(one) != new.get(one)
        if others_wrote and not (we_wrote and one not in was and one not in now):
            assert made_one.get(one) == now.get(one)
        elif we_wrote:
            assert made_one.get(one) == new.get(one)
        both = others_wrote and we_wrote and now.get(one) != new.get(one)
        assert (one in joined.left) == both


def test_an_undone_step_of_one_leaves_what_another_wrote_and_added():
    base = made({"kind": "heading", "text": "Spring"}, {"kind": "text", "html": "<p>A</p>"})
    after = made({"kind": "heading", "text": "Summer"}, {"kind": "text", "html": "<p>A</p>"})
    theirs = made({"kind": "divider"}, {"kind": "text", "html": "<p>Bob</p>"}, {"kind": "divider"})[1:]
    kept = [after[0], *theirs]

    assert join(after, base, kept).blocks == [base[0], *theirs]
