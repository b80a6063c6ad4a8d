"""Which section a story belongs to, by the first step that can tell.

    the source says so → the publisher's label → the folders of the address → what its labelled stories taught
    → the story's words → nobody knows

What a publisher calls its sections is told in the configuration, what everybody calls them is in `lexicon`, and
what it writes in them is learnt (`section_model`) where it labels enough.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from urllib.parse import unquote, urlsplit

from digest.model import Story
from digest.select.lexicon import ALIASES, LEXICON
from digest.select.section_model import SectionModel
from digest.select.words import language_of, plain, term, words

__all__ = ["Assigned", "SectionStep", "assign_section", "is_called"]

_FOLDERS = 3  # how many of an address's first: /en/news/politics/…
_WORDS_READ = 400  # further down, stories of every section talk of money and people
_FEWEST_HITS = 2  # different words
_MARGIN = 1.5  # over the second best
_MOST_HITS_A_WORD = 3

_NO_LETTERS = re.compile(r"[\W_]+")
_LEVELS = re.compile(r"[/>|»›:,;]+")


class SectionStep(StrEnum):
    """What decided on a story's section."""

    EXPLICIT = "explicit"
    LABEL = "label"
    ADDRESS = "address"
    LEARNT = "learnt"
    WORDS = "words"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Assigned:
    """A section's key, or "" when no step could tell; and the step that did."""

    section: str
    step: SectionStep


def assign_section(story: Story, labels: Mapping[str, Sequence[str]], model: SectionModel | None = None) -> Assigned:
    """Return the section of `story`.

    Args:
        story: Its `section` is a key that the source set, or the publisher's own label.
        labels: For each section's key, its title and what else the publisher calls it. The order
            decides between sections with the same label.
        model: Learnt from this publisher's labelled stories.
    """
    if story.section in labels:
        return Assigned(story.section, SectionStep.EXPLICIT)
    names = _Names(labels)
    for step, said in (
        (SectionStep.LABEL, _levels(story.section)),
        (SectionStep.ADDRESS, _folders(story.url)),
    ):
        for label in said:
            if section := names.section_called(label):
                return Assigned(section, step)
    if model is not None and (section := model.section_of(story)) in labels:
        return Assigned(section, SectionStep.LEARNT)
    if section := names.section_of_kind(_kind_by_words(story)):
        return Assigned(section, SectionStep.WORDS)
    return Assigned("", SectionStep.NONE)


class _Names:
    """The configured sections by what they are called, and by the common kind that they are of."""

    def __init__(self, labels: Mapping[str, Sequence[str]]) -> None:
        self._by_name: dict[str, str] = {}
        self._by_kind: dict[str, list[str]] = {}
        for section, more in labels.items():
            called = [_normal(name) for name in (section, *more)]
            for name in called:
                self._by_name.setdefault(name, section)
            for kind, aliases in ALIASES.items():
                if not aliases.isdisjoint(called):
                    self._by_kind.setdefault(kind, []).append(section)

    def section_called(self, label: str) -> str:
        """Return the section with that name, else the only one of the kind that the name belongs to."""
        name = _normal(label)
        if not name:
            return ""
        if name in self._by_name:
            return self._by_name[name]
        kinds = [kind for kind, aliases in ALIASES.items() if name in aliases]
        return next((section for kind in kinds if (section := self.section_of_kind(kind))), "")

    def section_of_kind(self, kind: str) -> str:
        """Return the section of a common kind; of several the one that bears its name, else none."""
        sections = self._by_kind.get(kind, [])
        if len(sections) == 1:
            return sections[0]
        return self._by_name.get(kind, "") if sections else ""


def is_called(label: str, labels: Mapping[str, Sequence[str]]) -> bool:
    """Tell whether a publisher's label, or a level of it, names a configured section."""
    names = _Names(labels)
    return any(names.section_called(level) for level in _levels(label))


def _levels(label: str) -> Iterator[str]:
    """Yield the label as a whole, then its levels: "News > Politics"."""
    yield label
    yield from _LEVELS.split(label)


def _folders(url: str) -> Iterator[str]:
    """Yield the first folders of the address's path. Its last part is the story's own name."""
    try:
        path = urlsplit(url).path
    except ValueError:
        return
    folders = unquote(path).strip("/").split("/")[:-1]
    yield from [folder for folder in folders if not folder.isdigit()][:_FOLDERS]  # /2026/11/24/politics/…


@lru_cache(maxsize=5_000)
def _normal(label: str) -> str:
    """Return a label without case, accents and punctuation: "Économie & Finances" → "economie and finances"."""
    return " ".join(_NO_LETTERS.sub(" ", plain(label.replace("&", " and "))).split())


def _kind_by_words(story: Story) -> str:
    """Return the common kind that the story's words speak for, or "" when they speak for none or for two."""
    text = f"{story.title} {story.title} {story.summary} {story.text}"
    if language_of(story.language, text[:600]) != "en":
        return ""
    counts = Counter(term(word, "en") for word in words(text)[:_WORDS_READ])
    found = {
        kind: [min(counts[stem], _MOST_HITS_A_WORD) for stem in stems & counts.keys()]
        for kind, stems in _stems().items()
    }
    (best, hits), (_, second), *_ = sorted(found.items(), key=lambda kind: -sum(kind[1]))
    return best if len(hits) >= _FEWEST_HITS and sum(hits) >= _MARGIN * sum(second) else ""


@cache
def _stems() -> Mapping[str, frozenset[str]]:
    return {kind: frozenset(term(word, "en") for word in known) for kind, known in LEXICON.items()}
