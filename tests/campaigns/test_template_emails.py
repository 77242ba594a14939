"""A transactional email is built of blocks in the editor of campaigns; approved, its blocks go out to one person."""

import re
from email import message_from_bytes, policy

import pytest

from delivery.engine.sending import send_urgent
from delivery.models import Content, TransactionalSend, TransactionalTemplate
from delivery.transactional.templates import is_changed, version_in_use
from emails.blocks.text import TextBlock
from emails.editing import show_to
from emails.reading import write_blocks
from lib.clock import now
from tests.emails.making import made
from tests.factories.campaigns import make_sender
from tests.factories.contacts import make_contact
from tests.machines import machine_of
from workspaces.current import working_in

ROOT = "/w/kettle/campaigns/transactional/"
HTMX = {"HX-Request": "true"}
FORM = {
    "name": "Order confirmation", "subject": "Order {{ data.order }}", "preheader": "", "body_format": "markdown",
    "body": "Thanks", "example": '{"order": "A-17"}',
}  # fmt: skip


@pytest.fixture
def template(as_ada, kettle, room):
    """A template written by hand."""
    kettle.postal_address = "Lindenallee 8"
    kettle.save()
    with working_in(kettle):
        sender = make_sender(port=room.port)
    as_ada.post(f"{ROOT}new/", FORM | {"sender": sender.pk})
    with working_in(kettle):
        return TransactionalTemplate.objects.select_related("draft__content").get()


@pytest.fixture
def built(as_ada, template, kettle):
    """The same, of blocks: one names the order."""
    as_ada.post(at(template, "email/begin/"))
    put(as_ada, template, made({"kind": "text", "html": "<p>Your order {{ data.order }}</p>"}))
    return template


def at(template, more: str = "") -> str:
    return f"{ROOT}{template.pk}/{more}"


def put(browser, template, blocks) -> None:
    said = {"do": "replace", "blocks": write_blocks(blocks)}
    assert browser.post(at(template, "email/"), said, headers=HTMX).status_code == 200


def content_of(template) -> Content:
    return TransactionalTemplate.objects.select_related("draft__content").get(pk=template.pk).draft.content


def test_what_was_written_by_hand_is_built_of_blocks_and_stays_in_the_history(as_ada, kettle, template):
    assert "Build it of blocks" in as_ada.get(at(template)).text

    opened = as_ada.post(at(template, "email/begin/"), follow=True)

    assert opened.request["PATH_INFO"] == at(template, "email/")
    assert ("Go on to approving" in opened.text, opened.text.count('class="outline-block"')) == (True, 2)
    assert at(template, "email/history/") in opened.text
    with working_in(kettle):
        content = content_of(template)
        assert content.body_format == Content.Format.BLOCKS
        assert [one.body for one in content.versions.all()] == ["Thanks"]
    as_ada.post(at(template, "email/begin/"))  # a second time it stays as it is
    as_ada.post(at(template, "email/history/1/"))
    with working_in(kettle):
        assert (content_of(template).body, content_of(template).blocks) == ("Thanks", "")


def test_the_editor_shows_the_examples_data_and_its_parts_answer(as_ada, built):
    assert "Your order A-17" in as_ada.get(at(built, "email/preview/?as=0")).text
    parts = ("email/", "email/?block=b1", "email/holds/", "email/who/?who=x", "email/fields/", "email/history/")
    for part in parts:
        answer = as_ada.get(at(built, part))
        assert answer.status_code == 200, part
        assert "campaigns/0/" not in answer.text
    assert as_ada.get(at(built, "email/here/")).status_code == 204


def test_its_name_and_sender_are_changed_without_its_blocks(as_ada, kettle, built):
    page = as_ada.get(at(built, "edit/")).text
    assert ('name="body"' in page, at(built, "email/") in page) == (False, True)
    with working_in(kettle):
        before = content_of(built).blocks

    as_ada.post(
        at(built, "edit/"), {"name": "Order", "subject": "Order", "sender": built.draft.sender_id, "example": "{}"}
    )

    with working_in(kettle):
        content = content_of(built)
        assert (content.subject, content.blocks, content.body_format) == ("Order", before, Content.Format.BLOCKS)


def test_approved_it_goes_out_with_its_blocks_and_conditions(as_ada, kettle, built, room):
    with working_in(kettle):
        greta, tom = make_contact("Greta", "greta@tea.example", city="Ulm"), make_contact("Tom", "tom@tea.example")
        text = TextBlock(id="b1", html="<p>Your order {{ data.order }}</p>")
        only = TextBlock(id="b2", html="<p>See you in Ulm</p>")
        blocks = show_to([text, only], "b2", {"all": [{"field": {"name": "city", "op": "=", "value": "Ulm"}}]})
    put(as_ada, built, blocks)
    as_ada.post(at(built, "approve/"))
    with working_in(kettle):
        now = TransactionalTemplate.objects.select_related("draft__content").get(pk=built.pk)
        assert not is_changed(now, version_in_use(now))
    machine = machine_of(kettle)
    for person in (greta, tom):
        said = {"template": built.name, "to": {"contact_id": person.pk}, "data": {"order": "B-2"}}
        assert machine.post("/messages", said).status_code == 202

    send_urgent(kettle)

    texts = {to: _plain(raw) for _sender, to, raw in room.letters}
    assert {to: ("Your order B-2" in text, "See you in Ulm" in text) for to, text in texts.items()} == {
        "greta@tea.example": (True, True), "tom@tea.example": (True, False),
    }  # fmt: skip


def _plain(raw: bytes) -> str:
    return message_from_bytes(raw, policy=policy.default).get_body(("plain",)).get_content()


def test_a_block_that_must_be_put_right_keeps_it_back(as_ada, kettle, built):
    put(as_ada, built, made({"kind": "button", "text": "Follow it", "href": ""}))

    said = as_ada.post(at(built, "approve/"), follow=True).text

    assert "It cannot be written: Button:" in said
    with working_in(kettle):
        assert version_in_use(built) is None


def test_strangers_and_those_who_only_read_build_nothing(as_eve, member, kettle, template):
    assert as_eve.post(at(template, "email/begin/")).status_code == 404
    analyst = member("analyst")
    assert analyst.post(at(template, "email/begin/")).status_code == 403
    assert analyst.get(at(template, "email/")).status_code == 403
    with working_in(kettle):
        assert content_of(template).blocks == ""


def test_it_is_looked_at_as_somebody_with_the_examples_data(as_ada, built, kettle, member):
    with working_in(kettle):
        greta, nora = (make_contact(name, f"{name.lower()}@tea.example") for name in ("Greta", "Nora"))
        gone = make_contact("Gone", "gone@tea.example", erased_at=now())
        version = built.versions.create(number=1, message=built.draft)
        TransactionalSend.objects.create(message=built.draft, contact=greta, version=version)
    put(
        as_ada,
        built,
        made({"kind": "text", "html": "<p>{{ contact.first_name | default: 'You' }}: {{ data.order }}</p>"}),
    )

    def seen(where, who=""):
        return re.search(r">(\w+: A-17)<", as_ada.get(at(built, f"{where}{who}")).text)[1]

    for where in ("email/preview/", "preview/"):
        assert seen(where) == "Greta: A-17"  # who got it last
        assert seen(where, f"?as={nora.pk}") == "Nora: A-17"
        assert seen(where, "?as=0") == "You: A-17"
    for strange in ("-1", "x", "9" * 30, str(gone.pk)):
        assert as_ada.get(at(built, f"preview/?as={strange}")).status_code == 200
    page, editor = as_ada.get(at(built, f"?as={nora.pk}")).text, as_ada.get(at(built, "email/")).text
    assert f'<option value="{nora.pk}" selected>Nora</option>' in page
    assert f"preview/?as={nora.pk}" in page
    assert editor.index(f'<option value="{greta.pk}">Greta') < editor.index(f'<option value="{nora.pk}">Nora')
    assert ("Nora" in member("analyst").get(at(built)).text, "Gone" in page) == (False, False)
