"""Storms at the provider: refusals for now, for good and for everybody, resets, and answers that never come."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults.clocks import fake_time, faketime_library
from tests.faults.harness import Installation, ended, many, until
from tests.faults.sinks import CLOSE, HANG, LOSE, SendGridSink, SendGridStage, SmtpSink, Stage
from tests.standins.sendgrid import RESET, Fault

pytestmark = pytest.mark.skipif(
    faketime_library() is None, reason="what is refused waits a minute: apt install faketime"
)
READERS = many(120, 3_000)


def number_of(email: str) -> int:
    return int(email.partition("@")[0].removeprefix("reader"))


def try_once(here: Installation, minutes: int = 0) -> str:
    """Run, so much later, until it ends or all that is left was refused and waits; return what it printed."""
    run = here.start("run", "politics", environment=fake_time(f"+{minutes}m"))
    now = datetime.now(UTC) + timedelta(minutes=minutes)
    until(lambda: run.poll() is not None or is_waiting(here, now))
    run.terminate()
    return ended(run).printed


def is_waiting(here: Installation, now: datetime) -> bool:
    """Return whether the audience is frozen, and all that is left of it is to be tried again after `now`."""
    found = here.ask(
        "SELECT COUNT(*), TOTAL(state IN ('queued', 'submitting')), TOTAL(state = 'queued' AND due_at > ?)"
        " FROM deliveries",
        f"{now:%Y-%m-%d %H:%M:%S}",
    )
    rows, unsettled, refused = found[0]
    return bool(rows) and unsettled == refused


def go_on(here: Installation) -> None:
    """Let a held edition go on, later and later, as an operator would."""
    for minutes in (10, 30, 60):
        if here.status() == "held":
            here.digest("approve", "politics", environment=fake_time(f"+{minutes}m"))
        if here.status() != "done":
            try_once(here, minutes)


class Once:
    """A script that gives each reader the one reply that is meant for them, the first time they come to it."""

    def __init__(self, replies: Callable[[int], tuple[Stage, str] | None]) -> None:
        self._replies = replies
        self._told: set[str] = set()

    def __call__(self, stage: Stage, email: str) -> str:
        wanted = self._replies(number_of(email)) if email else None
        if wanted is None or wanted[0] is not stage or email in self._told:
            return ""
        self._told.add(email)
        return wanted[1]


REFUSALS = {
    1: (Stage.RCPT, "451 4.7.1 greylisted, come back later"),
    2: (Stage.RCPT, "550 5.1.1 no such mailbox"),
    3: (Stage.DATA, "421 4.3.2 going down"),
    4: (Stage.DOT, "452 4.3.1 no room"),
    5: (Stage.BODY, CLOSE),
    6: (Stage.DOT, "554 5.6.0 not this one"),
}


def test_refusals_and_resets_before_the_answer_settle_everyone(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink(Once(lambda number: REFUSALS.get(number % 12))) as sink:
        here = installed(sink, readers=READERS, connections=4, timeout_seconds=5)
        try_once(here)
        go_on(here)
        tally = here.tally(sink)
    tell(tally, runs=READERS // 2)
    # A letter that was wholly in the socket when the connection was reset may have been taken for all we know.
    tally.require(uncertain_at_most=READERS // 12)
    assert tally.states["rejected"] == READERS * 2 // 12
    assert tally.taken == tally.states["accepted"]


LOST_ANSWERS = {10: CLOSE, 30: LOSE, 50: HANG}


def test_answers_that_are_lost_after_the_final_dot_are_uncertain_and_never_asked_for_again(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    script = Once(lambda number: (Stage.DOT, LOST_ANSWERS[number]) if number in LOST_ANSWERS else None)
    with SmtpSink(script) as sink:
        here = installed(sink, readers=READERS, connections=4, timeout_seconds=0.2)
        try_once(here)
        go_on(here)
        tally = here.tally(sink)
    tell(tally, runs=len(LOST_ANSWERS))
    tally.require(uncertain_at_most=len(LOST_ANSWERS))
    assert tally.uncertain == len(LOST_ANSWERS)
    assert tally.taken == READERS - 1


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        (Stage.CONNECT, "421 4.3.2 not now"),
        (Stage.RCPT, "550 5.7.1 policy"),
    ],
    ids=["421-greeting", "550-rcpt"],
)
def test_a_server_that_refuses_everybody_costs_nobody_their_letter(
    stage: Stage, reply: str, installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    with SmtpSink(lambda at, email: reply if at is stage else "") as sink:
        here = installed(sink, readers=60, connections=4)
        try_once(here)
        refused = here.tally(sink)
        assert refused.states == {"queued": 60}
        sink.script = lambda at, email: ""
        go_on(here)
        tally = here.tally(sink)
    tell(tally)
    tally.require()
    assert tally.taken == 60


SENDGRID_STORM: Mapping[int, Fault] = {  # by the number of the request
    3: Fault(429, {"X-RateLimit-Reset": "1"}),
    6: Fault(500),
    9: Fault(413, errors=[(None, "The JSON payload is too large.")]),
    12: Fault(503, takes=True),
    15: RESET,
}
UNTOLD = 3  # of these: 500, 503 and the reset may have been taken


def test_a_storm_at_sendgrid_settles_everyone(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    asked: list[SendGridStage] = []

    def script(stage: SendGridStage) -> Fault | None:
        if stage is not SendGridStage.REQUEST:
            return None
        asked.append(stage)
        return SENDGRID_STORM.get(len(asked))

    with SendGridSink(script) as sink:
        here = installed(sink, readers=READERS, connections=1, personalizations=READERS // 20)
        try_once(here)
        go_on(here)
        tally = here.tally(sink)
    tell(tally, runs=len(SENDGRID_STORM))
    tally.require(uncertain_at_most=UNTOLD * (READERS // 20))
    assert set(tally.states) == {"accepted", "uncertain"}


def test_a_key_that_is_withdrawn_in_mid_edition_holds_it(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    asked: list[SendGridStage] = []

    def script(stage: SendGridStage) -> Fault | None:
        asked.append(stage)
        return Fault(401, errors=[(None, "The provided authorization grant is revoked")]) if len(asked) > 6 else None

    with SendGridSink(script) as sink:
        here = installed(sink, readers=READERS, personalizations=5)
        printed = try_once(here)
        assert (here.status(), "401" in printed) == ("held", True), printed
        here.tally(sink).require(is_settled=False)
        sink.script = lambda stage: None
        go_on(here)
        tally = here.tally(sink)
    tell(tally)
    tally.require()
    assert tally.taken == READERS


def test_a_sendgrid_that_never_answers_is_uncertain_within_its_time_out(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    asked: list[SendGridStage] = []

    def script(stage: SendGridStage) -> Fault | None:
        if stage is SendGridStage.REQUEST:
            asked.append(stage)
        return Fault(hangs=True, takes=True) if stage is SendGridStage.REQUEST and len(asked) == 5 else None

    with SendGridSink(script) as sink:
        here = installed(sink, readers=READERS, connections=1, personalizations=5, timeout_seconds=1)
        try_once(here)
        go_on(here)
        tally = here.tally(sink)
    tell(tally)
    tally.require(uncertain_at_most=5)
    assert tally.uncertain == 5
    assert tally.taken == READERS
