"""Render: a choice and its briefs → an edition → a letter.

`compose` says what an edition holds, `render` makes the letter of it, `fit` cuts it to what Gmail
shows whole. How it looks is a theme's business: a folder of templates/. The packages that do the work
(Jinja2, mjml-python, premailer, Babel) are loaded at the first letter, not at import.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

from digest.errors import Fault, TemplateError
from digest.model import WHOLE, Edition, Letter
from digest.render.check import letter_problems
from digest.render.combine import combine
from digest.render.compose import compose
from digest.render.fit import fit, letter_bytes
from digest.render.headers import letter_headers
from digest.render.html import edition_mark, galley_of, render_html, render_mjml
from digest.render.terminal import render_terminal
from digest.render.text import render_text
from digest.render.theme import Theme
from digest.render.theme_check import check_theme
from digest.render.theme_values import load_theme

__all__ = [
    "Theme",
    "check_theme",
    "combine",
    "compose",
    "fit",
    "letter_bytes",
    "load_theme",
    "render",
    "render_mjml",
    "render_terminal",
]


def render(edition: Edition, theme: Theme | str | Path = "classic") -> Letter:
    """Return the letter of `edition`, with a blank wherever readers differ. Same edition, same bytes.

    Raises:
        TemplateError: the theme can't be used, or its letter lacks what every letter needs.
    """
    loaded = theme if isinstance(theme, Theme) else load_theme(theme)
    html, text = render_html(edition, loaded), render_text(edition)
    problems = tuple(letter_problems(galley_of(edition), html, text))
    if problems:
        raise TemplateError([Fault(loaded.place_of("letter.mjml.j2"), problem) for problem in problems])
    return Letter(
        edition_id=edition.id,
        segment=WHOLE,
        subject=edition.subject,
        html=html,
        text=text,
        headers=letter_headers(edition),
        mark=edition_mark(edition),
    )


class _Room(ModuleType):
    """This package, callable: `digest.render` is the function's public name, and the package has it too."""

    def __call__(self, edition: Edition, theme: Theme | str | Path = "classic") -> Letter:
        return render(edition, theme)


sys.modules[__name__].__class__ = _Room
