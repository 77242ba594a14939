"""Who may not see names sees none: a crawl of everything that an analyst or a colleague can open, and what they may ask."""

import json
import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlsplit

import pytest

from contacts.complaints import open_complaints
from contacts.fields import CONTACT_FIELDS, Sensitivity
from contacts.models import Audience, Identity, Note
from conversations.models import Conversation, PublicAuthor
from engagement.models import LevelMove
from lib.clock import now
from segments.models import Segment
from tests.factories.campaigns import make_campaign
from tests.factories.contacts import make_contact, make_reader
from tests.factories.social import make_mention
from tests.test_house import ROOT
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.models import AuditEntry, Workspace

SECRETS = ("Zarathustra", "Quillfeather", "zquill", "hidden.example", "4915112345678", "cust-777-zq")
LINK = re.compile(r'(?:href|hx-get|src|data-url|action|hx-post)="([^"]+)"')
MOST_PAGES = 260
NOT_CRAWLED = ("/accounts/", "/static/", "/w/kettle/help/", "/w/kettle/admin/", "/w/rival/")


@pytest.fixture
def world(kettle, rival):
    """One person who has been everywhere, so that every page has a reason to name them."""
    with working_in(kettle):
        person = make_contact(
            "Zarathustra Quillfeather",
            "zquill@hidden.example",
            roles=(Audience.CUSTOMER, Audience.INFLUENCER),
            given_name="Zarathustra",
            family_name="Quillfeather",
            city="Linz",
        )
        reader = make_reader("Zarathustra Reader", email="reader.zquill@hidden.example")
        Identity.objects.create(contact=person, kind=Identity.Kind.PHONE, value="+4915112345678")
        Identity.objects.create(contact=person, kind=Identity.Kind.EXTERNAL_ID, value="cust-777-zq")
        Identity.objects.create(contact=person, kind=Identity.Kind.HANDLE, value="zquill@social.hidden.example")
        facts = [Fact("purchase", f"p{n}", contact_id=person.pk, value_minor=900) for n in range(3)]
        facts += [Fact("page", "v1", contact_id=reader.pk), Fact("call", "c1", contact_id=person.pk)]
        record(facts, source=source_for("shop", "Shop"))
        make_mention(
            "The kettle leaks and nobody helps", handle="zquill@social.hidden.example", name="Zarathustra Quillfeather"
        )
        PublicAuthor.objects.filter(contact=None).update(contact=person)
        Conversation.objects.update(title="")
        Segment.objects.create(name="Regulars", rule={"all": [{"role": {"in": [int(Audience.CUSTOMER)]}}]})
        Segment.objects.create(
            name="Old", rule={"all": [{"field": {"name": "email", "op": "starts", "value": "zquill"}}]}
        )
        make_campaign()
        open_complaints({person.pk: now()})
        LevelMove.objects.create(contact=reader, before=4, after=5, at=now())
        LevelMove.objects.create(contact=person, before=5, after=4, at=now())
        Note.objects.create(contact=person, text="Prefers the small spout", author_id=1)
    return person, reader


def crawl(browser, *beginnings: str) -> Iterator[tuple[str, str]]:
    """Every page that can be reached by links, with its text; no failures on the way."""
    waiting, seen = list(beginnings), set()
    while waiting and len(seen) < MOST_PAGES:
        address = waiting.pop(0)
        shape = re.sub(r"\d+", "0", address) if len(seen) > 60 else address
        if shape in seen:
            continue
        seen.add(shape)
        answer = browser.get(address)
        if answer.status_code in {301, 302}:
            waiting.append(answer["Location"])
            continue
        assert answer.status_code < 500, address
        if answer.status_code != 200 or "text/" not in answer.headers.get("Content-Type", ""):
            continue
        text = (b"".join(answer.streaming_content) if answer.streaming else answer.content).decode()
        yield address, text
        for link in LINK.findall(text):
            parts = urlsplit(unescape(link))
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            if not parts.netloc and target.startswith("/w/kettle/") and not target.startswith(NOT_CRAWLED):
                waiting.append(target)


@pytest.mark.parametrize("role", ["analyst", "colleague"])
def test_a_crawl_finds_no_name(world, member, role):
    person, reader = world
    asked = ["/w/kettle/", f"/w/kettle/contacts/{person.pk}/", f"/w/kettle/contacts/{reader.pk}/", "/w/kettle/inbox/"]
    asked += [f"/w/kettle/find/?q={word}" for word in ("Zara", "zquill", "hidden")]
    found = {
        (address, secret)
        for address, text in crawl(member(role), *asked)
        for secret in SECRETS
        if secret in re.sub(r'value="[^"]*"', "", text) and secret not in address
    }

    assert not found, "\n".join(map(str, sorted(found)))


def rule_of(**field) -> str:
    return json.dumps({"all": [{"field": field}]})


@pytest.mark.parametrize("name", [one.name for one in CONTACT_FIELDS if one.sensitivity is Sensitivity.IDENTIFYING])
@pytest.mark.parametrize("do", ["", "save", "why"])
def test_who_sees_no_names_cannot_ask_for_them_letter_by_letter(world, member, name, do):
    hidden = {"rule": rule_of(name=name, op="starts", value="z"), "do": do, "person": "1", "name": "Mine"}

    answer = member("analyst").post("/w/kettle/segments/new/", hidden)

    assert "so it cannot ask for them either" in answer.text
    with working_in(Workspace.objects.get(slug="kettle")):
        assert not Segment.objects.filter(name="Mine").exists()


def test_a_rule_inside_groups_is_found_too(world, member):
    deep = json.dumps({"all": [{"not": {"any": [{"field": {"name": "email", "op": "starts", "value": "z"}}]}}]})

    assert "so it cannot ask" in member("analyst").post("/w/kettle/segments/new/", {"rule": deep}).text


def test_why_tells_an_analyst_the_verdict_and_no_address(world, member, kettle):
    person, _reader = world
    with working_in(kettle):
        segment = Segment.objects.get(name="Old")

    address = f"/w/kettle/segments/{segment.pk}/"
    hers = member("analyst").post(address, {"do": "why", "person": str(person.pk), "rule": segment.rule}).text
    ours = (
        member("marketer").post(address, {"do": "why", "person": str(person.pk), "rule": json.dumps(segment.rule)}).text
    )

    assert [secret for secret in SECRETS if secret in hers] == []
    assert f"Contact {person.pk}" in hers
    assert "zquill@hidden.example" in ours


def test_what_is_no_name_may_be_asked(world, member):
    answer = member("analyst").post("/w/kettle/segments/new/", {"rule": rule_of(name="city", op="=", value="Linz")})

    assert "cannot ask" not in answer.text


def test_the_list_is_ordered_by_no_name_for_those_who_see_none(world, member):
    assert 'value="name"' not in member("analyst").get("/w/kettle/contacts/?sort=name").text


def test_a_preview_names_nobody_and_a_reveal_is_written_down(world, member, kettle):
    person, _reader = world
    analyst = member("analyst")
    with working_in(kettle):
        before = AuditEntry.objects.filter(action="contact.revealed").count()

    analyst.post(f"/w/kettle/contacts/{person.pk}/reveal/", {"reason": "A question of the board"})

    assert "Zarathustra" in analyst.get(f"/w/kettle/contacts/{person.pk}/").text
    with working_in(kettle):
        assert AuditEntry.objects.filter(action="contact.revealed").count() == before + 1


def test_no_template_of_ours_names_a_contact_past_the_one_door():
    named = re.compile(
        r"{{ *(?:contact|person\.contact|row\.contact)(?:\.(?:name|email|given_name|family_name))? *[|}]"
    )
    asks_for_it = {"campaigns/doubts_table.html", "campaigns/look_up.html"}  # their views need contacts.identify
    inside = [path.relative_to(ROOT / "templates") for path in ROOT.glob("templates/**/*.html")]
    inside = [path for path in inside if path.parts[0] != "portal" and str(path) not in asks_for_it]
    assert [str(path) for path in inside if named.search((ROOT / "templates" / path).read_text())] == []


def test_the_inbox_that_polls_and_searches_tells_no_name(world, member, kettle):
    with working_in(kettle):
        conversation = Conversation.objects.get()
    page, live = f"/w/kettle/inbox/{conversation.pk}/", f"/w/kettle/inbox/live/?open={conversation.pk}"
    analyst, marketer = member("analyst"), member("marketer")

    told = analyst.get(live).text + analyst.get(page).text
    assert [secret for secret in SECRETS if secret in told] == []
    assert f"Writer {conversation.author_id}" in analyst.get(live).text
    assert [
        browser.get("/w/kettle/inbox/?q=Zarath").text.count("kettle leaks") > 0 for browser in (analyst, marketer)
    ] == [False, True]
    assert "kettle leaks" in analyst.get("/w/kettle/inbox/").text


def test_a_poll_says_of_the_writer_what_the_page_says(world, member, kettle):
    with working_in(kettle):
        conversation = Conversation.objects.get()
    browser = member("marketer")

    heads = [
        re.sub(
            r"\s+",
            " ",
            re.search(r'class="byline">\s*<b>Zarathustra Quillfeather</b>(.*?)\d\d:\d\d', text, re.DOTALL)[1],
        )
        for text in (
            browser.get(f"/w/kettle/inbox/{conversation.pk}/").text,
            browser.get(f"/w/kettle/inbox/live/?open={conversation.pk}").text,
        )
    ]

    assert heads[0] == heads[1]
    assert "zquill@social.hidden.example" in heads[0]


def test_those_who_may_see_names_do(world, member):
    person, _reader = world

    assert "Zarathustra" in member("community").get(f"/w/kettle/contacts/{person.pk}/").text
