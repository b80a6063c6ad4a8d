"""Edition → MJML → HTML with inlined styles, once per letter.

Jinja2 makes MJML of the galley, the check refuses what mjml-python would pass over, mjml-python makes
tables of it, and premailer inlines the theme's `letter.css.j2`. Styles that must stay in <style>
(dark mode, narrow screens, hover) are not touched. Nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
import logging
import re
from dataclasses import asdict, replace
from functools import lru_cache
from unicodedata import category

from digest.errors import Fault, TemplateError
from digest.model import Edition, EditionStatus
from digest.render.check import Problem, mjml_problems
from digest.render.galley import Galley, galley
from digest.render.templates import render_template
from digest.render.theme import Theme

__all__ = ["edition_mark", "galley_of", "render_html", "render_mjml"]

_BLANK_LINES = re.compile(r"\n\s*\n")
_JINJA = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}")
_INDENT = re.compile(r"\n\s*")
# An attribute with a backslash or anything outside printable ASCII, or the title, which becomes an attribute too.
_ATTRIBUTE = re.compile(r'="[^"]*[^ -\[\]-~"][^"]*"|<mj-title>[^<]*')
# Behind a short preheader mail apps show the letter's first words, the masthead. A combining mark that has no
# looks (U+034F) before each space keeps the spaces from being folded into one, and so the rest empty.
_PREHEADER_SHOWN = 130
_KEEP = ' data-premailer="ignore"'


def edition_mark(edition: Edition) -> str:
    """Return 12 hex digits that no story can foretell: a hash of all that the edition says.

    Where it stands on its way (its status) is not a part of that.
    """
    told = asdict(replace(edition, status=EditionStatus.DRAFT))
    if not edition.parts:
        del told["parts"]  # as it was before letters had them: drafts keep their marks
    said = json.dumps(
        told,
        default=str,
        sort_keys=True,
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@lru_cache(maxsize=4)
def galley_of(edition: Edition) -> Galley:
    """Return the galley of `edition` with its own mark in the blanks."""
    return galley(edition, edition_mark(edition))


def render_mjml(edition: Edition, theme: Theme) -> str:
    """Return the letter as MJML, checked.

    Raises:
        TemplateError: the theme fails, or makes something that may not stand in a letter.
    """
    letter = galley_of(edition)
    mjml = _BLANK_LINES.sub("\n", render_template(theme, "letter.mjml.j2", **_given(letter, theme))).strip() + "\n"
    problems = mjml_problems(mjml)
    if problems:
        raise TemplateError([_fault(problem, mjml, theme) for problem in problems])
    return mjml


@lru_cache(maxsize=4)
def render_html(edition: Edition, theme: Theme) -> str:
    """Return the finished HTML, its blanks unfilled. The same arguments give the same bytes."""
    letter = galley_of(edition)
    html = _to_html(render_mjml(edition, theme), theme)
    styles = render_template(theme, "letter.css.j2", **_given(letter, theme))
    return _inlined(_INDENT.sub("\n", html), styles)


def _given(letter: Galley, theme: Theme) -> dict[str, object]:
    """Return what a template is given. Font stacks were checked; they are CSS and must not be escaped."""
    from markupsafe import Markup

    is_rtl = letter.direction == "rtl"
    return {
        "letter": letter,
        "words": letter.words,
        "preheader_rest": "\u034f " * max(0, _PREHEADER_SHOWN - len(letter.preheader)),
        "page": theme.page,
        "light": theme.light,
        "dark": theme.dark,
        "accent": theme.accent(letter.section),
        "serif": Markup(theme.fonts.serif),  # noqa: S704  (letters, commas and single quotes only)
        "sans": Markup(theme.fonts.sans),  # noqa: S704  (letters, commas and single quotes only)
        "wordmark": theme.logo.text or letter.publication,
        "logo": theme.logo,
        "show": theme.show,
        "start": "right" if is_rtl else "left",
        "end": "left" if is_rtl else "right",
        # A figure after a Latin word goes with that word from left to right, unless a mark stands between.
        "between": "\u00a0·\u200f " if is_rtl else "\u00a0· ",
    }


def _to_html(mjml: str, theme: Theme) -> str:
    from mjml import mjml2html

    try:
        # Without `fonts` it would fetch Roboto and others from a font service wherever a stack names them.
        return str(mjml2html(_ATTRIBUTE.sub(_spelled, mjml), fonts={}))
    except ValueError as error:
        raise TemplateError([Fault(theme.place_of("letter.mjml.j2"), f"mjml-python refuses it: {error}.")]) from None


def _spelled(attribute: re.Match[str]) -> str:
    """Write as references what mrml garbles in an attribute: marks, odd spaces, backslashes."""
    return "".join(
        f"&#{ord(letter)};" if letter == "\\" or (letter != " " and category(letter)[0] in "CMZ") else letter
        for letter in attribute[0]
    )


def _inlined(html: str, styles: str) -> str:
    """Inline `styles`; every <style> that is there already stays as it is, byte for byte."""
    from premailer import Premailer

    # premailer keeps a doctype only in capitals; without one a letter is shown in quirks mode.
    marked = html.replace("<!doctype html>", "<!DOCTYPE html>", 1).replace("<style", f"<style{_KEEP}")
    inliner = Premailer(
        marked,
        css_text=styles,
        allow_network=False,
        disable_leftover_css=True,
        strip_important=False,  # it would also strip the kept styles, and dark mode lives by them
        disable_validation=True,
        align_floating_images=False,
        disable_basic_attributes=["width", "height", "align", "valign", "bgcolor"],  # the templates give them
        cssutils_logging_level=logging.CRITICAL,
    )
    return str(inliner.transform(pretty_print=False)).replace(_KEEP, "") + "\n"


def _fault(problem: Problem, mjml: str, theme: Theme) -> Fault:
    """Return the fault at the line of the theme that made it, or else of the rendered MJML."""
    lines = mjml.splitlines()
    made = lines[problem.line - 1].strip() if problem.line <= len(lines) else ""
    where = _line_that_makes(made, theme) or f"{theme.place_of('letter.mjml.j2')} (rendered, line {problem.line})"
    return Fault(where, problem.what, problem.hint)


def _line_that_makes(made: str, theme: Theme) -> str:
    """Find the one line of the templates whose fixed text, in its order, makes up the line `made`."""
    found: dict[str, int] = {}
    for name, text in theme.templates:
        for number, line in enumerate(text.splitlines(), 1):
            fixed = _JINJA.split(line.strip())
            if any(fixed) and re.fullmatch(".*?".join(map(re.escape, fixed)), made):
                found[f"{theme.place_of(name)}:{number}"] = sum(map(len, fixed))
    longest = [where for where, length in found.items() if length == max(found.values())]
    return longest[0] if len(longest) == 1 else ""
