"""The files of a theme: its own, and those of the themes that it extends, nearest first.

A theme that extends another has only what differs: the keys of theme.toml it sets anew, and whole templates.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.bundled import bundled
from digest.errors import Fault

__all__ = ["ThemeFiles", "read_theme_files", "theme_label"]

_MAX_TEMPLATE_BYTES = 256 * 1024
_DEEPEST = 5  # themes that extend one another
_NEEDED = frozenset({"letter.mjml.j2", "letter.css.j2"})


@dataclass(frozen=True, slots=True)
class ThemeFiles:
    """What the files say. `places` tells of each template what messages call it: "templates/classic/head.mjml.j2"."""

    told: Mapping[str, Any]
    templates: tuple[tuple[str, str], ...]  # file name → text
    places: tuple[tuple[str, str], ...]
    faults: tuple[Fault, ...]


def theme_label(folder: Path) -> str:
    """Return what messages call a theme's folder: "templates/classic"."""
    return f"{folder.parent.name}/{folder.name}"


def read_theme_files(folder: Path) -> ThemeFiles:
    """Read a theme's folder and those of the themes that it extends."""
    told: dict[str, Any] = {}
    templates: dict[str, str] = {}
    places: dict[str, str] = {}
    faults: list[Fault] = []
    at: Path | None = folder
    seen: list[Path] = []
    while at is not None:
        label = theme_label(at)
        own, more = _read_toml(at / "theme.toml", f"{label}/theme.toml")
        faults += more
        texts, more = _read_templates(at, label)
        faults += more
        told = _merged(own, told)
        for name, text in texts.items():
            if name not in templates:
                templates[name], places[name] = text, f"{label}/{name}"
        seen.append(at.resolve())
        at, fault = _parent(at, told.pop("extends", ""), f"{label}/theme.toml: extends")
        if at is not None and (at.resolve() in seen or len(seen) > _DEEPEST):
            fault = Fault(
                f"{label}/theme.toml: extends", f"{at.name!r} extends this theme in turn.", "Break the circle."
            )
            at = None
        faults += [fault] if fault else []
    known = {fault.where.rpartition("/")[2] for fault in faults}
    label = theme_label(folder)
    faults += (Fault(f"{label}/{name}", "is missing.") for name in sorted(_NEEDED - set(templates) - known))
    ordered = tuple(sorted(templates.items()))
    return ThemeFiles(told, ordered, tuple((name, places[name]) for name, _ in ordered), tuple(faults))


def _merged(parent: Mapping[str, Any], child: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parent's tables with the child's keys in place of theirs."""
    merged = dict(parent)
    for key, value in child.items():
        held = merged.get(key)
        merged[key] = _merged(held, value) if isinstance(held, dict) and isinstance(value, dict) else value
    return merged


def _parent(folder: Path, name: Any, where: str) -> tuple[Path | None, Fault | None]:
    """Return the folder of the theme that this one extends: beside it, else a shipped one."""
    if name == "":
        return None, None
    if not isinstance(name, str) or not re.fullmatch(r"[a-z0-9-]+", name):
        return None, Fault(where, f"{name!r} is no name of a theme.", 'Write it like "classic".')
    beside, shipped = folder.parent / name, bundled(f"templates/{name}")
    for found in (beside, shipped):
        if (found / "theme.toml").is_file() and found.resolve() != folder.resolve():
            return found, None
    return None, Fault(
        where, f"there is no theme {name!r}.", f"Looked in {theme_label(beside)} and the shipped themes."
    )


def _read_toml(path: Path, where: str) -> tuple[Mapping[str, Any], list[Fault]]:
    try:
        return tomllib.loads(path.read_text("utf-8")), []
    except FileNotFoundError:
        return {}, [Fault(where, "is missing.", "A theme is a folder with theme.toml and letter.mjml.j2.")]
    except (OSError, UnicodeDecodeError) as error:
        return {}, [Fault(where, f"can't be read: {error}.")]
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return {}, [Fault(where, f"is no TOML: {error}.")]


def _read_templates(folder: Path, label: str) -> tuple[dict[str, str], list[Fault]]:
    """Return the templates' texts by name; line ends become LF, as MJML wants them."""
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
    return found, faults
