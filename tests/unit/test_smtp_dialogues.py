"""Every reply and every silence at every stage, one command at a time, pipelined, and in chunks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from digest.deliver.envelope import encode_letter
from digest.deliver.senders.smtp import SmtpSender
from digest.errors import DeliveryError, SubmitHalted
from digest.model import Addressed, DeliveryState, Outcome
from digest.ports import Mark
from digest.settings import Security, SmtpSettings
from tests.standins.letters import a_letter, a_reader, readers
from tests.standins.smtp_wire import CLOSE, DRIP, HANG, LOSE, RESET, WireStandin

ACCEPTED, QUEUED, REJECTED, UNCERTAIN = (
    DeliveryState.ACCEPTED,
    DeliveryState.QUEUED,
    DeliveryState.REJECTED,
    DeliveryState.UNCERTAIN,
)
PLAIN, PIPELINED, CHUNKED = (), ("PIPELINING", "8BITMIME"), ("SIZE 99999999", "CHUNKING", "PIPELINING")
MODES = pytest.mark.parametrize("extensions", [PLAIN, PIPELINED, CHUNKED], ids=["plain", "pipelined", "chunked"])


def grant(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
    return frozenset(ids)


def told(server: WireStandin, **changes: Any) -> SmtpSettings:
    settings = SmtpSettings(host=server.host, port=server.port, timeout_seconds=5.0, connections=1)
    return replace(settings, **changes)


def submit(server: WireStandin, who: Sequence[Addressed], mark: Mark = grant, **changes: Any) -> list[Outcome]:
    outcomes: list[Outcome] = []
    with SmtpSender(told(server, **changes), None).open(a_letter(text="A long line of text.\n" * 500)) as session:
        outcomes.extend(session.submit(who, mark))
    return outcomes


@pytest.mark.parametrize(("named", "greets"), [("mail.example.com", "mail.example.com"), ("1f9c", "[127.0.0.1]")])
def test_a_machine_without_a_full_name_greets_with_its_address(
    monkeypatch: pytest.MonkeyPatch, named: str, greets: str
) -> None:
    monkeypatch.setattr("digest.deliver.senders.smtp_connection._full_name", lambda: named)
    with WireStandin() as server:
        submit(server, readers(1))
    assert server.greetings == [greets]


@MODES
@pytest.mark.parametrize(
    ("script", "state", "costs_attempt", "connections", "taken"),
    [
        # what the first reader meets, and what it means; the second must be served normally
        ({}, ACCEPTED, True, 1, 2),
        ({"MAIL": ["421 4.7.0 too many"]}, QUEUED, False, 2, 1),
        ({"MAIL": ["450 4.7.1 try again"]}, QUEUED, True, 1, 1),
        ({"MAIL": ["451 4.3.0 later"]}, QUEUED, True, 1, 1),
        ({"MAIL": ["452 4.3.1 disk full"]}, QUEUED, True, 1, 1),
        ({"MAIL": ["nonsense"]}, QUEUED, False, 2, 1),
        ({"MAIL": [CLOSE]}, QUEUED, False, 2, 1),
        ({"MAIL": [RESET]}, QUEUED, False, 2, 1),
        ({"RCPT": ["421 4.7.0 closing"]}, QUEUED, False, 2, 1),
        ({"RCPT": ["450 4.2.1 mailbox busy"]}, QUEUED, True, 1, 1),
        ({"RCPT": ["451 4.7.1 greylisted"]}, QUEUED, True, 1, 1),
        ({"RCPT": ["550 5.1.1 no such user"]}, REJECTED, True, 1, 1),
        ({"RCPT": ["550-5.1.1 no such\r\n550 5.1.1 user"]}, REJECTED, True, 1, 1),
        ({"RCPT": ["552 5.2.2 mailbox full"]}, REJECTED, True, 1, 1),
        ({"RCPT": ["251 2.1.5 will forward"]}, REJECTED, True, 1, 1),  # and then has no recipient
        ({"RCPT": ["nonsense"]}, QUEUED, False, 2, 1),
        ({"RCPT": [CLOSE]}, QUEUED, False, 2, 1),
        ({"RCPT": [RESET]}, QUEUED, False, 2, 1),
        ({"DATA": ["421 4.3.2 closing"]}, QUEUED, False, 2, 1),
        ({"DATA": ["451 4.3.0 later"]}, QUEUED, True, 1, 1),
        ({"DATA": ["550 5.7.1 no"]}, REJECTED, True, 1, 1),
        ({"DATA": ["552 5.3.4 too big"]}, REJECTED, True, 1, 1),
        ({"DATA": ["220 what"]}, QUEUED, False, 2, 1),
        ({"DATA": [CLOSE]}, QUEUED, False, 2, 1),
        ({"DATA": [RESET]}, QUEUED, False, 2, 1),
        ({"DOT": ["421 4.3.2 closing"]}, QUEUED, False, 2, 1),
        ({"DOT": ["451 4.3.0 later"]}, QUEUED, True, 1, 1),
        ({"DOT": ["452 4.3.1 disk full"]}, QUEUED, True, 1, 1),
        ({"DOT": ["550 5.7.1 looks like spam"]}, REJECTED, True, 1, 1),
        ({"DOT": ["552 5.3.4 too big"]}, REJECTED, True, 1, 1),
        ({"DOT": ["nonsense"]}, UNCERTAIN, True, 2, 1),
        ({"DOT": ["250-of one code\r\n550 and of another"]}, UNCERTAIN, True, 2, 1),
        ({"DOT": ["354 once more?"]}, UNCERTAIN, True, 2, 1),
        ({"DOT": [CLOSE]}, UNCERTAIN, True, 2, 2),
        ({"DOT": [RESET]}, UNCERTAIN, True, 2, 2),
        ({"DOT": [LOSE]}, UNCERTAIN, True, 2, 1),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_each_reply_and_each_silence_has_its_meaning(
    script: dict[str, list[str]],
    state: DeliveryState,
    costs_attempt: bool,
    connections: int,
    taken: int,
    extensions: Sequence[str],
) -> None:
    with WireStandin(extensions=extensions, script=script) as server:
        outcomes = submit(server, readers(2))
    first, second = sorted(outcomes, key=lambda outcome: outcome.delivery_id)
    assert (first.delivery_id, first.state, first.costs_attempt) == ("d0000", state, costs_attempt)
    assert (first.retry_after_seconds is not None) == (state is QUEUED)
    assert (second.delivery_id, second.state) == ("d0001", ACCEPTED)
    assert (server.connections, len(server.taken), server.faults) == (connections, taken, [])


@MODES
@pytest.mark.parametrize(
    ("reply", "state", "costs_attempt"),
    [
        (CLOSE, QUEUED, False),
        (RESET, QUEUED, False),
        (HANG, QUEUED, False),
        ("421 4.3.2 shutting down", QUEUED, False),
        ("451 4.3.0 no space left", QUEUED, True),
        ("552 5.3.4 too big", REJECTED, True),
        ("250 2.0.0 already?", QUEUED, False),
    ],
)
def test_what_ends_in_mid_message_was_not_accepted(
    reply: str, state: DeliveryState, costs_attempt: bool, extensions: Sequence[str]
) -> None:
    marked: list[str] = []

    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        marked.extend(ids)
        return frozenset(ids)

    letter = a_letter(text="A long line of text.\n" * 40_000)  # no socket holds so much
    with WireStandin(extensions=extensions, script={"BODY": [reply]}) as server:
        settings = told(server, timeout_seconds=0.5 if reply == HANG else 5.0)
        with SmtpSender(settings, None).open(letter) as session:
            (outcome,) = session.submit(readers(1), mark)
        assert (outcome.state, outcome.costs_attempt) == (state, costs_attempt)
        assert (server.taken, marked) == ([], [])


@MODES
def test_what_ends_while_the_mark_is_made_was_not_accepted(extensions: Sequence[str]) -> None:
    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        server.cut()
        return frozenset(ids)

    with WireStandin(extensions=extensions) as server:
        (outcome,) = submit(server, readers(1), mark)
    assert (outcome.state, outcome.costs_attempt, server.taken) == (QUEUED, False, [])


@MODES
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
@pytest.mark.parametrize("silence", [HANG, DRIP])
def test_no_server_can_hold_a_session_for_ever(stage: str, silence: str, extensions: Sequence[str]) -> None:
    with WireStandin(extensions=extensions, script={stage: [silence]}) as server:
        first, second = submit(server, readers(2), timeout_seconds=0.05)
    assert first.state is (UNCERTAIN if stage == "DOT" else QUEUED)
    assert second.state is ACCEPTED


@MODES
@pytest.mark.parametrize("reply", ["421 4.7.0 enough", CLOSE, RESET, HANG])
def test_a_kept_connection_that_has_had_enough_is_renewed_without_cost(reply: str, extensions: Sequence[str]) -> None:
    with WireStandin(extensions=extensions, script={"MAIL": ["", "", reply]}) as server:
        outcomes = submit(server, readers(4), timeout_seconds=0.2 if reply == HANG else 5.0)
    assert [outcome.state for outcome in outcomes] == [ACCEPTED] * 4
    assert [letter.recipient for letter in server.taken] == [one.delivery.email for one in readers(4)]
    assert server.connections == 2


@MODES
@pytest.mark.parametrize("by_reset", [False, True], ids=["closed", "reset"])
def test_a_connection_that_ended_between_two_batches_is_renewed(by_reset: bool, extensions: Sequence[str]) -> None:
    with (
        WireStandin(extensions=extensions) as server,
        SmtpSender(told(server), None).open(a_letter()) as session,
    ):
        assert [one.state for one in session.submit(readers(1), grant)] == [ACCEPTED]
        server.cut(by_reset=by_reset)
        assert [one.state for one in session.submit(readers(2)[1:], grant)] == [ACCEPTED]
    assert server.connections == 2


@MODES
def test_a_refused_sender_halts_before_anybody_is_rejected(extensions: Sequence[str]) -> None:
    with (
        WireStandin(extensions=extensions, script={"MAIL": ["", "550 5.7.1 not your domain"]}) as server,
        pytest.raises(SubmitHalted, match=r"refuses the sender news@herald\.example: 550 5\.7\.1 not your"),
    ):
        submit(server, readers(3))
    assert [letter.recipient for letter in server.taken] == ["reader0@example.com"]


def test_a_recipient_refused_by_a_server_that_wants_the_message_gets_nothing() -> None:
    script = {"RCPT": ["550 5.1.1 no such user"], "DATA EMPTY": ["354 go on"]}
    with WireStandin(extensions=PIPELINED, script=script) as server:
        first, second = submit(server, readers(2))
    assert (first.state, second.state) == (REJECTED, ACCEPTED)
    assert (server.connections, server.commands.count("."), len(server.taken)) == (2, 1, 1)


@MODES
def test_messages_arrive_as_they_were_made(extensions: Sequence[str]) -> None:
    with (
        WireStandin(extensions=extensions, portion_bytes=1) as server,
        SmtpSender(told(server), None).open(a_letter()) as session,
    ):
        for number in range(3):
            assert [one.state for one in session.submit(readers(9)[number * 3 :][:3], grant)] == [ACCEPTED] * 3
            assert server.commands[-1] == ".", "nothing is begun that this call does not end"
    encoded = encode_letter(a_letter())
    assert [letter.content for letter in server.taken] == [encoded.message(reader) for reader in readers(9)]
    assert (server.connections, server.faults) == (1, [])


def test_commands_follow_the_end_of_a_letter_where_that_is_offered() -> None:
    asked = {}
    for name, extensions in {"plain": PLAIN, "pipelined": PIPELINED, "chunked": CHUNKED}.items():
        with WireStandin(extensions=extensions) as server:
            submit(server, readers(2))
        asked[name] = [command.partition(" ")[0] for command in server.commands]
    assert asked["plain"] == asked["pipelined"] == ["MAIL", "RCPT", "DATA", ".", "MAIL", "RCPT", "DATA", ".", "QUIT"]
    one = ["MAIL", "RCPT", "BDAT", "BDAT", "."]
    assert asked["chunked"] == [*one, *one, "QUIT"]


@MODES
def test_a_refused_transaction_is_reset_before_the_next(extensions: Sequence[str]) -> None:
    with WireStandin(extensions=extensions, script={"RCPT": ["550 5.1.1 no"], "RSET": ["", ""]}) as server:
        submit(server, readers(2))
    assert "RSET" in server.commands
    with WireStandin(extensions=extensions, script={"RCPT": ["550 5.1.1 no"], "RSET": ["421 enough"]}) as server:
        first, second = submit(server, readers(2))
    assert (first.state, second.state, server.connections) == (REJECTED, ACCEPTED, 2)


@MODES
def test_what_the_mark_keeps_back_is_never_finished(extensions: Sequence[str]) -> None:
    marked: list[str] = []

    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        marked.extend(ids)
        return frozenset(ids) - {"d0001"}

    with WireStandin(extensions=extensions) as server:
        outcomes = submit(server, readers(4), mark)
    assert marked == ["d0000", "d0001", "d0002", "d0003"]
    assert [outcome.delivery_id for outcome in outcomes] == ["d0000", "d0002", "d0003"]
    assert [letter.message_id[1:6] for letter in server.taken] == ["d0000", "d0002", "d0003"]


@MODES
def test_each_letter_is_marked_once_and_before_its_end_on_many_connections(extensions: Sequence[str]) -> None:
    marked: list[str] = []

    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        assert not {f"<{one}@herald.example>" for one in ids} & {letter.message_id for letter in server.taken}
        marked.extend(ids)
        return frozenset(ids)

    with WireStandin(extensions=extensions) as server:
        outcomes = submit(server, readers(200), mark, connections=6)
    everybody = [one.delivery.id for one in readers(200)]
    assert sorted(marked) == sorted(one.delivery_id for one in outcomes) == everybody
    assert sorted(letter.message_id[1:6] for letter in server.taken) == everybody
    assert {outcome.state for outcome in outcomes} == {ACCEPTED}
    assert 2 <= server.connections <= 6
    assert server.faults == []


@MODES
def test_a_consumer_that_leaves_lets_no_more_ends_go(extensions: Sequence[str]) -> None:
    marked: set[str] = set()

    def mark(ids: Sequence[str], request_id: str = "") -> frozenset[str]:
        marked.update(ids)
        return frozenset(ids)

    with (
        WireStandin(extensions=extensions) as server,
        SmtpSender(told(server, connections=4), None).open(a_letter()) as session,
    ):
        outcomes = session.submit(readers(100), mark)
        assert next(outcomes).state is ACCEPTED
        outcomes.close()
        again = list(session.submit(readers(200)[100:], grant))
    assert {outcome.state for outcome in again} == {ACCEPTED}
    first_hundred = {letter.message_id[1:6] for letter in server.taken if letter.message_id < "<d0100"}
    assert first_hundred <= marked


def test_a_connection_is_renewed_after_its_letters() -> None:
    with WireStandin(extensions=PIPELINED) as server:
        outcomes = submit(server, readers(5), messages_per_connection=2)
    assert [outcome.state for outcome in outcomes] == [ACCEPTED] * 5
    assert (server.connections, server.commands.count("QUIT")) == (3, 3)


def test_bounces_come_back_to_an_address_of_the_delivery() -> None:
    with WireStandin() as server:
        submit(server, readers(2), bounce_domain="bounce.bücher.example")
    assert [letter.sender for letter in server.taken] == [
        "bounce+d0000@bounce.xn--bcher-kva.example",
        "bounce+d0001@bounce.xn--bcher-kva.example",
    ]
    with pytest.raises(DeliveryError, match="bounce_domain 'no domain'"):
        SmtpSender(SmtpSettings(bounce_domain="no domain"), None)


@MODES
def test_a_local_part_outside_ascii_goes_where_smtputf8_is_offered(extensions: Sequence[str]) -> None:
    wide = a_reader(0, email="grüße@bücher.example")
    with WireStandin(extensions=(*extensions, "8BITMIME", "SMTPUTF8")) as server:
        outcomes = submit(server, [wide, a_reader(1)])
    assert [outcome.state for outcome in outcomes] == [ACCEPTED, ACCEPTED]
    assert server.commands[0] == "MAIL FROM:<news@herald.example> SMTPUTF8 BODY=8BITMIME"
    assert server.taken[0].recipient == "grüße@xn--bcher-kva.example"
    assert "To: grüße@xn--bcher-kva.example\r\n".encode() in server.taken[0].content
    assert "SMTPUTF8" not in server.commands[server.commands.index(".") + 1]
    with WireStandin(extensions=extensions) as server:
        outcomes = submit(server, [wide, a_reader(1)])
    assert [outcome.state for outcome in outcomes] == [REJECTED, ACCEPTED]
    assert "SMTPUTF8 is not offered" in outcomes[0].detail


def test_the_pace_can_ask_for_fewer_connections() -> None:
    with (
        WireStandin(extensions=PIPELINED) as server,
        SmtpSender(told(server, connections=8), None, most_connections=2).open(a_letter()) as session,
    ):
        assert {one.state for one in session.submit(readers(100), grant)} == {ACCEPTED}
    assert server.connections <= 2


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        ({"CONNECT": ["421 4.3.2 busy"]}, "421 4.3.2 busy"),
        ({"EHLO": ["421 4.3.2 busy", "421 4.3.2 busy"]}, "no connection"),
        ({"CONNECT": [CLOSE]}, "no connection"),
        ({"CONNECT": [RESET]}, "no connection"),
        ({"CONNECT": [HANG]}, "timed out"),
    ],
    ids=["421 banner", "421 EHLO", "closed", "reset", "silent"],
)
def test_a_server_that_can_not_be_had_now_costs_nobody_an_attempt(script: dict[str, list[str]], detail: str) -> None:
    with WireStandin(script=script) as server:
        outcomes = submit(server, readers(3), timeout_seconds=0.3)
    assert [(one.state, one.costs_attempt, one.retry_after_seconds) for one in outcomes] == [(QUEUED, False, 30.0)] * 3
    assert all(detail in one.detail for one in outcomes)


def test_a_greeting_that_refuses_for_good_halts() -> None:
    with WireStandin(script={"CONNECT": ["554 5.7.1 go away"]}) as server, pytest.raises(SubmitHalted, match="go away"):
        submit(server, readers(1))


def test_a_server_stripped_of_starttls_gets_nothing() -> None:
    with WireStandin(extensions=PIPELINED) as server, pytest.raises(SubmitHalted, match="no trusted TLS"):
        submit(server, readers(1), security=Security.STARTTLS)
    assert server.commands == []


@pytest.mark.parametrize("later", ["421 4.3.2 too many", HANG, CLOSE])
def test_what_does_not_open_holds_up_nobody_that_is_open(later: str) -> None:
    with WireStandin(extensions=PIPELINED, script={"CONNECT": ["", later, later, later]}) as server:
        outcomes = submit(server, readers(60), connections=4)
    assert [outcome.state for outcome in outcomes] == [ACCEPTED] * 60


def test_a_server_that_ends_every_connection_is_soon_left_alone() -> None:
    with WireStandin(extensions=PIPELINED, script={"MAIL": [CLOSE] * 99}) as server:
        outcomes = submit(server, readers(40))
    assert [(one.state, one.costs_attempt) for one in outcomes] == [(QUEUED, False)] * 40
    assert server.connections == 5


def test_letters_left_without_an_answer_on_several_connections_halt() -> None:
    outcomes: list[Outcome] = []
    with (
        WireStandin(extensions=PIPELINED, script={"DOT": ["", *[CLOSE] * 99]}) as server,
        SmtpSender(told(server, connections=3), None).open(a_letter()) as session,
        pytest.raises(SubmitHalted, match="3 letters in a row without an answer"),
    ):
        outcomes.extend(session.submit(readers(90), grant))
    told_of = {one.delivery_id for one in outcomes if one.state in (ACCEPTED, UNCERTAIN)}
    assert told_of == {letter.message_id[1:6] for letter in server.taken}, "nothing that may have arrived is kept back"
    assert 3 <= len(server.taken) - 1 <= 5
