from datetime import UTC, datetime

from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from lib.sql import array_of, array_of_texts, numbered, run_prepared, run_text

STORABLE = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))


@given(st.lists(STORABLE, max_size=8))
def test_texts_come_back_from_an_array_as_they_were(django_db_blocker, django_db_setup, texts):
    with django_db_blocker.unblock():
        assert run_text("SELECT %(texts)s::text[]", {"texts": array_of_texts(texts)}) == [(texts,)]


def test_a_nul_is_left_out_and_parts_no_text(db):
    assert run_text("SELECT %(texts)s::text[]", {"texts": array_of_texts(["a\0b", "\0", "c"])}) == [(["ab", "", "c"],)]


def test_numbers_and_nothing_come_back_from_an_array(db):
    assert run_text("SELECT %(numbers)s::bigint[]", {"numbers": array_of([1, None, -3])}) == [([1, None, -3],)]


def test_a_statement_is_prepared_once_whatever_the_size_of_its_numbers(db):
    text = "SELECT %(number)s + 1, %(moment)s::timestamptz, %(word)s::text"
    moment = datetime(2026, 3, 18, tzinfo=UTC)

    answers = [run_prepared(text, {"number": n, "moment": moment, "word": "a"}) for n in (1, 70_000, 2**40)]

    assert answers == [[(n + 1, moment, "a")] for n in (1, 70_000, 2**40)]
    found = run_text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%% + 1, $2::timestamptz%%'", {})
    assert found == [(1,)]


def test_nothing_is_prepared_where_settings_say_so(db, monkeypatch):
    monkeypatch.setattr(connection.connection, "prepare_threshold", None)

    assert run_prepared("SELECT %(number)s + 41 AS once", {"number": 1}) == [(42,)]
    assert run_text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%41 AS once'", {}) == [(0,)]


def test_a_statement_counts_as_any_other(db, django_assert_num_queries):
    with django_assert_num_queries(1) as asked:
        run_prepared("SELECT %(number)s", {"number": 7})
    assert "7" in asked.captured_queries[0]["sql"]


def test_names_become_numbers_and_comments_and_indents_go():
    text = "-- Says why.\nSELECT %(b)s\n  -- here\n  + %(a)s + %(b)s, 7 %% 2\n"

    assert numbered(text) == (b"SELECT $1\n+ $2 + $1, 7 % 2", ["b", "a"])
