"""The demo newspaper's pictures: sixteen scenes drawn by code, each in the light of some hour.

A picture depends on its scene and its slug alone: the slug is the dice that choose the hour, the
side and the details. Drawing takes a tenth of a second and Pillow, which is loaded here.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from random import Random

from digest.demo.pictures import field, indoors, nature, quay, sea, town
from digest.demo.pictures.canvas import HEIGHT, WIDTH, Canvas
from digest.demo.pictures.light import DAWN, DUSK, GREY, MORNING, NIGHT, Light

__all__ = ["HEIGHT", "SCENES", "WIDTH", "draw_picture"]

_BY_DAY = (MORNING, MORNING, DAWN, GREY, DUSK)
_ALWAYS = (*_BY_DAY, NIGHT)

Scene = Callable[[Canvas, Light, Random], None]

SCENES: dict[str, tuple[Scene, tuple[Light, ...]]] = {
    "ferry": (sea.ferry, _ALWAYS),
    "harbour": (sea.harbour, _ALWAYS),
    "lighthouse": (sea.lighthouse, (DAWN, DUSK, NIGHT, MORNING)),
    "council": (town.council, _BY_DAY),
    "turbine": (quay.turbine, (MORNING, DAWN, DUSK, GREY)),
    "market": (town.market, (MORNING, MORNING, DAWN, GREY)),
    "cannery": (quay.cannery, _BY_DAY),
    "laboratory": (indoors.laboratory, (MORNING, DAWN, GREY)),
    "reef": (nature.reef, (MORNING,)),
    "boat-race": (sea.boat_race, (MORNING, DAWN, DUSK)),
    "pitch": (field.pitch, (MORNING, GREY, DUSK, NIGHT)),
    "storm": (nature.storm, (GREY, DUSK, NIGHT)),
    "school": (town.school, (MORNING, MORNING, DAWN, GREY)),
    "crane": (quay.crane, _BY_DAY),
    "night-sky": (nature.night_sky, (NIGHT,)),
    "bridge": (quay.bridge, _ALWAYS),
}


@cache
def draw_picture(scene: str, slug: str) -> bytes:
    """Return a JPEG of 1200 x 675 pixels and at most 60,000 bytes.

    Raises:
        KeyError: `scene` is none of `SCENES`.
    """
    paint, lights = SCENES[scene]
    dice = Random(f"{scene}/{slug}")  # noqa: S311 - it paints, it guards nothing
    canvas = Canvas()
    light = dice.choice(lights)
    mirrored = dice.random() < 0.5
    paint(canvas, light, dice)
    image = canvas.finish(mirrored)
    for quality in (82, 74, 66, 55, 40):
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality, optimize=True, progressive=True)
        if file.tell() <= 60_000:
            break
    return file.getvalue()
