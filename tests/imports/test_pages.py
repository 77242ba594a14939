import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from contacts.models import Contact
from imports import running
from imports.models import ImportedRow, ImportRun
from imports.running import run_slice
from imports.tasks import run_imports
from workspaces.current import working_in
from workspaces.models import AgendaItem

HERE = "/w/kettle/contacts/imports/"
TEXT = (
    "E-Mail,First name,Points\nada@people.example,Ada,3\nbad,Bob,4\n"
    "=x@people.example,=1+1,5\nada@people.example,Again,6\n"
)
BASIS = {
    "mode": "upsert",
    "basis": "consent",
    "proof": "They signed the list at the fair.",
    "topic_key": "letter",
    "column_0": "email",
    "column_1": "given_name",
    "column_2": "field_number",
}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def upload(as_ada, kettle):
    def send(text=TEXT, name="people.csv"):
        data = text if isinstance(text, bytes) else text.encode()
        answer = as_ada.post(HERE, {"file": SimpleUploadedFile(name, data)})
        with working_in(kettle):
            return answer, ImportRun.objects.order_by("-pk").first()

    return send


def people(kettle):
    with working_in(kettle):
        return sorted(Contact.objects.values_list("email", flat=True))


def test_an_upload_is_looked_at_and_nothing_happens_yet(upload, as_ada, kettle):
    answer, run = upload()

    assert answer.url == f"{HERE}{run.pk}/columns/"
    assert run.mapping == {"E-Mail": "email", "First name": "given_name", "Points": "field_number"}
    page = as_ada.get(answer.url).text
    assert "ada@people.example" in page
    assert people(kettle) == []


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04\x00\x00\x00\x00"])
def test_a_file_that_is_no_table_is_refused_and_not_kept(upload, tmp_path, data):
    answer, run = upload(data or b" ", "people.xlsx")

    assert (answer.status_code, run) == (422, None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_an_upload_is_readable_by_us_only(upload, kettle):
    from pathlib import Path

    _answer, run = upload()

    assert Path(run.path).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"basis": ""}, "Choose the lawful basis"),
        ({"proof": ""}, "Write the sentence"),
        ({"proof": "yes"}, "Write the sentence"),
        ({"column_0": ""}, "No column holds"),
        ({"column_1": "email"}, "Two columns"),
        ({"column_0": "password"}, "password"),
    ],
)
def test_what_the_law_asks_for_is_asked_for(upload, as_ada, kettle, change, words):
    answer, run = upload()

    page = as_ada.post(answer.url, BASIS | change | {"start": ""})

    assert (page.status_code, words in page.text) == (422, True)
    with working_in(kettle):
        assert ImportRun.objects.get(pk=run.pk).state == "mapping"


def test_trying_out_counts_and_changes_nothing(upload, as_ada, kettle):
    answer, _run = upload()

    page = as_ada.post(answer.url, BASIS | {"try": ""}).text

    assert "What would happen" in page
    assert "Stands on line 2 already." in page
    assert people(kettle) == []


def test_an_import_runs_by_the_agenda_and_reports_row_by_row(upload, as_ada, kettle):
    answer, run = upload()
    as_ada.post(answer.url, BASIS | {"start": ""})
    with working_in(kettle):
        assert AgendaItem.objects.filter(work="contacts.import").exists()

    run_imports(kettle)

    assert people(kettle) == ["=x@people.example", "ada@people.example"]
    page = as_ada.get(f"{HERE}{run.pk}/").text
    assert "Done" in page
    report = list(csv.reader(io.StringIO(as_ada.get(f"{HERE}{run.pk}/report.csv").content.decode("utf-8-sig"))))
    assert [(row[0], row[1]) for row in report[1:]] == [("3", "Not usable"), ("4", "New"), ("5", "Twice in the file")]
    assert report[2][3:] == ["'=x@people.example", "'=1+1", "5"]


WENT_IN, LATER, NO_ROW = (
    "Every row went in as it stands.",
    "Rows with something to say stand here when the import has ended.",
    "No row of this kind.",
)


@pytest.mark.parametrize(
    ("text", "query", "said"),
    [
        ("E-Mail,First name,Points\nada@people.example,Ada,3\n", "", WENT_IN),
        ("E-Mail,First name,Points\nada@people.example,Ada,3\n", "?outcome=invalid", NO_ROW),
        ("E-Mail,First name,Points\nada@people.example,Ada,3\nbad,Bob,4\n", "", None),
        ("E-Mail,First name,Points\nada@people.example,Ada,3\nbad,Bob,4\n", "?outcome=duplicate", NO_ROW),
    ],
)
def test_the_report_never_says_that_all_went_in_beside_a_row_that_did_not(upload, as_ada, kettle, text, query, said):
    answer, run = upload(text)
    as_ada.post(answer.url, BASIS | {"start": ""})
    here = f"{HERE}{run.pk}/"
    assert (LATER in as_ada.get(here).text, WENT_IN in as_ada.get(here).text) == (True, False)

    run_imports(kettle)

    page = as_ada.get(here + query).text
    assert [words for words in (WENT_IN, LATER, NO_ROW) if words in page] == ([said] if said else [])


def test_a_killed_import_goes_on_where_it_was(upload, as_ada, kettle, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 10)
    text = "email\n" + "".join(f"p{n}@people.example\n" for n in range(35)) + "p3@people.example\n"
    answer, run = upload(text)
    as_ada.post(
        answer.url, {"mode": "upsert", "basis": "consent", "proof": BASIS["proof"], "column_0": "email", "start": ""}
    )
    with working_in(kettle):
        assert run_slice(run, seconds=0)
    with pytest.raises(KeyboardInterrupt):
        be_killed_after_a_slice(kettle, run)
    running._seen.clear()  # another process takes over

    run_imports(kettle)

    with working_in(kettle):
        done = ImportRun.objects.get(pk=run.pk)
        assert (done.state, done.rows_done, done.rows_total) == ("done", 36, 36)
        assert done.counts == {"created": 35, "duplicate": 1}
        assert ImportedRow.objects.filter(run=run).count() == 36


def be_killed_after_a_slice(kettle, run):
    with working_in(kettle):
        run_slice(run, seconds=0)
        raise KeyboardInterrupt


def test_a_pause_holds_until_somebody_goes_on(upload, as_ada, kettle, monkeypatch):
    monkeypatch.setattr(running, "CHUNK", 1)
    answer, run = upload()
    as_ada.post(answer.url, BASIS | {"start": ""})
    with working_in(kettle):
        run_slice(run, seconds=0)
    as_ada.post(f"{HERE}{run.pk}/pause/")

    run_imports(kettle)

    assert people(kettle) == ["ada@people.example"]
    as_ada.post(f"{HERE}{run.pk}/go-on/")
    run_imports(kettle)
    assert len(people(kettle)) == 2


def test_an_unclosed_quote_keeps_what_came_before(upload, as_ada, kettle):
    answer, run = upload('email,name\na@people.example,A\nb@people.example,"B\nc@people.example,C\n')
    as_ada.post(answer.url, BASIS | {"column_1": "name", "topic_key": "", "start": ""})

    run_imports(kettle)

    page = as_ada.get(f"{HERE}{run.pk}/").text
    assert "a quote is not closed" in page
    assert "1 rows are kept" in page
    assert people(kettle) == ["a@people.example"]


def test_progress_is_a_fragment(upload, as_ada, kettle):
    answer, run = upload()
    as_ada.post(answer.url, BASIS | {"start": ""})

    page = as_ada.get(f"{HERE}{run.pk}/?progress=1", headers={"HX-Request": "true"}).text

    assert " ".join(page.split()).startswith('<div id="progress" hx-get=')


@pytest.mark.parametrize("role", ["analyst", "community", "colleague"])
def test_who_may_not_import(member, upload, role):
    _answer, run = upload()
    someone = member(role)

    for path in (HERE, f"{HERE}{run.pk}/", f"{HERE}{run.pk}/columns/", f"{HERE}{run.pk}/report.csv"):
        assert someone.get(path).status_code == 403


def test_another_workspaces_import_is_not_there(as_eve, as_ada, upload, rival):
    _answer, run = upload()

    assert as_eve.get(f"{HERE}{run.pk}/").status_code == 404
    for tail in ("", "columns/", "report.csv"):
        assert as_eve.get(f"/w/rival/contacts/imports/{run.pk}/{tail}").status_code == 404
    for tail in ("pause/", "go-on/", "columns/"):
        assert as_eve.post(f"/w/rival/contacts/imports/{run.pk}/{tail}").status_code == 404


def test_an_upload_beyond_the_cap_is_not_stored_and_the_form_says_so(upload, settings, tmp_path):
    settings.ECRM_UPLOAD_LARGEST = 1_000

    answer, run = upload("E-Mail\n" + "a@b.example\n" * 500)

    assert (answer.status_code, run) == (422, None)
    assert "The file is larger than 0 MB. Nothing was kept: split it." in answer.text
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04" + b"\0" * 200_000, b"\x89PNG\r\n\x1a\n" + b"\0\1" * 100_000, b" " * 70_000]
)
def test_what_is_no_table_in_its_first_64_kb_is_refused_before_it_is_kept(upload, monkeypatch, data):
    from imports import views

    monkeypatch.setattr(views, "keep_file", lambda *_: pytest.fail("it was kept"))

    answer, run = upload(data)

    assert (answer.status_code, run) == (422, None)
