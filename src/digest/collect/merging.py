"""A feed's item and its page, or the same story from two sources → one story. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, time

from digest.canonical import story_id
from digest.collect.links import title_from_url
from digest.model import Story
from digest.settings import Source

__all__ = ["Candidate", "merge_page", "merge_same"]

_FEED_HAS_MORE = 1.5  # times the page's text: the page shows only its beginning, to readers who don't pay


@dataclass(frozen=True, slots=True)
class Candidate:
    """A story of one source, and whether that source's setting says its section."""

    story: Story
    has_told_section: bool = False


def merge_page(item: Story, page: Story | None, source: Source) -> Story:
    """Return the story that `source` listed as `item` and that its `page` tells in full."""
    if page is None:
        return replace(item, source=source.label, section=source.section or item.section)
    body = item if len(item.text) > _FEED_HAS_MORE * len(page.text) else page
    published = _finer(page.published_at, item.published_at)
    picture, alt, credit = _picture(page, item)
    has_title = page.title and page.title != title_from_url(page.url)
    return Story(
        url=page.url,
        title=page.title if has_title else item.title,
        source=source.label,
        text=body.text,
        paragraphs=body.paragraphs,
        subheads=body.subheads,
        summary=page.summary or item.summary,
        takeaways_given=page.takeaways_given or item.takeaways_given,
        authors=page.authors or item.authors,
        section=source.section or item.section or page.section,
        language=page.language or item.language,
        published_at=published,
        updated_at=_later(page.updated_at, item.updated_at, than=published),
        fetched_at=page.fetched_at or item.fetched_at,
        image_url=picture,
        image_alt=alt,
        image_credit=credit,
        position=item.position,
        guid=item.guid,
        site_name=page.site_name or item.site_name,
    )


def merge_same(candidates: Iterable[Candidate]) -> tuple[Story, ...]:
    """Return each story once, in the order of its first appearance."""
    merged: dict[str, Candidate] = {}
    for candidate in candidates:
        key = candidate.story.id or story_id(candidate.story.url)
        held = merged.get(key)
        merged[key] = candidate if held is None else _merge_two(held, candidate)
    return tuple(candidate.story for candidate in merged.values())


def _merge_two(first: Candidate, second: Candidate) -> Candidate:
    """Return the first source's story with the fuller text, and its gaps filled from the second."""
    one, two = first.story, second.story
    body = two if len(two.text) > len(one.text) else one
    published = _finer(one.published_at, two.published_at)
    picture, alt, credit = _picture(one, two)
    told = second if second.has_told_section and not first.has_told_section else first
    story = replace(
        one,
        text=body.text,
        paragraphs=body.paragraphs,
        subheads=body.subheads,
        summary=one.summary or two.summary,
        takeaways_given=one.takeaways_given or two.takeaways_given,
        authors=one.authors or two.authors,
        section=told.story.section or one.section or two.section,
        language=one.language or two.language,
        published_at=published,
        updated_at=_later(one.updated_at, two.updated_at, than=published),
        fetched_at=one.fetched_at or two.fetched_at,
        image_url=picture,
        image_alt=alt,
        image_credit=credit,
        position=one.position if one.position is not None else two.position,
        guid=one.guid or two.guid,
        site_name=one.site_name or two.site_name,
    )
    return Candidate(story, first.has_told_section or second.has_told_section)


def _picture(one: Story, two: Story) -> tuple[str, str, str]:
    """Return the first picture with its own alternative text and credit; another's would tell what isn't seen."""
    shown, other = (one, two) if one.image_url else (two, one)
    if shown.image_url != other.image_url:
        return shown.image_url, shown.image_alt, shown.image_credit
    return shown.image_url, shown.image_alt or other.image_alt, shown.image_credit or other.image_credit


def _finer(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the first date that is known; of two on one day, the one that has a time of day."""
    if first is None or second is None:
        return first or second
    return second if first.time() == time.min and first.date() == second.date() else first


def _later(first: datetime | None, second: datetime | None, *, than: datetime | None) -> datetime | None:
    """Return the later of the dates if it is later than the story's publication."""
    latest = max((date for date in (first, second) if date), default=None)
    return latest if latest and (than is None or latest > than) else None
