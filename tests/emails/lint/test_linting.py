"""The lint says what readers lose in twelve mail clients, and nothing that they do not."""

import pytest

from emails.lint.clients import CLIENTS
from emails.lint.fallbacks import HARMS, SHOWN, Grade
from emails.lint.linting import CLIPPED, lint
from emails.lint.notes import NOTES
from emails.lint.picture_weights import picture_bytes
from emails.lint.support import NOWHERE, support
from emails.models import Picture
from emails.pictures import picture_address


def found(html: str) -> dict[str, tuple[Grade, list[str], list[str]]]:
    """Slug → grade, clients without it, clients with a part of it."""
    return {one.slug: (one.grade, one.missing, one.partial) for one in lint(html).findings}


def names(*keys: str) -> list[str]:
    return [one.name for one in CLIENTS if one.key in keys]


def test_the_data_tell_of_twelve_clients_and_of_every_feature_that_we_speak_of():
    known = support()

    assert known.clients == tuple(one.key for one in CLIENTS)
    assert {slug for slug in {*SHOWN, *HARMS} - known.features.keys() if slug not in NOWHERE} == set()
    assert all(len(one.support) == 12 for one in known.features.values())


def test_each_rule_about_a_note_still_finds_its_note():
    notes = " ".join(text.lower() for one in support().features.values() for text in one.notes.values())

    assert [words for words, _test in NOTES if words not in notes] == []


def test_plain_words_hold_everywhere():
    report = lint("<p>Hello <a href='https://kettle.example/'>there</a></p>")

    assert report.findings == ()
    assert {one.grade for one in report.clients} == {Grade.SAME}
    assert report.broken_links == []


@pytest.mark.parametrize(
    ("html", "slug", "clients"),
    [
        ('<img src="https://k.example/a.webp?x=1" alt="A">', "image-webp", ["outlook_2019"]),
        ("<svg></svg>", "html-svg", None),
        ('<video src="x.mp4"></video>', "html-video", None),
        ("<iframe></iframe>", "html-iframe", [one.key for one in CLIENTS]),
        ('<form><input type="text"></form>', "html-input-text", None),
        ('<p style="color: var(--ink)">x</p>', "css-variables", None),
        ('<p style="color: oklch(0.5 0.1 20)">x</p>', "css-modern-color", None),
        ('<div style="background-image: url(https://k.example/a.png)">x</div>', "css-background-image", None),
        ('<div style="background: url(https://k.example/a.png) center">x</div>', "css-background-image", None),
    ],
)
def test_what_is_lost_with_a_feature_breaks_the_email(html, slug, clients):
    grade, missing, partial = found(html)[slug]

    assert grade == Grade.BREAKS
    assert missing + partial
    assert clients is None or missing == names(*clients)


@pytest.mark.parametrize(
    ("html", "slug", "clients"),
    [
        ('<p style="border-radius: 4px">x</p>', "css-border-radius", ["outlook_2019", "gmx"]),
        ('<div style="display: flex">x</div>', "css-display-flex", None),
        ('<div style="background: #ffffff url(https://k.example/a.png)">x</div>', "css-background-image", None),
        ('<p style="gap: var(--x)">x</p>', "css-variables", None),
        ("<style>a:hover { color: red }</style>", "css-pseudo-class-hover", None),
        ("<style>@font-face { font-family: X; src: url(x.woff) }</style>", "css-at-font-face", None),
        ('<blockquote style="padding: 0 0 0 20px">x</blockquote>', "css-padding", ["outlook_2019"]),
    ],
)
def test_what_is_only_decoration_is_simpler(html, slug, clients):
    grade, missing, partial = found(html)[slug]

    assert grade == Grade.SIMPLER
    assert clients is None or missing + partial == names(*clients)


@pytest.mark.parametrize(
    "html",
    [
        '<table><tr><td style="padding: 20px">x</td></tr></table>',
        '<p style="margin: 0 0 12px">x</p>',
        '<p style="border-radius: 0; box-shadow: none; letter-spacing: normal">x</p>',
        '<div style="display: none; max-height: 0; overflow: hidden">x</div>',
        '<!--[if mso]><table><tr><td style="border-radius: 4px"><![endif]-->',
        '<!--[if mso]><table width="600"><tr><td><![endif]--><div style="max-width: 600px; padding: 4px">x</div>',
        '<img src="https://k.example/a.png" alt="A" width="200">',
    ],
)
def test_what_no_reader_would_notice_is_not_told(html):
    assert [one.slug for one in lint(html).findings if one.grade > Grade.SAME] == []


def test_what_outlook_for_windows_does_not_see_is_not_lost_there():
    shown = '<!--[if !mso]><!--><p style="border-radius: 4px">x</p><!--<![endif]-->'

    assert found(shown)["css-border-radius"][1] == names("gmx")


def test_rules_of_a_sheet_count_only_where_no_style_attribute_can_say_them():
    report = lint("<style>.a > .b { border-radius: 4px } @media (max-width: 480px) { .a > .b { gap: 4px } }</style>")

    slugs = {one.slug for one in report.findings}
    assert "css-border-radius" not in slugs
    assert {"css-at-media", "html-style"} <= slugs


def test_who_knows_no_dark_mode_is_told_of_that_and_of_nothing_inside_of_it():
    report = lint("<style>@media (prefers-color-scheme: dark) { .a > p { color: white !important } }</style>")

    light = [one.client.key for one in report.light_only]
    assert "gmail_web" in light
    assert "outlook_2019" in light
    assert [one.client.key for one in report.clients if one.grade == Grade.SAME] == [
        "apple_mail", "ios_mail", "outlook_mac", "outlook_com", "samsung",
    ]  # fmt: skip
    assert report.breaks == []


def test_a_finding_names_the_blocks_that_it_stems_from_and_says_a_sentence():
    html = '<!--b:b1--><p>a</p><!--/b:b1--><!--b:b2--><p style="border-radius: 4px">b</p><!--/b:b2--><p>c</p>'
    finding = lint(html).findings[0]

    assert finding.blocks == ("b2",)
    assert finding.title == "border-radius"
    assert str(finding.sentence) == "Outlook 2019 (Windows), GMX: square corners"
    assert "VML" in finding.notes[0]


def test_an_email_that_gmail_would_clip_says_so():
    light, heavy = lint("<p>x</p>"), lint("<p>" + "x" * CLIPPED + "</p>")

    assert (light.weight.kilobytes, light.weight.is_clipped, light.troubles) == (1, False, ())
    assert heavy.weight.is_clipped
    assert "Gmail" in heavy.troubles[0]


def test_pictures_of_ours_are_weighed_and_those_of_others_counted(inside):
    facts = {"content_type": "image/png", "fingerprint": "ab" * 32, "width": 2, "height": 1}
    Picture.objects.create(name="cup", size=1_400_000, data=b"png", **facts)
    ours = picture_address(inside.pk, "ab" * 32, "image/png")
    html = f'<img src="{ours}" alt="a"><img src="{ours}" alt="b"><img src="https://k.example/x.png" alt="c">'

    report = lint(html, picture_bytes=picture_bytes(html))

    assert (report.weight.pictures, report.weight.unknown_pictures) == (1_400_000, 1)
    assert "1400 kB" in report.troubles[0]


HOSTILE = {
    "deep elements": "<div>" * 200_000,
    "deep tables": "<table><tr><td>" * 40_000,
    "deep CSS": "<style>" + "@media screen{" * 20_000 + "</style>",
    "brackets": '<p style="color:' + "(" * 50_000 + '">x</p>',
    "comments never closed": "<!--" * 120_000 + ">",
    "instructions never closed": "<?" * 200_000,
    "CDATA": "<![CDATA[" * 60_000 + ">",
    "quotes": "<a href='" * 60_000 + ">",
    "NUL and half letters": "\x00\ud800<p style='\x00\ud800'>\ud800</p>",
    "nothing": "",
    "only signs": "<" * 500_000 + "&" * 90_000,
    "styles without end": "".join(f'<p style="margin:{n}px;color:#{n:06x}">x</p>' for n in range(14_000)),
    "links": "".join(f'<a href="https://e.example/{n}">x</a>' for n in range(15_000)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_whatever_stands_there_a_report_comes_back(name):
    report = lint(HOSTILE[name])

    assert len(report.clients) == 12
    assert all(str(one.sentence) for one in report.findings)


@pytest.mark.parametrize(
    "html",
    ["<style>@media screen { p { color red } }</style>", "<p style='color;;; red'>x</p>", "<style>} { ;</style>"],
)
def test_css_that_cannot_be_read_is_said_in_a_sentence(html):
    assert "cannot be read" in lint(html).troubles[0]
