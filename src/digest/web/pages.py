"""Rendering a page of templates/web."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse

from digest.bundled import bundled

if TYPE_CHECKING:
    from digest.app import App

__all__ = ["page", "page_environment"]


def page_environment() -> Environment:
    """Return what renders readers' pages: escaped by itself, and an undefined name is an error."""
    return Environment(
        loader=FileSystemLoader(bundled("templates/web")), autoescape=True, undefined=StrictUndefined, auto_reload=False
    )


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """Render `template` with the publication and its language, and the page's own values."""
    app: App = request.app.state.app
    pages: Environment = request.app.state.pages
    publication = app.config.publication_noun()
    html = pages.get_template(template).render(publication=publication, language=publication.language, **values)
    return HTMLResponse(html, status_code=status)
