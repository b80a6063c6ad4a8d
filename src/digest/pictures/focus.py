"""Which part of a picture to keep: the one with most to see, and of equals the one nearest to where eyes look first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["focal_box"]

_LOOKED_AT = 96  # pixels of the longer side: more shows nothing new
_FROM_THE_TOP = 0.35  # of what is cut off in height: heads are above the middle
_PULL = 0.25  # how much nearness to that counts beside the edges


def focal_box(picture: Image, ratio: float) -> tuple[int, int, int, int]:
    """Return (left, top, right, bottom) of the largest part of `picture` with that ratio of width to height.

    It is where most edges are, as in sharp and detailed things; the same picture always gives the same box.
    """
    width, height = picture.size
    if width / height > ratio:
        kept = max(1, round(height * ratio))
        at = _start(_edges(picture, across=True), kept / width, 0.5)
        left = round(at * (width - kept))
        return left, 0, left + kept, height
    kept = max(1, round(width / ratio))
    at = _start(_edges(picture, across=False), kept / height, _FROM_THE_TOP)
    top = round(at * (height - kept))
    return 0, top, width, top + kept


def _edges(picture: Image, *, across: bool) -> list[float]:
    """Return how much there is to see in each column of a small copy, or in each row."""
    from PIL import ImageFilter
    from PIL.Image import Transpose

    small = picture.convert("L")
    small.thumbnail((_LOOKED_AT, _LOOKED_AT))
    found = small.filter(ImageFilter.FIND_EDGES)
    if not across:
        found = found.transpose(Transpose.TRANSPOSE)
    width, height = found.size
    pixels = found.tobytes()
    # The outermost lines are edges of the frame, not of the picture.
    return [
        sum(pixels[row * width + column] for row in range(1, height - 1)) if 0 < column < width - 1 else 0.0
        for column in range(width)
    ]


def _start(edges: list[float], share: float, favoured: float) -> float:
    """Return where to begin, from 0 to 1 of the room there is, so that the part kept has most to see."""
    kept = max(1, min(len(edges), round(len(edges) * share)))
    room = len(edges) - kept
    total = sum(edges)
    if room == 0 or total == 0:
        return favoured
    scores = [
        sum(edges[start : start + kept]) / total - _PULL * abs(start / room - favoured) for start in range(room + 1)
    ]
    best = max(range(room + 1), key=lambda start: (scores[start], -abs(start / room - favoured)))
    return best / room
