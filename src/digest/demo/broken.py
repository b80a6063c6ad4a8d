"""Markup as careless systems write it: tags left open, stray, wrongly nested, attributes unquoted.

A browser shows such a page all the same, and so must whoever reads it for its story.
"""

from __future__ import annotations

import re

__all__ = ["spoil_markup"]


def spoil_markup(html: str) -> str:
    """Return `html` with faults within <main>; its words, its head and its scripts stay as they are."""
    before, opening, rest = html.partition("<main")
    article, closing, after = rest.partition("</main>")
    return before + opening + _spoil(article) + closing + after


def _spoil(markup: str) -> str:
    markup = re.sub(r"</(p|li)>", "", markup)  # left open
    markup = re.sub(r'\b(class|width|height|loading|rel)="([\w-]+)"', r"\1=\2", markup)  # unquoted
    markup = re.sub(r"<h2([^>]*)>(.*?)</h2>", r"<h2\1><b><i>\2</b></i></h2></span>", markup, flags=re.DOTALL)  # crossed
    markup = re.sub(r"<p>(\w+)", r"<P><FONT color=black>\1</FONT></strong>", markup, count=2)  # stray
    return markup.replace("</figure>", "</figure></center>", 1).replace("<aside", "<center><aside", 1)
