"""How far two colours stand apart (WCAG 2.2), and whether a text can be made out on its paper."""

from __future__ import annotations

import colorsys

__all__ = ["AA", "contrast", "readable_on"]

_STEP = 0.01
_MIDDLE = 0.18  # of luminance: grey that black and white stand apart from alike

AA = 4.5  # WCAG 2.2 §1.4.3: text under 24 px, or under 18.66 px bold


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two #RRGGBB colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def readable_on(colour: str, paper: str) -> str:
    """Return `colour`, as far darkened or lightened as it must be to be read on `paper`; its hue is kept."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
    step = -_STEP if _luminance(paper) > _MIDDLE else _STEP
    found = colour.upper()
    while contrast(found, paper) < AA and 0.0 < lightness + step < 1.0:
        lightness += step
        parts = colorsys.hls_to_rgb(hue, lightness, saturation)
        found = "#" + "".join(f"{round(part * 255):02X}" for part in parts)
    return found
