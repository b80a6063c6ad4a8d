"""Asks an API of a publisher's own, with a key, within bounds. Implements `Asker`.

Bounds: https unless the address may be private, public addresses only unless it may be, no redirects (a key belongs
to one place), one deadline for the whole exchange, a cap on the body. Nothing is tried twice: the next run asks again.
"""

from __future__ import annotations

import functools
import http
import json
import ssl
import zlib
from collections.abc import Mapping
from contextlib import closing
from typing import Any, Protocol

import httpx

from digest.collect.fetching.connections import Clock, RefusedAddressError, bounded_transport
from digest.collect.unpacking import OversizedError, unpacked
from digest.errors import SourceError

__all__ = ["Asker", "HttpAsker", "parsed_json"]

_READ_TIMEOUT_SECONDS = 20.0
_TRY_LATER = "The next run asks again."
_HINTS = {
    400: "The API may be of another version: update it, or report this.",
    401: "Check the key in the variable that key_env names, and that it may read this site.",
    402: "The plan that the site has there doesn't include its API.",
    403: "Check the key in the variable that key_env names, and that it may read this site.",
    404: "Check api_url.",
    429: "It wants fewer requests: run less often.",
}


class Asker(Protocol):
    """Posts one question to an API."""

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str], secret: str, allow_private: bool) -> bytes:
        """Return the body of the answer. `secret` is what no message may show.

        Raises:
            SourceError: there is none, or it is a refusal; says why and what to do.
        """
        ...


class HttpAsker:
    """An `Asker` over httpx. Safe to use from several threads."""

    def __init__(
        self, user_agent: str, *, deadline_seconds: float = 30.0, max_body_bytes: int = 20 * 1024 * 1024
    ) -> None:
        self._user_agent = user_agent
        self._deadline_seconds = deadline_seconds
        self._max_body_bytes = max_body_bytes

    def post(self, url: str, body: bytes, *, headers: Mapping[str, str], secret: str, allow_private: bool) -> bytes:
        """Return the body of the answer.

        Raises:
            SourceError: there is none, or it is a refusal; says why and what to do.
        """
        _check(url, allow_private=allow_private)
        told = {**headers, "User-Agent": self._user_agent, "Accept-Encoding": "gzip, deflate"}
        timeout = httpx.Timeout(_READ_TIMEOUT_SECONDS, pool=self._deadline_seconds).as_dict()
        request = httpx.Request("POST", url, headers=told, content=body, extensions={"timeout": timeout})
        clock = Clock()
        try:
            with (
                clock.running(self._deadline_seconds),
                bounded_transport(clock, _tls_context(), allow_private=allow_private) as transport,
                closing(transport.handle_request(request)) as answer,
            ):
                content = self._body(answer)
        except RefusedAddressError as error:
            raise SourceError(
                f"leads to {error.args[0]}, which is no public address.",
                "If it runs in your own network, set allow_private = true on the input.",
            ) from error
        except httpx.TimeoutException as error:
            raise SourceError(f"gave no complete answer in {self._deadline_seconds:g} s.", _TRY_LATER) from error
        except httpx.HTTPError as error:
            raise SourceError(f"the connection failed: {_line(str(error), secret)}.", _TRY_LATER) from error
        except zlib.error as error:
            raise SourceError("its compressed body is damaged or cut off.", _TRY_LATER) from error
        if not answer.is_success:
            raise _refusal(answer, content, secret)
        return content

    def _body(self, answer: httpx.Response) -> bytes:
        try:
            return unpacked(answer.iter_raw(), answer.headers.get("content-encoding", ""), most=self._max_body_bytes)
        except OversizedError as error:
            raise SourceError(f"answered more than {self._max_body_bytes // (1024 * 1024)} MB.", _TRY_LATER) from error


def parsed_json(body: bytes) -> Any:
    """Return what the JSON of an answer says.

    Raises:
        SourceError: it is none.
    """
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise SourceError("answered no JSON.", "Check api_url.") from None


def _check(url: str, *, allow_private: bool) -> None:
    try:
        parts = httpx.URL(url)
        is_address = parts.scheme in ("http", "https") and bool(parts.host) and 0 < (parts.port or 1) < 65536
    except (httpx.InvalidURL, ValueError, TypeError):
        is_address = False
    if not is_address:
        raise SourceError(f"{url[:200]!r} is no web address.", "Write api_url like 'https://stats.example.com'.")
    if parts.scheme == "http" and not allow_private:
        raise SourceError(
            "would carry the key unencrypted.",
            "Write api_url with https://, or set allow_private = true if it runs in your own network.",
        )


def _refusal(answer: httpx.Response, content: bytes, secret: str) -> SourceError:
    status = answer.status_code
    try:
        said = f"answered {status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        said = f"answered {status}"
    if "location" in answer.headers:
        where = _line(answer.headers["location"], secret)
        return SourceError(f"{said}: it has moved to {where}.", "The key is not taken there: correct api_url.")
    wait = _line(answer.headers.get("retry-after", ""), secret)
    said += f" (retry after {wait})" if wait else ""
    reason = _line(_reason(content), secret).rstrip(".")
    hint = _HINTS.get(status, "It has trouble. " + _TRY_LATER if status >= 500 else _TRY_LATER)
    return SourceError(f"{said}: {reason}." if reason else f"{said}.", hint)


def _reason(content: bytes) -> str:
    """Return what an API says in its refusal: Plausible's "error", Matomo's "message"."""
    try:
        told = json.loads(content)
    except (ValueError, RecursionError):
        return ""
    reason = (told.get("error") or told.get("message")) if isinstance(told, dict) else ""
    return reason if isinstance(reason, str) else ""


def _line(text: str, secret: str) -> str:
    text = text.replace(secret, "[key]") if secret else text
    line = "".join(character if character.isprintable() else "�" for character in text)
    return line if len(line) <= 200 else line[:199] + "…"


@functools.cache
def _tls_context() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)
