"""A table that a spreadsheet opens runs nothing, whatever people wrote."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.exporting import guard_formula, write_table


@pytest.mark.parametrize(
    ("text", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-5", "-5"),
        ("+4.5", "+4.5"),
        ("-a", "'-a"),
        ("@x", "'@x"),
        ("\tx", "'\tx"),
        ("\nx", "'\nx"),
        (" =1+1", "' =1+1"),
        ("\u00a0=1+1", "'\u00a0=1+1"),
        ("\ufeff=1+1", "'\ufeff=1+1"),
        ("\u200b\x00 @SUM(A1)", "'\u200b\x00 @SUM(A1)"),
        ("＝1+1", "'＝1+1"),
        ("＠x", "'＠x"),
        ("－2+3", "'－2+3"),
        ("-1_0", "'-1_0"),
        ("-inf", "'-inf"),
        ("a=b", "a=b"),
        (" hello", " hello"),
        ("", ""),
        ("   ", "   "),
    ],
)
def test_formulas_are_disarmed(text, guarded):
    assert guard_formula(text) == guarded


def test_a_header_is_a_cell_like_any_other():
    table = write_table(["name", "=cmd|' /C calc'!A0"], [[1, "a;=1+1"]])

    assert table == '"name","\'=cmd|\' /C calc\'!A0"\r\n"1","a;=1+1"\r\n'


@given(st.lists(st.text(st.sampled_from("=+-@＝＋ \t;,\"'\u200b\ufeffa1.|")), min_size=1, max_size=4))
def test_no_cell_begins_a_formula_wherever_a_spreadsheet_splits(cells):
    table = write_table(cells, [cells])

    for delimiter in ",;\t":
        for row in csv.reader(io.StringIO(table, newline=""), delimiter=delimiter):
            for cell in row if delimiter == "," else row[:1]:
                assert not cell.strip(" \t\u200b\ufeff").startswith(("=", "@", "＝", "＋")), (delimiter, cell)
