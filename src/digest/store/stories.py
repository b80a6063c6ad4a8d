"""What was collected, kept so that a page is not read again and a later run can look back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import func, or_, select

from digest.model import Story
from digest.store.codec import dump_story, load_story
from digest.store.database import Database
from digest.store.schema import stories

__all__ = ["first_seen", "get_story", "newest_stories", "save_stories", "stories_since"]

_MOST_AT_ONCE = 500  # values in one statement


def save_stories(database: Database, found: Sequence[Story]) -> None:
    """Store each story under its id; a newer reading of the same story replaces the older."""
    if not found:
        return
    put = database.insert(stories)
    put = put.on_conflict_do_update(
        index_elements=["id"],
        set_={column.name: put.excluded[column.name] for column in stories.c if column.name != "id"},
    )
    rows = [
        {
            "id": story.id,
            "url": story.url,
            "section": story.section,
            "published_at": story.published_at,
            "fetched_at": story.fetched_at,
            "content": dump_story(story),
        }
        for story in found
    ]
    with database.write() as connection:
        connection.execute(put, rows)


def get_story(database: Database, story_id: str) -> Story | None:
    """Return a story as it was last kept, None when its id is not known."""
    with database.read() as connection:
        content = connection.execute(select(stories.c.content).where(stories.c.id == story_id)).scalar()
    return load_story(content) if content is not None else None


def first_seen(database: Database, ids: Collection[str]) -> dict[str, datetime]:
    """Return when each of these stories was first met; those never met are left out."""
    found: dict[str, datetime] = {}
    wanted = sorted(ids)
    with database.read() as connection:
        for start in range(0, len(wanted), _MOST_AT_ONCE):
            some = stories.c.id.in_(wanted[start : start + _MOST_AT_ONCE])
            rows = connection.execute(select(stories.c.id, stories.c.fetched_at).where(some))
            found.update((story_id, at) for story_id, at in rows if at is not None)
    return found


def newest_stories(database: Database, limit: int) -> Iterator[Story]:
    """Yield the newest stories with the publisher's own labels, newest first; at most `limit`."""
    wanted = (
        select(stories.c.content)
        .order_by(func.coalesce(stories.c.published_at, stories.c.fetched_at).desc(), stories.c.id)
        .limit(limit)
    )
    with database.read() as connection:
        contents = connection.execute(wanted).scalars().all()
    yield from map(load_story, contents)


def stories_since(database: Database, when: datetime, section: str | None = None) -> tuple[Story, ...]:
    """Return the stories published or fetched at `when` or later, oldest first.

    An old story that was read lately is among them: its page need not be read again.
    """
    wanted = select(stories.c.content).where(or_(stories.c.published_at >= when, stories.c.fetched_at >= when))
    if section is not None:
        wanted = wanted.where(stories.c.section == section)
    wanted = wanted.order_by(func.coalesce(stories.c.published_at, stories.c.fetched_at), stories.c.id)
    with database.read() as connection:
        contents = connection.execute(wanted).scalars().all()
    return tuple(load_story(content) for content in contents)
