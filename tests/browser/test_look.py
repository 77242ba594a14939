"""The styleguide, the frame and the pages outside a workspace, in a real browser."""

import pytest
from django.test import override_settings
from playwright.sync_api import expect

SIZES = [(width, theme) for width in (390, 1440) for theme in ("light", "dark")]


@pytest.fixture
def debug():
    with override_settings(DEBUG=True):
        yield


@pytest.mark.parametrize(("width", "theme"), SIZES)
def test_every_component_is_accessible(page_at, axe_clean, debug, width, theme):
    axe_clean(page_at(width, theme, path="/styleguide/", user=None))


def test_the_styleguide_exists_for_developers_only(client, db):
    assert client.get("/styleguide/").status_code == 404


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"])
@pytest.mark.parametrize(("width", "theme"), [(390, "dark"), (1440, "light")])
def test_the_door_is_accessible(page_at, axe_clean, path, width, theme):
    axe_clean(page_at(width, theme, path=path, user=None))


@pytest.mark.parametrize("page", ["email", "2fa", "sessions", "password/change"])
def test_ones_own_account_is_accessible(page_at, axe_clean, kettle, page):
    axe_clean(page_at(390, "light", path=f"/accounts/{page}/"))


@pytest.mark.usefixtures("kettle")
@pytest.mark.parametrize("path", ["help/", "help/contact/", "help/keyboard/", "metrics-explained/"])
@pytest.mark.parametrize(("width", "theme"), [(390, "light"), (1440, "dark")])
def test_help_and_figures_are_accessible(page_at, axe_clean, path, width, theme):
    axe_clean(page_at(width, theme, path=f"/w/kettle/{path}"))


def test_a_lost_page_says_so(page_at, axe_clean, problems):
    page = page_at(390, path="/nowhere/", user=None)

    axe_clean(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Nothing here")
    assert [line.split()[0] for line in problems] == ["404", "console:"]
    problems.clear()


def test_the_theme_is_kept(page_at, debug):
    page = page_at(path="/styleguide/", user=None)
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.get_by_role("button", name="Dark").click()
    page.reload()

    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light


def test_a_chart_is_read_by_arrow_keys(page_at, debug):
    page = page_at(path="/styleguide/", user=None)
    chart = page.locator("svg.chart.involvement").first

    chart.focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")

    expect(page.locator("#announce")).to_have_text("9 Nov: 44")
    expect(chart.locator(".point.shown")).to_have_count(1)


def test_a_toast_can_be_taken_back(page_at, debug):
    page = page_at(path="/styleguide/", user=None)
    asked = []
    page.route("**/undo/7/", lambda route: (asked.append(route.request.method), route.fulfill(status=204)))
    page.evaluate("document.body.addEventListener('undone', event => event.preventDefault())")

    page.evaluate("htmx.trigger(document.body, 'toast', {text: 'Removed Greta', undo: '/undo/7/'})")
    page.locator("#toasts").get_by_role("button", name="Undo").click()

    page.wait_for_function("document.querySelectorAll('#toasts .toast').length === 0")
    assert asked == ["POST"]


def test_find_or_do_opens_by_key_and_goes_where_it_says(page_at, debug):
    page = page_at(path="/styleguide/", user=None)
    items = '{"items": [{"name": "Contacts", "url": "/accounts/login/", "icon": "users", "hint": "Page"}]}'
    page.route("**/styleguide/palette/*", lambda route: route.fulfill(body=items, content_type="application/json"))

    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find a page").fill("con")
    page.get_by_role("option", name="Contacts").wait_for()
    page.keyboard.press("Enter")

    page.wait_for_url("**/accounts/login/")


def test_a_letter_does_nothing_while_typing(page_at, debug):
    page = page_at(path="/styleguide/", user=None)

    page.get_by_role("searchbox", name="Name, email, phone").fill("")
    page.keyboard.type("/?")

    expect(page.get_by_role("searchbox", name="Name, email, phone")).to_have_value("/?")


def test_the_question_mark_opens_the_help_of_the_page(page_at, kettle):
    page = page_at(path="/w/kettle/metrics-explained/")

    page.keyboard.press("?")

    page.wait_for_url("**/w/kettle/help/metrics/")


def test_the_help_is_searched_without_javascript(page_at, kettle):
    page = page_at(path="/w/kettle/help/", javascript=False)

    page.get_by_role("searchbox").fill("suppression list")
    page.get_by_role("button", name="Search").click()

    found = ["Do not contact", "Bringing people in", "Building a segment", "Privacy", "API"]
    expect(page.locator(".help-list a")).to_have_text(found)


def test_no_page_carries_a_style_of_its_own(client, db):
    with override_settings(DEBUG=True):
        page = client.get("/styleguide/").text

    assert (" style=" in page, "onclick=" in page, "<style" in page) == (False, False, False)
