"""The web application: its routes, and the headers and limits that every request meets."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from digest.errors import DigestError
from digest.web import archive, clicks, health, hooks, pictures, readers
from digest.web.pages import page, page_environment

if TYPE_CHECKING:
    from digest.app import App

__all__ = ["build_site"]

MAX_FORM_BYTES = 64 * 1024
BODY_SECONDS = 10.0  # of silence before a body is given up

# The letter is shown with its own inline styles and its pictures; nothing on any page runs.
_HEADERS = {
    b"content-security-policy": b"default-src 'none'; img-src https: http: data:; style-src 'unsafe-inline'; "
    b"form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
}


def build_site(app: App) -> Starlette:
    """Return the ASGI application over an opened `App`.

    Raises:
        ConfigError: the key of the event webhook can't be read.
    """
    counter = clicks.ClickCounter(app.database, app.now)

    @asynccontextmanager
    async def until_stopped(_: Starlette) -> AsyncIterator[None]:
        yield
        counter.write()

    site = Starlette(
        routes=[*health.ROUTES, *hooks.ROUTES, *readers.ROUTES, *clicks.ROUTES, *pictures.ROUTES, *archive.ROUTES],
        middleware=[Middleware(_Guard)],
        exception_handlers={404: _missing, DigestError: _out_of_order},
        lifespan=until_stopped,
    )
    site.router.redirect_slashes = False  # a redirect would repeat whatever Host the request named
    site.state.app = app
    site.state.pages = page_environment()
    site.state.clicks = counter
    site.state.event_verifier = hooks.event_verifier(app)
    return site


async def _missing(request: Request, _: Exception) -> HTMLResponse:
    return page(
        request,
        "missing.html.j2",
        status=404,
        heading="There is no such page",
        advice="The address may be cut short, or this email was never published.",
    )


async def _out_of_order(request: Request, error: Exception) -> HTMLResponse:
    """Answer while the database can't be used: a provider's one-click is to come again."""
    answer = page(
        request,
        "missing.html.j2",
        status=503,
        heading="This page is out of order",
        advice="Nothing was changed. Please try again in a few minutes.",
    )
    answer.headers["retry-after"] = "120"
    return answer


class _Guard:
    """Adds the security headers, and refuses a body larger than any form of ours, or than a provider's post."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most_bytes = hooks.MAX_POST_BYTES if scope["path"] in hooks.PATHS else MAX_FORM_BYTES
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await asyncio.wait_for(receive(), BODY_SECONDS)
            taken += len(message.get("body", b""))
            if taken > most_bytes:
                raise _TooLarge
            return message

        async def headed(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS.items()]
            await send(message)

        try:
            await self.app(scope, bounded, headed)
        except _TooLarge:
            await HTMLResponse("The form is too large.", status_code=413)(scope, receive, headed)
        except TimeoutError:
            await HTMLResponse("The form did not arrive in time.", status_code=408)(scope, receive, headed)


class _TooLarge(Exception):  # noqa: N818  (ends one request, never seen outside)
    pass
