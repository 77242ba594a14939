"""Emails, library, programmes and campaigns at 200 %: nothing is cut off, nothing is out of reach of keys or eyes.

A screen of 1280 by 800 at 200 % is a window of 640 by 400 with two points each.
"""

import json
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from campaigns.beginning import begin_with
from campaigns.keeping_in_library import keep_in_library
from delivery.models import Message, TrackedLink
from emails.library.feeds import add_feed
from lib.clock import now
from tests.emails.making import SEVERAL, made
from tests.factories.campaigns import make_campaign, make_programme, make_sender, planned
from tests.factories.contacts import make_reader
from tests.factories.library import make_item
from tests.factories.offers import make_offer
from workspaces.current import working_in

pytestmark = pytest.mark.django_db(transaction=True)
ZOOMED = {"width": 640, "height": 400}
OUT_OF_SIGHT = """() => {
  const scrolls = (e) => {
    for (let up = e.parentElement; up && up !== document.documentElement; up = up.parentElement) {
      if (['auto', 'scroll'].includes(getComputedStyle(up).overflowX)) return true;
    }
    return false;
  };
  const shown = (e) => e.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})
    && !e.closest('[popover]:not(:popover-open), details:not([open]) > :not(summary), .visually-hidden');
  return [...document.querySelectorAll('a, button, input, select, textarea')].filter(shown).filter((e) => {
    const {left, right, width} = e.getBoundingClientRect();
    return width && !scrolls(e) && (left < -1 || right > innerWidth + 1) && !e.matches('.skip, .visually-hidden');
  }).map((e) => e.outerHTML.slice(0, 120));
}"""
COVERED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body || e.tagName === 'IFRAME') return '';
  const r = e.getBoundingClientRect();
  const x = Math.min(innerWidth - 1, Math.max(0, r.left + r.width / 2));
  // of what is higher than half of the window a part is enough: it need not stand below what sticks to the top
  const inside = r.height > innerHeight / 2 ? (Math.max(0, r.top) + Math.min(innerHeight, r.bottom)) / 2 : r.top + Math.min(r.height, 24) / 2;
  const y = Math.min(innerHeight - 1, Math.max(0, inside));
  const top = document.elementFromPoint(x, y);
  const is_seen = r.bottom > 0 && r.top < innerHeight && top && (e.contains(top) || top.contains(e) || e.labels?.[0]?.contains(top));
  return is_seen ? '' : e.outerHTML.slice(0, 160);
}"""
LABELS = """() => [...document.querySelectorAll('.folds td:not(:has(button))')].map(
  (e) => getComputedStyle(e, '::before').content)"""


@pytest.fixture
def world(kettle, ada, settings):
    """An email being built, one that is on its way, one kept; a library with a feed; a programme."""
    settings.ECRM_FETCH_LOOPBACK = True
    kettle.postal_address = "Lindenallee 8"
    kettle.save()
    with working_in(kettle):
        make_reader("Greta Lindqvist")
        programme, sender = make_programme(), make_sender()
        draft = make_campaign(sender, programme=programme, body="", body_format="blocks", name="Draft")
        begin_with(draft, made(*SEVERAL), by_id=ada.pk)
        sent = planned(make_campaign(sender, programme=programme, name="On its way, with quite a long name"))
        item = keep_in_library(sent, kettle, by=ada)
        make_item("A thing of the library with a title that is rather long", published_at=now() - timedelta(days=3))
        add_feed("http://127.0.0.1:1/feed", kind="article", tags=["Oolong"], by=ada)
    return {"draft": draft.pk, "sent": sent.pk, "programme": programme.pk, "item": item.pk}


PAGES = (
    "campaigns/{draft}/email/", "campaigns/{draft}/email/#block", "campaigns/{draft}/email/#canvas", "campaigns/{draft}/",
    "campaigns/{sent}/", "campaigns/{sent}/library/", "campaigns/", "campaigns/calendar/", "campaigns/holdout/",
    "emails/library/", "emails/library/{item}/", "emails/library/feeds/", "programmes/", "programmes/{programme}/",
    "programmes/{programme}/edit/",
)  # fmt: skip


def zoomed(page_at, path: str):
    page = page_at(640, path="/w/kettle/" + path)
    page.set_viewport_size(ZOOMED)
    page.wait_for_load_state("networkidle")
    return page


@pytest.mark.parametrize("path", PAGES)
def test_at_200_percent_nothing_is_cut_off_and_keys_reach_what_they_focus(page_at, world, path):
    page = zoomed(page_at, path.format(**world))

    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert page.evaluate(OUT_OF_SIGHT) == []
    covered = []
    for _step in range(40):
        page.keyboard.press("Tab")
        if hidden := page.evaluate(COVERED):
            covered.append(hidden)
    assert covered == [], json.dumps(covered, indent=1)


def test_on_a_narrow_screen_a_sent_email_is_seen_and_sent_once_more(page_at, world):
    page = zoomed(page_at, f"campaigns/{world['sent']}/")

    page.get_by_role("button", name="Once more…").click()
    expect(page.get_by_role("link", name="Keep in the library")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("link", name="See the email").click()
    page.wait_for_url("**/preview/")


def test_on_a_narrow_screen_a_test_is_sent_from_the_editor(page_at, world):
    page = zoomed(page_at, f"campaigns/{world['draft']}/email/")

    page.get_by_role("button", name="Send me a test").click()
    page.wait_for_url(f"**/campaigns/{world['draft']}/")
    expect(page.get_by_text("Your test is on its way", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "path", ["campaigns/", "emails/library/", "emails/offers/", "campaigns/senders/", "emails/library/{item}/"]
)
def test_on_a_phone_each_figure_of_a_table_stands_in_sight_under_what_it_is(page_at, world, kettle, path, axe_clean):
    with working_in(kettle):
        make_offer(name="Ten off, with quite a long name for such a small thing", worth="10 % off all oolongs")
    page = page_at(390, path="/w/kettle/" + path.format(**world))

    axe_clean(page)
    assert page.evaluate("[...document.querySelectorAll('.scroll')].every((e) => e.scrollWidth <= e.clientWidth)")
    labels = page.evaluate(LABELS)
    assert "none" not in labels
    assert bool(labels) is ("{item}" not in path)


def test_on_a_wide_screen_the_figures_of_each_link_are_in_sight(page_at, world, kettle):
    with working_in(kettle):
        message = Message.objects.get(campaigns=world["sent"])
        for number, label in enumerate(("See what is new", "how we picked them")):
            url = f"https://kettle.example/journal/slow-water/{number}"
            TrackedLink.objects.create(message=message, number=90 + number, url=url, label=label)
    page = page_at(1440, path=f"/w/kettle/campaigns/{world['sent']}/")

    expect(page.locator(".links-table tbody tr", has_text="slow-water")).to_have_count(2)
    assert page.evaluate("[...document.querySelectorAll('.scroll')].every((e) => e.scrollWidth <= e.clientWidth)")
