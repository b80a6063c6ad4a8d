"""How much a term tells: the rarer it is, the more two stories that share it have in common.

The day's own stories count in full, those of the background a fifth each. So twenty stories are weighed by news
at large, and a war that everybody writes about makes its country's name an ordinary word.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from digest.select.background import background

__all__ = ["TermWeights"]

_BACKGROUND_SHARE = 0.2
_UNLISTED = 1  # stories of the background that hold a term which its table doesn't list


class TermWeights(dict[str, float]):
    """Term → inverse document frequency as of a moment: of `stories` stories, with how many of them hold each term.

    A term's weight is worked out when it is first asked for.
    """

    def __init__(self, stories_with: Mapping[str, int], stories: int) -> None:
        super().__init__()
        self.stories = stories
        self._stories_with, self._listed = stories_with, background().stories_with
        self._total = stories + _BACKGROUND_SHARE * background().stories + 1

    def __missing__(self, term: str) -> float:
        with_it = self._stories_with.get(term, 0) + _BACKGROUND_SHARE * self._listed.get(term, _UNLISTED) + 0.5
        weight = self[term] = math.log(self._total / with_it)
        return weight
