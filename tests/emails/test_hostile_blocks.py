"""What blocks hold that nobody means well with: Liquid full of signs, names that are not names, the foot covered."""

import json
import threading

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.merging import link_contacts
from delivery.content.people import fields_of
from delivery.drafting import NotADraftError, change_email
from delivery.engine.controlling import WrongStateError, approve
from delivery.models import Content, Message
from emails.blocks.kinds import KINDS
from emails.drawing import draw
from emails.kits import canvas_for
from emails.own_markup import clean_markup
from emails.reading import BadBlocksError, check_blocks, read_blocks, write_blocks
from emails.rich_text import clean
from tests.emails.making import made
from tests.emails.test_blocks import letter_of, read_by
from tests.examples import examples
from tests.factories.campaigns import make_campaign, make_message, make_sender
from tests.factories.contacts import make_reader
from workspaces.current import working_in

NOBODY = {"all": [{"tag": {"name": "nobody-has-it"}}]}
LIQUID = st.lists(
    st.sampled_from(["{{ ", " }}", "{% if ", " %}", "&lt;", "&gt;", "<b>", "</b>", "<", ">", '"', "'", "a", " ", "<span x='1'>",
                     "contact.points", " | append: ", "5", "&amp;", "</p><p>"]),
    max_size=14,
).map("".join)  # fmt: skip


@settings(max_examples=examples(200), deadline=None)
@given(LIQUID)
def test_cleaning_twice_is_cleaning_once_whatever_stands_in_liquid(text):
    once = clean(f"<p>{text}</p>")

    assert clean(once) == once


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("{% if contact.points &lt; 5 and contact.age &gt; 3 %}x{% endif %}", "{% if contact.points < 5 and contact.age > 3 %}x{% endif %}"),
        ('{{ contact.x | append: "&lt;b&gt;" }}', '{{ contact.x | append: "<b>" }}'),
        ("{{ <b>contact</b>.<span style='x'>name</span> }}", "{{ contact.name }}"),
        ('{{ contact.name | default: <i>"there"</i> }}', '{{ contact.name | default: "there" }}'),
    ],
)  # fmt: skip
def test_liquid_is_kept_as_its_language_writes_it(written, kept):
    assert clean(clean(written)) == f"<p>{kept}</p>"


@pytest.mark.parametrize("name", ["size", "first", "last", "if", "and", "123", "²", "b-1", "bzz", "", "b123456789"])
def test_a_condition_holds_whatever_a_block_is_called(inside, name):
    blocks = [
        {"kind": "heading", "id": name, "text": "SECRET", "when": NOBODY},
        {"kind": "text", "id": "b2", "html": "<p>All</p>"},
    ]
    message = letter_of()

    change_email(message.content, read_blocks(json.dumps({"version": 1, "blocks": blocks})), based_on=1)
    written = read_by(Message.objects.get(pk=message.pk), make_reader(), inside)

    assert "All" in written.html
    assert "SECRET" not in written.html + written.text


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__struct_config__.tag)
def test_a_nul_in_any_words_is_no_fault(inside, kind):
    empty, chosen = kind(id="b1"), {"id", "align", "size", "width", "layout"}
    said = {
        name: "a\0b" for name in kind.__struct_fields__ if isinstance(getattr(empty, name), str) and name not in chosen
    }
    content = make_message().content

    text = json.dumps({"version": 1, "blocks": [{"kind": str(kind.__struct_config__.tag), "id": "b1", **said}]})
    change_email(content, read_blocks(text), based_on=1)

    assert "\0" not in Content.objects.get(pk=content.pk).body


@pytest.mark.parametrize("opening", ["{{", "{%"])
@pytest.mark.parametrize("kind", ["raw", "text"])
def test_more_liquid_than_can_be_read_is_refused_before_anybody_looks_for_its_ends(kind, opening):
    with pytest.raises(BadBlocksError, match="at most 1500 fields"):
        check_blocks(made({"kind": kind, "html": opening * 9_000}))


@pytest.mark.parametrize(
    "style",
    ["position:fixed;top:0", "position: absolute", "z-index:9", "margin-bottom:-400px", "margin: 0 0 -40em", "transform:scale(9)",
     "text-indent:-999px", "MARGIN-TOP:-9px", "inset:0", "float:left;position:relative"],
)  # fmt: skip
def test_nothing_of_ones_own_lies_over_the_foot(style):
    cleaned = clean_markup(f'<div style="color:red;{style};padding:4px">x</div>').lower()

    assert "color:red" in cleaned
    assert "padding:4px" in cleaned
    for part in ("position", "z-index", "-4", "-9", "transform", "inset", "top:"):
        assert part not in cleaned


def test_an_email_has_one_preview_line_wherever_it_was_written(inside):
    body = "<mjml><mj-head><mj-preview>Theirs</mj-preview></mj-head><mj-body><mj-section><mj-column><mj-text>Hi</mj-text>" \
           "</mj-column></mj-section></mj-body></mjml>"  # fmt: skip
    reader = make_reader()

    both = read_by(make_message(make_sender(), body=body, body_format="mjml", preheader="Ours"), reader, inside)
    alone = read_by(make_message(make_sender(), body=body, body_format="mjml", preheader=""), reader, inside)

    assert ("Theirs" in both.html, both.html.count("Ours"), alone.html.count("Theirs")) == (False, 1, 1)
    assert "Theirs" not in both.text + alone.text


def test_somebody_merged_away_sees_what_their_survivor_sees(inside):
    ann, other = make_reader("Ann Lee"), make_reader("Ann Lee", city="Ulm")
    content = letter_of(
        {"kind": "heading", "text": "x", "when": {"all": [{"field": {"name": "city", "op": "is", "value": "Ulm"}}]}}
    ).content
    link_contacts(other.pk, ann.pk)

    fields = fields_of([other.pk, ann.pk], brand="K", blocks=content.blocks)

    assert fields[other.pk]["shows"] == fields[ann.pk]["shows"]


@pytest.mark.parametrize(
    ("href", "target"),
    [
        ('https://k.example/{{ x | replace: "#", "" }}', 'https://k.example/{{ x | replace: "#", "" }}?answer=3'),
        ('https://k.example/{{ x | default: "?" }}#end', 'https://k.example/{{ x | default: "?" }}?answer=3#end'),
        ("https://k.example/a?b=1#c", "https://k.example/a?b=1&answer=3#c"),
    ],
)
def test_the_answer_stands_behind_the_address_and_never_in_liquid(href, target):
    assert made({"kind": "scale", "href": href})[0].target(3) == target


def somebody_waits() -> bool:
    """Whether another connection waits for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted LIMIT 1")
        return cursor.fetchone() is not None


@pytest.mark.django_db(transaction=True)
def test_whoever_changes_an_email_while_it_is_approved_waits_and_is_refused(kettle):
    with working_in(kettle):
        message = make_campaign(make_sender(), body="", body_format="blocks").message
        change_email(message.content, made({"kind": "heading", "text": "Approved"}), based_on=1)
    said, is_held = [], threading.Event()

    def write() -> None:
        is_held.wait(30)
        try:
            with working_in(kettle):
                change_email(
                    Content.objects.get(pk=message.content_id), made({"kind": "heading", "text": "Late"}), based_on=2
                )
        except NotADraftError:
            said.append("refused")
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    with working_in(kettle):
        approve(message, by=None)
        is_held.set()
        while writer.is_alive() and not somebody_waits():
            pass
    writer.join(30)

    with working_in(kettle):
        assert said == ["refused"]
        assert "Approved" in Content.objects.get(pk=message.content_id).body
        with pytest.raises(WrongStateError):
            approve(message, by=None)


def test_blocks_are_read_as_they_were_written():
    blocks = check_blocks(made({"kind": "heading", "text": "{{ a }}"}))

    assert read_blocks(write_blocks(blocks)) == blocks


def test_drawing_does_not_depend_on_marks(inside):
    blocks = check_blocks(made({"kind": "heading", "text": "x"}, {"kind": "divider"}))
    canvas = canvas_for(blocks)

    marked = draw(blocks, canvas, marks=True)
    for one in blocks:
        marked = marked.replace(f"<!--b:{one.id}-->", "").replace(f"<!--/b:{one.id}-->", "")
    assert marked == draw(blocks, canvas)
