"""COPY column by column holds what COPY row by row holds, whatever the cells say."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.sql import copy_columns, copy_into, run_text

TEXTS = st.text(st.sampled_from(["a", "é", "\t", "\n", "\r", "\\", "\x02", "N", ".", " ", '"', "😀"]), max_size=5)
ROWS = st.lists(
    st.tuples(
        st.integers(-(2**62), 2**62),
        st.none() | TEXTS,
        TEXTS,
        st.none() | st.floats(allow_nan=False),
        st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    ),
    min_size=1,
    max_size=6,
)
STAGE = "CREATE TEMPORARY TABLE IF NOT EXISTS copied (id bigint, maybe text, said text, number float8, at timestamptz)"


@pytest.fixture
def stage(db):
    with connection.cursor() as cursor:
        cursor.execute(STAGE)


def held():
    return run_text("SELECT * FROM copied ORDER BY ctid")


@settings(max_examples=150)
@given(rows=ROWS)
def test_columns_are_held_as_rows_are(django_db_blocker, rows):
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(STAGE)
        copy_into("copied", rows)
        expected = held()

        copy_columns("copied", *(list(column) for column in zip(*rows, strict=True)))

        assert held() == expected == rows


def test_columns_without_rows_leave_the_stage_empty(stage):
    copy_into("copied", [(1, "a", "b", None, None)])

    copy_columns("copied", [], [], [], [], [])

    assert held() == []
