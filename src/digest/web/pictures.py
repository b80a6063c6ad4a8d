"""/pictures/NAME: what `picturing` made for letters. A name is a hash of the content, so it never changes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Route

from digest.picturing import picture_file

if TYPE_CHECKING:
    from digest.app import App

__all__ = ["ROUTES"]

_NAME = re.compile(r"[0-9a-f]{32}\.jpg", re.ASCII)


def _picture(request: Request) -> FileResponse:
    app: App = request.app.state.app
    name: str = request.path_params["name"]
    if not _NAME.fullmatch(name) or not (path := picture_file(app, name)).is_file():
        raise HTTPException(404)
    return FileResponse(path, media_type="image/jpeg", headers={"cache-control": "public, max-age=31536000, immutable"})


ROUTES = (Route("/pictures/{name}", _picture),)
