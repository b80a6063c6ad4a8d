"""Scenes on the water: ferry, harbour, lighthouse, boat race.

Each draws one picture on an empty canvas, in a given light; `dice` varies it, the same each time for the
same dice.
"""

from __future__ import annotations

from random import Random

from digest.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, curve, mix, see_through
from digest.demo.pictures.layers import gulls, hills, ripples, sail_boat, sea, sky, windows, work_boat
from digest.demo.pictures.light import Light

__all__ = ["boat_race", "ferry", "harbour", "lighthouse"]


def ferry(canvas: Canvas, light: Light, dice: Random) -> None:
    horizon, water = 392, 520
    sun_x = sky(canvas, light, dice, horizon)
    hills(canvas, dice, horizon, 120, light.far)
    hills(canvas, dice, horizon, 64, light.mid)
    sea(canvas, light, dice, horizon, sun_x)
    left = dice.uniform(330, 400)
    _ferry_decks(canvas, light, left)
    _ferry_hull(canvas, light, left, water)
    canvas.reflect(water, 120, 0.34)
    foam = see_through(light.paper, 0.75)
    canvas.polygon(
        [*curve([(left - 150, water + 5), (left - 40, water - 2), (left + 50, water - 1)]), (left + 40, water + 6)],
        foam,
    )
    canvas.polygon(
        [*curve([(left + 590, water), (left + 646, water - 7), (left + 690, water + 3)]), (left + 590, water + 5)], foam
    )
    ripples(canvas, light, dice, water + 14, 16)
    gulls(canvas, light, dice, 5, left + 60, 250)


def _ferry_decks(canvas: Canvas, light: Light, left: float) -> None:
    shade = mix(light.paper, light.mid, 0.25)
    canvas.box(left + 60, 398, 540, 56, light.paper)
    canvas.box(left + 110, 356, 430, 42, light.paper)
    canvas.polygon([(left + 400, 320), (left + 520, 320), (left + 545, 356), (left + 400, 356)], light.paper)
    canvas.box(left + 110, 392, 430, 6, shade)
    canvas.box(left + 60, 448, 540, 6, shade)
    canvas.polygon([(left + 410, 328), (left + 517, 328), (left + 528, 343), (left + 410, 343)], light.lit)
    windows(canvas, (left + 84, 34, 15), (412, 1, 1), (20, 20), light.lit)
    windows(canvas, (left + 130, 32, 8), (366, 1, 1), (18, 16), light.lit)
    canvas.polygon([(left + 190, 286), (left + 258, 286), (left + 268, 356), (left + 182, 356)], light.warm)
    canvas.polygon([(left + 187, 306), (left + 261, 306), (left + 263, 322), (left + 185, 322)], light.paper)
    canvas.polygon([(left + 190, 286), (left + 258, 286), (left + 260, 296), (left + 188, 296)], light.ink)
    canvas.line([(left + 455, 320), (left + 455, 262)], light.ink, 4)
    canvas.line([(left + 432, 282), (left + 478, 282)], light.ink, 2.5)
    for boat in range(3):
        canvas.box(left + 290 + boat * 38, 346, 30, 10, mix(light.warm, light.gold, 0.5), 5)
    canvas.line([(left + 20, 436), (left + 60, 436)], light.ink, 2)
    canvas.line([(left + 600, 432), (left + 668, 432)], light.ink, 2)


def _ferry_hull(canvas: Canvas, light: Light, left: float, water: float) -> None:
    hull = mix(light.cool, light.ink, 0.45)
    canvas.polygon([(left, 454), (left + 690, 450), (left + 640, water), (left + 22, water)], hull)
    canvas.polygon(
        [(left + 14, water - 16), (left + 654, water - 16), (left + 640, water), (left + 22, water)], light.warm
    )
    canvas.line([(left + 4, 466), (left + 682, 462)], light.paper, 4)
    for port in range(14):
        canvas.disc(left + 80 + port * 38, 484, 5, light.lit if light.lamps_on else mix(hull, light.paper, 0.5))


def harbour(canvas: Canvas, light: Light, dice: Random) -> None:
    water = 418
    sky(canvas, light, dice, water)
    hills(canvas, dice, water, 210, light.far)
    hills(canvas, dice, water, 130, light.mid)
    spire = dice.uniform(500, 800)
    canvas.polygon([(spire - 24, 240), (spire, 132), (spire + 24, 240)], light.near)
    canvas.box(spire - 24, 240, 48, 170, mix(light.near, light.mid, 0.3))
    _quay_houses(canvas, light, dice, water - 22)
    canvas.box(0, water - 24, WIDTH, 24, mix(light.near, light.ink, 0.35))
    canvas.box(0, water - 24, WIDTH, 5, mix(light.paper, light.mid, 0.4))
    sea(canvas, light, dice, water)
    canvas.reflect(water, 200, 0.42)
    hulls = [light.warm, light.cool, mix(light.leaf, light.ink, 0.25), light.gold]
    dice.shuffle(hulls)
    for number, (x, at, length) in enumerate(((210.0, 470, 150), (905.0, 492, 200), (520.0, 560, 270))):
        x += dice.uniform(-40, 40)
        canvas.oval(x, at + 3, length * 0.54, length * 0.045, see_through(light.ink, 0.3))
        work_boat(canvas, light, x, at, length, hulls[number])
    ripples(canvas, light, dice, water + 30, 26)
    gulls(canvas, light, dice, 6, dice.uniform(300, 900), 110)


def _quay_houses(canvas: Canvas, light: Light, dice: Random, ground: float) -> None:
    washes = [light.paper, mix(light.paper, light.warm, 0.55), mix(light.paper, light.gold, 0.6)]
    washes += [
        mix(light.paper, light.cool, 0.45),
        mix(light.paper, light.leaf, 0.45),
        mix(light.paper, light.mid, 0.55),
    ]
    x, last = -20.0, -1
    while x < WIDTH:
        width, height = dice.uniform(84, 132), dice.uniform(104, 178)
        wash = dice.choice([n for n in range(len(washes)) if n != last])
        last = wash
        _gabled_house(canvas, light, (x, ground, width, height), washes[wash], dice.random() < 0.55)
        x += width


def _gabled_house(
    canvas: Canvas, light: Light, place: tuple[float, float, float, float], wash: Colour, gable_in_front: bool
) -> None:
    x, ground, width, height = place
    roof = mix(light.ink, light.warm if gable_in_front else light.mid, 0.35)
    top = ground - height
    canvas.box(x, top, width + 1, height, wash)
    canvas.box(x + width - 7, top, 8, height, mix(wash, light.ink, 0.12))
    if gable_in_front:
        canvas.polygon([(x, top), (x + width / 2, top - 46), (x + width, top)], wash)
        canvas.line([(x - 2, top + 1), (x + width / 2, top - 48), (x + width + 2, top + 1)], roof, 8)
    else:
        canvas.polygon([(x - 4, top), (x + 10, top - 34), (x + width - 10, top - 34), (x + width + 4, top)], roof)
        canvas.box(x + width * 0.7, top - 52, 14, 26, mix(light.warm, light.ink, 0.35))
    rows, columns = int(height // 52), 3 if width > 104 else 2
    step = width / columns
    windows(canvas, (x + step / 2 - 8, step, columns), (top + 16, 46, rows), (16, 25), light.lit)
    canvas.box(x + width / 2 - 10, ground - 34, 20, 34, mix(light.ink, light.cool, 0.4))


def lighthouse(canvas: Canvas, light: Light, dice: Random) -> None:
    horizon = 430
    sun_x = sky(canvas, light, dice, horizon)
    hills(canvas, dice, horizon, 46, light.far)
    sea(canvas, light, dice, horizon, sun_x)
    sail_boat(canvas, light, dice.uniform(120, 420), horizon + 44, 62, 8, light.warm)
    x, lamp = dice.uniform(850, 920), 168.0
    if light.lamps_on:
        for reach, spread, opacity in ((1250, 150, 0.14), (1250, 84, 0.16)):
            canvas.polygon(
                [(x, lamp), (x - reach, lamp - spread), (x - reach, lamp + spread * 0.7)],
                see_through(light.lit, opacity),
            )
            canvas.polygon(
                [(x, lamp), (x + reach, lamp - spread * 0.8), (x + reach, lamp + spread)],
                see_through(light.lit, opacity),
            )
    back = curve([(640, HEIGHT), (700, 560), (770, 492), (850, 452), (980, 430), (1100, 436), (WIDTH, 410)])
    canvas.polygon([*back, (WIDTH, HEIGHT)], mix(light.near, light.leaf, 0.55))
    _light_tower(canvas, light, x, lamp)
    _keepers_cottage(canvas, light, x + 62)
    front = curve([(560, HEIGHT), (640, 600), (740, 566), (830, 520), (930, 506), (1060, 520), (WIDTH, 488)])
    canvas.polygon([*front, (WIDTH, HEIGHT)], mix(light.near, light.ink, 0.35))
    ledge = curve([(600, HEIGHT), (720, 628), (860, 590), (1010, 598), (WIDTH, 560)])
    canvas.polygon([*ledge, (WIDTH, HEIGHT)], mix(light.near, light.ink, 0.6))
    for row in range(3):
        surf = curve([(500 + row * 26, HEIGHT), (566 + row * 24, 640), (640 + row * 20, 596), (724 + row * 16, 566)])
        canvas.line(surf, see_through(light.paper, 0.28 + 0.16 * row), 3 + 2 * row)
    gulls(canvas, light, dice, 5, x - 260, 230)


def _light_tower(canvas: Canvas, light: Light, x: float, lamp: float) -> None:
    foot, top = 470.0, lamp + 34

    def half(y: float) -> float:
        return 25 + 15 * (y - top) / (foot - top)

    def band(upper: float, lower: float, fill: Colour) -> None:
        canvas.polygon(
            [(x - half(upper), upper), (x + half(upper), upper), (x + half(lower), lower), (x - half(lower), lower)],
            fill,
        )

    band(top, foot, light.paper)
    step = (foot - top) / 5
    for stripe in (0, 2, 4):
        band(top + stripe * step, top + (stripe + 1) * step, light.warm)
    canvas.polygon(
        [(x + half(top) * 0.35, top), (x + half(top), top), (x + half(foot), foot), (x + half(foot) * 0.35, foot)],
        see_through(light.ink, 0.14),
    )
    for number in range(3):
        canvas.box(x - 5, top + step * (0.35 + number * 1.6), 10, 18, light.ink)
    canvas.box(x - 38, top - 8, 76, 9, light.ink)
    canvas.box(x - 20, lamp - 22, 40, 48, mix(light.ink, light.cool, 0.4))
    canvas.box(x - 15, lamp - 18, 30, 42, light.lit if light.lamps_on else mix(light.paper, light.gold, 0.35))
    canvas.line([(x, lamp - 18), (x, lamp + 24)], light.ink, 2)
    canvas.half_disc(x, lamp - 20, 25, 24, light.warm)
    canvas.line([(x, lamp - 44), (x, lamp - 62)], light.ink, 3)
    for side in (-1, 1):
        canvas.line([(x + side * 36, top - 8), (x + side * 36, top - 26), (x + side * 20, top - 26)], light.ink, 1.6)


def _keepers_cottage(canvas: Canvas, light: Light, x: float) -> None:
    canvas.box(x, 410, 150, 66, light.paper)
    canvas.polygon([(x - 8, 412), (x + 14, 372), (x + 136, 372), (x + 158, 412)], mix(light.ink, light.mid, 0.3))
    canvas.box(x + 104, 352, 18, 30, mix(light.warm, light.ink, 0.3))
    windows(canvas, (x + 18, 92, 2), (428, 1, 1), (22, 22), light.lit)
    canvas.box(x + 62, 426, 24, 50, light.cool)


def boat_race(canvas: Canvas, light: Light, dice: Random) -> None:
    horizon = 318
    sun_x = sky(canvas, light, dice, horizon)
    hills(canvas, dice, horizon, 104, light.far)
    hills(canvas, dice, horizon, 52, light.mid)
    sea(canvas, light, dice, horizon, sun_x)
    sails = [light.warm, light.gold, light.cool, mix(light.leaf, light.paper, 0.2), mix(light.warm, light.paper, 0.45)]
    dice.shuffle(sails)
    fleet = ((180.0, 372, 104), (420.0, 392, 132), (1020.0, 400, 150), (700.0, 470, 262), (250.0, 588, 400))
    for (x, water, height), sail in zip(fleet, sails, strict=True):
        lean = height * dice.uniform(0.13, 0.2)
        x += dice.uniform(-36, 36)
        canvas.polygon(
            [
                (x - height * 0.62, water + height * 0.05),
                (x - height * 0.2, water - height * 0.015),
                (x + height * 0.34, water),
                (x + height * 0.05, water + height * 0.03),
            ],
            see_through(light.paper, 0.55),
        )
        sail_boat(canvas, light, x, water, height, lean, sail)
    buoy_x, buoy_y = dice.uniform(900, 1040), 588
    canvas.oval(buoy_x, buoy_y + 3, 52, 8, see_through(light.ink, 0.25))
    canvas.polygon(
        [(buoy_x - 32, buoy_y), (buoy_x - 8, buoy_y - 92), (buoy_x + 8, buoy_y - 92), (buoy_x + 32, buoy_y)],
        mix(light.warm, light.gold, 0.45),
    )
    canvas.polygon(
        [
            (buoy_x - 20, buoy_y - 44),
            (buoy_x - 15, buoy_y - 66),
            (buoy_x + 15, buoy_y - 66),
            (buoy_x + 20, buoy_y - 44),
        ],
        light.paper,
    )
    gulls(canvas, light, dice, 4, 860, 150)
