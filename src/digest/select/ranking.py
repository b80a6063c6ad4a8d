"""Clusters → picks, best first, each with the parts of its score in words.

Every part lies between 0 and 1 before it is weighed. A part that nothing is known about drops out,
and the other weights are shared out anew; a part that is known to be nothing counts 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from digest.canonical import story_id
from digest.model import Cluster, FrontPage, Pick, Popularity, Reason
from digest.select.freshness import published_at, rank_order
from digest.select.popular import cluster_views, decayed_views, has_counts
from digest.settings import Weights

__all__ = ["rank", "reweigh"]

_RECENCY_HALF_LIFE = timedelta(hours=12)


def rank(
    clusters: Sequence[Cluster],
    popularity: Sequence[Popularity],
    now: datetime,
    weights: Weights = Weights(),  # noqa: B008 - frozen
    *,
    front_pages: Sequence[FrontPage] = (),
    half_life_hours: float = 12.0,
    window_hours: float = 24.0,
    section_weights: Mapping[str, float] = MappingProxyType({}),
    boosts: Mapping[str, float] = MappingProxyType({}),
    clicks: Sequence[Popularity] = (),
) -> tuple[Pick, ...]:
    """Score each cluster and return the picks best first.

    Args:
        clusters: From `cluster`, in any order.
        popularity: The buckets of one input; counts of several are never added up.
        now: Ages are measured from here.
        weights: Of the parts.
        front_pages: The publication's own; a story's best place on any of them counts.
        half_life_hours: In which views fade by half.
        window_hours: How far back views count.
        section_weights: A factor on the scores of a section's stories, 1 where none is given.
        boosts: What is added to the score of a story, by its id.
        clicks: Buckets of clicks in earlier letters; they only decide between equals.
    """
    views = decayed_views(popularity, now, half_life_hours, window_hours)
    clicked = decayed_views(clicks, now, half_life_hours, window_hours)
    of_cluster = [cluster_views(cluster, views) for cluster in clusters]
    known = _Known(
        now=now,
        places=_places(front_pages),
        most_views=max(of_cluster, default=0.0),
        counts_views=has_counts(popularity),
    )
    picks = (
        _pick(
            Pick(cluster, 0.0, popularity=viewed, clicks=cluster_views(cluster, clicked)),
            _parts(cluster, viewed, known),
            weights,
            section_weights,
            boosts,
        )
        for cluster, viewed in zip(clusters, of_cluster, strict=True)
    )
    return tuple(sorted(picks, key=lambda pick: rank_order(pick, now)))


def reweigh(
    picks: Sequence[Pick],
    weights: Weights,
    now: datetime,
    *,
    section_weights: Mapping[str, float] = MappingProxyType({}),
    boosts: Mapping[str, float] = MappingProxyType({}),
) -> tuple[Pick, ...]:
    """Score picks anew from the parts that they were made of; return them best first. The notes are not kept."""
    again = (
        _pick(pick, [_Part(name, value, "") for name, value in pick.parts], weights, section_weights, boosts)
        for pick in picks
    )
    return tuple(sorted(again, key=lambda pick: rank_order(pick, now)))


@dataclass(frozen=True, slots=True)
class _Known:
    """What every cluster is measured against."""

    now: datetime
    places: Mapping[str, int]  # story id → best position on a front page
    most_views: float
    counts_views: bool  # and not just ranks


@dataclass(frozen=True, slots=True)
class _Part:
    """One term of the score, from 0 to 1, under its name in `Weights`."""

    weight: str
    value: float
    note: str


def _pick(
    bare: Pick,
    parts: Sequence[_Part],
    weights: Weights,
    section_weights: Mapping[str, float],
    boosts: Mapping[str, float],
) -> Pick:
    cluster = bare.cluster
    factor = section_weights.get(cluster.lead.section, 1.0)
    weighed = [(part, getattr(weights, part.weight)) for part in parts]
    total = math.fsum(weight for _, weight in weighed)
    reasons = [
        Reason(part.weight.replace("_", " "), factor * weight / total * part.value, part.note)
        for part, weight in weighed
        if weight > 0
    ]
    if boost := math.fsum(boosts.get(story.id, 0.0) for story in cluster.stories):
        reasons.append(Reason("boost", boost, "by an editor"))
    return replace(
        bare,
        score=math.fsum(reason.value for reason in reasons),
        reasons=tuple(reasons),
        parts=tuple((part.weight, part.value) for part in parts),
    )


def _parts(cluster: Cluster, viewed: float, known: _Known) -> list[_Part]:
    """Return the parts that something is known about."""
    parts = (
        _front_page(cluster, known),
        _feed_order(cluster),
        _cluster_size(cluster),
        _recency(cluster, known),
        _views(viewed, known),
    )
    return [part for part in parts if part is not None]


def _front_page(cluster: Cluster, known: _Known) -> _Part | None:
    if not known.places:
        return None
    places = [known.places[identity] for identity in _identities(cluster) if identity in known.places]
    if not places:
        return _Part("front_page", 0.0, "not on the front page")
    return _Part("front_page", _prominence(min(places)), f"{_ordinal(min(places))} on the front page")


def _feed_order(cluster: Cluster) -> _Part | None:
    positions = [max(1, story.position) for story in cluster.stories if story.position is not None]
    if not positions:
        return None
    return _Part("feed_order", _prominence(min(positions)), f"{_ordinal(min(positions))} in its source")


def _cluster_size(cluster: Cluster) -> _Part:
    size = len({story.id for story in cluster.stories})
    note = "the only story on this event" if size == 1 else f"{size} stories on this event"
    return _Part("cluster_size", min(1.0, math.log2(size) / 3), note)


def _recency(cluster: Cluster, known: _Known) -> _Part | None:
    at = published_at(cluster, known.now)
    if at is None:
        return None
    age = max(timedelta(), known.now - at)
    return _Part("recency", 2.0 ** -(age / _RECENCY_HALF_LIFE), f"published {_age(age)} ago")


def _views(viewed: float, known: _Known) -> _Part | None:
    if known.most_views <= 0:
        return None
    value = math.log1p(viewed) / math.log1p(known.most_views)
    if known.counts_views:
        return _Part("views", value, f"{viewed:,.0f} views, decayed" if viewed else "no views counted")
    return _Part("views", value, "on the most-read list" if viewed else "not on the most-read list")


def _places(front_pages: Iterable[FrontPage]) -> dict[str, int]:
    """Return the best position of each story id over all front pages."""
    places: dict[str, int] = {}
    for page in front_pages:
        for link in page.stories:
            identity, position = story_id(link.url), max(1, link.position)
            places[identity] = min(position, places.get(identity, position))
    return places


def _identities(cluster: Cluster) -> set[str]:
    return {identity for story in cluster.stories for identity in (story.id, story_id(story.url))}


def _prominence(position: int) -> float:
    """Return how much a reader sees of a place: 1 for the first, .5 for the third (the discount of DCG)."""
    return 1 / math.log2(1 + position)


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"


def _age(age: timedelta) -> str:
    hours = age / timedelta(hours=1)
    if hours < 1:
        return f"{age // timedelta(minutes=1)} min"
    return f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"
