"""The sender that reaches nobody: every message as a file, and pages to look at them.

    index.html                                    every letter, newest edition first
    politics/2026-11-24/letter.html               what went into the HTML part, readers' links taken out
    politics/2026-11-24/ada@example.com-1f2e.eml  one reader's message, as SMTP would have taken it

The same delivery always has the same file. Files are renamed into place whole; they are not fsynced.
"""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from digest.deliver.envelope import EncodedLetter, encode_letter, unusable
from digest.deliver.headers import ascii_address
from digest.deliver.senders.outbox_pages import LETTER_PAGE, write_index
from digest.errors import DeliveryError, SubmitHalted
from digest.model import WHOLE, Addressed, Blank, Delivery, DeliveryState, Letter, Outcome
from digest.ports import Mark

__all__ = ["OutboxSender"]

_UNSAFE = re.compile(r"[^A-Za-z0-9@._+-]+|^\.+")


class OutboxSender:
    """Writes each message as an .eml file below `folder`."""

    name = "outbox"
    reaches_people = False
    batch_size = 100
    connections = 1  # one writer of index.html

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @contextmanager
    def open(self, letter: Letter) -> Iterator[OutboxSession]:
        """Write the letter's page; when the session ends, the index.

        Raises:
            DeliveryError: the letter can't be encoded, or the folder can't be written to.
        """
        encoded = encode_letter(letter)
        folder = self._folder.joinpath(*(_safe(part) for part in letter.edition_id.split("/")))
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / _page(letter), _without_blanks(letter).encode("utf-8", "replace"))
        except OSError as error:
            raise DeliveryError(f"outbox {folder}: {error.strerror}. Name a folder that can be written to.") from error
        try:
            yield OutboxSession(encoded, folder)
        finally:
            with suppress(OSError):  # the letters are there; the next session writes the index again
                _write(self._folder / "index.html", write_index(self._folder).encode("utf-8"))


@dataclass(frozen=True, slots=True)
class OutboxSession:
    """One letter's folder."""

    encoded: EncodedLetter
    folder: Path

    def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
        """Write one file for each reader; the delivery's provider id is the file's name.

        Raises:
            SubmitHalted: the folder can't be written to; the delivery it happened to is QUEUED again.
        """
        for addressed in readers:
            delivery = addressed.delivery
            if why := unusable(delivery):
                yield Outcome(delivery.id, DeliveryState.REJECTED, detail=why)
                continue
            message = self.encoded.message(addressed)
            if delivery.id not in mark([delivery.id]):
                continue
            path = self.folder / _file_name(delivery)
            try:
                _write(path, message)
            except OSError as error:
                yield Outcome(
                    delivery.id, DeliveryState.QUEUED, detail=f"not written: {error.strerror}", costs_attempt=False
                )
                raise SubmitHalted(
                    f"outbox {self.folder}: {error.strerror}. Make room there, then run again."
                ) from error
            yield Outcome(delivery.id, DeliveryState.ACCEPTED, provider_id=path.name)


def _page(letter: Letter) -> str:
    """Return the name of a letter's page; those of other segments stand beside the whole audience's."""
    return LETTER_PAGE if letter.segment == WHOLE else f"letter-{_safe(letter.segment)}.html"


def _file_name(delivery: Delivery) -> str:
    """Return a name that tells the address and is one delivery's own."""
    own = hashlib.sha256(delivery.id.encode()).hexdigest()[:8]
    return f"{_safe(ascii_address(delivery.email) or '')[:100]}-{own}.eml"


def _safe(part: str) -> str:
    return _UNSAFE.sub("_", part) or "_"


def _without_blanks(letter: Letter) -> str:
    html = letter.html
    for blank in Blank:
        html = html.replace(letter.token(blank), "#")
    return html


def _write(path: Path, content: bytes) -> None:
    """Put `content` at `path` whole, whatever happens in between."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
