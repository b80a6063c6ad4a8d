"""Story → Pick: which stories are one event, which matter most, and which of them an edition carries.

    assign_section  →  cluster  →  rank  →  choose

Pure: no network, database, clock or chance. `now` comes in, and the order of the input means nothing.
Each name is loaded when first asked for: who only ranks need not pay for the words of ten languages.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from digest.select.choosing import choose
    from digest.select.clustering import cluster
    from digest.select.day import Day, Move
    from digest.select.popular import decayed_views
    from digest.select.ranking import rank, reweigh
    from digest.select.section_model import SectionModel, dump_model, learn_sections, load_model
    from digest.select.sections import Assigned, SectionStep, assign_section, is_called
    from digest.select.sifting import STAYS_OUT

__all__ = [
    "STAYS_OUT",
    "Assigned",
    "Day",
    "Move",
    "SectionModel",
    "SectionStep",
    "assign_section",
    "choose",
    "cluster",
    "decayed_views",
    "dump_model",
    "is_called",
    "learn_sections",
    "load_model",
    "rank",
    "reweigh",
]

_HOMES = {
    "Assigned": "sections",
    "Day": "day",
    "Move": "day",
    "SectionModel": "section_model",
    "SectionStep": "sections",
    "STAYS_OUT": "sifting",
    "assign_section": "sections",
    "choose": "choosing",
    "cluster": "clustering",
    "decayed_views": "popular",
    "dump_model": "section_model",
    "is_called": "sections",
    "learn_sections": "section_model",
    "load_model": "section_model",
    "rank": "ranking",
    "reweigh": "ranking",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'digest.select' has no attribute {name!r}")
    return getattr(import_module(f"digest.select.{_HOMES[name]}"), name)
