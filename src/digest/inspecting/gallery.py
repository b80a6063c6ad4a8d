"""Pictures of a letter as a browser shows it: on a desktop and a phone, light and dark, without its pictures.

Headless Chromium draws them, where there is one; it may be no mail program, but it shows what a theme does.
Unless told otherwise it loads nothing but from this machine.
"""

from __future__ import annotations

import base64
import html as entities
import io
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

__all__ = ["Rendering", "draw", "find_browser", "sheet"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_TALL_PX = 9_000
_DESKTOP_PX, _PHONE_PX = 680, 375
_SECONDS = 60
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--virtual-time-budget=4000",
)
_OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1"
_FRAME = '<iframe style="width:{width}px" srcdoc="{letter}"></iframe>'
_SHEET = """<!doctype html><meta charset="utf-8"><style>:root{{color-scheme:{scheme}}}body{{margin:0;white-space:nowrap;
font-size:0}}iframe{{border:0;height:{tall}px;vertical-align:top}}</style>{frames}"""
_SOURCE = re.compile(r"(<img\b[^>]*?)\ssrc=(\"[^\"]*\"|'[^']*')", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendering:
    """One picture of the letter."""

    title: str
    width: int
    png: bytes

    @property
    def data_uri(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


def find_browser() -> str:
    """Return the path of Chromium, "" when there is none."""
    return next((path for name in _BROWSERS if (path := shutil.which(name))), "")


def draw(html: str, browser: str, *, online: bool = False) -> tuple[Rendering, ...]:
    """Return the pictures of a letter; none when the browser fails, which it may for reasons of its own."""
    bare = _SOURCE.sub(r"\1", html)
    light = (("Phone", _PHONE_PX, html), ("Phone, images off", _PHONE_PX, bare), ("Desktop", _DESKTOP_PX, html))
    dark = (("Phone, dark", _PHONE_PX, html), ("Desktop, dark", _DESKTOP_PX, html))
    try:
        first = _renderings(browser, light, online=online)
        second = _renderings(browser, dark, online=online, is_dark=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    phone, bare_phone, desktop = first
    return (phone, second[0], bare_phone, desktop, second[1])


def _renderings(
    browser: str, shots: Sequence[tuple[str, int, str]], *, online: bool, is_dark: bool = False
) -> tuple[Rendering, ...]:
    drawn = sheet(browser, [(width, letter) for _, width, letter in shots], online=online, is_dark=is_dark)
    left, found = 0, []
    for title, width, _ in shots:
        found.append(Rendering(title, width, _trimmed(drawn.crop((left, 0, left + width, drawn.height)))))
        left += width
    return tuple(found)


def sheet(
    browser: str, shots: Sequence[tuple[int, str]], *, online: bool = False, is_dark: bool = False
) -> Image.Image:
    """Draw several letters side by side, each in so many pixels; with white or black below them.

    Raises:
        OSError, subprocess.SubprocessError: the browser fails.
    """
    from PIL import Image

    frames = "".join(_FRAME.format(width=width, letter=entities.escape(letter)) for width, letter in shots)
    wide = sum(width for width, _ in shots)
    with tempfile.TemporaryDirectory() as folder:
        page, picture = Path(folder) / "sheet.html", Path(folder) / "sheet.png"
        page.write_text(
            _SHEET.format(scheme="dark" if is_dark else "light", tall=_TALL_PX, frames=frames),
            "utf-8",
            "xmlcharrefreplace",
        )
        flags = [*_FLAGS, *([] if online else [_OFFLINE]), f"--user-data-dir={folder}/profile"]
        flags.append(f"--window-size={wide},{_TALL_PX}")
        if is_dark:
            flags.append("--blink-settings=preferredColorScheme=0")
        subprocess.run(  # noqa: S603  (a browser that PATH names, with flags of ours)
            [browser, *flags, f"--screenshot={picture}", page.as_uri()],
            check=True,
            capture_output=True,
            timeout=_SECONDS,
        )
        with Image.open(picture) as opened:
            return opened.convert("RGB")


def _trimmed(picture: Image.Image) -> bytes:
    """Return a picture as a small PNG, without the empty paper below the letter."""
    from PIL import Image, ImageChops

    paper = Image.new("RGB", picture.size, picture.getpixel((0, picture.height - 1)))
    box = ImageChops.difference(picture, paper).getbbox()
    shown = picture.crop((0, 0, picture.width, min(picture.height, (box[3] if box else 0) + 24)))
    written = io.BytesIO()
    shown.quantize(128).save(written, "PNG", optimize=True)
    return written.getvalue()
