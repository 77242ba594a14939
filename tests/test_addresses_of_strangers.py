"""No id, number, moment or cursor in an address ends a page: what no column holds is a 400 or a 404, never a 500."""

import base64
import json
import re

import pytest
from django.urls import get_resolver

from tests.factories.contacts import make_reader
from tests.test_isolation import INSIDE, patterns
from workspaces.current import working_in

OUTSIDE = [row for row in patterns(get_resolver("ecrm.urls")) if not row[0].startswith(("admin/", "accounts/"))]
IDS = {
    "IntConverter": ["9223372036854775807", "9" * 400],
    "UUIDConverter": ["ffffffff-ffff-ffff-ffff-ffffffffffff"],
    "SlugConverter": ["x" * 300],
    "StringConverter": ["%00", "²", "A" * 500],
    "PathConverter": ["%00", "../../etc/passwd"],
}


def cursor(*key: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


CURSORS = [
    "x", "%00", "²", "W10", cursor(), cursor(None), cursor(1), cursor("x"), cursor(10**30), cursor(True), cursor([1]),
    cursor("0001-01-01T00:00:00+14:00", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    cursor("2026-01-01T00:00:00+00:00", "no id"), cursor("2026-01-01T00:00:00+00:00", 10**30), cursor("9999-12-31T23:59:59-14:00", 1),
    cursor(10**12, "2026-01-01T00:00:00+00:00", 1), cursor("newest", "year one", 1), cursor("heat", "1e999", 1),
    cursor("name", "a\0b", 1), cursor("heat", "nan", 1), base64.urlsafe_b64encode(b"[" * 3_000 + b"]" * 3_000).decode(),
]  # fmt: skip
NUMBERS = ["²", "-1", "9" * 30, "%00"]
NAMES = [
    "page", "role", "open", "canned", "weeks", "audience", "programme", "channel", "direction", "outcome", "person",
    "sort", "q", "queue", "path",
]  # fmt: skip


def with_value(route: str, value: str) -> str:
    plain = route.replace("^", "").replace(r"\Z", "").replace("/?", "/")
    return re.sub(r"<(?:\w+:)?\w+>", value, plain)


def values_for(pattern: object) -> list[str]:
    converters = getattr(pattern.pattern, "converters", {})
    return sorted({value for one in converters.values() for value in IDS.get(type(one).__name__, ["x"])}) or [""]


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_id_in_an_address_ends_a_page(as_ada, kettle, method):
    wrong = []
    for prefix, rows in (("/w/kettle/", INSIDE), ("/", OUTSIDE)):
        for route, pattern in rows:
            if "(?P" in route:
                continue
            for value in values_for(pattern):
                path = prefix + with_value(route, value)
                status = getattr(as_ada, method)(path).status_code if "logout" not in path else 404
                wrong += [(method, path[:120], status)] if status >= 500 else []

    assert wrong == []


@pytest.fixture
def pages(as_ada, kettle) -> list[str]:
    """Every page inside whose address holds no id."""
    plain = ["/w/kettle/" + route for route, _pattern in INSIDE if "<" not in route]
    return [path for path in plain if as_ada.get(path).status_code == 200]


@pytest.mark.parametrize("number", NUMBERS)
def test_no_number_of_a_page_ends_it(as_ada, pages, number):
    query = "&".join(f"{name}={number}" for name in NAMES)

    assert len(pages) > 20
    assert [path for path in pages if as_ada.get(f"{path}?{query}").status_code >= 500] == []


def test_no_cursor_ends_a_page(as_ada, kettle):
    with working_in(kettle):
        reader = make_reader("Greta Lind")
    contact = f"/w/kettle/touchpoints/of/{reader.pk}/"
    lists = [
        "contacts/?sort=newest",
        "contacts/?sort=name",
        "contacts/?sort=heat",
        "inbox/?",
        "inbox/?queue=done",
        "settings/audit/?",
    ]
    wrong = []
    for path in [contact + "?", *("/w/kettle/" + one for one in lists)]:
        for after in CURSORS:
            answer = as_ada.get(f"{path}&after={after}", headers={"HX-Request": "true"})
            wrong += [(path, after, answer.status_code)] if answer.status_code not in {200, 400} else []

    assert wrong == []


@pytest.mark.parametrize(
    "path", ["/w/%00/", "/w/kettle/contacts/?q=%00", "/p/%00/", "/accounts/login/?next=%00", "/healthz?%00"]
)
def test_nul_in_an_address_is_refused_before_any_page(as_ada, kettle, path):
    assert as_ada.get(path).status_code == 400


@pytest.mark.parametrize("how", [{}, {"content_type": "application/x-www-form-urlencoded"}])
def test_nul_in_a_form_is_refused_before_any_page(as_ada, kettle, how):
    said = "q=a%00b&name=x" if how else {"q": "a\0b"}

    assert as_ada.post("/w/kettle/segments/new/", said, **how).status_code == 400
