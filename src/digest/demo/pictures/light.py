"""The hours of the day as colours: each picture is drawn in the light of one.

A scene names the colour by what it does (`near` land, a `lit` window), so that every scene can stand
in every light and the pictures of one paper look like one hand's.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest.demo.pictures.canvas import Colour, rgb

__all__ = ["DAWN", "DUSK", "GREY", "MORNING", "NIGHT", "Light"]


@dataclass(frozen=True, slots=True)
class Light:
    """A palette. Land goes from `far` to `near`; `ink` is the darkest colour, `paper` the lightest."""

    sky_top: Colour
    sky_low: Colour
    sun: Colour
    sun_height: float  # of the disc over the horizon, in units
    far: Colour
    mid: Colour
    near: Colour
    sea_top: Colour
    sea_low: Colour
    ink: Colour
    paper: Colour
    warm: Colour
    cool: Colour
    gold: Colour
    leaf: Colour
    lit: Colour  # windows and lamps
    lamps_on: bool = False
    is_night: bool = False


MORNING = Light(
    sky_top=rgb("#7fb0c6"),
    sky_low=rgb("#f5ead6"),
    sun=rgb("#fff6de"),
    sun_height=190,
    far=rgb("#a9c1c6"),
    mid=rgb("#7fa1a8"),
    near=rgb("#4b717a"),
    sea_top=rgb("#a5c8cd"),
    sea_low=rgb("#3a7280"),
    ink=rgb("#1d3440"),
    paper=rgb("#f6f1e6"),
    warm=rgb("#c4533b"),
    cool=rgb("#2c6c85"),
    gold=rgb("#dda344"),
    leaf=rgb("#5f8a66"),
    lit=rgb("#4f7f92"),
)
DAWN = Light(
    sky_top=rgb("#7188ad"),
    sky_low=rgb("#f8cfae"),
    sun=rgb("#ffe9c6"),
    sun_height=70,
    far=rgb("#c0a6b1"),
    mid=rgb("#8a7d94"),
    near=rgb("#525875"),
    sea_top=rgb("#e3bba9"),
    sea_low=rgb("#4a5f82"),
    ink=rgb("#242b45"),
    paper=rgb("#f9ecdf"),
    warm=rgb("#c65748"),
    cool=rgb("#3e6388"),
    gold=rgb("#e0a054"),
    leaf=rgb("#6a7f72"),
    lit=rgb("#ffd68a"),
    lamps_on=True,
)
GREY = Light(
    sky_top=rgb("#93a8b2"),
    sky_low=rgb("#e3e7e3"),
    sun=rgb("#f1f3ef"),
    sun_height=160,
    far=rgb("#b3c2c5"),
    mid=rgb("#8aa0a5"),
    near=rgb("#566e77"),
    sea_top=rgb("#b2c3c6"),
    sea_low=rgb("#496872"),
    ink=rgb("#22333b"),
    paper=rgb("#f1f0e8"),
    warm=rgb("#b5523b"),
    cool=rgb("#356678"),
    gold=rgb("#d0a04c"),
    leaf=rgb("#668069"),
    lit=rgb("#e9bb5c"),
    lamps_on=True,
)
DUSK = Light(
    sky_top=rgb("#3a4a76"),
    sky_low=rgb("#f3ab74"),
    sun=rgb("#ffd795"),
    sun_height=42,
    far=rgb("#94789a"),
    mid=rgb("#625986"),
    near=rgb("#383d66"),
    sea_top=rgb("#dd9674"),
    sea_low=rgb("#2e3b66"),
    ink=rgb("#1a1f3b"),
    paper=rgb("#ecd9cb"),
    warm=rgb("#d05d3f"),
    cool=rgb("#37598b"),
    gold=rgb("#e6a24c"),
    leaf=rgb("#4f5f6d"),
    lit=rgb("#ffcb66"),
    lamps_on=True,
)
NIGHT = Light(
    sky_top=rgb("#0d1932"),
    sky_low=rgb("#33506f"),
    sun=rgb("#f5edd4"),
    sun_height=260,
    far=rgb("#29465f"),
    mid=rgb("#1c344f"),
    near=rgb("#13263d"),
    sea_top=rgb("#33526f"),
    sea_low=rgb("#0f2139"),
    ink=rgb("#0a1425"),
    paper=rgb("#b3bfc8"),
    warm=rgb("#a8523f"),
    cool=rgb("#2d5b7e"),
    gold=rgb("#c08e48"),
    leaf=rgb("#2d4a4b"),
    lit=rgb("#ffd680"),
    lamps_on=True,
    is_night=True,
)
