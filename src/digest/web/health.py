"""/healthz: whether this process can do its work, for a supervisor to ask."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from digest.errors import DigestError
from digest.mishaps import mishaps_so_far
from digest.store import editions

__all__ = ["ROUTES"]


def _healthz(request: Request) -> JSONResponse:
    app = request.app.state.app
    try:
        newest = editions.list_editions(app.database, limit=1)
    except DigestError as error:
        return JSONResponse({"status": "failed", "reason": str(error)}, status_code=503)
    newest_id = newest[0].id if newest else None
    return JSONResponse({"status": "ok", "newest_edition": newest_id, "mishaps": sum(mishaps_so_far().values())})


ROUTES = (Route("/healthz", _healthz),)
