"""Logs are read by many: no token that opens something, and nothing that was asked for, stands in them."""

import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from lib.logs import _standard_library, hide_in_address

TOKEN = "Tk9wZW5zU29tZXRoaW5nMTIz"  # looks like one of ours
SECRET_NAMES = {"token", "key", "uidb36", "session_key"}


@pytest.fixture
def logged(monkeypatch) -> Iterator[io.StringIO]:
    """Everything that is logged at INFO or above, as production writes it."""
    made = logging.config.dictConfigClass(_standard_library({"json": True}, [structlog.stdlib.add_log_level]))
    made.configure()
    out = io.StringIO()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and isinstance(
            handler.formatter, structlog.stdlib.ProcessorFormatter
        ):
            monkeypatch.setattr(handler, "stream", out)
    yield out
    from django.conf import settings

    from lib.logs import configure

    configure(settings.LOGGING)


def routes(resolver: URLResolver, before: str = "") -> Iterator[str]:
    """Addresses of every pattern outside a workspace that holds a secret."""
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if isinstance(one, URLResolver):
            if one.namespace != "admin":
                yield from routes(one, route)
        elif isinstance(one, URLPattern) and SECRET_NAMES & set(one.pattern.regex.groupindex):
            yield "/" + re.sub(r"[\^$]", "", filled(route))


def filled(route: str) -> str:
    route = re.sub(r"\(\?P<\w+>(?:\[[^\]]*\]\+?|[^)])*\)", TOKEN, route)
    return re.sub(r"<(?:str:)?\w+>", TOKEN, re.sub(r"<slug:\w+>", "kettle", route))


def test_no_token_of_any_address_reaches_a_log(logged, kettle):
    addresses = sorted(set(routes(get_resolver("ecrm.urls"))))
    browser = Client(raise_request_exception=False)

    for address in addresses:
        browser.get(address, {"q": "ada@kettle.example"})
        browser.post(address)

    said = logged.getvalue()
    assert len(addresses) >= 7, addresses
    assert said.count("request_finished") >= 2 * len(addresses)
    assert TOKEN not in said
    assert "ada@kettle.example" not in said


def test_nor_when_something_breaks(logged):
    try:
        raise ValueError(f"https://crm.example/p/kettle/me/{TOKEN}/ and /c/{TOKEN}?next=1")
    except ValueError:
        structlog.get_logger("test").exception("it broke at %s", f"/u/{TOKEN}")
    logging.getLogger("django.security.csrf").warning("Forbidden (%s): %s", "no cookie", f"/join/{TOKEN}/")

    said = logged.getvalue()
    assert TOKEN not in said
    assert [json.loads(line)["level"] for line in said.splitlines()] == ["error", "warning"]


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("GET /w/kettle-and-company/contacts/?q=ada%40x.example&sort=name", "GET /w/kettle-and-company/contacts/?q=…&sort=…"),
        (f"POST /c/{TOKEN}", "POST /c/Tk9w…"),
        ("GET /campaigns/17/", "GET /campaigns/17/"),
        (f"GET /p/kettle-and-company/me/{TOKEN}/?s=1:2:3", "GET /p/kettle-and-company/me/Tk9w…/?s=…"),
    ],
)  # fmt: skip
def test_an_address_stays_readable(address, shown):
    assert hide_in_address(address) == shown


def test_every_answer_says_that_it_is_not_kept_and_uses_nothing(as_ada):
    page = as_ada.get("/w/kettle/contacts/")

    assert page["Cache-Control"] == "no-store, private"
    assert "camera=()" in page["Permissions-Policy"]
    assert as_ada.get("/t/ecrm.js")["Cache-Control"] == "public, max-age=3600"
