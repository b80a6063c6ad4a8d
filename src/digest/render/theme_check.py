"""`digest check` for a theme: every fault of its files at once, and a trial on two sample editions."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from digest.errors import Fault, TemplateError
from digest.render.check import letter_problems
from digest.render.html import galley_of, render_html
from digest.render.sample import FULL, MINIMAL
from digest.render.templates import syntax_faults
from digest.render.text import render_text
from digest.render.theme import Theme
from digest.render.theme_values import load_theme

__all__ = ["check_theme"]


def check_theme(name_or_path: str | Path) -> tuple[Fault, ...]:
    """Return every fault of a theme, each with its file and line or key; none when it can be used."""
    try:
        theme = load_theme(name_or_path)
    except TemplateError as error:
        return error.faults
    faults = tuple(syntax_faults(theme))
    return faults or tuple(dict.fromkeys(_trial_faults(theme)))


def _trial_faults(theme: Theme) -> Iterator[Fault]:
    for edition in (FULL, MINIMAL):
        try:
            html = render_html(edition, theme)
        except TemplateError as error:
            yield from error.faults
            continue
        for problem in letter_problems(galley_of(edition), html, render_text(edition)):
            yield Fault(theme.place_of("letter.mjml.j2"), problem)
