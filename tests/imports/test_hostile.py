"""Files of hostile bytes: from the upload to the report, nothing fails, good rows come in, bad ones say why."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from consent.models import Consent
from contacts.custom_fields.values import Written
from contacts.models import Contact, FieldValue, Identity
from imports import chunks, running, sniffing, starting, tasks, writing
from imports.models import ImportedRow, ImportRun
from imports.tasks import run_imports
from tests.examples import examples
from workspaces.current import working_in

HERE = "/w/kettle/contacts/imports/"
BASIS = {"mode": "upsert", "basis": "consent", "proof": "They signed the list at the fair.", "topic_key": "letter"}
GOOD = ("good@people.example", "good.too@people.example")


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def upload(as_ada, kettle):
    def send(data: bytes, name: str = "people.csv") -> tuple[int, ImportRun | None]:
        with working_in(kettle):
            before = ImportRun.objects.count()
        answer = as_ada.post(HERE, {"file": SimpleUploadedFile(name, data)})
        with working_in(kettle):
            run = ImportRun.objects.order_by("-pk").first()
            return answer.status_code, run if ImportRun.objects.count() > before else None

    return send


@pytest.fixture
def bring_in(as_ada, kettle, upload):
    """Upload, look at the columns, try out, start, run, and open every page about it; returns the run."""

    def walk(data: bytes, targets: list[str]) -> ImportRun | None:
        status, run = upload(data)
        assert status in {302, 422}
        if run is None:
            return None
        columns = f"{HERE}{run.pk}/columns/"
        assert as_ada.get(columns).status_code == 200
        form = BASIS | {f"column_{place}": target for place, target in enumerate(targets)}
        assert as_ada.post(columns, form | {"try": "1"}).status_code in {200, 422}
        assert as_ada.post(columns, form | {"start": "1"}).status_code in {302, 422}
        run_imports(kettle)
        for path in ("", "report.csv", "?outcome=invalid"):
            assert as_ada.get(f"{HERE}{run.pk}/{path}", follow=True).status_code == 200
        with working_in(kettle):
            run.refresh_from_db()
        return run

    return walk


def file_of(*cells: str, target_name: str = "What") -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(
        [["E-Mail", target_name], [GOOD[0], ""], *([f"odd{n}@people.example", one] for n, one in enumerate(cells)), [GOOD[1], ""]]
    )  # fmt: skip
    return out.getvalue().encode()


ODD = {
    "field_number": ["1e400", "9" * 400, "-0", "1.5", "٣", "0x10", "\0"],
    "status": ["\0", "subscribed", "x" * 9_000, "İ"],
    "suppressed": ["[]", "['HARD_BOUNCE']", "\0"],
    "opt_out_sms": ["yes", "\0"],
    "email_more": ["EX:/o=x", "odd1@people.example", "a@b.example ::: c@d.example", "\0"],
    "field_date": ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "31.12.9999", "01.01.0001", "a\0b", "9" * 400, "1e400", "x" * 9_000],
    "attributes": ['{"a": 1e999}', '{"a": NaN}', "[" * 5_000, '{"a": ' * 3_000, '{"a\\u0000": "\\u0000", "b": "\\ud800"}', '{"n": 1%s}' % ("0" * 400), '{"tags": [null, {}, "x"]}', '{"born": "0001-01-01T00:00:00+14:00"}'],
    "opted_in_ip": ["1.2.3.999", "::::::", "fe80::1%eth0", "1.2.3.4", "::1"],
    "opted_in_at": ["0001-01-01", "9999-12-31T23:59:59-14:00", "1899-12-31", "2026-01-05"],
    "external_id": ["undefined", "null", "0", "[object Object]", "\0", "00000000-0000-0000-0000-000000000000"],
    "handle": ["undefined", "guest", "@null", "\u202e"],
    "phone": ["\u0660" * 30, "+" * 300, "9" * 200, "4.9E+11"],
    "country": ["ßß", "\ufb01", "İİ", "\0\0"],
    "tags": ["a\0,b", "," * 500, "x" * 900],
    "name": ["\0", "=1+1", "x" * 900],
    "language": ["e\0n", "x" * 90],
    "zone": ["../../etc/passwd", "x" * 90],
    "role": ["\0", "customer"],
    "opt_out": ["\0", "yes", "sms"],
}  # fmt: skip


@pytest.mark.parametrize("target", ODD)
def test_odd_cells_cost_no_neighbour(bring_in, as_ada, kettle, target, monkeypatch):
    for looker in (sniffing, starting):  # a NUL behind the first look is no sign of a spreadsheet
        monkeypatch.setattr(looker, "PROBE_BYTES", 13)
    run = bring_in(file_of(*ODD[target]), ["email", target])

    assert (run.state, run.error, run.rows_done) == (ImportRun.State.DONE, "", len(ODD[target]) + 2)
    with working_in(kettle):
        people = dict(Contact.objects.values_list("email", "pk"))
        broken = ImportedRow.objects.filter(run=run, reason__startswith="cannot be stored")
        assert list(broken.values_list("line", "reason")) == []
        assert not Identity.objects.filter(kind=Identity.Kind.EXTERNAL_ID).exists()
        assert Consent.objects.filter(contact=people[GOOD[0]]).exists() == (
            target != "status"
        )  # an empty one is no yes
    assert set(GOOD) <= people.keys()
    for pk in people.values():
        assert as_ada.get(f"/w/kettle/contacts/{pk}/").status_code == 200


def test_a_date_no_calendar_reads_back_stays_text(bring_in, kettle):
    bring_in(file_of(*ODD["field_date"][:4], "1900-01-02", "2200-12-31"), ["email", "field_date"])

    with working_in(kettle):
        years = sorted(moment.year for moment in FieldValue.objects.values_list("moment", flat=True) if moment)
        assert (years, FieldValue.objects.count()) == ([1900, 2200], 6)


@pytest.mark.parametrize(
    "data",
    [b'"a"b,c\nx,y\n', b'E-Mail,"x\n', b"\xff\xfe", b"\xff\xfeE", b"\xfe\xff\x00", b"\n\n\n", b",,,\n1,2\n", b"E-Mail\n" + b"\0" * 50,
     b"\xef\xbb\xbf", b"E-Mail\r" + b"x@y.example\r", "E-Mail\u2028x\n".encode(), b"E-Mail," * 600],
)  # fmt: skip
def test_odd_files_are_refused_or_run_to_their_end(bring_in, data):
    run = bring_in(data, ["email"])

    assert run is None or run.state in {ImportRun.State.DONE, ImportRun.State.FAILED, ImportRun.State.MAPPING}


@settings(
    max_examples=examples(40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    derandomize=True,
)
@given(
    raw=st.binary(max_size=200) | st.text('a@b.c,;"\n\r\0\t=+-E1 ', max_size=200).map(str.encode),
    head=st.sampled_from([b"", b"E-Mail,What,When\n", b"\xff\xfe", b"\xef\xbb\xbfE-Mail;x\n", b'E-Mail,"x\n']),
)
def test_no_bytes_fail_between_the_upload_and_the_report(bring_in, raw, head):
    run = bring_in(head + raw, ["email", "field", "attributes"])

    assert run is None or run.state in {ImportRun.State.DONE, ImportRun.State.FAILED, ImportRun.State.MAPPING}


def started(kettle, upload, data: bytes) -> ImportRun:
    _status, run = upload(data)
    with working_in(kettle):
        ImportRun.objects.filter(pk=run.pk).update(state="waiting", basis="consent", proof="They signed the list.")
    return run


def test_a_row_nobody_foresaw_is_unusable_alone(kettle, upload, monkeypatch):
    run = started(kettle, upload, file_of("x", "poison", "y"))
    write = writing.write_people

    def write_unless_poisoned(run, drafts):
        if any(draft.custom.get("What") == Written("poison") for draft in drafts):
            raise ZeroDivisionError
        return write(run, drafts)

    monkeypatch.setattr(chunks, "write_people", write_unless_poisoned)
    run_imports(kettle)

    with working_in(kettle):
        run.refresh_from_db()
        assert (run.state, run.counts) == (ImportRun.State.DONE, {"created": 4, "invalid": 1})
        assert ImportedRow.objects.get(run=run, outcome="invalid").reason == "cannot be stored: ZeroDivisionError"


def test_a_run_that_fails_stops_says_why_and_holds_back_nobody(as_ada, kettle, upload, monkeypatch):
    bad, good = started(kettle, upload, file_of("x")), started(kettle, upload, file_of("y"))
    go_on = running.run_slice

    def fail(run, **more):
        if run.pk == bad.pk:
            raise ZeroDivisionError
        return go_on(run, **more)

    monkeypatch.setattr(tasks, "run_slice", fail)

    assert run_imports(kettle) is None
    with working_in(kettle):
        states = dict(ImportRun.objects.values_list("pk", "state"))
        bad.refresh_from_db()
    assert states == {bad.pk: ImportRun.State.FAILED, good.pk: ImportRun.State.DONE}
    page = as_ada.get(f"{HERE}{bad.pk}/").text
    assert "Stopped" in page
    assert "It stopped after row 0: cannot be stored: ZeroDivisionError. The rows before it are in." in page
