"""What earlier editions would have carried under other settings: chosen again from what they were chosen from.

Weights, quotas and windows can be replayed. What happened before choosing (how views fade, which stories are one
event) can't: only its result was kept.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest import select
from digest.config import Config, check_config
from digest.model import Choice, Edits
from digest.settings import Weights
from digest.store import editions
from digest.store.considered import Considered, considered_since
from digest.store.database import Database
from digest.store.edits import edits_of

__all__ = ["Change", "Replayed", "changed_config", "replay", "told_changes"]

_SECTION_KEYS = ("top", "popular", "more", "minimum", "window_hours", "weight", "popular_repeats_top")


@dataclass(frozen=True, slots=True)
class Change:
    """One key of config.toml and its new value; `path` as in the file: ("rank", "weights", "recency")."""

    path: tuple[str, ...]
    value: float | bool

    @property
    def key(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Replayed:
    """One edition as it was chosen under the settings of today, and as it would be under the changed ones."""

    edition_id: str
    before: Choice
    after: Choice


def told_changes(told: Sequence[str], config: Config) -> tuple[Change, ...]:
    """Read `KEY=VALUE` texts; the other weights make room for the ones that are set.

    Keys are `rank.WEIGHT` and `sections.KEY.SETTING`.

    Raises:
        ValueError: one is no such text, or can't be replayed; says which and what can.
    """
    weights = {part.name: getattr(config.rank.weights, part.name) for part in dataclasses.fields(Weights)}
    set_weights: dict[str, float] = {}
    changes: list[Change] = []
    for text in told:
        key, equals, value = (part.strip() for part in text.partition("="))
        parts = key.removeprefix("rank.weights.").removeprefix("rank.").split(".")
        if not equals:
            raise ValueError(f"{text!r} sets nothing; write it like rank.recency=0.3")
        if len(parts) == 1 and parts[0] in weights:
            set_weights[parts[0]] = float(_value(key, value))
        elif len(parts) == 3 and parts[0] == "sections" and parts[1] in config.sections and parts[2] in _SECTION_KEYS:
            changes.append(Change((parts[0], parts[1], parts[2]), _value(key, value)))
        else:
            known = [*(f"rank.{name}" for name in weights), *(f"sections.SECTION.{name}" for name in _SECTION_KEYS)]
            raise ValueError(f"{key!r} can't be replayed; what can: {', '.join(known)}")
    return (*_weight_changes(weights, set_weights), *changes)


def _value(key: str, text: str) -> float | bool:
    if text in ("true", "false"):
        return text == "true"
    try:
        number = float(text)
    except ValueError:
        raise ValueError(f"{key}={text} is no number") from None
    return int(number) if number.is_integer() and "." not in text else number


def _weight_changes(weights: Mapping[str, float], told: Mapping[str, float]) -> list[Change]:
    """Return the new weights; those that nobody set share what is left as they shared it before.

    Raises:
        ValueError: they can't add up to 1.
    """
    if not told:
        return []
    others = {name: weight for name, weight in weights.items() if name not in told}
    left, had = 1.0 - sum(told.values()), sum(others.values())
    if min(told.values()) < 0 or left < -1e-9 or (left > 1e-9 and had <= 0):
        raise ValueError("the weights must lie between 0 and 1 and add up to 1")
    new = {**told, **{name: weight * left / had if had else 0.0 for name, weight in others.items()}}
    # Rounded for the file, the last takes what the rounding left.
    rounded = {name: round(new[name], 4) for name in weights}
    largest = max((name for name in weights if name not in told), key=rounded.__getitem__, default=max(told))
    rounded[largest] = round(rounded[largest] + 1.0 - sum(rounded.values()), 4)
    return [Change(("rank", "weights", name), value) for name, value in rounded.items()]


def changed_config(raw: Mapping[str, Any], config: Config, changes: Sequence[Change]) -> Config:
    """Return the configuration with the changes, checked.

    Raises:
        ConfigError: it has faults then.
    """
    told: dict[str, Any] = _copied(raw)
    for change in changes:
        table = told
        for part in change.path[:-1]:
            table = table.setdefault(part, {})
        table[change.path[-1]] = change.value
    return check_config(told, config.file)


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def replay(
    database: Database, config: Config, changed: Config, since: datetime, section: str | None = None
) -> tuple[Replayed, ...]:
    """Choose every edition since then again, by the settings as they are and as they would be."""
    return tuple(
        Replayed(kept.edition_id, _choice(database, config, kept), _choice(database, changed, kept))
        for kept in considered_since(database, since, section)
        if kept.section in config.sections
    )


def _choice(database: Database, config: Config, kept: Considered) -> Choice:
    edits: Edits = edits_of(database, kept.edition_id)
    picks = select.reweigh(
        kept.picks,
        config.rank.weights,
        kept.at,
        section_weights={key: told.weight for key, told in config.sections.items()},
        boosts=edits.boosts,
    )
    used = editions.used_stories(database, kept.section, kept.at - select.STAYS_OUT, but=kept.edition_id, until=kept.at)
    quota = config.sections[kept.section].quota
    return select.choose(picks, quota, kept.at, used=used, edits=edits)
