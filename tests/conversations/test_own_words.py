"""What somebody repeats of another is no part of how they feel, wherever they write."""

from collections import Counter

import pytest

from conversations.classifying import correct_sentiment, own_words, read_texts
from conversations.learning_feelings import lesson_of
from tests.factories.social import make_mention
from workspaces.current import working_in

ANGRY = "This is terrible, I hate it. The worst kettle ever."
GLAD = "Thank you so much, I love it. Wonderful!"


@pytest.mark.parametrize(("quoted", "said", "label"), [(ANGRY, GLAD, "pos"), (GLAD, ANGRY, "neg")])
def test_a_quote_between_the_lines_changes_no_feeling(quoted, said, label):
    text = f"> {quoted}\n{said}\n> {quoted}\n{said}"

    (reading,) = read_texts([(text, "en")])

    assert reading.sentiment.label == label


@pytest.mark.parametrize("text", ["> all of it", "a > b", "", "5 > 4\n3 < 4"])
def test_where_nothing_else_is_said_all_of_it_is_theirs(text):
    assert own_words(text) == text


def test_what_is_quoted_teaches_nothing(kettle, ada):
    with working_in(kettle):
        words = Counter()
        for number in range(60):
            label = ("neg", "neu", "pos")[number % 3]
            row = make_mention(
                f"> parcelwort\nIt is {label} number {number}", handle=f"t{number}@tea.example", language="en"
            )
            correct_sentiment(row, label, by=ada)
        for one in lesson_of("en").corrected:
            words.update(one.text.text.split())

    assert words["number"] == 60
    assert "parcelwort" not in words
