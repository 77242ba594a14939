"""Weights averaged over fits that each left out one source: what is left out has no say in how it is measured."""

import numpy as np
import pytest

from conversations.engines.averaging import Averaged
from conversations.engines.training import fit, join, to_examples

FEELINGS = ["rotten", "plain", "splendid"]
SHOPS = ["tea", "shoes", "lamps", "bikes"]
PAIRS = [("rotten", "splendid"), ("dull", "quaint")]  # of every shop, and of one source alone


def source(shop, order=(0, 1, 2), doubt=(1, 2, 0)):
    """Six times each word, the last time rated as nobody would expect."""
    texts = [f"{word} {shop} {letter}" for letter in "abcdef" for word in FEELINGS]
    return to_examples(texts, [*list(order) * 5, *doubt])


def averaged(**changed):
    sources = {shop: source(shop) for shop in SHOPS} | changed
    return Averaged(sources, sources)


@pytest.mark.parametrize("shop", SHOPS)
def test_a_source_that_is_left_out_has_no_say_in_how_it_is_measured(shop):
    lying = averaged(**{shop: source(shop, order=(2, 0, 1))})

    honest = averaged()
    assert np.array_equal(lying.scores(shop), honest.scores(shop))
    assert lying.chances(shop).temperature == honest.chances(shop).temperature
    assert np.array_equal(lying.chances(shop).bias, honest.chances(shop).bias)
    assert not np.array_equal(lying.weights().weights, honest.weights().weights)


def test_a_source_is_calibrated_on_by_weights_that_never_saw_it():
    lying = averaged(tea=source("tea", order=(2, 0, 1)))

    assert lying.scores("tea").argmax(axis=1).tolist() == [0, 1, 2] * 6
    assert lying.chances("lamps").temperature > averaged().chances("lamps").temperature


def test_what_one_source_alone_says_of_a_word_counts_for_less():
    texts = [f"{word} {letter}" for letter in "abcdef" for word in ("dull", "fine", "quaint")]
    sources = {shop: source(shop) for shop in SHOPS} | {"odd": to_examples(texts, [0, 1, 2] * 6)}

    by_all, by_mean = fit(join(list(sources.values())), 3), Averaged(sources, sources).weights()
    share = {worst: gap(by_mean, worst, best) / gap(by_all, worst, best) for worst, best in PAIRS}
    assert 0 < share["dull"] < share["rotten"] < 1


def gap(weights, worst, best):
    """How much gladder one word is than the other."""
    asked = to_examples([worst, best], [0, 2])
    scores = weights.score(asked.rows, asked.numbers)
    return (scores[1, 2] - scores[1, 0]) - (scores[0, 2] - scores[0, 0])
