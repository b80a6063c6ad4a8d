"""Processes with another wall clock, by libfaketime."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

__all__ = ["fake_time", "faketime_library"]


def fake_time(told: str) -> Mapping[str, str]:
    """Return the environment in which the wall clock says `told`: "+1h", "@2026-10-25 00:30:05".

    The monotonic clock stays as it is: no clock that is set makes a wait shorter or longer.
    """
    mended = str(Path(__file__).with_name("faketime"))
    return {
        "LD_PRELOAD": str(faketime_library()),
        "FAKETIME": told,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (mended, os.environ.get("PYTHONPATH")))),
        "TZ": "UTC",
    }


def faketime_library() -> Path | None:
    """Return libfaketime where it is installed (Debian's package `faketime`)."""
    return next(iter(sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))), None)
