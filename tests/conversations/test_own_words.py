"""What somebody repeats of another is no part of how they feel, wherever they write."""

import pytest

from conversations.classifying import own_words, read_texts

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
