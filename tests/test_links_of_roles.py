"""What a page offers a role, the role may do: every link shown opens, every form shown may be sent. A crawl per role."""

import re
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.urls import resolve

from contacts.complaints import open_complaints
from contacts.models import Audience, Note
from conversations.models import PublicAuthor
from ecrm import urls_workspace
from engagement.models import Annotation
from lib.clock import now
from segments.models import Segment
from tests.factories.campaigns import make_campaign, make_programme, make_sender, planned
from tests.factories.contacts import make_contact, make_reader
from tests.factories.social import make_mention
from touchpoints.facts import Fact
from touchpoints.recording import record
from touchpoints.sources import source_for
from workspaces.current import working_in
from workspaces.inviting import invite
from workspaces.models import Role
from workspaces.permissions import may

TAG = re.compile(r"<(?:a|form|button|iframe|img|section|div|select|input|span|dialog)\b[^>]*>", re.DOTALL)
ATTRIBUTE = re.compile(r'\b(href|src|hx-get|hx-post|action|formaction|data-url)="([^"]*)"')
ELSEWHERE = ("/w/kettle/admin/", "/w/rival/")
ROLES = [Role.OWNER, Role.ADMIN, Role.MARKETER, Role.COMMUNITY, Role.ANALYST, Role.COLLEAGUE]


@pytest.fixture
def world(kettle, ada):
    """A workspace in which every page has something to show: people, threads, campaigns before and after, an import."""
    with working_in(kettle):
        person = make_contact("Jonas Weber", "jonas@werkbank.example", roles=(Audience.CUSTOMER, Audience.CRITIC))
        make_reader("Ruth Adler", email="ruth@post.example")
        record([Fact("purchase", "p1", contact_id=person.pk, value_minor=900)], source=source_for("shop", "Shop"))
        make_mention("The lid cracked, terrible", handle="jonas@werkbank.example", name="Jonas Weber")
        PublicAuthor.objects.update(contact=person)
        make_mention("Does the spout fit?", name="A stranger")
        open_complaints({person.pk: now()})
        Note.objects.create(contact=person, text="Prefers the small spout", author_id=ada.pk)
        Segment.objects.create(name="Regulars", rule={"all": [{"role": {"in": [int(Audience.CUSTOMER)]}}]})
        programme, sender = make_programme(), make_sender()
        make_campaign(sender, name="Draft", programme=programme)
        planned(make_campaign(sender, name="On its way", programme=programme))
        Annotation.objects.create(name="Fair", starts_on=now().date(), ends_on=now().date())
        invite("asked@kettle.example", Role.ANALYST, by=ada)
    return kettle


def offered(text: str) -> tuple[set[str], set[str]]:
    """(what a page lets one open, where it lets one post)."""
    opens, posts = set(), set()
    for tag in TAG.findall(text):
        is_post_form = tag.startswith("<form") and 'method="post"' in tag
        for name, value in ATTRIBUTE.findall(tag):
            goes_out = name in {"hx-post", "formaction"} or (name == "action" and is_post_form)
            (posts if goes_out else opens).add(unescape(value))
    return opens, posts


@pytest.mark.parametrize("role", ROLES)
def test_a_page_offers_nothing_that_is_refused(world, as_ada, member, role):
    browser = as_ada if role == Role.OWNER else member(role)
    beginnings = ["/w/kettle/", "/w/kettle/contacts/look-up/?q=jonas@werkbank.example"]
    waiting, seen, refused, asked = [(one, "typed") for one in beginnings], set(), [], set()
    while waiting:
        address, shown_on = waiting.pop()
        shape = re.sub(r"\d+", "0", address.split("?")[0]) + "?" * ("?" in address)
        if shape in seen:
            continue
        seen.add(shape)
        answer = browser.get(address)
        if answer.status_code in {301, 302}:
            waiting.append((answer["Location"], address))
            continue
        if answer.status_code >= 400:
            refused.append(f"{answer.status_code} {address} on {shown_on}")
        if answer.status_code != 200 or "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        opens, posts = offered(answer.text)
        asked |= {(address, target) for target in posts}
        for link in opens:
            parts = urlsplit(link)
            target = (parts.path or address.split("?")[0]) + (f"?{parts.query}" if parts.query else "")
            if not parts.netloc and target.startswith("/w/kettle/") and not target.startswith(ELSEWHERE):
                waiting.append((target, address))
    for address, target in asked:
        if target.startswith("/w/kettle/"):
            permission = resolve(urlsplit(target).path.removeprefix("/w/kettle"), urls_workspace).func.permission
            if not may(role, permission):
                refused.append(f"POST {target} on {address}")

    assert not refused, "\n".join(sorted(refused))
    assert len(seen) > {Role.COLLEAGUE: 5}.get(role, 20)
