"""How stories find their sections here: by the configuration, and by what this publisher's own labels taught.

The model is learnt again once a day, of the stories that a source, a label or an address placed.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest import select
from digest.config import Config
from digest.model import Story
from digest.store.database import Database
from digest.store.settings import get_setting, put_setting
from digest.store.stories import newest_stories

__all__ = ["Alias", "Sectioning", "labels_of", "open_sectioning", "propose_aliases"]

_KEY = "section-model"
_RENEWED_AFTER = timedelta(hours=20)  # once a night, whenever the first run of the day is
_MOST_STORIES = 5_000  # the newest; older ones say little of what the paper writes now
_TEACHERS = frozenset({select.SectionStep.EXPLICIT, select.SectionStep.LABEL, select.SectionStep.ADDRESS})
_FEWEST_OF_A_LABEL = 5
_SHARE = 0.6  # of a label's stories that must speak for one section


@dataclass(frozen=True, slots=True)
class Sectioning:
    """What places stories: the sections' names, and the model that was learnt, if enough was labelled."""

    labels: Mapping[str, Sequence[str]]
    model: select.SectionModel | None

    def place(self, stories: Iterable[Story]) -> tuple[Story, ...]:
        """Return the stories with their section's key in place of the publisher's label; "" where none is known."""
        return tuple(replace(story, section=self.assigned(story).section) for story in stories)

    def assigned(self, story: Story) -> select.Assigned:
        return select.assign_section(story, self.labels, self.model)


@dataclass(frozen=True, slots=True)
class Alias:
    """A label of the publisher's that no section is called by, and the section that its stories speak for."""

    label: str
    section: str
    stories: int
    agreeing: int


def labels_of(config: Config) -> dict[str, tuple[str, ...]]:
    """Return for each section's key its title and what else the publisher calls it."""
    return {key: (config.title_of(key), *section.labels) for key, section in config.sections.items()}


def open_sectioning(config: Config, database: Database, now: datetime) -> Sectioning:
    """Return what places stories now; learns the model again if that was not done today."""
    labels = labels_of(config)
    return Sectioning(labels, _kept(database, labels, now) or _learn(database, labels, now))


def _kept(database: Database, labels: Mapping[str, Sequence[str]], now: datetime) -> select.SectionModel | None:
    """Return the model of today, None when there is none of these sections."""
    kept = get_setting(database, _KEY)
    if kept is None:
        return None
    try:
        told = json.loads(kept)
        is_of_today = abs(now - datetime.fromisoformat(told["at"])) < _RENEWED_AFTER
        return select.load_model(told["model"]) if is_of_today and told["labels"] == _as_lists(labels) else None
    except (ValueError, KeyError, TypeError):
        return None


def _learn(database: Database, labels: Mapping[str, Sequence[str]], now: datetime) -> select.SectionModel:
    assigned = ((select.assign_section(story, labels), story) for story in newest_stories(database, _MOST_STORIES))
    model = select.learn_sections((placed.section, story) for placed, story in assigned if placed.step in _TEACHERS)
    told = {"at": now.isoformat(), "labels": _as_lists(labels), "model": select.dump_model(model)}
    put_setting(database, _KEY, json.dumps(told, ensure_ascii=False))
    return model


def _as_lists(labels: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {section: list(names) for section, names in labels.items()}


def propose_aliases(database: Database, sectioning: Sectioning) -> tuple[Alias, ...]:
    """Return the unknown labels whose stories mostly speak for one section, by address or words; most stories first."""
    said: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for label, story in _unplaced(newest_stories(database, _MOST_STORIES), sectioning):
        said[label][sectioning.assigned(replace(story, section="")).section] += 1
    found = []
    for label, sections in said.items():
        (best, count), *_ = sorted(sections.items(), key=lambda pair: (not pair[0], -pair[1], pair[0]))
        total = sections.total()
        if best and total >= _FEWEST_OF_A_LABEL and count >= _SHARE * total:
            found.append(Alias(label, best, total, count))
    return tuple(sorted(found, key=lambda alias: (-alias.stories, alias.label)))


def _unplaced(stories: Iterable[Story], sectioning: Sectioning) -> Iterator[tuple[str, Story]]:
    for story in stories:
        label = story.section.strip()
        if label and label not in sectioning.labels and not select.is_called(label, sectioning.labels):
            yield label, story
