"""WordPress's and Ghost's lists of posts on loopback: they page, and refuse what the real ones refuse."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.standins.sites import Site

GHOST_KEY = "22444f78447824223cefc48062"


def serve_wordpress(site: Site, posts: list[dict[str, Any]], path: str = "/wp-json/wp/v2/posts") -> None:
    """Serve `posts`, newest first, as WordPress 6 does."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        query = {key: values[-1] for key, values in parse_qs(urlsplit(request.path).query).items()}
        per_page, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        if not 1 <= per_page <= 100:
            return _json(site, request, {"code": "rest_invalid_param", "data": {"status": 400}}, 400)
        found = posts
        if after := query.get("modified_after"):
            found = [post for post in posts if post["modified_gmt"] + "Z" > after]
        pages = -(-len(found) // per_page)
        if page > max(pages, 1):
            return _json(site, request, {"code": "rest_post_invalid_page_number", "data": {"status": 400}}, 400)
        shown = found[(page - 1) * per_page : page * per_page]
        if "_embed" not in query:
            shown = [{key: value for key, value in post.items() if key != "_embedded"} for post in shown]
        return _json(site, request, shown, 200, X_WP_Total=str(len(found)), X_WP_TotalPages=str(pages))

    site.routes[path] = answer


def serve_ghost(site: Site, posts: list[dict[str, Any]]) -> None:
    """Serve `posts`, newest first, as Ghost 6 does: at most 100 at a time, tags and authors only when asked for."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        query = {key: values[-1] for key, values in parse_qs(urlsplit(request.path).query).items()}
        if query.get("key") != GHOST_KEY:
            errors = [{"message": "Unknown Content API Key", "type": "UnauthorizedError"}]
            return _json(site, request, {"errors": errors}, 401)
        limit, page = min(int(query.get("limit", "15")), 100), int(query.get("page", "1"))
        included = query.get("include", "").split(",")
        hidden = {name for name in ("tags", "authors") if name not in included}
        shown = [
            {key: value for key, value in post.items() if key not in hidden}
            for post in posts[(page - 1) * limit : page * limit]
        ]
        return _json(site, request, {"posts": shown, "meta": {"pagination": {"page": page}}}, 200)

    site.routes["/ghost/api/content/posts/"] = answer


def _json(site: Site, request: BaseHTTPRequestHandler, body: object, status: int, **headers: str) -> None:
    content = json.dumps(body).encode()
    site.answer(request, content, status=status, Content_Type="application/json; charset=UTF-8", **headers)
