"""Picks → what one edition carries: a lead, top stories, most popular, more; and why the rest is out.

No event twice, nothing that went out lately, nothing old. Where that leaves places empty the rules
give way in a fixed order, and the choice says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from digest.model import Choice, Cluster, LeftOut, Pick, Reason
from digest.select.freshness import is_believable, published_at, rank_order, version_time
from digest.settings import Quota

__all__ = ["STAYS_OUT", "Used", "choose"]

STAYS_OUT = timedelta(days=7)
_COUNTS_HALF = timedelta(hours=48)
_REAL_UPDATE = timedelta(hours=2)  # sooner after the edition it is a correction
_WIDER = 2  # times the window, where places stay empty


@dataclass(frozen=True, slots=True)
class Used:
    """A story that an edition carried, and when that went out."""

    story_id: str
    at: datetime


def choose(picks: Sequence[Pick], quota: Quota, now: datetime, *, used: Sequence[Used] = ()) -> Choice:
    """Fill an edition's parts. Every pick stands in one of them or in `left_out` with its reason.

    Top goes by score and its first is the lead; popular by views alone, among what is not in top unless the
    quota lets it repeat that; more takes the next best. Older stories come after the fresh ones, except among the popular, whose
    order states a fact. Below `quota.minimum` the choice is empty and its note says why.
    """
    sifted = _sift(picks, quota, now, _latest(used, now))
    notes: list[str] = []
    eligible = _widened(sifted, quota, notes)
    left_out = [*sifted.left_out]
    if eligible is sifted.fresh:
        left_out += (LeftOut(pick.cluster, _too_old(quota.window_hours)) for pick in sifted.older)
    if len(eligible) < max(1, quota.minimum):
        left_out += (LeftOut(pick.cluster, "The edition is skipped.") for pick in eligible)
        reason = f"{_stories(len(eligible))} to choose from, and the section's minimum is {max(1, quota.minimum)}."
        return Choice(None, (), (), (), tuple(left_out), (reason,))
    lead, *top = eligible[: max(1, quota.top)]
    rest = eligible[1 + len(top) :]
    popular = _most_popular(eligible if quota.popular_repeats_top else rest, quota.popular, now)
    if quota.popular and not popular and any(pick.popularity > 0 for pick in picks):
        notes.append("Most popular is left out: the stories that were read are in the letter already.")
    rest = [pick for pick in rest if pick not in popular]
    left_out += (LeftOut(pick.cluster, f"Others scored more than its {pick.score:.3f}.") for pick in rest[quota.more :])
    return Choice(lead, tuple(top), popular, tuple(rest[: quota.more]), tuple(left_out), tuple(notes))


@dataclass(frozen=True, slots=True)
class _Sifted:
    """Picks best first, by what the window says of them, and those that no relaxing brings back."""

    fresh: list[Pick]
    older: list[Pick]
    left_out: list[LeftOut]


def _sift(picks: Sequence[Pick], quota: Quota, now: datetime, went_out: Mapping[str, datetime]) -> _Sifted:
    sifted = _Sifted([], [], [])
    weighed = [_halved_after_its_event(pick, now, went_out) for pick in picks]
    taken: set[str] = set()
    for pick in sorted(weighed, key=lambda pick: rank_order(pick, now)):
        cluster = pick.cluster
        if reason := _barred(cluster, now, taken, went_out):
            sifted.left_out.append(LeftOut(cluster, reason))
            continue
        age_hours = _age_hours(cluster, now, went_out)
        if age_hours > _WIDER * quota.window_hours:
            sifted.left_out.append(LeftOut(cluster, _too_old(_WIDER * quota.window_hours)))
            continue
        taken.update(story.id for story in cluster.stories)
        (sifted.fresh if age_hours <= quota.window_hours else sifted.older).append(pick)
    return sifted


def _barred(cluster: Cluster, now: datetime, taken: Set[str], went_out: Mapping[str, datetime]) -> str:
    """Return why the cluster can't be in this edition whatever gives way, or ""."""
    if not cluster.lead.title.strip():
        return "It has no headline."
    if any(story.id in taken for story in cluster.stories):
        return "Its story is in the edition already."
    at = _event_out_at(cluster, went_out)
    if at is not None and not _has_news_since(cluster, at, now, went_out):
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


def _widened(sifted: _Sifted, quota: Quota, notes: list[str]) -> list[Pick]:
    """Return the picks to choose from: the fresh ones, with the older behind them where places stay empty."""
    views = any(pick.popularity > 0 for pick in (*sifted.fresh, *sifted.older))
    places = max(1, quota.top) + quota.more + (quota.popular if views else 0)
    eligible = sifted.fresh
    if len(sifted.fresh) < places and sifted.older:
        notes.append(
            f"{_stories(len(sifted.fresh))} of the last {quota.window_hours:g} h for {places} places: "
            f"took those of the last {_WIDER * quota.window_hours:g} h too."
        )
        eligible = [*sifted.fresh, *sifted.older]
    if len(eligible) < places:
        notes.append(f"{_stories(len(eligible))} for {places} places: the edition is shorter.")
    return eligible


def _most_popular(picks: Sequence[Pick], count: int, now: datetime) -> tuple[Pick, ...]:
    read = [pick for pick in picks if pick.popularity > 0]
    return tuple(sorted(read, key=lambda pick: (-pick.popularity, rank_order(pick, now)[1:]))[:count])


def _too_old(hours: float) -> str:
    return f"It is older than {hours:g} h."


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"
