"""Pictures of a letter: on a desktop and a phone, light and dark, without its pictures, and in letters twice as large.

Headless Chromium draws them, where there is one; it may be no mail program, but it shows what a theme does.
"""

from __future__ import annotations

import base64
import io
import re
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from digest.inspecting.chromium import Frame, Photograph, photograph

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Rendering", "draw", "enlarged", "without_pictures"]

_DESKTOP_PX, _PHONE_PX = 680, 375
_SOURCE = re.compile(r"(<img\b[^>]*?)\ssrc=(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_TYPE = re.compile(r"(\b(?:font-size|line-height)\s*:\s*)(\d+(?:\.\d+)?)px", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Rendering:
    """One picture of the letter."""

    title: str
    width: int  # of the screen, in pixels
    needed_width: int  # more than that when the letter scrolls sideways
    png: bytes

    @property
    def data_uri(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.png).decode('ascii')}"


def draw(html: str, browser: str, *, online: bool = False) -> tuple[Rendering, ...]:
    """Return the pictures of a letter; none when the browser fails, which it may for reasons of its own."""
    phone, desktop = Frame(html, _PHONE_PX), Frame(html, _DESKTOP_PX)
    bare, large = Frame(without_pictures(html), _PHONE_PX), Frame(enlarged(html), _PHONE_PX)
    try:
        light = photograph(browser, (phone, bare, large, desktop), online=online)
        dark = photograph(browser, (phone, desktop), online=online, is_dark=True)
    except (OSError, subprocess.SubprocessError):
        return ()
    return (
        _rendering("Phone", phone, light[0]),
        _rendering("Phone, dark", phone, dark[0]),
        _rendering("Phone, images off", bare, light[1]),
        _rendering("Phone, text at 200 %", large, light[2]),
        _rendering("Desktop", desktop, light[3]),
        _rendering("Desktop, dark", desktop, dark[1]),
    )


def without_pictures(html: str) -> str:
    """Return a letter whose pictures don't load: their words stand in their places."""
    return _SOURCE.sub(r"\1", html)


def enlarged(html: str, times: float = 2.0) -> str:
    """Return a letter as it is for who asked for larger text: the type grows, its boxes and pictures don't.

    WCAG 2.2 §1.4.4 asks that nothing is lost at twice the size.
    """
    return _TYPE.sub(lambda match: f"{match[1]}{float(match[2]) * times:g}px", html)


def _rendering(title: str, frame: Frame, drawn: Photograph) -> Rendering:
    return Rendering(title, frame.width, drawn.needed_width, _packed(drawn.image))


def _packed(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.quantize(128).save(written, "PNG", optimize=True)
    return written.getvalue()
