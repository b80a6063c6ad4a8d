"""The demo's letter in a real browser: it never scrolls sideways, and its dark twin is dark."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import Project

SCREENSHOTS = Path(__file__).parents[2] / "scripts" / "screenshots"

pytestmark = pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no chromium here")


def test_the_letter_fits_a_small_phone_and_is_dark_in_the_dark(project: Project) -> None:
    project.digest("run", "politics")
    letter = next(project.folder.rglob("letter.html"))
    shots = ["--shot", "narrow=320", "--shot", "dark=320:dark"]
    done = subprocess.run(
        [sys.executable, str(SCREENSHOTS), str(letter), str(project.folder / "shot"), *shots],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert "scrolls sideways" not in done.stdout
    corner = {name: pixel(project.folder / f"shot-{name}.png") for name in ("narrow", "dark")}
    assert min(corner["narrow"]) > 240
    assert max(corner["dark"]) < 40


def pixel(path: Path) -> tuple[int, ...]:
    with Image.open(path) as image:
        colour = image.convert("RGB").getpixel((2, 2))
    assert isinstance(colour, tuple)
    return tuple(int(part) for part in colour)
