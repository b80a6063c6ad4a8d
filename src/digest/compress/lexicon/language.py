"""What the word lists of a language are."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["ANY_ABBREVIATIONS", "UNKNOWN", "Language", "listed", "phrases", "word_set"]


@dataclass(frozen=True, slots=True)
class Language:
    """One language's word lists, all in lower case.

    Entries of `negations`, `allegations` and `cues` that end in "*" are beginnings of words. A
    connective that ends in a comma counts only before one ("First, the ..." but not "First Minister").
    """

    code: str
    stop: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()  # pronouns and demonstratives that no bullet may start with
    connectives: tuple[str, ...] = ()  # words and phrases that lean on the sentence before
    first_person: frozenset[str] = frozenset()
    negations: tuple[str, ...] = ()
    allegations: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()  # verbs and phrases that say who said it
    days: frozenset[str] = frozenset()  # weekdays and words like "today"
    abbreviations: frozenset[str] = frozenset()  # without their full stop
    suffixes: tuple[str, ...] = ()  # longest first


def word_set(text: str) -> frozenset[str]:
    """Return the words of a string that lists them."""
    return frozenset(text.split())


def listed(text: str) -> tuple[str, ...]:
    """Return the words of a string that lists them, in their order."""
    return tuple(text.split())


def phrases(text: str) -> tuple[str, ...]:
    """Return the phrases of a string that parts them by "|", the longest first."""
    return tuple(sorted((part.strip() for part in text.split("|")), key=lambda phrase: (-len(phrase), phrase)))


ANY_ABBREVIATIONS = "prof dr st mr mrs ms jr sr no nr vs etc al approx ca cf fig vol op inc ltd co corp dept univ tel"


UNKNOWN = Language(code="und", abbreviations=word_set(ANY_ABBREVIATIONS))
"""A language without lists: no rule is applied that does not hold there."""
