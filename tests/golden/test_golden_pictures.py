"""The same letter as a browser draws it in every theme: from 320 to 1200 pixels, light and dark, without pictures, and
with text at 200 %.

The approved pictures stand in docs/pictures/themes. They are compared where Chromium and the fonts are those that drew
them; elsewhere every letter would differ by its line breaks alone.
"""

from __future__ import annotations

import base64
import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from digest.inspecting.chromium import Frame, find_browser, photograph
from digest.inspecting.gallery import enlarged, without_pictures
from digest.render import render
from tests.golden.editions import FULL

APPROVED = Path(__file__).parents[2] / "docs" / "pictures" / "themes"
MADE_WITH = APPROVED / "made-with.txt"
WIDTHS = (320, 375, 600, 1200)
LARGE_WIDTHS = (320, 600)
BARE_WIDTH = 375
SOURCE = re.compile(r'(<img\b[^>]*?\ssrc=)"[^"]*"')
NOTICED = 72  # of 255, in one colour of a pixel: less is how an edge was smoothed
ALLOWED = 0.0002  # of all pixels: two words of a line


def _browser_and_fonts() -> str:
    """Return what decides how letters are drawn, "" where there is no browser."""
    browser, matcher = find_browser(), shutil.which("fc-match")
    if not browser or matcher is None:
        return ""
    said = subprocess.run([browser, "--version"], capture_output=True, text=True, timeout=60, check=False).stdout
    version = re.search(r"\d+", said)
    fonts = [
        subprocess.run([matcher, family], capture_output=True, text=True, timeout=60, check=False).stdout.strip()
        for family in ("Georgia", "Times New Roman", "Segoe UI", "Roboto", "Helvetica", "Arial", "serif", "sans-serif")
    ]
    return "\n".join([f"Chromium {version[0] if version else '?'}", *fonts]) + "\n"


def _with_pictures(html: str) -> str:
    """Put a picture that is here into the place of each that is elsewhere."""
    written = io.BytesIO()
    Image.linear_gradient("L").resize((320, 180)).save(written, "PNG")
    here = f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode('ascii')}"
    return SOURCE.sub(lambda match: f'{match[1]}"{here}"', html)


def _frames(theme: str, mode: str) -> list[Frame]:
    html = render(FULL, theme).html
    shown = _with_pictures(html)
    if mode == "large":
        return [Frame(enlarged(shown), width) for width in LARGE_WIDTHS]
    return [*(Frame(shown, width) for width in WIDTHS), Frame(without_pictures(html), BARE_WIDTH)]


def _drawn(theme: str, mode: str) -> Image.Image:
    """Return the letter in all its frames, side by side."""
    frames = _frames(theme, mode)
    photographs = photograph(find_browser(), frames, is_dark=mode == "dark")
    too_wide = [(frame.width, each.needed_width) for frame, each in zip(frames, photographs, strict=True)]
    assert all(needed <= width for width, needed in too_wide), f"scrolls sideways: (screen, letter) in {too_wide}"
    pictures = [each.image for each in photographs]
    tall = max(picture.height for picture in pictures)
    side_by_side = Image.new("RGB", (sum(picture.width for picture in pictures), tall), pictures[0].getpixel((0, 0)))
    left = 0
    for picture in pictures:
        side_by_side.paste(picture, (left, 0))
        left += picture.width
    below = Image.new("RGB", side_by_side.size, side_by_side.getpixel((side_by_side.width - 1, tall - 1)))
    box = ImageChops.difference(side_by_side, below).getbbox()
    return side_by_side.crop((0, 0, side_by_side.width, box[3] if box else 1)).quantize(24)


def _share_that_differs(one: Image.Image, other: Image.Image) -> float:
    difference = ImageChops.difference(one.convert("RGB"), other.convert("RGB"))
    strongest = ImageChops.lighter(ImageChops.lighter(*difference.split()[:2]), difference.split()[2])
    return sum(strongest.histogram()[NOTICED:]) / (one.width * one.height)


@pytest.mark.parametrize("mode", ["light", "dark", "large"])
@pytest.mark.parametrize("theme", ["classic", "brief", "plain"])
def test_letter_looks_as_approved(request: pytest.FixtureRequest, tmp_path: Path, theme: str, mode: str) -> None:
    here = _browser_and_fonts()
    if not here:
        pytest.skip("there is no Chromium, or no fc-match to tell its fonts")
    renews = bool(request.config.getoption("--renew-golden", default=False))
    if not renews and here != MADE_WITH.read_text("utf-8"):
        pytest.skip("another Chromium or other fonts than the approved pictures were made with")
    drawn = _drawn(theme, mode)
    kept = APPROVED / f"{theme}-{mode}.png"
    if renews:
        APPROVED.mkdir(parents=True, exist_ok=True)
        MADE_WITH.write_text(here, "utf-8")
        drawn.save(kept, optimize=True)
    with Image.open(kept) as opened:
        approved = opened.convert("RGB")
    drawn.save(tmp_path / kept.name)
    hint = f"compare {tmp_path / kept.name} with {kept}; approve with: pytest -n 0 tests/golden --renew-golden"
    assert drawn.size == approved.size, hint
    assert _share_that_differs(drawn, approved) <= ALLOWED, hint
