"""Eight starting templates: written to be sent, and held against twelve mail clients in several looks."""

from datetime import timedelta

import msgspec
import pytest

from contacts.models import Contact
from delivery.content.addressing import plain_addresses
from delivery.content.compiling import Written, compile_message
from delivery.content.people import fields_of
from delivery.content.proofreading import proofread
from delivery.drafting import change_email
from delivery.models import Message, Sender
from emails.blocks.card import CardBlock
from emails.blocks.image import ImageBlock
from emails.gallery.beginning import STARTING_POINTS, UnknownStartingPointError, begin
from emails.lint.fallbacks import OTHER, Grade
from emails.lint.linting import AIM, lint
from emails.lint.pages import read_page
from emails.models import BrandKit, Picture
from emails.reading import read_blocks, write_blocks
from lib.clock import now
from tests.emails.looks import KITS, hard_to_read
from tests.factories.campaigns import make_message, make_sender
from tests.factories.contacts import make_reader
from tests.factories.library import make_item

EIGHT = ["newsletter", "welcome", "launch", "event", "win_back", "thank_you", "survey", "plain_letter"]


@pytest.fixture
def brand(inside):
    """Kettle & Co, with a website and a postal address."""
    inside.website, inside.postal_address = "https://kettle.example/", "Lindenallee 8\n04109 Leipzig"
    inside.save()
    return inside


def drafted(sender: Sender, blocks) -> Message:
    message = make_message(sender)
    change_email(message.content, blocks, based_on=1, subject="S", preheader="P")
    return message


def read_by(message: Message, reader: Contact, workspace) -> Written:
    fields = fields_of([reader.pk], brand=workspace.name, blocks=message.content.blocks)[reader.pk]
    compiled = compile_message(message, workspace)
    return compiled.write(fields, plain_addresses(compiled.links.rows))


def nameless() -> Contact:
    reader = make_reader()
    Contact.objects.filter(pk=reader.pk).update(name="", given_name="", family_name="")
    return reader


def test_there_are_eight_and_each_says_what_it_is_for():
    assert list(STARTING_POINTS) == EIGHT
    assert all(one.name and one.sentence and one.fits for one in STARTING_POINTS.values())


def test_a_key_that_is_none_is_refused(inside):
    with pytest.raises(UnknownStartingPointError):
        begin("pigeon")


@pytest.mark.parametrize("key", EIGHT)
def test_beginning_twice_makes_blocks_with_ids_of_their_own_that_are_kept_and_read_again(brand, key):
    first, second = begin(key), begin(key)

    ids = [one.id for one in (*first, *second)]
    assert len(set(ids)) == len(ids)
    assert read_blocks(write_blocks(first)) == first
    assert [msgspec.structs.replace(one, id="x") for one in first] == [
        msgspec.structs.replace(one, id="x") for one in second
    ]


@pytest.mark.parametrize("key", EIGHT)
def test_what_is_left_to_do_is_a_link_or_a_picture_and_nothing_else(brand, key):
    assert {str(flaw.word) for block in begin(key) for flaw in block.flaws()} <= {"link", "no picture"}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("kit", KITS)
def test_each_holds_in_twelve_mail_clients_is_light_and_can_be_read(brand, kit, language):
    if KITS[kit]:
        BrandKit.objects.create(**KITS[kit])
    sender, reader = make_sender(), nameless()

    for key in EIGHT:
        message = drafted(sender, begin(key, language=language))
        written = read_by(message, reader, brand)
        report = lint(written.html)

        proofread(message, brand)
        assert [str(finding.sentence) for finding in report.findings if finding.grade == Grade.BREAKS] == [], key
        assert [
            finding.slug for finding in report.findings if OTHER.text in {v.text for v in finding.verdicts}
        ] == [], key
        assert report.weight.html < AIM, key
        assert report.broken_links == [], key
        assert report.troubles == (), key
        assert hard_to_read(written.html) == [], key
        assert "{{" not in written.html + written.text, key


def test_each_picture_of_each_template_has_words_for_who_cannot_see_it(brand):
    facts = {"content_type": "image/png", "fingerprint": "ab" * 32, "width": 900, "height": 400, "alt": "A cup"}
    picture = Picture.objects.create(name="cup", size=3, data=b"png", **facts)
    sender, reader, seen = make_sender(), nameless(), 0

    for key in EIGHT:
        blocks = [
            msgspec.structs.replace(one, picture=picture.pk) if isinstance(one, ImageBlock) else one
            for one in begin(key)
        ]
        html = read_by(drafted(sender, blocks), reader, brand).html
        images = [
            one.attributes for one in read_page(html).elements if one.tag == "img" and one.attributes["width"] != "1"
        ]
        assert all(one["alt"] == "A cup" for one in images), key
        seen += len(images)

    assert seen >= 4


def test_a_person_signs_who_begins_it_and_no_name_can_bring_markup_or_tags(brand):
    words = write_blocks(begin("plain_letter", writer="Maren <b>Holt</b> {{ contact.email }}"))

    assert "Maren &lt;b&gt;Holt&lt;/b&gt; (( contact.email ))" in words


def test_without_a_website_nothing_leads_there(inside):
    inside.website = ""

    assert "http" not in write_blocks([block for key in EIGHT for block in begin(key)])


NEWSLETTER = """\
Kettle & Co

Three minutes to read

Four minutes, not three

Hello there,

for years we told everybody three minutes. In October we tried it again, eleven times, with a clock and a thermometer. \
We were wrong, and the difference can be tasted.

Here is what we did, what went wrong the first two times, and what you can do with it tonight.

Read the story

You asked

Can it be kept over the winter?

Fourteen of you wanted to know. Yes, and all you need is a dark shelf.

The whole answer

New

Forty of them, from today

We made a small batch first, so that you can tell us what to change.

Have a look

You get this because you asked Kettle & Co for “Newsletter”.

What you get, and how often: # · Unsubscribe: #

Lindenallee 8
04109 Leipzig
"""
SURVEY = """\
Kettle & Co

One minute

How was it, honestly?

Your order has been with you for two weeks. Would you choose it again? One tap is an answer.

1: https://kettle.example/?answer=1

2: https://kettle.example/?answer=2

3: https://kettle.example/?answer=3

4: https://kettle.example/?answer=4

5: https://kettle.example/?answer=5

never again

at once

If it was a 1 or a 2, answer this email and tell us why. A person reads it and writes back within two days.

Kettle & Co

You get this because you asked Kettle & Co for “Newsletter”.

What you get, and how often: # · Unsubscribe: #

Lindenallee 8
04109 Leipzig
"""


@pytest.mark.parametrize(("key", "text"), [("newsletter", NEWSLETTER), ("survey", SURVEY)])
def test_the_part_in_plain_text_reads_like_something_that_somebody_wrote(brand, key, text):
    written = read_by(drafted(make_sender(), begin(key)), nameless(), brand)

    assert written.text.replace("\r\n", "\n") == text


def test_the_card_of_an_event_leads_to_the_calendar_file_of_what_begins_next(brand, client):
    for title, days in (("Over", -1), ("Later", 9), ("Tasting {& talk", 2)):
        make_item(title, kind="webinar", starts_at=now() + timedelta(days=days))
    make_item("Put aside", kind="webinar", starts_at=now() + timedelta(days=1), is_active=False)

    card = next(one for one in begin("event") if isinstance(one, CardBlock))

    assert (card.name, list(card.flaws())) == ("Tasting (& talk", [])
    assert b"SUMMARY:Tasting {& talk" in client.get("/" + card.href.split("/", 3)[3]).content


def test_an_event_of_which_the_library_holds_nothing_asks_for_an_address(brand):
    make_item("An article")

    card = next(one for one in begin("event") if isinstance(one, CardBlock))

    assert (card.href, [str(flaw.word) for flaw in card.flaws()]) == ("", ["link"])
