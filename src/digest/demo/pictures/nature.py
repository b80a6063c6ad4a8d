"""Scenes of sea, sky and weather: storm, reef, night sky.

Each draws one picture on an empty canvas, in a given light; `dice` varies it, the same each time for the
same dice.
"""

from __future__ import annotations

import math
from random import Random

from digest.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, Point, curve, mix, see_through
from digest.demo.pictures.layers import figure, hills, stars, windows
from digest.demo.pictures.light import Light

__all__ = ["night_sky", "reef", "storm"]


def storm(canvas: Canvas, light: Light, dice: Random) -> None:
    horizon = 400
    dark = mix(light.near, light.ink, 0.45)
    canvas.gradient(0, horizon + 20, mix(dark, light.ink, 0.25), mix(light.far, light.sky_low, 0.25))
    for row in range(4):
        base = 60 + row * 54
        tone = mix(dark, light.far, 0.16 * row)
        for _ in range(9):
            canvas.oval(
                dice.uniform(-60, WIDTH + 60),
                base - dice.uniform(40, 90),
                dice.uniform(110, 210),
                dice.uniform(46, 76),
                see_through(tone, 0.85),
            )
    slant = 46
    for _ in range(150):
        x, y, length = dice.uniform(-60, WIDTH), dice.uniform(60, 520), dice.uniform(24, 60)
        canvas.line(
            [(x + slant * length / 100, y), (x, y + length)], see_through(light.paper, dice.uniform(0.12, 0.3)), 1.4
        )
    _swell(canvas, dice, horizon + 14, 26, 150, mix(light.sea_low, light.far, 0.45))
    wall_x = dice.uniform(700, 780)
    _breakwater(canvas, light, wall_x)
    _swell(canvas, dice, horizon + 84, 40, 205, mix(light.sea_low, light.mid, 0.25))
    _burst(canvas, light, dice, wall_x - 12)
    _swell(canvas, dice, horizon + 158, 48, 260, mix(light.sea_low, light.ink, 0.12), light.paper)
    _swell(canvas, dice, horizon + 236, 40, 330, mix(light.sea_low, light.ink, 0.42), light.paper)


def _swell(
    canvas: Canvas, dice: Random, y: float, height: float, length: float, fill: Colour, foam: Colour | None = None
) -> None:
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
    canvas.polygon(
        [(lamp - 26, top + 70), (lamp + 26, top + 70), (lamp + 29, top + 122), (lamp - 29, top + 122)], light.paper
    )
    canvas.polygon(
        [(lamp + 6, top + 20), (lamp + 22, top + 20), (lamp + 34, 424), (lamp + 10, 424)], see_through(light.ink, 0.18)
    )
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
        canvas.polygon(
            [(start, -10), (start + 50, -10), (start + 190 + spread, HEIGHT), (start + 40, HEIGHT)],
            see_through(light.sun, 0.07),
        )
    for height, share in ((250, 0.35), (170, 0.6)):
        hills(canvas, dice, HEIGHT, height, mix(shallow, deep, share + 0.2))
    for _ in range(8):
        _kelp(
            canvas,
            dice,
            dice.choice((dice.uniform(10, 190), dice.uniform(1010, 1190))),
            mix(light.leaf, deep, dice.uniform(0.15, 0.5)),
        )
    hills(canvas, dice, HEIGHT + 20, 120, mix(deep, light.ink, 0.45))
    corals = [
        light.warm,
        light.gold,
        mix(light.warm, light.paper, 0.4),
        mix(light.gold, light.paper, 0.35),
        mix(light.cool, light.paper, 0.4),
    ]
    for number, x in enumerate(range(70, WIDTH, 88)):
        _coral(
            canvas,
            dice,
            x + dice.uniform(-26, 26),
            HEIGHT - dice.uniform(18, 72),
            corals[(number + dice.randint(0, 1)) % len(corals)],
        )
    for _ in range(3):
        _shoal(
            canvas,
            dice,
            (dice.uniform(300, 900), dice.uniform(120, 400)),
            dice.choice((light.gold, light.paper, light.warm)),
            light.ink,
        )
    for _ in range(34):
        canvas.disc(dice.uniform(0, WIDTH), dice.uniform(20, 520), dice.uniform(1.5, 5), see_through(light.paper, 0.28))


def _kelp(canvas: Canvas, dice: Random, x: float, fill: Colour) -> None:
    height, sway = dice.uniform(260, 480), dice.uniform(12, 26)
    spine = curve([(x + sway * math.sin(step * 1.3), HEIGHT - height * step / 6) for step in range(7)], 6)
    canvas.line(spine, fill, 5)
    for number, (px, py) in enumerate(spine[3:-1:3]):
        side = 1 if number % 2 else -1
        canvas.polygon(
            curve([(px, py), (px + side * 20, py - 22), (px + side * 42, py - 26)])
            + curve([(px + side * 42, py - 26), (px + side * 20, py - 6), (px, py)]),
            fill,
        )


def _coral(canvas: Canvas, dice: Random, x: float, y: float, fill: Colour) -> None:
    kind = dice.randint(0, 2)
    if kind == 0:
        _branch(canvas, dice, (x, y + 20), -math.pi / 2, dice.uniform(34, 50), 4, fill)
    elif kind == 1:
        radius = dice.uniform(34, 56)
        canvas.half_disc(x, y + 22, radius, radius * 0.85, fill)
        for ring in (0.75, 0.5, 0.25):
            canvas.half_disc(
                x, y + 22, radius * ring, radius * 0.85 * ring, mix(fill, (255, 255, 255), 0.20 * (1 - ring) + 0.08)
            )
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
            _branch(
                canvas,
                dice,
                end,
                angle + turn + dice.uniform(-0.15, 0.15),
                length * dice.uniform(0.68, 0.85),
                order - 1,
                fill,
            )


def _shoal(canvas: Canvas, dice: Random, middle: Point, fill: Colour, eye: Colour) -> None:
    for _ in range(dice.randint(7, 11)):
        x, y, size = middle[0] + dice.gauss(0, 92), middle[1] + dice.gauss(0, 34), dice.uniform(11, 20)
        canvas.oval(x, y, size, size * 0.46, fill)
        canvas.polygon(
            [
                (x - size * 0.8, y),
                (x - size * 1.55, y - size * 0.5),
                (x - size * 1.4, y),
                (x - size * 1.55, y + size * 0.5),
            ],
            fill,
        )
        canvas.disc(x + size * 0.55, y - size * 0.08, size * 0.09, eye)


def night_sky(canvas: Canvas, light: Light, dice: Random) -> None:
    canvas.gradient(0, HEIGHT, light.sky_top, mix(light.sky_low, light.sky_top, 0.1))
    start, slope = dice.uniform(520, 640), dice.uniform(-0.62, -0.46)
    for _ in range(190):
        x, size = dice.uniform(-80, WIDTH + 80), dice.uniform(30, 105)
        canvas.oval(x, start + slope * x + dice.gauss(0, 46), size * 1.3, size, see_through(light.sun, 0.013))
    stars(canvas, light, dice, 240, 560)
    for _ in range(260):
        x = dice.uniform(0, WIDTH)
        canvas.disc(
            x,
            start + slope * x + dice.gauss(0, 62),
            dice.choice((0.7, 0.9, 1.3)),
            see_through(light.sun, dice.uniform(0.3, 0.8)),
        )
    comet = (dice.uniform(700, 1000), dice.uniform(90, 190))
    for width, opacity in ((16, 0.12), (8, 0.2), (3, 0.6)):
        canvas.polygon(
            [(comet[0], comet[1] - width / 2), (comet[0] + 210, comet[1] - 84), (comet[0], comet[1] + width / 2)],
            see_through(light.sun, opacity),
        )
    canvas.disc(*comet, 6, light.sun)
    hills(canvas, dice, HEIGHT, 190, light.far)
    hills(canvas, dice, HEIGHT, 140, light.mid)
    _observatory(canvas, light, dice.uniform(360, 460), 574)
    ground = curve([(-10, 600), (300, 566), (560, 574), (900, 612), (1210, 590)])
    canvas.polygon([*ground, (1210, HEIGHT), (-10, HEIGHT)], light.ink)
    watcher = dice.uniform(790, 860)
    for x, height in ((watcher, 74), (watcher + 44, 52)):
        figure(canvas, light, x, 612, height, light.near)
    canvas.line([(watcher - 78, 612), (watcher - 60, 562), (watcher - 42, 612)], light.near, 4)
    canvas.line([(watcher - 36, 578), (watcher - 92, 534)], light.near, 11)


def _observatory(canvas: Canvas, light: Light, x: float, ground: float) -> None:
    white = mix(light.paper, light.mid, 0.35)
    canvas.box(x - 92, ground - 96, 184, 110, mix(white, light.mid, 0.35))
    canvas.half_disc(x, ground - 92, 104, 112, white)
    canvas.polygon(
        [
            *curve([(x - 4, ground - 204), (x + 34, ground - 198), (x + 70, ground - 174)]),
            (x + 42, ground - 92),
            (x + 10, ground - 92),
        ],
        light.ink,
    )
    canvas.line([(x + 18, ground - 116), (x + 58, ground - 196)], mix(light.paper, light.cool, 0.3), 15)
    canvas.box(x - 108, ground - 98, 216, 12, mix(white, light.ink, 0.4))
    windows(canvas, (x - 70, 50, 3), (ground - 64, 1, 1), (20, 28), light.lit)
