"""Weights averaged over fits that each left out one source more, and the chances that follow from sources left out.

What one source alone says of a word then counts for less: sources that were never seen are judged better, and by truer
chances, than by one fit of all. (Averaged weights: Wortsman et al. 2022; of a linear model they are averaged scores.)
"""

from collections.abc import Mapping

import numpy as np

from conversations.engines.linear import LABELS, PARTS, Fitted, Scorer
from conversations.engines.training import Examples, fit, fit_chances, join


class Averaged:
    """The feelings of several sources: of each what is fitted on (`known`) and what is measured on (`asked`), labels included.

    Any may be left out, as if it had never been at hand. Four sources are the fewest of which one is left out of `chances`.
    """

    def __init__(self, known: Mapping[str, Examples], asked: Mapping[str, Examples]) -> None:
        self.known, self.asked = known, asked
        self._fits: dict[frozenset[str], Scorer] = {}

    def weights(self, *left_out: str) -> Scorer:
        """The mean of those fitted on all but these and, in turn, each other source."""
        fits = [self._fit(frozenset({*left_out, one})) for one in self.known if one not in left_out]
        return Scorer(*(np.mean([getattr(fitted, part) for fitted in fits], axis=0) for part in PARTS))

    def scores(self, name: str, *left_out: str) -> np.ndarray:
        """What a source's texts are given by weights that saw neither it nor these: a row a text, a column a label."""
        asked = self.asked[name]
        return self.weights(name, *left_out).score(asked.rows, asked.numbers)

    def chances(self, *left_out: str) -> Fitted:
        """Biases and temperature of the sources that stay, each scored by weights that never saw it either.

        So a source that is left out is measured by nothing that knows it (nested: Varma and Simon 2006).
        """
        stay = [one for one in self.known if one not in left_out]
        return fit_chances([(self.scores(one, *left_out), self.asked[one].labels) for one in stay])

    def _fit(self, left_out: frozenset[str]) -> Scorer:
        if left_out not in self._fits:
            self._fits[left_out] = fit(
                join([one for name, one in self.known.items() if name not in left_out]), len(LABELS)
            )
        return self._fits[left_out]
