"""What POST /v3/mail/send refuses with 400: its published description, and what that leaves out.

Only rules that a sender of ours could break are here; attachments and templates are not.
The messages are worded after https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

__all__ = ["refusals"]

Refusal = tuple[str | None, str]

_TOP = frozenset(
    {"personalizations", "from", "reply_to", "reply_to_list", "subject", "content", "headers", "categories"}
    | {"custom_args", "send_at", "batch_id", "asm", "ip_pool_name", "mail_settings", "tracking_settings"}
)
_PERSONAL = frozenset(
    {"to", "cc", "bcc", "from", "subject", "headers", "substitutions", "custom_args", "send_at"}
    | {"dynamic_template_data"}
)
_RESERVED = frozenset(
    {"x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding"}
    | {"to", "from", "subject", "reply-to", "cc", "bcc"}
)
_ADDRESS = re.compile(r"[!-?A-~]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_MOST = 1000
_MOST_BYTES = 10_000


def refusals(request: Any) -> tuple[Refusal, ...]:
    """Return every (field, message) that the request would be refused for; none when it is taken."""
    if not isinstance(request, dict) or set(request) - _TOP:
        return ((None, "Bad Request"),)
    return (*_about_letter(request), *_about_readers(request))


def _about_letter(request: dict[str, Any]) -> Iterator[Refusal]:
    if not _is_mailbox(request.get("from")):
        yield "from.email", "The from email does not contain a valid address."
    if not _is_text(request.get("subject")):
        yield "subject", "The subject is required."
    if "reply_to" in request and not _is_mailbox(request["reply_to"]):
        yield "reply_to.email", "The reply_to email does not contain a valid address."
    content = request.get("content")
    if not isinstance(content, list) or not content:
        yield "content", "The content array must contain at least one content block."
    else:
        for number, block in enumerate(content):
            if not _is_text(block.get("value")):
                yield f"content.{number}.value", "The content value must be a string at least one character in length."
        if [block.get("type") for block in content] not in (["text/plain", "text/html"], ["text/plain"], ["text/html"]):
            yield "content", "If present, text/plain content must be first, followed by text/html content."
    yield from _about_headers(request.get("headers", {}), "headers")
    yield from _about_size(request.get("custom_args", {}), "custom_args")
    categories = request.get("categories", [])
    if len(categories) > 10 or any(len(category) > 255 for category in categories):
        yield "categories", "A category must be at most 255 characters, and there may be ten."


def _about_readers(request: dict[str, Any]) -> Iterator[Refusal]:
    rows = request.get("personalizations")
    if not isinstance(rows, list) or not rows:
        yield "personalizations", "You must have at least one personalization."
        return
    if len(rows) > _MOST:
        yield "personalizations", f"The personalization block is limited to {_MOST}. You have provided {len(rows)}."
        return
    seen: set[str] = set()
    for number, row in enumerate(rows):
        field = f"personalizations.{number}"
        if set(row) - _PERSONAL:
            yield None, "Bad Request"
        recipients = row.get("to")
        if not isinstance(recipients, list) or not recipients:
            yield f"{field}.to", "The to array is required for all personalization objects, and must have one email."
            continue
        for place, recipient in enumerate(recipients):
            if not _is_mailbox(recipient):
                yield f"{field}.to.{place}.email", "Does not contain a valid address."
                continue
            address = recipient["email"].lower()
            if address in seen:
                yield "personalizations", f"Each unique email address should only be included once: {address}."
            seen.add(address)
        yield from _about_headers(row.get("headers", {}), f"{field}.headers")
        yield from _about_size(row.get("custom_args", {}), f"{field}.custom_args")
        yield from _about_size(row.get("substitutions", {}), f"{field}.substitutions")


def _about_headers(headers: dict[str, Any], field: str) -> Iterator[Refusal]:
    for name, value in headers.items():
        if name.lower() in _RESERVED:
            yield f"{field}.{name}", "You may not override that header."
        elif not isinstance(value, str) or not re.fullmatch(r"[!-9;-~]+", name):
            yield None, "Bad Request"


def _about_size(values: dict[str, Any], field: str) -> Iterator[Refusal]:
    if not all(isinstance(value, str) for value in values.values()):
        yield None, "Bad Request"
    elif len(json.dumps(values)) > _MOST_BYTES:
        yield field, f"may not exceed {_MOST_BYTES} bytes."


def _is_mailbox(told: Any) -> bool:
    return (
        isinstance(told, dict) and bool(_ADDRESS.fullmatch(str(told.get("email")))) and set(told) <= {"email", "name"}
    )


def _is_text(told: Any) -> bool:
    return isinstance(told, str) and bool(told)
