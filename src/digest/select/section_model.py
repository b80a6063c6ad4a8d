"""What a publisher's own labelled stories say of one without a label: naive Bayes over the terms of stories.

Multinomial, Laplace-smoothed, terms counted at most twice a story (McCallum and Nigam, 1998; Rennie et al., 2003, for
why bursts are damped). It answers only where it was taught enough and is sure; otherwise the next step may.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from digest.model import Story
from digest.select.words import language_of, terms

__all__ = ["FEWEST_STORIES", "SectionModel", "dump_model", "learn_sections", "load_model"]

FEWEST_STORIES = 50  # of a section, below which it is not learnt
_MARGIN = 0.2  # of probability over the second best
_CHARACTERS_READ = 4_000
_MOST_OF_A_TERM = 2  # in one story: what comes once comes again, and says no more
_MOST_TERMS = 8_000
_SMOOTHING = 0.3
_TEMPER = 0.2  # words of a story are not independent, and their product claims far too much


@dataclass(frozen=True, slots=True)
class SectionModel:
    """How often each term stands in each section's stories. `counts` has one number for each of `sections`."""

    sections: tuple[str, ...]
    stories: tuple[int, ...]
    counts: Mapping[str, tuple[int, ...]]
    totals: tuple[int, ...] = field(init=False, repr=False)  # of all terms, for each section

    def __post_init__(self) -> None:
        object.__setattr__(self, "totals", tuple(sum(column) for column in zip(*self.counts.values(), strict=True)))

    def section_of(self, story: Story) -> str:
        """Return the section that the story's terms speak for, or "" when they are not sure."""
        if len(self.sections) < 2:
            return ""
        known = [(self.counts[term], times) for term, times in _terms_of(story).items() if term in self.counts]
        if not known:
            return ""
        vocabulary = len(self.counts)
        scores = [
            _TEMPER
            * math.fsum(
                times * math.log((counts[at] + _SMOOTHING) / (self.totals[at] + _SMOOTHING * vocabulary))
                for counts, times in known
            )
            for at in range(len(self.sections))
        ]
        highest = max(scores)
        weights = [math.exp(score - highest) for score in scores]
        (best, first), (_, second), *_ = sorted(
            zip(self.sections, weights, strict=True), key=lambda pair: (-pair[1], pair[0])
        )
        return best if (first - second) / math.fsum(weights) >= _MARGIN else ""


def learn_sections(labelled: Iterable[tuple[str, Story]]) -> SectionModel:
    """Learn from (section, story); sections with fewer than 50 stories are not learnt."""
    by_section: dict[str, list[Counter[str]]] = {}
    for section, story in labelled:
        by_section.setdefault(section, []).append(_terms_of(story))
    taught = {section: found for section, found in sorted(by_section.items()) if len(found) >= FEWEST_STORIES}
    totals = [sum(found, Counter[str]()) for found in taught.values()]
    everywhere = sum(totals, Counter[str]())
    often = sorted(
        (term for term, count in everywhere.items() if count > 1), key=lambda term: (-everywhere[term], term)
    )
    return SectionModel(
        sections=tuple(taught),
        stories=tuple(len(found) for found in taught.values()),
        counts={term: tuple(total[term] for total in totals) for term in sorted(often[:_MOST_TERMS])},
    )


def dump_model(model: SectionModel) -> str:
    """Return a model as JSON, for `load_model`."""
    told = {"sections": model.sections, "stories": model.stories, "counts": model.counts}
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"))


def load_model(text: str) -> SectionModel:
    """Read what `dump_model` wrote.

    Raises:
        ValueError: it is something else.
    """
    try:
        told = json.loads(text)
        counts = {str(term): tuple(map(int, numbers)) for term, numbers in told["counts"].items()}
        return SectionModel(tuple(told["sections"]), tuple(told["stories"]), counts)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(f"no model of sections: {error!r}") from None


def _terms_of(story: Story) -> Counter[str]:
    text = f"{story.title}\n{story.title}\n{story.summary}\n{story.text}"[:_CHARACTERS_READ]
    counts = Counter(terms(text, language_of(story.language, text[:600])))
    return Counter({term: min(count, _MOST_OF_A_TERM) for term, count in counts.items()})
