"""When news is from, whether a date can be believed, and what stands first of equals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from digest.canonical import canonical_url
from digest.model import Cluster, Pick, Story

__all__ = ["is_believable", "published_at", "rank_order", "version_time"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_CLOCK_SLACK = timedelta(hours=24)  # a feed that writes local time as UTC is ahead by up to 14 h


def version_time(story: Story) -> datetime | None:
    """Return when this version of the story came out."""
    return story.updated_at or story.published_at


def published_at(cluster: Cluster, now: datetime) -> datetime | None:
    """Return when the cluster's newest story was published, or updated if only that is known."""
    dates = (story.published_at or story.updated_at for story in cluster.stories)
    return max((date for date in dates if date is not None and is_believable(date, now)), default=None)


def is_believable(date: datetime, now: datetime) -> bool:
    """Tell whether `date` is past, or no further ahead than a wrong time zone explains."""
    return date <= now + _CLOCK_SLACK


def rank_order(pick: Pick, now: datetime) -> tuple[object, ...]:
    """Sort picks best first; ties by clicks, then the newer, then by address. The rest makes the order total."""
    at = published_at(pick.cluster, now) or _LONG_AGO
    lead = pick.cluster.lead
    return (
        -pick.score,
        -pick.clicks,
        -at.timestamp(),
        canonical_url(lead.url),
        lead.title,
        tuple(story.id for story in pick.cluster.stories),
    )
