from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from imports.drafts import Reading, draft_of, opt_outs, parse_value, split_list
from imports.reading import UnclosedQuoteError, UnusableFileError, count_rows, read_rows, sniff


@pytest.fixture
def file(tmp_path):
    def write(data, name="people.csv"):
        path = tmp_path / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    return write


def rows(path):
    return [(row.line, row.cells, bool(row.error)) for row in read_rows(path, sniff(path))]


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16-le"),
        ("cp1252", "cp1252"),
    ],
)
@pytest.mark.parametrize("delimiter", list(",;\t|"))
def test_encoding_and_delimiter_are_found(file, encoding, name, delimiter):
    text = "".join(
        delimiter.join(row) + "\r\n"
        for row in [["E-Mail", "Ort"], ["ä@b.example", "Køln"], *[["x@y.example", "Bern"]] * 200]
    )
    path = file(text.encode(encoding))

    dialect = sniff(path)

    assert (dialect.encoding, dialect.delimiter, dialect.header) == (name, delimiter, ["E-Mail", "Ort"])
    assert rows(path)[0] == (2, ["ä@b.example", "Køln"], False)


def test_a_cp1252_letter_far_behind_is_found(file):
    path = file(b"email,city\n" + b"a@b.example,Bern\n" * 40_000 + "c@d.example,Köln\n".encode("cp1252"))

    assert sniff(path).encoding == "cp1252"


def test_quoted_newlines_delimiters_and_empty_lines(file):
    path = file('email,note,,\n"a@b.example","one,\ntwo ""three""",,\n\n,,,\nb@c.example\n')

    assert rows(path) == [(2, ["a@b.example", 'one,\ntwo "three"'], False), (6, ["b@c.example", ""], False)]


def test_a_broken_row_is_named_by_its_line_and_the_rest_is_read(file):
    path = file('email,name\na@b.example,"A"x\nb@c.example,B\nc@d.example,C,too,much\nd@e.example,D\n')

    assert [(line, broken) for line, _cells, broken in rows(path)] == [(2, True), (3, False), (4, True), (5, False)]


def test_an_unclosed_quote_stops_with_what_was_kept(file):
    path = file("email,name\na@b.example,A\n" + 'b@c.example,"B\n' + "c@d.example,C\n" * 50_000)
    found = []

    with pytest.raises(UnclosedQuoteError) as stopped:
        found.extend(read_rows(path, sniff(path)))

    assert ([row.cells[0] for row in found], stopped.value.line) == (["a@b.example"], 3)
    assert count_rows(path, sniff(path)) == 1


@pytest.mark.parametrize(
    "data", [b"", b"  \n ", b"PK\x03\x04\x00\x00\x00binary\x00\x00", bytes(range(256)) * 40, b"\n\n\n"]
)
def test_what_is_no_table_is_refused(file, data):
    with pytest.raises(UnusableFileError):
        sniff(file(data))


@pytest.mark.parametrize(
    ("text", "comma", "value"),
    [
        ("1.000,50", True, 1000.5),
        ("12", True, 12.0),
        ("1.000", True, 1000.0),
        ("12.5", False, 12.5),
        ("007", False, "007"),
        ("0000001eef", False, "0000001eef"),
        ("'52.5", False, 52.5),
        ("1,5", False, "1,5"),
        ("-3", False, -3.0),
        ("nan", False, "nan"),
        ("1e5", False, "1e5"),
    ],
)
def test_numbers_are_read_as_meant_and_numbers_of_things_stay_text(text, comma, value):
    assert parse_value(text, Reading(decimal_comma=comma)) == value


def test_days_are_read_in_the_zone_of_the_file():
    berlin = Reading(zone=ZoneInfo("Europe/Berlin"))

    assert parse_value("01.02.2020", berlin) == datetime(2020, 1, 31, 23, tzinfo=UTC)
    assert parse_value("2020-02-01 10:00", berlin) == datetime(2020, 2, 1, 9, tzinfo=UTC)
    assert parse_value("2020-02-01T10:00:00Z", berlin) == datetime(2020, 2, 1, 10, tzinfo=UTC)
    assert parse_value("31.02.2020", berlin) == "31.02.2020"


def test_lists_lose_their_quotes():
    assert split_list('"vip","spring 24"', ",") == ["vip", "spring 24"]
    assert split_list("a| b ||", "|") == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "off"),
    [("true", {1}), ("email|sms", {1, 4}), ("sms", {4}), ("false", set()), ("enabled", set()), ("blocklisted", {1})],
)
def test_opt_outs(text, off):
    assert opt_outs(text, Reading(list_separator="|")) == off


def test_a_row_without_any_way_to_reach_is_unusable():
    assert draft_of(2, {"Name": "Ada"}, {"Name": "name"}, Reading()).error
    assert not draft_of(2, {"Nr": "7"}, {"Nr": "external_id"}, Reading()).error
