"""How fast letters may leave: one pace for all connections, and one for each recipient domain.

`Pace` makes its caller wait. `DomainPace` never waits: it says who may leave now, because the letters to
one slow domain must not keep a connection from those to all others.
"""

from __future__ import annotations

import math
import threading
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from digest.model import Delivery, DeliveryState, Outcome

__all__ = ["Admission", "DomainPace", "Pace", "domain_of"]

REFUSALS_IN_A_ROW = 3  # of one domain for now, without an acceptance between: then its other readers wait too
FIRST_DEFERRAL_SECONDS = 60.0
LONGEST_DEFERRAL_SECONDS = 3600.0
PROBES_PER_SECOND = 1.0  # to a domain that has refused, until it accepts somebody
_BURST_SECONDS = 1.0
_FEWEST_KEPT = 1024  # domains, before those that need no memory are forgotten
_HARDLY_SECONDS = 0.001  # not worth waiting for
_ROUNDING = 1e-6


class Pace:
    """Lets letters leave one after the other, `per_second` of them; 0 or less means as fast as they can.

    Args:
        clock: Seconds from any start; never runs backwards.
        wait: Sleeps for at most so many seconds; returns True when work must stop.
    """

    def __init__(self, per_second: float, clock: Callable[[], float], wait: Callable[[float], bool]) -> None:
        self._seconds_each = 1 / per_second if per_second > 0 else 0.0
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._free_at = clock()

    def take(self, count: int) -> bool:
        """Wait until `count` letters may leave; return False when work must stop instead."""
        with self._lock:
            now = self._clock()
            turn = max(now, self._free_at)
            self._free_at = turn + count * self._seconds_each
        while (left := turn - now) > _HARDLY_SECONDS:
            if self._wait(left):
                return False
            now = self._clock()
        return True


@dataclass(frozen=True, slots=True)
class Admission:
    """Who may be submitted now, and in how many seconds it is worth asking for the others; 0 without others.

    That is when half a burst has come together for one of them: who waits so long neither spins nor falls behind.
    """

    admitted: tuple[Delivery, ...]
    seconds_until_next: float = 0.0


@dataclass(slots=True)
class _Domain:
    """One recipient domain. `free_at` is when all that it was given would be through at its own pace."""

    free_at: float
    refusals: int = 0  # for now, in a row, counted until they defer it
    deferrals: int = 0  # in a row: above 0 it is only probed
    deferred_until: float = -math.inf


class DomainPace:
    """Says whose letters may leave now by the pace of their recipient domain. Safe to use from several threads.

    A domain is what stands behind the @: which of them share a mail server is not looked up. Each may get
    `per_domain_per_second`, with a burst of one second's worth (at least 1). One that refuses several
    readers in a row for now is deferred as a whole: 1, 2, 4 … 60 min, then it is probed, a letter a second,
    until it accepts somebody. Memory is bounded by the domains that are at work or have refused.

    Args:
        per_domain_per_second: 0 or less: there is only deferring.
        clock: Seconds from any start; never runs backwards.
    """

    def __init__(self, per_domain_per_second: float, clock: Callable[[], float]) -> None:
        self._rate = per_domain_per_second if per_domain_per_second > 0 else math.inf
        self._clock = clock
        self._lock = threading.Lock()
        self._domains: dict[str, _Domain] = {}
        self._most_kept = _FEWEST_KEPT

    def admit(self, deliveries: Sequence[Delivery]) -> Admission:
        """Return those of `deliveries` that may be submitted now, in their order; the others stay queued.

        What is admitted is taken off its domain's pace. First come, first served: who asks for them in the
        same order again gets everyone through.
        """
        if self._rate == math.inf and not self._domains:
            return Admission(tuple(deliveries))
        with self._lock:
            now = self._clock()
            self._forget_idle(now)
            room: dict[str, int] = {}
            taken: dict[str, int] = {}
            waiting: set[str] = set()
            admitted = []
            for delivery in deliveries:
                name = domain_of(delivery.email)
                if name not in room:
                    room[name] = self._room(name, now, len(deliveries))
                if taken.get(name, 0) < room[name]:
                    taken[name] = taken.get(name, 0) + 1
                    admitted.append(delivery)
                else:
                    waiting.add(name)
            for name, count in taken.items():
                self._charge(name, count, now)
            seconds = min((self._wait(self._domains[name], now) for name in waiting), default=0.0)
            return Admission(tuple(admitted), seconds)

    def defer(self, domain: str, seconds: float) -> None:
        """Give `domain` nothing for so many seconds from now, as long as nobody there is accepted."""
        with self._lock:
            known = self._known(domain, now := self._clock())
            known.deferred_until = max(known.deferred_until, now + seconds)

    def note(self, outcome: Outcome, email: str) -> None:
        """Learn from an outcome: refusals for now defer the reader's domain, an acceptance clears it.

        What costs its reader no attempt (421, an outage) is no answer of that domain's.
        """
        if outcome.state is DeliveryState.ACCEPTED:
            if self._domains:
                self._clear(domain_of(email))
        elif outcome.state is DeliveryState.QUEUED and outcome.costs_attempt:
            self._count_refusal(domain_of(email), outcome.retry_after_seconds or 0.0)

    def deferred(self) -> tuple[tuple[str, float], ...]:
        """Return the domains that get nothing now and for how many seconds more, by name."""
        with self._lock:
            now = self._clock()
            waiting = [(name, known.deferred_until - now) for name, known in self._domains.items()]
        return tuple(sorted((name, seconds) for name, seconds in waiting if seconds > 0))

    def _known(self, name: str, now: float) -> _Domain:
        return self._domains.setdefault(name, _Domain(now))

    def _room(self, name: str, now: float, most: int) -> int:
        """Return how many letters may leave for a domain at once."""
        domain = self._domains.get(name)
        if domain is not None and domain.deferred_until - now > _HARDLY_SECONDS:
            return 0
        rate = self._rate_of(domain)
        if rate == math.inf:
            return most
        domain = domain or self._known(name, now)
        ahead = max(0.0, domain.free_at - now)
        return math.floor((_burst_seconds(rate) - ahead) * rate + _ROUNDING)

    def _charge(self, name: str, count: int, now: float) -> None:
        domain = self._domains.get(name)
        if domain is not None:
            domain.free_at = max(now, domain.free_at) + count / self._rate_of(domain)

    def _wait(self, domain: _Domain, now: float) -> float:
        """Return in how many seconds half a burst may leave for a domain that has no room now; never 0."""
        rate = self._rate_of(domain)
        at = domain.deferred_until
        if rate < math.inf:
            burst_seconds = _burst_seconds(rate)
            worthwhile = max(1, math.floor(burst_seconds * rate / 2))
            at = max(at, domain.free_at + worthwhile / rate - burst_seconds)
        return max(at - now, _HARDLY_SECONDS)

    def _rate_of(self, domain: _Domain | None) -> float:
        return min(self._rate, PROBES_PER_SECOND) if domain is not None and domain.deferrals else self._rate

    def _clear(self, name: str) -> None:
        with self._lock:
            known = self._domains.get(name)
            if known is not None:
                known.refusals = known.deferrals = 0
                known.deferred_until = -math.inf

    def _count_refusal(self, name: str, asked_seconds: float) -> None:
        with self._lock:
            known = self._known(name, now := self._clock())
            if known.deferred_until > now:  # of a letter that was on its way before
                return
            known.refusals += 1
            if known.refusals < REFUSALS_IN_A_ROW and not known.deferrals:
                return
            doublings = min(known.deferrals, 10)  # 2**10 min are above the longest
            grown = min(FIRST_DEFERRAL_SECONDS * 2**doublings, LONGEST_DEFERRAL_SECONDS)
            known.refusals = 0
            known.deferrals += 1
            known.deferred_until = now + max(grown, asked_seconds) * _spread(name, known.deferrals)

    def _forget_idle(self, now: float) -> None:
        """Forget what is as if it had never been heard of, once there is much of it."""
        if len(self._domains) < self._most_kept:
            return
        self._domains = {name: known for name, known in self._domains.items() if not _is_idle(known, now)}
        self._most_kept = max(_FEWEST_KEPT, 2 * len(self._domains))


def domain_of(email: str) -> str:
    """Return an address's domain in small letters."""
    return email.rpartition("@")[2].lower()


def _burst_seconds(rate: float) -> float:
    return max(_BURST_SECONDS, 1 / rate)


def _spread(name: str, count: int) -> float:
    """Return a factor of 1 to 1.1 by the domain and how often it was deferred, so that not all return at once."""
    return 1 + zlib.crc32(f"{name} {count}".encode()) % 1000 / 10_000


def _is_idle(domain: _Domain, now: float) -> bool:
    return not domain.refusals and not domain.deferrals and max(domain.deferred_until, domain.free_at) <= now
