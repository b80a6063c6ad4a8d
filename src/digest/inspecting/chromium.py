"""Headless Chromium: letters as it draws them, each in a frame of its own width, and pages as scripts leave them.

Judges nothing. Chromium refuses windows narrower than 500 pixels, so letters stand in frames side by side and are cut
out. It starts twice: to ask how tall and wide each letter is, and to draw them. Unless told otherwise it loads nothing
but from this machine.
"""

from __future__ import annotations

import html as entities
import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Frame", "Photograph", "find_browser", "photograph", "settled"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_SECONDS = 120
_LEAST_WIDE_PX = 500
_MOST_TALL_PX = 16_000  # device pixels; the compositor draws nothing beyond 16,384
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=5000",
)
_OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
_PAGE = """<!doctype html><meta charset="utf-8">{base}<style>:root{{color-scheme:{scheme}}}
body{{margin:0;white-space:nowrap;font-size:0}}iframe{{border:0;height:{tall}px;vertical-align:top}}</style>{frames}"""
_FRAME = """<iframe style="width:{width}px" srcdoc="{letter}" onload="var d=this.contentDocument.documentElement;
this.dataset.size=d.scrollWidth+'x'+d.scrollHeight"></iframe>"""
_SIZE = re.compile(r'data-size="(\d+)x(\d+)"')


@dataclass(frozen=True, slots=True)
class Frame:
    """A letter, and the width of the screen that shows it, in CSS pixels."""

    html: str
    width: int


@dataclass(frozen=True, slots=True)
class Photograph:
    """What a frame shows from the letter's first line to its last."""

    image: Image.Image  # RGB, device pixels
    needed_width: int  # CSS pixels; more than the frame's when the letter scrolls sideways


def find_browser() -> str:
    """Return the path of Chromium, "" when there is none."""
    return next((path for name in _BROWSERS if (path := shutil.which(name))), "")


def photograph(
    browser: str,
    frames: Sequence[Frame],
    *,
    is_dark: bool = False,
    online: bool = False,
    base: str = "",
    scale: float = 1.0,
    most_px: int = 0,
) -> tuple[Photograph, ...]:
    """Draw letters, in the order of `frames`.

    Args:
        browser: the path of Chromium.
        frames: the letters.
        is_dark: whether readers asked for dark pages.
        online: whether what is not on this machine may be loaded.
        base: the address that relative ones in the letters lean on.
        scale: device pixels per CSS pixel.
        most_px: what is below so many CSS pixels is left out; 0 for none.

    Raises:
        OSError, subprocess.SubprocessError: the browser fails.
    """
    from PIL import Image

    flags = [f"--force-device-scale-factor={scale:g}", *_flags(is_dark=is_dark, online=online)]
    most = min(most_px or _MOST_TALL_PX, int(_MOST_TALL_PX / scale))
    wide = max(sum(frame.width for frame in frames), _LEAST_WIDE_PX)

    def run(tall: int, *more: str) -> str:
        window = f"--window-size={wide},{max(tall, 100)}"
        return _run(browser, _page(frames, tall, base, is_dark=is_dark), *flags, window, *more)

    sizes = [(int(width), int(height)) for width, height in _SIZE.findall(run(1, "--dump-dom"))]
    if len(sizes) != len(frames):
        raise OSError(f"{browser}: told the sizes of {len(sizes)} of {len(frames)} letters.")
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "page.png"
        run(min(most, max(height for _, height in sizes)), f"--screenshot={picture}")
        with Image.open(picture) as opened:
            drawn = opened.convert("RGB")
    return tuple(_cut(drawn, frames, sizes, scale, most))


def settled(browser: str, html: str, *, is_dark: bool = False) -> str:
    """Return a page's HTML as it stands once its scripts have run; nothing from elsewhere is loaded.

    Raises:
        OSError, subprocess.SubprocessError: the browser fails.
    """
    return _run(browser, html, *_flags(is_dark=is_dark, online=False), "--window-size=680,2000", "--dump-dom")


def _flags(*, is_dark: bool, online: bool) -> tuple[str, ...]:
    dark = ("--blink-settings=preferredColorScheme=0",) if is_dark else ()
    return (*_FLAGS, *dark, *(() if online else (_OFFLINE,)))


def _run(browser: str, html: str, *flags: str) -> str:
    """Start the browser on a page, with a profile of its own; return what it prints."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        page.write_text(html, "utf-8", "xmlcharrefreplace")
        command = [browser, *flags, f"--user-data-dir={folder}/profile", page.as_uri()]
        done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=_SECONDS)  # noqa: S603  (a browser that PATH names, with our own flags)
    return done.stdout


def _page(frames: Sequence[Frame], tall: int, base: str, *, is_dark: bool) -> str:
    shown = "".join(_FRAME.format(width=frame.width, letter=entities.escape(frame.html)) for frame in frames)
    based = f'<base href="{entities.escape(base)}">' if base else ""
    return _PAGE.format(base=based, scheme="dark" if is_dark else "light", tall=tall, frames=shown)


def _cut(
    drawn: Image.Image, frames: Sequence[Frame], sizes: Sequence[tuple[int, int]], scale: float, most: int
) -> list[Photograph]:
    left, found = 0, []
    for frame, (needed, height) in zip(frames, sizes, strict=True):
        right = left + frame.width
        box = (round(left * scale), 0, round(right * scale), round(min(height, most) * scale))
        found.append(Photograph(drawn.crop(box), needed))
        left = right
    return found
