"""The lead story's body: its opening, and what each of its parts begins with.

At most 250 words, cut between paragraphs. A story with sub-heads keeps them, each with the paragraph
below it, so that a reader sees how the story goes on; one without is cut from the end, and keeps its
closing paragraph where that can stand after a gap.
"""

from __future__ import annotations

from collections.abc import Iterator

from digest.compress.clean import dateline_length, furniture
from digest.compress.fit_to_print import r1_starts_with_no_pronoun, r2_starts_with_no_connective
from digest.compress.lexicon import Language
from digest.compress.plain import plain_text
from digest.compress.sentences import LONGEST_SENTENCE, paragraph_spans, split_sentences
from digest.compress.words import word_count
from digest.model import Passage, Story

__all__ = ["BODY_WORDS", "lead_body"]

BODY_WORDS = 250
_CLOSING_WORDS = 90  # a longer last paragraph is no closing one


def lead_body(story: Story, language: Language) -> tuple[Passage, ...]:
    """Return the passages of the brief of a lead; empty when not one sentence fits."""
    passages = _without_bare_subheads(_passages(story, language))
    if _words(passages) <= BODY_WORDS:
        return passages
    by_parts = _beginnings_of_parts(passages)
    if sum(passage.is_subhead for passage in by_parts) > 1:
        return by_parts
    return _from_the_top(passages, language)


def _beginnings_of_parts(passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    """Return the first paragraph of the story and of each sub-headed part, and then more of them in turn.

    When not all of that fits, the first part and the last come before those in the middle.
    """
    parts = list(_parts(passages))
    taken = [0] * len(parts)  # passages of each part
    room = BODY_WORDS
    by_need = sorted(range(len(parts)), key=lambda place: (place not in (0, len(parts) - 1), place))
    has_grown = True
    while has_grown:
        has_grown = False
        for place in by_need:
            more = 2 if taken[place] == 0 and parts[place][0].is_subhead else 1
            added = parts[place][taken[place] : taken[place] + more]
            if added and _words(added) <= room:
                room -= _words(added)
                taken[place] += len(added)
                has_grown = True
        by_need = [place for place in range(len(parts)) if taken[place]]
    return tuple(passage for place, part in enumerate(parts) for passage in part[: taken[place]])


def _parts(passages: tuple[Passage, ...]) -> Iterator[tuple[Passage, ...]]:
    begins = [place for place, passage in enumerate(passages) if place == 0 or passage.is_subhead]
    for begin, end in zip(begins, [*begins[1:], len(passages)], strict=True):
        yield passages[begin:end]


def _from_the_top(passages: tuple[Passage, ...], language: Language) -> tuple[Passage, ...]:
    closing = _closing(passages, language)
    opening = _fitting(passages[: len(passages) - len(closing)], BODY_WORDS - _words(closing))
    if not opening:
        opening, closing = _fitting(passages, BODY_WORDS), ()
    if not opening:
        opening = _first_sentences(passages, language)
    return _without_bare_subheads((*opening, *closing))


def _words(passages: tuple[Passage, ...]) -> int:
    return sum(word_count(passage.text) for passage in passages)


def _passages(story: Story, language: Language) -> tuple[Passage, ...]:
    """Return the story's paragraphs in plain text without furniture and without what its takeaways block said."""
    given = {plain_text(text) for text in story.takeaways_given}
    raw = story.paragraphs or tuple(story.text[start:end] for start, end in paragraph_spans(story.text))
    subheads = set(story.subheads) if story.paragraphs else set()
    passages = []
    for place, paragraph in enumerate(raw):
        text = plain_text(paragraph)
        text = text[dateline_length(text[:LONGEST_SENTENCE]) :] if place == 0 else text
        is_subhead = place in subheads
        if text and text not in given and (is_subhead or not _is_furniture(text, language)):
            passages.append(Passage(text=text, is_subhead=is_subhead))
    return tuple(passages)


def _is_furniture(paragraph: str, language: Language) -> bool:
    if len(paragraph) > LONGEST_SENTENCE:
        return False
    sentences = split_sentences(paragraph, language)
    return all(furniture(sentence.text, paragraph) for sentence in sentences)


def _closing(passages: tuple[Passage, ...], language: Language) -> tuple[Passage, ...]:
    """Return the last paragraph with its sub-head, if it can stand after a gap."""
    if len(passages) < 3 or passages[-1].is_subhead or word_count(passages[-1].text) > _CLOSING_WORDS:
        return ()
    last = passages[-1]
    if passages[-2].is_subhead:
        return passages[-2:]
    leans = r1_starts_with_no_pronoun(last.text, last.text, language) or r2_starts_with_no_connective(
        last.text, last.text, language
    )
    return () if leans or last.text[:1] in '"“„«' else (last,)


def _fitting(passages: tuple[Passage, ...], room: int) -> tuple[Passage, ...]:
    kept: list[Passage] = []
    for passage in passages:
        room -= word_count(passage.text)
        if room < 0:
            break
        kept.append(passage)
    return _without_bare_subheads(tuple(kept))


def _first_sentences(passages: tuple[Passage, ...], language: Language) -> tuple[Passage, ...]:
    """Return the beginning of a first paragraph that alone is too long."""
    first = next((passage.text for passage in passages if not passage.is_subhead), "")
    kept, room = [], BODY_WORDS
    for sentence in split_sentences(first, language):
        room -= word_count(sentence.text)
        if room < 0:
            break
        kept.append(sentence.text)
    return (Passage(text=" ".join(kept)),) if kept else ()


def _without_bare_subheads(passages: tuple[Passage, ...]) -> tuple[Passage, ...]:
    following = (*passages[1:], Passage(text="", is_subhead=True))[: len(passages)]
    return tuple(
        passage
        for passage, after in zip(passages, following, strict=True)
        if not (passage.is_subhead and after.is_subhead)
    )
