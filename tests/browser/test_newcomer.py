"""A newcomer's first email: from an empty workspace to a test in the inbox, in our look, in at most 40 actions;
by mouse, by keys, on a phone.

An action is a click, a choice, or a field that is filled. Reading, scrolling and waiting are none.
"""

import re
from email import message_from_bytes
from email.policy import default

import pytest
from playwright.sync_api import expect

from delivery.test_sends import send_trials
from tests.delivery.conftest import own_var
from tests.delivery.mailroom import Mailroom, open_mailroom

__all__ = ["own_var"]

pytestmark = pytest.mark.django_db(transaction=True)
MOST = 40
ACCENT = "#a1532e"


class Hand:
    """Does what a person does, and counts."""

    def __init__(self, page, *, by_keyboard=False) -> None:
        self.page, self.actions, self.by_keyboard = page, 0, by_keyboard

    def press(self, role: str, name: str, *, within=None) -> None:
        """A click, or Enter on what has the focus."""
        found = (within or self.page).get_by_role(role, name=re.compile(f"^{name}")).first
        if self.by_keyboard:
            found.focus()
            self.page.keyboard.press("Enter")
        else:
            found.click()
        self.actions += 1

    def fill(self, label: str, words: str) -> None:
        self.write(self.page.get_by_label(label, exact=True).last, words)

    def write(self, field, words: str) -> None:
        if self.by_keyboard:
            field.focus()
            self.page.keyboard.press("Control+a")
            self.page.keyboard.type(words)
        else:
            field.fill(words)
        self.actions += 1

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label, exact=True).last.select_option(option)
        self.actions += 1


@pytest.fixture
def post():
    room = Mailroom()
    controller = open_mailroom(room)
    room.port = controller.real_port
    yield room
    controller.stop()


@pytest.mark.parametrize(("width", "by_keyboard"), [(1440, False), (1440, True), (390, False)])
def test_the_first_branded_email_is_a_test_in_the_inbox_after_forty_actions(
    page_at, kettle, ada, post, settled, width, by_keyboard
):
    page = page_at(width, path="/w/kettle/settings/")
    hand = Hand(page, by_keyboard=by_keyboard)

    # the look
    hand.press("link", "Brand kit")
    hand.fill("Buttons and links", ACCENT)
    page.locator("p.form-actions").get_by_role("button", name="Save").focus()
    page.keyboard.press("Enter")
    hand.actions += 1
    expect(page.get_by_text("Drafts have the new look")).to_be_visible()

    # the sender, and where the brand is at home
    page.goto("/w/kettle/settings/")
    hand.press("link", "Senders")
    hand.press("link", "Add a sender")
    hand.fill("Name", "Kettle")
    hand.fill("Sender's name", "Kettle & Co")
    hand.fill("Sender's address", "hello@kettle.example")
    hand.fill("Host", "127.0.0.1")
    hand.fill("Port", str(post.port))
    hand.choose("Encryption", "none")
    hand.press("button", "Save", within=page.locator("p.form-actions"))
    expect(page.get_by_text("Saved. Send yourself a test.")).to_be_visible()  # before another page is asked for

    # the email
    page.goto("/w/kettle/")
    hand.press("link", "New campaign")
    hand.fill("Name", "First letter")
    hand.press("button", "Begin")
    hand.press("link", "Write the email")
    hand.press("button", "Newsletter")
    expect(page.locator(".outline-block").first).to_be_visible()
    hand.press("link", "Heading")
    hand.write(page.locator("#block [name=text]").first, "The first flush is here")
    expect(page.locator(".outline-block", has_text="The first flush is here")).to_be_attached()
    if width < 500:  # where the blocks, one of them and the email are a page each
        hand.press("link", "Blocks")
    hand.press("button", "Send me a test")
    expect(page.get_by_text("Your test is on its way", exact=True)).to_be_visible()
    send_trials(kettle)

    assert hand.actions <= MOST
    (_sender, to, raw), *others = post.letters
    html = message_from_bytes(raw, policy=default).get_body(("html",)).get_content()
    assert (to, others) == (ada.email, [])
    assert "The first flush is here" in html
    assert ACCENT in html.lower()
    expect(page.get_by_text("Your test was sent", exact=True)).to_be_visible()
