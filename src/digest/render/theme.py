"""A theme: `theme.toml` and the templates beside it, read once and checked.

It knows colours, fonts and widths, and the text of the templates; it renders nothing. Every value ends
up in style attributes, so each is held to a strict form here.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from digest.bundled import bundled
from digest.errors import Fault, TemplateError

__all__ = ["Accent", "Fonts", "Page", "Palette", "Theme", "load_theme"]

_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_FONTS = re.compile(r"[A-Za-z0-9 ,'-]{1,200}")
_AA = 4.5  # WCAG 2.2 §1.4.3: text under 24 px, or under 18.66 px bold
_MAX_TEMPLATE_BYTES = 256 * 1024
_LETTER = "letter.mjml.j2"
_STYLES = "letter.css.j2"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one mode, as #RRGGBB."""

    ink: str
    paper: str
    muted: str
    hairline: str


@dataclass(frozen=True, slots=True)
class Accent:
    """A section's colour in both modes."""

    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Fonts:
    """CSS font stacks; single quotes only."""

    serif: str
    sans: str


@dataclass(frozen=True, slots=True)
class Page:
    """Widths in CSS pixels."""

    width_px: int
    gutter_px: int
    phone_gutter_px: int
    phone_below_px: int


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme as loaded; the files may change afterwards without changing it."""

    name: str
    folder: str  # as messages call it: "templates/classic"
    wordmark: str  # "": the publication's name
    page: Page
    fonts: Fonts
    light: Palette
    dark: Palette
    accents: tuple[tuple[str, Accent], ...]  # by section; "default" is always there
    templates: tuple[tuple[str, str], ...]  # file name → text
    fingerprint: str  # of all its files

    def accent(self, section: str) -> Accent:
        accents = dict(self.accents)
        return accents.get(section, accents["default"])


def load_theme(name_or_path: str | Path) -> Theme:
    """Load a shipped theme by its name, or any by its folder.

    Raises:
        TemplateError: every fault of theme.toml with its key, and templates that can't be read.
    """
    folder = Path(name_or_path)
    if isinstance(name_or_path, str) and re.fullmatch(r"[a-z0-9-]+", name_or_path):
        folder = bundled(f"templates/{name_or_path}")
    label = f"{folder.parent.name}/{folder.name}"
    told, faults = _read_toml(folder / "theme.toml", f"{label}/theme.toml")
    templates, more_faults = _read_templates(folder, label)
    if faults or more_faults:
        raise TemplateError((*faults, *more_faults))
    return _Reader(told, f"{label}/theme.toml").theme(folder.name, label, templates)


def _read_toml(path: Path, where: str) -> tuple[Mapping[str, Any], list[Fault]]:
    try:
        return tomllib.loads(path.read_text("utf-8")), []
    except FileNotFoundError:
        return {}, [Fault(where, "is missing.", "A theme is a folder with theme.toml and letter.mjml.j2.")]
    except (OSError, UnicodeDecodeError) as error:
        return {}, [Fault(where, f"can't be read: {error}.")]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return {}, [Fault(where, f"is no TOML: {error}.")]


def _read_templates(folder: Path, label: str) -> tuple[tuple[tuple[str, str], ...], list[Fault]]:
    """Return the templates' names and texts; line ends become LF, as MJML wants them."""
    found: dict[str, str] = {}
    faults: list[Fault] = []
    for path in sorted(folder.glob("*.j2")):
        where = f"{label}/{path.name}"
        if not path.resolve().is_relative_to(folder.resolve()):
            faults.append(Fault(where, "is a link to a file outside of the theme.", "Copy the file into the folder."))
            continue
        try:
            if path.stat().st_size > _MAX_TEMPLATE_BYTES:
                faults.append(Fault(where, f"is larger than {_MAX_TEMPLATE_BYTES:,} bytes."))
                continue
            found[path.name] = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            faults.append(Fault(where, f"can't be read: {error}."))
    wanted = {_LETTER, _STYLES}
    seen = {fault.where.rpartition("/")[2] for fault in faults}
    faults.extend(Fault(f"{label}/{name}", "is missing.") for name in sorted(wanted - set(found) - seen))
    return tuple(found.items()), faults


class _Reader:
    """Reads the tables of a theme.toml, and gathers what is wrong with them."""

    def __init__(self, told: Mapping[str, Any], where: str) -> None:
        self._told = told
        self._where = where
        self._faults: list[Fault] = []

    def theme(self, name: str, label: str, templates: tuple[tuple[str, str], ...]) -> Theme:
        unknown = set(self._told) - {"logo", "page", "fonts", "light", "dark", "accents"}
        for key in sorted(unknown):
            self._fault(key, "is no table of a theme.", "Known: logo, page, fonts, light, dark, accents.")
        wordmark = self._table("logo", {"text"}).get("text", "")
        if not isinstance(wordmark, str):
            self._fault("logo.text", f"{wordmark!r} is no text.")
        page = self._numbers()
        fonts = Fonts(**{key: self._font(f"fonts.{key}", value) for key, value in self._texts("fonts", Fonts).items()})
        light, dark = self._palette("light"), self._palette("dark")
        accents = tuple(self._accents())
        self._faults.extend(_contrast_faults(self._where, light, dark, accents) if not self._faults else ())
        if self._faults:
            raise TemplateError(self._faults)
        fingerprint = hashlib.sha256(repr((self._told, templates)).encode("utf-8", "replace")).hexdigest()[:16]
        return Theme(name, label, wordmark, page, fonts, light, dark, accents, templates, fingerprint)

    def _fault(self, key: str, problem: str, hint: str = "") -> None:
        self._faults.append(Fault(f"{self._where}: {key}", problem, hint))

    def _table(self, key: str, known: set[str], within: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        table = (self._told if within is None else within).get(key.rpartition(".")[2], {})
        if not isinstance(table, dict):
            self._fault(key, "is no table.")
            return {}
        for name in sorted(set(table) - known):
            self._fault(f"{key}.{name}", "is no key of a theme.", f"Known: {', '.join(sorted(known))}.")
        return table

    def _texts(self, key: str, kind: type, within: Mapping[str, Any] | None = None) -> dict[str, str]:
        names = [field.name for field in fields(kind)]
        table = self._table(key, set(names), within)
        for name in names:
            if not isinstance(table.get(name), str):
                self._fault(f"{key}.{name}", "is missing." if name not in table else f"{table[name]!r} is no text.")
        return {name: str(table.get(name, "")) for name in names}

    def _palette(self, key: str) -> Palette:
        return Palette(**{n: self._colour(f"{key}.{n}", value) for n, value in self._texts(key, Palette).items()})

    def _accents(self) -> Iterator[tuple[str, Accent]]:
        table = self._told.get("accents", {})
        if not isinstance(table, dict) or "default" not in table:
            self._fault("accents.default", "is missing.", "It is the colour of sections without their own.")
            return
        for section in table:
            key = f"accents.{section}"
            texts = self._texts(key, Accent, table)
            yield section, Accent(**{mode: self._colour(f"{key}.{mode}", value) for mode, value in texts.items()})

    def _colour(self, key: str, value: str) -> str:
        if value and not _COLOUR.fullmatch(value):
            self._fault(key, f"{value[:40]!r} is no colour.", "Write it like '#1A1A1A'.")
        return value.upper()

    def _font(self, key: str, value: str) -> str:
        if value and not _FONTS.fullmatch(value):
            self._fault(
                key, f"{value[:60]!r} is no font stack.", "Write it like \"Georgia, 'Times New Roman', serif\"."
            )
        return value

    def _numbers(self) -> Page:
        names = [field.name for field in fields(Page)]
        table = self._table("page", set(names))
        numbers: dict[str, int] = {}
        for name in names:
            value = table.get(name)
            if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 2000:
                self._fault(f"page.{name}", "is missing." if value is None else f"{value!r} is no number of pixels.")
                value = 0
            numbers[name] = value
        return Page(**numbers)


def _contrast_faults(
    where: str, light: Palette, dark: Palette, accents: tuple[tuple[str, Accent], ...]
) -> Iterator[Fault]:
    """Find text colours that some readers couldn't make out on the paper."""
    texts = [
        *(
            (f"{mode}.{name}", getattr(palette, name), palette.paper)
            for mode, palette in (("light", light), ("dark", dark))
            for name in ("ink", "muted")
        ),
        *((f"accents.{section}.light", accent.light, light.paper) for section, accent in accents),
        *((f"accents.{section}.dark", accent.dark, dark.paper) for section, accent in accents),
    ]
    for key, text, paper in texts:
        if (ratio := _contrast(text, paper)) < _AA:
            yield Fault(
                f"{where}: {key}", f"{text} on {paper} has a contrast of {ratio:.2f}.", f"At least {_AA} is needed."
            )


def _contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two #RRGGBB colours, 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
