"""What a browser is told to keep: files by a name with a hash, packed, for a year; pages packed and never kept."""

import gzip
import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import pytest
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command
from django.http import HttpResponse, StreamingHttpResponse
from django.utils.functional import empty

from lib.web.packing import PackPages
from lib.web.static_files import are_collected

HASHED = re.compile(r"^/static/.+\.[0-9a-f]{12}\.\w+$")
FOR_A_YEAR = "max-age=31536000, public, immutable"
PAGES = ["/accounts/login/", "/w/kettle/", "/w/kettle/contacts/", "/w/kettle/inbox/", "/w/kettle/engagement/",
         "/w/kettle/admin/", "/w/kettle/help/", "/p/kettle/"]  # fmt: skip


@pytest.fixture(scope="module")
def collected(tmp_path_factory):
    """What `collectstatic` makes, once."""
    return tmp_path_factory.mktemp("collected")


@pytest.fixture
def served(collected, settings):
    """The product as it is served: its own storage, every static file collected."""
    settings.STATIC_ROOT = collected
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "lib.web.static_files.HashedStaticFiles"}}
    settings.WHITENOISE_AUTOREFRESH = False
    staticfiles_storage._wrapped = empty
    if not are_collected(collected):
        call_command("collectstatic", interactive=False, verbosity=0)
        staticfiles_storage._wrapped = empty
    yield collected
    staticfiles_storage._wrapped = empty


class Asked(HTMLParser):
    """Every address of ours under /static/ that a page names, in whatever attribute."""

    def __init__(self, page):
        super().__init__()
        self.urls = set()
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.urls |= {value.partition("#")[0] for _, value in attrs if value and "/static/" in value}


def named_in(url: str, text: str) -> set[str]:
    """What a style sheet or a module loads, as absolute addresses."""
    found = re.findall(r"""url\(["']?([^"')#]+)|(?:from|import)\s*["']([^"'\s]+\.js)["']""", text)
    names = {one or other for one, other in found}
    return {urljoin(url, name) for name in names if not name.startswith(("data:", "/", "http"))}


def test_whatever_a_page_loads_has_a_hash_and_is_kept_for_a_year(served, as_ada, kettle):
    waiting = {url for path in PAGES for url in Asked(as_ada.get(path).text).urls}
    assert len(waiting) > 50
    seen = set()

    while waiting:
        url = waiting.pop()
        seen.add(url)
        answer = as_ada.get(url, headers={"Accept-Encoding": "gzip"})
        assert HASHED.match(url), url
        assert (answer.status_code, answer["Cache-Control"]) == (200, FOR_A_YEAR), url
        body = b"".join(answer.streaming_content)
        if url.endswith((".css", ".js")):
            text = (gzip.decompress(body) if answer.get("Content-Encoding") == "gzip" else body).decode()
            waiting |= named_in(url, text) - seen

    assert [url for url in seen if "/toasts." in url]
    assert [url for url in seen if url.endswith(".woff2")]


def test_large_texts_are_packed_and_asked_for_again_cost_nothing(served, client):
    url = staticfiles_storage.url("icons.svg")

    packed = client.get(url, headers={"Accept-Encoding": "gzip"})
    plain = client.get(url)
    again = client.get(url, headers={"If-None-Match": plain["ETag"]})

    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(b"".join(packed.streaming_content)) == b"".join(plain.streaming_content)
    assert again.status_code == 304


def test_a_changed_source_is_noticed(served, settings, tmp_path):
    (tmp_path / "one.css").write_text("b { color: red }")

    settings.STATICFILES_DIRS = [*settings.STATICFILES_DIRS, tmp_path]
    finders.get_finder.cache_clear()
    try:
        assert not are_collected(served)
    finally:
        settings.STATICFILES_DIRS = settings.STATICFILES_DIRS[:-1]
        finders.get_finder.cache_clear()
    assert are_collected(served)


def test_without_collected_files_pages_name_them_plainly(settings, tmp_path, client, db):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "lib.web.static_files.HashedStaticFiles"}}
    staticfiles_storage._wrapped = empty
    try:
        page = client.get("/accounts/login/").text
    finally:
        staticfiles_storage._wrapped = empty

    file = client.get("/static/css/tokens.css")
    assert '"/static/css/tokens.css"' in page
    assert b"".join(file.streaming_content).startswith(b"/* tokens.css")


def test_a_page_goes_out_packed_and_is_kept_nowhere(as_ada, kettle):
    plain = as_ada.get("/w/kettle/contacts/")
    packed = as_ada.get("/w/kettle/contacts/", headers={"Accept-Encoding": "gzip, br"})

    assert "Content-Encoding" not in plain
    assert (packed["Content-Encoding"], packed["Cache-Control"]) == ("gzip", "no-store, private")
    assert "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < len(plain.content) / 3
    assert b"<h1" in gzip.decompress(packed.content)


@pytest.mark.parametrize(
    "answer",
    [
        StreamingHttpResponse([b"a" * 999], content_type="text/csv"),
        HttpResponse(b"a" * 999, content_type="image/png"),
        HttpResponse(b"a" * 999, content_type="text/plain", headers={"Content-Encoding": "br"}),
        HttpResponse(b"short", content_type="text/plain"),
    ],
    ids=["streamed", "picture", "packed already", "short"],
)
def test_what_packing_does_not_help_goes_out_as_it_is(answer, rf):
    before = answer.get("Content-Encoding")

    sent = PackPages(lambda _: answer)(rf.get("/", headers={"Accept-Encoding": "gzip"}))

    assert (sent, sent.get("Content-Encoding")) == (answer, before)
