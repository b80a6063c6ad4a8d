"""theme.toml → `Theme`: every value ends up in style attributes, so each is held to a strict form here."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from digest.bundled import bundled
from digest.errors import Fault, TemplateError
from digest.render.contrast import AA, contrast
from digest.render.theme import Accent, Fonts, Logo, Page, Palette, Show, Theme
from digest.render.theme_files import ThemeFiles, read_theme_files, theme_label

__all__ = ["load_theme"]

_TABLES = ("logo", "page", "fonts", "light", "dark", "accents", "show")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_FONTS = re.compile(r"[A-Za-z0-9 ,'-]{1,200}")
_WEB = re.compile(r"https?://[^\s\"'<>]{4,1000}")


def load_theme(name_or_path: str | Path) -> Theme:
    """Load a shipped theme by its name, or any by its folder.

    Raises:
        TemplateError: every fault of theme.toml with its key, and templates that can't be read.
    """
    folder = Path(name_or_path)
    if isinstance(name_or_path, str) and re.fullmatch(r"[a-z0-9-]+", name_or_path):
        folder = bundled(f"templates/{name_or_path}")
    files = read_theme_files(folder)
    if files.faults:
        raise TemplateError(files.faults)
    label = theme_label(folder)
    return _Reader(files.told, f"{label}/theme.toml").theme(folder.name, label, files)


class _Reader:
    """Reads the tables of a theme.toml, and gathers what is wrong with them."""

    def __init__(self, told: Mapping[str, Any], where: str) -> None:
        self._told = told
        self._where = where
        self._faults: list[Fault] = []

    def theme(self, name: str, label: str, files: ThemeFiles) -> Theme:
        for key in sorted(set(self._told) - set(_TABLES)):
            self._fault(key, "is no table of a theme.", f"Known: {', '.join(_TABLES)}.")
        logo, show = self._logo(), self._show()
        page = self._numbers()
        fonts = Fonts(**{key: self._font(f"fonts.{key}", value) for key, value in self._texts("fonts", Fonts).items()})
        light, dark = self._palette("light"), self._palette("dark")
        accents = tuple(self._accents())
        self._faults.extend(_contrast_faults(self._where, light, dark, accents) if not self._faults else ())
        if self._faults:
            raise TemplateError(self._faults)
        all_of_it = repr((self._told, files.templates)).encode("utf-8", "replace")
        return Theme(
            name=name,
            folder=label,
            logo=logo,
            page=page,
            fonts=fonts,
            light=light,
            dark=dark,
            accents=accents,
            show=show,
            templates=files.templates,
            places=files.places,
            fingerprint=hashlib.sha256(all_of_it).hexdigest()[:16],
        )

    def _logo(self) -> Logo:
        told = dict(self._table("logo", {field.name for field in fields(Logo)}))
        for key in ("text", "light", "dark"):
            if not isinstance(told.get(key, ""), str):
                self._fault(f"logo.{key}", f"{told.pop(key)!r} is no text.")
        for key in ("light", "dark"):
            if told.get(key) and not _WEB.fullmatch(told[key]):
                self._fault(f"logo.{key}", f"{told[key][:80]!r} is no web address.", "Inboxes fetch it: https://…")
        for key in ("width_px", "height_px"):
            self._number("logo", key, told.get(key, 0))
        logo = Logo(**told) if not self._faults else Logo()
        if logo.light and not (logo.width_px and logo.height_px):
            self._fault("logo", "has a picture without a size.", "Set width_px and height_px, as it is to be shown.")
        if logo.dark and not logo.light:
            self._fault("logo.dark", "stands alone.", "Set logo.light too.")
        return logo

    def _show(self) -> Show:
        table = self._table("show", {field.name for field in fields(Show)})
        for key, value in table.items():
            if key == "mark" and not (isinstance(value, str) and len(value) == 1):
                self._fault("show.mark", f"{value!r} is no single character.")
            elif key != "mark" and not isinstance(value, bool):
                self._fault(f"show.{key}", f"{value!r} is neither true nor false.")
        return Show(**table) if not self._faults else Show()

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
            numbers[name] = self._number("page", name, table.get(name))
        return Page(**numbers)

    def _number(self, table: str, name: str, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 2000:
            self._fault(f"{table}.{name}", "is missing." if value is None else f"{value!r} is no number of pixels.")
            return 0
        return value


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
        if (ratio := contrast(text, paper)) < AA:
            yield Fault(
                f"{where}: {key}", f"{text} on {paper} has a contrast of {ratio:.2f}.", f"At least {AA} is needed."
            )
