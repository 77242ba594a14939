"""Two hundred sentences as marketers type them, written down before there was a grammar, and the rules they mean."""

import pytest

from segments.words.understanding import rule_of
from tests.segments.words.world import make_world, sentences, with_ids
from workspaces.current import working_in

LEAST_EXACT = 0.90
BOTH = [("en", "english"), ("de", "german")]


@pytest.mark.parametrize(("language", "name"), BOTH)
def test_nine_sentences_of_ten_become_exactly_the_rule_they_mean(kettle, language, name):
    with working_in(kettle):
        make_world()
        wrong = []
        for sentence, lines in sentences(name):
            made = rule_of(sentence, language)
            lines = with_ids(lines)
            meant = lines[0] if len(lines) == 1 and "any" in lines[0] else {"all": lines}
            if made.rule != meant:
                wrong.append((sentence, meant, made.rule, [one.text for one in made.unknown]))

    share = 1 - len(wrong) / len(sentences(name))
    assert share >= LEAST_EXACT, "\n".join(f"{share:.2f} {one}" for one in wrong)
