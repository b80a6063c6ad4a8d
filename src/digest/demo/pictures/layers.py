"""What many scenes share: sky, hills, water, gulls, trees, boats, windows and passers-by."""

from __future__ import annotations

import math
from random import Random

from digest.demo.pictures.canvas import HEIGHT, WIDTH, Canvas, Colour, curve, mix, see_through
from digest.demo.pictures.light import Light

__all__ = [
    "bands_of_cloud",
    "figure",
    "gulls",
    "hills",
    "ripples",
    "sail_boat",
    "sea",
    "sky",
    "stars",
    "tree",
    "windows",
    "work_boat",
]


def sky(canvas: Canvas, light: Light, dice: Random, horizon: float) -> float:
    """Draw sky, sun or moon and cloud down to `horizon`; return where the sun stands (x)."""
    canvas.gradient(0, horizon, light.sky_top, light.sky_low)
    if light.is_night:
        stars(canvas, light, dice, 90, horizon * 0.8)
    sun_x = dice.uniform(0.16, 0.36) * WIDTH
    sun_y = horizon - light.sun_height * dice.uniform(0.85, 1.1)
    radius = 34 if light.is_night else 46
    for spread, opacity in ((3.4, 0.10), (2.4, 0.14), (1.6, 0.20)):
        canvas.disc(sun_x, sun_y, radius * spread, see_through(light.sun, opacity))
    canvas.disc(sun_x, sun_y, radius, light.sun)
    if not light.is_night:
        bands_of_cloud(canvas, light, dice, horizon)
    return sun_x


def bands_of_cloud(canvas: Canvas, light: Light, dice: Random, horizon: float) -> None:
    """Draw long flat clouds, each a few rounded bars."""
    white = mix(light.sky_low, (255, 255, 255), 0.45)
    for _ in range(dice.randint(3, 5)):
        x, y = dice.uniform(-60, WIDTH - 200), dice.uniform(0.10, 0.62) * horizon
        length = dice.uniform(170, 340)
        opacity = dice.uniform(0.30, 0.6)
        for row in range(dice.randint(2, 3)):
            start = x + dice.uniform(-50, 50) + row * 26
            canvas.box(start, y + row * 13, length * dice.uniform(0.6, 1), 12, see_through(white, opacity), 6)


def stars(canvas: Canvas, light: Light, dice: Random, count: int, lowest: float) -> None:
    for _ in range(count):
        x, y = dice.uniform(0, WIDTH), dice.uniform(0, lowest)
        canvas.disc(x, y, dice.choice((0.8, 0.8, 1.1, 1.6)), see_through(light.sun, dice.uniform(0.35, 0.95)))


def hills(canvas: Canvas, dice: Random, base: float, height: float, fill: Colour) -> None:
    """Draw a ridge over the whole width: `height` above `base` at its highest, and down to `base`."""
    first, second = dice.uniform(0, 6.3), dice.uniform(0, 6.3)
    ridge = []
    for x in range(0, WIDTH + 25, 24):
        rise = 0.55 + 0.30 * math.sin(x / 210 + first) + 0.15 * math.sin(x / 83 + second)
        ridge.append((float(x), base - height * rise))
    canvas.polygon([*ridge, (WIDTH, base), (0, base)], fill)


def sea(canvas: Canvas, light: Light, dice: Random, horizon: float, sun_x: float | None = None) -> None:
    """Draw water from `horizon` down, with the sun's track below `sun_x`."""
    canvas.gradient(horizon, HEIGHT, light.sea_top, light.sea_low)
    depth = HEIGHT - horizon
    for _ in range(70):
        nearness = dice.random() ** 1.4
        y = horizon + 6 + nearness * (depth - 10)
        length = 14 + 90 * nearness * dice.uniform(0.6, 1.4)
        tone = light.sea_low if dice.random() < 0.5 else mix(light.sea_top, light.sun, 0.4)
        x = dice.uniform(-40, WIDTH)
        canvas.box(x, y, length, 1.5 + 2.5 * nearness, see_through(tone, 0.30), 1)
    if sun_x is not None:
        for step in range(26):
            nearness = step / 26
            y = horizon + 4 + nearness * depth * 0.9
            half = (20 + 46 * nearness) * dice.uniform(0.35, 1)
            shift = dice.uniform(-14, 14) * (0.4 + nearness)
            canvas.box(
                sun_x + shift - half, y, 2 * half, 2 + 3 * nearness, see_through(light.sun, 0.5 - 0.3 * nearness), 1
            )


def ripples(canvas: Canvas, light: Light, dice: Random, top: float, count: int) -> None:
    """Draw light strokes from `top` down, over boats and what the water mirrors."""
    for _ in range(count):
        x, y = dice.uniform(-20, WIDTH), dice.uniform(top, HEIGHT - 12)
        canvas.box(x, y, dice.uniform(30, 125), 2.5, see_through(light.sea_top, 0.32), 1)


def gulls(canvas: Canvas, light: Light, dice: Random, count: int, x: float, y: float) -> None:
    """Draw gulls about a middle, as two bent strokes each."""
    tone = mix(light.ink, light.sky_low, 0.15) if not light.is_night else light.paper
    for _ in range(count):
        left, top = x + dice.uniform(-150, 150), y + dice.uniform(-60, 60)
        wing = dice.uniform(9, 17)
        wings = curve([(left - wing, top - wing * 0.35), (left - wing * 0.5, top - wing * 0.55), (left, top)])
        canvas.line(wings, tone, 2)
        canvas.line([(2 * left - px, py) for px, py in wings], tone, 2)


def tree(canvas: Canvas, light: Light, x: float, ground: float, height: float) -> None:
    canvas.box(x - height * 0.03, ground - height * 0.5, height * 0.06, height * 0.5, mix(light.ink, light.leaf, 0.25))
    canvas.oval(x, ground - height * 0.64, height * 0.28, height * 0.38, light.leaf)
    canvas.oval(
        x + height * 0.09, ground - height * 0.58, height * 0.18, height * 0.28, mix(light.leaf, light.ink, 0.18)
    )


def windows(
    canvas: Canvas,
    across: tuple[float, float, int],
    down: tuple[float, float, int],
    size: tuple[float, float],
    fill: Colour,
) -> None:
    """Draw a lattice of panes: `across` and `down` are start, step and count; `size` is one pane's."""
    for row in range(down[2]):
        for column in range(across[2]):
            canvas.box(across[0] + column * across[1], down[0] + row * down[1], size[0], size[1], fill)


def figure(canvas: Canvas, light: Light, x: float, ground: float, height: float, coat: Colour) -> None:
    """Draw a passer-by: legs, a coat, a head."""
    canvas.oval(x, ground, height * 0.24, height * 0.035, see_through(light.ink, 0.25))
    for side in (-1, 1):
        canvas.line(
            [(x + side * height * 0.06, ground - height * 0.45), (x + side * height * 0.08, ground)],
            light.ink,
            height * 0.075,
        )
    canvas.polygon(
        [
            (x - height * 0.12, ground - height * 0.8),
            (x + height * 0.12, ground - height * 0.8),
            (x + height * 0.17, ground - height * 0.35),
            (x - height * 0.17, ground - height * 0.35),
        ],
        coat,
    )
    canvas.disc(x, ground - height * 0.9, height * 0.095, mix(light.paper, light.warm, 0.35))


def work_boat(canvas: Canvas, light: Light, x: float, water: float, length: float, hull: Colour) -> None:
    """Draw a small fishing boat, bow to the right, its middle at `x`."""
    left, right, deck = x - length / 2, x + length / 2, water - length * 0.16
    house = length * 0.2
    canvas.line([(x + length * 0.02, deck), (x + length * 0.02, deck - length * 0.62)], light.ink, 3)
    canvas.line(
        [(x + length * 0.02, deck - length * 0.56), (left + length * 0.08, deck - length * 0.04)], light.ink, 1.2
    )
    canvas.line([(x + length * 0.02, deck - length * 0.60), (right, deck - length * 0.06)], light.ink, 1.2)
    canvas.box(x + length * 0.06, deck - house, length * 0.24, house, light.paper)
    canvas.box(x + length * 0.03, deck - house - 4, length * 0.3, 6, mix(light.warm, light.ink, 0.2))
    canvas.box(x + length * 0.10, deck - house * 0.75, length * 0.07, house * 0.34, light.lit)
    canvas.box(x + length * 0.20, deck - house * 0.75, length * 0.07, house * 0.34, light.lit)
    canvas.polygon(
        [
            (left, deck),
            (right + length * 0.05, deck - length * 0.06),
            (right - length * 0.06, water),
            (left + length * 0.06, water),
        ],
        hull,
    )
    canvas.polygon(
        [
            (left, deck),
            (right + length * 0.05, deck - length * 0.06),
            (right + length * 0.035, deck - length * 0.025),
            (left + length * 0.01, deck + length * 0.03),
        ],
        light.paper,
    )


def sail_boat(canvas: Canvas, light: Light, x: float, water: float, height: float, lean: float, sail: Colour) -> None:
    """Draw a yacht under main and jib; `lean` (in units at the masthead) is how far it heels."""
    deck = water - height * 0.07
    top = (x + lean, water - height)
    canvas.polygon(
        [
            (x - height * 0.3, deck),
            (x + height * 0.38, deck - height * 0.02),
            (x + height * 0.28, water),
            (x - height * 0.25, water),
        ],
        light.ink,
    )
    foot = water - height * 0.14
    luff = curve([top, (x + lean * 0.55 - height * 0.20, water - height * 0.5), (x - height * 0.30, foot)])
    canvas.polygon([*luff, (x + lean * 0.14, foot)], light.paper)
    leech = curve(
        [
            (x + lean * 0.93, water - height * 0.92),
            (x + height * 0.30, water - height * 0.46),
            (x + height * 0.36, foot),
        ]
    )
    canvas.polygon([*leech, (x + lean * 0.14 + height * 0.05, foot)], sail)
    canvas.line([(x, deck), top], light.ink, max(1.5, height * 0.012))
