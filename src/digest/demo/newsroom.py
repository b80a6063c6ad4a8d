"""The stories of *The Harbour Herald*, the invented newspaper that ships with Digest.

Each is one file of `stories/`: TOML front matter between +++ lines, then paragraphs parted by blank
lines and "## " sub-heads. A file says how many hours ago its story appeared, so that the paper is
always fresh; given `now`, everything is fixed. Nothing here knows how a page or a feed looks.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from digest.errors import DigestError
from digest.model import Passage

__all__ = ["PAPER", "SECTIONS", "DemoStory", "Flaw", "Newsroom", "Picture", "load_newsroom", "read_story"]

PAPER = "The Harbour Herald"
SECTIONS = ("politics", "business", "science", "sport")
STORIES = Path(__file__).parent / "stories"


class Flaw(StrEnum):
    """What is wrong with a story's page on purpose."""

    BROKEN_MARKUP = "broken-markup"
    HOSTILE_HEADLINE = "hostile-headline"


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn for a story; `scene` is a name that `digest.demo.pictures` knows."""

    scene: str
    alt: str
    credit: str = f"Illustration: {PAPER}"


@dataclass(frozen=True, slots=True)
class DemoStory:
    """One article of the paper, as its editors have it."""

    slug: str
    section: str
    title: str
    standfirst: str
    authors: tuple[str, ...]
    published_at: datetime
    views: int
    body: tuple[Passage, ...]
    updated_at: datetime | None = None
    takeaways_heading: str = ""
    takeaways: tuple[str, ...] = ()
    language: str = "en-GB"
    flaw: Flaw | None = None
    correction: str = ""
    same_event: str = ""  # what happened, where several stories tell it; "" for a story on its own
    picture: Picture | None = None

    @property
    def path(self) -> str:
        return f"/{self.section}/{self.slug}"

    @property
    def picture_path(self) -> str:
        """The path of its picture, or "" without one."""
        return f"/pictures/{self.slug}.jpg" if self.picture else ""

    @property
    def changed_at(self) -> datetime:
        return self.updated_at or self.published_at

    @property
    def text(self) -> str:
        return "\n\n".join(passage.text for passage in self.body)


@dataclass(frozen=True, slots=True)
class Newsroom:
    """The whole paper at one moment: its stories, newest first."""

    now: datetime
    stories: tuple[DemoStory, ...]

    @property
    def changed_at(self) -> datetime:
        return max((story.changed_at for story in self.stories), default=self.now)

    def in_section(self, section: str) -> tuple[DemoStory, ...]:
        return tuple(story for story in self.stories if story.section == section)

    def most_viewed(self, section: str = "") -> tuple[DemoStory, ...]:
        """Return the stories (of one section, or all), the most read first."""
        chosen = self.in_section(section) if section else self.stories
        return tuple(sorted(chosen, key=lambda story: (-story.views, story.slug)))

    def front(self) -> tuple[DemoStory, ...]:
        """Return the stories in the order of the front page: what is read much and new goes first.

        The first has a picture, and of several stories on one event only the best placed is there.
        """
        ordered = sorted(self.stories, key=lambda story: (-self._prominence(story), story.slug))
        events: set[str] = set()
        front: list[DemoStory] = []
        for story in ordered:
            if not story.same_event or story.same_event not in events:
                front.append(story)
                events.add(story.same_event)
        lead = next((story for story in front if story.picture and not story.flaw), None)
        return (lead, *(story for story in front if story is not lead)) if lead else tuple(front)

    def related_to(self, story: DemoStory, count: int = 3) -> tuple[DemoStory, ...]:
        """Return other stories for the foot of an article: the same event first, then its section."""
        others = [other for other in self.stories if other is not story]
        same = [other for other in others if story.same_event and other.same_event == story.same_event]
        section = [other for other in others if other.section == story.section and other not in same]
        return tuple((same + section)[:count])

    def _prominence(self, story: DemoStory) -> float:
        age_hours = (self.now - story.published_at) / timedelta(hours=1)
        return float(story.views * 0.5 ** (age_hours / 18))


def load_newsroom(now: datetime, folder: Path = STORIES) -> Newsroom:
    """Read the stories of `folder` as they stand at `now` (aware; taken to the full second).

    Raises:
        DigestError: a file is no story; names the file and what is wrong.
    """
    now = now.replace(microsecond=0)
    stories = [read_story(path.read_text("utf-8"), path.name, now) for path in sorted(folder.glob("*.md"))]
    stories.sort(key=lambda story: (story.published_at, story.slug), reverse=True)
    return Newsroom(now, tuple(stories))


def read_story(source: str, name: str, now: datetime) -> DemoStory:
    """Return the story that a file's text describes; `name` is the file's, for messages.

    Raises:
        DigestError: the text is no story.
    """
    head, body = _parted(source, name)
    try:
        facts = tomllib.loads(head)
        story = _story(facts, _passages(body), now)
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise DigestError(f"{name}: the front matter can't be used: {error!r}. Mend the lines between +++.") from None
    if unknown := sorted(facts.keys() - _KNOWN):
        raise DigestError(f"{name}: {', '.join(unknown)} is no known key. Known: {', '.join(sorted(_KNOWN))}.")
    if story.section not in SECTIONS:
        raise DigestError(f"{name}: section is {story.section!r}. It must be one of {', '.join(SECTIONS)}.")
    if f"{story.slug}.md" != name:
        raise DigestError(f"{name}: slug is {story.slug!r}. It must be the file's name without .md.")
    if story.views < 0:
        raise DigestError(f"{name}: views is {story.views}. It must be 0 or more.")
    if not story.body:
        raise DigestError(f"{name}: there is no text below the front matter. Write at least one paragraph.")
    return story


_KNOWN = frozenset(
    (
        "slug",
        "section",
        "title",
        "standfirst",
        "authors",
        "hours_ago",
        "updated_hours_ago",
        "views",
        "takeaways_heading",
        "takeaways",
        "language",
        "flaw",
        "correction",
        "same_event",
        "picture",
    )
)


def _parted(source: str, name: str) -> tuple[str, str]:
    before, fence, rest = source.partition("+++\n")
    head, second_fence, body = rest.partition("\n+++\n")
    if before.strip() or not fence or not second_fence:
        raise DigestError(f"{name}: the front matter must stand first, between two lines of +++.")
    return head, body


def _passages(body: str) -> tuple[Passage, ...]:
    blocks = (" ".join(block.split()) for block in body.split("\n\n"))
    return tuple(Passage(block.removeprefix("## "), block.startswith("## ")) for block in blocks if block)


def _story(facts: Mapping[str, Any], body: tuple[Passage, ...], now: datetime) -> DemoStory:
    updated = facts.get("updated_hours_ago")
    picture = facts.get("picture")
    return DemoStory(
        slug=facts["slug"],
        section=facts["section"],
        title=facts["title"],
        standfirst=facts["standfirst"],
        authors=tuple(facts["authors"]),
        published_at=_hours_before(now, facts["hours_ago"]),
        views=int(facts["views"]),
        body=body,
        updated_at=None if updated is None else _hours_before(now, updated),
        takeaways_heading=facts.get("takeaways_heading", ""),
        takeaways=tuple(facts.get("takeaways", ())),
        language=facts.get("language", "en-GB"),
        flaw=Flaw(facts["flaw"]) if facts.get("flaw") else None,
        correction=facts.get("correction", ""),
        same_event=facts.get("same_event", ""),
        picture=Picture(**picture) if picture else None,
    )


def _hours_before(now: datetime, hours: float) -> datetime:
    return now - timedelta(seconds=round(hours * 3600))
