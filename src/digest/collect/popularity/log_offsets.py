"""What was counted of an access log so far, as it is kept from run to run."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Protocol

from digest.collect.popularity.log_files import ReadMark

__all__ = ["Counted", "Progress", "restored", "stored"]

_VERSION = 1
_MOST_COUNTS = 100_000  # pairs of hour and address; what was read least is forgotten first
_MOST_VISITS = 50_000
_SAME_VISIT_SECONDS = 1_800


class Progress(Protocol):
    """A text for each key (at most 80 letters) that outlives the process."""

    def get(self, key: str) -> str | None: ...

    def put(self, key: str, text: str) -> None: ...


@dataclass(slots=True)
class Counted:
    """The views since an hour, and what is needed to go on: which bytes were read, and the visits of the last ones."""

    since_hour: int  # hours since 1970; before it nothing was counted
    views: Counter[tuple[int, str]] = field(default_factory=Counter)  # by hour and address
    visits: dict[int, int] = field(default_factory=dict)  # reader and page, hashed → seconds since 1970
    marks: tuple[ReadMark, ...] = ()

    def count(self, visit: int, at: int, address: str) -> None:
        """Count a view, unless the same reader's of the same page was counted within half an hour."""
        last = self.visits.get(visit)
        if last is None or abs(at - last) >= _SAME_VISIT_SECONDS:
            self.visits[visit] = at
            self.views[at // 3600, address] += 1


def restored(text: str | None, since_hour: int) -> Counted:
    """Return what `stored` wrote; counted anew from `since_hour` if that can't be read or begins too late."""
    try:
        kept = json.loads(text or "null")
        if not isinstance(kept, dict) or kept["version"] != _VERSION or kept["since"] > since_hour:
            return Counted(since_hour)
        views = Counter(
            {(int(hour), url): int(n) for hour, counts in kept["views"].items() for url, n in counts.items()}
        )
        visits = {int(visit, 16): int(at) for visit, at in kept["visits"].items()}
        return Counted(since_hour, views, visits, tuple(ReadMark(*mark) for mark in kept["marks"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        return Counted(since_hour)


def stored(counted: Counted) -> str:
    """Return as a text what is still needed of `counted`. It holds no reader's address, only hashes of half an hour."""
    wanted = Counter({key: n for key, n in counted.views.items() if key[0] >= counted.since_hour})
    views: dict[int, dict[str, int]] = {}
    for (hour, url), n in sorted(wanted.most_common(_MOST_COUNTS)):
        views.setdefault(hour, {})[url] = n
    newest = max(counted.visits.values(), default=0)
    fresh = sorted((at, visit) for visit, at in counted.visits.items() if newest - at < _SAME_VISIT_SECONDS)
    return json.dumps(
        {
            "version": _VERSION,
            "since": counted.since_hour,
            "marks": [(mark.head_bytes, mark.head_sha256, mark.offset) for mark in counted.marks],
            "views": views,
            "visits": {f"{visit:x}": at for at, visit in fresh[-_MOST_VISITS:]},
        },
        separators=(",", ":"),
    )
