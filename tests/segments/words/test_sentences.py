"""Two hundred sentences as marketers type them, written down before there was a grammar, and the rules they mean."""

import pytest

from segments.words.grammar import MOST_LOOKED, read_sentence
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


MORE = [
    ("en", "customers and prospects", [{"role": {"in": ["customer", "prospect"]}}]),
    ("en", "people who are customers and influencers", [{"role": {"in": ["customer"]}}, {"role": {"in": ["influencer"]}}]),
    ("de", "Personen, die Kunden und Influencer sind", [{"role": {"in": ["customer"]}}, {"role": {"in": ["influencer"]}}]),
    ("en", "who opened and clicked this week", [
        {"did": {"kind": "opened", "window": {"last_days": 7}}}, {"did": {"kind": "clicked", "window": {"last_days": 7}}}
    ]),
    ("en", "customers who bought nothing since March 3, 2026", [
        {"role": {"in": ["customer"]}},
        {"did": {"kind": "purchase", "window": {"after": "2026-03-03"}, "count": {"op": "=", "n": 0}}},
    ]),
    ("en", "CUSTOMERS WHO BOUGHT AT LEAST THREE TIMES!", [
        {"role": {"in": ["customer"]}}, {"did": {"kind": "purchase", "count": {"op": ">=", "n": 3}}}
    ]),
    ("de", "Kunden, die mehr als 1.250,50 € ausgegeben haben.", [
        {"role": {"in": ["customer"]}},
        {"did": {"kind": "purchase", "sum": {"path": "value", "op": ">", "value": 125_050}}},
    ]),
    ("en", "people whose points > 1,500", [{"field": {"name": "points", "op": ">", "value": 1500}}]),
    ("en", "nobody", None),
]  # fmt: skip


@pytest.mark.parametrize(("language", "sentence", "lines"), MORE)
def test_sentences_of_other_shapes(kettle, language, sentence, lines):
    with working_in(kettle):
        make_world()

        assert rule_of(sentence, language).rule == ({"any": []} if lines is None else {"all": lines})


@pytest.mark.parametrize(
    ("language", "sentence", "unknown"),
    [
        ("en", "customers who bought shoes", ["shoes"]),
        ("en", "people with consent for the newslettr", ["consent for the newslettr"]),
        ("en", "customers in the last 30 days", ["in the last 30 days"]),
        ("en", "customers (", ["("]),
        ("en", "customers )", [")"]),
        ("de", "Kunden, die Schuhe gekauft haben", ["Schuhe"]),
    ],
)
def test_what_is_not_understood_is_named_with_its_place(kettle, language, sentence, unknown):
    with working_in(kettle):
        make_world()
        said = rule_of(sentence, language)

    assert (said.rule, [one.text for one in said.unknown]) == (None, unknown)
    assert [sentence[one.start : one.end] for one in said.unknown] == unknown


def test_what_it_could_have_meant_is_offered(kettle):
    with working_in(kettle):
        make_world()
        said = rule_of("people tagged vip who opend an email", "en")

    assert said.unknown[0].choices[0] == ("opened", "people tagged vip who opened an email")


@pytest.mark.parametrize(
    "word",
    [
        "not ",
        "the ",
        "in ",
        "“",
        "(",
        "read,",
        "opened, clicked, ",
        "foo ",
        "between 1 and ",
        "\\",
        "then ",
        "bought, then ",
        "gekauft, dann ",
    ],
)
@pytest.mark.parametrize("language", ["en", "de"])
def test_no_sentence_takes_for_ever(inside, word, language):
    """Counted, not timed: each place is looked at once, however often a word is repeated, and there is an end to it."""
    _node, scene, _unknown = read_sentence(word * (6_000 // len(word)), language)

    assert scene.looked < 2 * MOST_LOOKED
