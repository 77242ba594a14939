"""What comes of foreign text: everything a person meant, nothing that plays tricks."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.foreign.cleaning import html_to_text, looks_like_html, to_line, to_link, to_text

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"


@pytest.mark.parametrize(
    "text",
    [
        "a<b and c>d",
        "write to <anna@example.org>",
        "see <https://example.org/a?b=1&c=2>",
        "&lt; is how you write <",
        "<b>not bold</b>",
        "if (a<b && b<c) { }",
        "👩\u200d🚀",
        f"{ENGLAND} Go!",
        "می\u200cخواهم",
    ],
)
def test_plain_text_stays_as_it_was_written(text):
    assert to_text(text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("hid\U000e0068\U000e0069den", "hidden"),
        ("\U0001f3f4 no flag\U000e0067", "\U0001f3f4 no flag"),
        ("\U0001f3f4" + "\U000e0061" * 30 + "\U000e007f", "\U0001f3f4"),
        ("safe\u202egpj.exe\u200b", "safegpj.exe"),
        ("a\0b\x07\ud800", "ab"),
    ],
)
def test_what_hides_is_gone(text, kept):
    assert to_text(text) == kept


def test_a_cut_leaves_no_half_flag():
    assert to_text("x" * 6 + ENGLAND, 10) == "x" * 6 + "\U0001f3f4…"


def test_html_is_what_a_person_reads():
    assert html_to_text("<p>Hi<br>there</p><script>alert(1)</script>&lt;b&gt; 5 &amp; 6") == "Hi\nthere\n<b> 5 & 6"


@pytest.mark.parametrize(
    ("text", "is_html"),
    [
        ("5 a<b and <anna@example.org> & more", False),
        ("R&D", False),
        ("<https://example.org>", False),
        ("<p>Hi</p>", True),
        ('see <a href="https://x.example">this</a>', True),
        ("a &amp; b", True),
        ("line<br/>line", True),
    ],
)
def test_what_looks_like_html(text, is_html):
    assert looks_like_html(text) is is_html


@given(st.text(st.characters(), max_size=60))
def test_no_text_breaks_it_and_what_comes_out_can_be_stored(text):
    for kept in (to_text(text), html_to_text(text), to_line(text, 20), to_link(text), to_link(f"http://{text}")):
        kept.encode()
        assert all(unicodedata.category(one) not in {"Cc", "Cs"} or one in "\n\t" for one in kept)
    assert to_text(to_text(text)) == to_text(text)


def test_what_closes_nothing_hides_no_depth():
    begun = time.process_time()

    assert html_to_text("</b>" * 10_000 + "<div>" * 150_000 + "hi", 100_000) == "hi"

    assert time.process_time() - begun < 3
