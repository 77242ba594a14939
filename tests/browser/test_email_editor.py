"""An email of blocks is built in a browser: by mouse, by keys alone, on a phone."""

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
from workspaces.permissions import who_may
from workspaces.presence import note_presence, others_at

pytestmark = pytest.mark.django_db(transaction=True)
PASTE = """html => { const data = new DataTransfer(); data.setData("text/html", html);
    document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }"""
WORDS = ({"kind": "heading", "text": "Spring"}, {"kind": "text", "html": "<p>Hello</p>"}, {"kind": "divider"})


@pytest.fixture
def campaign(kettle, ada):
    """A draft of three blocks."""
    with working_in(kettle):
        make_reader("Greta Lindqvist")
        found = make_campaign(make_sender(), body="", body_format="blocks")
        begin_with(found, made(*WORDS), by_id=ada.pk)
        return found


def kept(kettle, campaign) -> list:
    with working_in(kettle):
        return read_blocks(Content.objects.get(pk=campaign.message.content_id).blocks)


def where(campaign) -> str:
    return f"/w/kettle/campaigns/{campaign.pk}/email/"


def email(page):
    """The frame that shows the email."""
    return page.frame_locator(".email-sheet iframe:not(.next)")


def test_what_is_typed_stands_in_the_email_and_can_be_undone(page_at, kettle, campaign, problems, axe_clean):
    page = page_at(1440, path=where(campaign))

    page.click("#line-b1")
    page.fill("#block [name=text]", "Twenty-four evenings")
    email(page).get_by_text("Twenty-four evenings").wait_for()
    page.click("#line-b2")
    page.locator("#block .rich-words").fill("")
    page.locator("#block .rich-words").press_sequentially("Four cups")
    page.keyboard.press("ControlOrMeta+a")
    page.click("[data-rich-do=bold]")
    email(page).locator("strong", has_text="Four cups").wait_for()
    axe_clean(page)

    page.click("[data-undo]")
    page.locator("[data-redo]:not([disabled])").wait_for()
    page.click("[data-redo]")
    page.locator("[data-redo][disabled]").wait_for()

    assert kept(kettle, campaign)[0].text == "Twenty-four evenings"
    assert "<strong>Four cups</strong>" in kept(kettle, campaign)[1].html
    assert problems == []


def test_the_email_follows_each_key_before_any_of_it_is_kept(page_at, kettle, campaign, problems):
    page = page_at(1440, path=where(campaign))
    held = []
    page.click("#line-b1")
    page.locator("#block [name=text]").wait_for()
    page.wait_for_load_state("networkidle")
    page.route("**/email/", lambda route: held.append(route), times=1)

    page.locator("#block [name=text]").press("End")
    page.locator("#block [name=text]").press_sequentially(" in the valley")
    expect(email(page).get_by_text("Spring in the valley", exact=True)).to_be_visible()
    page.fill("#block [name=text]", 'Spring in the valley, {{ given_name | default: "dear" }}')
    expect(email(page).get_by_text("Spring in the valley", exact=True)).to_be_visible()  # a field is the server's
    assert wait_until(lambda: held or page.wait_for_timeout(20))
    assert kept(kettle, campaign)[0].text == "Spring"

    held.pop(0).continue_()
    expect(email(page).get_by_text("Spring in the valley, dear", exact=True)).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.route("**/email/", lambda route: held.append(route), times=1)
    page.fill("#block [name=text]", 'Summer (in (the hills, {{ given_name | default: "dear" }}!')
    expect(email(page).get_by_text("Summer (in (the hills, dear!", exact=True)).to_be_visible()
    assert wait_until(lambda: held or page.wait_for_timeout(20))
    held.pop(0).continue_()
    page.click("#line-b2")
    page.locator("#block .rich-words").press("Home")
    page.locator("#block .rich-words").press_sequentially("Dear all. ")
    expect(email(page).get_by_text("Dear all. Hello", exact=True)).to_be_visible()
    assert wait_until(lambda: "Dear all" in kept(kettle, campaign)[1].html or page.wait_for_timeout(50))
    assert problems == []


def test_another_block_opens_while_the_words_of_this_one_are_on_their_way(page_at, kettle, campaign, problems):
    page = page_at(1440, path=where(campaign))
    held = []
    page.click("#line-b1")
    page.locator("#block [name=text]").wait_for()
    page.route("**/email/", lambda route: held.append(route), times=1)

    page.fill("#block [name=text]", "Summer")
    assert wait_until(lambda: held or page.wait_for_timeout(20))
    page.click("#line-b2")
    held.pop(0).continue_()

    expect(page.locator("#block .rich-words")).to_have_text("Hello")
    assert kept(kettle, campaign)[0].text == "Summer"
    assert problems == []


def test_the_subject_is_written_before_any_block_was_chosen(page_at, kettle, campaign, problems):
    page = page_at(1440, path=where(campaign))

    page.fill("#subject", "First flush")

    with working_in(kettle):
        assert wait_until(lambda: Content.objects.get(pk=campaign.message.content_id).subject == "First flush", 10)
    page.locator("#saved", has_text="Saved").wait_for()
    assert problems == []


def test_keys_alone_choose_move_copy_add_and_take_away(page_at, kettle, campaign, problems):
    page = page_at(1440, path=where(campaign))
    page.locator("#line-b1").focus()

    page.keyboard.press("ArrowDown")
    page.locator("#block[data-of=b2]").wait_for()
    page.keyboard.press("Alt+ArrowUp")
    page.locator(".outline-list > :first-child[data-block=b2]").wait_for()
    page.locator("#line-b3").focus()
    page.keyboard.press("ControlOrMeta+d")
    page.locator(".outline-list > :nth-child(4)").wait_for()
    page.locator("#line-b3").focus()
    page.keyboard.press("Delete")
    page.locator(".outline-list > :nth-child(3)").wait_for()
    page.locator(".outline-list > :nth-child(4)").wait_for(state="detached")
    page.locator("#line-b1").focus()
    page.keyboard.press("Enter")
    page.locator("#block[data-of=b1] textarea:focus").wait_for()
    page.keyboard.type("!")
    page.locator("#line-b1", has_text="!").wait_for()
    page.keyboard.press("Escape")

    page.locator("#line-b1:focus").wait_for()
    assert [type(one).__name__ for one in kept(kettle, campaign)] == ["TextBlock", "HeadingBlock", "DividerBlock"]
    assert "!" in kept(kettle, campaign)[1].text
    assert problems == []


def test_enter_writes_in_its_block_though_another_is_answered_first(page_at, kettle, campaign, problems):
    page = page_at(1440, path=where(campaign))
    held = []
    page.click("#line-b3")
    page.locator("#block[data-of=b3]").wait_for()
    page.route("**/email/", lambda route: held.append(route), times=1)

    page.locator("#line-b3").focus()
    page.keyboard.press("ControlOrMeta+d")
    assert wait_until(lambda: held or page.wait_for_timeout(20))
    page.locator("#line-b1").focus()
    page.keyboard.press("Enter")
    held.pop(0).continue_()

    expect(page.locator("#block[data-of=b1] textarea")).to_be_focused()
    expect(page.locator(".outline-list > :nth-child(4)")).to_be_visible()
    assert problems == []


def test_words_from_word_keep_their_headings_lists_and_links(page_at, kettle, campaign, problems):
    page = page_at(1440, path=where(campaign).replace("/email/", "/begin/"))
    word = "<h1 style='color:red'>Tea</h1><p class=x>Now <b>hot</b> <a href='https://k.example/'>here</a></p><ul><li>Oolong</li></ul><img src=x>"

    page.locator("summary", has_text="Word").click()
    page.locator(".pasted-words").click()
    page.evaluate(PASTE, word)
    page.get_by_role("button", name="Begin with these words").click()
    page.wait_for_url("**/email/")

    _brand, heading, text = kept(kettle, campaign)
    assert heading.text == "Tea"
    assert '<strong>hot</strong> <a href="https://k.example/">here</a>' in text.html
    assert "<ul><li>Oolong</li></ul>" in text.html
    assert problems == []


GOOGLE = (
    '<b style="font-weight:normal;" id="docs-internal-guid-1f"><p dir="ltr"><span style="font-size:11pt">We tasted </span>'
    '<span style="font-weight:700;font-size:11pt">eleven gardens</span><span style="font-style:italic"> at dawn</span>, '
    '<a href="https://www.google.com/url?q=https://k.example/tea?a%3D1&amp;sa=D&amp;source=docs"><span style="color:#15c">'
    'see</span></a></p><ul><li style="list-style-type:disc"><p role="presentation"><span>Oolong</span></p></li></ul></b>'
)
WORD = (
    "<style>p.MsoNormal{margin:0}</style><p class=MsoNormal>Ein <b style='mso-bidi-font-weight:normal'>warmer</b> Abend</p>"
    "<p class=MsoListParagraph style='text-indent:-18pt;mso-list:l0 level1 lfo1'><![if !supportLists]><span "
    "style='mso-list:Ignore'>·<span>&nbsp; </span></span><![endif]>Erstens</p><p class=MsoListParagraph "
    "style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>·</span>Zweitens</p><p class=MsoListParagraph "
    "style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.</span>Gezählt: style=a</p>"
)


@pytest.mark.parametrize(
    ("pasted", "kept_as"),
    [
        (
            GOOGLE,
            "<p>We tasted <strong>eleven gardens</strong><em> at dawn</em>, "
            '<a href="https://k.example/tea?a=1">see</a></p><ul><li>Oolong</li></ul>',
        ),
        (
            WORD,
            "<p>Ein <strong>warmer</strong> Abend</p><ul><li>Erstens</li><li>Zweitens</li></ul>"
            "<ol><li>Gezählt: style=a</li></ol>",
        ),
    ],
)
def test_bold_italic_lists_and_links_from_other_programs_are_kept(page_at, kettle, campaign, problems, pasted, kept_as):
    page = page_at(1440, path=where(campaign))
    page.click("#line-b2")
    page.locator("#block .rich-words").click()
    page.keyboard.press("ControlOrMeta+a")

    page.evaluate(PASTE, pasted)

    assert wait_until(lambda: kept(kettle, campaign)[1].html.replace("\n", "") == kept_as, 10), kept(kettle, campaign)[
        1
    ].html
    assert problems == []


def test_on_a_phone_the_blocks_come_first_then_one_then_the_email(page_at, kettle, campaign, problems, axe_clean):
    page = page_at(390, "dark", path=where(campaign))

    axe_clean(page)
    page.click("#line-b1")
    page.locator("#block").wait_for(state="visible")
    expect(page.locator("#outline")).to_be_hidden()
    page.fill("#block [name=text]", "On the way")
    page.locator("#line-b1", has_text="On the way").wait_for(state="attached")
    axe_clean(page)
    page.click("#block .only-phone")
    page.locator("#outline").wait_for(state="visible")
    page.click("#outline .only-phone")
    page.locator("#canvas").wait_for(state="visible")
    email(page).get_by_text("On the way").wait_for()
    axe_clean(page)

    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert problems == []


def test_two_in_the_editor_see_each_other_until_one_leaves(page_at, kettle, campaign, bob, problems):
    page = page_at(1440, path=where(campaign))
    with working_in(kettle):
        place = f"email:{campaign.message_id}"
        note_presence(place, bob.pk, writes=False)
    page.get_by_text("Bob Marsh is here, too").wait_for(timeout=8_000)
    with working_in(kettle):
        assert [one.name for one in others_at(place, bob.pk, who_may("campaigns.edit"))] == ["Ada Berg"]

    page.goto(f"{page.url.split('/w/')[0]}/w/kettle/campaigns/")

    with working_in(kettle):
        assert wait_until(lambda: not others_at(place, bob.pk, who_may("campaigns.edit")), 3)
    assert problems == []


def test_a_tab_that_is_closed_in_the_middle_of_a_word_loses_nothing(page_at, kettle, campaign, problems):
    page = page_at(1440, path=where(campaign))
    page.click("#line-b1")
    page.locator("#block [name=text]").wait_for()

    page.locator("#block [name=text]").press("End")  # where a click in the field may not have been
    page.locator("#block [name=text]").press_sequentially(", and a half-written wo")
    page.close(run_before_unload=True)  # as a person closes it: what the page does on leaving is done

    assert wait_until(lambda: kept(kettle, campaign)[0].text == "Spring, and a half-written wo", 10)
