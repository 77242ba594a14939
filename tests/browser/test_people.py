"""The pages of people and segments in a real browser."""

import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from contacts.models import Audience, Contact, Identity
from contacts.noting import add_note
from contacts.searching import index_people
from imports.models import ImportRun
from imports.starting import begin_import, keep_file
from segments.members.rechecking import refresh_with_readers
from segments.models import Segment
from tests.factories.contacts import make_contact, make_reader
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in

pytestmark = pytest.mark.django_db(transaction=True)
SHOTS = os.environ.get("ECRM_SHOTS", "")
RULE = {
    "all": [
        {"role": {"in": ["customer"]}},
        {"any": [
            {"did": {"kind": "purchase", "count": {"op": "=", "n": 0}, "window": {"last_days": 60}}},
            {"all": [{"did": {"kind": "message", "count": {"op": ">=", "n": 1}, "window": {"last_days": 90}}},
                     {"field": {"name": "city", "op": "set"}}]},
        ]},
        {"not": {"any": [{"field": {"name": "complaint_since", "op": "set"}}, {"tag": {"has_any": ["wholesale"]}}]}},
    ]
}  # fmt: skip


@pytest.fixture
def people(kettle, ada, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    with working_in(kettle):
        greta = make_reader(
            "Greta Lindqvist", email="greta@slowwater.example", city="Gothenburg", country="SE", language="sv",
            zone="Europe/Stockholm", roles=[Audience.CUSTOMER, Audience.INFLUENCER], tags=["assam", "blogger"],
            custom={"favourite kettle": "Gooseneck 0.6 l"}, complaint_since=timezone.now() - timedelta(days=7),
        )  # fmt: skip
        Identity.objects.create(contact=greta, kind=3, value="+46705550142", evidence="code typed")
        Identity.objects.create(contact=greta, kind=4, value="greta@tea.example", evidence="links back to her blog")
        add_note(greta, "Linen wrap, no plastic.\nSister in Malmö.", by=ada)
        for number, name in enumerate(
            ["Amélie Fournier", "Birgit Nowak", "Samuel Okafor", "Lucía Marín", "Theo Krause"]
        ):
            make_reader(name, roles=[Audience.CUSTOMER], city=["Lyon", "Bonn", "Leeds", "Vigo", "Bern"][number])
        make_contact("Wholesale Buyer", tags=["wholesale"], roles=[Audience.PROSPECT])
        segment = Segment.objects.create(
            name="Loyal, going quiet", rule=RULE,
            description="Customers who stopped ordering, or wrote to us. Not those with an open complaint.",
        )  # fmt: skip
        refresh_with_readers(segment)
        index_people(list(Contact.objects.values_list("pk", flat=True)))
        text = (
            "E-Mail;Vorname;Nachname\n" + "".join(f"p{n}@people.example;Paula;No {n}\n" for n in range(30)) + "x;y;z\n"
        )
        run = begin_import(keep_file([text.encode()], "people.csv"), "people.csv", by_id=ada.pk)
    return {"greta": greta.pk, "segment": segment.pk, "run": run.pk}


def paths(people):
    return {
        "contacts": "contacts/",
        "contact": f"contacts/{people['greta']}/",
        "edit": f"contacts/{people['greta']}/edit/",
        "look-up": "contacts/look-up/?q=greta@slowwater.example",
        "imports": "contacts/imports/",
        "import-map": f"contacts/imports/{people['run']}/columns/",
        "segments": "segments/",
        "segment": f"segments/{people['segment']}/",
        "segment-new": "segments/new/",
        "list-new": "segments/lists/new/",
    }


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_every_page_is_clean(page_at, axe_clean, people, width, theme):
    page = page_at(width, theme)
    for name, path in paths(people).items():
        page.goto(f"/w/kettle/{path}")
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{theme}.png", full_page=True)
        axe_clean(page)


def test_things_in_an_order_are_asked_in_words_and_changed_in_the_form(page_at, axe_clean, people, kettle):
    with working_in(kettle):
        source, at = source_for("test", "Test"), timezone.now() - timedelta(days=20)
        record([Fact("form", "f", at, contact_id=people["greta"])], source=source)
        record([Fact("purchase", "p", at + timedelta(days=9), contact_id=people["greta"])], source=source)
    page = page_at(1440, path="/w/kettle/segments/new/")
    page.fill("[name=words]", "who first submitted a form, then bought something, all within 7 days")
    page.press("[name=words]", "Enter")
    page.wait_for_selector(".condition:has-text('form submitted, then purchase')")
    expect(page.locator(".huge")).to_have_text("0 people")

    page.click("button.condition:has-text('form submitted')")
    page.fill("[name=leaf-days]", "9")
    axe_clean(page)
    page.click("button:text-is('Apply')")
    expect(page.locator(".huge")).to_have_text("1 person")
    page.fill("[name=person]", "greta")
    page.click("button:has-text('Ask')")
    page.wait_for_selector("text=all steps")
    if SHOTS:
        page.screenshot(path=Path(SHOTS) / "order.png", full_page=True)


def test_a_segment_is_built_and_saved(page_at, axe_clean, people, kettle):
    page = page_at(1440, path="/w/kettle/segments/new/")
    page.select_option("select[name=kind-0]", "tag")
    page.click("button:has-text('Add line')")
    page.fill("[name=leaf-names]", "wholesale")
    page.click("button:text-is('Apply')")
    page.wait_for_selector(".condition:has-text('wholesale')")
    axe_clean(page)
    expect(page.locator(".huge")).to_have_text("1 person")
    page.fill("[name=person]", "greta")
    page.click("button:has-text('Ask')")
    page.wait_for_selector("text=Greta Lindqvist is out, because of one line")
    page.fill("[name=name]", "Wholesale")
    page.click(".top button:has-text('Save')")
    page.wait_for_url(re.compile(r"/segments/\d+/$"))

    with working_in(kettle):
        assert Segment.objects.get(name="Wholesale").member_count == 1


def test_a_segment_is_built_without_javascript(page_at, people, kettle):
    page = page_at(1440, path="/w/kettle/segments/new/", javascript=False)
    page.select_option("select[name=kind-0]", "role")
    page.click("button:has-text('Add line')")
    page.check("[name=leaf-roles][value=prospect]")
    page.click("button:text-is('Apply')")
    page.click("button:has-text('Add none of')")
    page.fill("[name=name]", "Prospects")
    page.click(".top button:has-text('Save')")

    with working_in(kettle):
        assert json.dumps(Segment.objects.get(name="Prospects").rule) == (
            '{"all": [{"role": {"in": ["prospect"]}}, {"not": {"any": []}}]}'
        )


@pytest.mark.parametrize(("width", "theme"), [(1440, "light"), (390, "dark")])
def test_a_sentence_becomes_the_rule_by_enter(page_at, axe_clean, people, problems, width, theme):
    page = page_at(width, theme, path="/w/kettle/segments/new/")
    page.fill("#words", "customers in Bonn who nver bought")
    page.press("#words", "Enter")
    page.wait_for_selector("mark:has-text('nver')")
    axe_clean(page)
    assert {one for one in problems if "422" not in one} == set()
    problems.clear()  # it was answered with 422, as any form that is not understood
    page.click("button:text-is('never')")
    page.wait_for_selector(".condition:has-text('Bonn')")
    axe_clean(page)
    expect(page.locator("#rule-sentence")).to_have_text(
        "People who are customers and whose city is “Bonn” and who never bought"
    )
    page.click("button:has-text('Undo the last step')")
    page.wait_for_selector("#rule-sentence:text-is('Everybody')")


def test_a_sentence_becomes_the_rule_without_javascript(page_at, people, kettle):
    page = page_at(390, path="/w/kettle/segments/new/", javascript=False)
    page.fill("#words", "Kunden aus Bonn")
    page.press("#words", "Enter")
    page.fill("[name=name]", "Bonn")
    page.click(".top button:has-text('Save')")

    with working_in(kettle):
        assert Segment.objects.get(name="Bonn").member_count == 1


def test_the_gate_answers_for_another_kind_of_message(page_at, people):
    page = page_at(1440, path=f"/w/kettle/contacts/{people['greta']}/")
    expect(page.locator("#may-write .verdict")).to_contain_text("No")

    page.select_option("#may-write select", "transactional-")
    page.wait_for_selector("#may-write .verdict:has-text('Yes')")


def test_the_list_is_searched_while_typing(page_at, people):
    page = page_at(1440, path="/w/kettle/contacts/")

    page.fill("[name=q]", "samu oka")
    page.wait_for_selector("text=1 person")

    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_file_is_tried_out_and_imported(page_at, axe_clean, problems, people, kettle):
    from imports.tasks import run_imports

    page = page_at(1440, path=f"/w/kettle/contacts/imports/{people['run']}/columns/")
    page.select_option("[name=encoding]", "cp1250")
    page.wait_for_selector("[name=encoding] option[value=cp1250][selected]", state="attached")
    expect(page.locator(".raw-rows .header")).to_have_count(1)
    page.click("button:has-text('Check file')")
    page.wait_for_selector("text=Choose the lawful basis")
    assert [one for one in problems if "422" not in one] == []
    problems.clear()
    axe_clean(page)
    page.select_option("[name=basis]", "consent")
    page.fill("[name=proof]", "They signed the list at the tea fair in May.")
    page.click("button:has-text('Check file')")
    page.wait_for_selector("text=What would happen")
    expect(page.locator("#trial")).to_contain_text("Every cell is accounted for")
    axe_clean(page)
    with working_in(kettle):
        before = Contact.objects.count()
    page.click("button:has-text('Start the import')")
    page.wait_for_url("**/imports/*/")
    run_imports(kettle)
    page.wait_for_selector("#progress:has-text('Done')")
    page.goto(page.url)
    axe_clean(page)

    with working_in(kettle):
        assert Contact.objects.count() == before + 30
        assert ImportRun.objects.get(pk=people["run"]).counts == {"created": 30, "invalid": 1}
