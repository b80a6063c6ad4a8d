"""Every sentence of a story, and what it would be as a takeaway: its features, its shortened form, what refuses it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from digest.compress.alone import r13_speaks_to_nobody
from digest.compress.clean import dateline_length, furniture, is_label, speaker_label
from digest.compress.features import features
from digest.compress.fit_to_print import MOST_CHARACTERS
from digest.compress.languages import language_of
from digest.compress.lexicon import Language
from digest.compress.rules import refusal
from digest.compress.score import probability
from digest.compress.sentences import LONGEST_SENTENCE, Sentence, split_sentences
from digest.compress.shorten import shortened_forms
from digest.compress.words import lowered

__all__ = ["MOST_SENTENCES", "Candidate", "candidate_rows", "candidates_of"]

MOST_SENTENCES = 250  # a story's news is not beyond them, and time stays bounded
_SHOUTED_START = re.compile(r"[A-ZÀ-Þ]{2,}(?:['’][A-Z])?(?: [A-ZÀ-Þ]{2,}(?:['’][A-Z])?){0,3}(?= [a-zA-Z])")
_ALSO_ACRONYMS = frozenset({"us", "it", "who", "am", "pm"})
_LEAST_LABELLED = 3  # paragraphs with a speaker's label, one speaker twice: an interview


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence on the way to a takeaway."""

    sentence: Sentence
    row: tuple[float, ...]  # its features, none when it is no part of the story
    bullet: str
    refused: str | None

    @property
    def score(self) -> float:
        return probability(self.row) if self.row else 0.0


def candidates_of(text: str, title: str, language: Language, standfirst: str = "") -> list[Candidate]:
    """Return a candidate for each of the first 250 sentences of `text`, in their order.

    Args:
        text: The story; markup in it is read past.
        title: Its headline in plain text, and `standfirst` likewise.
    """
    split = split_sentences(text, language, most=MOST_SENTENCES)
    sentences = [_calmed(_without_heads(sentence, text, (title, standfirst)), text, language) for sentence in split]
    return _candidates(sentences, title, language, standfirst)


def candidate_rows(title: str, text: str, *, language: str) -> list[tuple[str, tuple[float, ...]]]:
    """Return every bullet that could be chosen with its features, for training."""
    spoken = language_of(language, text)
    found = _candidates(split_sentences(text, spoken, most=MOST_SENTENCES), title, spoken)
    return [(candidate.bullet, candidate.row) for candidate in found if candidate.refused is None]


def _candidates(sentences: Sequence[Sentence], title: str, language: Language, standfirst: str = "") -> list[Candidate]:
    parts: dict[int, list[str]] = {}
    for sentence in sentences:
        parts.setdefault(sentence.paragraph, []).append(sentence.text)
    paragraphs = {number: " ".join(texts) for number, texts in parts.items()}
    spoken = _interview(paragraphs)
    story = [_not_story(sentence, paragraphs[sentence.paragraph], spoken) for sentence in sentences]
    kept = [sentence for sentence, reason in zip(sentences, story, strict=True) if reason is None]
    rows = iter(features(kept, title, language, standfirst)) if kept else iter(())
    found = []
    for sentence, reason in zip(sentences, story, strict=True):
        row = next(rows) if reason is None else ()
        bullet, refused = ("", reason) if reason else _best_form(sentence, language)
        found.append(Candidate(sentence, row, bullet, refused))
    return found


def _interview(paragraphs: dict[int, str]) -> range:
    """Return the paragraphs that are question and answer, from the first that names its speaker; often none."""
    labels = {number: label for number, text in paragraphs.items() if (label := speaker_label(text))}
    if len(labels) < _LEAST_LABELLED or max(Counter(labels.values()).values()) < 2:
        return range(0)
    return range(min(labels), max(paragraphs) + 1)


def _not_story(sentence: Sentence, paragraph: str, spoken: range) -> str | None:
    if len(sentence.text) > LONGEST_SENTENCE:
        return f"R3: {len(sentence.text)} characters, at most {MOST_CHARACTERS}"
    if sentence.paragraph in spoken:
        return "R8: a line of an interview"
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
        whole, refused = form, refusal(form, sentence.text, language) or _unheard(form, language)
        if refused is None:
            return form, None
    return whole, refused


def _unheard(form: str, language: Language) -> str | None:
    reason = r13_speaks_to_nobody(form, form, language)
    return f"R13: {reason}" if reason else None


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
