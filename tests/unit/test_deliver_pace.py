"""Pace: never faster than told, nobody forgotten, and a domain that refuses is left in peace."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.pace import DomainPace, Pace, domain_of
from digest.model import Delivery, DeliveryState, Outcome

ACCEPTED, QUEUED = DeliveryState.ACCEPTED, DeliveryState.QUEUED
LATER = Outcome("1", QUEUED, detail="451 4.7.1 later", retry_after_seconds=60.0)
TAKEN = Outcome("1", ACCEPTED)


@dataclass
class Clock:
    """Time that passes only by waiting, at most `longest` at a time."""

    now: float = 0.0
    longest: float = 1e9
    stops_at: float = 1e9
    waits: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.now += min(seconds, self.longest)
        return self.now >= self.stops_at


def to(*domains: str) -> tuple[Delivery, ...]:
    return tuple(
        Delivery(str(number), "politics/2026-11-24", number, f"reader{number}@{domain}")
        for number, domain in enumerate(domains)
    )


def refuse(pace: DomainPace, domain: str, times: int = 3) -> None:
    for _ in range(times):
        pace.note(LATER, f"reader@{domain}")


# --- one pace for all connections --------------------------------------------------------------


def test_letters_leave_at_the_pace_however_short_the_waits_are() -> None:
    for longest in (1e9, 0.1):
        clock = Clock(longest=longest)
        pace = Pace(4.0, clock, clock.wait)
        assert all(pace.take(1) for _ in range(9))
        assert clock.now == pytest.approx(2.0, abs=0.002)


def test_a_request_of_many_letters_takes_their_turns_at_once() -> None:
    clock = Clock()
    pace = Pace(100.0, clock, clock.wait)
    assert [pace.take(250), pace.take(250), pace.take(1)] == [True, True, True]
    assert clock.now == pytest.approx(5.0)


def test_a_wait_ends_when_work_must_stop() -> None:
    clock = Clock(longest=0.5, stops_at=2.0)
    pace = Pace(0.1, clock, clock.wait)
    assert [pace.take(1), pace.take(1)] == [True, False]
    assert clock.now == 2.0


def test_without_a_pace_nobody_waits() -> None:
    clock = Clock()
    assert all(Pace(0, clock, clock.wait).take(1000) for _ in range(100))
    assert clock.waits == []


# --- one pace for each recipient domain ----------------------------------------------------------


def test_without_a_pace_of_its_own_every_domain_is_admitted() -> None:
    deliveries = to("a.example", "b.example") * 500
    admission = DomainPace(0.0, Clock()).admit(deliveries)
    assert (admission.admitted, admission.seconds_until_next) == (deliveries, 0.0)


def test_a_slow_domain_keeps_nobody_else_waiting() -> None:
    clock = Clock()
    pace = DomainPace(2.0, clock)
    deliveries = to(*["a.example"] * 5, "b.example", "A.Example", "c.example")

    first = pace.admit(deliveries)
    clock.now = first.seconds_until_next
    second = pace.admit(deliveries[2:5])

    assert first.admitted == (*deliveries[:2], deliveries[5], deliveries[7])
    assert first.seconds_until_next == pytest.approx(0.5)
    assert second.admitted == deliveries[2:3]


def test_less_than_one_letter_a_second_is_kept_too() -> None:
    clock = Clock()
    pace = DomainPace(0.1, clock)
    admission = pace.admit(to("a.example", "a.example"))
    assert len(admission.admitted) == 1
    assert admission.seconds_until_next == pytest.approx(10.0)
    clock.now = 9.9
    assert pace.admit(to("a.example")).admitted == ()
    clock.now = 10.0
    assert len(pace.admit(to("a.example")).admitted) == 1


DOMAINS = st.lists(st.sampled_from(["a.example", "b.example", "c.example"]), max_size=80)


@given(DOMAINS, st.floats(0.2, 50.0), st.lists(st.floats(0.0, 3.0), min_size=1, max_size=20))
def test_no_domain_ever_gets_more_than_its_pace_and_one_burst(
    domains: Sequence[str], rate: float, pauses: Sequence[float]
) -> None:
    clock = Clock()
    pace = DomainPace(rate, clock)
    left = to(*domains)
    moments: dict[str, list[float]] = {}
    for pause in pauses:
        admitted = pace.admit(left).admitted
        left = tuple(delivery for delivery in left if delivery not in admitted)
        for delivery in admitted:
            moments.setdefault(domain_of(delivery.email), []).append(clock.now)
        clock.now += pause
    for times in moments.values():
        for first, start in enumerate(times):
            for count, end in enumerate(times[first:], 1):
                assert count <= rate * (end - start) + max(rate, 1.0) + 1e-3


@given(DOMAINS, st.floats(0.2, 50.0))
def test_everybody_is_admitted_once_in_their_domains_order_and_in_time(domains: Sequence[str], rate: float) -> None:
    clock = Clock()
    pace = DomainPace(rate, clock)
    left = to(*domains)
    order: list[Delivery] = []
    while left:
        admission = pace.admit(left)
        places = [left.index(delivery) for delivery in admission.admitted]
        assert places == sorted(set(places))
        order += admission.admitted
        left = tuple(delivery for delivery in left if delivery not in admission.admitted)
        assert bool(admission.seconds_until_next) == bool(left)
        clock.now += admission.seconds_until_next + 1e-6
    for domain in set(domains):
        theirs = [delivery.subscriber_id for delivery in order if domain_of(delivery.email) == domain]
        assert theirs == sorted(theirs)
    longest = max((domains.count(domain) for domain in set(domains)), default=0)
    assert clock.now <= longest / rate + 1e-3 * len(domains)


# --- domains that refuse for now -----------------------------------------------------------------


def test_a_domain_that_refuses_in_a_row_is_deferred_as_a_whole_with_growing_waits() -> None:
    clock = Clock()
    pace = DomainPace(0.0, clock)
    waits = []
    for refusals in (3, *[1] * 7):
        refuse(pace, "slow.example", refusals)
        admission = pace.admit(to("slow.example", "a.example"))
        assert [delivery.email for delivery in admission.admitted] == ["reader1@a.example"]
        waits.append(admission.seconds_until_next)
        clock.now += admission.seconds_until_next
    grown = [60, 120, 240, 480, 960, 1920, 3600, 3600]
    assert all(low <= wait <= low * 1.1 for low, wait in zip(grown, waits, strict=True))
    assert len({wait / low for low, wait in zip(grown, waits, strict=True)}) > 5, "spread"


def test_two_refusals_or_an_outage_defer_nobody() -> None:
    pace = DomainPace(0.0, Clock())
    refuse(pace, "a.example", 2)
    pace.note(TAKEN, "reader@a.example")
    refuse(pace, "a.example", 2)
    for _ in range(50):
        pace.note(Outcome("1", QUEUED, detail="421 busy", costs_attempt=False), "reader@a.example")
    assert (pace.deferred(), len(pace.admit(to("a.example")).admitted)) == ((), 1)


def test_refusals_of_letters_that_were_on_their_way_do_not_lengthen_the_wait() -> None:
    clock = Clock()
    pace = DomainPace(0.0, clock)
    refuse(pace, "a.example", 40)
    ((name, seconds),) = pace.deferred()
    assert name == "a.example"
    assert 60 <= seconds <= 66


def test_after_its_wait_a_domain_is_probed_until_it_accepts_somebody() -> None:
    clock = Clock()
    pace = DomainPace(0.0, clock)
    refuse(pace, "a.example")
    clock.now = 70.0
    deliveries = to(*["a.example"] * 10)

    probe = pace.admit(deliveries)
    pace.note(TAKEN, "reader0@a.example")

    assert probe.admitted == deliveries[:1]
    assert probe.seconds_until_next == pytest.approx(1.0)
    assert pace.admit(deliveries[1:]).admitted == deliveries[1:]


def test_who_waits_as_told_by_a_coarse_clock_is_not_told_to_wait_for_nothing() -> None:
    clock = Clock(now=181.926)
    pace = DomainPace(0.0, clock)
    pace.defer("a.example", 120.582)
    clock.now = round(181.926 + 120.582, 6) - 1e-13
    assert len(pace.admit(to("a.example")).admitted) == 1
    pace.defer("a.example", 0.002)
    assert pace.admit(to("a.example")).seconds_until_next >= 0.001


def test_an_acceptance_ends_a_deferral_at_once() -> None:
    pace = DomainPace(0.0, Clock())
    refuse(pace, "a.example")
    pace.note(TAKEN, "reader@A.example")
    assert len(pace.admit(to(*["a.example"] * 10)).admitted) == 10


def test_a_domain_can_be_deferred_for_as_long_as_it_asks() -> None:
    clock = Clock()
    pace = DomainPace(0.0, clock)
    pace.defer("a.example", 30.0)
    assert pace.admit(to("a.example")).seconds_until_next == pytest.approx(30.0)
    clock.now = 30.0
    assert len(pace.admit(to("a.example")).admitted) == 1
    for _ in range(3):
        pace.note(Outcome("1", QUEUED, retry_after_seconds=900.0), "reader@a.example")
    assert pace.admit(to("a.example")).seconds_until_next >= 900.0


def test_memory_is_bounded_by_the_domains_at_work() -> None:
    clock = Clock()
    pace = DomainPace(5.0, clock)
    for round_ in range(50):
        pace.admit(to(*(f"d{round_}-{number}.example" for number in range(200))))
        clock.now += 10.0
    assert len(pace._domains) <= 1400


def test_many_threads_together_get_no_more_than_one_alone() -> None:
    pace = DomainPace(100.0, Clock())
    deliveries = to(*["a.example"] * 60)
    admitted: list[Delivery] = []
    threads = [threading.Thread(target=lambda: admitted.extend(pace.admit(deliveries).admitted)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(admitted) == 100
