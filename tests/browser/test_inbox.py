"""The inbox in a real browser: three panes, keys, live, without JavaScript, on a phone."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contacts.models import Identity
from conversations.answers.replying import reply_to
from conversations.assigning import add_team_note, take
from conversations.mentions.by_hand import by_hand
from conversations.models import Conversation, SavedView
from tests.backstage.dev.launching import wait_until
from tests.factories.contacts import make_contact
from tests.factories.social import make_mention, make_vouching
from workspaces.current import working_in

pytestmark = pytest.mark.usefixtures("settled")
SIZES = [(width, theme) for width in (390, 1440) for theme in ("light", "dark")]


def waits_for(kettle, pk, state):
    """The state of the conversation, once it is the one waited for."""

    def now():
        with working_in(kettle):
            return Conversation.objects.get(pk=pk).state

    assert wait_until(lambda: now() == state)
    return now()


@pytest.fixture
def inbox(kettle, ada, bob, vouching, transactional_db):
    """Jonas complains in public, Ruth asks in private, a stranger praises; some history."""
    with working_in(kettle):
        bridge, now = make_vouching(), timezone.now()
        jonas = make_contact("Jonas Weber", roles=(5, 1), city="Leipzig")
        Identity.objects.create(contact=jonas, kind=4, value="jonas@werkbank.example")
        mine = {"handle": "jonas@werkbank.example", "name": "Jonas Weber", "thread": "lid", "followers": 412}
        first = make_mention(
            "@kettleandco second cracked lid in a year. Nice kettle, terrible lid. Anyone else?",
            connection=bridge,
            published_at=now - timedelta(days=16),
            **mine,
        )
        reply_to(
            first, "That should not happen twice, Jonas. A lid from the new batch goes out to you this week.", by=bob
        )
        late = make_mention(
            "Third lid that cracks. Is this a joke, @kettleandco? I was told a new one was on its way.",
            connection=bridge,
            title="Third lid that cracks",
            published_at=now - timedelta(days=2),
            **mine,
        )
        take(late.conversation, by=bob)
        add_team_note(late.conversation, "Warehouse: the parcel never left, label error.", by=bob)
        make_mention(
            "Parcel 20418 went to the neighbour again. No harm done, but please change the address.",
            connection=bridge,
            handle="ruth.adler@post.example",
            name="Ruth Adler",
            network="email",
            is_public=False,
            title="Parcel 20418 at the neighbour",
        )
        for n in range(6):
            make_mention(
                f"Does the new gooseneck spout fit the {n} l as well? Asking for my Sunday Assam.",
                connection=bridge,
                followers=90 * 10**n,
            )
        make_mention(
            "Bonjour, est-ce que le thé vert de mai revient ?",
            connection=bridge,
            name="Amélie Fournier",
            network="bluesky",
            language="fr",
        )
        make_mention(
            "Call me about 40 gifts for the office, please.",
            connection=by_hand(),
            name="Hana Kobayashi",
            network="phone",
            is_public=False,
        )
        return late.conversation_id


@pytest.mark.parametrize(("width", "theme"), SIZES)
@pytest.mark.parametrize("path", ["", "{pk}/"])
def test_the_inbox_is_accessible(page_at, axe_clean, inbox, width, theme, path):
    axe_clean(page_at(width, theme, path=f"/w/kettle/inbox/{path.format(pk=inbox)}"))


@pytest.mark.parametrize(
    "path", ["add/", "canned/", "connections/", "?queue=done", "?queue=waiting&pick", "?q=nothing+here"]
)
@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_the_pages_around_it_are_accessible(page_at, axe_clean, inbox, path, width, theme):
    axe_clean(page_at(width, theme, path=f"/w/kettle/inbox/{path}"))


def test_home_shows_who_waits(page_at, axe_clean, inbox):
    page = page_at(path="/w/kettle/")
    axe_clean(page)
    expect(page.locator(".waiting-list li")).to_have_count(5)


def test_keys_move_answer_and_close(page_at, inbox, kettle):
    page = page_at(path="/w/kettle/inbox/")

    page.keyboard.press("j")
    page.keyboard.press("j")
    chosen = int(page.locator("#list .item[aria-current]").get_attribute("id").removeprefix("item-"))
    page.keyboard.press("r")  # while what is marked is still on its way: the key and the words wait for it
    page.keyboard.type("It does, jer")
    page.locator(f"#conv[data-pk='{chosen}'] #reply-text").wait_for()
    expect(page.locator("#reply-text")).to_have_value("It does, jer")
    page.keyboard.press("Control+Enter")
    page.locator(".message.ours", has_text="It does, jer").wait_for()

    with working_in(kettle):
        assert Conversation.objects.get(pk=chosen).state == "done"
    expect(page.locator(f"#item-{chosen}")).to_have_count(0)


def test_done_can_be_taken_back(page_at, inbox, kettle):
    page = page_at(path=f"/w/kettle/inbox/{inbox}/")

    page.keyboard.press("e")
    page.locator("#toasts").get_by_text("Closed.").wait_for()
    assert waits_for(kettle, inbox, "done") == "done"
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    assert waits_for(kettle, inbox, "waiting") == "waiting"


def test_what_comes_in_appears_by_itself_and_the_draft_stays(page_at, inbox, kettle):
    page = page_at(path=f"/w/kettle/inbox/{inbox}/")
    page.get_by_role("textbox", name="Reply to Jonas Weber").fill("Jonas, you are right")

    with working_in(kettle):
        make_mention("It is burning! Urgent, dangerous, broken", name="Loud Voice", followers=900_000)
    page.get_by_text("Loud Voice").first.wait_for(timeout=12_000)

    expect(page.get_by_role("textbox", name="Reply to Jonas Weber")).to_have_value("Jonas, you are right")


def test_earlier_messages_come_above_and_stay_while_new_ones_come_in(page_at, inbox, kettle):
    with working_in(kettle):
        talk = Conversation.objects.get(pk=inbox)
        for n in range(60):
            add_team_note(talk, f"Parcel {n} looked for.", by=None)
    page = page_at(path=f"/w/kettle/inbox/{inbox}/")
    expect(page.locator("#msgs").get_by_text("second cracked lid")).to_have_count(0)

    page.get_by_role("link", name="Earlier messages").click()
    page.get_by_text("Parcel 0 looked for.").wait_for()
    assert page.locator("#msgs").evaluate("thread => thread.scrollTop") > 0  # what was read stays in sight
    with working_in(kettle):
        add_team_note(talk, "Found it!", by=None)
    page.get_by_text("Found it!").wait_for(timeout=12_000)

    expect(page.get_by_text("Parcel 0 looked for.")).to_have_count(1)
    expect(page.get_by_text("Parcel 59 looked for.")).to_have_count(1)


def test_many_are_closed_at_once_and_taken_back(page_at, inbox, kettle):
    page = page_at(path="/w/kettle/inbox/?pick")
    page.locator(f"[name=pick][value='{inbox}']").check()
    page.get_by_role("button", name="Close them").click()
    page.locator("#toasts").get_by_text("1 conversation done.").wait_for()
    assert waits_for(kettle, inbox, "done") == "done"

    page.locator("#toasts").get_by_role("button", name="Undo").click()
    assert waits_for(kettle, inbox, "waiting") == "waiting"


def test_without_javascript_it_reads_and_answers(page_at, inbox, kettle):
    page = page_at(path="/w/kettle/inbox/", javascript=False)

    page.locator(".item", has_text="Amélie").click()
    page.get_by_role("textbox", name="Reply to").fill("Oui, en mai.")
    page.get_by_role("button", name="Note the answer").click()

    expect(page.locator(".message.ours")).to_have_text(re.compile(r"\bOui, en mai\.\s*$"))
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator(".conversation-head").get_by_role("button", name="Close")).to_have_count(1)


def test_on_a_phone_the_list_comes_first_then_the_conversation(page_at, inbox):
    page = page_at(390, path="/w/kettle/inbox/")
    expect(page.locator(".list")).to_be_visible()
    expect(page.locator("#conv")).to_be_hidden()

    page.locator(".item").first.click()
    page.locator("#conv[data-open]").wait_for()
    expect(page.locator(".list")).to_be_hidden()
    expect(page.locator("#conv")).to_be_visible()
    page.get_by_role("link", name="Back to the list").click()
    page.wait_for_url("**/inbox/?queue=waiting")


def test_on_a_phone_queues_and_views_are_all_at_hand(page_at, inbox, kettle, ada):
    with working_in(kettle):
        SavedView.objects.create(user_id=ada.pk, name="Lids", query="queue=waiting&q=lid")
    page = page_at(390, path="/w/kettle/inbox/")
    wide = page_at(1440, path="/w/kettle/inbox/")
    offered = {one.strip() for one in wide.locator("#queues a").all_inner_texts()}

    page.locator(".phone-bar summary").click()
    for name in offered:
        expect(page.locator(".phone-bar")).to_contain_text(re.sub(r"[\s\d]+$", "", name))
    page.get_by_role("link", name="Lids").click()

    expect(page.locator(".item")).to_have_count(1)
    page.locator(".phone-bar > details > summary").first.click()
    page.get_by_role("button", name="Remove the view “Lids”").click()
    page.locator(".phone-bar .keep-view summary").click()
    page.locator("#view-name-here").fill("Broken lids")
    page.locator(".phone-bar .keep-view").get_by_role("button", name="Save").click()

    page.locator(".phone-bar > details > summary").first.click()
    expect(page.locator(".phone-bar").get_by_role("link", name="Broken lids")).to_be_visible()


def test_scripts_of_strangers_stay_text(page_at, kettle, transactional_db, ada):
    evil = '"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}'
    with working_in(kettle):
        make_mention(f"Hello {evil}", name=evil, handle="evil@social.example", title=evil)
    page = page_at(path="/w/kettle/inbox/")
    page.on("dialog", lambda dialog: pytest.fail(dialog.message))
