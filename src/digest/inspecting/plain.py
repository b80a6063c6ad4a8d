"""The text part beside the HTML: the same stories, the same links, lines that fit; and the law's lines in both."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from digest.inspecting.findings import Finding, Level, Specimen, Topic
from digest.inspecting.links import links_of
from digest.inspecting.markup import said, shown_elements, text_of
from digest.model import Blank
from digest.render.lines import columns, one_line

__all__ = ["law_findings", "text_findings"]

_COLUMNS = 72
_TAG = re.compile(r"</?(table|tr|td|div|span|style|img|br)\b|<a href", re.IGNORECASE)


def text_findings(page: Any, specimen: Specimen) -> Iterator[Finding]:
    """Hold the text part against the HTML."""
    text = specimen.text
    if not text.strip():
        what, hint = "There is no text part.", "Those who read by ear or on a watch get nothing; add one."
        yield Finding(Level.ERROR, Topic.TEXT, what, "text", "", hint)
        return
    for number, line in enumerate(text.splitlines(), 1):
        if columns(line) > _COLUMNS and " " in line.strip() and "://" not in line:
            what = f"A line has {columns(line)} columns; {_COLUMNS} fit."
            yield Finding(Level.WARNING, Topic.TEXT, what, f"text:{number}", said(line), "Break it at a word.")
        if _TAG.search(line):
            what, hint = "A line has tags of HTML in it.", "Compose the text as text."
            yield Finding(Level.WARNING, Topic.TEXT, what, f"text:{number}", said(line), hint)
    flat_text, flat_html = " ".join(text.split()), text_of(page)
    for brief in specimen.edition.briefs:
        headline = one_line(brief.headline)
        for part, flat in (("text", flat_text), ("html", flat_html)):
            if headline not in flat:
                what = f"A story of the edition is not in the {part} part."
                hint = "Look at the theme." if part == "html" else "The letter says different things to different eyes."
                yield Finding(Level.WARNING, Topic.TEXT, what, part, said(headline), hint)
    home = specimen.edition.publication.url.rstrip("/")
    for address, line_number in links_of(page, specimen).items():
        if address.rstrip("/") != home and address not in text:
            what, hint = "A link of the HTML is not in the text part.", "Add it there."
            yield Finding(Level.NOTE, Topic.TEXT, what, f"html:{line_number}", said(address, 120), hint)


def law_findings(page: Any, specimen: Specimen) -> Iterator[Finding]:
    """Look for what CAN-SPAM (15 U.S.C. §7704) and the GDPR ask of every letter: who, where, why, and a way out."""
    publication, letter = specimen.edition.publication, specimen.letter
    shown = " ".join(" ".join(text_of(element) for element in page.findall("body")).split())
    for part, content in (("html", shown), ("text", " ".join(specimen.text.split()))):
        address = " ".join(publication.postal_address.split())
        if not address:
            what, hint = "There is no postal address.", "Set publication.postal_address in config.toml."
            yield Finding(Level.ERROR, Topic.LAW, what, part, "", hint)
        elif address not in content:
            what, hint = "The postal address is not shown.", "The law asks for it; the theme must show it."
            yield Finding(Level.ERROR, Topic.LAW, what, part, address, hint)
        if publication.name not in content:
            what, hint = "The letter does not say who sends it.", "Show the publication's name."
            yield Finding(Level.ERROR, Topic.LAW, what, part, publication.name, hint)
    if letter.token(Blank.UNSUBSCRIBE_URL) not in letter.text:
        what, hint = "The text part has no way to unsubscribe.", "Add the reader's unsubscribe link."
        yield Finding(Level.ERROR, Topic.LAW, what, "text", "", hint)
    token = letter.token(Blank.UNSUBSCRIBE_URL)
    ways_out = [each for each in shown_elements(page) if each.get("href") == specimen.unsubscribe_url]
    if token not in letter.html or not any(map(text_of, ways_out)):
        what, hint = "No visible link unsubscribes.", "Show the reader's unsubscribe link in words."
        yield Finding(Level.ERROR, Topic.LAW, what, "html", "", hint)
    title = specimen.edition.title
    if title and title not in shown:
        what, hint = "The letter does not name the list that it belongs to.", "Say why the reader gets it."
        yield Finding(Level.WARNING, Topic.LAW, what, "html", title, hint)
