"""Asks a chat API, about a few stories at once and never for longer than agreed.

Every question has one deadline for its whole exchange, and all together have one: httpx's own time-outs
begin anew with every byte. Retry policy: what is busy, broken or not reached (`RETRIED_STATUSES`, no
connection) is asked once more, after Retry-After or a second, if there is time; then it is left. After
a refusal that every story would meet, or `HALT_AFTER` failures in a row, nothing more is asked. What got
no answer is left alone for `REST_SECONDS`: an edition that is composed anew must not wait anew.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from digest.language_model.allowance import Allowance
from digest.language_model.prompt import RESPONSE_FORMAT, Question
from digest.language_model.replies import RETRIED_STATUSES, Answer, Unanswered, adapted, read_answer, read_refusal
from digest.mishaps import note_mishap
from digest.settings import LanguageModelSettings

if TYPE_CHECKING:
    import httpx

__all__ = ["LanguageModel"]

HALT_AFTER = 3
REST_SECONDS = 600.0
MAX_BODY_BYTES = 1024 * 1024
_MOST_ADAPTATIONS = 3  # there are three things that a server may not take


_RESTING = Unanswered(f"not asked again within {REST_SECONDS / 60:g} minutes of getting no answer")


@dataclass(slots=True)
class _Round:
    """One edition's questions under way."""

    http: httpx.AsyncClient
    allowance: Allowance
    ends: float  # by the loop's clock
    places: asyncio.Semaphore
    failures: int = 0  # in a row
    halted: Unanswered | None = None


@dataclass(slots=True)
class _Exchange:
    """What one question has met."""

    request: dict[str, Any]
    has_retried: bool = False
    adaptations: int = 0


@dataclass(slots=True)
class LanguageModel:
    """A model behind a chat API. For one thread at a time.

    `key` is None when the variable that holds it is not set; `retry_seconds` is what passes before a
    retry when the server does not say.
    """

    told: LanguageModelSettings
    key: str | None = field(repr=False)
    user_agent: str = "Digest"
    retry_seconds: float = 1.0
    _shape: dict[str, Any] = field(init=False)  # a request without its messages, as this server takes it
    _rests: dict[Question, float] = field(init=False, default_factory=dict)  # until when, by the monotonic clock

    def __post_init__(self) -> None:
        self._shape = {
            "model": self.told.model,
            "temperature": 0,
            "max_tokens": self.told.max_tokens,
            "response_format": RESPONSE_FORMAT,
        }

    def ask(self, questions: Sequence[Question], allowance: Allowance) -> tuple[Answer | Unanswered, ...]:
        """Return for each question its answer, or why there is none; at most `edition_seconds` later.

        Resolving a name is the system's own time.
        """
        if not questions:
            return ()
        if self.told.key_env and not self.key:
            missing = f"the environment variable {self.told.key_env} is not set"
            return (Unanswered(missing, "Set it, or name another in key_env."),) * len(questions)
        if self.key and not (self.key.isascii() and self.key.isprintable()):
            return (Unanswered(f"what {self.told.key_env} holds is no key", "Look at it."),) * len(questions)
        now = time.monotonic()
        self._rests = {question: until for question, until in self._rests.items() if until > now}
        awake = [question for question in questions if question not in self._rests]
        found = dict(zip(awake, asyncio.run(self._ask_all(awake, allowance)), strict=True)) if awake else {}
        for question, result in found.items():
            if isinstance(result, Unanswered):
                self._rests[question] = time.monotonic() + REST_SECONDS
        return tuple(found.get(question, _RESTING) for question in questions)

    async def _ask_all(self, questions: Sequence[Question], allowance: Allowance) -> tuple[Answer | Unanswered, ...]:
        import httpx

        headers = {
            "User-Agent": self.user_agent,
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Accept-Encoding": "identity",  # what is packed can't be bounded as simply
        }
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        ends = asyncio.get_running_loop().time() + self.told.edition_seconds
        async with httpx.AsyncClient(headers=headers, timeout=None) as http:  # noqa: S113  (deadlines of our own)
            round_ = _Round(http, allowance, ends, asyncio.Semaphore(self.told.connections))
            return tuple(await asyncio.gather(*(self._ask_in_turn(question, round_) for question in questions)))

    async def _ask_in_turn(self, question: Question, round_: _Round) -> Answer | Unanswered:
        clock = asyncio.get_running_loop().time
        async with round_.places:
            if round_.halted is not None:
                return round_.halted
            if clock() >= round_.ends:
                return Unanswered(f"the {self.told.edition_seconds:g} s for one edition were over")
            most = (question.most_tokens, self.told.max_tokens)
            if not round_.allowance.take(*most):
                return Unanswered("the cap on tokens or cost is reached")
            deadline = min(clock() + self.told.timeout_seconds, round_.ends)
            try:
                async with asyncio.timeout_at(deadline):
                    result = await self._ask(question, round_)
            except TimeoutError:
                seconds = min(self.told.timeout_seconds, self.told.edition_seconds)
                result = Unanswered(f"gave no complete answer in {seconds:g} s")
            except Exception as error:  # one question's fault must not cost an edition
                note_mishap("language model", error)
                result = Unanswered(f"a fault in Digest, {type(error).__name__}: {error}", "Report it.")
            if isinstance(result, Unanswered) and self.key:
                result = replace(result, reason=result.reason.replace(self.key, "[key]"))
            self._settle(result, round_, most)
            return result

    def _settle(self, result: Answer | Unanswered, round_: _Round, most: tuple[int, int]) -> None:
        """Count what a question cost, and whether the next is worth asking."""
        if isinstance(result, Answer):
            told = (result.prompt_tokens, result.answer_tokens)
            used = tuple(most[at] if count is None else count for at, count in enumerate(told))
            round_.allowance.settle(most, (used[0], used[1]))
            round_.failures = 0
            return
        round_.failures += 1  # what was set aside stays so: a late answer is paid for too
        if result.is_fatal:
            round_.halted = result
        elif round_.failures >= HALT_AFTER:
            round_.halted = Unanswered(f"not asked after {HALT_AFTER} failures in a row")

    async def _ask(self, question: Question, round_: _Round) -> Answer | Unanswered:
        met = _Exchange({**self._shape, "messages": question.messages})
        while True:
            found = await self._once(met, round_.http)
            if isinstance(found, Answer | Unanswered):
                return found
            await asyncio.sleep(found)

    async def _once(self, met: _Exchange, http: httpx.AsyncClient) -> Answer | Unanswered | float:
        """Ask once; return what came of it, or in how many seconds to ask again."""
        import httpx

        try:
            status, headers, body = await self._post(http, met.request)
        except httpx.HTTPError as error:
            words = str(error).rstrip(".") or type(error).__name__
            return self._again_or(met, Unanswered(f"the connection failed: {words}"), None)
        if status == 200:
            if len(body) > MAX_BODY_BYTES:
                return Unanswered("answered more than 1 MB", "Check base_url.")
            return read_answer(body)
        if (less := adapted(met.request, status, body)) is not None and met.adaptations < _MOST_ADAPTATIONS:
            met.request, met.adaptations = less, met.adaptations + 1
            self._shape = {key: value for key, value in less.items() if key != "messages"}
            return 0.0
        refusal = read_refusal(status, body)
        return self._again_or(met, refusal, headers.get("retry-after")) if status in RETRIED_STATUSES else refusal

    def _again_or(self, met: _Exchange, failure: Unanswered, retry_after: str | None) -> Unanswered | float:
        if met.has_retried:
            return failure
        met.has_retried = True
        seconds = float(retry_after) if retry_after and retry_after.isdecimal() else self.retry_seconds
        # Beyond the deadline there is no point in waiting for it.
        return seconds if seconds < self.told.timeout_seconds else failure

    async def _post(self, http: httpx.AsyncClient, request: dict[str, Any]) -> tuple[int, httpx.Headers, bytes]:
        url = f"{self.told.base_url.rstrip('/')}/chat/completions"
        body = bytearray()
        async with http.stream("POST", url, content=json.dumps(request).encode()) as reply:
            async for chunk in reply.aiter_raw():
                body += chunk
                if len(body) > MAX_BODY_BYTES:
                    break
        return reply.status_code, reply.headers, bytes(body)
