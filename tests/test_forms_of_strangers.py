"""Whatever is written into a form: it is taken, or refused with a reason (422, 400, 404), and never a 500.

Every form of every page that Ada can open is filled in as it stands, with one field at a time made hostile. A sample
is drawn by a fixed seed; ECRM_ALL_FORMS=1 sends all of it.
"""

import os
import random
import re
from html.parser import HTMLParser

import pytest

from conversations.models import Conversation
from tests.factories.campaigns import everybody, make_campaign, make_programme, make_sender
from tests.factories.contacts import make_reader
from tests.factories.social import make_mention
from tests.test_isolation import INSIDE
from workspaces.current import working_in

HOSTILE = [
    "a\0b", "\ud800".encode("utf-8", "surrogatepass"), "9" * 30, "-1", "²", "1e400", "NaN", "0001-01-01", "9999-12-31T23:59",
    "[" * 5_000, '{"all": [{"field": {"name": "x", "op": "=", "value": 1e400}}]}', "x" * 70_000, "\u202e", "", "' OR 1=1 --",
    "../../etc/passwd", "true", "undefined",
]  # fmt: skip
SAMPLE = 120


def with_value(route: str, value: str) -> str:
    return re.sub(r"<(?:\w+:)?\w+>", value, route)


class Forms(HTMLParser):
    """The forms of a page that change something: (address, fields as they stand)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.open: dict[str, str] | None = None
        self.select = self.area = ""

    def handle_starttag(self, tag, attrs):
        facts = dict(attrs)
        if tag == "form":
            self.open = None
            if (facts.get("method") or "get").lower() == "post":
                self.open = {}
                self.found.append((facts.get("action") or "", self.open))
        if self.open is None:
            return
        name, value = facts.get("name") or "", facts.get("value") or ""
        if tag in {"input", "button"} and name and facts.get("type") not in {"file", "checkbox", "radio"}:
            self.open.setdefault(name, value)
        elif tag == "input" and name and "checked" in facts:
            self.open[name] = value or "on"
        elif tag in {"select", "textarea"} and name:
            self.select, self.area = (name, "") if tag == "select" else ("", name)
            self.open.setdefault(name, "")
        elif tag == "option" and self.select and ("selected" in facts or not self.open[self.select]):
            self.open[self.select] = value

    def handle_data(self, data):
        if self.area and self.open is not None:
            self.open[self.area] += data

    def handle_endtag(self, tag):
        if tag in {"select", "textarea"}:
            self.select = self.area = ""
        if tag == "form":
            self.open = None


@pytest.fixture
def world(kettle) -> list[str]:
    """One of each thing that pages are about; the ids to look for them by."""
    with working_in(kettle):
        reader, sender = make_reader("Greta Lind"), make_sender()
        rows = [reader, sender, make_campaign(sender), make_mention(), make_programme(), everybody("All")]
        conversation = Conversation.objects.get()
        return sorted({str(row.pk) for row in [*rows, conversation, conversation.connection]})


@pytest.fixture
def forms(as_ada, world):
    """Every form of every page that opens: page, address, fields."""
    found = {}
    for route, _pattern in INSIDE:
        for value in world if "<int:" in route else ["x"] if "<" in route else [""]:
            page = "/w/kettle/" + with_value(route, value)
            answer = as_ada.get(page)
            if answer.status_code == 200 and "html" in answer["Content-Type"] and not answer.streaming:
                reader = Forms()
                reader.feed(answer.content.decode())
                for action, fields in reader.found:
                    found[action or page, tuple(fields)] = fields
    return [(action, fields) for (action, _names), fields in found.items() if "logout" not in action]


def test_whatever_is_written_into_a_form_it_is_never_a_500(as_ada, forms):
    tries = [
        (action, fields | {name: value}, name)
        for action, fields in forms
        for name in fields
        if name != "csrfmiddlewaretoken"
        for value in HOSTILE
    ]
    chosen = tries if os.environ.get("ECRM_ALL_FORMS") else random.Random(7).sample(tries, SAMPLE)
    wrong = []
    as_ada.raise_request_exception = False

    for action, fields, name in chosen:
        answer = as_ada.post(action, fields)
        if answer.status_code >= 500:
            wrong.append(
                (action, name, str(fields[name])[:40], repr(answer.exc_info[1])[:160] if answer.exc_info else "")
            )

    assert len(forms) > 25
    assert wrong == []
