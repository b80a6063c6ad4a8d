"""When a cluster's news is from, and whether the date can be believed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from digest.canonical import canonical_url
from digest.model import Cluster, Pick

__all__ = ["published_at", "rank_order"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_CLOCK_SLACK = timedelta(hours=24)  # a feed that writes local time as UTC is ahead by up to 14 h


def published_at(cluster: Cluster, now: datetime) -> datetime | None:
    """Return when the cluster's newest story was published, or updated if only that is known.

    A date further ahead than a wrong time zone explains is no date.
    """
    dates = (story.published_at or story.updated_at for story in cluster.stories)
    return max((date for date in dates if date is not None and date <= now + _CLOCK_SLACK), default=None)


def rank_order(pick: Pick, now: datetime) -> tuple[object, ...]:
    """Sort picks best first; ties by the newer, then by address. The rest only makes the order total."""
    at = published_at(pick.cluster, now) or _LONG_AGO
    lead = pick.cluster.lead
    return (
        -pick.score,
        -at.timestamp(),
        canonical_url(lead.url),
        lead.title,
        tuple(story.id for story in pick.cluster.stories),
    )
