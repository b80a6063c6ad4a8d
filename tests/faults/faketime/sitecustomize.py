"""Mends `time.sleep` where libfaketime leaves the monotonic clock alone.

CPython sleeps until an absolute moment of that clock (clock_nanosleep, TIMER_ABSTIME), which libfaketime
0.9.10 then refuses with EINVAL. Python imports this by its name, from PYTHONPATH.
"""

import select
import time
from typing import SupportsIndex


def sleep(seconds: float | SupportsIndex, /) -> None:
    select.select([], [], [], float(seconds))


time.sleep = sleep
