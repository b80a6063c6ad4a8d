"""How heavy a letter is, part by part, and what Gmail clips or drops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from typing import Any

from digest.inspecting.findings import Finding, Level, Specimen, Topic

__all__ = ["CLIPPED_AT_BYTES", "Part", "parts_of", "weight_findings"]

CLIPPED_AT_BYTES = 102_400  # of HTML: beyond it Gmail shows "[Message clipped]"
_NEAR_BYTES = 90_000
_STYLE_BYTES = 8_192  # Gmail drops a <style> beyond it, and all that follow
_HEADER_BYTES = 16_384  # several providers refuse more


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the message, in bytes as it leaves."""

    name: str
    size: int


def parts_of(message: bytes) -> tuple[Part, ...]:
    """Return the headers and each MIME part of `message` with their sizes; what joins them is counted nowhere."""
    headers = message.partition(b"\r\n\r\n")[0]
    parsed = message_from_bytes(message)
    leaves = [part for part in parsed.walk() if not part.is_multipart()]
    sizes = [(part.get_content_type(), str(part.get_payload())) for part in leaves]
    return (
        Part("headers", len(headers)),
        *(Part(kind, len("\r\n".join(content.splitlines()).encode("utf-8", "replace"))) for kind, content in sizes),
        Part("whole message", len(message)),
    )


def weight_findings(specimen: Specimen, page: Any) -> Iterator[Finding]:
    """Hold the parts against what mail programs take."""
    for part in parts_of(specimen.message):
        value = f"{part.size:,} bytes"
        if part.name == "text/html" and part.size > CLIPPED_AT_BYTES:
            hint = "Choose fewer stories, or a lighter theme."
            what = f"Gmail clips the letter: its HTML is beyond {CLIPPED_AT_BYTES:,} bytes as it leaves."
            yield Finding(Level.ERROR, Topic.WEIGHT, what, "html", value, hint)
        elif part.name == "text/html" and part.size > _NEAR_BYTES:
            what = f"The HTML comes near the {CLIPPED_AT_BYTES:,} bytes at which Gmail clips it."
            yield Finding(Level.WARNING, Topic.WEIGHT, what, "html", value, "Choose fewer stories.")
        elif part.name == "headers" and part.size > _HEADER_BYTES:
            what = f"The headers are beyond {_HEADER_BYTES:,} bytes, which some servers refuse."
            yield Finding(Level.WARNING, Topic.WEIGHT, what, "headers", value, "Shorten the subject and the links.")
    for style in page.iter("style"):
        size = len((style.text or "").encode("utf-8", "replace"))
        if size > _STYLE_BYTES:
            what = f"Gmail drops this <style>: it is beyond {_STYLE_BYTES:,} bytes."
            hint = "Inline what can be inlined (more.css.j2), and split the rest."
            yield Finding(Level.ERROR, Topic.WEIGHT, what, f"html:{style.sourceline}", f"{size:,} bytes", hint)
