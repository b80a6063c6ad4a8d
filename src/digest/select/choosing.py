"""Picks → what one edition carries: a lead, top stories, most popular, more; and why the rest is out.

First what editors pinned, then by score. Where that leaves places empty the rules give way in a fixed order (the cap
of a section, the window, the number of stories), and the choice says so.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from digest.model import Choice, Edits, LeftOut, Pick, Used
from digest.select.freshness import rank_order
from digest.select.sifting import WIDER, Sifted, sift, too_old
from digest.settings import Quota

__all__ = ["choose"]


def choose(
    picks: Sequence[Pick],
    quota: Quota,
    now: datetime,
    *,
    used: Sequence[Used] = (),
    edits: Edits = Edits(),  # noqa: B008 - frozen
) -> Choice:
    """Fill an edition's parts. Every pick stands in one of them or in `left_out` with its reason.

    Top goes by the editors' pins, then by score, and its first is the lead. In an edition of several sections at most
    half of the top is one section's. Popular goes by views alone, among what is not in top unless the quota lets it
    repeat that; more takes the next best. Older stories come after the fresh ones, except among the popular, whose
    order states a fact. Below `quota.minimum` the choice is empty and its note says why.
    """
    sifted = sift(picks, quota.window_hours, now, used, edits)
    notes = [f"A pinned story is not among what was collected: {missing}." for missing in sifted.missing]
    older = _older_wanted(sifted, quota, notes)
    left_out = [*sifted.left_out]
    if not older:
        left_out += (LeftOut(pick.cluster, too_old(quota.window_hours)) for pick in sifted.older)
    eligible = [*(pick for pick, _ in sifted.pinned), *sifted.fresh, *older]
    if len(eligible) < max(1, quota.minimum):
        left_out += (LeftOut(pick.cluster, "The edition is skipped.") for pick in eligible)
        reason = f"{_stories(len(eligible))} to choose from, and the section's minimum is {max(1, quota.minimum)}."
        return Choice(None, (), (), (), tuple(left_out), (reason,))
    lead, *top = _top(sifted, older, max(1, quota.top), notes)
    rest = _without([lead, *top], eligible)
    popular = _most_popular(eligible if quota.popular_repeats_top else rest, quota.popular, now)
    if quota.popular and not popular and any(pick.popularity > 0 for pick in picks):
        notes.append("Most popular is left out: the stories that were read are in the letter already.")
    rest = _without(popular, rest)
    left_out += (LeftOut(pick.cluster, f"Others scored more than its {pick.score:.3f}.") for pick in rest[quota.more :])
    return Choice(lead, tuple(top), popular, tuple(rest[: quota.more]), tuple(left_out), tuple(notes))


def _top(sifted: Sifted, older: Sequence[Pick], count: int, notes: list[str]) -> list[Pick]:
    """Return the lead and the top stories: pins at their places, then the best of each section up to its cap."""
    pinned = _places(sifted, count, notes)
    free = count - len(pinned)
    sections = {pick.cluster.lead.section for pick in (*sifted.fresh, *pinned.values())}
    cap = math.ceil(count / 2) if len(sections) > 1 else count
    had = Counter(pick.cluster.lead.section for pick in pinned.values())
    chosen: list[Pick] = []
    beyond: list[Pick] = []
    for pick in sifted.fresh:
        section = pick.cluster.lead.section
        (chosen if had[section] < cap and len(chosen) < free else beyond).append(pick)
        had[section] += 1
    if (given_way := beyond[: free - len(chosen)]) and len(chosen) < free:
        chosen += given_way
        crowded = ", ".join(sorted({pick.cluster.lead.section or "no section" for pick in given_way}))
        notes.append(f"Other sections had too little: more than {_stories(cap)} of the top are of {crowded}.")
    chosen += older[: free - len(chosen)]
    others = iter(chosen)
    placed = (pinned.get(place) or next(others, None) for place in range(1, count + 1))
    return [pick for pick in placed if pick is not None]


def _places(sifted: Sifted, count: int, notes: list[str]) -> dict[int, Pick]:
    """Return where the pinned stories stand: at their own place, else at the first that is free."""
    places: dict[int, Pick] = {}
    floating: list[Pick] = []
    for pick, place in sifted.pinned:
        if place is not None and place <= count and place not in places:
            places[place] = pick
        else:
            floating.append(pick)
    free = [place for place in range(1, count + 1) if place not in places]
    places.update(zip(free, floating, strict=False))
    if len(floating) > len(free):
        notes.append(f"{_stories(len(sifted.pinned))} pinned for {count} places: the last stand under More or Popular.")
    return places


def _older_wanted(sifted: Sifted, quota: Quota, notes: list[str]) -> tuple[Pick, ...]:
    """Return the older picks where the fresh ones leave places empty, else none."""
    fresh = len(sifted.pinned) + len(sifted.fresh)
    views = any(pick.popularity > 0 for pick in (*sifted.fresh, *sifted.older))
    places = max(1, quota.top) + quota.more + (quota.popular if views else 0)
    older = sifted.older if fresh < places else ()
    if older:
        notes.append(
            f"{_stories(fresh)} of the last {quota.window_hours:g} h for {places} places: "
            f"took those of the last {WIDER * quota.window_hours:g} h too."
        )
    if fresh + len(older) < places:
        notes.append(f"{_stories(fresh + len(older))} for {places} places: the edition is shorter.")
    return older


def _without(taken: Sequence[Pick], picks: Sequence[Pick]) -> list[Pick]:
    ids = {pick.cluster.lead.id for pick in taken}
    return [pick for pick in picks if pick.cluster.lead.id not in ids]


def _most_popular(picks: Sequence[Pick], count: int, now: datetime) -> tuple[Pick, ...]:
    read = [pick for pick in picks if pick.popularity > 0]
    return tuple(sorted(read, key=lambda pick: (-pick.popularity, rank_order(pick, now)[1:]))[:count])


def _stories(count: int) -> str:
    return "1 story" if count == 1 else f"{count} stories"
