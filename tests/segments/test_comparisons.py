"""Comparisons at their bounds: what a rule may hold, what a moment is, and whom each operator lets in."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import time_machine

from contacts.folding import folded
from lib.sql import run_text
from segments.leaf_types.base import QueryBuilder, RuleError
from segments.rules import comparing
from segments.rules.comparing import (
    check_days,
    check_moment,
    check_number,
    check_text,
    day_words,
    folded_sql,
    is_number,
    moment_sql,
    text_sql,
    to_moment,
)
from segments.rules.windows import Window, window_sql_of, window_words_of

in_berlin = pytest.mark.usefixtures("inside")
NOW = datetime(2026, 6, 3, 10, tzinfo=UTC)
STEP, DAY = timedelta(microseconds=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def on_the_third_of_june():
    with time_machine.travel(NOW, tick=False):
        yield


def refusal(check, *arguments):
    try:
        check(*arguments, (1, 2))
    except RuleError as error:
        return error.text if error.path == (1, 2) else f"said of another line: {error.path}"
    return None


@pytest.mark.parametrize("op", ["=", "!=", "<", "<=", ">", ">="])
@pytest.mark.parametrize("value", [0, -1, 2.5, 10**15])
def test_numbers_compare_in_six_ways(op, value):
    assert refusal(check_number, op, value) is None


@pytest.mark.parametrize("value", [True, False, None, "3", [3], float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(value):
    assert not is_number(value)
    assert refusal(check_number, "=", value) == "This needs a number."


@pytest.mark.parametrize(
    ("check", "op", "text"),
    [
        (check_number, "contains", "“contains” compares no numbers."),
        (check_text, "<", "“<” compares no text."),
        (check_moment, "contains", "“contains” compares no dates."),
    ],
)
def test_each_operator_belongs_to_its_kind_of_value(check, op, text):
    assert refusal(check, op, 1) == text


@pytest.mark.parametrize(
    ("op", "value", "text"),
    [
        ("=", "x", None),
        ("!=", "x" * 500, None),
        ("contains", "x" * 501, "This needs a text."),
        ("starts", "", "This needs a text."),
        ("=", None, "This needs a text."),
        ("=", 3, "This needs a text."),
        ("=", ["x"], "This needs a text."),
        ("set", None, None),
        ("unset", None, None),
        ("in", ["x", "y"], None),
        ("in", [], "This needs a list of words."),
        ("in", ["x", ""], "This needs a list of words."),
        ("in", ["x", 3], "This needs a list of words."),
        ("in", "x", "This needs a list of words."),
        ("in", None, "This needs a list of words."),
    ],
)
def test_text_is_compared_with_text(op, value, text):
    assert refusal(check_text, op, value) == text


@pytest.mark.parametrize(
    ("value", "is_fine"),
    [(0, False), (1, True), (36_500, True), (36_501, False), (-1, False), (True, False), (1.0, False), ("1", False)],
)
def test_a_span_is_one_day_to_a_century(value, is_fine):
    assert refusal(check_days, value) == (None if is_fine else "This needs a number of days.")
    assert refusal(check_moment, "last_days", value) == refusal(check_days, value)


@in_berlin
@pytest.mark.parametrize("op", ["before", "after"])
def test_dates_are_dates(op):
    assert refusal(check_moment, op, "2026-03-31") is None
    assert refusal(check_moment, op, "soon") == "This needs a date such as 2026-03-31."
    assert refusal(check_moment, "set", None) is refusal(check_moment, "unset", None) is None


@in_berlin
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31", "2026-03-30T22:00:00+00:00"),  # midnight in Berlin, in summer
        ("2026-01-31", "2026-01-30T23:00:00+00:00"),
        ("2026-03-31T12:30", "2026-03-31T10:30:00+00:00"),
        ("2026-03-31T12:30:00-04:00", "2026-03-31T16:30:00+00:00"),
        ("1900-01-01T00:00:00+00:00", "1900-01-01T00:00:00+00:00"),
        ("1899-12-31T23:59:59.999999+00:00", None),
        ("2200-12-31T23:59:59.999999+00:00", "2200-12-31T23:59:59.999999+00:00"),
        ("2201-01-01T00:00:00+00:00", None),
        ("2026-02-30", None),
        ("2026-02-30T10:00", None),
        ("", None),
        ("soon", None),
        (20260331, None),
        (None, None),
    ],
)
def test_a_day_begins_at_midnight_where_the_workspace_is(text, moment):
    found = to_moment(text)

    assert (found.astimezone(UTC).isoformat() if found else None) == moment


@in_berlin
def test_dates_read_as_words():
    assert (day_words("2026-03-31"), day_words("soon")) == ("31 Mar 2026", "soon")


def those(kind, condition, values):
    """Which of these values fit a condition on a column `v.value`."""
    query = QueryBuilder(now=NOW)
    text = condition("v.value", query)
    rows = run_text(
        f"SELECT v.value FROM unnest(%(values)s::{kind}[]) WITH ORDINALITY AS v (value, place) WHERE {text}"
        " ORDER BY v.place",
        query.params | {"values": values},
    )
    return [row[0] for row in rows]


CITIES = ["", "Bonn", "bonn", "Bonn am Rhein", "Neu-Bonn", "100 %", "100 x", r"a\b", "aXb"]


@in_berlin
@pytest.mark.parametrize(
    ("op", "value", "fitting"),
    [
        ("set", None, CITIES[1:]),
        ("=", "BONN", ["Bonn", "bonn"]),
        ("in", ["Bonn", "100 X"], ["Bonn", "bonn", "100 x"]),
        ("starts", "bonn", ["Bonn", "bonn", "Bonn am Rhein"]),
        ("contains", "BONN", CITIES[1:5]),
        ("contains", "%", ["100 %"]),
        ("contains", "\\", [r"a\b"]),
        ("contains", "a_b", []),
        ("starts", "100 _", []),
    ],
)
def test_text_ignores_case_and_takes_signs_as_signs(op, value, fitting):
    assert those("text", lambda column, query: text_sql(column, op, value, query), CITIES) == fitting

    found = those("text", lambda column, query: folded_sql(column, op, value, query, length=9), map_folded(CITIES))
    assert found == map_folded(fitting)


def map_folded(texts):
    return [folded(one, 9) for one in texts]


LETTERS = [
    "İstanbul",
    "ISTANBUL",
    "ıstanbul",
    "Straße",
    "STRASSE",
    "Łódź",
    "łÓDŹ",
    "Ａbc",
    "Ångström",
    "A\u030angström",
]


@in_berlin
@pytest.mark.parametrize(
    ("op", "value", "fitting"),
    [
        ("=", "istanbul", LETTERS[:3]),
        ("=", "İSTANBUL", LETTERS[:3]),
        ("=", "strasse", LETTERS[3:5]),
        ("=", "STRAẞE", LETTERS[3:5]),
        ("starts", "STRASS", LETTERS[3:5]),
        ("contains", "ŁÓD", LETTERS[5:7]),
        ("=", "łódź", LETTERS[5:7]),
        ("=", " ABC ", LETTERS[7:8]),
        ("in", ["ÅNGSTRÖM", "abc"], LETTERS[7:]),
        ("=", "angstrom", []),
        ("=", "Straßen", []),
    ],
)
def test_letters_of_all_cases_are_one_in_folded_columns(op, value, fitting):
    columns = [folded(one, 50) for one in LETTERS]

    found = those("text", lambda column, query: folded_sql(column, op, value, query, length=50), columns)

    assert found == [folded(one, 50) for one in fitting]


def test_what_is_too_long_is_cut_alike_on_both_sides(inside):
    columns = [folded(one, 5) for one in ("ßßß", "abcdefgh", "abc")]

    assert columns == ["sssss", "abcde", "abc"]
    assert those("text", lambda c, q: folded_sql(c, "=", "ABCDEFGH", q, length=5), columns) == ["abcde"]
    assert those("text", lambda c, q: folded_sql(c, "starts", "ABCDEFGH", q, length=5), columns) == ["abcde"]


MIDNIGHT = datetime(2026, 5, 31, 22, tzinfo=UTC)  # of June 1 in Berlin


@in_berlin
@pytest.mark.parametrize(
    ("op", "value", "fitting"),
    [
        ("set", None, [MIDNIGHT - STEP, MIDNIGHT, NOW - 2 * DAY - STEP, NOW - 2 * DAY, NOW, NOW + STEP]),
        ("before", "2026-06-01", [MIDNIGHT - STEP]),
        ("after", "2026-06-01", [MIDNIGHT, NOW - 2 * DAY - STEP, NOW - 2 * DAY, NOW, NOW + STEP]),
        ("last_days", 2, [NOW - 2 * DAY, NOW]),
        ("=", "2026-06-01", [MIDNIGHT, NOW - 2 * DAY - STEP, NOW - 2 * DAY]),
        ("=", "2026-06-03T12:00", [NOW, NOW + STEP]),
        ("<", "2026-06-01", [MIDNIGHT - STEP]),
        ("<=", "2026-06-01", [MIDNIGHT - STEP, MIDNIGHT, NOW - 2 * DAY - STEP, NOW - 2 * DAY]),
        (">", "2026-06-01", [NOW, NOW + STEP]),
        (">=", "2026-06-01", [MIDNIGHT, NOW - 2 * DAY - STEP, NOW - 2 * DAY, NOW, NOW + STEP]),
    ],
)
def test_moments_compare_at_their_very_moment_and_an_empty_one_fits_nothing(op, value, fitting):
    moments = [None, MIDNIGHT - STEP, MIDNIGHT, NOW - 2 * DAY - STEP, NOW - 2 * DAY, NOW, NOW + STEP]

    def test(column, query):
        return moment_sql(column, op, value, query)

    def opposite(column, query):
        return f"NOT {moment_sql(column, op, value, query)}"

    assert those("timestamptz", test, moments) == fitting
    assert those("timestamptz", opposite, moments) == [one for one in moments if one not in fitting]


def window(**span):
    return msgspec.convert(span, Window)


@in_berlin
@pytest.mark.parametrize(
    ("span", "text"),
    [
        ({}, "This needs one span of time."),
        ({"last_days": 3, "before": "2026-06-01"}, "This needs one span of time."),
        ({"last_days": 3}, None),
        ({"last_days": 0}, "This needs a number of days."),
        ({"between": ["2026-06-01", "2026-06-02"]}, None),
        ({"between": ["2026-06-01", "soon"]}, "This needs two dates."),
        ({"between": ["soon", "2026-06-01"]}, "This needs two dates."),
        ({"before": "2026-06-01"}, None),
        ({"after": "2026-06-01"}, None),
        ({"before": "soon"}, "This needs a date such as 2026-03-31."),
        ({"after": "soon"}, "This needs a date such as 2026-03-31."),
    ],
)
def test_a_window_is_one_span_with_days_that_there_are(span, text):
    assert refusal(window(**span).check) == text


@in_berlin
@pytest.mark.parametrize(
    ("span", "fitting", "words", "moves"),
    [
        ({"last_days": 1}, [NOW - DAY, NOW, NOW + DAY], "in the last day", True),
        (
            {"last_days": 2},
            [MIDNIGHT + DAY - STEP, MIDNIGHT + DAY, NOW - DAY - STEP, NOW - DAY, NOW, NOW + DAY],
            "in the last 2 days",
            True,
        ),
        (
            {"between": ["2026-06-01", "2026-06-02"]},
            [MIDNIGHT, MIDNIGHT + DAY - STEP, MIDNIGHT + DAY, NOW - DAY - STEP, NOW - DAY],
            "from 1 Jun 2026 to 2 Jun 2026",
            False,
        ),
        (
            {"between": ["2026-06-01", "2026-06-01"]},
            [MIDNIGHT, MIDNIGHT + DAY - STEP],
            "from 1 Jun 2026 to 1 Jun 2026",
            False,
        ),
        ({"before": "2026-06-01"}, [MIDNIGHT - STEP], "before 1 Jun 2026", False),
        (
            {"after": "2026-06-02"},
            [MIDNIGHT + DAY, NOW - DAY - STEP, NOW - DAY, NOW, NOW + DAY],
            "since 2 Jun 2026",
            False,
        ),
    ],
)
def test_a_window_begins_at_its_first_moment_and_ends_with_its_last_day(span, fitting, words, moves):
    moments = [
        MIDNIGHT - STEP,
        MIDNIGHT,
        MIDNIGHT + DAY - STEP,
        MIDNIGHT + DAY,
        NOW - DAY - STEP,
        NOW - DAY,
        NOW,
        NOW + DAY,
    ]
    one = window(**span)

    assert those("timestamptz", lambda column, query: f"TRUE{one.sql(column, query)}", moments) == fitting
    assert (one.words(), one.moves_with_time, window_words_of(one)) == (words, moves, words)


@in_berlin
def test_no_window_is_ever():
    query = QueryBuilder(now=NOW)

    assert (window_words_of(None), window_sql_of(None, "t.at", query)) == ("ever", "")
    assert window_sql_of(window(last_days=1), "t.at", query).startswith(" AND t.at >= ")


def test_the_words_of_operators_and_the_longest_span():
    assert comparing.SQL_OPS == {"=": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
    assert comparing.OPPOSITES == {"!=": "=", "unset": "set"}
    assert comparing.MOST_DAYS == 36_500
