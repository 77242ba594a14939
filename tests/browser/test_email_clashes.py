"""Two pages of one email: whoever writes second in the same block is asked, and nothing that was typed is lost."""

import pytest
from playwright.sync_api import expect

from campaigns.beginning import begin_with
from delivery.models import Content
from emails.reading import read_blocks
from tests.backstage.dev.launching import wait_until
from tests.emails.making import made
from tests.factories.campaigns import make_campaign, make_sender
from tests.factories.contacts import make_reader
from workspaces.current import working_in

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = ({"kind": "heading", "text": "Spring"}, {"kind": "text", "html": "<p>Hello</p>"})
HEADING = "#block [name=text]"


@pytest.fixture
def campaign(kettle, ada):
    """A draft of two blocks."""
    with working_in(kettle):
        make_reader("Greta Lindqvist")
        found = make_campaign(make_sender(), subject="Spring", preheader="", body="", body_format="blocks")
        begin_with(found, made(*WORDS), by_id=ada.pk)
        return found


@pytest.fixture
def content(kettle, campaign):
    """The email's content, read anew at each call."""

    def read() -> Content:
        with working_in(kettle):
            return Content.objects.get(pk=campaign.message.content_id)

    return read


@pytest.fixture
def two(page_at, campaign, bob, problems):
    """Ada's page and Bob's, each with the heading open."""
    pages = [page_at(1440, path=f"/w/kettle/campaigns/{campaign.pk}/email/", user=one) for one in ("ada", bob)]
    for page in pages:
        page.click("#line-b1")
        page.locator("#block[data-of=b1]").wait_for()
    yield pages
    problems[:] = [one for one in problems if "422" not in one]  # a clash is answered so


def heading(content) -> str:
    return read_blocks(content().blocks)[0].text


def clash(two, content):
    """Bob wrote the heading, and Ada too without having seen it."""
    ada, bob = two
    bob.fill(HEADING, "Bob's spring")
    assert wait_until(lambda: heading(content) == "Bob's spring", 10)
    ada.fill(HEADING, "Ada's spring")
    ada.get_by_text("Bob Marsh wrote here meanwhile.").wait_for()


def test_mine_is_kept_when_i_say_so_and_undone_when_i_say_so(two, content, axe_clean):
    ada, _bob = two
    clash(two, content)
    assert heading(content) == "Bob's spring"
    expect(ada.locator("#clash")).to_contain_text("Bob's spring")
    expect(ada.locator("#clash")).to_contain_text("Ada's spring")
    expect(ada.locator(HEADING)).to_have_value("Ada's spring")
    axe_clean(ada)

    ada.get_by_role("button", name="Keep mine").click()
    assert wait_until(lambda: heading(content) == "Ada's spring", 10)
    ada.get_by_text("wrote here meanwhile").wait_for(state="detached")
    ada.fill(HEADING, "Ada's summer")
    assert wait_until(lambda: heading(content) == "Ada's summer", 10)

    ada.click("[data-undo]")
    expect(ada.locator(HEADING)).to_have_value("Ada's spring")
    ada.click("[data-undo]")
    expect(ada.locator(HEADING)).to_have_value("Bob's spring")


def test_theirs_is_taken_and_mine_comes_back_by_undoing(two, content):
    ada, _bob = two
    clash(two, content)

    ada.get_by_role("link", name="Take theirs").click()
    expect(ada.locator(HEADING)).to_have_value("Bob's spring")
    assert heading(content) == "Bob's spring"
    ada.click("[data-undo]")

    expect(ada.locator(HEADING)).to_have_value("Ada's spring")
    assert wait_until(lambda: heading(content) == "Ada's spring", 10)
    ada.click("[data-redo]")
    expect(ada.locator(HEADING)).to_have_value("Bob's spring")


def test_both_write_on_in_blocks_of_their_own_and_undo_their_own(two, content):
    ada, bob = two
    ada.fill(HEADING, "Ada's")
    assert wait_until(lambda: heading(content) == "Ada's", 10)
    bob.click("#line-b2")
    bob.locator("#block[data-of=b2] .rich-words").fill("Bob's")
    assert wait_until(lambda: "Bob's" in read_blocks(content().blocks)[1].html, 10)
    ada.locator(HEADING).press("End")
    ada.locator(HEADING).press_sequentially(" own words, on and on", delay=60)
    assert wait_until(lambda: heading(content) == "Ada's own words, on and on", 10)
    expect(ada.locator("#clash")).to_have_text("")

    while ada.locator("[data-undo]:not([disabled])").count():
        before = ada.input_value("#all-blocks")
        ada.click("[data-undo]")
        expect(ada.locator("#all-blocks")).not_to_have_value(before)

    assert [heading(content), read_blocks(content().blocks)[1].html] == ["Spring", "<p>Bob's</p>"]


def test_a_block_with_a_clash_is_not_left_before_it_was_seen(two, content):
    ada, bob = two
    bob.fill(HEADING, "Bob's spring")
    assert wait_until(lambda: heading(content) == "Bob's spring", 10)

    ada.fill(HEADING, "Ada's spring")
    ada.click("#line-b2")

    ada.locator("#block[data-of=b1]").get_by_text("Bob Marsh wrote here meanwhile.").wait_for()
    expect(ada.locator(HEADING)).to_have_value("Ada's spring")
    ada.click("#line-b2")
    ada.locator("#block[data-of=b2]").wait_for()


def test_the_subject_is_asked_about_as_well(two, content):
    ada, bob = two
    bob.fill("#subject", "Bob's")
    assert wait_until(lambda: content().subject == "Bob's", 10)
    ada.fill("#subject", "Ada's")
    ada.locator("#words-clash", has_text="Bob Marsh wrote here meanwhile.").wait_for()
    assert content().subject == "Bob's"

    ada.get_by_role("link", name="Take theirs").click()
    expect(ada.locator("#subject")).to_have_value("Bob's")
    ada.fill("#subject", "Ada's after all")

    assert wait_until(lambda: content().subject == "Ada's after all", 10)


SLOW = """wait => {
  const { open, send } = XMLHttpRequest.prototype;
  window.sent = 0;
  XMLHttpRequest.prototype.open = function (method, ...words) {
    this.isSave = method.toUpperCase() === "POST" && new URL(words[0], location.href).pathname === location.pathname;
    open.call(this, method, ...words);
  };
  XMLHttpRequest.prototype.send = function (...words) {
    if (!this.isSave) return send.apply(this, words);
    window.sent += 1;
    setTimeout(() => send.apply(this, words), wait);
  };
}"""


def test_who_types_faster_than_it_is_kept_makes_no_queue(two, content):
    ada, _bob = two
    ada.evaluate(SLOW, 300)
    ada.locator(HEADING).press("End")

    ada.locator(HEADING).press_sequentially(", and more, and more of it", delay=90)

    assert wait_until(lambda: heading(content) == "Spring, and more, and more of it", 10)
    assert 0 < ada.evaluate("window.sent") < 15


def test_words_that_wait_for_their_turn_go_along_when_the_tab_is_closed(two, content):
    ada, _bob = two
    ada.evaluate(SLOW, 60_000)
    ada.locator(HEADING).press("End")
    ada.locator(HEADING).press_sequentially(", one")
    assert wait_until(lambda: ada.evaluate("window.sent") == 1, 10)
    ada.locator(HEADING).press_sequentially(" and two")
    ada.wait_for_timeout(200)  # their turn has not come: the first are on their way

    ada.close(run_before_unload=True)

    assert wait_until(lambda: heading(content) == "Spring, one and two", 10)


def test_words_that_wait_for_their_turn_are_forgotten_where_theirs_are_taken(two, content):
    ada, _bob = two
    clash(two, content)
    ada.evaluate(SLOW, 1_000)
    ada.locator(HEADING).press("End")
    ada.locator(HEADING).press_sequentially("!")
    assert wait_until(lambda: ada.evaluate("window.sent") == 1, 10)
    ada.locator(HEADING).press_sequentially("!!")
    ada.wait_for_timeout(200)  # these wait

    ada.get_by_role("link", name="Take theirs").click()

    expect(ada.locator(HEADING)).to_have_value("Bob's spring")
    ada.wait_for_timeout(1_500)  # a third would be on its way by now
    assert ada.evaluate("window.sent") == 1
    assert heading(content) == "Bob's spring"
