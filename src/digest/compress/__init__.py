"""A pick becomes a brief: the headline set right, and takeaways that cannot invent.

Pure: no network, database, clock or chance. The same story gives the same brief everywhere.
"""

from __future__ import annotations

from digest.compress.brief import brief
from digest.compress.choose import Considered, explain, takeaways

__all__ = ["Considered", "brief", "explain", "takeaways"]
