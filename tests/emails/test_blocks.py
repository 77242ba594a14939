"""An email made of blocks: what is kept, what is drawn, who sees which of them."""

import json
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.models import Audience, Contact
from delivery.content.addressing import plain_addresses
from delivery.content.compiling import compile_message
from delivery.content.people import fields_of
from delivery.content.proofreading import proofread
from delivery.drafting import change_email, redraw_drafts
from delivery.models import Message
from emails.blocks.kinds import BY_KIND, KINDS
from emails.look import look_of
from emails.models import BrandKit
from emails.palette import DARK_PAPER, READABLE, contrast, readable_on, words_on
from emails.reading import MOST_BLOCKS, BadBlocksError, read_blocks, write_blocks
from emails.rich_text import clean
from tests.emails.making import SEVERAL, made
from tests.examples import examples
from tests.factories.campaigns import make_message, make_sender
from tests.factories.contacts import make_reader

CUSTOMERS = {"all": [{"role": {"in": ["customer"]}}]}


def letter_of(*said: dict, **words) -> Message:
    """The message of an email made of these blocks."""
    message = make_message(make_sender())
    change_email(message.content, made(*said), based_on=1, **words)
    return message


def read_by(message: Message, person, workspace):
    """What this person gets."""
    fields = fields_of([person.pk], brand=workspace.name, blocks=message.content.blocks)[person.pk]
    compiled = compile_message(message, workspace)
    return compiled.write(fields, plain_addresses(compiled.links.rows))


def test_every_kind_of_block_is_drawn_read_again_and_proofread(inside):
    message = letter_of(*SEVERAL, subject="S", preheader="First choice")
    written = read_by(message, make_reader("Greta Lind"), inside)

    proofread(message, inside)
    assert {one["kind"] for one in SEVERAL} | {"image", "picks"} == set(BY_KIND)
    assert write_blocks(read_blocks(message.content.blocks)) == message.content.blocks
    said = [
        "Hello Greta",
        "Choose",
        "Gongfu evening",
        "Four on the first.",
        "Posted",
        "ADVENT24",
        "red",
        "First choice",
    ]
    assert [one for one in said if one not in written.html] == []
    assert [one for one in said[:-1] if one not in written.text] == []
    assert "https://kettle.example/how?answer=5#here" in written.html
    assert "Unsubscribe" in written.html
    assert len(written.html) < 100_000


def test_a_stand_in_with_signs_of_markup_is_read_as_it_was_written(inside):
    nameless = make_reader()
    Contact.objects.filter(pk=nameless.pk).update(name="")
    written = read_by(letter_of(*SEVERAL), nameless, inside)

    assert "Hello you & yours" in unescape(written.html)
    assert "Hello you & yours" in written.text


def test_a_block_with_a_condition_is_seen_by_those_it_is_for_and_nobody_else(inside):
    message = letter_of(
        {"kind": "text", "html": "<p>For all</p>"},
        {"kind": "text", "html": "<p>For customers</p>", "when": CUSTOMERS},
        {"kind": "card", "name": "For others", "when": {"not": CUSTOMERS}},
    )
    customer, prospect = make_reader(roles=[Audience.CUSTOMER]), make_reader(roles=[Audience.PROSPECT])

    to_customer, to_prospect = (read_by(message, one, inside) for one in (customer, prospect))

    proofread(message, inside)
    assert ["For all" in one.html for one in (to_customer, to_prospect)] == [True, True]
    assert ["For customers" in one.html + one.text for one in (to_customer, to_prospect)] == [True, False]
    assert ["For others" in one.html + one.text for one in (to_customer, to_prospect)] == [False, True]


def test_conditions_are_asked_for_a_whole_chunk_at_once(inside):
    one, many = (
        letter_of(*({"kind": "text", "html": "<p>x</p>", "when": CUSTOMERS} for _ in range(n))) for n in (1, 20)
    )
    people = [make_reader(roles=[Audience.CUSTOMER]).pk for _ in range(20)]

    counts = []
    for message, ids in ((one, people[:1]), (many, people)):
        with CaptureQueriesContext(connection) as asked:
            fields = fields_of(ids, brand="K", blocks=message.content.blocks)
        counts.append(len(asked))
        assert all(fields[who]["shows"]["b1"] for who in ids)

    assert counts[0] == counts[1]


def test_a_condition_on_a_segment_that_is_gone_shows_its_block_to_nobody(inside):
    message = letter_of({"kind": "text", "html": "<p>Guests</p>", "when": {"all": [{"in_segment": {"id": 999_999}}]}})

    assert "Guests" not in read_by(message, make_reader(), inside).html


def test_drafts_take_on_a_new_look_and_approved_emails_keep_theirs(inside):
    draft, approved = letter_of(*SEVERAL), letter_of(*SEVERAL)
    Message.objects.filter(pk=approved.pk).update(state=Message.State.APPROVED)
    BrandKit.objects.create(accent="#9e532b", social=[{"name": "Mastodon", "url": "https://m.example/@k"}])

    assert redraw_drafts() == 1

    bodies = [Message.objects.get(pk=one.pk).content.body for one in (draft, approved)]
    assert ["#9e532b" in body and "m.example" in body for body in bodies] == [True, False]


@pytest.mark.parametrize(
    "text",
    [
        "no JSON",
        "[]",
        "{}",
        '{"version": 2, "blocks": []}',
        '{"version": 1, "blocks": [{"kind": "pigeon", "id": "b1"}]}',
        '{"version": 1, "blocks": [{"kind": "heading", "id": "b1", "level": 7}]}',
        '{"version": 1, "blocks": [{"kind": "columns", "id": "b1", "cells": []}]}',
        '{"version": 1, "blocks": [{"kind": "text", "id": "b1", "when": ' + "[" * 5_000 + "]" * 5_000 + "}]}",
        json.dumps({"version": 1, "blocks": [{"kind": "divider", "id": f"b{n}"} for n in range(4_000)]}),
        json.dumps({"version": 1, "blocks": [{"kind": "text", "id": "b1", "html": "x" * 400_000}]}),
        "\ud800",
    ],
)
def test_what_is_no_email_is_refused_with_a_reason(inside, text):
    with pytest.raises(BadBlocksError) as refused:
        read_blocks(text)
    assert str(refused.value)


def test_four_thousand_blocks_change_nothing(inside):
    message = letter_of(*SEVERAL)
    before = message.content.blocks

    with pytest.raises(BadBlocksError, match=str(MOST_BLOCKS)):
        change_email(message.content, made(*[{"kind": "divider"}] * 4_000), based_on=2)

    message.content.refresh_from_db()
    assert message.content.blocks == before


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        ("<p>a <b>b</b> <i>c</i></p>", "<p>a <strong>b</strong> <em>c</em></p>"),
        ("plain", "<p>plain</p>"),
        (
            '<b style="font-weight:normal" id="docs-internal-guid-1"><p dir="ltr"><span style="font-weight:700">Bold</span>'
            ' <span style="font-style:italic">it</span></p></b>',
            "<p><strong>Bold</strong> <em>it</em></p>",
        ),
        ("<h2 class=MsoTitle>Big</h2><o:p>&nbsp;</o:p><p class=MsoNormal>x</p>", "<p><strong>Big</strong></p><p>x</p>"),
        ('<p><a href="javascript:alert(1)">x</a> <a href=" HTTPS://e.example/">y</a></p>', None),
        ("<p>a<script>1</script><style>b{}</style><img src=x onerror=1></p>", "<p>a</p>"),
        (
            "<p>{{ contact.first_name | default: &quot;R&amp;B&quot; }}</p>",
            '<p>{{ contact.first_name | default: "R&B" }}</p>',
        ),
        ("<ul><li>1<li>2</ul>", "<ul><li>1</li><li>2</li></ul>"),
    ],
)
def test_pasted_words_keep_bold_italic_links_and_lists(pasted, kept):
    cleaned = clean(pasted)

    assert clean(cleaned) == cleaned
    assert "javascript" not in cleaned
    assert kept is None or cleaned == kept


@settings(max_examples=examples(100))
@given(st.text(alphabet="<>/abpiu lorem{}%&;\"'=#\n", max_size=120))
def test_any_words_are_kept_as_markup_that_is_drawn_and_stays_the_same(text):
    cleaned = clean(text)

    assert clean(cleaned) == cleaned


COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@settings(max_examples=examples(100))
@given(COLOURS, COLOURS)
def test_links_and_buttons_can_be_read_in_any_colours(accent, paper):
    assert contrast(readable_on(accent, paper), paper) >= READABLE or readable_on(accent, paper) == words_on(paper)
    assert contrast(words_on(accent), accent) >= READABLE


@settings(max_examples=examples(50))
@given(COLOURS, COLOURS)
def test_links_of_any_brand_can_be_read_on_its_paper_and_in_the_dark(accent, paper):
    look = look_of(BrandKit(workspace_id=1, accent=accent, paper=paper), name="K")

    assert contrast(look.link, paper) >= READABLE
    assert contrast(look.on_accent, accent) >= READABLE
    assert contrast(look.dark_accent, DARK_PAPER) >= READABLE


def test_every_kind_has_a_name_and_an_icon(inside):
    assert all(one.label and one.icon for one in KINDS)
