import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.graphemes import count_graphemes, graphemes
from tests.examples import examples


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0), ("kettle", 6), ("a\r\nb", 3), ("e\u0301", 1), ("👩‍👩‍👧‍👦", 1), ("👍🏽", 1), ("🇩🇪🇫🇷", 2), ("🇩🇪🇫", 2),
        ("\U0001f3f4\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f", 1), ("한국", 2), ("\u1112\u1161\u11ab", 1),
        ("नमस्ते", 4), ("❤️", 1), ("🏳️‍🌈", 1), ("a\u200bb", 3), ("☕️ tea", 5), ("a‍👩", 2), ("🏽\u200d❤", 2), ("👩🏽\u200d❤", 1),
    ],
)  # fmt: skip
def test_letters_are_counted_as_a_person_counts_them(text, count):
    assert count_graphemes(text) == count


@given(
    st.text(
        alphabet=st.sampled_from([*"ab \n\r", "\u0301", "\u200d", "👩", "🏽", "🇩", "🇪", "한", "\u11ab", "❤", "\ufe0f"])
    )
)
@settings(max_examples=examples(60), deadline=None)
def test_letters_make_the_text_again_and_count_as_another_library_counts(text):
    wcwidth = pytest.importorskip("wcwidth")

    assert "".join(graphemes(text)) == text
    assert graphemes(text) == list(wcwidth.iter_graphemes(text))
