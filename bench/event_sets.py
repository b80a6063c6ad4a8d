"""Sets of stories whose events somebody labelled, and how well a grouping agrees with the labels.

DATA/news-events, wikinews-events, uci-news-stories and scoop-dedup hold items.jsonl. The dates of news-events are
those of a crawl (a third of its events' pairs lie more than 72 hours apart), so it is read with and without them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.model import Story

SETS = ("news-events", "wikinews-events", "uci-news-stories", "scoop-dedup")
WITHOUT_DATES = ("news-events",)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The stories of one set, and the label of each."""

    name: str
    stories: tuple[Story, ...]
    events: tuple[str, ...]

    def of(self, is_wanted: Callable[[str], bool]) -> Labelled:
        """Return the stories of some events only."""
        kept = [(story, event) for story, event in zip(self.stories, self.events, strict=True) if is_wanted(event)]
        return Labelled(self.name, tuple(story for story, _ in kept), tuple(event for _, event in kept))

    def without_dates(self) -> Labelled:
        """Return the same without dates."""
        return replace(self, stories=tuple(replace(story, published_at=None) for story in self.stories))

    def without_texts(self) -> Labelled:
        """Return the headlines alone."""
        return replace(self, stories=tuple(replace(story, summary="", text="") for story in self.stories))


def is_taught(event: str) -> bool:
    """Halve the events: the last digit of the label's SHA-256 is even for those that are learnt from."""
    return int(hashlib.sha256(event.encode()).hexdigest()[-1], 16) % 2 == 0


def read_set(data: Path, name: str) -> Labelled:
    """Return one set as it stands in the data folder."""
    rows = [json.loads(line) for line in (data / name / "items.jsonl").read_text("utf-8").splitlines()]
    return Labelled(name, tuple(map(_story, rows)), tuple(row.get("event") or row["story"] for row in rows))


@dataclass(frozen=True, slots=True)
class Agreement:
    """Pairwise precision, recall and F1, and the adjusted Rand index (Hubert and Arabie 1985)."""

    precision: float
    recall: float
    f1: float
    ari: float


def agreement(events: Sequence[str], groups: Sequence[int | str]) -> Agreement:
    """Compare the group of each story with its event."""
    both = _pairs(Counter(zip(events, groups, strict=True)))
    told, found, every = _pairs(Counter(events)), _pairs(Counter(groups)), len(events) * (len(events) - 1) / 2
    precision, recall = (both / found if found else 1.0), (both / told if told else 1.0)
    by_chance = told * found / every if every else 0.0
    most = (told + found) / 2
    return Agreement(
        precision,
        recall,
        2 * precision * recall / (precision + recall) if both else 0.0,
        (both - by_chance) / (most - by_chance) if most != by_chance else 1.0,
    )


def _pairs(sizes: Counter[Any]) -> float:
    return sum(size * (size - 1) / 2 for size in sizes.values())


def _story(row: dict[str, Any]) -> Story:
    return Story(
        url=row.get("url") or f"line:{row['id']}",
        title=row["title"],
        id=str(row["id"]),
        text=row.get("text") or row.get("body") or "",
        summary=row.get("description") or "",
        published_at=_date(row),
    )


def _date(row: dict[str, Any]) -> datetime | None:
    if "timestamp_ms" in row:
        return datetime.fromtimestamp(int(row["timestamp_ms"]) / 1000, UTC)
    told = row.get("published") or row.get("published_at") or row.get("date")
    if not told:
        return None
    found = datetime.fromisoformat(told.replace("Z", "+00:00"))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
