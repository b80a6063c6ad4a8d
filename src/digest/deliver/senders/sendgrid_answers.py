"""What SendGrid's answers mean. Nothing is sent from here.

    2xx              accepted: queued over there, not delivered yet
    400              refused: by the readers that it names, by the letter, or by somebody it does not name
    401 403 404 …    halted: no request of ours would be taken
    413              too large: to be halved
    429              later, at the time it says
    5xx, no answer   unknown: "valid, but an error occurred", so it may have been taken

The list of errors: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from enum import StrEnum

__all__ = ["Answer", "Meaning", "read_answer"]

LONGEST_WAIT_SECONDS = 3600.0
USUAL_WAIT_SECONDS = 60.0  # a 429 that does not say when
_WORDS_CHARACTERS = 300

_NAMED = re.compile(r"personalizations\.(\d+)(\..*)?")


class Meaning(StrEnum):
    """What an answer says of the readers of its request."""

    ACCEPTED = "accepted"
    LATER = "later"  # none was taken; the same request may pass another time
    HALTED = "halted"  # none was taken, and none will be
    NAMED = "named"  # none was taken, because of the readers in `refused`
    SPLIT = "split"  # none was taken, for a reason that smaller requests will show
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request came to, in the provider's words."""

    meaning: Meaning
    words: str = ""
    provider_id: str = ""
    wait_seconds: float | None = None
    refused: tuple[tuple[int, str], ...] = ()  # places in the request, and why


def read_answer(status: int, headers: Mapping[str, str], body: bytes, *, sandbox: bool = False) -> Answer:
    """Return what an HTTP answer of POST /v3/mail/send means.

    Args:
        headers: With names in lower case, or found whatever their case.
        sandbox: Whether 200, "valid but not queued", is what was asked for.
    """
    if status == 202 or (status == 200 and sandbox):
        return Answer(Meaning.ACCEPTED, provider_id=headers.get("x-message-id", "")[:200])
    errors = _errors(body)
    words = f"HTTP {status}" + "".join(f"; {message}" for _, message in errors[:3])
    words = words[:_WORDS_CHARACTERS]
    if status == 400:
        return _refusal(errors, words)
    if status == 413:
        return Answer(Meaning.SPLIT, words)
    if status == 429:
        return Answer(Meaning.LATER, words, wait_seconds=_wait(headers))
    if status >= 500 or status < 300 or status == 408:
        return Answer(Meaning.UNKNOWN, words)
    return Answer(Meaning.HALTED, words)


def _refusal(errors: tuple[tuple[str, str], ...], words: str) -> Answer:
    named = []
    for field, message in errors:
        match = _NAMED.fullmatch(field)
        if match:
            named.append((int(match[1]), f"HTTP 400; {message}"[:_WORDS_CHARACTERS]))
        elif field and field.partition(".")[0] != "personalizations":
            # The sender, the subject, the content: it would be the same for every reader.
            return Answer(Meaning.HALTED, words)
    return Answer(Meaning.NAMED, words, refused=tuple(named)) if named else Answer(Meaning.SPLIT, words)


def _errors(body: bytes) -> tuple[tuple[str, str], ...]:
    """Return the (field, message) pairs of {"errors": [{"message", "field", "help"}]}; field is "" for null."""
    try:
        told = json.loads(body)
        rows = told["errors"]
        return tuple((str(row.get("field") or ""), " ".join(str(row.get("message", "")).split())) for row in rows)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()


def _wait(headers: Mapping[str, str]) -> float:
    """Return the seconds to wait: Retry-After, else until X-RateLimit-Reset by the provider's own clock."""
    try:
        if told := headers.get("retry-after", ""):
            seconds = float(told) if told.strip().isdigit() else _instant(told) - _provider_now(headers)
        elif told := headers.get("x-ratelimit-reset", ""):
            seconds = float(told) - _provider_now(headers)
        else:
            seconds = USUAL_WAIT_SECONDS
    except (ValueError, OverflowError):
        seconds = USUAL_WAIT_SECONDS
    return min(max(seconds, 1.0), LONGEST_WAIT_SECONDS)


def _provider_now(headers: Mapping[str, str]) -> float:
    try:
        return _instant(headers.get("date", ""))
    except ValueError:
        return time.time()


def _instant(http_date: str) -> float:
    return parsedate_to_datetime(http_date).timestamp()
