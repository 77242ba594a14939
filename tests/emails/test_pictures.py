"""Pictures of a workspace: taken in once, found by their words, shown to everybody, and kept while an email shows them."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from delivery.drafting import change_email
from delivery.models import Message
from emails.branding import save_kit
from emails.curating import InUseError, find_pictures, remove_picture, uses_of
from emails.models import BrandKit, Picture
from emails.pictures import address_of
from emails.uploading import keep_picture
from tests.conftest import join, make_user
from tests.emails.drawings import drawn, opened, photographed
from tests.emails.making import made
from tests.factories.campaigns import make_message
from workspaces.current import working_in
from workspaces.models import AuditEntry, Role

HTMX = {"HX-Request": "true"}
HERE = "/w/kettle/emails/pictures/"


def upload_of(data: bytes | None = None, name: str = "pot.png", **said: str) -> dict:
    return {"file": SimpleUploadedFile(name, drawn() if data is None else data), **said}


def in_an_email(picture: Picture, state: Message.State = Message.State.DRAFT) -> Message:
    message = make_message()
    change_email(message.content, made({"kind": "image", "picture": picture.pk}), based_on=1)
    Message.objects.filter(pk=message.pk).update(state=state)
    return message


@pytest.fixture
def picture(inside) -> Picture:
    return keep_picture(drawn(), name="pot.png", alt="A pot")


@pytest.fixture
def analyst(kettle):
    return join(kettle, make_user("noor@kettle.example", "Noor"), Role.ANALYST)


# --- taking in


def test_the_same_file_twice_is_one_picture_and_an_alt_text_is_not_lost(inside):
    first = keep_picture(drawn(), name="pot.png")
    again = keep_picture(drawn(), name="other.png", alt="A pot")
    later = keep_picture(drawn(), name="third.png", alt="Something else")

    assert first.pk == again.pk == later.pk
    assert (later.name, later.alt) == ("pot", "A pot")
    assert Picture.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_file_from_two_at_once_is_one_picture(kettle):
    def keep(number: int) -> int:
        try:
            with working_in(kettle):
                return keep_picture(drawn(), name=f"{number}.png").pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(keep, range(4)))

    assert len(ids) == 1


def test_one_workspace_does_not_see_the_pictures_of_another(kettle, rival, client, eve):
    with working_in(kettle):
        mine = keep_picture(drawn(), name="pot.png")
    with working_in(rival):
        theirs = keep_picture(drawn(), name="pot.png")
        assert theirs.pk != mine.pk
        assert [one.pk for one in find_pictures().rows] == [theirs.pk]

    client.force_login(eve)
    assert client.get(HERE).status_code == 404
    assert client.post(f"/w/rival/emails/pictures/{mine.pk}/remove/").status_code == 404
    with working_in(kettle):
        assert Picture.objects.filter(pk=mine.pk).exists()


def test_the_editor_uploads_and_is_told_where_it_lies(client, bob, kettle):
    client.force_login(bob)

    said = client.post(f"{HERE}upload/", upload_of(photographed(), "Greta's phone/IMG 1.JPG", alt="  A pot \n of tea "))

    facts = said.json()
    assert (said.status_code, facts["width"], facts["height"], facts["alt"]) == (201, 20, 40, "A pot of tea")
    shown = client.get(urlsplit(facts["url"]).path)
    assert shown["Content-Type"] == "image/jpeg"
    assert not opened(shown.content).getexif()
    with working_in(kettle):
        kept = Picture.objects.get(pk=facts["id"])
        assert (kept.name, kept.made_by_id, address_of(kept)) == ("IMG 1", bob.pk, facts["url"])


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"", "empty"), (b"<svg onload='alert(1)'/>", "PNG"), (drawn()[:-30], "save it anew"), (b"MZ", "no picture")],
    ids=["empty", "svg", "cut", "program"],
)
def test_the_editor_is_told_in_a_sentence_what_cannot_be_taken(client, bob, kettle, data, says):
    client.force_login(bob)

    said = client.post(f"{HERE}upload/", upload_of(data))

    assert said.status_code == 422
    assert says in said.json()["error"]
    with working_in(kettle):
        assert not Picture.objects.exists()


def test_without_a_file_nothing_is_kept_and_that_is_said(client, bob):
    client.force_login(bob)

    assert client.post(f"{HERE}upload/", {"alt": "A pot"}).status_code == 422
    assert client.post(HERE, {"alt": "A pot"}).status_code == 422


def test_a_file_that_is_too_large_for_the_house_is_told_so(client, bob, settings):
    settings.ECRM_UPLOAD_LARGEST = 1_000
    client.force_login(bob)

    said = client.post(f"{HERE}upload/", upload_of(b"x" * 5_000))

    assert said.status_code == 422
    assert "too large" in said.json()["error"]


def test_who_may_not_write_emails_looks_and_changes_nothing(client, analyst, picture, kettle):
    client.force_login(analyst)

    assert "A pot" in client.get(HERE).text
    asked = [
        client.post(HERE, upload_of()),
        client.post(f"{HERE}upload/", upload_of()),
        client.get(f"{HERE}picker/"),
        client.post(f"{HERE}{picture.pk}/alt/", {"alt": "No"}),
        client.post(f"{HERE}{picture.pk}/remove/"),
    ]
    assert [one.status_code for one in asked] == [403] * 5
    assert Picture.objects.get().alt == "A pot"


# --- the page


def test_a_page_without_pictures_says_what_one_is_for(client, ada, kettle):
    client.force_login(ada)

    assert "No pictures yet" in client.get(HERE).text


def test_a_picture_is_uploaded_on_the_page_and_described(client, bob, kettle):
    client.force_login(bob)
    client.post(HERE, upload_of(alt="A pot"))
    with working_in(kettle):
        pk = Picture.objects.get().pk

    changed = client.post(f"{HERE}{pk}/alt/", {"alt": "A red pot"}, headers=HTMX)
    client.post(f"{HERE}{pk}/alt/", {"alt": "A red pot\n" + "x" * 400})

    assert 'value="A red pot"' in changed.text
    with working_in(kettle):
        kept = Picture.objects.get()
        assert (kept.alt[:11], len(kept.alt)) == ("A red pot x", 300)
        assert AuditEntry.objects.filter(action="picture.described", actor_id=bob.pk).count() == 2


def test_a_broken_file_is_answered_on_the_page(client, bob):
    client.force_login(bob)

    said = client.post(HERE, upload_of(b"no picture"))

    assert said.status_code == 422
    assert "PNG, JPEG, GIF, WebP and AVIF work" in said.text


def test_pictures_are_found_by_the_words_of_name_and_alt_text(client, ada, inside):
    keep_picture(drawn(size=(9, 9)), name="spring.png", alt="A green pot")
    keep_picture(drawn(size=(8, 8)), name="autumn.png", alt="A red pot")
    client.force_login(ada)

    found = client.get(f"{HERE}?q=pot+SPRING", headers=HTMX).text
    none = client.get(f"{HERE}?q=%25", headers=HTMX).text

    assert "A green pot" in found
    assert "A red pot" not in found
    assert "<html" not in found
    assert "No picture has" in none


def test_the_list_goes_on_where_it_ended(inside):
    kept = [keep_picture(drawn(size=(n, 9)), name=f"{n}.png").pk for n in range(3, 8)]

    first = find_pictures(a_page=3)
    rest = find_pictures(cursor=first.cursor, a_page=3)

    assert [one.pk for one in (*first.rows, *rest.rows)] == kept[::-1]
    assert rest.cursor == ""


def test_the_picker_offers_what_the_editor_needs(client, bob, picture):
    client.force_login(bob)

    whole = client.get(f"{HERE}picker/").text
    searched = client.get(f"{HERE}picker/?q=pot").text

    for page in (whole, searched):
        assert f'data-picture="{picture.pk}"' in page
        assert f'data-url="{address_of(picture)}"' in page
    assert 'type="search"' in whole
    assert 'type="search"' not in searched
    assert "No picture has these words" in client.get(f"{HERE}picker/?q=zebra").text


# --- where it stands


def test_a_picture_knows_where_it_stands(inside, picture):
    logo, unused = keep_picture(drawn(size=(9, 9)), name="logo.png"), keep_picture(drawn(size=(7, 7)), name="x.png")
    save_kit(BrandKit(logo=logo), by=None)
    in_an_email(picture)
    in_an_email(picture, Message.State.SENT)
    in_an_email(picture, Message.State.APPROVED)

    uses = uses_of([picture, logo, unused])

    assert (uses[picture.pk].drafts, uses[picture.pk].fixed) == (1, 2)
    assert uses[logo.pk].is_in_kit
    assert not uses[unused.pk].is_used


def test_a_logo_in_a_sent_email_stays_when_the_kit_has_another(inside, picture):
    save_kit(BrandKit(logo=picture), by=None)
    message = make_message()
    change_email(message.content, made({"kind": "brand"}), based_on=1)
    Message.objects.filter(pk=message.pk).update(state=Message.State.SENT)
    save_kit(BrandKit(), by=None)

    with pytest.raises(InUseError):
        remove_picture(picture, by=None)


def test_where_pictures_stand_costs_the_same_for_one_and_for_fifty(inside, django_assert_num_queries):
    pictures = [keep_picture(drawn(size=(n + 2, 4)), name=f"{n}.png") for n in range(50)]
    for one in pictures[:5]:
        in_an_email(one)

    for some in (pictures[:1], pictures):
        with django_assert_num_queries(3):
            uses_of(some)


@pytest.mark.parametrize("state", [Message.State.DRAFT, Message.State.APPROVED, Message.State.SENT])
def test_what_an_email_shows_is_not_removed(client, bob, picture, state):
    in_an_email(picture, state)
    client.force_login(bob)

    page = client.get(HERE).text
    said = client.post(f"{HERE}{picture.pk}/remove/", follow=True)

    assert f"{HERE}{picture.pk}/remove/" not in page
    assert "The picture stays" in said.text
    assert client.get(urlsplit(address_of(picture)).path).status_code == 200


def test_what_no_email_shows_is_removed_for_everybody(client, bob, picture):
    client.force_login(bob)
    said = client.post(f"{HERE}{picture.pk}/remove/", follow=True)

    assert "The picture is gone" in said.text
    assert client.get(urlsplit(address_of(picture)).path).status_code == 404
    assert client.post(f"{HERE}{picture.pk}/remove/").status_code == 404
    assert AuditEntry.objects.filter(action="picture.removed").exists()
