"""What the same-story and same-event rules look at in a story, worked out once for each.

A reading is as good as what was read before it: which words are names is learnt from where they stand
with a capital within the sentences of all stories that a `Reader` has met.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digest.model import Story
from digest.select.background import background
from digest.select.furniture import Furniture
from digest.select.words import first_sentences, language_of, plain, term, term_table, terms_of, words

__all__ = ["SPAN", "Reader", "Reading", "are_near", "publisher_of"]

SPAN = timedelta(hours=72)  # the longest that one story's versions, or one event's stories, lie apart
_OPENING_SENTENCES = 4
_PASSAGE_SENTENCES = 14
_PASSAGE_CHARACTERS = 1_800
_SAMPLE_CHARACTERS = 400  # to tell the language by

# "UPDATE 2-", "LIVE:", "Breaking |" before a headline, and the outlet's name after it.
_LABEL = re.compile(
    r"^\W*(update[ds]?(\s*\d+)?|live( updates?| blog)?|breaking( news)?|just in|exclusive|watch|video|photos|opinion"
    r"|analysis|eilmeldung|liveticker|en direct|en vivo|última hora)\s*[:|–—-]+\s*",
    re.IGNORECASE,
)
_OUTLET = re.compile(r"\s+[|–—-]\s+[^|–—-]{2,40}$")


@dataclass(frozen=True, slots=True)
class Reading:
    """One story as the rules see it."""

    story: Story
    at: datetime | None  # when it was published; updated, if only that is known
    publisher: str  # the site, without www or a section's subdomain
    headline: tuple[str, ...]  # terms, each once, in the headline's order
    headline_words: tuple[str, ...]  # every word, lower case
    names: frozenset[str]  # the headline's terms that are names
    opening: Mapping[str, int]  # terms of headline ×2, standfirst and first sentences → how often
    passage: Mapping[str, int]  # the opening, and as much again of what follows
    body: str
    has_text: bool  # it is more than a headline


class Reader:
    """Reads stories, and learns from all that it was given: which lines are furniture, which words are names."""

    def __init__(self) -> None:
        self._furniture = Furniture()
        self._names = _Names()

    def read(self, stories: Sequence[Story]) -> tuple[Reading, ...]:
        """Return a reading of each story, in the order given; what is learnt from one serves all of them."""
        for story in stories:
            self._furniture.learn(story)
        texts = tuple(self._text_of(story) for story in stories)
        return tuple(_read(story, text, self._names) for story, text in zip(stories, texts, strict=True))

    def _text_of(self, story: Story) -> _Text:
        body, summary = self._furniture.without(story.text), self._furniture.without(story.summary)
        language = language_of(story.language, f"{story.title} {summary} {body[:_SAMPLE_CHARACTERS]}")
        passages = (summary, *first_sentences(body[:_PASSAGE_CHARACTERS], _PASSAGE_SENTENCES))
        written = [words(passage) for passage in passages]
        for sentence in written[: 1 + _OPENING_SENTENCES]:
            self._names.learn(sentence, language)
        headline = words(_bare_headline(story.title))
        headline_terms = terms_of(headline, language)
        opening = Counter(headline_terms * 2)
        for sentence in written[: 1 + _OPENING_SENTENCES]:
            opening.update(terms_of(sentence, language))
        passage = opening.copy()
        for sentence in written[1 + _OPENING_SENTENCES :]:
            passage.update(terms_of(sentence, language))
        return _Text(language, tuple(headline), tuple(headline_terms), opening, passage, body)


def are_near(one: Reading, other: Reading) -> bool:
    """Tell whether the two lie within `SPAN`; a story without a date is near to all."""
    return one.at is None or other.at is None or abs(one.at - other.at) <= SPAN


@dataclass(frozen=True, slots=True)
class _Text:
    """The part of a story that is compared."""

    language: str
    headline: tuple[str, ...]  # words
    headline_terms: tuple[str, ...]
    opening: Mapping[str, int]
    passage: Mapping[str, int]
    body: str


def _read(story: Story, text: _Text, names: _Names) -> Reading:
    headline = tuple(dict.fromkeys(text.headline_terms))
    return Reading(
        story=story,
        at=story.published_at or story.updated_at,
        publisher=publisher_of(story.url),
        headline=headline,
        headline_words=tuple(plain(word).replace("’", "'") for word in text.headline),
        names=names.among(text),
        opening=text.opening,
        passage=text.passage,
        body=text.body,
        has_text=len(text.opening) > len(headline),
    )


def _bare_headline(title: str) -> str:
    """Return the headline without its label and the outlet's name."""
    bare = _LABEL.sub("", title, count=1)
    shorter = _OUTLET.sub("", bare)
    return shorter if len(words(shorter)) >= 4 else bare


def publisher_of(url: str) -> str:
    """Return the registered part of the host, near enough: two labels, three under `co.uk` and its like."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    labels = host.split(".")
    is_second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if is_second_level else labels[-2:])


class _Names:
    """Which terms are names, by the capitals of running text; else by the background, else by those of the headline."""

    def __init__(self) -> None:
        self._capital: Counter[str] = Counter()
        self._written: Counter[str] = Counter()

    def learn(self, sentence: Sequence[str], language: str) -> None:
        """Count the capitals within a sentence; the first word has one in any case."""
        terms = list(map(term_table(language).__getitem__, sentence[1:]))
        self._written.update(terms)
        self._capital.update(found for found, word in zip(terms, sentence[1:], strict=True) if word[0].isupper())

    def among(self, text: _Text) -> frozenset[str]:
        """Return the headline's terms that are names."""
        if text.language == "de":  # every noun has a capital
            return frozenset()
        found = text.headline
        capitals = sum(word[0].isupper() for word in found[1:])
        has_sentence_case = capitals <= len(found) / 2
        named = set()
        for place, word in enumerate(found):
            key = term(word, text.language)
            if key and word[0].isupper() and self._is_name(key, text.language, place > 0 and has_sentence_case):
                named.add(key)
        return frozenset(named)

    def _is_name(self, key: str, language: str, otherwise: bool) -> bool:
        written = self._written[key]
        if written:
            return self._capital[key] > 3 / 4 * written
        if language == "en" and key in background().names:
            return True
        return otherwise and not (language == "en" and key in background().no_names)
