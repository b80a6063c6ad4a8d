"""Scenes on and in the water: ferry, harbour, lighthouse, boat race, storm, reef.

Each draws one picture on an empty canvas, in a given light; `dice` varies it, the same each time for
the same dice.
"""

from __future__ import annotations

import math
from random import Random

from digest.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, Point, curve, mix, see_through
from digest.demo.pictures.layers import gulls, hills, sail_boat, sea, sky, windows, work_boat
from digest.demo.pictures.light import Light

__all__ = ["boat_race", "ferry", "harbour", "lighthouse", "reef", "storm"]


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
    canvas.polygon(curve([(left - 150, water + 5), (left - 40, water - 2), (left + 50, water - 1)]) + [(left + 40, water + 6)], foam)
    canvas.polygon(curve([(left + 590, water), (left + 646, water - 7), (left + 690, water + 3)]) + [(left + 590, water + 5)], foam)
    for _ in range(16):
        x, y = dice.uniform(left - 160, left + 700), water + dice.uniform(14, 110)
        canvas.box(x, y, dice.uniform(30, 110), 3, see_through(light.sea_top, 0.35), 1)
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
    canvas.polygon([(left + 14, water - 16), (left + 654, water - 16), (left + 640, water), (left + 22, water)], light.warm)
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
    for number, (x, at, length) in enumerate(((210, 470, 150), (905, 492, 200), (520, 560, 270))):
        x += dice.uniform(-40, 40)
        canvas.oval(x, at + 3, length * 0.54, length * 0.045, see_through(light.ink, 0.3))
        work_boat(canvas, light, x, at, length, hulls[number])
    for _ in range(26):
        x, y = dice.uniform(-20, WIDTH), dice.uniform(water + 30, HEIGHT - 10)
        canvas.box(x, y, dice.uniform(30, 120), 2.5, see_through(light.sea_top, 0.30), 1)
    gulls(canvas, light, dice, 6, dice.uniform(300, 900), 110)


def _quay_houses(canvas: Canvas, light: Light, dice: Random, ground: float) -> None:
    washes = [light.paper, mix(light.paper, light.warm, 0.55), mix(light.paper, light.gold, 0.6)]
    washes += [mix(light.paper, light.cool, 0.45), mix(light.paper, light.leaf, 0.45), mix(light.paper, light.mid, 0.55)]
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
            canvas.polygon([(x, lamp), (x - reach, lamp - spread), (x - reach, lamp + spread * 0.7)], see_through(light.lit, opacity))
            canvas.polygon([(x, lamp), (x + reach, lamp - spread * 0.8), (x + reach, lamp + spread)], see_through(light.lit, opacity))
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
        canvas.polygon([(x - half(upper), upper), (x + half(upper), upper), (x + half(lower), lower), (x - half(lower), lower)], fill)

    band(top, foot, light.paper)
    step = (foot - top) / 5
    for stripe in (0, 2, 4):
        band(top + stripe * step, top + (stripe + 1) * step, light.warm)
    canvas.polygon([(x + half(top) * 0.35, top), (x + half(top), top), (x + half(foot), foot), (x + half(foot) * 0.35, foot)], see_through(light.ink, 0.14))
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
    fleet = ((180, 372, 104), (420, 392, 132), (1020, 400, 150), (700, 470, 262), (250, 588, 400))
    for (x, water, height), sail in zip(fleet, sails, strict=True):
        lean = height * dice.uniform(0.13, 0.2)
        x += dice.uniform(-36, 36)
        canvas.polygon(
            [(x - height * 0.62, water + height * 0.05), (x - height * 0.2, water - height * 0.015)]
            + [(x + height * 0.34, water), (x + height * 0.05, water + height * 0.03)],
            see_through(light.paper, 0.55),
        )
        sail_boat(canvas, light, x, water, height, lean, sail)
    buoy_x, buoy_y = dice.uniform(900, 1040), 588
    canvas.oval(buoy_x, buoy_y + 3, 52, 8, see_through(light.ink, 0.25))
    canvas.polygon([(buoy_x - 32, buoy_y), (buoy_x - 8, buoy_y - 92), (buoy_x + 8, buoy_y - 92), (buoy_x + 32, buoy_y)], mix(light.warm, light.gold, 0.45))
    canvas.polygon([(buoy_x - 20, buoy_y - 44), (buoy_x - 15, buoy_y - 66), (buoy_x + 15, buoy_y - 66), (buoy_x + 20, buoy_y - 44)], light.paper)
    gulls(canvas, light, dice, 4, 860, 150)


def storm(canvas: Canvas, light: Light, dice: Random) -> None:
    horizon = 400
    dark = mix(light.near, light.ink, 0.45)
    canvas.gradient(0, horizon + 20, mix(dark, light.ink, 0.25), mix(light.far, light.sky_low, 0.25))
    for row in range(4):
        base = 60 + row * 54
        tone = mix(dark, light.far, 0.16 * row)
        for _ in range(9):
            canvas.oval(dice.uniform(-60, WIDTH + 60), base - dice.uniform(40, 90), dice.uniform(110, 210), dice.uniform(46, 76), see_through(tone, 0.85))
    slant = 46
    for _ in range(150):
        x, y, length = dice.uniform(-60, WIDTH), dice.uniform(60, 520), dice.uniform(24, 60)
        canvas.line([(x + slant * length / 100, y), (x, y + length)], see_through(light.paper, dice.uniform(0.12, 0.3)), 1.4)
    _swell(canvas, dice, horizon + 14, 26, 150, mix(light.sea_low, light.far, 0.45))
    wall_x = dice.uniform(700, 780)
    _breakwater(canvas, light, wall_x)
    _swell(canvas, dice, horizon + 84, 40, 205, mix(light.sea_low, light.mid, 0.25))
    _burst(canvas, light, dice, wall_x - 12)
    _swell(canvas, dice, horizon + 158, 48, 260, mix(light.sea_low, light.ink, 0.12), light.paper)
    _swell(canvas, dice, horizon + 236, 40, 330, mix(light.sea_low, light.ink, 0.42), light.paper)


def _swell(canvas: Canvas, dice: Random, y: float, height: float, length: float, fill: Colour, foam: Colour | None = None) -> None:
    """Draw a row of uneven, pointed waves across; `foam` whitens their crests."""
    line: list[Point] = []
    caps: list[tuple[list[Point], float]] = []
    x = -dice.uniform(0, length)
    rise = dice.uniform(0.7, 1.1)
    while x < WIDTH + 20:
        reach, following = length * dice.uniform(0.75, 1.25), dice.uniform(0.7, 1.1)
        wave = []
        for step in range(33):
            t = step / 32
            hump = (rise * (1 - t) + following * t) * (1 - math.sin(math.pi * t) ** 0.7)
            wave.append((x + reach * t, y - height * hump))
        line += wave
        caps.append((wave, rise))
        x, rise = x + reach, following
    canvas.polygon([*line, (WIDTH + 60, HEIGHT), (-length, HEIGHT)], fill)
    for wave, tall in caps if foam is not None else ():
        lee = [(px, py + 2 + 13 * tall * (1 - n / 9) * (0.6 + 0.4 * (n % 2))) for n, (px, py) in enumerate(wave[:10])]
        canvas.polygon(wave[:10] + lee[::-1], see_through(foam or fill, 0.85))
        for n in (12, 16):
            canvas.line([wave[n], (wave[n][0] + length * 0.14, wave[n][1] + 10)], see_through(foam or fill, 0.25), 2)


def _breakwater(canvas: Canvas, light: Light, x: float) -> None:
    """Draw a mole that ends at `x` with its light, running off to the right."""
    stone = mix(light.ink, light.mid, 0.28)
    canvas.polygon([(x, 424), (WIDTH, 404), (WIDTH, 580), (x - 40, 580)], stone)
    canvas.polygon([(x, 424), (WIDTH, 404), (WIDTH, 424), (x - 5, 442)], mix(stone, light.paper, 0.25))
    lamp, top = x + 74, 236
    for radius, opacity in ((110, 0.12), (64, 0.2), (36, 0.3)):
        canvas.disc(lamp, top, radius, see_through(light.lit, opacity))
    canvas.polygon([(lamp - 22, top + 20), (lamp + 22, top + 20), (lamp + 34, 424), (lamp - 34, 424)], light.warm)
    canvas.polygon([(lamp - 26, top + 70), (lamp + 26, top + 70), (lamp + 29, top + 122), (lamp - 29, top + 122)], light.paper)
    canvas.polygon([(lamp + 6, top + 20), (lamp + 22, top + 20), (lamp + 34, 424), (lamp + 10, 424)], see_through(light.ink, 0.18))
    canvas.box(lamp - 31, top + 15, 62, 8, light.ink)
    canvas.box(lamp - 15, top - 16, 30, 32, light.lit)
    canvas.half_disc(lamp, top - 14, 21, 20, light.ink)
    for post in range(5):
        canvas.box(x + 150 + post * 62, 392 - post * 3, 5, 30, light.ink)
    canvas.line([(x + 150, 394), (x + 420, 380)], light.ink, 2.5)


def _burst(canvas: Canvas, light: Light, dice: Random, x: float) -> None:
    """Draw spray that leaps up where a sea has hit the wall."""
    for _ in range(170):
        angle, reach = dice.uniform(-2.4, -0.85), dice.random() ** 0.6 * 250
        size = 3 + 20 * (1 - reach / 250) * dice.uniform(0.5, 1)
        canvas.disc(x + reach * math.cos(angle), 492 + reach * math.sin(angle), size, see_through(light.paper, 0.5))


def reef(canvas: Canvas, light: Light, dice: Random) -> None:
    shallow, deep = mix(light.sea_top, light.cool, 0.35), mix(light.sea_low, light.ink, 0.35)
    canvas.gradient(0, HEIGHT, shallow, deep)
    source = dice.uniform(300, 620)
    for _ in range(6):
        start, spread = source + dice.uniform(-180, 320), dice.uniform(60, 150)
        canvas.polygon([(start, -10), (start + 50, -10), (start + 190 + spread, HEIGHT), (start + 40, HEIGHT)], see_through(light.sun, 0.07))
    for height, share in ((250, 0.35), (170, 0.6)):
        hills(canvas, dice, HEIGHT, height, mix(shallow, deep, share + 0.2))
    for _ in range(8):
        _kelp(canvas, dice, dice.choice((dice.uniform(10, 190), dice.uniform(1010, 1190))), mix(light.leaf, deep, dice.uniform(0.15, 0.5)))
    hills(canvas, dice, HEIGHT + 20, 120, mix(deep, light.ink, 0.45))
    corals = [light.warm, light.gold, mix(light.warm, light.paper, 0.4), mix(light.gold, light.paper, 0.35), mix(light.cool, light.paper, 0.4)]
    for number, x in enumerate(range(70, WIDTH, 88)):
        _coral(canvas, dice, x + dice.uniform(-26, 26), HEIGHT - dice.uniform(18, 72), corals[(number + dice.randint(0, 1)) % len(corals)])
    for _ in range(3):
        _shoal(canvas, dice, (dice.uniform(300, 900), dice.uniform(120, 400)), dice.choice((light.gold, light.paper, light.warm)), light.ink)
    for _ in range(34):
        canvas.disc(dice.uniform(0, WIDTH), dice.uniform(20, 520), dice.uniform(1.5, 5), see_through(light.paper, 0.28))


def _kelp(canvas: Canvas, dice: Random, x: float, fill: Colour) -> None:
    height, sway = dice.uniform(260, 480), dice.uniform(12, 26)
    spine = curve([(x + sway * math.sin(step * 1.3), HEIGHT - height * step / 6) for step in range(7)], 6)
    canvas.line(spine, fill, 5)
    for number, (px, py) in enumerate(spine[3:-1:3]):
        side = 1 if number % 2 else -1
        canvas.polygon(curve([(px, py), (px + side * 20, py - 22), (px + side * 42, py - 26)]) + curve([(px + side * 42, py - 26), (px + side * 20, py - 6), (px, py)]), fill)


def _coral(canvas: Canvas, dice: Random, x: float, y: float, fill: Colour) -> None:
    kind = dice.randint(0, 2)
    if kind == 0:
        _branch(canvas, dice, (x, y + 20), -math.pi / 2, dice.uniform(34, 50), 4, fill)
    elif kind == 1:
        radius = dice.uniform(34, 56)
        canvas.half_disc(x, y + 22, radius, radius * 0.85, fill)
        for ring in (0.75, 0.5, 0.25):
            canvas.half_disc(x, y + 22, radius * ring, radius * 0.85 * ring, mix(fill, (255, 255, 255), 0.20 * (1 - ring) + 0.08))
    else:
        for tube in range(-2, 3):
            height = dice.uniform(50, 110)
            canvas.box(x + tube * 19 - 8, y + 24 - height, 16, height, mix(fill, (20, 30, 60), 0.06 * abs(tube)), 8)
            canvas.oval(x + tube * 19, y + 30 - height, 5, 3, mix(fill, (20, 20, 40), 0.5))


def _branch(canvas: Canvas, dice: Random, start: Point, angle: float, length: float, order: int, fill: Colour) -> None:
    end = (start[0] + length * math.cos(angle), start[1] + length * math.sin(angle))
    canvas.line([start, end], fill, 2.6 * order)
    if order > 1:
        for turn in (-0.5, 0.42):
            _branch(canvas, dice, end, angle + turn + dice.uniform(-0.15, 0.15), length * dice.uniform(0.68, 0.85), order - 1, fill)


def _shoal(canvas: Canvas, dice: Random, middle: Point, fill: Colour, eye: Colour) -> None:
    for _ in range(dice.randint(7, 11)):
        x, y, size = middle[0] + dice.gauss(0, 92), middle[1] + dice.gauss(0, 34), dice.uniform(11, 20)
        canvas.oval(x, y, size, size * 0.46, fill)
        canvas.polygon([(x - size * 0.8, y), (x - size * 1.55, y - size * 0.5), (x - size * 1.4, y), (x - size * 1.55, y + size * 0.5)], fill)
        canvas.disc(x + size * 0.55, y - size * 0.08, size * 0.09, eye)
