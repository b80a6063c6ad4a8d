"""Stories → clusters: each event once.

    same page or text  →  retitled or updated  →  same event

Each step joins what the one before left apart. The order of the input means nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields
from datetime import UTC, datetime

from digest.canonical import canonical_url
from digest.model import Cluster, Story
from digest.select.freshness import version_time
from digest.select.reading import Reading, read_all
from digest.select.same_event import events
from digest.select.same_story import identical_pairs, retitled_pairs
from digest.select.vetoes import are_opposite, are_serial

__all__ = ["cluster"]

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def cluster(stories: Sequence[Story]) -> tuple[Cluster, ...]:
    """Group `stories` by the event that they report, newest cluster first.

    The newest version leads a cluster; of equally new ones the one with most text. The others follow
    from new to old, and what has no date comes last.
    """
    readings = read_all(sorted(stories, key=_order))
    groups = _joined(_singles(readings), identical_pairs(readings))
    groups = _joined_leads(readings, groups, _retitled)
    groups = _joined_leads(readings, groups, events)
    return tuple(_cluster(readings, group) for group in sorted(groups))


def _order(story: Story) -> tuple[object, ...]:
    """Sort newest first, then by length of text and address; the rest only makes the order total."""
    at = version_time(story) or _LONG_AGO
    return (
        -at.timestamp(),
        -len(story.text),
        canonical_url(story.url),
        *(str(getattr(story, f.name)) for f in fields(story)),
    )


Group = tuple[int, ...]  # indices of readings; the first is the newest
Grouping = Callable[[Sequence[Reading]], Iterable[Group]]


def _singles(readings: Sequence[Reading]) -> list[Group]:
    return [(number,) for number in range(len(readings))]


def _cluster(readings: Sequence[Reading], group: Group) -> Cluster:
    lead, *others = (readings[number].story for number in group)
    return Cluster(lead, tuple(others))


def _joined_leads(readings: Sequence[Reading], groups: Sequence[Group], grouping: Grouping) -> list[Group]:
    """Join whole groups by what `grouping` makes of their leads."""
    leads = [readings[group[0]] for group in groups]
    return [tuple(sorted(n for place in together for n in groups[place])) for together in grouping(leads)]


def _retitled(readings: Sequence[Reading]) -> Iterable[Group]:
    def may_join(one: Group, other: Group) -> bool:
        pairs = ((readings[a], readings[b]) for a in one for b in other)
        return not any(are_serial(a, b) or are_opposite(a, b) for a, b in pairs)

    return _joined(_singles(readings), retitled_pairs(readings), may_join)


def _joined(
    groups: Sequence[Group],
    pairs: Iterable[tuple[int, int]],
    may_join: Callable[[Group, Group], bool] = lambda one, other: True,
) -> list[Group]:
    """Join the groups of each pair of members, in the order of the pairs, where `may_join` allows."""
    group_of = {number: group for group in groups for number in group}
    for one, other in pairs:
        first, second = group_of[one], group_of[other]
        if first is not second and may_join(first, second):
            both = tuple(sorted(first + second))
            group_of.update(dict.fromkeys(both, both))
    return sorted(set(group_of.values()))
