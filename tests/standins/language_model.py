"""An OpenAI-compatible chat API on loopback: it answers as it is told, and refuses what the real ones refuse.

    with LanguageModelStandin(lambda shown: shown.takeaways(["The quay reopens on Monday."])) as server:
        ...  # server.url is the base_url

Status codes, shapes and messages of refusals are OpenAI's; `lacks` makes it one of the many servers that
don't take every parameter.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

__all__ = ["KEY", "LanguageModelStandin", "Reply", "Shown"]

KEY = "stand-in-key"
_ROLES = frozenset(("system", "developer", "user", "assistant", "tool"))
_PARAMETERS = frozenset(
    "model messages temperature top_p n stop max_tokens max_completion_tokens response_format seed stream".split()
)


@dataclass(frozen=True)
class Shown:
    """What the model was shown: the request's messages, and the numbered sentences in them."""

    request: dict[str, Any]

    @property
    def prompt(self) -> str:
        return "\n".join(message["content"] for message in self.request["messages"])

    @property
    def sentences(self) -> dict[int, str]:
        return {int(number): text for number, text in re.findall(r"^\[(\d+)\] (.*)$", self.prompt, re.MULTILINE)}

    def takeaways(self, texts: Sequence[object], cited: Sequence[object] | None = None) -> str:
        """Return an answer that cites for each text the sentences that `cited` says, else its own number."""
        numbers = cited if cited is not None else [[place] for place in range(1, len(texts) + 1)]
        return json.dumps(
            {"takeaways": [{"text": text, "sentences": cites} for text, cites in zip(texts, numbers, strict=True)]}
        )


@dataclass(frozen=True)
class Reply:
    """A reply that is no chat completion, or a spoilt one."""

    status: int = 200
    body: bytes = b""
    retry_after: str = ""
    declared_length: int | None = None  # longer than the body: it breaks off
    waits_for_release: bool = False  # says nothing until the stand-in ends
    drips: bool = False  # a byte now and then, until the stand-in ends


class LanguageModelStandin:
    """Listens while it is entered.

    Args:
        answer: Makes the text of an answer, or a whole `Reply`, from what the model was shown.
        needs_key: Refuse whoever doesn't bring `KEY`.
        models: The names that it knows.
        lacks: Parameters that it refuses as newer models and local servers do.
        usage: What an answer says that it took; None says nothing.
        finish_reason: Of every answer; "length" means that it was cut off.
    """

    def __init__(
        self,
        answer: Callable[[Shown], str | Reply],
        *,
        needs_key: bool = False,
        models: Sequence[str] = ("stand-in-1",),
        lacks: Sequence[str] = (),
        usage: tuple[int, int] | None = (500, 80),
        finish_reason: str = "stop",
    ) -> None:
        self._answer, self._needs_key, self._models = answer, needs_key, models
        self._lacks, self._usage, self._finish_reason = lacks, usage, finish_reason
        self.requests: list[dict[str, Any]] = []
        self._ending = threading.Event()
        self._at_once = 0
        self.most_at_once = 0
        self._counting = threading.Lock()
        standin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                standin.serve(self)

            def handle(self) -> None:
                with contextlib.suppress(ConnectionError):  # the client has heard enough
                    super().handle()

            def log_message(self, format: str, *args: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def __enter__(self) -> LanguageModelStandin:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ending.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def serve(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        with self._counting:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            self._write(handler, self._reply(handler, body))
        except OSError:  # the client has given up
            handler.close_connection = True
        finally:
            with self._counting:
                self._at_once -= 1

    def _reply(self, handler: BaseHTTPRequestHandler, body: bytes) -> Reply:
        if handler.path != "/v1/chat/completions":
            return _refusal(404, f"Invalid URL (POST {handler.path})")
        if self._needs_key and handler.headers.get("Authorization") != f"Bearer {KEY}":
            given = handler.headers.get("Authorization", "").removeprefix("Bearer ")
            return _refusal(401, f"Incorrect API key provided: {given}.", "invalid_api_key")
        try:
            request = json.loads(body)
        except ValueError:
            return _refusal(400, "We could not parse the JSON body of your request.")
        refused = self._refused(request)
        if refused is not None:
            return refused
        self.requests.append(request)
        answered = self._answer(Shown(request))
        if isinstance(answered, Reply):
            return answered
        completion: dict[str, Any] = {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1,
            "model": request["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": answered, "refusal": None},
                    "finish_reason": self._finish_reason,
                }
            ],
        }
        if self._usage is not None:
            prompt, answer = self._usage
            completion["usage"] = {
                "prompt_tokens": prompt,
                "completion_tokens": answer,
                "total_tokens": prompt + answer,
            }
        return Reply(body=json.dumps(completion).encode())

    def _refused(self, request: dict[str, Any]) -> Reply | None:
        """Return what the real API says to a request that it doesn't take."""
        if not request.get("model"):
            return _refusal(400, "you must provide a model parameter")
        if request["model"] not in self._models:
            return _refusal(404, f"The model `{request['model']}` does not exist", "model_not_found")
        unknown = sorted(set(request) - _PARAMETERS)
        if unknown:
            return _refusal(400, f"Unrecognized request argument supplied: {unknown[0]}")
        messages = request.get("messages")
        if not isinstance(messages, list) or not messages:
            return _refusal(400, "Invalid 'messages': empty array. Expected an array with minimum length 1.")
        for place, message in enumerate(messages):
            if message.get("role") not in _ROLES or not isinstance(message.get("content"), str):
                return _refusal(400, f"Invalid value: '{message.get('role')}' (messages[{place}].role).")
        for name in self._lacks:
            if name in request:
                return _refusal(400, _LACKING.get(name, f"Unsupported parameter: '{name}'."))
        return _format_refused(request.get("response_format"))

    def _write(self, handler: BaseHTTPRequestHandler, reply: Reply) -> None:
        if reply.waits_for_release:
            self._ending.wait()
            handler.close_connection = True
            return
        handler.send_response(reply.status)
        if reply.retry_after:
            handler.send_header("Retry-After", reply.retry_after)
        length = len(reply.body) if reply.declared_length is None else reply.declared_length
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(length))
        handler.end_headers()
        if reply.drips:
            while not self._ending.wait(0.05):
                handler.wfile.write(b" ")
                handler.wfile.flush()
        handler.wfile.write(reply.body)
        handler.close_connection = length != len(reply.body) or reply.drips


_LACKING = {
    "max_tokens": "Unsupported parameter: 'max_tokens' is not supported with this model."
    " Use 'max_completion_tokens' instead.",
    "temperature": "Unsupported value: 'temperature' does not support 0 with this model.",
    "response_format": "This server does not support response_format of type json_schema.",
}


def _format_refused(told: object) -> Reply | None:
    """Refuse a response_format as OpenAI's strict mode does."""
    if told is None:
        return None
    kind = told.get("type") if isinstance(told, dict) else None
    if kind not in ("text", "json_object", "json_schema"):
        return _refusal(400, f"Invalid value: '{kind}'. Supported: 'json_object', 'json_schema', and 'text'.")
    assert isinstance(told, dict)
    if kind == "json_schema":
        schema = told.get("json_schema", {})
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", str(schema.get("name", ""))):
            return _refusal(400, "Missing required parameter: 'response_format.json_schema.name'.")
        if schema.get("strict") and not _is_strict(schema.get("schema")):
            return _refusal(400, "Invalid schema for response_format: 'additionalProperties' is required to be false.")
    return None


def _is_strict(schema: Any) -> bool:
    """Say whether every object names all its properties as required and allows no others."""
    if schema.get("type") == "array":
        return _is_strict(schema["items"])
    if schema.get("type") != "object":
        return True
    is_closed = schema.get("additionalProperties") is False
    is_complete = sorted(schema.get("required", ())) == sorted(schema["properties"])
    return is_closed and is_complete and all(map(_is_strict, schema["properties"].values()))


def _refusal(status: int, message: str, code: str | None = None) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Reply(status, json.dumps({"error": error}).encode())
