"""The rules between bullets, and between a bullet and the headline: R9 (hard) and R10 (soft)."""

from __future__ import annotations

from collections.abc import Iterable

from digest.compress.lexicon import Language
from digest.compress.words import content_stems, toks

__all__ = ["r9_repeats_no_other", "r10_repeats_the_headline"]

MOST_OVERLAP = 0.7


def r9_repeats_no_other(bullet: str, others: Iterable[str], language: Language) -> str | None:
    """Two bullets share under 0.7 of the shorter one's words, and no three content words in a row."""
    tokens, stems = set(toks(bullet)), content_stems(bullet, language)
    trigrams = set(zip(stems, stems[1:], stems[2:], strict=False))
    for other in others:
        theirs = content_stems(other, language)
        if _overlap(tokens, set(toks(other))) >= MOST_OVERLAP or _overlap(set(stems), set(theirs)) >= MOST_OVERLAP:
            return f"says what “{other[:40]}…” says"
        shared = trigrams.intersection(zip(theirs, theirs[1:], theirs[2:], strict=False))
        if shared:
            return f"repeats “{' '.join(min(shared))}” of “{other[:40]}…”"
    return None


def r10_repeats_the_headline(bullet: str, headline: str, language: Language) -> str | None:
    """A bullet that adds next to nothing to the headline is a wasted one (soft)."""
    own, theirs = set(content_stems(bullet, language)), set(content_stems(headline, language))
    if not own or not theirs:
        return None
    return "repeats the headline" if len(own & theirs) / len(own) >= MOST_OVERLAP else None


def _overlap(one: set[str], other: set[str]) -> float:
    smaller = min(len(one), len(other))
    return len(one & other) / smaller if smaller else 0.0
