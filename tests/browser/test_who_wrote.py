"""Who wrote this? By keyboard, and on a phone without JavaScript."""

import pytest
from playwright.sync_api import expect

from contacts.models import Contact
from contacts.searching import index_people
from conversations.models import PublicAuthor
from tests.backstage.dev.launching import wait_until
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention, make_vouching
from workspaces.current import working_in

pytestmark = pytest.mark.usefixtures("settled")
WHY = "She told me on the phone"


@pytest.fixture
def stranger(kettle, ada, vouching, transactional_db) -> PublicAuthor:
    """Who wrote as g@social.example; Greta Stone is a contact."""
    with working_in(kettle):
        greta = make_contact("Greta Stone", "greta@tea.example")
        index_people([greta.pk])
        return make_mention("Open on Sunday?", connection=make_vouching(), handle="g@social.example", name="G").author


def whose(kettle, stranger):
    """The name of the contact that the account is, "" of none."""
    with working_in(kettle):
        row = Contact.objects.filter(authors=stranger.pk).first()
        return row.name if row else ""


def test_by_keyboard_it_is_said_with_a_reason_and_taken_back(page_at, axe_clean, kettle, stranger):
    page = page_at(path="/w/kettle/inbox/")
    page.keyboard.press("w")
    page.wait_for_url("**/who/**")
    expect(page.get_by_label("Name, email, number or handle")).to_be_focused()
    page.keyboard.type("greta")
    page.keyboard.press("Enter")
    page.wait_for_url("**find=greta**")
    axe_clean(page)

    page.keyboard.press("Tab")
    page.keyboard.press("Tab")  # past the button
    expect(page.get_by_role("link", name="Greta Stone")).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url("**contact=**")
    axe_clean(page)
    page.get_by_label("Why is it them?").press_sequentially(WHY)
    page.keyboard.press("Enter")

    expect(page.locator("#card q")).to_have_text(WHY)
    assert whose(kettle, stranger) == "Greta Stone"
    page.locator("#card").get_by_role("button", name="Undo the link").click()
    expect(page.locator("#card q")).to_have_count(0)
    assert wait_until(lambda: whose(kettle, stranger) == "")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_on_a_phone_without_javascript(page_at, axe_clean, kettle, stranger, theme):
    with working_in(kettle):
        talk = stranger.conversations.get().pk
    page = page_at(390, theme, path=f"/w/kettle/inbox/{talk}/", javascript=False)
    page.locator("#card").get_by_role("link", name="This is …").click()
    page.get_by_label("Name, email, number or handle").fill("greta@tea")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Greta Stone").click()
    page.get_by_label("Why is it them?").fill(WHY)
    expect(page.get_by_role("button", name="Link them")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="Link them").click()
    expect(page.locator("#card q")).to_have_text(WHY)
    assert whose(kettle, stranger) == "Greta Stone"
