"""A pick becomes a brief: the headline set right, and takeaways that cannot invent.

Pure: no network, database, clock or chance. The same story gives the same brief everywhere. What a
language model wrote comes in through `gate` alone.
"""

from __future__ import annotations

from digest.compress.brief import brief, why
from digest.compress.choose import Considered, explain, takeaways
from digest.compress.gate import Assignment, Gated, Refused, Unsuited, assign, gate

__all__ = [
    "Assignment",
    "Considered",
    "Gated",
    "Refused",
    "Unsuited",
    "assign",
    "brief",
    "explain",
    "gate",
    "takeaways",
    "why",
]
