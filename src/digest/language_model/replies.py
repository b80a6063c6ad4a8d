"""What a chat API's reply says: an answer with its cost, or why there is none and whether to ask again.

OpenAI, llama.cpp, Ollama, vLLM and their like agree on the shape of an answer and on little else; a
refusal is read wherever one of them puts it.
"""

from __future__ import annotations

import http
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["RETRIED_STATUSES", "Answer", "Unanswered", "adapted", "read_answer", "read_refusal"]

RETRIED_STATUSES = frozenset({408, 409, 429, 500, 502, 503, 504})
_FATAL = {  # for every other story too
    401: "Check the key in the variable that key_env names.",
    402: "The account has no credit left.",
    403: "Check the key in the variable that key_env names, and that it may use this model.",
    404: "Check base_url, which ends with the API's version (…/v1), and model.",
    405: "Check base_url, which ends with the API's version (…/v1).",
}
_MOST_SAID = 200
_MOST_TOKENS = 10_000_000  # of one answer: who reports more is not believed


@dataclass(frozen=True, slots=True)
class Answer:
    """What the model wrote, as it came, and what it cost. "" was paid for all the same."""

    text: str
    prompt_tokens: int | None = None  # None: not told
    answer_tokens: int | None = None
    problem: str = ""  # why `text` is not to be used


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Why there is no answer, and what to do about it."""

    reason: str
    hint: str = ""
    is_fatal: bool = False  # the next story would meet the same


def read_answer(body: bytes) -> Answer | Unanswered:
    """Return what a reply with status 200 says."""
    told = _parsed(body)
    try:
        choice = told["choices"][0]
        message = choice["message"]
        text, refusal = message.get("content"), message.get("refusal")
    except (TypeError, LookupError, AttributeError):
        return Unanswered("answered something that is no chat completion", "Check base_url.")
    usage = told.get("usage") if isinstance(told, dict) else None
    prompt_tokens, answer_tokens = (_count(usage, name) for name in ("prompt_tokens", "completion_tokens"))
    problem = ""
    if isinstance(refusal, str) and refusal:
        problem = f"the model declined: {_line(refusal)}"
    elif not isinstance(text, str) or not text.strip():
        problem = "the answer is empty"
    elif isinstance(choice, dict) and choice.get("finish_reason") == "length":
        problem = "the answer was cut off at max_tokens"
    return Answer(text if isinstance(text, str) else "", prompt_tokens, answer_tokens, problem)


def read_refusal(status: int, body: bytes) -> Unanswered:
    """Return what any other reply says."""
    try:
        said = f"answered {status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        said = f"answered {status}"
    reason = _line(_reason(_parsed(body)))
    return Unanswered(
        reason=f"{said}: {reason}" if reason else said,
        hint=_FATAL.get(status, "base_url has moved: the key is not taken elsewhere." if 300 <= status < 400 else ""),
        is_fatal=status in _FATAL or 300 <= status < 400,
    )


def adapted(request: Mapping[str, Any], status: int, body: bytes) -> dict[str, Any] | None:
    """Return the request without what the server says that it doesn't take, or None when that isn't it.

    OpenAI's newer models want `max_completion_tokens` and their own temperature; some local servers know
    no `response_format`, or only `json_object`.
    """
    if status not in (400, 415, 422, 500, 501):
        return None
    said = body[:4096].decode("utf-8", "replace").lower()
    if "max_completion_tokens" in said and "max_tokens" in request:
        kept = {key: value for key, value in request.items() if key != "max_tokens"}
        return {**kept, "max_completion_tokens": request["max_tokens"]}
    if "temperature" in said and "temperature" in request:
        return {key: value for key, value in request.items() if key != "temperature"}
    if "response_format" in request and any(word in said for word in ("response_format", "json_schema", "grammar")):
        return {key: value for key, value in request.items() if key != "response_format"}
    return None


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _count(usage: object, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, dict) else None
    return value if type(value) is int and 0 <= value <= _MOST_TOKENS else None


def _reason(told: object) -> str:
    """Return the words of a refusal: OpenAI's {"error": {"message"}}, vLLM's {"message"}, FastAPI's {"detail"}."""
    if not isinstance(told, dict):
        return ""
    error = told.get("error")
    inner = error.get("message") if isinstance(error, dict) else error
    for said in (inner, told.get("message"), told.get("detail")):
        if isinstance(said, str) and said:
            return said
    return ""


def _line(text: str) -> str:
    line = "".join(character if character.isprintable() else " " for character in text[:_MOST_SAID])
    return " ".join(line.split()).rstrip(".")
