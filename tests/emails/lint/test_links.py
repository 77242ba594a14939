"""Links of an email: what is wrong with them as they stand, and what the web answers."""

import pytest
from django.template.loader import render_to_string

from emails.lint.link_checking import AT_ONCE, check_links
from emails.lint.linting import lint
from lib.connections.outgoing import parse_allowed
from tests.loopback import LoopbackApi


def links(html: str) -> list[tuple[str, bool]]:
    return [(one.text, bool(one.trouble)) for one in lint(html).links]


@pytest.mark.parametrize(
    ("href", "is_broken"),
    [
        ("https://kettle.example/a?b=1&amp;c=2", False),
        ("mailto:hello@kettle.example", False),
        ("tel:+49341123", False),
        ("#seats", False),
        ("{{ contact.link }}", False),
        ("", True),
        ("#", True),
        ("javascript:alert(1)", True),
        (" JaVa&#9;script:alert(1)", True),
        ("data:text/html,x", True),
        ("kettle.example", True),
        ("/shop", True),
        ("https://", True),
        ("https://kettle", True),
        ("https://[::1", True),
        ("https://kettle.example:99999/", True),
        ("https://kettle.example/a b", True),
    ],
)
def test_a_link_leads_somewhere_or_says_why_not(href, is_broken):
    assert links(f'<a href="{href}">Look</a>') == [("Look", is_broken)]


def test_the_foots_own_links_and_what_nobody_sees_are_no_broken_links():
    foot = '<div class="foot"><div><p><a href="#">Unsubscribe</a></p></div></div>'

    assert links(f'{foot}<div data-unseen><a href="#">.</a></div><a href="#">Read</a>') == [
        ("Unsubscribe", False),
        ("Read", True),
    ]


def test_a_picture_speaks_for_its_link_and_a_link_without_words_is_noted():
    spoken, dumb = lint(
        '<a href="https://k.example/1"><img alt="The cup"></a><a href="https://k.example/2"><img></a>'
    ).links

    assert (spoken.text, spoken.remark) == ("The cup", "")
    assert "screen reader" in dumb.remark


def test_the_same_words_for_two_places_are_noted_and_for_one_place_are_not():
    def of(other: str) -> set[bool]:
        html = f'<a href="https://k.example/1">Read on</a><a href="https://k.example/{other}">read on</a>'
        return {bool(one.remark) for one in lint(html).links}

    assert (of("2"), of("1")) == ({True}, {False})


class Site(LoopbackApi):
    """A website: its paths say what they answer."""

    def hear(self, method, path, headers, raw):
        if path == "/gone":
            return 404, None, {}
        if path == "/tired":
            return 503, None, {}
        if path == "/moved":
            return 302, None, {"Location": "/there"}
        return None if path == "/silent" else (200, {"ok": True}, {})


@pytest.fixture
def site(settings):
    one = Site()
    settings.ECRM_OUTGOING_ALLOWED = parse_allowed([f"127.0.0.1:{one.server.server_port}"])
    yield one
    one.close()


def test_the_web_is_asked_once_for_each_address_and_says_who_is_there(site):
    paths = ["/there", "/moved", "/gone", "/tired", "/silent"]

    answers = check_links([f"{site.url}{one}" for one in paths * 3] + ["mailto:a@b.example", "{{ x }}", "#a"])

    assert list(answers) == [f"{site.url}{one}" for one in paths]
    assert [(one.status, one.is_broken, bool(one.text)) for one in answers.values()] == [
        (200, False, False), (200, False, False), (404, True, True), (503, False, True), (0, True, True),
    ]  # fmt: skip


def test_more_links_than_are_asked_at_once_are_all_asked(site):
    answers = check_links(f"{site.url}/{number}" for number in range(3 * AT_ONCE))

    assert {one.status for one in answers.values()} == {200}
    assert len(answers) == 3 * AT_ONCE


def test_addresses_of_this_network_are_refused():

    answers = check_links(
        ["http://127.0.0.1:1/", "http://169.254.169.254/latest/", "http://[::1]/", "https://user:x@k.example/"]
    )

    assert all(one.is_broken and one.text and not one.status for one in answers.values())


def test_a_page_shows_the_report_by_client_and_by_link():
    html = '<p style="border-radius: 4px">a</p><svg></svg><a href="kettle.example">Shop</a><a href="https://k.example/">Home</a>'

    shown = render_to_string("emails/lint.html", {"report": lint(html)})

    words = " ".join(shown.split())
    assert "12 mail clients:" in words
    assert "<b>1 kB</b> of 100" in words
    assert "2 links, 1 broken" in words
    assert "Outlook 2019 (Windows)" in words
    assert "the picture is missing" in words
    assert "“kettle.example” is no address of the web" in words
    assert "caniemail of" in words
