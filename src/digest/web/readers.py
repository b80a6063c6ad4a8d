"""What a reader does from the links in a letter: unsubscribe, and choose sections.

Scanners follow links, so GET never changes anything. POST acts at once, without a session, a cookie
or a redirect (RFC 8058 §3.2); the signed token in the address is all the proof there is, and it
does not expire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from digest.store import subscribers
from digest.web.pages import page

if TYPE_CHECKING:
    from digest.app import App

__all__ = ["ROUTES"]


def _unsubscribe_page(request: Request) -> HTMLResponse:
    return _unsubscribe_answer(request)


def _unsubscribe(request: Request) -> HTMLResponse:
    app: App = request.app.state.app
    known = app.links.read_unsubscribe(request.path_params["token"])
    if known is not None:
        subscriber_id, section = known
        for key in section.split("+"):
            subscribers.unsubscribe(app.database, subscriber_id, key, app.now(), how="one-click")
    return _unsubscribe_answer(request)


def _unsubscribe_answer(request: Request) -> HTMLResponse:
    """Say how things stand now. Always 200: RFC 8058 lets a provider take anything else for a failure."""
    app: App = request.app.state.app
    known = app.links.read_unsubscribe(request.path_params["token"])
    if known is None:
        return _invalid_link(request, status=200)
    subscriber_id, section = known
    reader = subscribers.by_id(app.database, subscriber_id)
    return page(
        request,
        "unsubscribe.html.j2",
        done=reader is None or set(section.split("+")).isdisjoint(reader.sections),
        section_title=app.config.title_of(section) if set(section.split("+")) <= set(app.config.sections) else "",
        preferences_url=app.links.preferences_url(subscriber_id) if reader is not None else "",
    )


def _invalid_link(request: Request, *, status: int) -> HTMLResponse:
    return page(
        request,
        "missing.html.j2",
        status=status,
        heading="This link is not valid",
        advice="It may be cut short, and nothing was changed. Use the link in the footer of the newest email.",
    )


def _preferences_page(request: Request) -> HTMLResponse:
    return _preferences_answer(request, saved=False)


async def _save_preferences(request: Request) -> HTMLResponse:
    form = await request.form()
    if "sent" not in form:  # an empty body, or no form at all, must not read as "no section"
        return await run_in_threadpool(_preferences_answer, request, saved=False)
    wanted = frozenset(str(value) for value in form.getlist("section"))
    return await run_in_threadpool(_store_preferences, request, wanted)


def _store_preferences(request: Request, wanted: frozenset[str]) -> HTMLResponse:
    app: App = request.app.state.app
    subscriber_id = app.links.read_preferences(request.path_params["token"])
    if subscriber_id is not None:
        chosen = frozenset(app.config.sections) & wanted
        subscribers.choose_sections(app.database, subscriber_id, chosen, app.now(), how="preferences page")
    return _preferences_answer(request, saved=True)


def _preferences_answer(request: Request, *, saved: bool) -> HTMLResponse:
    app: App = request.app.state.app
    subscriber_id = app.links.read_preferences(request.path_params["token"])
    reader = subscribers.by_id(app.database, subscriber_id) if subscriber_id is not None else None
    if reader is None:
        return _invalid_link(request, status=404)
    sections = [
        {"key": key, "title": app.config.title_of(key), "is_on": key in reader.sections} for key in app.config.sections
    ]
    chosen = [section["title"] for section in sections if section["is_on"]]
    return page(request, "preferences.html.j2", sections=sections, saved=saved, chosen=chosen)


ROUTES = (
    Route("/u/{token}", _unsubscribe_page, methods=["GET"]),
    Route("/u/{token}", _unsubscribe, methods=["POST"]),
    Route("/p/{token}", _preferences_page, methods=["GET"]),
    Route("/p/{token}", _save_preferences, methods=["POST"]),
)
