"""Failures that are everybody's, told from those of one reader; and that no outcome is lost over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.breaker import MAILBOXES_WEIGH, SAME_REFUSALS, Breaker
from digest.deliver.envelope import unusable
from digest.errors import DeliveryError, SubmitHalted
from digest.model import Delivery, DeliveryState, Outcome

REJECTED, ACCEPTED, QUEUED = DeliveryState.REJECTED, DeliveryState.ACCEPTED, DeliveryState.QUEUED
UNCERTAIN = DeliveryState.UNCERTAIN
NEVER = 10**9
NO_SUCH_USER = "550 5.1.1 {address}: no such user"


def refusals(words: str, count: int = SAME_REFUSALS, state: DeliveryState = REJECTED) -> list[Outcome]:
    return [Outcome(str(n), state, detail=words.format(address=f"<reader{n}@example.com>")) for n in range(count)]


def for_nothing(outcomes: Iterable[Outcome]) -> list[Outcome]:
    return [replace(outcome, state=QUEUED, costs_attempt=False) for outcome in outcomes]


def run(outcomes: Iterable[Outcome], *, accepted: bool = False, halt_after: int = NEVER) -> tuple[list[Outcome], str]:
    breaker = Breaker(halt_after, has_accepted=accepted)
    return list(breaker.watched(outcomes)), breaker.halted_by


# --- the first readers refused alike ----------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["553 5.7.1 {address}: Sender address rejected", "554 5.7.1 message content rejected", "550 no"]
)
def test_the_first_readers_refused_alike_halt_it_with_their_letters_queued(words: str) -> None:
    seen, halted = run(refusals(words, 50))
    assert seen == for_nothing(refusals(words, 50))
    assert halted.startswith("The first 5 readers were all refused alike: 55")


def test_refusals_of_mailboxes_are_what_they_say() -> None:
    given = refusals(NO_SUCH_USER, 20)
    assert run(given) == (given, "")


def test_addresses_that_we_refuse_ourselves_say_nothing_about_the_server() -> None:
    words = unusable(Delivery("1", "politics/2026-11-24", 1, "nobody"))
    assert words
    given = refusals(words, 20)
    assert run(given) == (given, "")


def test_once_somebody_was_accepted_refusals_stand() -> None:
    given = [*refusals("554 5.7.1 rejected", 4), Outcome("x", ACCEPTED), *refusals("554 5.7.1 rejected", 10)]
    assert run(given) == (given, "")
    assert run(refusals("554 5.7.1 rejected", 10), accepted=True) == (refusals("554 5.7.1 rejected", 10), "")


def test_a_short_list_or_different_words_are_refusals() -> None:
    assert run(refusals("550 no", 3)) == (refusals("550 no", 3), "")
    mixed = [replace(outcome, detail=f"550 reason {'abcdefgh'[n]}") for n, outcome in enumerate(refusals("", 8))]
    assert run(mixed) == (mixed, "")


# --- so many failures in a row ----------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome("1", REJECTED, detail="554 5.7.1 rejected"),
        Outcome("1", QUEUED, detail="451 4.7.1 try again"),
        Outcome("1", UNCERTAIN, detail="no answer"),
    ],
    ids=["rejected", "refused-for-now", "uncertain"],
)
def test_failures_in_a_row_over_all_sessions_halt_it(outcome: Outcome) -> None:
    breaker = Breaker(4, has_accepted=True)
    for _ in range(3):
        assert list(breaker.watched([outcome])) == [outcome]
    assert breaker.halted_by == ""

    list(breaker.watched([outcome]))

    assert breaker.halted_by.startswith(f"4 letters in a row were not accepted, the last with: {outcome.detail}.")


def test_an_acceptance_by_any_session_begins_the_count_anew() -> None:
    breaker = Breaker(4, has_accepted=True)
    failures = refusals("554 5.7.1 rejected", 3)
    for _ in range(5):
        assert list(breaker.watched(failures)) == failures
        list(breaker.watched([Outcome("x", ACCEPTED)]))
    assert breaker.halted_by == ""


def test_an_outage_is_no_failure_and_no_acceptance() -> None:
    outage = Outcome("1", QUEUED, detail="no connection", costs_attempt=False)
    breaker = Breaker(4, has_accepted=True)
    list(breaker.watched(refusals("554 no", 3)))
    assert list(breaker.watched([outage] * 1000)) == [outage] * 1000
    assert breaker.halted_by == ""
    list(breaker.watched(refusals("554 no", 1)))
    assert breaker.halted_by


def test_a_request_without_an_answer_is_one_failure_however_many_readers_it_had() -> None:
    requests = [refusals(f"request {n}: HTTP 500", 250, UNCERTAIN) for n in range(4)]
    assert run(chain(*requests[:3]), halt_after=4) == (list(chain(*requests[:3])), "")
    assert run(chain(*requests), halt_after=4)[1].startswith("4 letters in a row")


def test_dead_mailboxes_weigh_less_than_other_failures() -> None:
    company_that_closed = refusals(NO_SUCH_USER, 4 * MAILBOXES_WEIGH)
    assert run(company_that_closed[:-1], accepted=True, halt_after=4) == (company_that_closed[:-1], "")

    seen, halted = run(company_that_closed, accepted=True, halt_after=4)

    assert seen == company_that_closed
    assert halted == (
        "20 letters in a row were not accepted, the last with: 550 5.1.1 <reader19@example.com>: no such user. "
        "Is it the right list?"
    )


def test_what_is_in_flight_when_it_halts_is_still_told_and_costs_nobody_an_attempt() -> None:
    in_flight = [
        Outcome("a", ACCEPTED, "id"),
        Outcome("b", UNCERTAIN, detail="no answer"),
        Outcome("c", REJECTED, detail="554 5.7.1 rejected"),
        Outcome("d", QUEUED, detail="451 4.7.1 later", retry_after_seconds=60.0),
        Outcome("e", REJECTED, detail="550 5.1.1 no such user"),
    ]
    before = refusals("554 5.7.1 rejected", 3)

    seen, halted = run([*before, *in_flight], accepted=True, halt_after=3)

    assert halted
    assert seen == [*before[:2], *for_nothing(before[2:]), *in_flight[:2], *for_nothing(in_flight[2:4]), in_flight[4]]


def test_nothing_is_kept_back_when_the_sender_fails() -> None:
    def failing(error: Exception) -> Iterator[Outcome]:
        yield from refusals("550 no", 2)
        raise error

    for error, expected in (
        (DeliveryError("lost"), refusals("550 no", 2)),
        (SubmitHalted("refused"), for_nothing(refusals("550 no", 2))),
    ):
        breaker = Breaker(NEVER, has_accepted=False)
        watched = breaker.watched(failing(error))
        assert list(islice(watched, 2)) == expected
        with pytest.raises(type(error)):
            next(watched)


OUTCOMES = st.builds(
    Outcome,
    st.uuids().map(str),
    st.sampled_from([ACCEPTED, REJECTED, QUEUED, UNCERTAIN]),
    detail=st.sampled_from(["550 5.1.1 gone", "554 5.7.1 no", "451 later", ""]),
    costs_attempt=st.booleans(),
)


@given(st.lists(OUTCOMES, max_size=60), st.integers(1, 8), st.booleans())
def test_every_outcome_is_told_once_and_what_was_accepted_or_uncertain_unchanged(
    given_outcomes: list[Outcome], halt_after: int, accepted: bool
) -> None:
    seen, _ = run(given_outcomes, accepted=accepted, halt_after=halt_after)
    assert [outcome.delivery_id for outcome in seen] == [outcome.delivery_id for outcome in given_outcomes]
    for told, outcome in zip(seen, given_outcomes, strict=True):
        assert told == outcome or (told.state is QUEUED and outcome.state in (REJECTED, QUEUED))
