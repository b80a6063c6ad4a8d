"""Scenes of work at the water: turbine, crane, cannery, bridge.

Each draws one picture on an empty canvas, in a given light; `dice` varies it, the same each time for the
same dice.
"""

from __future__ import annotations

import math
from random import Random

from digest.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, Point, curve, mix, see_through
from digest.demo.pictures.layers import figure, gulls, hills, ripples, sea, sky, windows, work_boat
from digest.demo.pictures.light import Light

__all__ = ["bridge", "cannery", "crane", "turbine"]


def turbine(canvas: Canvas, light: Light, dice: Random) -> None:
    horizon = 486
    sun_x = sky(canvas, light, dice, horizon)
    hills(canvas, dice, horizon, 38, light.far)
    sea(canvas, light, dice, horizon, sun_x)
    mast = mix(light.paper, light.far, 0.55)
    for number in range(7):
        x, height = 90 + number * 166 + dice.uniform(-24, 24), 128 + dice.uniform(-8, 8)
        _turbine(canvas, (x, horizon + 4), height, dice.uniform(0, 2.1), mast, mix(mast, light.mid, 0.25))
    for x, foot, height in ((470, 520, 270), (dice.uniform(860, 930), 566, 388)):
        canvas.oval(x, foot + 4, height * 0.08, 6, see_through(light.paper, 0.5))
        _turbine(canvas, (x, foot), height, dice.uniform(0, 2.1), light.paper, mix(light.paper, light.mid, 0.35))
        canvas.box(x - height * 0.028, foot - height * 0.075, height * 0.056, height * 0.08, light.gold)
        canvas.box(x - height * 0.05, foot - height * 0.085, height * 0.10, 4, light.ink)
    work_boat(canvas, light, dice.uniform(620, 690), 600, 150, light.warm)
    gulls(canvas, light, dice, 4, 240, 300)


def _turbine(canvas: Canvas, foot: Point, height: float, turn: float, fill: Colour, shade: Colour) -> None:
    x, y = foot
    hub, blade = y - height, height * 0.50
    canvas.polygon(
        [(x - height * 0.011, hub), (x + height * 0.011, hub), (x + height * 0.022, y), (x - height * 0.022, y)], fill
    )
    canvas.polygon(
        [(x + height * 0.003, hub), (x + height * 0.011, hub), (x + height * 0.022, y), (x + height * 0.006, y)], shade
    )
    for number in range(3):
        angle = turn + number * 2 * math.pi / 3
        along, across = (math.cos(angle), math.sin(angle)), (-math.sin(angle), math.cos(angle))

        def at(reach: float, side: float, along: Point = along, across: Point = across) -> Point:
            return (
                x + (reach * along[0] + side * across[0]) * blade,
                hub + (reach * along[1] + side * across[1]) * blade,
            )

        canvas.polygon(
            [at(0, -0.016), at(0.16, -0.042), at(1, -0.004), at(1, 0.004), at(0.12, 0.018), at(0, 0.016)], fill
        )
    canvas.disc(x, hub, height * 0.024, fill)
    canvas.disc(x, hub, height * 0.010, shade)


def crane(canvas: Canvas, light: Light, dice: Random) -> None:
    water = 540
    sun_x = sky(canvas, light, dice, water - 80)
    hills(canvas, dice, water - 78, 90, light.far)
    sea(canvas, light, dice, water - 80, sun_x)
    boxes = [
        light.warm,
        light.cool,
        light.gold,
        light.leaf,
        mix(light.paper, light.mid, 0.3),
        mix(light.warm, light.ink, 0.3),
    ]
    _container_ship(canvas, light, dice, water, boxes)
    canvas.reflect(water, 90, 0.3)
    _gantry(canvas, light, 300 + dice.uniform(-20, 20), 596, 1.0, light.warm)
    _gantry(canvas, light, 800 + dice.uniform(-20, 20), 596, 0.86, mix(light.cool, light.ink, 0.1))
    canvas.box(0, 596, WIDTH, HEIGHT - 596, mix(light.near, light.ink, 0.45))
    canvas.box(0, 596, WIDTH, 7, mix(light.paper, light.mid, 0.5))
    for stack in range(9):
        if stack in (2, 6):
            continue
        for level in range(dice.randint(1, 2)):
            _container(canvas, light, 16 + stack * 134, 634 - level * 38, dice.choice(boxes))
    gulls(canvas, light, dice, 4, 620, 110)


def _container(
    canvas: Canvas, light: Light, x: float, y: float, fill: Colour, width: float = 122, height: float = 38
) -> None:
    canvas.box(x, y, width, height - 1, fill)
    canvas.box(x, y, width, height * 0.1, mix(fill, light.paper, 0.3))
    for rib in range(1, 10):
        canvas.line(
            [(x + rib * width / 10, y + height * 0.18), (x + rib * width / 10, y + height * 0.86)],
            mix(fill, light.ink, 0.22),
            width * 0.014,
        )


def _container_ship(canvas: Canvas, light: Light, dice: Random, water: float, boxes: list[Colour]) -> None:
    for column in range(14):
        for level in range(dice.randint(2, 4)):
            canvas.box(250 + column * 52, water - 88 - level * 25, 49, 24, mix(dice.choice(boxes), light.far, 0.2))
    canvas.box(1002, water - 222, 78, 140, light.paper)
    canvas.box(990, water - 226, 102, 14, mix(light.paper, light.ink, 0.15))
    windows(canvas, (1010, 16, 4), (water - 200, 28, 4), (10, 12), light.lit)
    canvas.box(1036, water - 262, 22, 38, light.warm)
    canvas.polygon(
        [(176, water - 76), (1120, water - 64), (1106, water), (214, water)], mix(light.cool, light.ink, 0.55)
    )
    canvas.polygon([(205, water - 14), (1109, water - 14), (1106, water), (214, water)], light.warm)


def _gantry(canvas: Canvas, light: Light, x: float, ground: float, size: float, fill: Colour) -> None:
    """Draw a quay crane on four legs, its jib out over the ship on the right."""
    top, leg = ground - 330 * size, 96 * size
    dark = mix(fill, light.ink, 0.3)
    for side, tone in ((-1, dark), (1, fill)):
        canvas.line([(x + side * leg, ground), (x + side * leg * 0.82, top)], tone, 13 * size)
    for height in (0.34, 0.7):
        y = ground - (ground - top) * height
        canvas.line([(x - leg * 0.95, y), (x + leg * 0.95, y)], fill, 9 * size)
    canvas.line(
        [(x - leg * 0.94, ground - (ground - top) * 0.34), (x + leg * 0.86, ground - (ground - top) * 0.7)],
        dark,
        5 * size,
    )
    canvas.line([(x - 190 * size, top), (x + 330 * size, top)], fill, 15 * size)
    peak = (x + 10 * size, top - 112 * size)
    canvas.line([(x - leg * 0.7, top), peak, (x + leg * 0.7, top)], fill, 9 * size)
    for reach in (-180, 190, 320):
        canvas.line([peak, (x + reach * size, top - 4)], light.ink, 2.2 * size)
    canvas.box(x - 176 * size, top - 36 * size, 76 * size, 34 * size, mix(light.paper, light.mid, 0.25))
    trolley = x + 216 * size
    canvas.box(trolley - 18 * size, top + 6 * size, 36 * size, 16 * size, light.ink)
    for side in (-14, 14):
        canvas.line(
            [(trolley + side * size, top + 20 * size), (trolley + side * size, top + 112 * size)], light.ink, 1.6
        )
    _container(canvas, light, trolley - 46 * size, top + 112 * size, light.gold, 92 * size, 32 * size)


def cannery(canvas: Canvas, light: Light, dice: Random) -> None:
    water = 500
    sun_x = sky(canvas, light, dice, water - 40)
    hills(canvas, dice, water - 40, 150, light.far)
    hills(canvas, dice, water - 40, 80, light.mid)
    sea(canvas, light, dice, water - 40, sun_x)
    left = dice.uniform(150, 210)
    _cannery_chimney(canvas, light, left + 610)
    _cannery_hall(canvas, light, left)
    for pile in range(15):
        canvas.box(left - 60 + pile * 66, 462, 14, 60, mix(light.ink, light.mid, 0.12))
    canvas.box(left - 80, 448, 960, 18, mix(light.ink, light.gold, 0.25))
    for crate in range(5):
        canvas.box(
            left + 740 + (crate % 3) * 40,
            416 - (crate // 3) * 32,
            36,
            31,
            mix(light.gold, light.ink, 0.12 * (crate % 2)),
        )
    figure(canvas, light, left + 690, 449, 70, light.gold)
    canvas.reflect(522, 150, 0.4)
    work_boat(canvas, light, dice.uniform(270, 380), 600, 230, light.cool)
    ripples(canvas, light, dice, 530, 18)
    gulls(canvas, light, dice, 5, left + 330, 130)


def _cannery_chimney(canvas: Canvas, light: Light, x: float) -> None:
    for puff in range(7):
        opacity = 0.42 - puff * 0.045
        canvas.oval(x + 20 + puff * 46, 74 - puff * 9, 30 + puff * 9, 17 + puff * 3, see_through(light.paper, opacity))
    brick = mix(light.warm, light.ink, 0.34)
    canvas.polygon([(x - 20, 90), (x + 20, 90), (x + 30, 300), (x - 30, 300)], brick)
    canvas.box(x - 25, 86, 50, 13, light.ink)


def _cannery_hall(canvas: Canvas, light: Light, left: float) -> None:
    """Draw a brick hall 720 wide under a sawtooth roof, with a sign, windows and two doors."""
    brick, door = mix(light.warm, light.ink, 0.18), mix(light.cool, light.ink, 0.3)
    for tooth in range(4):
        x = left + tooth * 180
        canvas.polygon([(x, 262), (x + 52, 196), (x + 180, 262)], mix(light.ink, light.mid, 0.35))
        canvas.polygon([(x + 5, 258), (x + 50, 203), (x + 50, 258)], light.lit)
    canvas.box(left, 260, 720, 190, brick)
    canvas.box(left, 260, 720, 8, mix(brick, light.paper, 0.35))
    canvas.box(left + 700, 260, 20, 190, mix(brick, light.ink, 0.22))
    windows(canvas, (left + 36, 62, 5), (372, 1, 1), (38, 46), light.lit)
    windows(canvas, (left + 54, 62, 5), (372, 1, 1), (3, 46), brick)
    _fish_sign(canvas, light, left + 190, 316)
    for x in (left + 400, left + 540):
        canvas.box(x, 352, 104, 98, door)
        for y in range(368, 448, 16):
            canvas.line([(x, y), (x + 104, y)], mix(light.cool, light.paper, 0.15), 1.5)


def _fish_sign(canvas: Canvas, light: Light, x: float, y: float) -> None:
    canvas.box(x - 130, y - 34, 260, 62, light.paper, 6)
    upper = curve([(x - 84, y - 3), (x - 30, y - 24), (x + 40, y - 14), (x + 70, y - 3)])
    lower = curve([(x + 70, y - 3), (x + 40, y + 10), (x - 30, y + 19), (x - 84, y - 3)])
    canvas.polygon(upper + lower, light.cool)
    canvas.polygon([(x + 58, y - 3), (x + 98, y - 25), (x + 88, y - 3), (x + 98, y + 19)], light.cool)
    canvas.disc(x - 58, y - 6, 4, light.paper)


def bridge(canvas: Canvas, light: Light, dice: Random) -> None:
    water, deck = 500, 408
    sun_x = sky(canvas, light, dice, water)
    hills(canvas, dice, water, 190, light.far)
    hills(canvas, dice, water, 100, light.mid)
    for _ in range(34):
        x, height = dice.choice((dice.uniform(0, 260), dice.uniform(940, 1180))), dice.uniform(18, 54)
        canvas.box(x, water - height, 26, height, mix(light.near, light.mid, dice.random() * 0.6))
        canvas.box(x + 8, water - height + 8, 5, 7, light.lit)
    sea(canvas, light, dice, water, sun_x)
    steel = mix(light.warm, light.ink, 0.12)
    towers = (dice.uniform(340, 380), dice.uniform(820, 860))
    for tower in towers:
        for reach in range(1, 10):
            for side in (-1, 1):
                canvas.line(
                    [(tower, 122 + reach * 9), (tower + side * reach * 26, deck)],
                    see_through(light.ink if not light.is_night else light.paper, 0.75),
                    1.8,
                )
    canvas.polygon(
        [(-10, deck + 8), (600, deck - 6), (1210, deck + 8), (1210, deck + 26), (600, deck + 12), (-10, deck + 26)],
        light.ink,
    )
    canvas.line(curve([(-10, deck + 8), (600, deck - 6), (1210, deck + 8)]), mix(light.paper, light.mid, 0.3), 3)
    for tower in towers:
        canvas.polygon(
            [
                (tower - 11, 104),
                (tower + 11, 104),
                (tower + 30, water + 4),
                (tower + 10, water + 4),
                (tower, 300),
                (tower - 10, water + 4),
                (tower - 30, water + 4),
            ],
            steel,
        )
        canvas.box(tower - 26, deck + 14, 52, 10, steel)
        canvas.oval(tower, water + 5, 52, 9, mix(light.ink, light.mid, 0.3))
    _cars(canvas, light, dice, deck)
    canvas.reflect(water + 8, 160, 0.38)
    ripples(canvas, light, dice, water + 20, 18)
    work_boat(canvas, light, dice.uniform(560, 640), 590, 130, light.cool)
    gulls(canvas, light, dice, 4, 600, 200)


def _cars(canvas: Canvas, light: Light, dice: Random, deck: float) -> None:
    for car in range(9):
        x = 60 + car * 128 + dice.uniform(-36, 36)
        y = deck - 6 + 14 * abs(x - 600) / 610
        canvas.box(x, y - 11, 30, 10, dice.choice((light.paper, light.gold, light.cool)), 3)
        canvas.box(x + 6, y - 18, 17, 9, mix(light.paper, light.ink, 0.4), 3)
