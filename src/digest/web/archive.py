"""The archive: the list of the emails, and each one as it went out.

"View in browser" in a letter leads here. The page is the frozen letter itself, its blanks led to
the front of the archive instead of to one reader's links.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from digest.deliver import ledger
from digest.deliver.segments import remaining_segment
from digest.model import Blank, Letter
from digest.render.dates import long_date
from digest.render.wording import wording_for
from digest.slots import read_edition_id
from digest.store import editions
from digest.store.corrections import Correction, corrections_of
from digest.store.editions import EditionRow
from digest.web.pages import page

if TYPE_CHECKING:
    from digest.app import App

__all__ = ["ROUTES", "with_corrections", "without_blanks"]

_BODY = re.compile(r"<body[^>]*>", re.IGNORECASE)


def without_blanks(letter: Letter, url: str) -> str:
    """Return the letter's HTML with every reader's own link replaced by `url`."""
    html = letter.html
    for blank in Blank:
        html = html.replace(letter.token(blank), url)
    return html


def with_corrections(html: str, corrections: Sequence[Correction], language: str) -> str:
    """Return a letter's page with the corrections above it; the letter itself stays as it went out."""
    if not corrections:
        return html
    notes = "".join(
        f'<p style="margin:0 auto;max-width:600px;padding:12px 16px;background:#fff4c2;color:#1d1d1d;'
        f'border-bottom:1px solid #d9b400;font:16px/1.5 Georgia,serif"><b>{escape(_heading(correction, language))}</b> '
        f"{escape(correction.note)}</p>"
        for correction in corrections
    )
    body = _BODY.search(html)
    at = body.end() if body else 0
    return f'{html[:at]}<div role="note">{notes}</div>{html[at:]}'


def _heading(correction: Correction, language: str) -> str:
    date_told = long_date(correction.at.date(), language)
    return wording_for(language).correction.format(headline=date_told)


def _list(request: Request) -> HTMLResponse:
    app: App = request.app.state.app
    known = editions.list_editions(app.database, limit=200, of_one_section=True)  # each has its own page
    rows = [row for row in known if _is_public(app, row)]
    shown = [
        {
            "id": row.id,
            "subject": row.subject,
            "title": _title(app, row.section),
            "date": long_date(read_edition_id(row.id)[1], app.config.publication.language),
        }
        for row in rows
    ]
    return page(request, "archive.html.j2", editions=shown)


def _edition(request: Request) -> HTMLResponse:
    app: App = request.app.state.app
    edition_id = f"{request.path_params['section']}/{request.path_params['date']}"
    letter = editions.get_letter(app.database, edition_id) or _of_those_who_left(app, edition_id)
    row = editions.get_edition(app.database, letter.edition_id) if letter else None
    if letter is None or row is None or not _is_public(app, row):
        raise HTTPException(404)
    html = without_blanks(letter, app.config.web.base_url + "/")
    return HTMLResponse(
        with_corrections(html, corrections_of(app.database, edition_id), app.config.publication.language)
    )


def _of_those_who_left(app: App, edition_id: str) -> Letter | None:
    """Return the letter of sections that remained to somebody who left others, of which there is no edition."""
    joined, _, day = edition_id.rpartition("/")
    sections = joined.split("+")
    if len(sections) == 1 or not set(sections) <= set(app.config.sections):
        return None
    return editions.find_letter(app.database, remaining_segment(sections), day)


def _is_public(app: App, row: EditionRow) -> bool:
    """Say whether a reader may have the letter: also of an edition that was held or cancelled halfway."""
    return any(ledger.has_begun(app.database, edition_id) for edition_id in editions.within(app.database, row.id))


def _title(app: App, section: str) -> str:
    return app.config.title_of(section) if set(section.split("+")) <= set(app.config.sections) else section


ROUTES = (Route("/", _list), Route("/{section}/{date}", _edition))
