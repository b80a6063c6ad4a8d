"""A canvas of 1200 x 675 units to draw flat shapes on, with smooth edges.

It knows shapes and colours; what a ferry looks like, and at which hour, is for the scenes. Drawn at
twice the size and then halved, which is the whole of the smoothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from PIL import Image, ImageDraw

__all__ = ["HEIGHT", "WIDTH", "Canvas", "Colour", "Point", "curve", "mix", "rgb", "see_through"]

WIDTH, HEIGHT = 1200, 675
_SCALE = 2

Colour = tuple[int, ...]  # red, green, blue and perhaps opacity, each 0 to 255
Point = tuple[float, float]


def rgb(code: str) -> Colour:
    """Return the colour of a code such as "#1f3540"."""
    return tuple(bytes.fromhex(code.removeprefix("#")))


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Return `one` with `share` (0 to 1) of `other` in it."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one[:3], other[:3], strict=True))


def see_through(colour: Colour, opacity: float) -> Colour:
    return (*colour[:3], round(255 * opacity))


def curve(points: Sequence[Point], steps: int = 12) -> list[Point]:
    """Return a smooth line through `points` (a Catmull-Rom spline), ends included."""
    line: list[Point] = []
    for i in range(len(points) - 1):
        before, start, end = points[max(i - 1, 0)], points[i], points[i + 1]
        after = points[min(i + 2, len(points) - 1)]
        for step in range(steps):
            t = step / steps
            line.append(
                (_spline(before[0], start[0], end[0], after[0], t), _spline(before[1], start[1], end[1], after[1], t))
            )
    return [*line, points[-1]]


def _spline(p0: float, p1: float, p2: float, p3: float, t: float) -> float:
    return 0.5 * (2 * p1 + (p2 - p0) * t + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t**2 + (3 * p1 - p0 - 3 * p2 + p3) * t**3)


class Canvas:
    """Shapes are drawn over what is there; a colour with opacity lets it show through."""

    def __init__(self) -> None:
        self._image = Image.new("RGB", (WIDTH * _SCALE, HEIGHT * _SCALE))
        self._pen = ImageDraw.Draw(self._image, "RGBA")

    def gradient(self, top: float, bottom: float, upper: Colour, lower: Colour) -> None:
        """Fill the whole width from `top` to `bottom` with a change of colour."""
        rows = round((bottom - top) * _SCALE)
        column = Image.new("RGB", (1, rows))
        column.putdata([mix(upper, lower, row / max(rows - 1, 1)) for row in range(rows)])
        self._image.paste(column.resize((WIDTH * _SCALE, rows)), (0, round(top * _SCALE)))

    def polygon(self, points: Iterable[Point], fill: Colour) -> None:
        self._pen.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=fill)

    def box(self, x: float, y: float, width: float, height: float, fill: Colour, radius: float = 0) -> None:
        corners = (x * _SCALE, y * _SCALE, (x + width) * _SCALE - 1, (y + height) * _SCALE - 1)
        if radius:
            self._pen.rounded_rectangle(corners, radius * _SCALE, fill=fill)
        else:
            self._pen.rectangle(corners, fill=fill)

    def oval(self, x: float, y: float, radius_x: float, radius_y: float, fill: Colour) -> None:
        """Fill an oval about its middle, `x` and `y`."""
        left, top, right, bottom = (x - radius_x), (y - radius_y), (x + radius_x), (y + radius_y)
        self._pen.ellipse((left * _SCALE, top * _SCALE, right * _SCALE, bottom * _SCALE), fill=fill)

    def disc(self, x: float, y: float, radius: float, fill: Colour) -> None:
        self.oval(x, y, radius, radius, fill)

    def half_disc(self, x: float, y: float, radius_x: float, radius_y: float, fill: Colour) -> None:
        """Fill the upper half of an oval that stands on `y`."""
        around = [math.pi + math.pi * step / 32 for step in range(33)]
        self.polygon([(x + radius_x * math.cos(a), y + radius_y * math.sin(a)) for a in around], fill)

    def line(self, points: Iterable[Point], fill: Colour, width: float) -> None:
        """Draw a line with rounded joints; thick ones get rounded ends too."""
        scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
        self._pen.line(scaled, fill=fill, width=max(1, round(width * _SCALE)), joint="curve")
        if width >= 4 and len(fill) == 3:
            reach = width * _SCALE / 2 - 0.5
            for x, y in (scaled[0], scaled[-1]):
                self._pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=fill)

    def reflect(self, water: float, depth: float, strength: float) -> None:
        """Mirror what stands above the line `water` into the `depth` units below it."""
        height = round(depth * _SCALE)
        edge = round(water * _SCALE)
        width = WIDTH * _SCALE
        above = self._image.crop((0, edge - height, width, edge)).transpose(Image.Transpose.FLIP_TOP_BOTTOM)
        fading = Image.new("L", (1, height))
        fading.putdata([round(255 * strength * (1 - row / height)) for row in range(height)])
        self._image.paste(above, (0, edge), fading.resize((width, height)))

    def finish(self, mirrored: bool) -> Image.Image:
        picture = self._image.reduce(_SCALE)
        return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else picture
