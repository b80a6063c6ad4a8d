"""The few things that the stages need from outside, as protocols.

`wiring.py` chooses who fulfils them; tests pass their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from digest.model import Addressed, Letter, Outcome

# --- collect ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CachedResponse:
    """A fetched body, with what a conditional GET needs (RFC 9110 §13)."""

    url: str
    body: bytes
    content_type: str  # as the server gave it, charset included
    etag: str
    last_modified: str
    fetched_at: datetime
    final_url: str = ""  # after redirects
    fresh_until: datetime | None = None  # no request is made before; None: ask whether it has changed


class ResponseCache(Protocol):
    """Bodies from earlier runs, by URL. Safe to use from several threads."""

    def get(self, url: str) -> CachedResponse | None: ...

    def put(self, response: CachedResponse) -> None:
        """Keep it; it is found at once, and may be written later."""
        ...

    def keep_fresh(self, url: str, until: datetime | None) -> None:
        """Change until when the body kept under `url` needs no new request."""
        ...

    def flush(self) -> None:
        """Write what was not written yet."""
        ...


class Fetcher(Protocol):
    """Gets one URL, politely and within bounds."""

    def get(
        self,
        url: str,
        *,
        allow_private: bool = False,
        fresh_for_seconds: float = 0.0,
        may_follow: Callable[[str], None] | None = None,
    ) -> CachedResponse:
        """Return the body, from the cache where the server says that it has not changed.

        What was fetched less than `fresh_for_seconds` ago is not asked for again. `may_follow` is asked about
        each address that a redirect leads to, before it is: it raises `SourceError` for one that is not to be read.

        Raises:
            SourceError: it can't be had; says why and what to do.
        """
        ...


# --- deliver ----------------------------------------------------------------------------------


class Mark(Protocol):
    """Makes the intent durable: takes delivery ids, returns those that may leave now.

    Called just before the point of no return. An id that is not returned (withdrawn meanwhile, or
    another worker has it) must not be submitted. `request_id` names the provider's request that all
    of `ids` travel in, so that a later report on one of them settles the others.
    """

    def __call__(self, ids: Sequence[str], request_id: str = "") -> frozenset[str]: ...


class Session(Protocol):
    """One letter on its way through one sender: encoded once, on a kept connection."""

    def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
        """Submit to each reader, yielding an outcome as soon as it is known.

        Readers that `mark` does not return get no outcome. What can't be told (a lost answer) is
        UNCERTAIN; a refusal that may pass is QUEUED with `retry_after_seconds`.

        An outcome may come for a reader who was never marked: a recipient that is refused by name.

        Raises:
            SubmitHalted: the provider refuses everything. What was marked and has no outcome was refused
                for certain and is queued again.
            DeliveryError: the transport failed; this session ends. Anything else is a mistake in Digest.
        """
        ...


class Sender(Protocol):
    """A way into inboxes."""

    @property
    def name(self) -> str: ...

    @property
    def reaches_people(self) -> bool:
        """Whether mail leaves for real readers, so that `digest arm` must have been said."""
        ...

    @property
    def batch_size(self) -> int:
        """How many readers are handed to `Session.submit` at a time."""
        ...

    @property
    def connections(self) -> int:
        """How many sessions may be open at once."""
        ...

    def open(self, letter: Letter) -> AbstractContextManager[Session]: ...
