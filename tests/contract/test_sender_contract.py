"""What every sender must do, whatever it speaks."""

from __future__ import annotations

import email
import email.policy
import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from digest.deliver.senders.outbox import OutboxSender
from digest.deliver.senders.sendgrid import SendGridSender
from digest.deliver.senders.smtp import SmtpSender
from digest.model import Addressed, DeliveryState, Outcome
from digest.ports import Sender
from digest.settings import SendGridSettings, SmtpSettings
from tests.standins.letters import a_letter, a_reader, readers
from tests.standins.sendgrid import SendGridStandin
from tests.standins.smtp import SmtpStandin

REFUSED = "refused@example.com"


@dataclass(frozen=True)
class Setup:
    """A sender, and what reached the other side: (Message-ID, address) in order.

    `refuses` is an address that the other side takes no mail for; the outbox has none, so ours refuses it.
    """

    sender: Sender
    taken: Callable[[], list[tuple[str, str]]]
    refuses: str = REFUSED

    def submit(self, who: Sequence[Addressed], withheld: Sequence[str] = ()) -> list[Outcome]:
        with self.sender.open(a_letter()) as session:
            return list(session.submit(who, lambda ids, request_id="": frozenset(ids) - frozenset(withheld)))


@contextmanager
def _outbox() -> Iterator[Setup]:
    with TemporaryDirectory() as folder:

        def taken() -> list[tuple[str, str]]:
            letters = [
                email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                for path in Path(folder).rglob("*.eml")
            ]
            return [(letter["Message-ID"], letter["To"].addresses[0].addr_spec) for letter in letters]

        yield Setup(OutboxSender(Path(folder)), taken, refuses="nobody")


@contextmanager
def _smtp() -> Iterator[Setup]:
    with SmtpStandin(recipients={REFUSED: "550 5.1.1 no such user"}) as server:
        yield Setup(
            SmtpSender(SmtpSettings(host=server.host, port=server.port, timeout_seconds=5.0), None),
            lambda: [(letter.message_id, letter.recipient) for letter in server.taken],
        )


@contextmanager
def _sendgrid() -> Iterator[Setup]:
    with SendGridStandin(refused={REFUSED: "Does not contain a valid address."}) as server:
        yield Setup(
            SendGridSender(SendGridSettings(base_url=server.base_url, timeout_seconds=5.0), server.api_key),
            lambda: [(letter.headers["Message-ID"], letter.email) for letter in server.taken],
        )


@pytest.fixture(params=[_outbox, _smtp, _sendgrid], ids=["outbox", "smtp", "sendgrid"])
def setup(request: pytest.FixtureRequest) -> Iterator[Setup]:
    with request.param() as made:
        yield made


def expected(who: Sequence[Addressed]) -> list[tuple[str, str]]:
    return sorted((f"<{one.delivery.id}@herald.example>", one.delivery.email) for one in who)


def test_all_are_accepted_and_each_letter_arrives_once(setup: Setup) -> None:
    outcomes = setup.submit(readers(5))
    assert {(one.delivery_id, one.state) for one in outcomes} == {
        (one.delivery.id, DeliveryState.ACCEPTED) for one in readers(5)
    }
    assert all(one.provider_id for one in outcomes)
    assert sorted(setup.taken()) == expected(readers(5))


def test_one_refusal_is_kept_in_words_and_hurts_nobody_else(setup: Setup) -> None:
    refused = a_reader(7, email=setup.refuses)
    outcomes = setup.submit([*readers(2), refused, a_reader(3)])
    by_id = {one.delivery_id: one for one in outcomes}
    assert len(outcomes) == 4
    assert by_id.pop("d0007").state is DeliveryState.REJECTED
    assert {one.state for one in by_id.values()} == {DeliveryState.ACCEPTED}
    assert next(one for one in outcomes if one.delivery_id == "d0007").detail
    assert sorted(setup.taken()) == expected([*readers(2), a_reader(3)])


@pytest.mark.parametrize("withheld", [["d0000"], ["d0001"], ["d0002"], ["d0000", "d0001", "d0002"]])
def test_what_the_mark_withholds_does_not_arrive_and_has_no_outcome(setup: Setup, withheld: list[str]) -> None:
    left = [one for one in readers(3) if one.delivery.id not in withheld]
    outcomes = setup.submit(readers(3), withheld)
    assert sorted(one.delivery_id for one in outcomes) == [one.delivery.id for one in left]
    assert sorted(setup.taken()) == expected(left)


def test_the_order_of_readers_changes_nothing(setup: Setup) -> None:
    refused = a_reader(7, email=setup.refuses)
    found = set()
    for order in itertools.permutations([a_reader(0), refused, a_reader(2)]):
        found.add(frozenset((one.delivery_id, one.state) for one in setup.submit(order)))
    assert len(found) == 1


def test_a_delivery_that_is_submitted_again_is_the_same_message(setup: Setup) -> None:
    setup.submit(readers(1))
    setup.submit(readers(1))
    assert set(setup.taken()) == set(expected(readers(1)))


def test_nobody_to_submit_to_is_nothing_to_do(setup: Setup) -> None:
    assert (setup.submit([]), setup.taken()) == ([], [])


def test_a_session_takes_several_batches(setup: Setup) -> None:
    with setup.sender.open(a_letter()) as session:
        for number in range(3):
            (outcome,) = session.submit([a_reader(number)], lambda ids, request_id="": frozenset(ids))
            assert outcome.state is DeliveryState.ACCEPTED
    assert sorted(setup.taken()) == expected(readers(3))


def test_a_sender_says_what_it_is(setup: Setup) -> None:
    assert setup.sender.name in ("outbox", "smtp", "sendgrid")
    assert setup.sender.reaches_people is (setup.sender.name != "outbox")
    assert setup.sender.batch_size >= 1
    assert setup.sender.connections >= 1
