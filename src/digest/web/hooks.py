"""What providers post: SendGrid's signed events, at /hooks/sendgrid.

200  taken, also when it is about nothing of ours; what is told twice changes nothing
400  no list of events               403  not signed by SendGrid, or of another day
404  no key is configured            413  too large
415  compressed                      503  the database can't be written: SendGrid posts it again
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.feedback.events import MalformedPostError, read_post
from digest.feedback.settling import receive
from digest.feedback.signatures import SIGNATURE_HEADER, TIMESTAMP_HEADER, Verifier, load_verifier

if TYPE_CHECKING:
    from digest.app import App

__all__ = ["MAX_POST_BYTES", "PATHS", "ROUTES", "event_verifier"]

MAX_POST_BYTES = 2_000_000  # SendGrid posts at 768 KB, or every 30 seconds


def event_verifier(app: App) -> Verifier | None:
    """Return what knows SendGrid's posts, None without a key.

    Raises:
        ConfigError: the key can't be read.
    """
    where = f"{app.config.file.name}: delivery.sendgrid.webhook_public_key"
    return load_verifier(app.config.delivery.sendgrid.webhook_public_key, where)


async def _sendgrid(request: Request) -> Response:
    verifier: Verifier | None = request.app.state.event_verifier
    if verifier is None:
        raise HTTPException(404)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return PlainTextResponse("Events are taken as they are, not compressed.", 415)
    body = await request.body()
    return await run_in_threadpool(_take, request, verifier, body)


def _take(request: Request, verifier: Verifier, body: bytes) -> Response:
    app: App = request.app.state.app
    if not body.startswith(b"["):
        return PlainTextResponse("The body is not a list of events.", 400)
    signature = request.headers.get(SIGNATURE_HEADER, "")
    timestamp = request.headers.get(TIMESTAMP_HEADER, "")
    if not verifier.is_genuine(body, signature, timestamp, app.now()):
        return PlainTextResponse("The signature is not SendGrid's, or from another day.", 403)
    try:
        post = read_post(body)
    except MalformedPostError as error:
        return PlainTextResponse(f"Not taken: {error}.", 400)
    received = receive(app.database, post.told, app.now)
    return JSONResponse({"kept": received.kept, "unknown": received.unknown, "unusable": post.unusable})


ROUTES = (Route("/hooks/sendgrid", _sendgrid, methods=["POST"]),)
PATHS = frozenset(route.path for route in ROUTES)
