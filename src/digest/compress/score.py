"""How much a sentence deserves to be a takeaway: a logistic regression whose weights anybody can read.

The weights are in `weights.json`, with where they come from; `bench/train_takeaways.py` makes it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from digest.compress.features import FEATURES

__all__ = ["WEIGHTS_FILE", "probability", "weights"]

WEIGHTS_FILE = Path(__file__).with_name("weights.json")
_DECIMALS = 6  # libraries' exp() differ in the last bits; an order must not hang on them


@cache
def weights() -> tuple[float, tuple[float, ...]]:
    """Return the bias and one weight a feature: what was learnt plus what was set by hand."""
    stored = json.loads(WEIGHTS_FILE.read_text(encoding="utf-8"))
    learnt, by_hand = stored["learnt"], stored["by_hand"]
    return stored["bias"], tuple(learnt[name] + by_hand.get(name, 0.0) for name in FEATURES)


def probability(row: Sequence[float]) -> float:
    """Return the score of a sentence's features, between 0 and 1."""
    bias, each = weights()
    total = bias + sum(weight * value for weight, value in zip(each, row, strict=True))
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), _DECIMALS)
