"""The count itself: a test that finds nothing wrong is worth what the count would have seen."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.faults.harness import Installation
from tests.faults.sinks import SmtpSink


def test_the_count_sees_what_is_lost_doubled_or_misstated(installed: Callable[..., Installation]) -> None:
    with SmtpSink() as sink:
        here = installed(sink, readers=20)
        assert here.digest("run", "politics").code == 0
        here.tally(sink).require()

        here.change("UPDATE deliveries SET state = 'queued' WHERE email = 'reader3@example.com'")
        misstated = here.tally(sink)
        here.change("UPDATE editions SET status = 'sending'")
        here.digest("run", "politics")
        doubled = here.tally(sink)
        sink.log = [letter for letter in sink.log if letter.email != "reader7@example.com"]
        lost = here.tally(sink)
        here.change("DELETE FROM deliveries WHERE email = 'reader9@example.com'")
        uneven = here.tally(sink)
    assert (misstated.lost, misstated.doubled, misstated.misstated) == (0, 0, 1)
    assert (doubled.lost, doubled.doubled, doubled.misstated) == (0, 1, 0)
    assert (lost.lost, lost.doubled) == (1, 1)
    for wrong in (misstated, doubled, lost, uneven):
        with pytest.raises(AssertionError):
            wrong.require()
