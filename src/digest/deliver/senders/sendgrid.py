"""The sender that speaks SendGrid's v3 API: many readers a request, all marked before it leaves.

The request's bytes are made by `sendgrid_request`, the answers understood by `sendgrid_answers`. The
exchange itself goes over one kept httpx connection, since the official client has no time-out of its own,
opens a connection for every request, can't tell a connection refused from a request unanswered, and logs
bodies and keys at debug level.

A request that was definitely refused is taken apart here until whoever it was refused for is found, since
its deliveries are marked already and nothing of them has left.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx

from digest.deliver.envelope import require_writable, unusable
from digest.deliver.headers import ascii_address
from digest.deliver.senders.sendgrid_answers import Answer, Meaning, read_answer
from digest.deliver.senders.sendgrid_request import (
    MAX_PERSONALIZATIONS,
    LetterRequest,
    encode_requests,
    request_id,
)
from digest.errors import DeliveryError, SubmitHalted
from digest.model import Addressed, DeliveryState, Letter, Outcome
from digest.ports import Mark
from digest.settings import SendGridSettings

__all__ = ["SendGridSender", "SendGridSession"]

RECONNECT_SECONDS = 30.0
_UNKNOWN_IN_A_ROW = 2  # requests without an answer that tells anything, each of many readers
# SendGrid documents 30 MB for attachments and 20 MB for a message; ours are far below.
MAX_REQUEST_BYTES = 2_000_000
_ANSWER_BYTES = 65_536
_DIVISIBLE = frozenset({Meaning.SPLIT, Meaning.NAMED})  # the latter when it names nobody of the request
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class SendGridSender:
    """Submits through SendGrid.

    Args:
        settings: The address and the size of requests.
        api_key: One with the scope `mail.send` is enough.
        sandbox: Have every request checked over there and none delivered.

    Raises:
        DeliveryError: the key can't be one, or would cross a network unencrypted.
    """

    name = "sendgrid"
    connections = 4

    def __init__(self, settings: SendGridSettings, api_key: str, *, sandbox: bool = False) -> None:
        address = urlsplit(settings.base_url)
        if address.scheme != "https" and address.hostname not in _LOOPBACK:
            raise DeliveryError(
                f"delivery.sendgrid.base_url {settings.base_url!r}: the key may only leave over https. Write https://…"
            )
        self._key = api_key.strip()
        if not self._key or not self._key.isascii() or not self._key.isprintable():
            raise DeliveryError(f"The variable {settings.api_key_env} holds no API key. Set it to one.")
        self._settings = settings
        self._sandbox = sandbox
        is_https = address.scheme == "https"
        # Reading the trusted roots takes 40 ms, so once. Without them no certificate would do.
        self._tls = httpx.create_ssl_context() if is_https else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._trust_env = is_https  # loopback is no business of a proxy

    @property
    def reaches_people(self) -> bool:
        return not self._sandbox

    @property
    def batch_size(self) -> int:
        return max(1, min(self._settings.personalizations, MAX_PERSONALIZATIONS))

    @contextmanager
    def open(self, letter: Letter) -> Iterator[SendGridSession]:
        """Encode `letter`; the connection is made with the first request.

        Raises:
            DeliveryError: the letter can't be encoded.
        """
        request = encode_requests(letter, sandbox=self._sandbox)
        base_url = self._settings.base_url.rstrip("/")
        with httpx.Client(
            timeout=self._settings.timeout_seconds,
            headers={
                "Authorization": f"Bearer {self._key}",
                "Content-Type": "application/json",
                "Accept-Encoding": "identity",
            },
            # A connection idle for longer may be closed by the other side just as it is used again.
            limits=httpx.Limits(keepalive_expiry=5.0),
            verify=self._tls,
            trust_env=self._trust_env,
        ) as client:
            yield SendGridSession(
                client, f"{base_url}/v3/mail/send", request, limit=self.batch_size, sandbox=self._sandbox
            )


class SendGridSession:
    """One letter on one connection."""

    def __init__(self, client: httpx.Client, url: str, request: LetterRequest, *, limit: int, sandbox: bool) -> None:
        self._client = client
        self._url = url
        self._request = request
        self._limit = limit
        self._sandbox = sandbox
        self._unknown = 0  # requests in a row

    def submit(self, readers: Sequence[Addressed], mark: Mark) -> Iterable[Outcome]:
        """Submit in as few requests as the limits allow.

        Raises:
            SubmitHalted: key, account or letter are refused; what was marked for it is QUEUED again.
        """
        usable = []
        for addressed in readers:
            if why := unusable(addressed.delivery):
                yield Outcome(addressed.delivery.id, DeliveryState.REJECTED, detail=why)
            else:
                require_writable(addressed)
                usable.append(addressed)
        for group in _groups(usable, self._limit):
            may_leave = mark([addressed.delivery.id for addressed in group])
            marked = [addressed for addressed in group if addressed.delivery.id in may_leave]
            if marked:
                yield from self._settle(marked)

    def _settle(self, readers: list[Addressed]) -> Iterator[Outcome]:
        """Ask until every one of `readers`, who are marked, has an outcome."""
        waiting = [readers]
        refused: list[Outcome] = []
        while waiting:
            group = waiting.pop()
            answer = self._ask(group)
            if answer.meaning is not Meaning.UNKNOWN:
                self._unknown = 0
            if answer.meaning is Meaning.ACCEPTED:
                detail = f"request {request_id(group)}"
                yield from _all(group, DeliveryState.ACCEPTED, detail, provider_id=answer.provider_id)
            elif named := {place: why for place, why in answer.refused if place < len(group)}:
                refused += [
                    Outcome(group[place].delivery.id, DeliveryState.REJECTED, detail=why)
                    for place, why in named.items()
                ]
                if rest := [addressed for place, addressed in enumerate(group) if place not in named]:
                    waiting.append(rest)
            elif answer.meaning in _DIVISIBLE and len(group) > 1:
                middle = len(group) // 2
                waiting += [group[middle:], group[:middle]]
            elif answer.meaning in _DIVISIBLE:
                refused += _all(group, DeliveryState.REJECTED, answer.words)
            else:
                yield from refused
                yield from self._stop(group, answer, waiting)
                return
        if len(readers) > 1 and len(refused) == len(readers) and len({outcome.detail for outcome in refused}) == 1:
            # The same words for everybody speak of the letter. Better to wait than to reject a whole list.
            yield from _all(readers, DeliveryState.QUEUED, refused[0].detail)
            raise _halted(refused[0].detail)
        yield from refused

    def _stop(self, group: list[Addressed], answer: Answer, waiting: list[list[Addressed]]) -> Iterator[Outcome]:
        """Tell what became of `group`, and put back whoever would have come after it."""
        if answer.meaning is Meaning.UNKNOWN:
            detail = f"request {request_id(group)}: {answer.words}"
            yield from _all(group, DeliveryState.UNCERTAIN, detail)
            self._unknown += 1
        else:
            yield from _all(group, DeliveryState.QUEUED, answer.words, retry=answer.wait_seconds)
        for later in waiting:
            yield from _all(later, DeliveryState.QUEUED, answer.words, retry=answer.wait_seconds or RECONNECT_SECONDS)
        if answer.meaning is Meaning.HALTED:
            raise _halted(answer.words)
        if self._unknown == _UNKNOWN_IN_A_ROW:
            raise SubmitHalted(
                f"SendGrid left {self._unknown} requests in a row without a telling answer: {answer.words}. "
                "Look at its status page; the other letters stay queued."
            )

    def _ask(self, group: list[Addressed]) -> Answer:
        body = self._request.body(group)
        if len(body) > MAX_REQUEST_BYTES and len(group) > 1:
            return Answer(Meaning.SPLIT, "the request would be too large")
        try:
            with self._client.stream("POST", self._url, content=body) as response:
                return read_answer(response.status_code, response.headers, _beginning(response), sandbox=self._sandbox)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError) as error:
            if isinstance(_root(error), ssl.SSLCertVerificationError):
                return Answer(Meaning.HALTED, f"no trusted TLS: {error}")
            return Answer(Meaning.LATER, f"no connection: {error}", wait_seconds=RECONNECT_SECONDS)
        except httpx.HTTPError as error:
            return Answer(Meaning.UNKNOWN, f"no answer: {type(error).__name__} {error}".rstrip())


def _groups(readers: Sequence[Addressed], limit: int) -> Iterator[list[Addressed]]:
    """Cut `readers` into requests; an address may stand in each only once, SendGrid refuses the whole else."""
    left = list(readers)
    while left:
        group: dict[str, Addressed] = {}
        over = []
        for addressed in left:
            key = (ascii_address(addressed.delivery.email) or "").lower()
            if len(group) < limit and key not in group:
                group[key] = addressed
            else:
                over.append(addressed)
        yield list(group.values())
        left = over


def _all(
    group: Sequence[Addressed],
    state: DeliveryState,
    detail: str,
    *,
    provider_id: str = "",
    retry: float | None = None,
) -> list[Outcome]:
    # A whole request is turned away for the account's or the service's sake, never for one reader's.
    return [
        Outcome(
            addressed.delivery.id, state, provider_id, detail, retry, costs_attempt=state is not DeliveryState.QUEUED
        )
        for addressed in group
    ]


def _halted(words: str) -> SubmitHalted:
    return SubmitHalted(
        f"SendGrid refuses every letter: {words}. Look at the key, the account's sender authentication and the letter; "
        "the letters stay queued."
    )


def _beginning(response: httpx.Response) -> bytes:
    """Return the first bytes of an answer; one that breaks off is judged by its status alone."""
    read = b""
    try:
        for piece in response.iter_raw():
            read += piece
            if len(read) > _ANSWER_BYTES:
                break
    except httpx.HTTPError:
        return b""
    return read[:_ANSWER_BYTES]


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None or error.__context__ is not None:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]  # one of them is there
    return error
