"""The brand kit: what is chosen is what emails look like, drafts at once and approved ones never; all of it can be read."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import example, given
from hypothesis import strategies as st

from delivery.content.compiling import compile_message
from delivery.drafting import change_email
from delivery.models import Message
from emails.branding import BadKitError, colour_in, reset_kit, save_kit
from emails.contrasts import contrasts_of
from emails.kits import current_kit
from emails.look import look_of
from emails.models import BrandKit, Picture
from emails.palette import DARK_PAPER, DARK_SOFT, contrast, is_readable
from emails.uploading import keep_picture
from tests.emails.drawings import drawn
from tests.emails.making import made
from tests.factories.campaigns import make_message
from workspaces.current import working_in
from workspaces.models import AuditEntry

HERE = "/w/kettle/emails/brand-kit/"
COPPER = {"ink": "#17251d", "accent": "#a1532e", "paper": "#fdfaf4", "soft": "#f3eee3", "around": "#e5ece2"}
FORM = COPPER | {
    "heading_font": "georgia", "text_font": "verdana", "corner": "6", "foot_note": "Open Tuesday to Saturday",
    "logo": "", "dark_logo": "", "social_name": ["Mastodon", ""], "social_url": ["https://m.example/@kettle", ""],
}  # fmt: skip
colours = st.from_regex(r"\A#[0-9a-f]{6}\Z")


@pytest.fixture
def visitor(client, ada, kettle):
    client.force_login(ada)
    return client


def kept(kettle) -> BrandKit:
    with working_in(kettle):
        return BrandKit.objects.get()


def draft_and_sent(*blocks: dict) -> tuple:
    """The contents of two emails with the same words: a draft and one that is out."""
    contents = []
    for state in (Message.State.DRAFT, Message.State.SENT):
        message = make_message()
        change_email(message.content, made(*blocks), based_on=1)
        Message.objects.filter(pk=message.pk).update(state=state)
        contents.append(message.content)
    return tuple(contents)


# --- saving


def test_a_kit_is_saved_and_its_page_shows_it_again(visitor, kettle):
    said = visitor.post(HERE, FORM, follow=True)

    kit = kept(kettle)
    assert "Drafts have the new look" in said.text
    assert {name: getattr(kit, name) for name in COPPER} == COPPER
    assert (kit.heading_font, kit.text_font, kit.corner) == ("georgia", "verdana", 6)
    assert kit.social == [{"name": "Mastodon", "url": "https://m.example/@kettle"}]
    for words in ("#a1532e", "Open Tuesday to Saturday", "https://m.example/@kettle"):
        assert words in said.text
    with working_in(kettle):
        assert AuditEntry.objects.filter(action="brand_kit.saved").count() == 1


def test_saving_it_unchanged_changes_nothing(visitor, kettle):
    visitor.post(HERE, FORM)
    before = kept(kettle).changed_at

    visitor.post(HERE, FORM)

    assert kept(kettle).changed_at == before


def test_drafts_take_the_new_look_at_once_and_what_is_sent_keeps_its_own(visitor, kettle):
    with working_in(kettle):
        draft, sent = draft_and_sent({"kind": "button", "text": "Choose", "href": "https://kettle.example"})
        before = sent.body

    visitor.post(HERE, FORM)

    with working_in(kettle):
        draft.refresh_from_db()
        sent.refresh_from_db()
    assert "#a1532e" in draft.body
    assert "Open Tuesday to Saturday" in draft.body
    assert sent.body == before


def test_the_usual_look_comes_back_and_drafts_with_it(visitor, kettle):
    visitor.post(HERE, FORM)
    with working_in(kettle):
        draft, sent = draft_and_sent({"kind": "button", "text": "Choose", "href": "https://kettle.example"})

    visitor.post(f"{HERE}reset/")
    again = visitor.post(f"{HERE}reset/", follow=True)

    with working_in(kettle):
        draft.refresh_from_db()
        sent.refresh_from_db()
    assert "#a1532e" not in draft.body
    assert "#a1532e" in sent.body
    assert "have the usual look already" in again.text
    with working_in(kettle):
        assert current_kit().pk is None
        assert not reset_kit(by=None)


def test_fifty_drafts_are_redrawn_when_the_kit_is_saved(inside):
    contents = [make_message().content for _number in range(50)]
    for one in contents:
        change_email(one, made({"kind": "heading", "text": "Hello"}), based_on=1)

    save_kit(BrandKit(**COPPER), by=None)

    for one in contents:
        one.refresh_from_db()
    assert all("#fdfaf4" in one.body for one in contents)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"accent": "red"}, "Write a colour as #0a5c40"),
        ({"accent": "#12345"}, "Write a colour as #0a5c40"),
        ({"accent": "#fff;}body{color:x"}, "Write a colour as #0a5c40"),
        ({"corner": "-1"}, "greater than or equal to 0"),
        ({"corner": "25"}, "less than or equal to 24"),
        ({"corner": "²"}, "Enter a whole number"),
        ({"heading_font": "comic"}, "valid choice"),
        ({"logo": "999999"}, "valid choice"),
        ({"foot_note": "Hello {{ contact.first_name }}"}, "No fields of a person"),
        ({"foot_note": "x" * 301}, "at most 300"),
        ({"social_name": ["", ""]}, "Give “https://m.example/@kettle” a name"),
        ({"social_url": ["javascript:alert(1)", ""]}, "begins with https://"),
        ({"social_url": ["", ""]}, "begins with https://"),
        ({"social_url": ["https://m.example/{{ x }}", ""]}, "No fields of a person"),
        ({"social_name": ["x" * 41, ""]}, "longer than 40 letters"),
        ({"social_name": [str(n) for n in range(9)], "social_url": ["https://m.example"] * 9}, "At most 8 links"),
    ],
)
def test_what_cannot_be_kept_is_said_and_nothing_is_saved(visitor, kettle, change, says):
    said = visitor.post(HERE, FORM | change)

    assert said.status_code == 422
    assert says in said.text
    with working_in(kettle):
        assert not BrandKit.objects.exists()


def test_without_javascript_the_picker_counts_where_it_was_moved_and_the_text_where_that_was_written(visitor, kettle):
    was = {f"{name}_was": "#0a5c40" for name in COPPER}
    visitor.post(
        HERE, FORM | was | {"accent": "#0a5c40", "accent_pick": "#123456", "ink": "#222222", "ink_pick": "#0a5c40"}
    )

    kit = kept(kettle)
    assert (kit.accent, kit.ink) == ("#123456", "#222222")


@pytest.mark.parametrize(
    ("said", "colour"), [("0A5C40", "#0a5c40"), (" #abc ", "#aabbcc"), ("#0a5c40", "#0a5c40"), ("ABC", "#aabbcc")]
)
def test_a_colour_is_read_in_its_usual_spellings(said, colour):
    assert colour_in(said) == colour


def test_rows_of_links_come_and_go_without_javascript_and_nothing_is_saved(visitor, kettle):
    more = visitor.post(HERE, FORM | {"add": "1", "accent": "#123456"})
    fewer = visitor.post(HERE, FORM | {"remove": "0"})

    assert more.status_code == fewer.status_code == 200
    assert len(re.findall('name="social_name"', more.text)) == 3
    assert "#123456" in more.text
    assert "m.example" not in fewer.text
    with working_in(kettle):
        assert not BrandKit.objects.exists()


# --- logos


def test_logos_are_uploaded_chosen_and_shown_in_emails_light_and_dark(visitor, kettle):
    file = SimpleUploadedFile("logo.png", drawn(size=(80, 20), mode="RGBA"))
    visitor.post(HERE, FORM | {"logo_file": file, "dark_logo_file": SimpleUploadedFile("d.png", drawn(size=(90, 20)))})

    kit = kept(kettle)
    with working_in(kettle):
        light, dark = Picture.objects.get(pk=kit.logo_id), Picture.objects.get(pk=kit.dark_logo_id)
    assert (light.alt, light.width, dark.width) == ("Kettle & Co", 80, 90)
    sample = visitor.get(f"{HERE}preview/").text
    assert light.fingerprint[:32] in sample
    assert dark.fingerprint[:32] in sample

    visitor.post(HERE, FORM | {"logo": light.pk})
    assert kept(kettle).dark_logo_id is None
    assert "No logo for dark mode yet" in visitor.get(HERE).text


def test_a_logo_that_is_no_picture_saves_nothing(visitor, kettle):
    said = visitor.post(HERE, FORM | {"logo_file": SimpleUploadedFile("logo.svg", b"<svg/>")})

    assert said.status_code == 422
    assert "Mail clients show no SVG" in said.text
    with working_in(kettle):
        assert not BrandKit.objects.exists()


def test_a_picture_of_another_workspace_is_no_logo(kettle, rival, visitor):
    with working_in(rival):
        theirs = keep_picture(drawn(), name="x.png").pk

    assert visitor.post(HERE, FORM | {"logo": theirs}).status_code == 422
    with working_in(kettle), pytest.raises(BadKitError):
        save_kit(BrandKit(logo_id=theirs), by=None)


# --- the sample


def test_the_sample_shows_the_form_as_it_stands_and_saves_nothing(visitor, kettle):
    said = visitor.post(f"{HERE}preview/", FORM | {"accent": "#123456", "corner": "nonsense"})

    assert "#123456" in said.text
    assert "Open Tuesday to Saturday" in said.text
    assert "m.example/@kettle" in said.text
    assert "sandbox" in said["Content-Security-Policy"]
    with working_in(kettle):
        assert not BrandKit.objects.exists()


def test_the_sample_is_pinned_to_light_or_dark(visitor):
    light, dark = (visitor.post(f"{HERE}preview/", FORM | {"light": one}).text for one in ("light", "dark"))

    assert "prefers-color-scheme" not in light + dark
    assert "@media not all" in light
    assert "@media all" in dark


@pytest.mark.parametrize("font", BrandKit.Font.values)
def test_no_font_has_readers_ask_anybody_else(visitor, kettle, font):
    """MJML by itself links to Google's fonts wherever a name such as Roboto stands in a list of fonts."""
    sample = visitor.post(f"{HERE}preview/", FORM | {"text_font": font, "heading_font": font}).text
    with working_in(kettle):
        save_kit(BrandKit(text_font=font, heading_font=font), by=None)
        message = make_message()
        change_email(message.content, made({"kind": "heading", "text": "Hello"}), based_on=1)
        sent = compile_message(message, kettle).html

    assert "fonts.googleapis" not in sample + str(sent)
    assert "@import" not in sample + str(sent)


def test_the_sample_leads_nowhere_and_escapes_what_the_workspace_says(visitor, kettle):
    kettle.postal_address = "<script>alert(1)</script>\nLeipzig"
    kettle.save()

    said = visitor.get(f"{HERE}preview/").text

    assert "<script>" not in said
    assert "&lt;script&gt;" in said


@pytest.mark.parametrize("address", [HERE, f"{HERE}preview/"])
def test_only_who_keeps_the_settings_sees_it(client, bob, eve, kettle, address):
    client.force_login(bob)
    assert client.get(address).status_code == 403
    client.force_login(eve)
    assert client.get(address).status_code == 404


# --- what can be read


def test_what_cannot_be_read_is_said_at_once_as_the_form_stands(visitor):
    said = visitor.post(f"{HERE}contrasts/", FORM | {"ink": "#dddddd", "soft": "#333333"}).text

    assert "Hard to read, so emails show" in said
    assert "take the colour of the paper" in said
    assert "Easy to read" in visitor.post(f"{HERE}contrasts/", FORM).text


@example(ink="#000000", accent="#000100", paper="#b300f0", soft="#6b7e00")
@given(ink=colours, accent=colours, paper=colours, soft=colours)
def test_whatever_is_chosen_can_be_read(ink, accent, paper, soft):
    kit = BrandKit(workspace_id=1, ink=ink, accent=accent, paper=paper, soft=soft)
    look = look_of(kit, name="K")

    assert is_readable(look.ink, look.paper, look.soft)
    assert is_readable(look.quiet, look.paper, look.soft)
    assert is_readable(look.link, look.paper, look.soft)
    assert contrast(look.on_accent, look.accent) >= 4.5
    assert is_readable(look.dark_accent, DARK_PAPER, DARK_SOFT)
    moved = {str(one.name) for one in contrasts_of(kit) if one.is_moved}
    assert ("Words" in moved) == (look.ink != ink)
    assert ("Links" in moved) == (look.link != accent)


def test_links_and_fields_are_whose_who_changed_them(visitor, kettle):
    links = {"social_name": ["Mastodon", ""], "social_url": ["https://m.example/@kettle", ""]}
    visitor.post(HERE, FORM | links)
    seen = dict(re.findall('name="(seen-[^"]+)" value="([^"]+)"', visitor.get(HERE).text))
    visitor.post(HERE, FORM | {"social_name": ["Blog"], "social_url": ["https://kettle.example/blog"], "corner": "9"})

    assert visitor.post(HERE, FORM | links | {"foot_note": "Open all day"} | seen).status_code == 302
    with working_in(kettle):
        now = BrandKit.objects.get()
        assert ([one["name"] for one in now.social], now.corner, now.foot_note) == (["Blog"], 9, "Open all day")

    mine = {"social_name": ["Shop"], "social_url": ["https://kettle.example/shop"]}
    asked = visitor.post(HERE, FORM | mine | seen)
    assert asked.status_code == 422
    assert "Blog https://kettle.example/blog" in asked.text
    again = dict(re.findall('name="(seen-[^"]+)" value="([^"]+)"', asked.text))
    assert visitor.post(HERE, FORM | mine | again).status_code == 302
    with working_in(kettle):
        assert [one["name"] for one in BrandKit.objects.get().social] == ["Shop"]
