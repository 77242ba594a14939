"""Machines read and change how emails look, and send the pictures that stand in them."""

import pytest

from delivery.drafting import change_email
from delivery.models import Message
from emails.models import BrandKit, Picture
from tests.emails.drawings import drawn, photographed
from tests.emails.making import made
from tests.factories.campaigns import make_message
from tests.machines import machine_of
from workspaces.current import working_in
from workspaces.models import AuditEntry


@pytest.fixture
def machine(kettle):
    return machine_of(kettle)


def test_a_kit_is_put_and_read_and_drafts_follow(machine, kettle):
    usual = machine.get("/brand-kit").json()
    with working_in(kettle):
        content = make_message().content
        change_email(content, made({"kind": "button", "text": "Go", "href": "https://kettle.example"}), based_on=1)

    said = machine.call(
        "PUT", "/brand-kit", {"accent": "#A1532E", "social": [{"name": "Journal", "url": "https://kettle.example/j"}]}
    )

    assert (usual["changed_at"], usual["accent"]) == (None, "#0a5c40")
    assert said.status_code == 200
    assert machine.get("/brand-kit").json() == said.json()
    assert (said.json()["accent"], said.json()["paper"]) == ("#a1532e", "#ffffff")
    with working_in(kettle):
        content.refresh_from_db()
        assert "#a1532e" in content.body
        assert AuditEntry.objects.get(action="brand_kit.saved").details["key"]


@pytest.mark.parametrize(
    "body",
    [
        {"accent": "red"},
        {"corner": 99},
        {"heading_font": "comic"},
        {"logo": 999_999},
        {"social": [{"name": "J", "url": "javascript:alert(1)"}]},
        {"foot_note": "{% include 'x' %}"},
        {"unknown": 1},
    ],
)
def test_a_kit_that_cannot_be_is_refused_and_the_old_one_stays(machine, kettle, body):
    said = machine.call("PUT", "/brand-kit", body)

    assert said.status_code == 422
    assert said.json()["errors"]
    with working_in(kettle):
        assert not BrandKit.objects.exists()


def test_a_picture_is_sent_described_listed_and_removed(machine, kettle):
    made_ = machine.upload("/pictures", "pot.jpg", photographed(), alt="A pot")
    again = machine.upload("/pictures", "pot.jpg", photographed())
    pk = made_.json()["id"]

    assert (made_.status_code, again.json()["id"]) == (201, pk)
    assert (made_.json()["width"], made_.json()["height"], made_.json()["alt"]) == (20, 40, "A pot")
    assert machine.patch(f"/pictures/{pk}", {"alt": "A red pot"}).json()["alt"] == "A red pot"
    assert [one["id"] for one in machine.get("/pictures?q=red").json()["items"]] == [pk]
    assert machine.get("/pictures?q=blue").json() == {"items": [], "next": None}
    assert machine.delete(f"/pictures/{pk}").status_code == 204
    assert machine.get(f"/pictures/{pk}").status_code == 404


def test_a_list_of_pictures_has_pages(machine, kettle):
    ids = [machine.upload("/pictures", f"{n}.png", drawn(size=(n, 9))).json()["id"] for n in (3, 4, 5)]

    first = machine.get("/pictures?limit=2").json()
    rest = machine.get(f"/pictures?limit=2&after={first['next']}").json()

    assert [one["id"] for one in (*first["items"], *rest["items"])] == ids[::-1]


def test_what_cannot_be_taken_is_a_problem_in_words(machine, kettle):
    said = machine.upload("/pictures", "a.svg", b"<svg/>")

    assert (said.status_code, said.json()["code"]) == (422, "unusable_picture")
    assert "PNG" in said.json()["detail"]
    with working_in(kettle):
        assert not Picture.objects.exists()


def test_a_picture_that_an_email_shows_is_not_removed(machine, kettle):
    pk = machine.upload("/pictures", "pot.png", drawn()).json()["id"]
    with working_in(kettle):
        message = make_message()
        change_email(message.content, made({"kind": "image", "picture": pk}), based_on=1)
        Message.objects.filter(pk=message.pk).update(state=Message.State.SENT)

    said = machine.delete(f"/pictures/{pk}")

    assert (said.status_code, said.json()["code"]) == (409, "in_use")


def test_a_key_does_what_its_scopes_say_and_in_its_workspace_alone(kettle, rival):
    reads, stranger = machine_of(kettle, ["pictures:read", "brand:read"]), machine_of(rival)
    pk = machine_of(kettle).upload("/pictures", "pot.png", drawn()).json()["id"]

    assert reads.get("/pictures").status_code == reads.get("/brand-kit").status_code == 200
    refused = [
        reads.upload("/pictures", "x.png", drawn()),
        reads.delete(f"/pictures/{pk}"),
        reads.call("PUT", "/brand-kit", {}),
    ]
    assert [one.status_code for one in refused] == [403] * 3
    assert stranger.get(f"/pictures/{pk}").status_code == stranger.delete(f"/pictures/{pk}").status_code == 404
    assert stranger.call("PUT", "/brand-kit", {"logo": pk}).status_code == 422
