"""The signs of the product as markup: what they say aloud, and that nobody's words become markup."""

import re

import pytest
from django.template import Context, Template
from django.template.loader import get_template
from django.test import override_settings
from django.utils import translation

from engagement.templatetags import relationship
from lib.templatetags import look

NASTY = '"><script>alert(1)</script>'


def render(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    "source",
    [
        "{% avatar x %}", "{% level x 1 %}", "{% icon 'mail' label=x %}", "{% key x x %}", "{% sentiment x %}",
        "{% load charts %}{% trend series title=x unit=x %}", "{% load charts %}{% hbar rows title=x %}",
        "{% load charts %}{% chart_table heads rows x %}", "{% include 'components/note.html' with title=x text=x %}",
        "{% include 'components/person.html' with name=x url=x under=x %}", "{% stack parts %}",
    ],
)  # fmt: skip
def test_words_of_others_never_become_markup(source):
    page = render(
        source, x=NASTY, series=[(NASTY, 1), (NASTY, 2)], rows=[(NASTY, 3)], heads=[NASTY, NASTY],
        parts=[("lv1", 1, NASTY)],
    )  # fmt: skip
    assert "<script" not in page


def test_a_level_says_its_direction_aloud():
    assert "Loyal" in relationship.level("loyal", -1)
    assert '<span class="visually-hidden"> powering down</span>' in relationship.level("loyal", -1)
    assert relationship.level(5, -1) == relationship.level("loyal", -1)


def test_who_is_unknown_goes_nowhere():
    assert 'class="dir' not in relationship.level(None, 1)


def test_less_is_better_where_the_page_says_so():
    assert 'class="rising unbroken"' in look.change(-3, good="down")
    assert 'class="falling unbroken"' in look.change(-3)
    assert 'class="steady unbroken"' in look.change(-3, good="")
    assert look.change(None) == ""


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Greta Lindqvist", "GL"), ("greta@slowwater.example", "GE"), ("Åsa", "Å"), ("", "?"), ("…", "?")],
)
def test_an_avatar_shows_two_letters(name, letters):
    assert f">{letters}<" in look.avatar(name)


@pytest.mark.parametrize(("value", "text"), [(-41, "−41"), (-0.2, "0"), (None, "–"), (99.6, "100"), (-10.4, "−10")])
def test_scores_have_a_true_minus(value, text):
    assert look.minus(value) == text


def test_a_missing_icon_is_noticed_while_building():
    with override_settings(DEBUG=True), pytest.raises(ValueError, match="zebra is not in static/icons"):
        look.icon("zebra")


def test_no_decimal_comma_gets_into_a_drawing():
    with translation.override("de"), override_settings(USE_THOUSAND_SEPARATOR=True):
        page = render(
            "{% load charts %}{% cohort rows heads title='x' %}{% trend series %}{% bar 12.5 %}",
            rows=[("Mai", 1840, [1.5] * 20)], heads=[str(n) for n in range(20)], series=[("a", 1.25), ("b", 2.5)],
        )  # fmt: skip
    drawn = re.findall(r' (?:x|y|width|height|cx|cy|viewBox|d)="([^"]*)"', page)
    assert [value for value in drawn if "," in value] == []


def test_a_chart_says_its_values_in_words_and_in_a_table():
    page = render(
        "{% load charts %}{% trend s title='Reach' unit='people' %}", s=[("May", 3), ("June", None), ("July", 9)]
    )

    assert 'aria-label="Reach, people: from 3 to 9"' in page
    assert page.count('<th scope="row">') == 3
    assert "–</td>" in page


def test_a_chart_of_nothing_says_so():
    assert "No values yet." in render("{% load charts %}{% trend s title='Reach' %}", s=[("May", None)])


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "429", "500", "503", "too_slow"])
def test_every_error_page_stands_without_a_request_or_a_database(name):
    page = get_template(f"{name}.html").render()

    assert page.count("<h1") == 1
    assert "/static/css/tokens.css" in page
