"""Every main page of the demo in a real browser: no error, nothing refused, axe clean, wide and narrow, light and dark."""

from itertools import count

import pytest
from playwright.sync_api import expect

from backstage.demo import seeding
from campaigns.dry_running import begin_dry_run
from campaigns.models import Campaign, Programme
from consent.models import SignUpForm
from consent.sign_up_forms.confirming import confirm_token
from contacts.models import AudienceRole, Company, Contact, FieldDefinition
from conversations.models import Conversation
from imports.models import ImportRun
from portal.access_links import relationship_token
from portal.signing_up.submitting import Asked, Circumstances, submit
from segments.models import Segment
from tests.conftest import empty_as_owner
from tests.databases import kept_rows
from workspaces.current import working_in
from workspaces.models import User, Workspace

pytestmark = pytest.mark.django_db(transaction=True)
LOOKS = [(1440, "light"), (390, "dark")]  # colours do not depend on the width; the style guide's test takes all four
NUMBERS = count(1)  # who asked with the same address a moment ago gets no second email
PAGES = [
    "",
    "contacts/",
    "contacts/?sort=heat",
    "contacts/new/",
    "contacts/imports/",
    "contacts/duplicates/",
    "contacts/companies/",
    "contacts/fields/",
    "contacts/fields/declare/?name=favourite+tea&type=number",
    "contacts/forms/",
    "contacts/do-not-contact/",
    "contacts/privacy/",
    "contacts/rules/",
    "contacts/quality/",
    "contacts/privacy/new/",
    "contacts/look-up/",
    "segments/",
    "segments/new/",
    "segments/lists/new/",
    "inbox/",
    "programmes/",
    "campaigns/",
    "campaigns/deliverability/",
    "emails/brand-kit/",
    "emails/pictures/",
    "engagement/",
    "engagement/model/",
    "metrics-explained/",
    "help/",
    "settings/",
    "settings/members/",
    "settings/keys/",
    "settings/webhooks/",
    "settings/audit/",
    "settings/demo/",
]


@pytest.fixture(scope="module")
def sown(django_db_setup, django_db_blocker):
    """The first brand of the demo, with sixty people: sown once for all tests of this file, and gone after them."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, kept_rows():
        patch.setattr(seeding, "BRANDS", [{**seeding.BRANDS[0], "people": 60}])
        patch.setattr("django.conf.settings.PASSWORD_HASHERS", ["django.contrib.auth.hashers.MD5PasswordHasher"])
        seeding.seed_demo()
        yield
        empty_as_owner()


@pytest.fixture
def demo(sown, db, settings) -> Workspace:
    """It, for a test that leaves it as it is: only the last one of this file takes it away."""
    settings.DEMO = True
    return Workspace.objects.get(slug="kettle")


def asked_of(segment: Segment) -> str:
    run = begin_dry_run(segment, message_class="marketing", topic_id=None, channel=1)
    return next(iter(run.counts))


def paths(demo: Workspace) -> list[str]:
    with working_in(demo):
        contact = AudienceRole.objects.filter(role=1).first().contact_id
        found = [
            *PAGES,
            f"contacts/{contact}/",
            f"contacts/{contact}/edit/",
            f"contacts/companies/{Company.objects.first().pk}/",
            f"contacts/fields/{FieldDefinition.objects.get(type='choice').pk}/",
            f"touchpoints/of/{contact}/",
            f"touchpoints/of/{contact}/log/",
            f"segments/{Segment.objects.filter(is_list=False).first().pk}/",
            f"segments/{Segment.objects.get(is_list=True).pk}/",
            f"campaigns/dry-runs/{(all_of := Segment.objects.filter(is_list=False).first()).pk}/",
            f"campaigns/dry-runs/{all_of.pk}/{asked_of(all_of)}/",
            f"contacts/forms/{(form := SignUpForm.objects.filter(archived_at=None).last()).pk}/",
            f"campaigns/{Campaign.objects.filter(message__state='sent').first().pk}/",
            f"campaigns/{Campaign.objects.filter(message__state='draft').first().pk}/",
            f"programmes/{Programme.objects.first().pk}/",
            f"inbox/{Conversation.objects.filter(state='waiting').first().pk}/",
        ]
        own = f"/p/kettle/me/{relationship_token(contact)}/"
        asked = submit(
            form.versions.first(), Asked(f"nora{next(NUMBERS)}@post.example", [], {}), Circumstances(language="de")
        )
        confirming = f"/p/kettle/confirm/{confirm_token(demo.pk, asked.pk)}/"
    hosted = f"/p/kettle/forms/{form.slug}/"
    public = [own, "/p/kettle/", hosted, f"{hosted}?lang=de", f"{hosted}embed/", confirming]
    return [*(f"/w/kettle/{path}" for path in found), *public, "/"]


@pytest.mark.parametrize(("width", "theme"), LOOKS)
def test_every_page_is_clean(demo, page_at, axe_clean, width, theme):
    page = page_at(width, theme, user=User.objects.get(email=seeding.EMAIL))

    wrong = []
    for number, path in enumerate(paths(demo)):
        response = page.goto(path)
        try:
            if theme == "light" or number % 4 == 0:  # what a theme changes is seen on a few; what a width does, on all
                axe_clean(page)
        except AssertionError as error:
            wrong.append(f"{path}: {error}")
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            wrong.append(f"{path}: wider than the window")
        if response.status != 200:
            wrong.append(f"{path}: {response.status}")

    assert wrong == []


def test_the_main_pages_work_without_javascript(demo, page_at):
    page = page_at(user=User.objects.get(email=seeding.EMAIL), javascript=False)

    for path in paths(demo):
        assert page.goto(path).status == 200
        expect(page.locator("h1"), path).to_have_count(1)


def test_the_demos_door_opens_with_the_keyboard(demo, page_at):
    page = page_at(user=None, path="/accounts/login/")
    door = page.get_by_role("button", name="Enter the demo")
    door.focus()
    page.keyboard.press("Enter")

    page.wait_for_url("**/w/kettle/")
    page.keyboard.press("Control+k")
    page.keyboard.type("Contacts")
    page.keyboard.press("Enter")  # before the answer has come: Enter means the words, not the lines of earlier ones
    page.wait_for_url("**/contacts/**")


def test_removing_the_demo_leaves_an_empty_workspace(demo, client):
    client.force_login(User.objects.get(email=seeding.EMAIL))

    assert client.post("/w/kettle/settings/demo/").status_code == 302

    assert not Workspace.objects.get(pk=demo.pk).is_demo
    with working_in(demo):
        assert (Contact.objects.count(), Campaign.objects.count(), Conversation.objects.count()) == (0, 0, 0)
        assert ImportRun.objects.count() == 0
