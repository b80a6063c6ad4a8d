"""The letters of five invented editions, byte for byte, and four of them in every theme."""

from __future__ import annotations

import pytest

from digest.model import Edition
from digest.render import render, render_terminal
from tests.golden.conftest import Golden
from tests.golden.editions import ARABIC, BARE, COMBINED, FULL, GERMAN, HOSTILE

ALL = {"full": FULL, "bare": BARE, "german": GERMAN, "arabic": ARABIC, "hostile": HOSTILE}
EDITIONS = pytest.mark.parametrize(("name", "edition"), list(ALL.items()), ids=list(ALL))


@EDITIONS
def test_letter_is_as_kept(golden: Golden, name: str, edition: Edition) -> None:
    letter = render(edition)

    golden(f"{name}.html", letter.html)
    golden(f"{name}.txt", letter.text)
    golden(f"{name}.headers", "".join(f"{header}: {value}\n" for header, value in letter.headers))


@EDITIONS
def test_terminal_is_as_kept(golden: Golden, name: str, edition: Edition) -> None:
    golden(f"{name}.terminal", render_terminal(edition, width=72, color=False))


@pytest.mark.parametrize("theme", ["brief", "plain"])
@pytest.mark.parametrize("name", ["full", "german", "arabic", "hostile"])
def test_letter_in_the_other_themes_is_as_kept(golden: Golden, name: str, theme: str) -> None:
    golden(f"{name}.{theme}.html", render(ALL[name], theme).html)


@pytest.mark.parametrize("theme", ["classic", "brief", "plain"])
def test_letter_of_two_sections_is_as_kept(golden: Golden, theme: str) -> None:
    letter = render(COMBINED, theme)

    golden(f"combined.{theme}.html", letter.html)
    if theme == "classic":
        golden("combined.txt", letter.text)
        golden("combined.headers", "".join(f"{header}: {value}\n" for header, value in letter.headers))
