"""How common terms are in news at large, so that twenty stories are weighed much as a thousand are.

The table is counts alone: in how many of some 1,500 English news stories a term stands, and whether it is
mostly written with a capital within sentences. `bench/train_background.py` makes it; its provenance is in the file.
A language without a table is weighed by the day's own stories.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path

__all__ = ["TABLE_FILE", "Background", "background"]

TABLE_FILE = Path(__file__).with_name("background.json")


@dataclass(frozen=True, slots=True)
class Background:
    """Counts over stories that have nothing to do with today's."""

    stories: int
    stories_with: Mapping[str, int]  # term → stories; what stands in fewer than three is left out
    names: Set[str]  # terms that are mostly names
    no_names: Set[str]  # terms that are mostly no names


@cache
def background() -> Background:
    """Return the table that ships with Digest."""
    stored = json.loads(TABLE_FILE.read_text(encoding="utf-8"))
    counted: dict[str, int] = {}
    for count, terms in stored["stories_with"].items():
        counted.update(dict.fromkeys(terms.split(), int(count)))
    return Background(
        stories=stored["stories"],
        stories_with=counted,
        names=frozenset(stored["names"].split()),
        no_names=counted.keys() - frozenset(stored["names"].split()) - frozenset(stored["either"].split()),
    )
