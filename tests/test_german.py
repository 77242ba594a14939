"""German is whole: every text says itself in it, and no machine reads a number written for people."""

import re
from datetime import date
from html.parser import HTMLParser
from itertools import islice

import pytest
import time_machine
from django import forms
from django.template import Context, Template
from django.utils.functional import Promise
from django.utils.translation import override

from contacts.models import Audience
from lib.charts.scales import short
from lib.local_words import DAYS, in_sentence, number
from tests.test_masking import crawl, world  # noqa: F401  (a fixture)
from tools import catalogue
from workspaces.models import User

PLACES = re.compile(r"%\(\w+\)\d*[sd]|%%|\{\w*\}|\{\{.*?\}\}")
STAND_IN = re.compile(r"""\| default: (?:'[^']*'|"[^"]*")""")
TAGS = re.compile(r"</?\w+")
FOR_MACHINES = {
    *("style", "d", "points", "x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "viewbox"),
    *("transform", "min", "max", "step", "href", "action", "hx-get", "hx-post", "datetime", "data-url"),
}
IDS = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}-[0-9a-f-]{27}|\?s=\S+")  # drawn anew for each look
MOST_PAGES = 110
TYPED = {"number", "date", "datetime-local", "range", "hidden", "checkbox", "radio"}


@pytest.fixture(params=catalogue.LANGUAGES)
def language(request):
    return request.param


def pairs(language):
    for message in catalogue.read(language):
        if not message.id:
            continue
        if isinstance(message.id, str):
            yield message.id, message.string
        else:
            yield from zip(message.id, message.string, strict=True)


def test_no_text_is_untranslated(language):
    assert catalogue.missing(language) == [], "python -m tools.catalogue update, then translate locale/*/django.po"


def test_no_translation_is_of_a_text_that_is_gone(language):
    here = {message.id for message in catalogue.marked()}

    assert [message.id for message in catalogue.read(language) if message.id and message.id not in here] == []


def test_the_compiled_catalogue_is_that_of_today(language):
    assert catalogue.po_of(language).with_suffix(".mo").read_bytes() == catalogue.compiled(language)


def places_in(text: str) -> list[str]:
    """The places of a text; a stand-in of a field is words, and may be others."""
    return sorted(STAND_IN.sub("| default:", place) for place in PLACES.findall(text))


def test_a_translation_keeps_places_and_tags(language):
    broken = {
        source: said
        for source, said in pairs(language)
        if places_in(source) != places_in(said) or sorted(TAGS.findall(source)) != sorted(TAGS.findall(said))
    }

    assert broken == {}


def test_a_translation_keeps_the_blanks_at_its_ends(language):
    assert [
        s
        for s, said in pairs(language)
        if (s[:1].isspace(), s[-1:].isspace()) != (said[:1].isspace(), said[-1:].isspace())
    ] == []


class Machine(HTMLParser):
    """What of a page is read by a machine: coordinates, addresses, the values of typed fields."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, str]] = []
        self.language = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "html":
            self.language = given.get("lang") or ""
        if given.get("name") in {"csrfmiddlewaretoken", "seen-locale"}:  # the latter is of the language itself
            return
        for name, value in attrs:
            typed = name == "value" and (given.get("type") in TYPED or tag in {"option", "button", "meter", "progress"})
            if value and (name in FOR_MACHINES or typed):
                self.found.append((tag, name, IDS.sub("", value)))


@time_machine.travel("2026-06-10 12:00Z", tick=False)
def test_no_number_for_a_machine_is_written_for_people(world, member, kettle, client):  # noqa: F811
    browser = member("owner")
    person, _reader = world
    begin = ["/w/kettle/", f"/w/kettle/contacts/{person.pk}/", "/w/kettle/inbox/"]
    english: dict[str, tuple[str, str]] = {}
    for address, text in islice(crawl(browser, *begin), MOST_PAGES):
        english.setdefault(re.sub(r"\d+", "0", address.partition("?")[0]), (address, text))
    kettle.locale = "de"
    kettle.save()
    different = {}
    for address, text in english.values():
        german = browser.get(address)
        if german.streaming:  # a file, not a page
            continue
        ours, theirs = Machine(text), Machine(german.content.decode())
        assert theirs.language in {"de", ""}, address
        if (changed := set(theirs.found) - set(ours.found)) and "/audit/" not in address:
            different[address] = sorted(changed)

    assert different == {}
    assert len(english) > 30


def test_the_language_of_the_account_wins_over_that_of_the_workspace(kettle, ada, client):
    kettle.locale = "de"
    kettle.save()
    client.force_login(ada)

    def rail() -> str:
        return client.get("/w/kettle/").text

    assert "Posteingang" in rail()
    User.objects.update(locale="en")
    assert "Inbox" in rail()
    User.objects.update(locale="xx")
    assert "Posteingang" in rail()


def test_a_member_chooses_language_and_zone_for_every_workspace(kettle, ada, client):
    client.force_login(ada)

    answer = client.post("/account/", {"name": "Ada L.", "locale": "de", "zone": "Asia/Tokyo"}, follow=True)

    ada.refresh_from_db()
    assert (ada.name, ada.locale, ada.zone) == ("Ada L.", "de", "Asia/Tokyo")
    assert "Gespeichert." in answer.text
    assert "Ihr Konto" in client.get("/account/").text
    assert "Neue Kampagne" in client.get("/w/kettle/campaigns/").text


@pytest.mark.parametrize("field", [{"locale": "xx"}, {"zone": "Mars/Base"}])
def test_a_language_or_zone_that_is_none_changes_nothing(ada, client, field):
    client.force_login(ada)

    answer = client.post("/account/", {"name": "Ada", "locale": "", "zone": ""} | field)

    assert answer.status_code == 422
    ada.refresh_from_db()
    assert ada.locale == ""


def test_a_stranger_reads_the_language_of_the_browser(client, db):
    assert "Anmelden" in client.get("/accounts/login/", headers={"accept-language": "de-AT,de;q=0.9,en;q=0.5"}).text
    assert "Sign in" in client.get("/accounts/login/", headers={"accept-language": "fr"}).text


def test_every_day_that_is_written_is_written_in_the_language():
    used = {
        pattern
        for path in catalogue.sources()
        for pattern in re.findall(r"""(?:\|date:|date_format\([^"\n]*, )"([^"]+)\"""", path.read_text())
    }

    assert {pattern for pattern in used if "j" in pattern} == set(DAYS)


def test_every_name_that_marks_a_text_is_one_that_the_catalogue_knows():
    names = {
        name
        for path in catalogue.sources()
        if path.suffix == ".py"
        for name in re.findall(r"\bn?p?gettext(?:_lazy)? as (\w+)", path.read_text())
    }

    assert names - {"gettext_module"} <= set(catalogue.KEYWORDS)


def test_days_and_numbers_are_written_in_the_language():
    day, page = date(2026, 6, 1), Template('{{ day|date:"l, j F" }} · {{ day|date:"Y-m-d" }}')

    assert page.render(Context({"day": day})) == "Monday, 1 June · 2026-06-01"
    assert (number(-1234.5, 1), short(1250), short(0.25), short(3)) == ("−1,234.5", "1.2k", "0.25", "3")
    with override("de"):
        assert page.render(Context({"day": day})) == "Montag, 1. Juni · 2026-06-01"
        assert (number(-1234.5, 1), short(1250), short(0.25), short(3)) == ("−1.234,5", "1,2k", "0,25", "3")


def test_a_label_in_a_sentence_keeps_the_nouns_of_its_language():
    assert in_sentence(Audience.CUSTOMER.label) == "customer"
    with override("de"):
        assert in_sentence(Audience.CUSTOMER.label) == "Kunde"
        assert Template("{% load charts %}{{ part|percent_of:8 }}").render(Context({"part": 1})) == "12,5"


def fields_named_by_python() -> set[str]:
    """Fields that a page shows under a label made of the field's name, which no catalogue knows."""
    found = set()
    waiting = list(forms.BaseForm.__subclasses__())
    while waiting:
        form = waiting.pop()
        waiting += form.__subclasses__()
        if (
            form.__module__.startswith(("django", "allauth", "tests", "backstage.styleguide"))
            or form.__name__ == "ReplyForm"
        ):  # has its own words
            continue
        for name, field in form.base_fields.items():
            if not isinstance(field.label, Promise) and not isinstance(field.widget, forms.HiddenInput):
                found.add(f"{form.__module__}.{form.__name__}.{name}")
    return found


def test_no_field_is_named_by_its_name_in_the_code():
    assert fields_named_by_python() == set()
