"""What POST /v3/mail/send refuses with 400: its published description, and what that leaves out.

The description (twilio/sendgrid-oai, spec/json/tsg_mail_v3.json) has the shapes, the lengths and the limits of
arrays; that a subject, a reader and a text are needed, that an address stands once, that reserved headers,
empty arguments and labels outside ASCII are refused, is told at
https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors and …/mail-send/limitations. Where the two
differ (substitutions: 10,000 or 50,000 bytes) the narrower holds here. Only rules that a sender of ours could
break are here; attachments and templates are not.
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
_SETTINGS = {
    "mail_settings": frozenset({"sandbox_mode", "footer", "bypass_list_management"}),
    "tracking_settings": frozenset({"click_tracking", "open_tracking", "subscription_tracking", "ganalytics"}),
}
_MOST = 1000  # personalizations, and recipients in all of them
_MOST_BYTES = 10_000
_MOST_SUBSTITUTIONS = 10_000
_LONGEST_ADDRESS = 320


def refusals(request: Any) -> tuple[Refusal, ...]:
    """Return every (field, message) that the request would be refused for; none when it is taken."""
    if not isinstance(request, dict) or set(request) - _TOP:
        return ((None, "Bad Request"),)
    return (*_about_letter(request), *_about_settings(request), *_about_readers(request))


def _about_letter(request: dict[str, Any]) -> Iterator[Refusal]:
    if not _is_mailbox(request.get("from")):
        yield "from.email", "The from email does not contain a valid address."
    if not _is_text(request.get("subject")):
        yield "subject", "The subject is required."
    if "reply_to" in request and not _is_mailbox(request["reply_to"]):
        yield "reply_to.email", "The reply_to email does not contain a valid address."
    if "reply_to" in request and "reply_to_list" in request:
        yield "reply_to", "Use either reply_to or reply_to_list, not both."
    yield from _about_content(request.get("content"))
    yield from _about_headers(request.get("headers", {}), "headers")
    categories = request.get("categories", [])
    if not isinstance(categories, list) or not all(_is_text(category) for category in categories):
        yield "categories", "Categories must be an array of strings."
    elif len(categories) > 10 or len(set(categories)) < len(categories):
        yield "categories", "There may be ten categories, each of them once."
    elif any(len(category) > 255 or not category.isascii() for category in categories):
        yield "categories", "A category must be at most 255 characters, all of them ASCII."


def _about_content(content: Any) -> Iterator[Refusal]:
    if not isinstance(content, list) or not content or not all(isinstance(block, dict) for block in content):
        yield "content", "The content array must contain at least one content block."
        return
    for number, block in enumerate(content):
        if not _is_text(block.get("value")):
            yield f"content.{number}.value", "The content value must be a string at least one character in length."
        if not _is_text(block.get("type")) or set(block["type"]) & set(";,\r\n"):
            yield f"content.{number}.type", "A content type is required, without ';', ',' or CRLF characters."
    types = [block.get("type") for block in content]
    if types[: types.count("text/plain")] != ["text/plain"] * types.count("text/plain"):
        yield "content", "If present, text/plain content must be first, followed by text/html content."


def _about_settings(request: dict[str, Any]) -> Iterator[Refusal]:
    for group, known in _SETTINGS.items():
        for name, setting in request.get(group, {}).items():
            if name not in known or not isinstance(setting, dict) or type(setting.get("enable")) is not bool:
                yield f"{group}.{name}", "The setting must be known, and an object with a boolean enable."


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
        if not row.get("to"):
            yield f"{field}.to", "The to array is required for all personalization objects, and must have one email."
        for kind in ("to", "cc", "bcc"):
            yield from _about_recipients(row.get(kind, []), f"{field}.{kind}", seen)
        if "subject" in row and not _is_text(row["subject"]):
            yield f"{field}.subject", "The subject must be a string at least one character in length."
        yield from _about_headers(row.get("headers", {}), f"{field}.headers")
        yield from _about_arguments(request.get("custom_args"), row.get("custom_args"), f"{field}.custom_args")
        yield from _about_substitutions(row.get("substitutions", {}), f"{field}.substitutions")
    if len(seen) > _MOST:
        yield "personalizations", f"There is a limit of {_MOST} total recipients (to + cc + bcc) per request."


def _about_recipients(recipients: Any, field: str, seen: set[str]) -> Iterator[Refusal]:
    if not isinstance(recipients, list):
        yield field, "The recipients must be an array."
        return
    for place, recipient in enumerate(recipients):
        if not _is_mailbox(recipient):
            yield f"{field}.{place}.email", "Does not contain a valid address."
            continue
        name = recipient.get("name", "x")
        if not isinstance(name, str) or (set(name) & set(";,") and not re.fullmatch(r'"([^"\\]|\\.)*"', name)):
            yield f"{field}.{place}.name", "The name cannot include either the ; or , characters."
        address = recipient["email"].lower()
        if address in seen:
            yield "personalizations", f"Each unique email address should only be included once: {address}."
        seen.add(address)


def _about_headers(headers: Any, field: str) -> Iterator[Refusal]:
    if not isinstance(headers, dict) or not all(isinstance(value, str) for value in headers.values()):
        yield field, "All values of the headers object must be strings."
        return
    if len({name.lower() for name in headers}) < len(headers):
        yield field, "The headers cannot contain duplicate keys."
    for name in headers:
        if name.lower() in _RESERVED:
            yield f"{field}.{name}", "Header cannot be one of the reserved keys."
        elif not re.fullmatch(r"[!-9;-~]+", name):
            yield f"{field}.{name}", "Header keys cannot contain non-ASCII characters or empty spaces."


def _about_arguments(shared: Any, own: Any, field: str) -> Iterator[Refusal]:
    """What the letter's arguments and a reader's come to once they are merged."""
    for told in (shared, own):
        if told is not None and (not isinstance(told, dict) or not told):
            yield field, "custom_args must be an object, and cannot be empty."
            return
    merged = {**(shared or {}), **(own or {})}
    if not all(isinstance(value, str) for value in merged.values()):
        yield field, "All values of custom arguments object must be strings."
    elif _size(merged) > _MOST_BYTES:
        yield field, f"The combined size of custom arguments may not exceed {_MOST_BYTES} bytes."


def _about_substitutions(told: Any, field: str) -> Iterator[Refusal]:
    if not isinstance(told, dict) or not all(isinstance(value, str) for value in told.values()):
        yield field, "The substitution values must be an object of key/value pairs, where the values are all strings."
    elif len(told) > _MOST_SUBSTITUTIONS or _size(told) > _MOST_BYTES:
        yield field, f"You are limited to {_MOST_SUBSTITUTIONS} substitutions and {_MOST_BYTES} bytes."


def _size(told: dict[str, str]) -> int:
    return len(json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def _is_mailbox(told: Any) -> bool:
    return (
        isinstance(told, dict)
        and set(told) <= {"email", "name"}
        and isinstance(told.get("email"), str)
        and len(told["email"]) <= _LONGEST_ADDRESS
        and bool(_ADDRESS.fullmatch(told["email"]))
    )


def _is_text(told: Any) -> bool:
    return isinstance(told, str) and bool(told)
