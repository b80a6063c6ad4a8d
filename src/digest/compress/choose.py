"""Three or four sentences of a story that say what it says: the extractive takeaways.

Clean → split → score → shorten → refuse by the rules → choose greedily without repeating → full
names → back into the order of the text. Nothing is ever added but a name that stands in the text.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from digest.compress.alone import r11_names_in_full, r12_names_a_day
from digest.compress.candidates import Candidate, candidates_of
from digest.compress.fit_to_print import MOST_CHARACTERS, MOST_WORDS
from digest.compress.languages import language_of
from digest.compress.lexicon import Language
from digest.compress.names import KnownNames, known_names
from digest.compress.plain import plain_text
from digest.compress.repeats import r9_repeats_no_other, r10_repeats_the_headline
from digest.compress.sentences import LONGEST_SENTENCE
from digest.compress.verbs import has_verb
from digest.compress.words import content_stems, word_count
from digest.model import Takeaway

__all__ = ["Considered", "explain", "takeaways"]

CHOSEN = "chosen"

_LONG_STORY_WORDS = 600
_SENTENCES_PER_BULLET = 2  # a story of five sentences is not told in three bullets: that is the story
_LIKENESS_COST = 0.9  # of the score, for a bullet that shares all its content words with another
_SOFT_COSTS = {"R10": 0.75, "R11": 0.35, "R12": 0.75, "verb": 0.4}  # what breaking one takes from a score, as a factor
# A bullet that says little is worse than none. A story that scores low throughout is judged by its own best.
_LEAST_NEW = 0.46  # of the score, after what it shares with others was taken off
_LEAST_SCORE, _LEAST_OF_BEST, _LEAST_EVER = 0.18, 0.5, 0.1


@dataclass(frozen=True, slots=True)
class Considered:
    """What became of one sentence on the way to the takeaways."""

    text: str
    start: int
    end: int
    score: float  # 0 to 1
    shortened: str  # the form that was tried, "" when it was refused before that
    verdict: str  # "chosen", or the rule that refused it


@dataclass(frozen=True, slots=True)
class _Told:
    """What soft rules hold a bullet against."""

    title: str
    language: Language
    names: KnownNames
    age: timedelta | None


def takeaways(
    title: str,
    text: str,
    *,
    limit: int = 4,
    language: str | None = None,
    standfirst: str = "",
    age: timedelta | None = None,
) -> tuple[Takeaway, ...]:
    """Choose the sentences that tell the story, each shortened by deletion only.

    Args:
        title: The headline; what only repeats it is avoided.
        text: Paragraphs parted by line breaks; markup in it is read past.
        limit: At most so many. Up to 3 are given, 4 for more than 600 words; fewer, or none, for a
            story that is too short or has no sentences that pass the rules.
        language: A BCP 47 tag; guessed from the text when not given.
        standfirst: Helps to tell the story's topic from a scene that opens it.
        age: Of the story when the takeaways are read; None when that is not known. Days are named only in its first 24
            hours.

    Returns:
        In the order of the text, each with the span of `text` it stands on.
    """
    spoken = language_of(language, text)
    names, said = known_names(text), set[str]()
    considered = _considered(title, text, limit, spoken, standfirst, age, names)
    chosen = [item for item in considered if item.verdict == CHOSEN]
    found: list[Takeaway] = []
    for item in chosen:
        bullet = _named(item, names.expanded(item.shortened, item.start, said), found, spoken)
        found.append(Takeaway(text=bullet, start=item.start, end=item.end))
    return tuple(found)


def explain(
    title: str,
    text: str,
    *,
    limit: int = 4,
    language: str | None = None,
    standfirst: str = "",
    age: timedelta | None = None,
) -> tuple[Considered, ...]:
    """Return for every sentence its score, its shortened form and what became of it.

    Takes what `takeaways` takes. Sentences beyond the 250th are not looked at.
    """
    spoken = language_of(language, text)
    return _considered(title, text, limit, spoken, standfirst, age, known_names(text))


def _considered(
    title: str,
    text: str,
    limit: int,
    spoken: Language,
    standfirst: str,
    age: timedelta | None,
    names: KnownNames,
) -> tuple[Considered, ...]:
    title, standfirst = (plain_text(head[:LONGEST_SENTENCE]) for head in (title, standfirst))
    candidates = candidates_of(text, title, spoken, standfirst)
    wanted = min(limit, _wanted(candidates))
    verdicts = _choose(candidates, _Told(title, spoken, names, age), wanted)
    return tuple(
        Considered(
            text=candidate.sentence.text,
            start=candidate.sentence.start,
            end=candidate.sentence.end,
            score=candidate.score,
            shortened=candidate.bullet,
            verdict=verdict,
        )
        for candidate, verdict in zip(candidates, verdicts, strict=True)
    )


def _wanted(candidates: Sequence[Candidate]) -> int:
    story = [candidate.sentence.text for candidate in candidates if candidate.row]
    words = sum(map(word_count, story))
    return min(4 if words > _LONG_STORY_WORDS else 3, len(story) // _SENTENCES_PER_BULLET)


def _choose(candidates: Sequence[Candidate], story: _Told, wanted: int) -> list[str]:
    verdicts = [candidate.refused or "not needed: others say more" for candidate in candidates]
    left: dict[int, float] = {}
    for place, candidate in enumerate(candidates):
        if not candidate.refused:
            broken = _soft_faults(candidate, story)
            left[place] = candidate.score * math.prod(_SOFT_COSTS[name] for name, _ in broken)
            if broken:
                verdicts[place] = ": ".join(broken[0])
    least = max(_LEAST_EVER, min(_LEAST_SCORE, _LEAST_OF_BEST * max(left.values(), default=0.0)))
    stems = {place: set(content_stems(candidates[place].bullet, story.language)) for place in left}
    chosen: list[int] = []
    while left and len(chosen) < wanted:
        worth = {at: score * _unlikeness(stems[at], [stems[c] for c in chosen]) for at, score in left.items()}
        place = min(left, key=lambda at: (-worth[at], at))
        left_score = left.pop(place)
        others = [candidates[at].bullet for at in chosen]
        if repeats := r9_repeats_no_other(candidates[place].bullet, others, story.language):
            verdicts[place] = f"R9: {repeats}"
        elif left_score >= least and worth[place] >= _LEAST_NEW * left_score:
            chosen.append(place)
            verdicts[place] = CHOSEN
    return verdicts


def _soft_faults(candidate: Candidate, story: _Told) -> list[tuple[str, str]]:
    """Return the soft rules that a bullet breaks, each with the reason."""
    bullet, place = candidate.bullet, candidate.sentence.start
    in_full = story.names.expanded(bullet, place, set())
    reasons = (
        ("R10", r10_repeats_the_headline(bullet, story.title, story.language)),
        ("R11", r11_names_in_full(in_full, story.names, place, story.title)),
        ("R12", r12_names_a_day(bullet, bullet, story.language, story.age)),
    )
    if not has_verb(bullet, story.language):
        return [("verb", "there seems to be none")]
    return [(name, reason) for name, reason in reasons if reason]


def _unlikeness(own: set[str], others: Sequence[set[str]]) -> float:
    shares = [len(own & other) / max(1, min(len(own), len(other))) for other in others]
    return 1 - _LIKENESS_COST * max(shares, default=0.0)


def _named(item: Considered, expanded: str, found: Sequence[Takeaway], language: Language) -> str:
    """Return the bullet with its full name, unless the name makes it too long or like another."""
    fits = word_count(expanded) <= MOST_WORDS and len(expanded) <= MOST_CHARACTERS
    is_new = r9_repeats_no_other(expanded, [other.text for other in found], language) is None
    return expanded if fits and is_new else item.shortened
