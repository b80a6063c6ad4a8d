"""Stories → clusters: each event once.

    same page or text  →  retitled or updated  →  same event

Each step joins what the one before left apart. The order of the input means nothing. Who gets stories one
after the other keeps a `Day` instead.
"""

from __future__ import annotations

from collections.abc import Sequence

from digest.model import Cluster, Story
from digest.select.day import Day

__all__ = ["cluster"]


def cluster(stories: Sequence[Story]) -> tuple[Cluster, ...]:
    """Group `stories` by the event that they report, newest cluster first.

    The newest version leads a cluster; of equally new ones the one with most text. The others follow
    from new to old, and what has no date comes last.
    """
    return Day(stories).clusters()
