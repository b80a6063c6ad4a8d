"""Three or four sentences of a story that say what it says: the extractive takeaways.

Clean → split → score → shorten → refuse by the rules → choose greedily without repeating → full
names → back into the order of the text. Nothing is ever added but a name that stands in the text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.compress.clean import dateline_length, furniture, is_label
from digest.compress.faithful import (
    MOST_CHARACTERS,
    MOST_WORDS,
    r9_repeats_no_other,
    r10_repeats_the_headline,
    r12_names_a_day,
    refusal,
)
from digest.compress.features import features
from digest.compress.languages import language_of
from digest.compress.lexicon import Language
from digest.compress.names import known_names
from digest.compress.plain import plain_text
from digest.compress.score import probability
from digest.compress.sentences import LONGEST_SENTENCE, Sentence, split_sentences
from digest.compress.shorten import shortened_forms
from digest.compress.words import content_stems, lowered, word_count
from digest.model import Takeaway

__all__ = ["MOST_SENTENCES", "Considered", "candidate_rows", "explain", "takeaways"]

CHOSEN = "chosen"

MOST_SENTENCES = 250  # a story's news is not beyond them, and time stays bounded
_SHOUTED_START = re.compile(r"[A-ZÀ-Þ]{2,}(?:['’][A-Z])?(?: [A-ZÀ-Þ]{2,}(?:['’][A-Z])?){0,3}(?= [a-zA-Z])")
_ALSO_ACRONYMS = frozenset({"us", "it", "who", "am", "pm"})
_LONG_STORY_WORDS = 600
_SENTENCES_PER_BULLET = 2  # a story of five sentences is not told in three bullets: that is the story
_SOFT_COST = 0.75  # what breaking a soft rule takes from a score, as a factor
_LIKENESS_COST = 0.5  # of the score, for a bullet that shares all its content words with another


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
class _Candidate:
    sentence: Sentence
    row: tuple[float, ...]  # its features, none when it is no part of the story
    bullet: str
    refused: str | None

    @property
    def score(self) -> float:
        return probability(self.row) if self.row else 0.0


def takeaways(
    title: str, text: str, *, limit: int = 4, language: str | None = None, standfirst: str = ""
) -> tuple[Takeaway, ...]:
    """Choose the sentences that tell the story, each shortened by deletion only.

    Args:
        title: The headline; what only repeats it is avoided.
        text: Paragraphs parted by line breaks; markup in it is read past.
        limit: At most so many. Up to 3 are given, 4 for more than 600 words; fewer, or none, for a
            story that is too short or has no sentences that pass the rules.
        language: A BCP 47 tag; guessed from the text when not given.
        standfirst: Helps to tell the story's topic from a scene that opens it.

    Returns:
        In the order of the text, each with the span of `text` it stands on.
    """
    spoken = language_of(language, text)
    considered = explain(title, text, limit=limit, language=spoken.code, standfirst=standfirst)
    chosen = [item for item in considered if item.verdict == CHOSEN]
    names, said = known_names(text), set[str]()
    found: list[Takeaway] = []
    for item in chosen:
        bullet = _named(item, names.expanded(item.shortened, item.start, said), found, spoken)
        found.append(Takeaway(text=bullet, start=item.start, end=item.end))
    return tuple(found)


def explain(
    title: str, text: str, *, limit: int = 4, language: str | None = None, standfirst: str = ""
) -> tuple[Considered, ...]:
    """Return for every sentence its score, its shortened form and what became of it.

    Takes what `takeaways` takes. Sentences beyond the 250th are not looked at.
    """
    spoken = language_of(language, text)
    title, standfirst = (plain_text(head[:LONGEST_SENTENCE]) for head in (title, standfirst))
    split = split_sentences(text, spoken, most=MOST_SENTENCES)
    sentences = [_calmed(_without_heads(sentence, text, (title, standfirst)), text, spoken) for sentence in split]
    candidates = _candidates(sentences, title, spoken, standfirst)
    wanted = min(limit, _wanted(candidates))
    verdicts = _choose(candidates, title, wanted, spoken)
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


def candidate_rows(title: str, text: str, *, language: str) -> list[tuple[str, tuple[float, ...]]]:
    """Return every bullet that could be chosen with its features, for training."""
    spoken = language_of(language, text)
    return [
        (candidate.bullet, candidate.row)
        for candidate in _candidates(split_sentences(text, spoken, most=MOST_SENTENCES), title, spoken)
        if candidate.refused is None
    ]


def _wanted(candidates: Sequence[_Candidate]) -> int:
    story = [candidate.sentence.text for candidate in candidates if candidate.row]
    words = sum(map(word_count, story))
    return min(4 if words > _LONG_STORY_WORDS else 3, len(story) // _SENTENCES_PER_BULLET)


def _candidates(
    sentences: Sequence[Sentence], title: str, language: Language, standfirst: str = ""
) -> list[_Candidate]:
    parts: dict[int, list[str]] = {}
    for sentence in sentences:
        parts.setdefault(sentence.paragraph, []).append(sentence.text)
    paragraphs = {number: " ".join(texts) for number, texts in parts.items()}
    story = [_not_story(sentence, paragraphs[sentence.paragraph]) for sentence in sentences]
    kept = [sentence for sentence, reason in zip(sentences, story, strict=True) if reason is None]
    rows = iter(features(kept, title, language, standfirst)) if kept else iter(())
    found = []
    for sentence, reason in zip(sentences, story, strict=True):
        row = next(rows) if reason is None else ()
        bullet, refused = ("", reason) if reason else _best_form(sentence, language)
        found.append(_Candidate(sentence, row, bullet, refused))
    return found


def _not_story(sentence: Sentence, paragraph: str) -> str | None:
    if len(sentence.text) > LONGEST_SENTENCE:
        return f"R3: {len(sentence.text)} characters, at most {MOST_CHARACTERS}"
    reason = furniture(sentence.text, paragraph)
    if reason:
        return reason
    if is_label(sentence.text):
        return "sub-head, label or fragment"
    return "R8: stands inside a quotation" if sentence.is_inside_quotation else None


def _best_form(sentence: Sentence, language: Language) -> tuple[str, str | None]:
    """Return the shortest form that passes, or the whole sentence and why it doesn't."""
    refused = None
    whole = sentence.text
    for form in shortened_forms(sentence.text, language):
        whole, refused = form, refusal(form, sentence.text, language)
        if refused is None:
            return form, None
    return whole, refused


def _without_heads(sentence: Sentence, text: str, heads: tuple[str, str]) -> Sentence:
    """Part a sentence from a headline or standfirst that ran into it for want of a full stop."""
    for head in heads:
        rest = sentence.text[len(head) :].lstrip(" :–—-")
        runs_in = head and lowered(sentence.text).startswith(lowered(head)) and sentence.text[len(head) :][:1].isspace()
        if runs_in and rest[:1].isupper() and text[: sentence.end].endswith(rest):
            sentence = replace(sentence, text=rest, start=sentence.end - len(rest))
    return sentence


def _calmed(sentence: Sentence, text: str, language: Language) -> Sentence:
    """Write a sentence's shouted first words small ("BRITAIN’S night skies") where the story does so too."""
    match = _SHOUTED_START.match(sentence.text)
    if not match or sentence.text.isupper() or dateline_length(sentence.text):
        return sentence
    shouted = match.group().split()
    calm = [word[0] + word[1:].lower() for word in shouted]
    is_known = all(
        re.sub(r"['’]S?$", "", word, flags=re.IGNORECASE) in text
        or (word.lower() in language.stop and word.lower() not in _ALSO_ACRONYMS)
        for word in calm
    )
    return replace(sentence, text=" ".join(calm) + sentence.text[match.end() :]) if is_known else sentence


def _choose(candidates: Sequence[_Candidate], title: str, wanted: int, language: Language) -> list[str]:
    verdicts = [candidate.refused or "not needed: others say more" for candidate in candidates]
    left = {place: _soft_score(item, title, language) for place, item in enumerate(candidates) if not item.refused}
    stems = {place: set(content_stems(candidates[place].bullet, language)) for place in left}
    chosen: list[int] = []
    while left and len(chosen) < wanted:
        place = min(left, key=lambda at: (-left[at] * _unlikeness(stems[at], [stems[c] for c in chosen]), at))
        del left[place]
        repeats = r9_repeats_no_other(candidates[place].bullet, [candidates[at].bullet for at in chosen], language)
        if repeats:
            verdicts[place] = f"R9: {repeats}"
            continue
        chosen.append(place)
        verdicts[place] = CHOSEN
    return verdicts


def _soft_score(candidate: _Candidate, title: str, language: Language) -> float:
    bullet = candidate.bullet
    broken = (r10_repeats_the_headline(bullet, title, language), r12_names_a_day(bullet, bullet, language))
    return candidate.score * _SOFT_COST ** sum(reason is not None for reason in broken)


def _unlikeness(own: set[str], others: Sequence[set[str]]) -> float:
    shares = [len(own & other) / max(1, min(len(own), len(other))) for other in others]
    return 1 - _LIKENESS_COST * max(shares, default=0.0)


def _named(item: Considered, expanded: str, found: Sequence[Takeaway], language: Language) -> str:
    """Return the bullet with its full name, unless the name makes it too long or like another."""
    fits = word_count(expanded) <= MOST_WORDS and len(expanded) <= MOST_CHARACTERS
    is_new = r9_repeats_no_other(expanded, [other.text for other in found], language) is None
    return expanded if fits and is_new else item.shortened
