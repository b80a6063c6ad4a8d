"""Average linkage in which some pairs may never meet, and to which items can be added at any time.

Knows numbers only: items, how alike two are, and which are to stay apart. What they stand for is the caller's.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Join", "Linkage"]


@dataclass(frozen=True, slots=True)
class Join:
    """The members of group `taken` went over to group `kept`."""

    kept: int
    taken: int
    moved: tuple[int, ...]
    mean: float | None  # likeness between the two; None when they were joined whatever it was


class Linkage:
    """Groups of items, each known by the number of one of its items."""

    def __init__(self, threshold: float, is_apart: Callable[[int, int], bool]) -> None:
        self._threshold = threshold
        self._is_apart = is_apart
        self._members: dict[int, list[int]] = {}
        self._group_of: dict[int, int] = {}
        self._sums: dict[int, dict[int, float]] = {}  # group → other group → likeness added up over their pairs
        self._heap: list[tuple[float, int, int, int, int]] = []

    def group(self, item: int) -> int:
        """Return the number of the group that holds `item`."""
        return self._group_of[item]

    def members(self) -> Iterator[tuple[int, ...]]:
        """Yield every group's items, in the order in which they came in."""
        return (tuple(sorted(members)) for members in self._members.values())

    def members_of(self, group: int) -> Sequence[int]:
        """Return the items of one group."""
        return self._members[group]

    def size(self, group: int) -> int:
        """Return how many items a group has."""
        return len(self._members[group])

    def add(self, item: int, likeness: Mapping[int, float]) -> None:
        """Take in `item` as a group of its own; `likeness` holds the earlier items that are like it at all."""
        self._members[item] = [item]
        self._group_of[item] = item
        sums = self._sums[item] = {}
        for other, value in likeness.items():
            group = self._group_of[other]
            sums[group] = sums.get(group, 0.0) + value
        for group, total in sums.items():
            self._sums[group][item] = total
            self._offer(group, item)

    def join_likest(self) -> Iterator[Join]:
        """Join the two likest groups for as long as their mean likeness reaches the threshold."""
        while self._heap:
            minus_mean, one, other, size, other_size = heapq.heappop(self._heap)
            is_current = len(self._members.get(one, ())) == size and len(self._members.get(other, ())) == other_size
            if is_current and not self._are_apart(one, other):
                yield self._join(one, other, -minus_mean)

    def force(self, item: int, other: int) -> Join | None:
        """Join the groups of two items whatever their likeness; return None when they are one already."""
        one, two = sorted((self._group_of[item], self._group_of[other]))
        return None if one == two else self._join(one, two, None)

    def _are_apart(self, one: int, other: int) -> bool:
        return any(self._is_apart(a, b) for a in self._members[one] for b in self._members[other])

    def _join(self, one: int, other: int, mean: float | None) -> Join:
        """Join into the larger group, of equally large ones the older: so that fewest items change their group."""
        kept, taken = (other, one) if self.size(other) > self.size(one) else (one, other)
        moved = self._members.pop(taken)
        self._members[kept] += moved
        self._group_of.update(dict.fromkeys(moved, kept))
        mine, theirs = self._sums[kept], self._sums.pop(taken)
        mine.pop(taken, None)
        theirs.pop(kept, None)
        for third, total in theirs.items():
            sums = self._sums[third]
            del sums[taken]
            mine[third] = sums[kept] = mine.get(third, 0.0) + total
        for third in mine:
            self._offer(min(kept, third), max(kept, third))
        return Join(kept, taken, tuple(moved), mean)

    def _offer(self, one: int, other: int) -> None:
        size, other_size = self.size(one), self.size(other)
        mean = self._sums[one][other] / (size * other_size)
        if mean >= self._threshold:
            heapq.heappush(self._heap, (-mean, one, other, size, other_size))
