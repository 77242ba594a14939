"""Pictures of an answer in a real browser: by keyboard and on a phone, described as they are typed, approved by who sees them."""

import io

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from conversations.answers.drafted_files import add_files
from conversations.models import AnswerDraft, AnswerDraftFile, Reply
from social.connecting import connect
from tests.backstage.dev.launching import wait_until
from tests.conftest import join, make_user
from tests.factories.social import make_mention
from workspaces.current import working_in
from workspaces.models import Role

pytestmark = pytest.mark.usefixtures("settled")


def raw(colour):
    out, picture = io.BytesIO(), Image.new("RGB", (320, 240), "#f4efe6")
    ImageDraw.Draw(picture).ellipse((80, 40, 240, 200), fill=colour)
    picture.save(out, "JPEG")
    return out.getvalue()


def upload(name, colour):
    return {"name": f"{name}.jpg", "mimeType": "image/jpeg", "buffer": raw(colour)}


@pytest.fixture
def mention(kettle, ada, bob, transactional_db):
    with working_in(kettle):
        settings = {"account_id": "1", "acct": "kettle@kettle.example", "domain": "kettle.example"}
        facts = {"url": "https://kettle.example", "settings": settings, "password": "t"}
        there = connect("mastodon", name="Mastodon", by=None, **facts)[0]
        return make_mention("Which lids are there?", connection=there, handle="anna@tea.example", name="Anna")


def page_of(mention):
    return f"/w/kettle/inbox/{mention.conversation_id}/"


def kept(kettle):
    with working_in(kettle):
        return list(AnswerDraftFile.objects.order_by("pk").values_list("alt", flat=True))


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (390, "light"), (1440, "light")])
def test_pictures_are_added_described_and_taken_out(page_at, axe_clean, mention, kettle, width, theme):
    page = page_at(width, theme, path=page_of(mention))
    page.locator("#reply-text").fill("These.")
    page.locator(".reply-attached summary").press("Enter")
    page.get_by_label("Add pictures").set_input_files([upload("red", "#b3261e"), upload("green", "#1b7f3b")])
    first = page.get_by_label("What picture 1 shows")
    expect(first).to_be_focused()
    page.keyboard.type("A red lid")
    page.keyboard.press("Enter")  # keeps it, and sends nothing
    assert wait_until(lambda: kept(kettle) == ["A red lid", ""])
    expect(page.locator("#reply-text")).to_have_value("These.")
    page.get_by_label("Add pictures").set_input_files([upload("blue", "#1d4ed8")])
    expect(page.locator(".drafted-file")).to_have_count(3)
    page.get_by_label("What picture 3 shows").fill("A blue lid")
    assert wait_until(lambda: kept(kettle) == ["A red lid", "", "A blue lid"])  # as it is typed
    axe_clean(page)
    page.locator(".drafted-file").nth(1).get_by_role("button", name="Take out").press("Enter")
    expect(page.locator(".drafted-file")).to_have_count(2)

    page.locator("#reply-text").press("Control+Enter")

    assert wait_until(lambda: not kept(kettle))
    with working_in(kettle):
        assert [one.alt for one in Reply.objects.get().files.order_by("pk")] == ["A red lid", "A blue lid"]


def test_sent_without_words_the_field_that_lacks_them_is_focused(page_at, mention, kettle, problems):
    page = page_at(path=page_of(mention))
    page.locator("#reply-text").fill("These.")
    page.locator(".reply-attached summary").click()
    page.get_by_label("Add pictures").set_input_files([upload("red", "#b3261e"), upload("green", "#1b7f3b")])
    page.get_by_label("What picture 1 shows").fill("A red lid")
    page.locator("#reply-text").press("Control+Enter")
    expect(page.get_by_label("What picture 2 shows")).to_be_focused()
    expect(page.get_by_label("What picture 1 shows")).to_have_value("A red lid")
    expect(page.get_by_text("Say in words what each picture shows")).to_be_visible()
    assert problems.pop().startswith("422") or problems.pop().startswith("422")
    problems.clear()


def test_without_a_script_they_are_added_and_taken_out(page_at, mention, kettle):
    page = page_at(390, path=page_of(mention), javascript=False)
    page.locator("#reply-text").fill("These.")
    page.locator(".reply-attached summary").click()
    page.get_by_label("Add pictures").set_input_files([upload("red", "#b3261e")])
    page.locator(".reply").get_by_role("button", name="Add", exact=True).click()
    page.get_by_label("What picture 1 shows").fill("A red lid")
    page.get_by_label("Add pictures").set_input_files([upload("green", "#1b7f3b")])
    page.locator(".reply").get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_label("What picture 1 shows")).to_have_value("A red lid")
    page.locator(".drafted-file").nth(1).get_by_role("button", name="Take out").click()
    expect(page.locator(".drafted-file")).to_have_count(1)
    expect(page.locator("#reply-text")).to_have_value("These.")


@pytest.mark.parametrize("width", [390, 1440])
def test_who_approves_sees_them(page_at, axe_clean, mention, kettle, width):
    jonas = join(kettle, make_user("jonas@kettle.example", "Jonas Brandt"), Role.EDITOR)
    with working_in(kettle):
        files = [io.BytesIO(raw("#b3261e")), io.BytesIO(raw("#1b7f3b"))]
        for number, one in enumerate(files):
            one.name, one.size = f"{number}.jpg", len(one.getvalue())
        add_files(mention, files, by=jonas)
        for row, alt in zip(AnswerDraftFile.objects.order_by("pk"), ["A red lid", "A green lid"], strict=True):
            AnswerDraftFile.objects.filter(pk=row.pk).update(alt=alt)
        AnswerDraft.objects.update(text="These.", asked_at=mention.published_at)
    page = page_at(width, path=page_of(mention))
    for alt in ("A red lid", "A green lid"):
        picture = page.get_by_role("img", name=alt)
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("naturalWidth", 320)
    axe_clean(page)
    page.get_by_label("Goes with it").nth(1).uncheck()
    page.get_by_role("button", name="Approve and send").click()

    assert wait_until(lambda: not kept(kettle))
    with working_in(kettle):
        assert [one.alt for one in Reply.objects.get().files.all()] == ["A red lid"]


def heard_by(kettle, network, **wire):
    with working_in(kettle):
        there = connect(network, by=None, name="Ours", settings={"account": "42"}, secrets=["s", "t"])[0]
        return make_mention("Is it loose?", connection=there, network=network, handle="4444", name="Ines", wire=wire)


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_where_one_picture_goes_the_box_takes_one(page_at, axe_clean, kettle, transactional_db, width, theme):
    page = page_at(width, theme, path=page_of(heard_by(kettle, "facebook", kind="comment")))
    page.locator("#reply-text").fill("This one.")
    page.locator(".reply-attached summary").press("Enter")
    expect(page.get_by_text("One picture goes with an answer there")).to_be_visible()
    page.get_by_label("Add a picture").set_input_files([upload("red", "#b3261e")])
    expect(page.get_by_label("What picture 1 shows")).to_be_focused()
    page.keyboard.type("A red lid")
    expect(page.locator("#reply-attached")).to_have_count(0)
    axe_clean(page)
    page.locator("#reply-text").press("Control+Enter")

    assert wait_until(lambda: not kept(kettle))
    with working_in(kettle):
        assert [one.alt for one in Reply.objects.get().files.all()] == ["A red lid"]


@pytest.mark.parametrize("width", [390, 1440])
def test_where_none_goes_the_box_says_why(page_at, axe_clean, kettle, transactional_db, width):
    page = page_at(width, "light", path=page_of(heard_by(kettle, "instagram", kind="comment")))
    expect(page.get_by_text("Instagram lets programs answer comments in words alone")).to_be_visible()
    expect(page.locator(".reply-attached")).to_have_count(0)
    axe_clean(page)
