"""Refusals that are meant for everybody, told from those of one reader."""

import threading
from collections.abc import Iterable
from dataclasses import replace

import pytest

from digest.deliver.breaker import SAME_REFUSALS, watched
from digest.errors import SubmitHalted
from digest.model import DeliveryState, Outcome

REJECTED, ACCEPTED, QUEUED = DeliveryState.REJECTED, DeliveryState.ACCEPTED, DeliveryState.QUEUED


def refusals(words: str, count: int = SAME_REFUSALS) -> list[Outcome]:
    return [Outcome(str(n), REJECTED, detail=words.format(address=f"<reader{n}@example.com>")) for n in range(count)]


def run(outcomes: Iterable[Outcome], *, accepted: bool = False) -> tuple[list[Outcome], str]:
    flag = threading.Event()
    if accepted:
        flag.set()
    seen: list[Outcome] = []
    try:
        for outcome in watched(outcomes, flag):
            seen.append(outcome)  # noqa: PERF402  (what came before the exception is kept)
    except SubmitHalted as error:
        return seen, str(error)
    return seen, ""


@pytest.mark.parametrize(
    "words", ["553 5.7.1 {address}: Sender address rejected", "554 5.7.1 message content rejected", "550 no"]
)
def test_the_first_readers_refused_alike_halt_it_with_their_letters_queued(words: str) -> None:
    seen, halted = run([*refusals(words, 50)])
    assert seen == [replace(outcome, state=QUEUED, costs_attempt=False) for outcome in refusals(words)]
    assert "refused alike" in halted


def test_refusals_of_mailboxes_are_what_they_say() -> None:
    given = refusals("550 5.1.1 {address}: no such user", 20)
    assert run(given) == (given, "")


def test_once_somebody_was_accepted_refusals_stand() -> None:
    given = [*refusals("554 5.7.1 rejected", 4), Outcome("x", ACCEPTED), *refusals("554 5.7.1 rejected", 10)]
    assert run(given) == (given, "")
    assert run(refusals("554 5.7.1 rejected", 10), accepted=True) == (refusals("554 5.7.1 rejected", 10), "")


def test_a_short_list_or_different_words_are_refusals() -> None:
    assert run(refusals("550 no", 3)) == (refusals("550 no", 3), "")
    mixed = [replace(outcome, detail=f"550 reason {'abcdefgh'[n]}") for n, outcome in enumerate(refusals("", 8))]
    assert run(mixed) == (mixed, "")
