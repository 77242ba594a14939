"""An import goes on at the byte where it was, whoever goes on, and what was seen before is known."""

import csv
import io
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.suppressing import is_suppressed
from contacts.models import Contact
from imports import blocks, running
from imports.models import ImportedRow
from imports.reading import BEGINNING, Dialect, Position, RowReader, UnclosedQuoteError
from imports.sniffing import ENCODINGS
from imports.starting import begin_import, keep_file
from imports.twins import forget
from tests.examples import examples
from workspaces import surveying

CELLS = ["", "a", "two\nlines", "two\r\nlines", "old\rmac", 'a "quote"', "x, y", " ", "Köln €", "ł" * 9, "𝒳", "1" * 40]


def bytes_of(rows, encoding, ending):
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=ending).writerows([["Email", "What"], *rows])
    return out.getvalue().encode(encoding, "replace")


def read_in_steps(path, dialect, step):
    """All rows, each few by another reader that begins where the last one stopped; and what stopped them."""
    rows, place = [], BEGINNING
    while True:
        reader = RowReader(path, dialect, place)
        more = []
        with suppress(UnclosedQuoteError):
            for row in reader:
                more.append(row)
                if len(more) == step:
                    break
        rows += more
        if len(more) < step:
            return rows
        place = reader.position()


@settings(
    max_examples=examples(80),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(
    rows=st.lists(st.lists(st.sampled_from(CELLS), min_size=2, max_size=2), max_size=12),
    encoding=st.sampled_from(sorted(ENCODINGS)),
    ending=st.sampled_from(["\n", "\r\n", "\r"]),
    step=st.integers(1, 4),
    size=st.sampled_from([2, 16, 64, 1 << 20]),
)
def test_reading_in_steps_is_reading_at_once(tmp_path, monkeypatch, rows, encoding, ending, step, size):
    path = tmp_path / "file.csv"
    path.write_bytes(bytes_of(rows, encoding, ending))
    dialect = Dialect(encoding, ",", ["Email", "What"])
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1 << 20)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        plain = [cells for cells in list(csv.reader(file))[1:] if any(cell.strip() for cell in cells)]
    at_once = list(RowReader(path, dialect))

    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)

    assert [row.cells for row in at_once] == plain
    assert read_in_steps(path, dialect, step) == at_once


@settings(
    max_examples=examples(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(
    raw=st.binary(max_size=80) | st.text('ab,"\n\r\0é€𝒳', max_size=60).map(lambda text: text.encode("utf-8")),
    encoding=st.sampled_from(sorted(ENCODINGS)),
    step=st.integers(1, 3),
    size=st.sampled_from([2, 8, 1 << 20]),
)
def test_any_bytes_are_read_alike_in_steps(tmp_path, monkeypatch, raw, encoding, step, size):
    path = tmp_path / "file.csv"
    path.write_bytes(raw)
    dialect = Dialect(encoding, ",", ["Email", "What"], header_row=0)
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 1 << 20)
    at_once = []
    with suppress(UnclosedQuoteError):
        at_once.extend(RowReader(path, dialect))

    monkeypatch.setattr(blocks, "BLOCK_BYTES", size)

    # where a quote stands wrong, what is shown of the row is what the last two blocks hold of it
    alike = [
        [(row.line, [] if row.error else row.cells) for row in rows]
        for rows in (read_in_steps(path, dialect, step), at_once)
    ]
    assert alike[0] == alike[1]


def test_a_broken_row_behind_the_first_block_is_shown_as_it_stands(tmp_path, monkeypatch):
    path = tmp_path / "file.csv"
    path.write_text("Email,What\n" + "a@b.example,x\n" * 20 + 'c@d.example,"A"x\nd@e.example,y\n')
    monkeypatch.setattr(blocks, "BLOCK_BYTES", 64)

    rows = read_in_steps(path, Dialect("utf-8", ",", ["Email", "What"]), 7)

    assert [(row.line, row.cells) for row in rows if row.error] == [(22, ['c@d.example,"A"x'])]
    assert rows[-1].line == 23


@pytest.fixture
def started(inside, settings, tmp_path):
    """A run that waits for a worker."""
    settings.MEDIA_ROOT = tmp_path

    def start(data, name="people.csv", **facts):
        run = begin_import(keep_file([data if isinstance(data, bytes) else data.encode()], name), name)
        run.basis, run.proof, run.topic_key, run.state = (
            "consent",
            "They ticked the box at the till.",
            "letter",
            "waiting",
        )
        for key, value in facts.items():
            setattr(run, key, value)
        run.save()
        return run

    return start


@pytest.fixture
def slices(monkeypatch):
    """Chunks of three rows, one a slice."""
    monkeypatch.setattr(running, "CHUNK", 3)
    return lambda run: running.run_slice(run, seconds=0)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_what_was_read_is_not_read_again(started, slices, encoding, ending):
    rows = [[f"p{n}@people.example", "Two\nlines" if n % 2 else "Köln"] for n in range(10)]
    run = started(bytes_of(rows, encoding, ending))
    assert slices(run)
    run.refresh_from_db()
    path, mark = Path(run.path), 4
    data = path.read_bytes()
    path.write_bytes(data[:mark] + b'"' * (run.bytes_done - mark) + data[run.bytes_done :])
    running._seen.clear()  # another process

    while slices(run):
        running._seen.clear()

    run.refresh_from_db()
    assert (run.state, run.rows_done, run.counts) == ("done", 10, {"created": 10})
    lines = list(ImportedRow.objects.order_by("line").values_list("line", flat=True))
    assert lines == [row.line for row in rows_of(data, run)]
    assert Contact.objects.count() == 10


def rows_of(data, run):
    path = Path(run.path)
    path.write_bytes(data)
    return list(RowReader(path, Dialect(**run.dialect)))


def test_a_slice_that_was_killed_is_done_again_and_doubles_nobody(started, slices):
    run = started("Email\n" + "".join(f"p{n}@people.example\n" for n in range(8)) + "p1@people.example\n")
    assert slices(run)
    with transaction.atomic():
        slices(run)
        transaction.set_rollback(True)  # what it kept beside the file stays, as after a kill
    running._seen.clear()

    while slices(run):
        running._seen.clear()

    run.refresh_from_db()
    assert run.counts == {"created": 8, "duplicate": 1}
    assert ImportedRow.objects.get(run=run, line=10).reason == "Stands on line 3 already."


@pytest.mark.parametrize("is_kept", [True, False])
def test_another_process_knows_the_rows_before_and_the_noes_behind(started, slices, is_kept):
    text = "".join(f"p{n}@people.example,\n" for n in range(9))
    run = started(f"Email,Unsubscribed\n{text}p0@people.example,\nP7@people.example,yes\np2@people.example,yes\n")
    assert slices(run)
    running._seen.clear()
    if not is_kept:
        for name in ("noes", "seen"):
            Path(f"{run.path}.{name}").unlink()

    while slices(run):
        running._seen.clear()

    outcomes = dict(ImportedRow.objects.values_list("line", "outcome"))
    assert [outcomes[line] for line in (11, 12, 13)] == ["duplicate"] * 3
    assert {n for n in range(9) if is_suppressed(f"p{n}@people.example")} == {2, 7}


def test_what_is_kept_beside_the_file_goes_with_it(started, slices, tmp_path):
    run = started("Email\n" + "".join(f"p{n}@people.example\n" for n in range(9)))
    slices(run)
    assert len([one for one in tmp_path.rglob("*") if one.is_file()]) == 3

    forget(Path(run.path))

    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


HEADER = "Email,First name,City,Country,Phone,Points,Tags,Role\n"


def file_of(count, *, city="Bern", start=0):
    return HEADER + "".join(
        f'p{n}@people.example,Ada,{city},DE,+49151{10_000_000 + n},{n},"vip,tea",customer\n'
        for n in range(start, start + count)
    )


def statements_of(run):
    surveying._look_at.clear()
    with CaptureQueriesContext(connection) as caught:
        while running.run_slice(run):
            pass
    run.refresh_from_db()
    assert run.state == "done"
    return [one["sql"] for one in caught]


@pytest.mark.parametrize("case", ["new", "again", "changed", "refused", "unsubscribed"])
def test_five_hundred_rows_cost_as_many_statements_as_one(started, case):
    counts, start = {}, 0
    for size in (1, 50, 500):
        start += 1_000
        if case != "new":
            statements_of(started(file_of(size, start=start)))
        mode = {"refused": "suppress", "unsubscribed": "unsubscribe"}.get(case, "upsert")
        run = started(file_of(size, start=start, city="Basel" if case == "changed" else "Bern"), mode=mode)
        counts[size] = statements_of(run)

    assert len(counts[500]) <= len(counts[50]) <= len(counts[1]) + 2, "\n".join(sql[:110] for sql in counts[500])


def test_a_place_is_a_byte_and_a_line(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(b'\xef\xbb\xbfEmail,What\r\na@b.example,"x\r\ny"\r\nb@c.example,z\r\n')
    reader = RowReader(path, Dialect("utf-8-sig", ",", ["Email", "What"]))

    assert [row.line for row in reader.take(1)] == [2]
    assert reader.position() == Position(3 + 12 + 20, 3)
