"""Columns that are made ready say of every row what each cell says alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from imports import cells as long_way
from imports.drafting import Drafter
from imports.drafts import Cell, Draft
from imports.values import Reading
from tests.imports.test_account import TARGETS, TEXTS

COLUMNS = [target for target in TARGETS if target] + ["email", "family_name", "zone", "city"]
MORE = [
    *TEXTS,
    "",
    "Ada.Berg@People.example",
    "a@b.example; c@d.example",
    "+4915123456789",
    "+49 151 23456789",
    "a\x0bb",
    "\u2003",
]


def cell_by_cell(row, mapping, reading):
    draft = Draft(2, reserved=reading.reserved)
    for column, target in mapping.items():
        if text := row[column].strip(long_way.BLANKS):
            long_way.take(draft, Cell(column, target, text, reading, {}))
    if {"consent", "status"} & set(mapping.values()) and draft.word is None:
        draft.word = long_way.Word.NO
    long_way.complete(draft, list(row.values()))
    return draft


@settings(max_examples=400, deadline=None, derandomize=True)
@given(
    targets=st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=6),
    rows=st.lists(st.lists(st.sampled_from(MORE), min_size=6, max_size=6), min_size=1, max_size=4),
)
def test_a_row_says_what_its_cells_say(targets, rows):
    header = [f"Column {n}" for n in range(len(targets))]
    mapping, reading = dict(zip(header, targets, strict=True)), Reading(region="DE")
    drafter = Drafter(header, mapping, reading)

    for values in rows:
        row = dict(zip(header, values, strict=False))
        assert drafter.draft(2, list(row.values())) == cell_by_cell(row, mapping, reading)
