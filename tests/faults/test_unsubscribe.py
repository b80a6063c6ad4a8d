"""Whoever leaves in mid-delivery gets nothing any more, beyond what is in flight."""

from __future__ import annotations

import threading
from collections.abc import Callable

from tests.faults.harness import Installation, ended, until
from tests.faults.sinks import SmtpSink
from tests.faults.test_store import At

READERS = 300
LEAVING = ("reader298@example.com", "reader299@example.com")


def test_whoever_unsubscribes_in_mid_delivery_is_withdrawn(
    installed: Callable[..., Installation], tell: Callable[..., None]
) -> None:
    arrived, may_go_on = threading.Event(), threading.Event()

    def stand_still() -> None:
        arrived.set()
        may_go_on.wait(30)

    with SmtpSink(At(20, stand_still)) as sink:
        here = installed(sink, readers=READERS, connections=5)
        run = here.start("run", "politics")
        until(arrived.is_set)
        try:
            for email in LEAVING:
                assert here.digest("subscribers", "remove", email, "--section", "politics").code == 0
        finally:
            may_go_on.set()
        ended(run)
        tally = here.tally(sink)
    tell(tally)
    tally.require()
    assert tally.states == {"accepted": READERS - 2, "withdrawn": 2}
    assert not {letter.email for letter in sink.log} & set(LEAVING)
