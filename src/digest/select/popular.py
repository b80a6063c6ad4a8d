"""How much each story is read: views that fade by half in every half-life.

"Most popular" states a fact, so no opinion enters: what was counted, and when, is all there is.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from digest.canonical import story_id
from digest.model import Cluster, Popularity

__all__ = ["cluster_views", "decayed_views", "has_counts"]

_MOST_VIEWS = 1e15  # a larger count is a fault of its input, and sums of it must stay finite
_RANK_OFFSET = 10


def decayed_views(
    popularity: Iterable[Popularity], now: datetime, half_life_hours: float, window_hours: float
) -> Mapping[str, float]:
    """Return the views of each story id, each bucket faded by its age; stories without any are absent.

    A bucket's views all count as read in the middle of its window, and not at all once that lies more
    than `window_hours` back. Ranks count 1/(10 + rank), and only where no input counts views.

    Raises:
        ValueError: the half-life is not above 0.
    """
    if not half_life_hours > 0:
        raise ValueError(f"half_life_hours must be above 0, and is {half_life_hours!r}.")
    buckets = tuple(popularity)
    of_bucket = _views if has_counts(buckets) else _worth_of_rank
    faded: defaultdict[str, list[float]] = defaultdict(list)
    for bucket in buckets:
        age_hours = max(0.0, (now - bucket.window.middle) / timedelta(hours=1))  # the current hour ends in the future
        if bucket.window.start <= now and age_hours <= window_hours and (views := of_bucket(bucket)) > 0:
            faded[story_id(bucket.url)].append(views * 2.0 ** (-age_hours / half_life_hours))
    return {identity: math.fsum(parts) for identity, parts in sorted(faded.items())}  # fsum: no order of addition


def cluster_views(cluster: Cluster, views: Mapping[str, float]) -> float:
    """Return the views of all addresses of the cluster together, each address once."""
    addresses = {identity for story in cluster.stories for identity in (story.id, story_id(story.url))}
    return math.fsum(views.get(identity, 0.0) for identity in addresses)


def has_counts(popularity: Sequence[Popularity]) -> bool:
    """Tell whether any input counts views, so that ranks say nothing more."""
    return any(_views(bucket) > 0 for bucket in popularity)


def _views(bucket: Popularity) -> float:
    """Return the bucket's views; what is negative or no number is none."""
    return min(bucket.views, _MOST_VIEWS) if bucket.views > 0 else 0.0


def _worth_of_rank(bucket: Popularity) -> float:
    return 1 / (_RANK_OFFSET + bucket.rank) if bucket.rank is not None and bucket.rank > 0 else 0.0
