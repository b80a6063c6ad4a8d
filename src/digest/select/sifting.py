"""Which picks may be in an edition at all: none that editors dropped, that went out lately, or that is old."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.canonical import opening_of
from digest.model import Cluster, Edits, LeftOut, Pick, Reason, Used
from digest.select.freshness import is_believable, published_at, rank_order, version_time

__all__ = ["STAYS_OUT", "WIDER", "Sifted", "sift", "too_old"]

STAYS_OUT = timedelta(days=7)
WIDER = 2  # times the window, where places stay empty
_COUNTS_HALF = timedelta(hours=48)
_REAL_UPDATE = timedelta(hours=2)  # sooner after the edition it is a correction


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


def _barred(pick: Pick, taken: Set[str], edits: Edits, now: datetime, went_out: Mapping[str, Used]) -> str:
    """Return why the cluster can't be in this edition whatever gives way, or ""."""
    cluster = pick.cluster
    if cluster.lead.id in edits.dropped:
        return "An editor dropped it."
    if not cluster.lead.title.strip():
        return "It has no headline."
    if any(story.id in taken for story in cluster.stories):
        return "Its story is in the edition already."
    last = _last_use(cluster, went_out)
    is_pinned = _is_pinned(pick, dict(edits.pins))
    if last is not None and not is_pinned and not _has_news_since(cluster, last, now, went_out):
        return f"It went out {f'with {last.edition_id} ' if last.edition_id else ''}on {last.at:%Y-%m-%d %H:%M} UTC."
    return ""


def _latest(used: Iterable[Used], now: datetime) -> dict[str, Used]:
    """Return the last use of each story, for those that still keep out."""
    latest: dict[str, Used] = {}
    for use in used:
        held = latest.get(use.story_id)
        if now - use.at <= STAYS_OUT and (held is None or use.at > held.at):
            latest[use.story_id] = use
    return latest


def _last_use(cluster: Cluster, went_out: Mapping[str, Used]) -> Used | None:
    uses = (went_out[story.id] for story in cluster.stories if story.id in went_out)
    return max(uses, key=lambda use: use.at, default=None)


def _has_news_since(cluster: Cluster, last: Used, now: datetime, went_out: Mapping[str, Used]) -> bool:
    """Tell whether the lead is news after that use: a real update of itself, or a later story.

    A real update is two hours younger, and its headline or first paragraphs say something else.
    """
    lead = cluster.lead
    own = went_out.get(lead.id)
    version = lead.updated_at if own is not None else version_time(lead)
    if version is None or not is_believable(version, now):
        return False
    if own is None:
        return version > last.at
    opening = opening_of(lead.title, lead.paragraphs)
    return version > last.at + _REAL_UPDATE and not (opening and opening == own.opening)


def _halved_after_its_event(pick: Pick, now: datetime, went_out: Mapping[str, Used]) -> Pick:
    last = _last_use(pick.cluster, went_out)
    if last is None or now - last.at > _COUNTS_HALF:
        return pick
    half = Reason("same event", -pick.score / 2, f"its event went out {(now - last.at) // timedelta(hours=1)} h ago")
    reasons = (*pick.reasons, half)
    return replace(pick, score=math.fsum(reason.value for reason in reasons), reasons=reasons)


def _age_hours(cluster: Cluster, now: datetime, went_out: Mapping[str, Used]) -> float:
    """Return how old the news is; 0 for what has no date, which its source shows today."""
    at = published_at(cluster, now)
    if cluster.lead.id in went_out and cluster.lead.updated_at is not None:
        at = cluster.lead.updated_at
    return 0.0 if at is None else (now - at) / timedelta(hours=1)
