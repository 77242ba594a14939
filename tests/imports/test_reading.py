from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from imports.drafting import draft_of
from imports.reading import UnclosedQuoteError, UnusableFileError, count_rows, read_rows
from imports.sniffing import sniff
from imports.values import Reading, is_number, parse_moment, parse_number, split_list


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
        ("utf-16-be", "utf-16-be"),
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
    assert rows(path)[0][1] == ['a@b.example,"A"x']


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
        ("1,234,567", False, 1234567.0),
        ("007", False, None),
        ("0000001eef", False, None),
        ("'52.5", False, 52.5),
        ("1,5", False, None),
        ("-3", False, -3.0),
        ("nan", False, None),
        ("1e5", False, None),
    ],
)
def test_numbers_are_read_as_meant(text, comma, value):
    assert parse_number(text, Reading(decimal_comma=comma)) == value


@pytest.mark.parametrize("text", ["0012", "40012345678", "1.23457e+06", "4,9E+11"])
def test_numbers_of_things_are_no_numbers(text):
    assert not is_number(text, decimal_comma=False)


@pytest.mark.parametrize(
    ("text", "month_first", "moment"),
    [
        ("01.02.2020", False, datetime(2020, 1, 31, 23, tzinfo=UTC)),
        ("5.1.24", False, datetime(2024, 1, 4, 23, tzinfo=UTC)),
        ("4/23/1980", True, datetime(1980, 4, 22, 22, tzinfo=UTC)),
        ("23/4/1980", False, datetime(1980, 4, 22, 22, tzinfo=UTC)),
        ("20-11-2024 10:00:00", False, datetime(2024, 11, 20, 9, tzinfo=UTC)),
        ("2020-02-01 10:00", False, datetime(2020, 2, 1, 9, tzinfo=UTC)),
        ("2020-02-01T10:00:00Z", False, datetime(2020, 2, 1, 10, tzinfo=UTC)),
        ("11/20/2024 2:05 PM", True, datetime(2024, 11, 20, 13, 5, tzinfo=UTC)),
        ("31.02.2020", False, None),
        ("0/0/00", True, None),
        ("0001-01-01 00:00:00", False, None),
        ("--04-23", False, None),
    ],
)
def test_dates_are_read_in_the_zone_and_the_order_of_the_file(text, month_first, moment):
    assert parse_moment(text, Reading(zone=ZoneInfo("Europe/Berlin"), month_first=month_first)) == moment


def test_lists_lose_their_quotes():
    assert split_list('"vip","spring 24"', ",") == ["vip", "spring 24"]
    assert split_list("a| b ||", "|") == ["a", "b"]
    assert split_list('"VIP","Berlin, Mitte"', ",") == ["VIP", "Berlin, Mitte"]


def test_a_row_without_any_way_to_reach_is_unusable():
    assert draft_of(2, {"Name": "Ada"}, {"Name": "name"}, Reading()).error
    assert not draft_of(2, {"Nr": "7"}, {"Nr": "external_id"}, Reading()).error
