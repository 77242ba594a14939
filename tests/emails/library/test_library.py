"""The library's pages: what is in it, a new thing from its page, changed, put aside, gone; who may not."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import monotonic

import pytest

from emails.library.catalogue import catalogue
from emails.library.from_links import NotReadError, fetch_picture, read_link, tell
from emails.library.remembering import erase_shown, gather_shown
from emails.models import LibraryItem, Picture, ShownItem
from emails.uploading import keep_picture
from engagement.interests.reading import tag_for
from engagement.models import InterestTag
from lib.clock import now
from tests.emails.drawings import drawn
from tests.factories.contacts import make_contact
from tests.factories.library import make_item
from workspaces.current import working_in

HERE = "/w/kettle/emails/library/"
FORM = {
    "url": "https://kettle.example/slow",
    "title": "Slow water",
    "kind": "article",
    "interests": "Oolong, cups, oolong",
}
PAGE = """<!doctype html><html lang="de-DE"><head><title>Ignored</title>
<meta property="og:title" content="Langsames &amp; Wasser"><meta name="description" content="Vier Minuten.">
<meta property="og:type" content="video.other"><meta property="og:image" content="/pot.png">
<link rel="canonical" href="/slow"></head><body><title>no</title></body></html>"""


@pytest.fixture
def site(settings):
    """A page and its picture on loopback."""
    settings.ECRM_FETCH_LOOPBACK = True

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            is_picture = self.path == "/pot.png"
            body = drawn() if is_picture else PAGE.encode()
            self.send_response(404 if self.path == "/gone" else 200)
            self.send_header("Content-Type", "image/png" if is_picture else "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_thing_is_kept_with_its_interests_and_found_again(as_ada, kettle):
    assert "Nothing in the library yet" in as_ada.get(HERE).text

    made = as_ada.post(f"{HERE}new/", FORM, follow=True)

    assert "Slow water" in made.text
    with working_in(kettle):
        item = LibraryItem.objects.get()
        assert {one.name for one in InterestTag.objects.filter(pk__in=item.tags)} == {"Oolong", "cups"}
    for query in ("?q=slow", "?kind=article", f"?tag={item.tags[0]}"):
        assert "Slow water" in as_ada.get(HERE + query).text
    assert as_ada.get(f"{HERE}?q=%27&tag=x&after=zzz&kind=%27").status_code == 200
    for query in ("?q=fast", "?kind=video", "?tag=999", "?archived=1"):
        assert "Nothing in the library fits" in as_ada.get(HERE + query).text


def test_a_page_says_what_it_is_and_its_picture_is_kept(as_ada, kettle, site):
    read = as_ada.post(f"{HERE}new/", {"from": f"{site}/slow?utm=1"})

    assert "Langsames &amp; Wasser" in read.text
    assert f'value="{site}/slow"' in read.text
    assert "Vier Minuten." in read.text
    with working_in(kettle):
        assert Picture.objects.get().alt == "Langsames & Wasser"
        assert not LibraryItem.objects.exists()


@pytest.mark.parametrize("path", ["/gone", "/pot.png"])
def test_a_page_that_says_nothing_is_filled_in_by_hand(as_ada, site, path):
    said = as_ada.post(f"{HERE}new/", {"from": site + path})

    assert said.status_code == 422
    assert "by hand" in said.text


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://10.0.0.1/", "file:///etc/passwd", "", "http://[::1]/"])
def test_nothing_private_is_asked(as_ada, url):
    assert as_ada.post(f"{HERE}new/", {"from": url}).status_code == 422


def test_what_a_page_leaves_out_is_left_out():
    assert tell("", "https://k.example/a").title == ""
    told = tell(
        "<title>Just &lt;this&gt;\n</title><meta property=og:image content='javascript:1'>", "https://k.example/a"
    )
    assert (told.title, told.kind, told.picture_url, told.url) == ("Just <this>", "article", "", "https://k.example/a")


@pytest.mark.parametrize(
    "more",
    [
        {"title": " "},
        {"url": "javascript:alert(1)"},
        {"url": "https://k.example/{{ x }}"},
        {"kind": "tea"},
        {"picture": "9"},
    ],
)
def test_what_cannot_be_is_said_at_its_field_and_nothing_is_kept(as_ada, kettle, more):
    assert as_ada.post(f"{HERE}new/", FORM | more).status_code == 422
    with working_in(kettle):
        assert not LibraryItem.objects.exists()


def test_an_address_is_in_the_library_once(as_ada):
    as_ada.post(f"{HERE}new/", FORM)

    again = as_ada.post(f"{HERE}new/", FORM)

    assert again.status_code == 422
    assert "in the library already" in again.text


def test_a_thing_is_changed_put_aside_offered_again_and_removed(as_ada, kettle):
    with working_in(kettle):
        item = make_item("Old")
    page = f"{HERE}{item.pk}/"

    as_ada.post(page, FORM | {"title": "New"})
    as_ada.post(f"{page}archive/")
    aside = as_ada.get(HERE).text
    as_ada.post(f"{page}archive/", {"again": "1"})

    assert "New" not in aside
    assert "New" in as_ada.get(HERE).text
    as_ada.post(f"{page}remove/")
    with working_in(kettle):
        assert not LibraryItem.objects.exists()


def test_a_picture_of_the_library_is_not_removed(as_ada, kettle):
    with working_in(kettle):
        picture = keep_picture(drawn(), name="pot.png")
        make_item(picture=picture)

    as_ada.post(f"/w/kettle/emails/pictures/{picture.pk}/remove/")

    with working_in(kettle):
        assert Picture.objects.exists()


def test_who_may_not_and_who_is_a_stranger(client, eve, kettle):
    with working_in(kettle):
        item = make_item()
    client.force_login(eve)
    for address in (HERE, f"{HERE}new/", f"{HERE}{item.pk}/"):
        assert client.get(address).status_code == 404


def test_what_she_was_shown_is_handed_out_and_erased(inside):
    reader, other = make_contact(), make_contact()
    for one in (reader, other):
        ShownItem.objects.create(contact=one, item=make_item("Slow water"), message_id=1, sent_at=now())

    (told,) = gather_shown([reader.pk])

    assert told["item"] == "Slow water"
    assert erase_shown([reader.pk]) == 1
    assert ShownItem.objects.get().contact_id == other.pk


def test_the_palette_finds_a_thing_and_the_page(as_ada, kettle):
    with working_in(kettle):
        make_item("Slow water")

    assert "Slow water" in as_ada.get("/w/kettle/palette/?q=slow").text


def test_a_tag_that_was_merged_means_the_other(inside):
    old, new = tag_for("Oolongs"), tag_for("Oolong")
    make_item(tags=[old.pk, new.pk])
    InterestTag.objects.filter(pk=old.pk).update(merged_into=new)

    assert [one.tags for one in catalogue()] == [(new.pk,)]


@pytest.mark.parametrize("broken", ["http://[", "//[", "https://[::1/x"])
def test_a_page_with_broken_addresses_is_read_without_them(broken):
    head = (
        f'<title>Slow water</title><link rel="canonical" href="{broken}"><meta property="og:image" content="{broken}">'
    )

    told = tell(head, "https://kettle.example/slow")

    assert (told.title, told.url, told.picture_url) == ("Slow water", "https://kettle.example/slow", "")


def test_a_page_that_breaks_off_in_a_declaration_is_read_until_there():
    assert tell("<title>Slow</title><![foo[ x]]><title>Late</title>", "https://kettle.example/").title == "Slow"
    assert tell("<![foo[ x]]>", "https://kettle.example/").title == ""


def test_nobody_is_asked_when_the_time_is_over():
    with pytest.raises(NotReadError):
        read_link("https://kettle.example/", ends_at=monotonic() - 1)
    assert fetch_picture("https://kettle.example/a.png", ends_at=monotonic() - 1) is None
