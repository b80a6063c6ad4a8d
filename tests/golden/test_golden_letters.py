"""The letters of three invented editions, byte for byte."""

from __future__ import annotations

import pytest

from digest.model import Edition
from digest.render import render, render_terminal
from tests.golden.conftest import Golden
from tests.golden.editions import BARE, FULL, HOSTILE

EDITIONS = pytest.mark.parametrize(
    ("name", "edition"), [("full", FULL), ("bare", BARE), ("hostile", HOSTILE)], ids=["full", "bare", "hostile"]
)


@EDITIONS
def test_letter_is_as_kept(golden: Golden, name: str, edition: Edition) -> None:
    letter = render(edition)

    golden(f"{name}.html", letter.html)
    golden(f"{name}.txt", letter.text)
    golden(f"{name}.headers", "".join(f"{header}: {value}\n" for header, value in letter.headers))


@EDITIONS
def test_terminal_is_as_kept(golden: Golden, name: str, edition: Edition) -> None:
    golden(f"{name}.terminal", render_terminal(edition, width=72, color=False))
