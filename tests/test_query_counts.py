"""The ratchet: how many queries each page costs on the demo, and that more people cost no more queries."""

import json
import os
from pathlib import Path

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backstage.demo import seeding
from contacts.models import Contact
from conversations.models import Conversation
from tests.browser.test_demo import PAGES
from workspaces.current import working_in
from workspaces.models import User, Workspace

KEPT = Path(__file__).with_name("query_counts.json")
SOME = 9
SKIPPED = {"help/", "settings/demo/"}


def sow(monkeypatch, people: int) -> None:
    monkeypatch.setattr(seeding, "BRANDS", [{**seeding.BRANDS[0], "people": people}])
    monkeypatch.setattr(seeding, "TEAM", [])
    seeding.seed_demo()


def counts(client, workspace: Workspace) -> dict[str, int]:
    with working_in(workspace):
        # by name: ids follow the order in which a statement happened to write its rows
        people = list(Contact.objects.filter(roles__role=1, owner_id__isnull=False).order_by("name", "pk")[:SOME])
        asked = Conversation.objects.filter(author__contact__isnull=False).order_by("-priority", "pk").first().pk
    pages = {path or "home": [path] for path in PAGES if path not in SKIPPED}
    pages["inbox/"] = [f"inbox/{asked}/"]  # at some hours the first that waits is a stranger, whose card asks less
    pages["contacts/N/"] = [f"contacts/{one.pk}/" for one in people]  # of whom we know more, more is asked: the most
    return {
        name: max(cost_of(client, f"/w/{workspace.slug}/{path}") for path in paths) for name, paths in pages.items()
    }


def cost_of(client, path: str) -> int:
    client.get(path)
    # twice: what is kept for seconds may just have ended, on a machine that is busy
    return min(queries_of(client, path) for _each in range(2))


def queries_of(client, path: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200
    return len(queries)


@pytest.mark.django_db
# at one moment: what somebody did, and which pages have something to show, differs a day
@time_machine.travel("2026-06-10 10:00Z", tick=False)
def test_pages_cost_what_they_cost_and_more_people_cost_no_more(client, monkeypatch):
    monkeypatch.setattr("workspaces.middleware.SEEN_FOR", 3_600)  # else some page pays for it, by the clock
    sow(monkeypatch, 120)
    client.force_login(User.objects.get(email=seeding.EMAIL))
    kettle = Workspace.objects.get(slug="kettle")
    few = counts(client, kettle)
    Workspace.objects.filter(pk=kettle.pk).update(slug="kettle-small")
    sow(monkeypatch, 240)
    many = counts(client, Workspace.objects.get(slug="kettle"))

    if os.environ.get("ECRM_KEEP_QUERY_COUNTS"):
        KEPT.write_text(json.dumps(many, indent=1, sort_keys=True) + "\n")
    grown = {name: (few[name], many[name]) for name in few if many[name] > few[name] + 1}
    assert grown == {}, "more people, more queries"
    kept = json.loads(KEPT.read_text())
    more = {name: n for name, n in many.items() if n > kept.get(name, 0)}
    assert more == {}, "a page asks more than it used to"
