"""Scenes of the town: council, market, school.

Each draws one picture on an empty canvas, in a given light; `dice` varies it, the same each time for the
same dice.
"""

from __future__ import annotations

import math
from random import Random

from digest.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, curve, mix, see_through
from digest.demo.pictures.layers import figure, gulls, hills, sky, tree, windows
from digest.demo.pictures.light import Light

__all__ = ["council", "market", "school"]


def council(canvas: Canvas, light: Light, dice: Random) -> None:
    ground = 560
    sky(canvas, light, dice, ground)
    hills(canvas, dice, ground, 170, light.far)
    stone, shade = light.paper, mix(light.paper, light.mid, 0.35)
    canvas.box(0, ground, WIDTH, HEIGHT - ground, mix(light.mid, light.paper, 0.35))
    canvas.box(0, ground, WIDTH, 5, mix(light.mid, light.paper, 0.1))
    _clock_tower(canvas, light, 600, 236)
    for left in (170, 750):
        canvas.box(left, 286, 280, ground - 286, stone)
        canvas.box(left - 8, 276, 296, 14, shade)
        canvas.box(left, 420, 280, 6, shade)
        windows(canvas, (left + 26, 62, 4), (316, 128, 2), (34, 76), mix(light.lit, light.ink, 0.05))
        windows(canvas, (left + 42, 62, 4), (316, 128, 2), (2.5, 76), stone)
    canvas.box(430, 262, 340, ground - 262, mix(stone, light.mid, 0.55))
    for column in range(6):
        x = 446 + column * 57
        canvas.box(x, 276, 24, ground - 292, stone)
        canvas.box(x + 16, 276, 8, ground - 292, shade)
        canvas.box(x - 5, 268, 34, 10, stone)
        canvas.box(x - 5, ground - 26, 34, 10, shade)
    canvas.box(574, 420, 52, 126, mix(light.warm, light.ink, 0.35))
    canvas.half_disc(600, 421, 26, 24, light.lit)
    canvas.box(416, 250, 368, 20, stone)
    canvas.polygon([(408, 252), (600, 168), (792, 252)], stone)
    canvas.polygon([(456, 244), (600, 182), (744, 244)], shade)
    canvas.disc(600, 220, 17, mix(light.gold, light.paper, 0.2))
    for step in range(4):
        canvas.box(
            416 - step * 18, ground - 16 + step * 9, 368 + step * 36, 10, mix(stone, light.mid, 0.15 + 0.12 * step)
        )
    for ray in range(-9, 10):
        canvas.line([(600 + ray * 74, ground + 22), (600 + ray * 150, HEIGHT)], mix(light.mid, light.paper, 0.18), 2)
    for trunk, height in ((60, 240), (140, 170), (1066, 180), (1150, 250)):
        tree(canvas, light, trunk, ground + 22, height + dice.uniform(-14, 14))
    _flags(canvas, light, dice)
    coats = [light.warm, light.cool, light.gold, light.leaf]
    for place in (330.0, 372.0, 856.0, dice.uniform(520, 680)):
        figure(canvas, light, place + dice.uniform(-14, 14), ground + dice.uniform(48, 78), 84, dice.choice(coats))
    gulls(canvas, light, dice, 4, 860, 150)


def _clock_tower(canvas: Canvas, light: Light, x: float, foot: float) -> None:
    stone, shade = light.paper, mix(light.paper, light.mid, 0.35)
    canvas.box(x - 46, 96, 92, foot - 96, stone)
    canvas.box(x + 30, 96, 16, foot - 96, shade)
    canvas.box(x - 54, 90, 108, 10, shade)
    canvas.disc(x, 134, 25, light.ink)
    canvas.disc(x, 134, 21, mix(light.lit, light.paper, 0.55) if light.lamps_on else mix(light.paper, light.gold, 0.12))
    canvas.line([(x, 134), (x, 119)], light.ink, 3)
    canvas.line([(x, 134), (x + 10, 140)], light.ink, 3)
    canvas.half_disc(x, 90, 44, 46, mix(light.cool, light.leaf, 0.5))
    canvas.box(x - 7, 30, 14, 18, stone)
    canvas.line([(x, 32), (x, 8)], light.ink, 3)


def _flags(canvas: Canvas, light: Light, dice: Random) -> None:
    for x in (310.0, 890.0):
        wave = dice.uniform(3, 8)
        canvas.line([(x, 278), (x, 176)], light.ink, 4)
        upper = curve([(x, 180), (x + 26, 180 - wave), (x + 52, 180 + wave), (x + 78, 178)])
        lower = [(px, py + 44) for px, py in reversed(upper)]
        canvas.polygon(upper + lower, light.cool)
        canvas.polygon([(px, py + 16) for px, py in upper] + [(px, py - 16) for px, py in lower], light.gold)


def market(canvas: Canvas, light: Light, dice: Random) -> None:
    ground = 500
    sky(canvas, light, dice, ground)
    _town_row(canvas, light, dice, ground - 60)
    canvas.box(0, ground - 60, WIDTH, HEIGHT, mix(light.mid, light.paper, 0.42))
    for row in range(9):
        y = ground - 40 + row * row * 2.9
        canvas.line([(0, y), (WIDTH, y)], mix(light.mid, light.paper, 0.26), 1.6)
    for string in range(2):
        _bunting(canvas, light, dice, 26 + string * 46)
    coats = [light.cool, light.leaf, light.warm, light.gold]
    for x in (98, 452, 806, 1146):
        figure(canvas, light, x + dice.uniform(-18, 18), ground + 30, 138, dice.choice(coats))
    cloths = [
        (light.warm, light.paper),
        (light.cool, light.paper),
        (light.gold, light.paper),
        (light.leaf, light.paper),
    ]
    dice.shuffle(cloths)
    for number, x in enumerate((120, 470, 820)):
        _stall(canvas, light, dice, x, 600, cloths[number])
    figure(canvas, light, dice.uniform(424, 452), 650, 176, light.warm)
    figure(canvas, light, dice.uniform(1128, 1150), 656, 182, light.cool)
    gulls(canvas, light, dice, 3, 880, 70)


def _town_row(canvas: Canvas, light: Light, dice: Random, ground: float) -> None:
    x = -30.0
    while x < WIDTH:
        width, height = dice.uniform(120, 170), dice.uniform(190, 270)
        wash = mix(
            mix(light.paper, dice.choice((light.warm, light.gold, light.cool, light.leaf)), 0.35), light.far, 0.35
        )
        canvas.box(x, ground - height, width, height, wash)
        roof = mix(mix(light.ink, light.warm, 0.4), light.far, 0.3)
        canvas.polygon(
            [
                (x - 5, ground - height),
                (x + 18, ground - height - 46),
                (x + width - 18, ground - height - 46),
                (x + width + 5, ground - height),
            ],
            roof,
        )
        canvas.box(x + width * 0.66, ground - height - 70, 22, 40, mix(roof, light.warm, 0.3))
        windows(
            canvas,
            (x + 20, (width - 40) / 3 + 4, 3),
            (ground - height + 24, 62, 3),
            (22, 36),
            mix(light.lit, light.far, 0.15),
        )
        x += width + 2


def _bunting(canvas: Canvas, light: Light, dice: Random, y: float) -> None:
    sag = dice.uniform(30, 46)
    tones = (light.warm, light.gold, light.cool, light.paper)
    line = [(x, y + sag * math.sin(math.pi * (x % 400) / 400)) for x in range(0, WIDTH + 1, 20)]
    canvas.line(line, light.ink, 1.6)
    for number, (x, top) in enumerate(line[:-1:2]):
        canvas.polygon([(x + 4, top), (x + 30, top + 1), (x + 17, top + 26)], tones[number % 4])


def _stall(canvas: Canvas, light: Light, dice: Random, x: float, ground: float, cloth: tuple[Colour, Colour]) -> None:
    """Draw a stall 280 wide: a striped awning on poles over crates of fruit and fish."""
    canvas.oval(x + 140, ground + 2, 160, 10, see_through(light.ink, 0.18))
    for pole in (x + 8, x + 264):
        canvas.box(pole, 330, 8, ground - 330, mix(light.ink, light.gold, 0.3))
    canvas.box(x, ground - 92, 280, 92, mix(cloth[0], light.ink, 0.25))
    canvas.box(x - 6, ground - 102, 292, 14, mix(light.gold, light.paper, 0.35))
    goods = [
        light.warm,
        light.gold,
        light.leaf,
        mix(light.warm, light.gold, 0.5),
        mix(light.cool, light.paper, 0.45),
        mix(light.leaf, light.gold, 0.5),
    ]
    dice.shuffle(goods)
    for crate in range(4):
        left = x + 6 + crate * 68
        for row in range(2):
            for fruit in range(4 - row):
                canvas.disc(
                    left + 10 + fruit * 14 + row * 7,
                    ground - 124 - row * 11,
                    8.5,
                    mix(goods[crate], light.paper, 0.12 * (fruit % 2)),
                )
        canvas.box(left, ground - 124, 62, 24, mix(light.gold, light.ink, 0.28))
        canvas.box(left, ground - 114, 62, 3, mix(light.gold, light.ink, 0.5))
    stripe = 280 / 8
    for number in range(8):
        tone = cloth[number % 2]
        upper, lower = x + 22 + number * (236 / 8), x - 8 + number * (296 / 8)
        canvas.polygon([(upper, 300), (upper + 236 / 8, 300), (lower + 296 / 8, 368), (lower, 368)], tone)
        canvas.half_disc(lower + 296 / 16, 368, stripe / 2 + 1, -17, mix(tone, light.ink, 0.08))


def school(canvas: Canvas, light: Light, dice: Random) -> None:
    ground = 540
    sky(canvas, light, dice, ground)
    hills(canvas, dice, ground, 190, light.far)
    hills(canvas, dice, ground, 120, mix(light.mid, light.leaf, 0.4))
    brick, trim = mix(light.warm, light.paper, 0.16), light.paper
    roof = mix(light.ink, light.mid, 0.28)
    for left in (230, 690):
        canvas.box(left, 340, 290, ground - 340, brick)
        canvas.polygon([(left - 14, 342), (left + 28, 262), (left + 262, 262), (left + 304, 342)], roof)
        for pane in range(3):
            x = left + 32 + pane * 86
            canvas.box(x - 5, 375, 64, 106, trim)
            canvas.box(x, 380, 54, 96, light.lit)
            canvas.box(x + 25, 380, 4, 96, trim)
            canvas.box(x, 424, 54, 4, trim)
    canvas.box(500, 290, 210, ground - 290, mix(brick, light.ink, 0.08))
    canvas.polygon([(486, 294), (605, 190), (724, 294)], roof)
    canvas.polygon([(514, 292), (605, 212), (696, 292)], mix(brick, light.ink, 0.08))
    canvas.box(574, 132, 62, 76, trim)
    canvas.half_disc(605, 192, 17, 40, light.ink)
    canvas.half_disc(605, 188, 11, 22, light.gold)
    canvas.polygon([(562, 134), (605, 82), (648, 134)], roof)
    canvas.disc(605, 268, 22, trim)
    canvas.line([(605, 268), (605, 254)], light.ink, 2.5)
    canvas.line([(605, 268), (614, 274)], light.ink, 2.5)
    canvas.box(562, 404, 86, ground - 404, light.cool)
    canvas.half_disc(605, 405, 43, 40, light.lit)
    canvas.line([(605, 404), (605, ground)], mix(light.cool, light.ink, 0.4), 3)
    canvas.box(0, ground, WIDTH, HEIGHT, mix(light.leaf, light.paper, 0.22))
    canvas.polygon([(566, ground), (644, ground), (790, HEIGHT), (420, HEIGHT)], mix(light.paper, light.mid, 0.3))
    for x, height in ((90, 270), (190, 190), (1040, 200), (1128, 290)):
        tree(canvas, light, x + dice.uniform(-12, 12), ground + 16, height)
    _playground(canvas, light, dice, ground)


def _playground(canvas: Canvas, light: Light, dice: Random, ground: float) -> None:
    for post in range(27):
        x = -8 + post * 46
        if not 440 < x < 770:
            canvas.box(x, ground + 26, 7, 46, light.paper, 3)
    for rail in (36, 56):
        canvas.box(0, ground + rail, 446, 6, light.paper)
        canvas.box(766, ground + rail, 440, 6, light.paper)
    coats = [light.warm, light.gold, light.cool]
    dice.shuffle(coats)
    for x, foot, height, coat in ((560, 616, 76, 0), (606, 632, 82, 1), (676, 606, 70, 2), (512, 648, 118, 2)):
        figure(canvas, light, x + dice.uniform(-8, 8), foot, height, coats[coat])
