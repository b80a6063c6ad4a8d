"""The sender that speaks SendGrid's v3 API: many readers a request, all marked before it leaves.

The request's bytes are made by `sendgrid_request`, carried by `sendgrid_exchange`, and the answers understood
by `sendgrid_answers`. The official client does not carry them: it has no time-out of its own, opens a
connection for every request, can't tell a connection refused from a request unanswered, and logs bodies and
keys at debug level.

A request that was definitely refused is taken apart here until whoever it was refused for is found, since
its deliveries are marked already and nothing of them has left. Each part is a request with an id of its own.
"""

from __future__ import annotations

import math
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from urllib.parse import urlsplit

import httpx

from digest.deliver.envelope import unusable
from digest.deliver.headers import ascii_address
from digest.deliver.senders.sendgrid_answers import Answer, Meaning, read_answer
from digest.deliver.senders.sendgrid_exchange import Endpoint, Exchange, FailedExchangeError, open_exchange
from digest.deliver.senders.sendgrid_request import (
    MAX_PERSONALIZATIONS,
    MAX_REQUEST_BYTES,
    LetterRequest,
    Row,
    encode_requests,
    request_id,
)
from digest.errors import DeliveryError, SubmitHalted, UnansweredError
from digest.model import Addressed, DeliveryState, Letter, Outcome
from digest.ports import Mark
from digest.settings import SendGridSettings

__all__ = ["SendGridSender", "SendGridSession"]

RECONNECT_SECONDS = 30.0
_UNKNOWN_IN_A_ROW = 2  # requests without an answer that tells anything, each of many readers
_DIVISIBLE = frozenset({Meaning.SPLIT, Meaning.NAMED})  # the latter when it names nobody of the request
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SendGridSender:
    """Submits through SendGrid.

    Args:
        settings: The address, the size of requests and how many sessions may be open at once.
        api_key: One with the scope `mail.send` is enough.
        sandbox: Have every request checked over there and none delivered.
        clock: Seconds from any start; never runs backwards.

    Raises:
        DeliveryError: the address or the key can't be one, or the key would cross a network unencrypted.
    """

    name = "sendgrid"

    def __init__(
        self,
        settings: SendGridSettings,
        api_key: str,
        *,
        sandbox: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings = settings
        self._sandbox = sandbox
        self._clock = clock
        self._endpoint = _endpoint(settings, api_key.strip())
        self._rest = _Rest(clock)

    @property
    def reaches_people(self) -> bool:
        return not self._sandbox

    @property
    def batch_size(self) -> int:
        return max(1, min(self._settings.personalizations, MAX_PERSONALIZATIONS))

    @property
    def connections(self) -> int:
        return max(1, self._settings.connections)

    @contextmanager
    def open(self, letter: Letter) -> Iterator[SendGridSession]:
        """Encode `letter`; the connection is made with the first request.

        Raises:
            DeliveryError: the letter can't be encoded, or the environment's proxy can't be used.
        """
        request = encode_requests(letter, sandbox=self._sandbox)
        with open_exchange(self._endpoint, self._clock) as exchange:
            yield SendGridSession(exchange, request, self._rest, limit=self.batch_size, sandbox=self._sandbox)


@dataclass(frozen=True, slots=True)
class _Request:
    """Readers who travel together, all marked. `is_part` says that they were marked under another request's id."""

    rows: Sequence[Row]
    id: str
    is_part: bool = False

    def part(self, rows: Sequence[Row]) -> _Request:
        return _Request(rows, request_id(row.delivery_id for row in rows), is_part=True)

    def outcomes(
        self, state: DeliveryState, detail: str = "", *, provider_id: str = "", retry: float | None = None
    ) -> list[Outcome]:
        # A whole request is turned away for the account's or the service's sake, never for one reader's.
        costs_attempt = state is not DeliveryState.QUEUED
        told = self.id if self.is_part and state in (DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN) else ""
        return [Outcome(row.delivery_id, state, provider_id, detail, retry, costs_attempt, told) for row in self.rows]


class _Rest:
    """Until when the account wants to be left alone: its rate limit counts the requests of all sessions."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._until = -math.inf
        self._lock = threading.Lock()

    def begin(self, seconds: float) -> None:
        with self._lock:
            self._until = max(self._until, self._clock() + seconds)

    @property
    def left_seconds(self) -> float:
        return max(0.0, self._until - self._clock())


class SendGridSession:
    """One letter on one connection."""

    def __init__(self, exchange: Exchange, letter: LetterRequest, rest: _Rest, *, limit: int, sandbox: bool) -> None:
        self._exchange = exchange
        self._letter = letter
        self._rest = rest
        self._limit = limit
        self._sandbox = sandbox
        self._unknown = 0  # requests in a row

    def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
        """Submit in as few requests as the limits allow; while a rate limit lasts nothing is marked or asked.

        Raises:
            SubmitHalted: key, account or letter are refused; what was marked for it is QUEUED again.
        """
        rows = []
        for addressed in readers:
            address = ascii_address(addressed.delivery.email)
            if address is None:
                detail = unusable(addressed.delivery)
                yield Outcome(addressed.delivery.id, DeliveryState.REJECTED, detail=detail)
            else:
                rows.append(self._letter.row(addressed, address))
        for group in _groups(rows, self._limit):
            ids = [row.delivery_id for row in group]
            request = _Request(group, request_id(ids))
            if seconds := self._rest.left_seconds:
                yield from request.outcomes(DeliveryState.QUEUED, "not asked: the rate limit lasts", retry=seconds)
                continue
            may_leave = mark(ids, request.id)
            if len(may_leave) < len(group):
                request = _Request([row for row in group if row.delivery_id in may_leave], request.id)
            if request.rows:
                yield from self._settle(request)

    def _settle(self, marked: _Request) -> Iterator[Outcome]:
        """Ask until every reader of `marked` has an outcome."""
        waiting = [marked]
        refused: list[Outcome] = []
        while waiting:
            request = waiting.pop()
            rows = request.rows
            answer = self._ask(request)
            if answer.meaning is not Meaning.UNKNOWN:
                self._unknown = 0
            if answer.meaning is Meaning.ACCEPTED:
                yield from request.outcomes(DeliveryState.ACCEPTED, provider_id=answer.provider_id)
            elif named := {place: why for place, why in answer.refused if place < len(rows)}:
                refused += [
                    Outcome(rows[place].delivery_id, DeliveryState.REJECTED, detail=why) for place, why in named.items()
                ]
                if rest := [row for place, row in enumerate(rows) if place not in named]:
                    waiting.append(request.part(rest))
            elif answer.meaning in _DIVISIBLE and len(rows) > 1:
                middle = len(rows) // 2
                waiting += [request.part(rows[middle:]), request.part(rows[:middle])]
            elif answer.meaning in _DIVISIBLE:
                refused += request.outcomes(DeliveryState.REJECTED, answer.words)
            else:
                yield from refused
                yield from self._stop(request, answer, waiting)
                return
        if len(marked.rows) > 1 and len(refused) == len(marked.rows) and len({each.detail for each in refused}) == 1:
            # The same words for everybody speak of the letter. Better to wait than to reject a whole list.
            yield from marked.outcomes(DeliveryState.QUEUED, refused[0].detail)
            raise _halted(refused[0].detail)
        yield from refused

    def _stop(self, request: _Request, answer: Answer, waiting: Sequence[_Request]) -> Iterator[Outcome]:
        """Tell what became of `request`, and put back whoever would have come after it."""
        if answer.meaning is Meaning.UNKNOWN:
            yield from request.outcomes(DeliveryState.UNCERTAIN, f"request {request.id}: {answer.words}")
            self._unknown += 1
        else:
            yield from request.outcomes(DeliveryState.QUEUED, answer.words, retry=answer.wait_seconds)
        for later in waiting:
            retry = answer.wait_seconds or RECONNECT_SECONDS
            yield from later.outcomes(DeliveryState.QUEUED, answer.words, retry=retry)
        if answer.meaning is Meaning.HALTED:
            raise _halted(answer.words)
        if self._unknown == _UNKNOWN_IN_A_ROW:
            raise UnansweredError(
                f"SendGrid left {self._unknown} requests in a row without a telling answer: {answer.words}. "
                "Look at its status page; the other letters stay queued."
            )

    def _ask(self, request: _Request) -> Answer:
        body = self._letter.body(request.rows, request.id)
        if len(body) > MAX_REQUEST_BYTES and len(request.rows) > 1:
            return Answer(Meaning.SPLIT, "the request would be too large")
        try:
            reply = self._exchange.post(body)
        except FailedExchangeError as error:
            if error.is_untrusted:
                return Answer(Meaning.HALTED, f"no trusted TLS: {error}")
            if error.has_left:
                return Answer(Meaning.UNKNOWN, f"no answer: {error}")
            return Answer(Meaning.LATER, f"no connection: {error}", wait_seconds=RECONNECT_SECONDS)
        answer = read_answer(reply.status, reply.headers, reply.body, sandbox=self._sandbox)
        if answer.meaning is Meaning.LATER:
            self._rest.begin(answer.wait_seconds or 0.0)
        return answer


def _endpoint(settings: SendGridSettings, api_key: str) -> Endpoint:
    address = urlsplit(settings.base_url)
    if address.scheme != "https" and address.hostname not in _LOOPBACK:
        raise DeliveryError(
            f"delivery.sendgrid.base_url {settings.base_url!r}: the key may only leave over https. Write https://…"
        )
    if not settings.base_url.isascii() or not address.hostname or "@" in address.netloc:
        raise DeliveryError(
            f"delivery.sendgrid.base_url {settings.base_url!r}: not of the form https://HOST. "
            f"Write {SendGridSettings().base_url} or the EU's https://api.eu.sendgrid.com."
        )
    if not api_key or not api_key.isascii() or not api_key.isprintable():
        raise DeliveryError(f"The variable {settings.api_key_env} holds no API key. Set it to one.")
    is_https = address.scheme == "https"
    return Endpoint(
        f"{settings.base_url.rstrip('/')}/v3/mail/send",
        (
            ("Authorization", f"Bearer {api_key}"),
            ("Content-Type", "application/json"),
            ("Accept", "application/json"),
            ("Accept-Encoding", "identity"),
            ("User-Agent", f"Digest/{version('digest')}"),
        ),
        # Reading the trusted roots takes 40 ms, so once. Without them no certificate would do.
        tls=httpx.create_ssl_context() if is_https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
        timeout_seconds=settings.timeout_seconds,
        uses_proxies=is_https,  # loopback is no business of a proxy
    )


def _groups(rows: Sequence[Row], limit: int) -> Iterator[list[Row]]:
    """Cut `rows` into requests; an address may stand in each only once, SendGrid refuses the whole else."""
    left = list(rows)
    while left:
        group: dict[str, Row] = {}
        over = []
        for row in left:
            key = row.address.lower()
            if len(group) < limit and key not in group:
                group[key] = row
            else:
                over.append(row)
        yield list(group.values())
        left = over


def _halted(words: str) -> SubmitHalted:
    return SubmitHalted(
        f"SendGrid refuses every letter: {words}. Look at the key, the account's sender authentication and the letter; "
        "the letters stay queued."
    )
