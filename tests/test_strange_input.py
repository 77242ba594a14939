"""Every address of both URLconfs, asked strange things: the answer is a page, a 400 or a 404, never a fault.

Each address gets every name that any view or form of ours reads, with values that fit no number, date, cursor or rule.
The values rotate from address to address; ECRM_FUZZ_ROUNDS=9 tries each name of each address with nine of them.
"""

import base64
import os
import re
import traceback
from itertools import count
from urllib.parse import quote

import pytest
from django.core.signals import got_request_exception
from django.test import Client
from django.urls import URLPattern, get_resolver

from conversations.models import Connection
from engagement.models import ScoreModel
from tests.leaking import make_row
from tests.test_house import ROOT
from tests.test_isolation import INSIDE, MODELS, patterns
from workspaces.current import working_in

OUTSIDE = [
    row for row in patterns(get_resolver("ecrm.urls")) if not row[0].startswith(("admin/", "v1/")) and "logout" not in row[0]
]  # fmt: skip
NOT_ASKED = {"settings/demo/"}  # takes every row away, and there is nothing left to ask
CURSOR = base64.urlsafe_b64encode(b'["newest", "x", 99999999999999999999]').decode()
VALUES = [
    quote("a\0b"), quote("²"), quote("٣"), "9" * 400, "-1", "1e999", "NaN", "0x10", "18446744073709551616", "[]", quote("{}"),
    quote('{"all": [{"field": {"name": 1, "op": [], "value": {}}}]}'), quote("[" * 5_000), quote('{"all":' * 300),
    quote('{"all": [{"bucket": {"salt": null, "from": 1e400, "to": "x"}}]}'),
    quote('{"all": [{"did": {"kind": {"a": 1}, "window": {"last_days": 1e308}}}]}'),
    "%ED%A0%80", "%FF%FE", "2026-13-45", "0001-01-01", "9999-12-31T23:59:59-14:00", "99999-01-01", "25:61", CURSOR,
    quote(base64.urlsafe_b64encode(b"[[[[").decode()), "x" * 9_000, quote("' OR 1=1 --"), quote("{{7*7}}{% if"), "%2e%2e%2f",
    quote("set:0.²:field"), quote("add:" + "0." * 400), "true", "", quote("\u202e\u200b"),
]  # fmt: skip
NAMES = sorted(
    {
        name
        for path in ROOT.glob("*/**/*.py")
        if path.parts[len(ROOT.parts)] not in {"tests", "tools", "bench", "var", ".venv"} and "migrations" not in path.parts
        for name in re.findall(r"(?:GET|POST|said|post|params|args)(?:\.get|\.getlist)?[\[(]\"([\w-]+)\"", path.read_text())
        + re.findall(r"^    (\w+) = forms\.\w+\(", path.read_text(), re.MULTILINE)
    }
    | {"leaf-name", "leaf-op", "leaf-value", "kind-0", "note-text", "columns", "page", "after", "q", "o", "p", "e", "_popup"}
)  # fmt: skip
ROUNDS = int(os.environ.get("ECRM_FUZZ_ROUNDS", "1"))


@pytest.fixture
def faults():
    """What broke while views ran: the last lines of each traceback."""
    found: list[str] = []

    def note(sender, request, **_):
        found.append(
            f"{request.method} {request.get_full_path()[:200]}\n{''.join(traceback.format_exc(limit=-3))[-900:]}"
        )

    got_request_exception.connect(note)
    yield found
    got_request_exception.disconnect(note)


@pytest.fixture
def rows(kettle) -> dict:
    """One row of everything; those whose text names a thing of our code name one that is there."""
    known = {Connection: {"network": "webhook"}, ScoreModel: {"is_current": False}}
    with working_in(kettle):
        made = {model: make_row(model, **known.get(model, {})) for model in MODELS}
        Connection.objects.update(network="webhook")  # those, too, that other rows brought with them
    return made


def body(turn: int) -> str:
    """A query or a form with every name."""
    return "&".join(f"{name}={VALUES[(place + turn) % len(VALUES)]}" for place, name in enumerate(NAMES))


def filled(route: str, pattern: URLPattern, rows: dict, value: str) -> str:
    """The address with real rows of its room for `pk`s, or with `value` in each hole."""
    room = getattr(pattern.callback, "__module__", "").split(".")[0]
    ids = [row.pk for model, row in rows.items() if model._meta.app_label == room and isinstance(row.pk, int)]
    text = re.sub(r"\(\?P<\w+>(?:\[[^\]]*\]\+?|[^)])*\)", "x", route)
    text = re.sub(r"<int:\w+>", value or str(max(ids, default=1)), text)
    text = re.sub(r"<(?:\w+:)?\w+>", value or "x", text)
    return "/" + re.sub(r"[\^$?]|\\Z", "", text)


HOLES = ["9" * 30, "18446744073709551616", "0", quote("²"), "a%00b", "%ED%A0%80", "x" * 3_000, "..%2f..", "-1"]
turns = count()


@pytest.mark.parametrize(("prefix", "routes"), [("/w/kettle", INSIDE), ("", OUTSIDE)], ids=["inside", "outside"])
def test_no_address_breaks_at_strange_input(prefix, routes, rows, as_ada, faults, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
    browser: Client = as_ada
    browser.raise_request_exception = False
    wrong = []
    for route, pattern in routes:
        if route in NOT_ASKED:
            continue
        address = prefix + filled(route, pattern, rows, "")
        for _round in range(ROUNDS):
            turn = next(turns)
            asked = [
                browser.get(f"{address}?{body(turn)}", headers={"HX-Request": "true"} if turn % 2 else {}),
                browser.post(address, body(turn + 7), content_type="application/x-www-form-urlencoded"),
                browser.post(address, b"\xff{[" * 50, content_type="application/json"),
            ]
            wrong += [
                (address, one.request["REQUEST_METHOD"], one.status_code) for one in asked if one.status_code >= 500
            ]
        if "<" in route:
            for value in HOLES:
                odd = browser.get(prefix + filled(route, pattern, rows, value))
                wrong += [(odd.request["PATH_INFO"], "GET", odd.status_code)] if odd.status_code >= 500 else []

    assert not wrong, "\n\n".join([str(wrong), *sorted(set(faults))])
    assert len(NAMES) > 60
