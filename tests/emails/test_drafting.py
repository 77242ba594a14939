"""Changing an email of blocks: nothing that somebody wrote is lost, and what is approved stays."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client

from delivery.drafting import ONE_VERSION, NotADraftError, change_email, restore
from delivery.models import Content, ContentVersion, Message
from emails.kits import current_kit, current_look
from emails.models import BrandKit, Picture
from emails.pictures import picture_address, shown_pictures
from tests.emails.making import made
from tests.factories.campaigns import make_message
from workspaces.current import working_in

ADA, BOB = 1, 2


def said(text: str) -> list:
    return made({"kind": "heading", "text": text})


@pytest.fixture
def content(inside) -> Content:
    """An email that Ada wrote."""
    found = make_message().content
    change_email(found, said("First"), based_on=1, by_id=ADA, subject="One")
    return found


def kept(content: Content) -> list[ContentVersion]:
    return list(content.versions.order_by("number"))


def age_versions(content: Content) -> None:
    """As if the newest version were of long ago."""
    newest = content.versions.order_by("-number").first()
    content.versions.filter(pk=newest.pk).update(made_at=newest.made_at - ONE_VERSION - timedelta(seconds=1))


def test_a_change_counts_draws_the_email_and_keeps_what_it_was(content):
    before = content.version

    saved = change_email(content, said("Second"), based_on=before, by_id=BOB, subject="Two", preheader="Look")

    assert (saved.version, saved.clash) == (before + 1, None)
    assert (content.subject, content.preheader, content.body_format) == ("Two", "Look", Content.Format.BLOCKS)
    assert "Second" in content.body
    assert "First" not in content.body
    newest = kept(content)[-1]
    assert (newest.subject, newest.by_id, newest.is_clash) == ("One", ADA, False)
    assert "First" in newest.blocks


def test_saving_the_same_words_changes_nothing(content):
    before, versions = content.version, len(kept(content))

    assert change_email(content, said("First"), based_on=before, by_id=BOB).version == before
    assert len(kept(content)) == versions


def test_what_one_member_types_within_minutes_is_one_version(content):
    for text in ("a", "ab", "abc"):
        change_email(content, said(text), based_on=content.version, by_id=ADA)
    few = len(kept(content))
    for text in ("abcd", "abcde"):
        change_email(content, said(text), based_on=content.version, by_id=ADA)

    assert len(kept(content)) == few

    age_versions(content)
    change_email(content, said("later"), based_on=content.version, by_id=ADA)

    assert len(kept(content)) == few + 1


def test_of_two_who_write_at_once_the_last_wins_and_the_other_is_kept(content):
    seen_by_both = content.version
    change_email(content, said("Ada's"), based_on=seen_by_both, by_id=ADA)

    saved = change_email(content, said("Bob's"), based_on=seen_by_both, by_id=BOB)

    assert "Bob's" in content.blocks
    assert saved.clash is not None
    assert saved.clash.is_clash
    assert "Ada's" in saved.clash.blocks


def test_a_second_window_of_the_same_member_is_no_clash(content):
    seen = content.version
    change_email(content, said("left"), based_on=seen, by_id=ADA)

    assert change_email(content, said("right"), based_on=seen, by_id=ADA).clash is None


def test_an_older_version_stands_again_and_the_newer_is_not_lost(content):
    change_email(content, said("Second"), based_on=content.version, by_id=BOB, subject="Two")
    first = next(one for one in kept(content) if "First" in one.blocks)

    restore(content, first, by_id=ADA)

    assert "First" in content.blocks
    assert content.subject == "One"
    assert any("Second" in one.blocks for one in kept(content))


def test_what_is_approved_is_not_changed(content):
    Message.objects.filter(content=content).update(state=Message.State.APPROVED)

    with pytest.raises(NotADraftError):
        change_email(content, said("Sneaked in"), based_on=content.version, by_id=BOB)

    content.refresh_from_db()
    assert "Sneaked in" not in content.blocks + content.body


def test_a_workspace_without_a_kit_has_its_colour_and_one_with_a_kit_the_kit(inside):
    inside.colour = "#123456"
    inside.save()
    with_none = current_look().accent
    BrandKit.objects.create(accent="#9e532b")

    assert with_none == "#123456"
    assert current_kit().pk
    assert current_look().accent == "#9e532b"


FINGERPRINT = "ab" * 32


def make_picture() -> Picture:
    facts = {"content_type": "image/png", "fingerprint": FINGERPRINT, "width": 2, "height": 1, "alt": "A cup"}
    return Picture.objects.create(name="cup", size=3, data=b"png", **facts)


@pytest.fixture
def picture(inside) -> Picture:
    return make_picture()


def test_a_picture_is_shown_to_anybody_for_ever_without_a_cookie(client: Client, inside, picture):
    address = picture_address(inside.pk, FINGERPRINT, "image/png")
    answer = client.get(urlsplit(address).path)

    assert (answer.status_code, answer.content, answer["Content-Type"]) == (200, b"png", "image/png")
    assert "immutable" in answer["Cache-Control"]
    assert not answer.cookies
    assert shown_pictures([picture.pk])[picture.pk].url == address


@pytest.mark.parametrize(
    "name", ["ab.png", f"{'ab' * 16}.jpeg", f"{'%' * 32}.png", f"{'_' * 32}.png", f"{'cd' * 16}.png"]
)
def test_nothing_else_is_shown(client: Client, inside, picture, name):
    assert client.get(f"/i/{inside.pk}/{name}").status_code in {400, 404}


def test_a_picture_of_another_workspace_is_not_found_under_ours(client: Client, kettle, rival):
    with working_in(kettle):
        make_picture()

    answers = [client.get(f"/i/{one.pk}/{FINGERPRINT[:32]}.png").status_code for one in (kettle, rival)]

    assert answers == [200, 404]
