"""A member lets this browser show what concerns them, tries it, and ends it; on a phone and without JavaScript, too. So do
people on the brand's own page.

A headless Chromium asks nobody and has no push service behind it: the permission, and what it would get from one, is given
to the page. The worker is real, and gets what arrived at the push service of the test as Chromium's own tools hand it over.
"""

import json

import pytest
from playwright.sync_api import expect

from delivery.forms import form_of
from delivery.models import Sender
from messengers.models import PushSubscription
from tests.backstage.dev.launching import wait_until
from tests.messengers.conftest import service  # noqa: F401
from tests.messengers.pushing import FakeBrowser
from workspaces import agenda
from workspaces.current import working_in
from workspaces.models import MemberBrowser
from workspaces.notices.noticing import PUSHING

pytestmark = pytest.mark.usefixtures("settled")
NOTICES = "/w/kettle/notices/"
GIVEN_BY_CHROMIUM = """
let says = localStorage.getItem("given") ? "granted" : "default";
Object.defineProperty(Notification, "permission", { get: () => says });
Notification.requestPermission = async () => (says = "granted");
const json = %s, kept = "given";
const given = (key) => ({
  endpoint: json.endpoint, toJSON: () => json, options: { applicationServerKey: new Uint8Array(key).buffer },
  unsubscribe: async () => { localStorage.removeItem(kept); return true; },
});
const found = () => { const key = localStorage.getItem(kept); return key && given(JSON.parse(key)); };
PushManager.prototype.getSubscription = async () => found() || null;
PushManager.prototype.subscribe = async ({ applicationServerKey }) => {
  localStorage.setItem(kept, JSON.stringify(Array.from(applicationServerKey)));
  return found();
};
"""


@pytest.fixture
def desk(service) -> FakeBrowser:  # noqa: F811
    """The subscription that Chromium is given, and what opens what is sealed for it."""
    return service.browser("desk")


@pytest.fixture
def notices(page_at, desk, kettle, transactional_db):
    """`notices(width, theme)`: the page, in a browser in which people may be shown notifications."""

    def go(width=1440, theme="light", **options):
        page = page_at(width, theme, **options)
        page.add_init_script(GIVEN_BY_CHROMIUM % json.dumps(desk.json))
        page.goto(NOTICES)
        return page

    return go


def shown_by_worker(page, payload: str) -> dict:
    """What the worker of the page shows once a push comes in."""
    tools, found = page.context.new_cdp_session(page), []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda said: found.extend(said["registrations"]))
    tools.send("ServiceWorker.enable")
    (worker,) = page.context.service_workers
    worker.evaluate(
        "() => { registration.showNotification = async (title, given) => { self.shown = {title, ...given}; }; }"
    )
    facts = {"origin": page.evaluate("location.origin"), "registrationId": found[0]["registrationId"], "data": payload}
    tools.send("ServiceWorker.deliverPushMessage", facts)
    assert wait_until(lambda: worker.evaluate("() => Boolean(self.shown)"))
    return worker.evaluate("() => self.shown")


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_a_member_turns_it_on_tries_it_and_ends_it(notices, axe_clean, kettle, ada, desk, service, width, theme):  # noqa: F811
    page = notices(width, theme)
    axe_clean(page)
    page.get_by_role("button", name="Show me notifications here").click()

    expect(page.get_by_text("Notifications are on in this browser.")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="this one")).to_contain_text("Linux")
    axe_clean(page)
    with working_in(kettle):
        assert MemberBrowser.objects.get().user_id == ada.pk

    page.get_by_role("button", name="Try it").click()
    expect(page.get_by_text("A notification is on its way")).to_be_visible()
    agenda.do_work(kettle, PUSHING)
    (asked,) = service.asked
    said = desk.read(asked.body)
    given = {"title": said["title"], "body": said["text"], "tag": said["tag"], "data": {"link": said["link"]}}
    assert shown_by_worker(page, json.dumps(said)) == given | {"renotify": True}

    page.get_by_role("button", name="End").click()
    expect(page.get_by_text("This browser shows no more notifications.")).to_be_visible()
    expect(page.get_by_role("button", name="Show me notifications here")).to_be_visible()
    assert page.evaluate("localStorage.getItem('given')") is None
    with working_in(kettle):
        assert not MemberBrowser.objects.exists()


def test_who_said_no_to_it_is_told_where_that_is_changed(page_at, kettle, transactional_db, axe_clean):
    page = page_at()
    page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' });")
    page.goto(NOTICES)

    expect(page.get_by_text("Your browser blocks notifications here.")).to_be_visible()
    expect(page.get_by_role("button", name="Show me notifications here")).to_be_hidden()
    axe_clean(page)


def test_a_browser_that_cannot_says_so(page_at, kettle, transactional_db):
    page = page_at()
    page.add_init_script("delete window.PushManager")
    page.goto(NOTICES)

    expect(page.get_by_text("This browser shows no notifications")).to_be_visible()


def test_a_push_service_that_fails_leaves_a_way_to_try_again(notices, kettle):
    page = notices()
    page.evaluate("() => { PushManager.prototype.subscribe = async () => { throw new Error('away'); }; }")
    page.get_by_role("button", name="Show me notifications here").click()

    expect(page.get_by_text("That did not work. Try it again in a moment.")).to_be_visible()
    expect(page.get_by_role("button", name="Show me notifications here")).to_be_visible()
    with working_in(kettle):
        assert not MemberBrowser.objects.exists()


def test_without_javascript_the_page_says_why(page_at, kettle, transactional_db):
    page = page_at(390, "dark", path=NOTICES, javascript=False)

    assert (
        "Notifications need JavaScript." in page.content()
    )  # Chromium draws no <noscript> where its tools end scripts
    expect(page.get_by_role("button", name="Show me notifications here")).to_be_hidden()


def test_people_still_allow_and_end_it_on_the_brands_own_page(
    page_at, kettle, desk, settings, live_server, transactional_db
):
    settings.ECRM_URL = live_server.url
    with working_in(kettle):
        data = {"name": "Bell", "subject": "mailto:web@kettle.example", "hours": "24", "urgency": "normal"}
        form = form_of("push")(data | {"per_second": "100", "connections": "4"}, instance=Sender(kind="push"))
        assert form.is_valid(), form.errors
        form.save()
    page = page_at(user=None)
    page.add_init_script(GIVEN_BY_CHROMIUM % json.dumps(desk.json))
    page.goto("/p/kettle/push/")
    page.get_by_role("button", name="Yes, show me notifications").click()

    expect(page.get_by_text("Notifications are on in this browser.")).to_be_visible()
    with working_in(kettle):
        assert PushSubscription.objects.get(gone_at=None).endpoint == desk.endpoint
    page.get_by_role("button", name="End them").click()
    expect(page.get_by_role("button", name="Yes, show me notifications")).to_be_visible()
    with working_in(kettle):
        assert not PushSubscription.objects.filter(gone_at=None).exists()
