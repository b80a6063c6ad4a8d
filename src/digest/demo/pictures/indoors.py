"""A scene indoors: laboratory.

It draws one picture on an empty canvas, in a given light; `dice` varies it, the same each time for the
same dice.
"""

from __future__ import annotations

from random import Random

from digest.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, curve, mix, see_through
from digest.demo.pictures.light import Light

__all__ = ["laboratory"]


def laboratory(canvas: Canvas, light: Light, dice: Random) -> None:
    wall = mix(light.paper, light.cool, 0.32)
    canvas.box(0, 0, WIDTH, HEIGHT, wall)
    _window_on_the_sea(canvas, light, dice)
    for shelf in (150, 262):
        canvas.box(770, shelf, 370, 10, mix(light.gold, light.ink, 0.35))
        x = 786.0
        while x < 1100:
            width, height = dice.uniform(22, 40), dice.uniform(38, 78)
            glass = dice.choice((light.warm, light.cool, light.gold, light.leaf))
            canvas.box(x, shelf - height, width, height, mix(glass, light.paper, 0.25), 5)
            canvas.box(x + width * 0.25, shelf - height - 9, width * 0.5, 11, light.ink)
            canvas.box(x + 3, shelf - height * 0.62, width - 6, height * 0.3, light.paper)
            x += width + dice.uniform(10, 22)
    canvas.box(0, 516, WIDTH, 22, mix(light.gold, light.paper, 0.35))
    canvas.box(0, 538, WIDTH, HEIGHT - 538, mix(light.cool, light.ink, 0.4))
    for panel in range(4):
        canvas.box(24 + panel * 298, 562, 274, 100, mix(light.cool, light.ink, 0.28), 4)
        canvas.box(134 + panel * 298, 580, 54, 7, light.paper, 3)
    _microscope(canvas, light, 300, 516)
    _flask(canvas, light, 560, 516, 1.0, light.warm)
    _flask(canvas, light, 668, 516, 0.72, light.leaf)
    _test_tubes(canvas, light, dice, 770, 516)
    _sample_tank(canvas, light, dice, 1000, 516)


def _window_on_the_sea(canvas: Canvas, light: Light, dice: Random) -> None:
    left, top, width, height = 90.0, 64.0, 600.0, 330.0
    canvas.box(left - 18, top - 18, width + 36, height + 36, light.paper)
    horizon = top + height * 0.68
    for step in range(56):
        share = step / 55
        y = top + (horizon - top) * share
        canvas.box(left, y, width, (horizon - top) / 55 + 1, mix(light.sky_top, light.sky_low, share))
    canvas.disc(left + 150, top + 120, 32, light.sun)
    shore = curve(
        [
            (left, horizon),
            (left + 140, horizon - 44),
            (left + 330, horizon - 12),
            (left + 470, horizon - 58),
            (left + width, horizon - 24),
        ]
    )
    canvas.polygon([*shore, (left + width, horizon), (left, horizon)], light.far)
    canvas.box(left, horizon, width, top + height - horizon, light.sea_low)
    for _ in range(14):
        canvas.box(
            dice.uniform(left, left + width - 90),
            dice.uniform(horizon + 6, top + height - 6),
            70,
            3,
            see_through(light.sea_top, 0.5),
            1,
        )
    for bar in (left + width / 3 - 5, left + width * 2 / 3 - 5):
        canvas.box(bar, top, 10, height, light.paper)
    canvas.box(left, top + height * 0.3, width, 8, light.paper)
    canvas.box(left - 34, top + height + 14, width + 68, 16, mix(light.paper, light.ink, 0.12))


def _microscope(canvas: Canvas, light: Light, x: float, ground: float) -> None:
    body = mix(light.ink, light.cool, 0.2)
    canvas.box(x - 84, ground - 20, 168, 20, body, 8)
    arm = curve([(x + 56, ground - 18), (x + 82, ground - 110), (x + 62, ground - 196), (x + 4, ground - 226)])
    canvas.line(arm, body, 26)
    canvas.box(x - 70, ground - 92, 130, 11, light.ink, 3)
    canvas.line([(x - 22, ground - 122), (x + 14, ground - 238)], light.paper, 34)
    canvas.line([(x - 28, ground - 104), (x - 24, ground - 118)], light.ink, 18)
    canvas.line([(x + 16, ground - 246), (x + 27, ground - 282)], light.ink, 24)
    canvas.disc(x + 70, ground - 120, 19, mix(light.gold, light.ink, 0.15))
    canvas.disc(x + 70, ground - 120, 8, body)
    canvas.box(x - 44, ground - 97, 44, 5, light.lit)


def _flask(canvas: Canvas, light: Light, x: float, ground: float, size: float, liquid: Colour) -> None:
    glass = see_through((255, 255, 255), 0.45)
    neck, shoulder, foot = ground - 168 * size, ground - 104 * size, 62 * size
    canvas.polygon(
        [
            (x - 15 * size, neck),
            (x + 15 * size, neck),
            (x + 15 * size, shoulder),
            (x + foot, ground),
            (x - foot, ground),
            (x - 15 * size, shoulder),
        ],
        glass,
    )
    level, half = ground - 62 * size, 15 * size + (foot - 15 * size) * 42 / 104
    canvas.polygon([(x - half, level), (x + half, level), (x + foot, ground), (x - foot, ground)], liquid)
    canvas.oval(x, level, half, 6 * size, mix(liquid, light.paper, 0.35))
    canvas.box(x - 20 * size, neck - 7 * size, 40 * size, 8 * size, mix(light.paper, light.ink, 0.15), 3)
    for bubble in range(3):
        canvas.disc(
            x - 18 * size + bubble * 16 * size,
            ground - (18 + bubble * 9) * size,
            4 * size,
            see_through(light.paper, 0.6),
        )


def _test_tubes(canvas: Canvas, light: Light, dice: Random, x: float, ground: float) -> None:
    wood = mix(light.gold, light.ink, 0.3)
    for tube in range(5):
        left, level = x + 12 + tube * 26, dice.uniform(30, 78)
        canvas.box(left, ground - 118, 16, 112, see_through((255, 255, 255), 0.6), 8)
        canvas.box(
            left, ground - 6 - level, 16, level, dice.choice((light.warm, light.cool, light.gold, light.leaf)), 8
        )
    canvas.box(x, ground - 84, 148, 12, wood)
    canvas.box(x, ground - 14, 148, 14, wood)
    for side in (0, 138):
        canvas.box(x + side, ground - 84, 10, 84, wood)


def _sample_tank(canvas: Canvas, light: Light, dice: Random, x: float, ground: float) -> None:
    canvas.box(x, ground - 150, 160, 150, see_through((255, 255, 255), 0.5))
    canvas.box(x + 6, ground - 122, 148, 116, mix(light.sea_top, light.cool, 0.35))
    for weed in range(5):
        at = x + 26 + weed * 27
        stem = curve(
            [(at, ground - 8), (at + 7, ground - 40), (at - 6, ground - 70), (at + 4, ground - dice.uniform(84, 108))],
            8,
        )
        canvas.line(stem, mix(light.leaf, light.ink, 0.15 * (weed % 2)), 6)
    canvas.box(x + 6, ground - 16, 148, 10, light.gold)
