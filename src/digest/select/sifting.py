"""Which picks may be in an edition at all: none that editors dropped, that went out lately, or that is old."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.model import Cluster, Edits, LeftOut, Pick, Reason
from digest.select.freshness import is_believable, published_at, rank_order, version_time

__all__ = ["STAYS_OUT", "WIDER", "Sifted", "Used", "sift", "too_old"]

STAYS_OUT = timedelta(days=7)
WIDER = 2  # times the window, where places stay empty
_COUNTS_HALF = timedelta(hours=48)
_REAL_UPDATE = timedelta(hours=2)  # sooner after the edition it is a correction


@dataclass(frozen=True, slots=True)
class Used:
    """A story that an edition carried, and when that went out."""

    story_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Sifted:
    """Picks best first, by what the window says of them, and those that no relaxing brings back."""

    pinned: tuple[tuple[Pick, int | None], ...]  # with its place, in the editors' order
    fresh: tuple[Pick, ...]
    older: tuple[Pick, ...]  # than the window, but not than a wider one
    left_out: tuple[LeftOut, ...]
    missing: tuple[str, ...]  # ids of pins that nothing was found of


def sift(picks: Sequence[Pick], window_hours: float, now: datetime, used: Sequence[Used], edits: Edits) -> Sifted:
    """Part the picks into those that may be chosen and those that may not, each of these with its reason.

    What an editor pinned may be old or out before; what an editor dropped stays out whatever else was said.
    """
    went_out = _latest(used, now)
    fresh: list[Pick] = []
    older: list[Pick] = []
    left_out: list[LeftOut] = []
    pinned: dict[str, Pick] = {}
    places = dict(edits.pins)
    taken: set[str] = set()
    weighed = (_halved_after_its_event(_without(pick, edits.dropped), now, went_out) for pick in picks)
    ordered = sorted(weighed, key=lambda pick: rank_order(pick, now))
    for pick in sorted(ordered, key=lambda pick: not _is_pinned(pick, places)):
        cluster = pick.cluster
        if reason := _barred(pick, taken, edits, now, went_out):
            left_out.append(LeftOut(cluster, reason))
            continue
        age_hours = _age_hours(cluster, now, went_out)
        is_pinned = _is_pinned(pick, places)
        if age_hours > WIDER * window_hours and not is_pinned:
            left_out.append(LeftOut(cluster, too_old(WIDER * window_hours)))
            continue
        taken.update(story.id for story in cluster.stories)
        if is_pinned:
            pinned.update((story.id, pick) for story in cluster.stories if story.id in places)
        else:
            (fresh if age_hours <= window_hours else older).append(pick)
    return Sifted(
        pinned=tuple({id(pinned[key]): (pinned[key], place) for key, place in edits.pins if key in pinned}.values()),
        fresh=tuple(fresh),
        older=tuple(older),
        left_out=tuple(left_out),
        missing=tuple(key for key in places if key not in pinned and key not in edits.dropped),
    )


def too_old(hours: float) -> str:
    """Say why what is older than that is left out."""
    return f"It is older than {hours:g} h."


def _is_pinned(pick: Pick, places: Mapping[str, int | None]) -> bool:
    return any(story.id in places for story in pick.cluster.stories)


def _without(pick: Pick, dropped: Set[str]) -> Pick:
    """Take what was dropped out of a cluster that another story leads."""
    others = tuple(story for story in pick.cluster.others if story.id not in dropped)
    if len(others) == len(pick.cluster.others):
        return pick
    return replace(pick, cluster=replace(pick.cluster, others=others))


def _barred(pick: Pick, taken: Set[str], edits: Edits, now: datetime, went_out: Mapping[str, datetime]) -> str:
    """Return why the cluster can't be in this edition whatever gives way, or ""."""
    cluster = pick.cluster
    if cluster.lead.id in edits.dropped:
        return "An editor dropped it."
    if not cluster.lead.title.strip():
        return "It has no headline."
    if any(story.id in taken for story in cluster.stories):
        return "Its story is in the edition already."
    at = _event_out_at(cluster, went_out)
    is_pinned = _is_pinned(pick, dict(edits.pins))
    if at is not None and not is_pinned and not _has_news_since(cluster, at, now, went_out):
        return f"It went out on {at:%Y-%m-%d %H:%M} UTC."
    return ""


def _latest(used: Iterable[Used], now: datetime) -> dict[str, datetime]:
    """Return when each story last went out, for those that still keep out."""
    latest: dict[str, datetime] = {}
    for use in used:
        if now - use.at <= STAYS_OUT:
            latest[use.story_id] = max(use.at, latest.get(use.story_id, use.at))
    return latest


def _event_out_at(cluster: Cluster, went_out: Mapping[str, datetime]) -> datetime | None:
    return max((went_out[story.id] for story in cluster.stories if story.id in went_out), default=None)


def _has_news_since(cluster: Cluster, at: datetime, now: datetime, went_out: Mapping[str, datetime]) -> bool:
    """Tell whether the lead is news after the edition at `at`: a real update of itself, or a later story."""
    lead = cluster.lead
    is_same_story = lead.id in went_out
    version = lead.updated_at if is_same_story else version_time(lead)
    if version is None or not is_believable(version, now):
        return False
    return version > (at + _REAL_UPDATE if is_same_story else at)


def _halved_after_its_event(pick: Pick, now: datetime, went_out: Mapping[str, datetime]) -> Pick:
    at = _event_out_at(pick.cluster, went_out)
    if at is None or now - at > _COUNTS_HALF:
        return pick
    half = Reason("same event", -pick.score / 2, f"its event went out {(now - at) // timedelta(hours=1)} h ago")
    reasons = (*pick.reasons, half)
    return replace(pick, score=math.fsum(reason.value for reason in reasons), reasons=reasons)


def _age_hours(cluster: Cluster, now: datetime, went_out: Mapping[str, datetime]) -> float:
    """Return how old the news is; 0 for what has no date, which its source shows today."""
    at = published_at(cluster, now)
    if cluster.lead.id in went_out and cluster.lead.updated_at is not None:
        at = cluster.lead.updated_at
    return 0.0 if at is None else (now - at) / timedelta(hours=1)
