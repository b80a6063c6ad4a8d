"""A scene on the field: pitch.

It draws one picture on an empty canvas, in a given light; `dice` varies it, the same each time for the
same dice.
"""

from __future__ import annotations

import math
from random import Random

from digest.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, mix, see_through
from digest.demo.pictures.layers import hills, sky
from digest.demo.pictures.light import Light

__all__ = ["pitch"]


def pitch(canvas: Canvas, light: Light, dice: Random) -> None:
    far = 330
    sky(canvas, light, dice, far)
    hills(canvas, dice, far, 190, light.far)
    _stand(canvas, light, dice, far)
    grass = mix(light.leaf, (70, 140, 80), 0.35 if not light.is_night else 0.15)
    canvas.box(0, far, WIDTH, HEIGHT - far, grass)
    for stripe in range(-8, 8, 2):
        canvas.polygon(
            [
                (600 + stripe * 90, far),
                (600 + (stripe + 1) * 90, far),
                (600 + (stripe + 1) * 210, HEIGHT),
                (600 + stripe * 210, HEIGHT),
            ],
            mix(grass, light.paper, 0.10),
        )
    chalk = mix(light.paper, grass, 0.12)
    canvas.line([(-10, far + 16), (WIDTH + 10, far + 16)], chalk, 3)
    canvas.line([(216, far + 16), (96, 520), (1104, 520), (984, far + 16)], chalk, 4)
    canvas.line([(410, far + 16), (370, 402), (830, 402), (790, far + 16)], chalk, 3)
    canvas.oval(600, 452, 9, 4, chalk)
    canvas.line(
        [(600 + 150 * math.cos(a / 16 * math.pi), 520 + 46 * math.sin(a / 16 * math.pi)) for a in range(17)], chalk, 4
    )
    _goal(canvas, light, 460, far + 16, 280, 106)
    shirts = (light.warm, light.cool)
    for x, foot, height, side in (
        (250, 470, 104, 0),
        (388, 450, 98, 1),
        (880, 478, 108, 1),
        (790, 440, 94, 0),
        (600, 372, 84, 2),
    ):
        _player(canvas, light, dice, x + dice.uniform(-30, 30), foot, height, light.gold if side == 2 else shirts[side])
    _ball(canvas, light, dice.uniform(520, 680))


def _ball(canvas: Canvas, light: Light, x: float) -> None:
    canvas.oval(x, 628, 30, 7, see_through(light.ink, 0.3))
    canvas.disc(x, 604, 24, light.paper)
    canvas.polygon(
        [(x + 9 * math.sin(a * 2 * math.pi / 5), 604 - 9 * math.cos(a * 2 * math.pi / 5)) for a in range(5)],
        light.ink,
    )
    for spoke in range(5):
        angle = spoke * 2 * math.pi / 5
        canvas.line(
            [
                (x + 9 * math.sin(angle), 604 - 9 * math.cos(angle)),
                (x + 22 * math.sin(angle), 604 - 22 * math.cos(angle)),
            ],
            light.ink,
            1.8,
        )


def _stand(canvas: Canvas, light: Light, dice: Random, ground: float) -> None:
    canvas.polygon([(60, 206), (1140, 206), (1174, 230), (26, 230)], mix(light.ink, light.cool, 0.35))
    canvas.box(60, 230, 1080, ground - 230, mix(light.near, light.ink, 0.2))
    scarves = (light.warm, light.paper, light.cool, light.gold, mix(light.paper, light.warm, 0.4))
    for row in range(4):
        for seat in range(76):
            if dice.random() < 0.82:
                canvas.disc(
                    76 + seat * 14.1 + (row % 2) * 6, 246 + row * 17, 4.6, mix(dice.choice(scarves), light.near, 0.3)
                )
    canvas.box(0, ground - 20, WIDTH, 22, light.paper)
    for board in range(8):
        canvas.box(8 + board * 150, ground - 17, 136, 16, (light.warm, light.cool, light.gold, light.leaf)[board % 4])
    for x in (120, 1080):
        canvas.box(x - 5, 74, 10, 156, light.ink)
        canvas.box(x - 52, 40, 104, 46, light.ink, 4)
        for lamp in range(8):
            at = (x - 37 + (lamp % 4) * 25, 53 + (lamp // 4) * 20)
            if light.lamps_on:
                canvas.disc(*at, 22, see_through(light.lit, 0.16))
            canvas.disc(*at, 7, light.lit if light.lamps_on else light.paper)


def _goal(canvas: Canvas, light: Light, x: float, ground: float, width: float, height: float) -> None:
    net = see_through(light.paper, 0.5)
    for mesh in range(1, 14):
        at = x + mesh * width / 14
        canvas.line([(at, ground - height), (at, ground - 4)], net, 1)
    for mesh in range(1, 6):
        canvas.line(
            [(x, ground - height + mesh * height / 6), (x + width, ground - height + mesh * height / 6)], net, 1
        )
    canvas.line([(x, ground), (x, ground - height), (x + width, ground - height), (x + width, ground)], light.paper, 7)


def _player(canvas: Canvas, light: Light, dice: Random, x: float, foot: float, height: float, shirt: Colour) -> None:
    """Draw a footballer in mid-stride, `height` from boot to crown."""
    skin, way = mix(light.paper, light.warm, 0.35), dice.choice((-1, 1))
    canvas.oval(x, foot, height * 0.3, height * 0.04, see_through(light.ink, 0.25))
    hip, shoulder = foot - height * 0.48, foot - height * 0.8
    canvas.line(
        [
            (x - way * 3, hip),
            (x - way * height * 0.17, foot - height * 0.22),
            (x - way * height * 0.34, foot - height * 0.15),
        ],
        skin,
        height * 0.075,
    )
    canvas.line(
        [(x + way * 3, hip), (x + way * height * 0.15, foot - height * 0.24), (x + way * height * 0.10, foot - 2)],
        skin,
        height * 0.075,
    )
    canvas.line(
        [(x + way * height * 0.12, foot - height * 0.13), (x + way * height * 0.10, foot - 2)], shirt, height * 0.085
    )
    canvas.polygon(
        [
            (x - height * 0.11, hip - height * 0.06),
            (x + height * 0.11, hip - height * 0.06),
            (x + height * 0.17, hip + height * 0.13),
            (x - height * 0.17, hip + height * 0.13),
        ],
        light.paper,
    )
    canvas.line(
        [(x - way * height * 0.1, shoulder), (x - way * height * 0.24, hip - height * 0.1)], skin, height * 0.055
    )
    canvas.line(
        [(x + way * height * 0.1, shoulder), (x + way * height * 0.27, shoulder + height * 0.1)], skin, height * 0.055
    )
    canvas.box(x - height * 0.125, shoulder - height * 0.03, height * 0.25, height * 0.32, shirt, height * 0.06)
    canvas.disc(x + way * height * 0.02, foot - height * 0.91, height * 0.085, skin)
