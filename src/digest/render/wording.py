"""The fixed words of a letter, by language; English where a language is missing.

Only what every letter says by itself: labels, links, the footer. Dates are Babel's business.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from digest.model import Condition

__all__ = ["Wording", "is_right_to_left", "wording_for"]

_RIGHT_TO_LEFT = frozenset({"ar", "he", "iw", "fa", "ur", "ps", "sd", "ug", "yi", "ckb", "dv"})


@dataclass(frozen=True, slots=True)
class Wording:
    """What a letter says in one language. Braces name what is filled in."""

    inside: str
    minutes: str
    takeaways: str
    read: str
    top: str
    more: str
    popular: str
    elsewhere: str
    related: str
    updated: str
    is_update: str  # beside a story that went out before
    correction: str
    note: str
    advert: str
    why: str
    preferences: str
    unsubscribe: str
    browser: str
    forward: str
    links: str
    sky: Mapping[Condition, str]


def wording_for(language: str) -> Wording:
    """Return the wording for a BCP 47 tag, judged by its first part."""
    return _wordings().get(language.partition("-")[0].lower(), _wordings()["en"])


def is_right_to_left(language: str) -> bool:
    """Return whether a language tag's language is written from right to left."""
    return language.partition("-")[0].lower() in _RIGHT_TO_LEFT


@cache
def _wordings() -> Mapping[str, Wording]:
    told = tomllib.loads(Path(__file__).with_name("wordings.toml").read_text("utf-8"))
    return {language: _wording(words) for language, words in told.items()}


def _wording(words: dict[str, Any]) -> Wording:
    sky = MappingProxyType(dict(zip(Condition, words.pop("sky"), strict=True)))
    return Wording(**words, sky=sky)
