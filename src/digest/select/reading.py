"""What the same-story and same-event rules look at in a story, worked out once for each.

A reading is as good as its batch: which words are names is learnt from where they stand with a
capital within the sentences of all its stories.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digest.model import Story
from digest.select.words import first_sentences, language_of, plain, term, terms, words

__all__ = ["SPAN", "Reading", "are_near", "read_all"]

SPAN = timedelta(hours=72)  # the longest that one story's versions, or one event's stories, lie apart
_OPENING_SENTENCES = 4
_FURNITURE_HEADLINES = 4
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
    body: str

    @property
    def has_text(self) -> bool:
        return len(self.opening) > len(self.headline)


def read_all(stories: Sequence[Story]) -> tuple[Reading, ...]:
    """Return a reading of each story, in the order given."""
    furniture = _furniture(stories)
    texts = tuple(_text_of(story, furniture) for story in stories)
    names = _Names(texts)
    return tuple(_read(story, text, names) for story, text in zip(stories, texts, strict=True))


def are_near(one: Reading, other: Reading) -> bool:
    """Tell whether the two lie within `SPAN`; a story without a date is near to all."""
    return one.at is None or other.at is None or abs(one.at - other.at) <= SPAN


def _furniture(stories: Sequence[Story]) -> Set[str]:
    """Return the lines that stand under several headlines ("Subscribe to read on"): no story's own."""
    headlines: defaultdict[str, set[str]] = defaultdict(set)
    for story in stories:
        for line in (story.summary, *story.text.split("\n")):
            headlines[line].add(story.title)
    return {line for line, under in headlines.items() if len(under) >= _FURNITURE_HEADLINES}


@dataclass(frozen=True, slots=True)
class _Text:
    """The part of a story that is compared."""

    language: str
    headline: str
    passages: tuple[str, ...]  # standfirst, first sentences
    body: str


def _text_of(story: Story, furniture: Set[str]) -> _Text:
    body = "\n".join(line for line in story.text.split("\n") if line not in furniture)
    summary = "" if story.summary in furniture else story.summary
    return _Text(
        language=language_of(story.language, f"{story.title} {summary} {body[:_SAMPLE_CHARACTERS]}"),
        headline=_bare_headline(story.title),
        passages=(summary, *first_sentences(body, _OPENING_SENTENCES)),
        body=body,
    )


def _read(story: Story, text: _Text, names: _Names) -> Reading:
    headline = terms(text.headline, text.language)
    opening = Counter(headline)
    opening.update(headline)
    for passage in text.passages:
        opening.update(terms(passage, text.language))
    return Reading(
        story=story,
        at=story.published_at or story.updated_at,
        publisher=_publisher(story.url),
        headline=tuple(dict.fromkeys(headline)),
        headline_words=tuple(plain(word).replace("’", "'") for word in words(text.headline)),
        names=names.among(text),
        opening=opening,
        body=text.body,
    )


def _bare_headline(title: str) -> str:
    """Return the headline without its label and the outlet's name."""
    bare = _LABEL.sub("", title, count=1)
    shorter = _OUTLET.sub("", bare)
    return shorter if len(words(shorter)) >= 4 else bare


def _publisher(url: str) -> str:
    """Return the registered part of the host, near enough: two labels, three under `co.uk` and its like."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    labels = host.split(".")
    is_second_level = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= 3
    return ".".join(labels[-3:] if is_second_level else labels[-2:])


class _Names:
    """Which terms are names, by the capitals of running text; by those of the headline where there is none."""

    def __init__(self, texts: Sequence[_Text]) -> None:
        self._capital: Counter[str] = Counter()
        self._small: Counter[str] = Counter()
        for text in texts:
            for passage in text.passages:
                inner = words(passage)[1:]  # the first has a capital in any case
                self._capital.update(term(word, text.language) for word in inner if word[0].isupper())
                self._small.update(term(word, text.language) for word in inner if not word[0].isupper())

    def among(self, text: _Text) -> frozenset[str]:
        """Return the headline's terms that are names."""
        if text.language == "de":  # every noun has a capital
            return frozenset()
        found = words(text.headline)
        capitals = sum(word[0].isupper() for word in found[1:])
        has_sentence_case = capitals <= len(found) / 2
        named = set()
        for place, word in enumerate(found):
            key = term(word, text.language)
            if key and word[0].isupper() and self._is_name(key, otherwise=place > 0 and has_sentence_case):
                named.add(key)
        return frozenset(named)

    def _is_name(self, key: str, *, otherwise: bool) -> bool:
        capital, small = self._capital[key], self._small[key]
        return capital > 3 * small if capital or small else otherwise
