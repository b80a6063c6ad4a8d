from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.demo.newsroom import SECTIONS, DemoStory, Flaw, Newsroom, Picture, load_newsroom, read_story
from digest.demo.pictures import SCENES
from digest.errors import DigestError
from digest.model import Passage

NOW = datetime(2026, 11, 24, 7, tzinfo=UTC)

FULL = """\
+++
slug = "night-ferry"
section = "politics"
title = "Council backs the night ferry"
standfirst = "It is to sail from March."
authors = ["Maren Holt", "Idris Vale"]
hours_ago = 5.5
updated_hours_ago = 2
views = 1200
takeaways_heading = "In brief"
takeaways = ["The vote was nine to six."]
language = "es"
flaw = "broken-markup"
correction = "An earlier version gave another month."
same_event = "ferry-vote"
[picture]
scene = "ferry"
alt = "A ferry leaves the harbour"
credit = "Drawing: Jo Reed"
+++

The council voted
on Tuesday.

## What comes next?

The first boat sails in March.
"""

SHORT = """\
+++
slug = "{slug}"
section = "science"
title = "A title"
standfirst = "A standfirst."
authors = []
hours_ago = {hours_ago}
views = {views}
{more}
+++
A paragraph.
"""


def short(slug: str, hours_ago: float = 1, views: int = 100, more: str = "") -> DemoStory:
    return read_story(SHORT.format(slug=slug, hours_ago=hours_ago, views=views, more=more), f"{slug}.md", NOW)


def test_a_story_file_becomes_a_story() -> None:
    assert read_story(FULL, "night-ferry.md", NOW) == DemoStory(
        slug="night-ferry",
        section="politics",
        title="Council backs the night ferry",
        standfirst="It is to sail from March.",
        authors=("Maren Holt", "Idris Vale"),
        published_at=NOW - timedelta(hours=5, minutes=30),
        views=1200,
        body=(
            Passage("The council voted on Tuesday."),
            Passage("What comes next?", is_subhead=True),
            Passage("The first boat sails in March."),
        ),
        updated_at=NOW - timedelta(hours=2),
        takeaways_heading="In brief",
        takeaways=("The vote was nine to six.",),
        language="es",
        flaw=Flaw.BROKEN_MARKUP,
        correction="An earlier version gave another month.",
        same_event="ferry-vote",
        picture=Picture("ferry", "A ferry leaves the harbour", "Drawing: Jo Reed"),
    )


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('slug = "night-ferry"', 'slug = "day-ferry"', "slug is 'day-ferry'"),
        ('section = "politics"', 'section = "weather"', "section is 'weather'"),
        ("views = 1200", "", "KeyError('views')"),
        ("views = 1200", "views = 1200\nmood = 3", "mood is no known key"),
        ('flaw = "broken-markup"', 'flaw = "typos"', "'typos' is not a valid Flaw"),
        ("+++\nslug", "slug", "between two lines of +++"),
        ("hours_ago = 5.5", "hours_ago = ", "can't be used"),
        ("views = 1200", "views = -1", "views is -1"),
    ],
)
def test_a_faulty_file_is_named_with_what_is_wrong(old: str, new: str, said: str) -> None:
    with pytest.raises(DigestError) as raised:
        read_story(FULL.replace(old, new, 1), "night-ferry.md", NOW)
    assert "night-ferry.md" in str(raised.value)
    assert said in str(raised.value)


def test_the_newest_story_is_first(tmp_path: Path) -> None:
    for slug, hours_ago in (("a", 30), ("b", 2), ("c", 50)):
        (tmp_path / f"{slug}.md").write_text(SHORT.format(slug=slug, hours_ago=hours_ago, views=1, more=""))
    assert [story.slug for story in load_newsroom(NOW, tmp_path).stories] == ["b", "a", "c"]


def test_the_front_page_leads_with_a_picture_and_shows_an_event_once() -> None:
    drawn = '[picture]\nscene = "reef"\nalt = "A reef"'
    read, seen, also, old = (
        short("read", views=900),
        short("seen", views=800, more='same_event = "e"\n' + drawn),
        short("also", views=700, more='same_event = "e"'),
        short("old", hours_ago=60, views=1000),
    )
    assert Newsroom(NOW, (read, seen, also, old)).front() == (seen, read, old)


def test_related_stories_begin_with_the_same_event() -> None:
    event, one, other = short("event", more='same_event = "e"'), short("one"), short("two", more='same_event = "e"')
    assert Newsroom(NOW, (event, one, other)).related_to(event) == (other, one)


def test_the_paper_is_what_the_demo_promises() -> None:
    room = load_newsroom(NOW)
    assert len(room.stories) >= 32
    assert all(len(room.in_section(section)) >= 6 for section in SECTIONS)
    assert all(NOW - timedelta(hours=72) <= story.published_at < NOW for story in room.stories)
    assert all(not story.updated_at or story.published_at < story.updated_at < NOW for story in room.stories)
    assert all(150 <= len(story.text.split()) <= 600 for story in room.stories)
    assert {story.flaw for story in room.stories} == {None, *Flaw}
    assert {"en-GB", "es"} <= {story.language for story in room.stories}
    assert any(story.correction for story in room.stories)
    assert {story.picture.scene for story in room.stories if story.picture} <= SCENES.keys()
    told_twice = [story.same_event for story in room.stories if story.same_event]
    assert len(told_twice) - len(set(told_twice)) >= 2


def test_the_same_moment_gives_the_same_paper() -> None:
    assert load_newsroom(NOW) == load_newsroom(NOW + timedelta(microseconds=300))
