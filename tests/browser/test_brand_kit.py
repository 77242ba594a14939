"""The brand kit in a real browser: a colour and its picker say the same, and the sample email follows the form."""

import pytest
from playwright.sync_api import expect

from emails.models import BrandKit
from workspaces.current import working_in

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_sample_follows_the_form_and_nothing_is_saved_until_it_is(page_at, kettle, axe_clean, problems):
    page = page_at(path="/w/kettle/emails/brand-kit/")
    sample = page.frame_locator("iframe[name=letter]")
    button = sample.get_by_role("link", name="See what is new")
    expect(button).to_be_visible()

    page.get_by_label("Buttons and links").last.fill("#a1532e")
    expect(page.locator("[data-colour-of=id_accent]")).to_have_value("#a1532e")
    expect(button).to_have_css("background-color", "rgb(161, 83, 46)")
    page.get_by_label("Words").last.fill("#eeeeee")
    expect(page.locator("#contrasts")).to_contain_text("Hard to read, so emails show")
    page.get_by_role("button", name="Add a link").click()
    page.get_by_label("Name of link 2").fill("Journal")
    page.get_by_label("Address of link 2").fill("https://kettle.example/journal")
    expect(sample.get_by_role("link", name="Journal")).to_be_visible()
    axe_clean(page)
    with working_in(kettle):
        assert not BrandKit.objects.exists()

    page.locator("p.form-actions").get_by_role("button", name="Save").click()
    expect(page.get_by_text("Drafts have the new look")).to_be_visible()
    with working_in(kettle):
        kit = BrandKit.objects.get()
        assert (kit.accent, kit.social) == ("#a1532e", [{"name": "Journal", "url": "https://kettle.example/journal"}])
