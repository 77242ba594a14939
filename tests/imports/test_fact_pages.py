"""Orders and attendance from the user's side: the wizard, the commands, the API."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from contacts.models import Contact
from imports.models import ImportRun
from imports.tasks import run_imports
from tests.imports.test_attendance import LIST
from tests.imports.test_orders import PLAIN, SHOPIFY, bought, ledger
from tests.machines import machine_of
from workspaces.current import working_in

HERE = "/w/kettle/contacts/imports/"
COLUMNS = {
    "column_0": "order_number",
    "column_1": "order_at",
    "column_2": "order_amount",
    "column_3": "order_currency",
    "column_4": "email",
    "column_5": "order_item",
    "column_6": "order_quantity",
    "column_7": "order_unit_price",
    "column_8": "order_status",
}
ASKED = {"mode": "record", "preset": "orders", "currency": "EUR", **COLUMNS}


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def upload(as_ada, kettle):
    def send(text=PLAIN, name="orders.csv", **more):
        answer = as_ada.post(HERE, {"file": SimpleUploadedFile(name, text.encode()), **more})
        with working_in(kettle):
            return answer, ImportRun.objects.order_by("-pk").first()

    return send


def test_the_wizard_says_what_it_takes_the_file_for(upload, as_ada):
    answer, run = upload()

    page = as_ada.get(answer.url).text

    assert run.holds == "orders"
    assert "We take its rows for orders." in page
    assert "order: amount of the whole order" in page
    assert "If there is a value already" not in page
    assert run.mapping == dict(zip(PLAIN.splitlines()[0].split(","), COLUMNS.values(), strict=True))


@pytest.mark.parametrize(("holds", "target"), [("people", "field_date"), ("attendance", "visit_at")])
def test_who_knows_better_says_what_it_holds(upload, as_ada, kettle, holds, target):
    answer, run = upload()

    as_ada.post(f"{HERE}{run.pk}/reading/", {"holds": holds, "encoding": "utf-8", "delimiter": ",", "header_row": "1"})

    with working_in(kettle):
        run.refresh_from_db()
    assert (run.holds, run.mapping["Date"]) == (holds, target)
    assert (run.mode == "record") == (holds != "people")
    assert as_ada.get(answer.url).status_code == 200
    _answer, told = upload(name="told.csv", holds=holds)
    assert (told.holds, told.mapping["Date"]) == (holds, target)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"column_0": ""}, "No column holds the order number"),
        ({"column_1": ""}, "No column holds the date"),
        ({"column_4": ""}, "No column says whose the rows are"),
        ({"column_5": "email"}, "Two columns"),
        ({"currency": "XYZ"}, "XYZ"),
        ({"mode": "suppress"}, "suppress"),
        ({"topic_key": "letter"}, "Choose the lawful basis"),
        ({"topic_key": "letter", "basis": "consent", "proof": "yes"}, "Write the sentence"),
        ({"column_3": "tags"}, "tags"),
    ],
)
def test_what_is_lacking_is_asked_for(upload, as_ada, kettle, change, words):
    answer, run = upload()

    page = as_ada.post(answer.url, ASKED | change | {"start": ""})

    assert (page.status_code, words in page.text) == (422, True)
    with working_in(kettle):
        assert ImportRun.objects.get(pk=run.pk).state == "mapping"


def test_trying_out_counts_and_changes_nothing(upload, as_ada, kettle):
    text = PLAIN + PLAIN.splitlines()[1] + "\nA-3,soon,1.00,EUR,x@people.example,Tea,1,1.00,paid\n"
    answer, _run = upload(text + "A-4,2026-03-01,1.00,EUR,,Tea,1,1.00,paid\n")

    page = as_ada.post(answer.url, ASKED | {"try": ""}).text

    for words in ("Stands on line 2 already.", "“soon” is no date.", "Nobody we know", "Twice in the file"):
        assert words in page
    with working_in(kettle):
        assert (ledger(), Contact.objects.count()) == ([], 0)


def test_orders_run_by_the_agenda_and_are_reported_row_by_row(upload, as_ada, kettle):
    answer, run = upload(PLAIN + "A-3,soon,=1+1,EUR,x@people.example,Tea,1,1.00,paid\n")
    as_ada.post(answer.url, ASKED | {"start": ""})

    run_imports(kettle)

    with working_in(kettle):
        assert bought() == [("purchase", "ann@people.example", 2500), ("purchase", "new@people.example", 850)]
    page = as_ada.get(f"{HERE}{run.pk}/").text
    assert "Record; make contacts of unknown people" in page
    report = list(csv.reader(io.StringIO(as_ada.get(f"{HERE}{run.pk}/report.csv").content.decode("utf-8-sig"))))
    assert [row[:3] for row in report[1:]] == [["5", "Not usable", "“soon” is no date."]]
    assert report[1][5] == "'=1+1"
    assert "orders" in as_ada.get(HERE).text


def test_a_list_of_an_event_asks_for_what_its_file_lacks(upload, as_ada, kettle):
    answer, run = upload("Email\na@people.example\n", "came.csv", holds="attendance")
    asked = {"mode": "record", "preset": "attendance", "column_0": "email", "unsaid": "attended"}

    assert "No column names the event" in as_ada.post(answer.url, asked | {"start": ""}).text
    said = asked | {"event": "Open day", "start": ""}
    assert "No column holds a date" in as_ada.post(answer.url, said).text
    assert as_ada.post(answer.url, said | {"event_at": "2026-06-01T11:00"}).url == f"{HERE}{run.pk}/"
    run_imports(kettle)

    with working_in(kettle):
        [visit] = ledger()
    assert (visit[0], visit[1], visit[2].isoformat()) == (
        "event_visit",
        "a@people.example",
        "2026-06-01T09:00:00+00:00",
    )


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "9999-12-31T23:59", "1950-01-01T10:00", "soon"])
def test_an_event_of_another_age_is_refused(upload, as_ada, at):
    answer, _run = upload("Email\na@people.example\n", "came.csv", holds="attendance")
    asked = {"mode": "record", "preset": "attendance", "column_0": "email", "event": "Fair", "event_at": at}

    assert as_ada.post(answer.url, asked | {"start": ""}).status_code == 422


def test_a_file_that_stops_within_a_quote_keeps_the_orders_before(upload, as_ada, kettle):
    answer, run = upload(PLAIN + 'A-5,2026-03-02 11:30,8.50,EUR,"x@people.example,Tea,1,8.50,paid\n')
    as_ada.post(answer.url, ASKED | {"start": ""})

    run_imports(kettle)

    assert "a quote is not closed" in as_ada.get(f"{HERE}{run.pk}/").text
    with working_in(kettle):
        assert len(bought()) == 2


def test_a_word_of_a_status_is_explained_on_the_page(upload, as_ada, kettle):
    answer, _run = upload("Order number,Date,Email,Status\n1,2026-03-01,a@b.example,wobbly\n")
    page = as_ada.get(answer.url).text
    assert "A row with a word that nobody explains is left out." in page
    asked = {"mode": "record", "preset": "orders", "column_0": "order_number", "column_1": "order_at"}
    asked |= {"column_2": "email", "column_3": "order_status", "word_3_0": "paid", "start": ""}

    as_ada.post(answer.url, asked)
    run_imports(kettle)

    with working_in(kettle):
        assert [one[0] for one in ledger()] == ["purchase"]


@pytest.mark.parametrize("role", ["analyst", "community", "colleague"])
def test_who_may_not_import_sees_no_orders(member, upload, role):
    _answer, run = upload()

    assert member(role).get(f"{HERE}{run.pk}/columns/").status_code == 403


def test_the_palette_finds_it(as_ada, kettle):
    assert "Import orders or attendance" in as_ada.get("/w/kettle/palette/", {"q": "shopify"}).text


@pytest.fixture
def said(tmp_path, kettle, capsys):
    """What a command prints."""

    def run(command, text, *options, name="file.csv"):
        path = tmp_path / name
        path.write_text(text)
        call_command(command, str(path), "--workspace", "kettle", *options)
        return capsys.readouterr().out

    return run


def test_orders_come_in_by_the_command(said, kettle):
    assert "would be new" in said("import_orders", SHOPIFY, "--dry-run")
    with working_in(kettle):
        assert (ledger(), ImportRun.objects.count()) == ([], 0)

    first = said("import_orders", SHOPIFY, "--preset", "shopify_orders", "--currency", "eur")
    again = said("import_orders", SHOPIFY)

    assert "3  is new" in first
    assert "line 5: Nothing to record. Cancelled: no purchase." in first
    assert "3  is same as before" in again
    with working_in(kettle):
        assert len(bought()) == 3


def test_attendance_comes_in_by_the_command(said, kettle):
    assert "4  is new" in said("import_attendance", LIST)
    text = "Email\na@people.example\n"
    assert "1  is new" in said("import_attendance", text, "--event", "Open day", "--at", "2026-06-01 11:00")

    with working_in(kettle):
        assert [one[0] for one in ledger() if one[1] == "a@people.example"] == ["event_visit"]
    with pytest.raises(CommandError, match="is no moment"):
        said("import_attendance", text, "--event", "Open day", "--at", "soon")
    with pytest.raises(CommandError, match="No column names the event"):
        said("import_attendance", text)


@pytest.mark.django_db(transaction=True)
def test_orders_come_in_by_the_api(kettle):
    machine = machine_of(kettle)
    sent = machine.upload("/imports", "orders.csv", PLAIN.encode()).json()
    assert (sent["holds"], sent["mode"], sent["mapping"]["Total"]) == ("orders", "record", "order_amount")

    wrong = machine.post(f"/imports/{sent['id']}/start", {"mode": "suppress"})
    assert (wrong.status_code, wrong.json()["errors"][0]["at"]) == (422, "body.mode")
    assert machine.post(f"/imports/{sent['id']}/start", {"mapping": {"Total": "tags"}}).status_code == 422
    assert machine.post(f"/imports/{sent['id']}/start", {"currency": "XYZ"}).json()["code"] == "not_ready"
    assert machine.post(f"/imports/{sent['id']}/start", {"currency": "EUR", "shop": "Web"}).json()["state"] == "waiting"
    run_imports(kettle)

    done = machine.get(f"/imports/{sent['id']}").json()
    assert (done["state"], done["counts"]) == ("done", {"created": 3})
    with working_in(kettle):
        assert len(bought()) == 2
    machine.post(f"/imports/{sent['id']}/undo")
    run_imports(kettle)
    assert machine.get(f"/imports/{sent['id']}").json()["undo"]["facts"] == 2


@pytest.mark.django_db
def test_a_machine_says_what_a_file_holds(kettle):
    machine = machine_of(kettle)

    made = machine.upload("/imports", "p.csv", b"Email\na@b.example\n", holds="attendance").json()

    assert (made["holds"], made["mapping"]) == ("attendance", {"Email": "email"})
    started = machine.post(f"/imports/{made['id']}/start", {"event": "Fair", "event_at": "2026-05-08T10:00:00Z"})
    assert started.json()["state"] == "waiting"
    for at in ("0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"):
        again = machine.upload("/imports", "p.csv", b"Email\na@b.example\n", holds="attendance").json()
        refused = machine.post(f"/imports/{again['id']}/start", {"event": "Fair", "event_at": at})
        assert (refused.status_code, refused.json()["errors"][0]["at"]) == (422, "body.event_at")
