"""Small pictures of what came in a real browser, and pictures with an answer from a person's own page."""

import os

import pytest
from playwright.sync_api import expect

from conversations.channels import HeardFile
from conversations.mentions.came_along import keep_files
from conversations.models import AnswerDraftFile, Reply
from lib.pictures import make_thumbnail
from tests.backstage.dev.launching import wait_until
from tests.browser.test_answer_pictures import kept, mention, page_of, raw, upload
from tests.factories.contacts import make_contact
from workspaces.current import working_in

__all__ = ["mention"]
pytestmark = pytest.mark.usefixtures("settled")


@pytest.fixture
def came(mention, kettle):
    with working_in(kettle):
        data = raw("#b3261e")
        keep_files(
            [
                (
                    mention,
                    [
                        HeardFile("a-lid-that-broke.jpg", "image/jpeg", len(data), data, make_thumbnail(data)),
                        HeardFile("invoice.pdf", "application/pdf", 9, b"%PDF-1.7 "),
                        HeardFile("IMG_2211.mov", "application/octet-stream", 38_000_000, b""),
                    ],
                )
            ]
        )
        mention.file_count, mention.wire = 3, {"subject": "Re: The lid"}
        mention.save(update_fields=["file_count", "wire"])


@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_a_picture_that_came_is_seen_and_leads_to_the_whole_one(page_at, axe_clean, mention, came, width, theme):
    page = page_at(width, theme, path=page_of(mention))
    link = page.get_by_role("link", name="a-lid-that-broke.jpg")
    link.scroll_into_view_if_needed()
    expect(link).to_be_visible()
    small = link.locator("img")
    expect(small).to_have_js_property("naturalWidth", 320)
    expect(page.get_by_text("It lies in your mailbox, in the email “Re: The lid”")).to_be_visible()
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/came-{width}.png")
    axe_clean(page)
    with page.expect_download() as taken:
        link.click()
    assert taken.value.suggested_filename == "a-lid-that-broke.jpg"
    assert taken.value.path().read_bytes() == raw("#b3261e")


@pytest.mark.parametrize("width", [390, 1440])
def test_a_picture_goes_with_an_answer_from_a_persons_page(page_at, axe_clean, mention, kettle, width):
    with working_in(kettle):
        anna = make_contact("Anna", "anna@tea.example")
        mention.author.contact = anna
        mention.author.save()
    page = page_at(width, path=f"/w/kettle/contacts/{anna.pk}/?compose=answer")
    page.locator("#answer-text").fill("This one.")
    page.get_by_label("Add pictures").set_input_files([upload("red", "#b3261e")])
    words = page.get_by_label("What picture 1 shows")
    expect(words).to_be_focused()
    words.fill("A red lid")
    assert wait_until(lambda: kept(kettle) == ["A red lid"])  # as it is typed
    if folder := os.environ.get("SHOTS"):
        page.screenshot(path=f"{folder}/person-{width}.png")
    axe_clean(page)

    page.get_by_role("button", name="Reply in public").click()

    assert wait_until(lambda: not kept(kettle))
    with working_in(kettle):
        assert [one.alt for one in Reply.objects.get().files.all()] == ["A red lid"]
        assert not AnswerDraftFile.objects.exists()
