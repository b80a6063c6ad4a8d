"""Microseconds to make one reader's message of a letter that was encoded once.

    python -m bench.assembly

The yardstick makes the same message with the standard library's `EmailMessage`, in the same run.
Medians over batches, on one core.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from functools import partial

from digest.deliver.envelope import encode_letter
from digest.model import Addressed, Blank, Delivery, Letter, blank_token

__all__ = ["READERS", "letter_of", "median_microseconds", "reader_of"]

READERS = 400
BATCHES = 9
HTML_BYTES, TEXT_BYTES = 59_000, 8_000


def main() -> None:
    """Print both medians and their ratio."""
    letter = letter_of()
    readers = [reader_of(number) for number in range(READERS)]
    encoded = encode_letter(letter)
    size = len(encoded.message(readers[0]))
    ours = median_microseconds(encoded.message, readers)
    theirs = median_microseconds(partial(_by_the_library, letter), readers[:20])
    print(
        f"message {size / 1000:.0f} kB   ours {ours:.1f} µs   EmailMessage {theirs:.0f} µs   ratio {theirs / ours:.0f}"
    )


def median_microseconds(make: Callable[[Addressed], bytes], readers: Sequence[Addressed]) -> float:
    """Return microseconds a reader; each message is dropped as a sender would drop it."""
    seconds = []
    for _ in range(BATCHES):
        started = time.perf_counter()
        for reader in readers:
            make(reader)
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds) / len(readers) * 1e6


def letter_of() -> Letter:
    """Return a letter of the usual size, with each blank once in its text and once in its HTML."""
    mark = "0123456789ab"
    links = "".join(f'<p><a href="{blank_token(mark, blank)}">link</a></p>' for blank in Blank)
    paragraph = '<p style="margin:0 0 16px">The harbour board’s “winter” dues rise by 6 % = £318 a quarter.</p>\n'
    html = (
        "<!doctype html><html><body>" + paragraph * (HTML_BYTES // len(paragraph.encode())) + links + "</body></html>"
    )
    line = "The harbour board’s winter dues rise by 6 % from the start of the quarter.\n"
    text = line * (TEXT_BYTES // len(line.encode())) + "\n".join(blank_token(mark, blank) for blank in Blank)
    headers = (
        ("From", "The Harbour Herald <news@example.com>"),
        ("Subject", "Harbour board raises mooring dues by 6 per cent"),
        ("Date", "Tue, 24 Nov 2026 07:00:00 +0000"),
        ("List-Id", "Politics <politics.example.com>"),
    )
    return Letter("politics/2026-11-24", "all", headers[1][1], html, text, headers, mark)


def reader_of(number: int) -> Addressed:
    """Return the `number`th reader."""
    delivery = Delivery(f"{number:032x}", "politics/2026-11-24", number, f"reader{number}@example.com", name="A Reader")
    token = f"https://news.example.com/u/{number:022d}.{number}-politics"
    return Addressed(delivery, unsubscribe_url=token, preferences_url=token.replace("/u/", "/p/"))


def _by_the_library(letter: Letter, reader: Addressed) -> bytes:
    html, text = letter.html, letter.text
    for blank in Blank:
        html = html.replace(letter.token(blank), reader.value(blank))
        text = text.replace(letter.token(blank), reader.value(blank))
    message = EmailMessage()
    for name, value in letter.headers:
        message[name] = value
    message["To"] = f"{reader.delivery.name} <{reader.delivery.email}>"
    message["Message-ID"] = f"<{reader.delivery.id}@example.com>"
    message.set_content(text)
    message.add_alternative(html, subtype="html")
    return message.as_bytes()


if __name__ == "__main__":
    main()
