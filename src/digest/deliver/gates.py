"""What a letter must pass before it may leave; one set for all sessions of an edition."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from digest.deliver.breaker import Breaker
from digest.deliver.pace import DomainPace, Pace
from digest.deliver.shared_pace import SharedPace
from digest.deliver.warm_up import Budget
from digest.settings import DeliverySettings

__all__ = ["Gates", "gates_of"]


@dataclass(frozen=True, slots=True)
class Gates:
    """In the order in which a letter meets them: its domain's pace, the day's budget, the pace, the breaker."""

    domains: DomainPace
    budget: Budget
    pace: Pace | SharedPace
    breaker: Breaker


def gates_of(
    settings: DeliverySettings,
    *,
    allowance: int | None,
    has_accepted: bool,
    domains: DomainPace | None,
    clock: Callable[[], float],
    wait: Callable[[float], bool],
) -> Gates:
    """Return the gates of one edition.

    Args:
        allowance: How many of its letters may leave today, None for all.
        has_accepted: Whether any of them was accepted in an earlier run.
        domains: What is known of recipient domains from earlier; None: nothing.
        clock, wait: As for `Pace`.
    """
    return Gates(
        domains or DomainPace(settings.per_domain_per_second, clock),
        Budget(allowance),
        Pace(settings.per_second, clock, wait),
        Breaker(settings.halt_after_failures, has_accepted=has_accepted),
    )
