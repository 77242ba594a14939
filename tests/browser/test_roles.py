"""Each role walks its whole job in a browser, from the invitation's mail to the last page: no refusal, no dead end.

The fixtures fail a walk at its first answer of 400 or more and at its first line in the console.
"""

import re

import pytest
from django.core import mail
from playwright.sync_api import expect

from campaigns.models import Campaign
from campaigns.planning import plan_due
from contacts.complaints import open_complaints
from contacts.models import Contact
from contacts.searching import index_people
from conversations.models import Conversation, Reply
from delivery.engine.sending import send_due
from engagement.models import LevelMove
from lib.clock import now
from tests.delivery.mailroom import Mailroom, open_mailroom
from tests.factories.campaigns import everybody, make_campaign, make_programme, make_sender
from tests.factories.contacts import make_contact, make_reader
from tests.factories.social import make_mention
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.inviting import invite
from workspaces.models import Membership, Workspace

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("settled")]
PASSWORD = "slow water, good water"
PHONE, HALF = {"width": 390, "height": 844}, {"width": 720, "height": 450}  # a phone; 1440 by 900 at 200 %
BODY = "# Hello\n\nThe [spring box](https://kettle.example/box) is packed."


@pytest.fixture
def arrive(page_at, kettle, ada):
    """`arrive("analyst", "Ines Vogt")`: the page on which somebody lands who was invited as that, by their mail."""

    def walk_in(role, name, **look):
        email = f"{role}@kettle.example"
        with working_in(kettle):
            invite(email, role, by=ada)
        link = re.search(r"http://[^/]+(/join/\S+)", mail.outbox[-1].body)[1]
        page = page_at(user=None, path=link, zone="Asia/Tokyo", **look)
        page.get_by_role("button", name="Join").click()
        page.get_by_label("Your name").fill(name)
        expect(page.get_by_label("Email")).to_have_value(email)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        page.get_by_label("Password (again)").fill(PASSWORD)
        page.get_by_role("button", name="Come in").click()
        page.wait_for_url("**/w/kettle/**")
        member = Membership.objects.select_related("user").get(user__email=email)
        assert (member.role, member.user.name, member.user.zone) == (role, name, "Asia/Tokyo")
        return page

    return walk_in


@pytest.fixture
def people(kettle):
    """Jonas bought, complained and waits; Ruth reads the newsletter; Amélie asks something; a campaign stands."""
    with working_in(kettle):
        jonas = make_contact("Jonas Weber", "jonas@werkbank.example", roles=(1,), city="Leipzig")
        ruth = make_reader("Ruth Adler", email="ruth@post.example")
        record([Fact("purchase", "p1", contact_id=jonas.pk, value_minor=900)], source=source_for("shop", "Shop"))
        late = make_mention("Third lid that cracks, terrible", handle="jonas@werkbank.example", name="Jonas Weber")
        late.author.contact = jonas
        late.author.save()
        for name in ("Amélie Fournier", "Hana Kobayashi", "Tom Green"):
            make_mention("Does the spout fit the small kettle?", name=name)
        open_complaints({jonas.pk: now()})
        LevelMove.objects.create(contact=ruth, before=4, after=5, at=now())
        index_people([jonas.pk, ruth.pk])
    return jonas, ruth


def fits(page):
    """Nothing is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def find(page, words, name):
    """Ctrl K, some words, Enter on what is called so. The page before has arrived: its keys are listened to."""
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find a page").fill(words)
    page.get_by_role("option", name=name).first.wait_for()
    page.get_by_role("option", name=name).first.click()
    page.locator("dialog[open]").wait_for(state="detached")


def follow(page, link, where):
    """The link, and its page has arrived."""
    page.get_by_role("link", name=link).click()
    page.wait_for_url(where)


def of(word, whom):
    """The name of a button of one line among many: what it does, then whom it is about."""
    return re.compile(rf"{word}\s*: {whom}")


def marked(page):
    return int(page.locator("#list .item[aria-current]").get_attribute("id").removeprefix("item-"))


def answers_beside_a_colleague(page, beside):
    """Who has the same conversation open sees that an answer is being written, then that it was given."""
    page.locator("#reply-text").press("!")
    page.evaluate("() => document.body.dispatchEvent(new Event('writing'))")
    beside.wait_for_timeout(100)
    beside.evaluate("() => document.body.dispatchEvent(new Event('writing'))")
    expect(beside.locator("#others")).to_contain_text("Ife Adeyemi is writing an answer.")
    page.keyboard.press("Control+Enter")
    page.locator(".message.ours", has_text="It does, jer!").wait_for()
    beside.evaluate("() => document.body.dispatchEvent(new Event('writing'))")
    expect(beside.locator("#others")).to_contain_text("Ife Adeyemi answered at")
    beside.context.close()


def acts_on_small_screens(page):
    """At 200 % and on a phone each act is there."""
    for size in (HALF, PHONE):
        page.set_viewport_size(size)
        for act in ("Assign", "Snooze", "Close"):
            expect(page.locator("#conv-head").get_by_role("button", name=act, exact=True)).to_be_visible()
        fits(page)
    page.locator("#conv-head").get_by_role("button", name="Snooze").click()
    page.locator(".popover:popover-open").get_by_role("button", name="Tomorrow at nine").click()
    page.locator("#toasts").get_by_text("Out of sight until then").wait_for()  # and the next one is open
    page.get_by_role("link", name="Back to the list").click()


def adds_what_came_elsewhere(page):
    """From the phone's menu of queues: what is set up, then a mention by hand that becomes a contact."""
    for name in ("Canned replies", "Connections", "Add by hand"):
        page.goto("/w/kettle/inbox/")
        page.locator(".phone-bar summary").click()
        page.locator(".phone-bar").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.get_by_label("Handle or address").fill("@lea@tea.example")
    page.get_by_label("What they wrote").fill("Is the shop open on Sunday?")
    page.get_by_role("button", name="Put it in the inbox").click()
    page.get_by_role("button", name="Make a contact").click()
    page.locator("#toasts").get_by_text("is a contact now").wait_for()
    page.locator("#card h2").get_by_role("link").click()
    page.get_by_role("link", name="Edit", exact=True).click()


def test_an_owner_founds_a_workspace_sets_it_up_and_looks_after_its_people(page_at, ada):
    page = page_at(path="/", zone="Asia/Tokyo")
    page.get_by_role("link", name="Found a workspace").click()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Kettle")
    expect(page.get_by_label("time zone")).to_have_value("Asia/Tokyo")
    page.get_by_label("Short name").fill("")
    page.get_by_label("Name", exact=True).fill("Grüne Kanne & Co")
    expect(page.get_by_label("Short name")).to_have_value("grune-kanne-co")
    page.get_by_label("colour").fill("#334455")
    page.get_by_role("button", name="Create workspace").click()
    page.wait_for_url("**/w/grune-kanne-co/")
    made = Workspace.objects.get(slug="grune-kanne-co")
    assert (made.zone, made.colour) == ("Asia/Tokyo", "#334455")

    expect(page.locator(".page > *").nth(1)).to_have_attribute("open", "")  # the set-up: open, and first
    expect(page.locator("main")).to_contain_text("No figure yet")
    page.get_by_role("link", name="Describe your brand").click()
    page.get_by_label("postal address").fill("Tea Street 1, Ulm")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")

    find(page, "invite", "Invite a colleague")
    page.get_by_label("Email").fill("ife@kettle.example")
    page.get_by_role("button", name="Send the invitation").click()
    link = re.search(r"http://[^/]+(/join/\S+)", mail.outbox[-1].body)[1]
    other = page_at(390, user=None, path=link)
    other.get_by_role("button", name="Join").click()
    other.get_by_label("Your name").fill("Ife Adeyemi")
    other.get_by_label("Password", exact=True).fill(PASSWORD)
    other.get_by_label("Password (again)").fill(PASSWORD)
    other.get_by_role("button", name="Come in").click()
    other.wait_for_url("**/w/grune-kanne-co/**")

    page.reload()
    choice = page.get_by_label("Role of Ife Adeyemi")
    choice.select_option("analyst")
    ife = Membership.objects.get(user__name="Ife Adeyemi")
    was = ife.role
    page.get_by_role("button", name=of("Save role", "Ife Adeyemi")).click()
    expect(page.locator("#toasts")).to_contain_text("Ife Adeyemi is Analyst now.")
    ife.refresh_from_db()
    assert (was != "analyst", ife.role) == (True, "analyst")
    page.get_by_role("button", name=of("Take out…", "Ife Adeyemi")).click()
    expect(page.get_by_text("Ife Adeyemi is signed out everywhere")).to_be_visible()
    page.locator(".sure:popover-open").get_by_role("button").click()
    expect(page.locator("#toasts")).to_contain_text("Ife Adeyemi is out.")

    for name in ("Senders", "Keys and snippet", "Audit log"):
        page.get_by_role("navigation", name="Settings").get_by_role("link", name=name).click()
        expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main")).to_contain_text("member.removed")
    page.set_viewport_size(PHONE)
    fits(page)


def write_by_hand(page, body: str) -> None:
    """An email of Markdown, not of blocks."""
    page.get_by_label("Made of").select_option("markdown")
    page.get_by_role("textbox", name="Email").fill(body)


def begin_by_hand(page, *, programme: str, campaign: str) -> None:
    """A programme that is begun, and a campaign of it on the page with all fields."""
    page.get_by_role("textbox", name="Name").first.fill(programme)
    page.locator(".top button.primary[form=charter]").click()
    page.get_by_role("link", name="New campaign").first.click()
    page.get_by_role("textbox", name="Name").first.fill(campaign)
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("link", name="All fields on one page").click()


def test_a_marketer_writes_sends_and_reads_the_result_without_a_reload(arrive, kettle, people, settings, tmp_path):
    settings.VAR_DIR, settings.ECRM_FETCH_LOOPBACK = tmp_path, True
    room = Mailroom()
    controller = open_mailroom(room)
    Workspace.objects.filter(pk=kettle.pk).update(postal_address="Tea Street 1, Ulm")
    with working_in(kettle):
        make_sender(port=controller.real_port)
        everybody("Everybody")
    page = arrive("marketer", "Mara Lind")
    find(page, "ruth", "Ruth Adler")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ruth Adler")
    find(page, "csv", "Bringing people in")
    expect(page.get_by_role("heading", level=1)).to_have_text("Bringing people in")
    find(page, "csv", "Import people")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Segments").click()
    page.get_by_role("link", name="Everybody").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Programmes").click()
    page.get_by_role("link", name="Start a programme").first.click()
    begin_by_hand(page, programme="Letters", campaign="Spring box")
    page.get_by_label("Goes to").select_option(label="Everybody")
    expect(page.get_by_label("Sender").locator("option:checked")).to_have_text("Post")
    page.get_by_label("Topic").select_option(label="Newsletter")
    page.get_by_label("Subject").fill("The spring box")
    write_by_hand(page, BODY)
    page.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("1 person gets it at once.")
    page.get_by_role("button", name="Approve").click()
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator("main .chip").first).to_have_text(re.compile("Planning|Scheduled"))
    here = page.url

    plan_due(kettle)
    expect(page.locator("main .chip").first).to_have_text("Sending", timeout=9_000)
    send_due(kettle)
    with working_in(kettle):
        message = Campaign.objects.get().message
    assert (message.state, message.state_reason) == ("sent", "")
    expect(page.locator("main .chip").first).to_have_text("Sent", timeout=9_000)
    expect(page.locator("main")).to_contain_text("Of 1 whose email was delivered")
    assert (page.url, len(room.letters)) == (here, 1)
    follow(page, "Look one up", "**/look-up/**")
    find(page, "spring", "Spring box")
    expect(page.get_by_role("heading", level=1)).to_have_text("Spring box")
    page.set_viewport_size(PHONE)
    fits(page)
    page.get_by_role("button", name="More", exact=True).click()
    page.locator("#more").get_by_role("link", name="Campaigns").click()
    expect(page.get_by_role("link", name="Spring box")).to_be_visible()
    controller.stop()


def test_a_community_manager_answers_with_keys_beside_a_colleague_and_on_a_phone(arrive, page_at, kettle, people):
    page = arrive("community", "Ife Adeyemi")
    page.get_by_role(
        "link", name=of("Answer", "Jonas Weber")
    ).click()  # the button on Home leads to where one can answer
    expect(page.get_by_role("textbox", name="Reply to Jonas Weber")).to_be_visible()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Inbox").click()
    page.wait_for_url("**/inbox/")
    page.keyboard.press("j")
    page.keyboard.press("j")
    chosen = marked(page)
    page.keyboard.press("r")
    page.keyboard.type("It does, jer")
    expect(page.locator(f"#conv[data-pk='{chosen}'] #reply-text")).to_have_value("It does, jer")
    with working_in(kettle):
        name = str(Conversation.objects.select_related("author").get(pk=chosen).author)
    expect(page.locator(".reply-top")).to_contain_text(f"Public reply to {name} on Mastodon: everyone can read it")
    expect(page.locator(".reply-top")).to_be_in_viewport()

    answers_beside_a_colleague(page, page_at(path=f"/w/kettle/inbox/{chosen}/"))
    with working_in(kettle):
        assert list(Reply.objects.values_list("conversation", "text")) == [(chosen, "It does, jer!")]

    page.keyboard.press("j")
    second = marked(page)
    page.locator(f"#conv[data-pk='{second}']").wait_for()
    page.keyboard.press("n")
    page.keyboard.type("Ask the workshop")
    page.keyboard.press("Control+Enter")
    page.locator(".team-note", has_text="Ask the workshop").wait_for()
    page.keyboard.press("a")
    page.locator(".popover:popover-open").get_by_role("button", name="Ada Berg").click()
    expect(page.locator("#conv-head")).to_contain_text("Assigned to Ada Berg.")
    page.keyboard.press("e")
    page.locator("#toasts").get_by_text("Closed.").wait_for()
    with page.expect_navigation():
        page.locator("#toasts").get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Close", exact=True).first.wait_for()

    acts_on_small_screens(page)
    adds_what_came_elsewhere(page)


def test_an_analyst_reads_everything_and_learns_a_name_only_on_request(arrive, kettle, people):
    jonas, _ruth = people
    with working_in(kettle):
        make_campaign(make_sender(), name="Autumn", programme=make_programme())
        everybody("Everybody")
    page = arrive("analyst", "Ines Vogt")
    for name in ("Home", "Engagement", "Inbox", "Contacts", "Segments", "Programmes", "Campaigns"):
        page.get_by_role("navigation", name="Main").get_by_role("link", name=name).first.click()
        expect(page.get_by_role("heading", level=1)).to_be_attached()
        shown = page.locator("body").inner_text()
        assert [one for one in ("Jonas", "Weber", "werkbank", "Ruth", "Adler") if one in shown] == [], name
    page.get_by_role("link", name="Autumn").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Home").click()
    expect(page.locator("details.setup")).to_have_count(0)  # none of its steps is for an analyst
    page.get_by_role("link", name=of("Open contact", f"Contact {jonas.pk}")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Contact {jonas.pk}")
    page.get_by_role("button", name="Show who this is").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jonas Weber")
    page.get_by_role("link", name="From them", exact=True).click()
    expect(page.get_by_role("link", name="From them", exact=True)).to_have_attribute("aria-current", "true")
    find(page, "everyb", "Everybody")
    find(page, "segment", "New segment")
    find(page, "gdpr", "Privacy")
    page.set_viewport_size(PHONE)
    page.goto("/w/kettle/engagement/")
    page.get_by_role("link", name="Year").click()
    page.wait_for_url("**weeks=52**")
    fits(page)


def test_a_colleague_looks_somebody_up_and_logs_a_call_with_the_keyboard_on_a_phone(arrive, kettle, people):
    jonas, _ruth = people
    page = arrive("colleague", "Col Reyes", width=390)
    page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first.focus()
    page.keyboard.type("jonas@werkbank.example")
    page.keyboard.press("Enter")
    expect(page.locator("#found")).to_contain_text("Jonas Weber")
    fits(page)
    page.get_by_role("link", name="From us", exact=True).click()
    page.get_by_role("link", name="Log an activity").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("What happened with Jonas Weber?")
    page.get_by_role("radio").or_(page.get_by_role("combobox")).first.focus()
    page.get_by_label("In a few words").fill("Asked about gift wrapping")
    page.get_by_role("button", name="Write it down").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/look-up/?of={jonas.pk}")
    expect(page.locator("#toasts")).to_contain_text("Activity logged.")
    expect(page.locator("#found")).to_contain_text("Asked about gift wrapping")
    page.get_by_role("link", name="Log an activity").click()
    page.get_by_role("link", name="Leave it").click()
    expect(page.locator("#found")).to_contain_text("Jonas Weber")
    page.keyboard.press("?")
    page.wait_for_url("**/help/contact/")
    find(page, "person", "Look somebody up")
    with working_in(kettle):
        assert Contact.objects.count() == 2
        assert Campaign.objects.count() == 0
