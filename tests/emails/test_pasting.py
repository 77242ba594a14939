"""Words from elsewhere as blocks."""

import pytest

from emails.blocks.kinds import kind_of
from emails.pasting import blocks_of
from emails.reading import check_blocks

WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{margin:0}</style></head>
<body lang=DE><!--StartFragment--><h1>Wintertee</h1><p class=MsoNormal>Drei <b>Kannen</b><o:p></o:p></p>
<ul><li>Assam</li><li>Oolong</li></ul><hr><h2 style='color:red'>Was <i>neu</i> ist</h2>
<p>Ein <a href="https://kettle.example/">Link</a> <a href="javascript:alert(1)">und</a> <img src=x onerror=alert(1)></p>
<!--EndFragment--></body></html>"""


def test_headings_text_and_lines_become_blocks_in_their_order():
    blocks = blocks_of(WORD)

    assert [kind_of(one) for one in blocks] == ["heading", "text", "divider", "heading", "text"]
    assert [(one.text, one.level) for one in blocks if kind_of(one) == "heading"] == [
        ("Wintertee", 1),
        ("Was neu ist", 2),
    ]
    first, second = (one.html for one in blocks if kind_of(one) == "text")
    assert first == "<p>Drei <strong>Kannen</strong></p>\n<ul><li>Assam</li><li>Oolong</li></ul>"
    assert second == '<p>Ein <a href="https://kettle.example/">Link</a> und </p>'
    assert check_blocks(blocks) == blocks


def test_lines_of_plain_text_become_paragraphs():
    (block,) = blocks_of("Hello & welcome\nto tea\n\nSecond < third")

    assert block.html == "<p>Hello &amp; welcome<br />to tea</p><p>Second &lt; third</p>"


@pytest.mark.parametrize(
    "nothing", ["", "   \n", "<p></p>", "<script>alert(1)</script>", "<h1> </h1>", "<!-- x --><p> </p>"]
)
def test_nothing_becomes_no_block(nothing):
    assert blocks_of(nothing) == []


def test_more_than_an_email_holds_is_cut_and_no_block_is_too_long():
    blocks = blocks_of("<p>" + "tea " * 60_000 + "</p>")

    assert 1 <= len(blocks) <= 10
    assert all(len(one.html) <= 21_000 for one in blocks)


@pytest.mark.parametrize("text", ["<h1" * 30_000, "<h2>x" * 20_000, "<p>" * 30_000, "<hr" * 30_000])
def test_odd_markup_takes_no_time_and_raises_nothing(text):
    blocks_of(text)


@pytest.mark.parametrize(
    ("markup", "html"),
    [
        ("<p><b style='mso-bidi-font-weight:normal'>Warm</b> tea</p>", "<p><strong>Warm</strong> tea</p>"),
        ("<b style='font-weight:normal'><p>Warm tea</p></b>", "<p>Warm tea</p>"),
        ("<p><span style='mso-bidi-font-weight:bold'>Warm</span> tea</p>", "<p>Warm tea</p>"),
    ],
)
def test_bold_is_what_is_bold_in_the_script_that_is_written(markup, html):
    assert [block.html for block in blocks_of(markup)] == [html]
