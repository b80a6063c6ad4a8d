"""ROUGE-1, ROUGE-2 and ROUGE-L (summary level) F1, as the package `rouge-score` counts them.

Porter's stemmer on words of more than three letters; tokens are runs of a-z and 0-9. Lin 2004,
"ROUGE: A Package for Automatic Evaluation of Summaries".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import cache

import Stemmer

__all__ = ["Rouge", "rouge", "rouge_tokens"]

Rouge = tuple[float, float, float]

_PORTER = Stemmer.Stemmer("porter")


@cache
def _stemmed(word: str) -> str:
    return str(_PORTER.stemWord(word)) if len(word) > 3 else word


def rouge_tokens(text: str) -> tuple[str, ...]:
    return tuple(_stemmed(word) for word in re.findall(r"[a-z0-9]+", text.lower()))


def rouge(summary: Sequence[str], reference: Sequence[str]) -> Rouge:
    """Return ROUGE-1, -2 and -Lsum F1 of two lists of sentences."""
    ours, theirs = [rouge_tokens(text) for text in summary], [rouge_tokens(text) for text in reference]
    return (_ngrams(ours, theirs, 1), _ngrams(ours, theirs, 2), _longest(ours, theirs))


def _ngrams(ours: list[tuple[str, ...]], theirs: list[tuple[str, ...]], size: int) -> float:
    one, two = (_count([token for part in parts for token in part], size) for parts in (ours, theirs))
    return _f1((one & two).total(), one.total(), two.total())


def _count(tokens: list[str], size: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[at : at + size]) for at in range(len(tokens) - size + 1))


def _longest(ours: list[tuple[str, ...]], theirs: list[tuple[str, ...]]) -> float:
    """Union of longest common subsequences, each token counted as often as both sides hold it."""
    left = Counter(token for part in ours for token in part)
    right = Counter(token for part in theirs for token in part)
    totals = left.total(), right.total()
    hits = 0
    for part in theirs:
        places = sorted(set().union(*(_common_places(part, other) for other in ours)))
        for place in places:
            token = part[place]
            if left[token] > 0 and right[token] > 0:
                hits += 1
                left[token] -= 1
                right[token] -= 1
    return _f1(hits, *totals)


def _common_places(one: tuple[str, ...], other: tuple[str, ...]) -> set[int]:
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for row, left in enumerate(one, 1):
        for column, right in enumerate(other, 1):
            table[row][column] = (
                table[row - 1][column - 1] + 1 if left == right else max(table[row - 1][column], table[row][column - 1])
            )
    places, row, column = set(), len(one), len(other)
    while row and column:
        if one[row - 1] == other[column - 1]:
            places.add(row - 1)
            row, column = row - 1, column - 1
        elif table[row - 1][column] >= table[row][column - 1]:
            row -= 1
        else:
            column -= 1
    return places


def _f1(hits: int, ours: int, theirs: int) -> float:
    return 2 * hits / (ours + theirs) if hits else 0.0
