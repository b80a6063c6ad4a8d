"""What a language model answered, so that nothing is paid for twice, and what editors say of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select

from digest.store.database import Database
from digest.store.schema import model_answers

__all__ = ["StoredAnswer", "Verdict", "answers_of", "judge_answers", "put_answers", "tokens_since"]

KEEP = timedelta(days=90)  # what was published stands in its edition; these only save asking twice


class Verdict(StrEnum):
    """What an editor said of an answer."""

    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """An answer as it came; `verdict` is None when nobody has looked at it."""

    key: str  # names everything that the answer depends on, the story's text among it
    story_id: str
    provider: str
    model: str
    prompt_hash: str
    answer: str
    prompt_tokens: int
    answer_tokens: int
    at: datetime
    verdict: Verdict | None = None
    verdict_by: str = ""
    verdict_at: datetime | None = None


def answers_of(database: Database, keys: Iterable[str]) -> dict[str, StoredAnswer]:
    """Return what is known of `keys`; one that was paid for and gave nothing is not among it."""
    wanted = select(model_answers).where(model_answers.c.key.in_(list(keys)), model_answers.c.answer != "")
    with database.read() as connection:
        rows = [dict(row._mapping) for row in connection.execute(wanted)]
    return {
        row["key"]: StoredAnswer(**{**row, "verdict": Verdict(row["verdict"]) if row["verdict"] else None})
        for row in rows
    }


def put_answers(database: Database, answers: Sequence[StoredAnswer]) -> None:
    """Keep answers in one transaction, and clear out what is old.

    What an answer to the same key cost earlier is added to its tokens, so that a day's sum holds.
    """
    if not answers:
        return
    insert = database.insert(model_answers)
    put = insert.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "answer": insert.excluded.answer,
            "at": insert.excluded.at,
            "prompt_tokens": model_answers.c.prompt_tokens + insert.excluded.prompt_tokens,
            "answer_tokens": model_answers.c.answer_tokens + insert.excluded.answer_tokens,
        },
    )
    with database.write() as connection:
        connection.execute(put, [{**asdict(answer), "verdict": answer.verdict or ""} for answer in answers])
        connection.execute(delete(model_answers).where(model_answers.c.at < max(a.at for a in answers) - KEEP))


def judge_answers(database: Database, keys: Iterable[str], verdict: Verdict, who: str, now: datetime) -> int:
    """Record an editor's verdict on answers; return on how many."""
    judge = (
        model_answers.update()
        .where(model_answers.c.key.in_(list(keys)))
        .values(verdict=verdict, verdict_by=who, verdict_at=now)
    )
    with database.write() as connection:
        return connection.execute(judge).rowcount


def tokens_since(database: Database, since: datetime) -> tuple[int, int]:
    """Return how many tokens the answers since then took, of prompts and of answers."""
    wanted = select(
        func.coalesce(func.sum(model_answers.c.prompt_tokens), 0),
        func.coalesce(func.sum(model_answers.c.answer_tokens), 0),
    ).where(model_answers.c.at >= since)
    with database.read() as connection:
        prompt_tokens, answer_tokens = connection.execute(wanted).one()
    return int(prompt_tokens), int(answer_tokens)
