"""A file through the API: sent, started, done, and what was wrong with which row."""

import pytest

from imports.models import ImportRun
from imports.tasks import run_imports
from tests.machines import machine_of

CSV = b"Email,First name,City\nana@tea.example,Ana,Lisbon\nnonsense,Bo,Oslo\n"
BASIS = {"basis": "consent", "proof": "They ticked the box at the till."}


@pytest.fixture
def machine(kettle, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return machine_of(kettle)


@pytest.mark.django_db(transaction=True)
def test_a_file_comes_in_and_says_what_became_of_each_row(machine, kettle):
    sent = machine.upload("/imports", "people.csv", CSV)
    assert sent.status_code == 201, sent.content
    run = sent.json()
    assert (run["state"], run["mapping"]["Email"]) == ("mapping", "email")

    started = machine.post(f"/imports/{run['id']}/start", {**BASIS, "role": "customer"})
    run_imports(kettle)

    assert started.json()["state"] == "waiting"
    done = machine.get(f"/imports/{run['id']}").json()
    assert (done["state"], done["counts"]) == ("done", {"created": 1, "invalid": 1})
    [row] = machine.get(f"/imports/{run['id']}/rows?outcome=invalid").json()["items"]
    assert (row["line"], row["cells"][0]) == (3, "nonsense")
    [person] = machine.get("/contacts?email=ana@tea.example").json()["items"]
    assert (person["city"], person["roles"]) == ("Lisbon", ["customer"])
    assert machine.post(f"/imports/{run['id']}/start", {}).status_code == 409


@pytest.mark.django_db
def test_what_lacks_a_basis_does_not_start(machine):
    run = machine.upload("/imports", "people.csv", CSV).json()

    refused = machine.post(f"/imports/{run['id']}/start", {})

    assert (refused.status_code, refused.json()["code"]) == (422, "not_ready")
    wrong = machine.post(f"/imports/{run['id']}/start", {**BASIS, "mapping": {"Email": "shoe size"}})
    assert wrong.json()["errors"][0]["at"] == "body.mapping"
    assert machine.get(f"/imports/{run['id']}").json()["mapping"]["Email"] == "email"
    paused = machine.post(f"/imports/{run['id']}/pause")
    assert paused.json()["state"] == "mapping"


@pytest.mark.django_db
@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\0\0", b"\xd0\xcf\x11\xe0 old"])
def test_what_is_no_table_is_refused_and_not_kept(machine, content, tmp_path):
    answer = machine.upload("/imports", "people.csv", content)

    assert answer.status_code == 422, answer.content
    assert [one for one in tmp_path.rglob("*") if one.is_file()] == []


@pytest.mark.django_db
def test_the_same_upload_under_one_key_is_one_import(machine, kettle):
    def send(content):
        from django.core.files.uploadedfile import SimpleUploadedFile

        head = {"Authorization": f"Bearer {machine.key}", "Idempotency-Key": "monday"}
        return machine.client.post("/api/v1/imports", {"file": SimpleUploadedFile("p.csv", content)}, headers=head)

    first, again, other = send(CSV), send(CSV), send(CSV + b"x@y.example,X,Y\n")

    assert first.json() == again.json()
    assert other.status_code == 422
    from workspaces.current import working_in

    with working_in(kettle):
        assert ImportRun.objects.count() == 1


@pytest.mark.django_db
def test_a_file_that_is_too_large_is_not_kept(machine, settings, tmp_path):
    settings.ECRM_UPLOAD_LARGEST = 1_000

    answer = machine.upload("/imports", "people.csv", b"Email\n" + b"a@b.example\n" * 200)

    assert answer.status_code == 413
    assert machine.post("/imports", {"file": "x"}).status_code == 415
