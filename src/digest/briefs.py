"""Briefs of an edition's picks: extracted, and where a language model is configured, what it wrote.

    compress.brief → compress.assign → (answers kept | LanguageModel.ask) → compress.gate → compress.brief

Everything here may fail but the extracted way: a model that is dead, slow, wrong or hostile costs at
most `edition_seconds`, is told of in the notes, and leaves the extracted takeaways where they were.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from digest import compress
from digest.app import App
from digest.compress import Assignment, Gated, Unsuited
from digest.language_model import PROMPT_HASH, Allowance, Answer, Question, Unanswered
from digest.language_model.allowance import Price
from digest.language_model.prompt import write_question
from digest.model import Brief, Cluster, Origin, Story
from digest.settings import LanguageModelSettings
from digest.store.database import Database
from digest.store.model_answers import StoredAnswer, Verdict, answers_of, put_answers, tokens_since

__all__ = ["Briefs", "Written", "brief_clusters", "spent_today"]


@dataclass(frozen=True, slots=True)
class Written:
    """What a language model wrote of one story, beside what is extracted from it."""

    story: Story
    extracted: Brief
    gated: Gated
    answer: StoredAnswer
    is_published: bool  # by what editors have said so far


@dataclass(frozen=True, slots=True)
class Briefs:
    """A brief for every story's id; who wrote the others, and what to tell about it."""

    by_story: Mapping[str, Brief]
    written: tuple[Written, ...] = ()
    unsuited: tuple[tuple[Story, str], ...] = ()  # no model was asked about them, and why
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A story that a model may write of."""

    cluster: Cluster
    brief: Brief
    assignment: Assignment
    question: Question
    key: str


def brief_clusters(
    app: App,
    clusters: Sequence[Cluster],
    *,
    lead: Cluster | None = None,
    but: frozenset[str] = frozenset(),
    may_ask: bool | None = None,
    read_at: datetime | None = None,
) -> Briefs:
    """Compress clusters, with the language model's help where it is configured and may be used.

    Args:
        lead: Which of them leads the edition.
        but: Ids of stories that no model need be asked about: an editor has written of them.
        may_ask: Whether to ask about what no answer is kept of. By default where an answer can be
            published without an editor: who publishes only what is approved asks beforehand.
        read_at: When readers get them; see `compress.brief`.
    """
    extracted = {one.lead.id: compress.brief(one, is_lead=one is lead, read_at=read_at) for one in clusters}
    if app.language_model is None:
        return Briefs(extracted)
    told = app.language_model.told
    wanted, unsuited = _wanted(told, clusters, extracted, but)
    kept = answers_of(app.database, [one.key for one in wanted])
    notes: tuple[str, ...] = ()
    if may_ask if may_ask is not None else not told.approved_only:
        new, notes = _asked(app, [one for one in wanted if one.key not in kept])
        kept.update((answer.key, answer) for answer in new)
    written = tuple(_written(one, kept[one.key], told) for one in wanted if one.key in kept)
    clusters_of = {one.cluster.lead.id: one.cluster for one in wanted}
    by_story = dict(extracted)
    for one in written:
        if one.is_published and one.gated.has_passed:
            cluster = clusters_of[one.story.id]
            by_story[one.story.id] = compress.brief(cluster, is_lead=cluster is lead, written=one.gated.takeaways)
    return Briefs(by_story, written, unsuited, (*notes, *_refused(told, written), *_awaited(told, written)))


def spent_today(database: Database, told: LanguageModelSettings, now: datetime) -> tuple[int, float]:
    """Return the tokens that answers have taken since midnight UTC, and what they cost at today's prices."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    used = tokens_since(database, midnight)
    return sum(used), _price(told).of(*used)


def _wanted(
    told: LanguageModelSettings, clusters: Sequence[Cluster], extracted: Mapping[str, Brief], but: frozenset[str]
) -> tuple[list[_Wanted], tuple[tuple[Story, str], ...]]:
    wanted: dict[str, _Wanted] = {}  # a story may stand in two parts of an edition
    unsuited: list[tuple[Story, str]] = []
    for cluster in clusters:
        story = cluster.lead
        if story.id in but or story.id in wanted:
            continue
        assignment = compress.assign(story, extracted[story.id])
        if isinstance(assignment, Unsuited):
            unsuited.append((story, assignment.reason))
            continue
        question = write_question(
            assignment.headline,
            [sentence.text for sentence in assignment.sentences],
            places=assignment.places,
            language=assignment.language,
        )
        key = question.key(told.base_url, told.model)
        wanted[story.id] = _Wanted(cluster, extracted[story.id], assignment, question, key)
    return list(wanted.values()), tuple(unsuited)


def _asked(app: App, wanted: Sequence[_Wanted]) -> tuple[list[StoredAnswer], tuple[str, ...]]:
    """Ask about each, keep what was answered or paid for, and return the usable answers and what to tell."""
    model = app.language_model
    if model is None or not wanted:
        return [], ()
    now = app.now()
    replies = model.ask([one.question for one in wanted], _allowance(app.database, model.told, now))
    kept: list[StoredAnswer] = []
    problems: Counter[str] = Counter()
    for one, reply in zip(wanted, replies, strict=True):
        if isinstance(reply, Unanswered):
            problems[" ".join(filter(None, (f"{reply.reason}.", reply.hint)))] += 1
            continue
        if reply.problem:
            problems[f"{reply.problem}."] += 1
        kept.append(_stored(one, reply, model.told, now))
    put_answers(app.database, kept)
    notes = tuple(_note(model.told, problem, count, len(wanted)) for problem, count in problems.items())
    return [answer for answer in kept if answer.answer], notes


def _stored(one: _Wanted, reply: Answer, told: LanguageModelSettings, now: datetime) -> StoredAnswer:
    return StoredAnswer(
        key=one.key,
        story_id=one.cluster.lead.id,
        provider=told.label,
        model=told.model,
        prompt_hash=PROMPT_HASH,
        answer="" if reply.problem else reply.text,
        prompt_tokens=one.question.most_tokens if reply.prompt_tokens is None else reply.prompt_tokens,
        answer_tokens=told.max_tokens if reply.answer_tokens is None else reply.answer_tokens,
        at=now,
    )


def _note(told: LanguageModelSettings, problem: str, count: int, of: int) -> str:
    return f"Language model {told.model} ({told.label}), {count} of {of} stories: {problem} They are extracted."


def _refused(told: LanguageModelSettings, written: Sequence[Written]) -> tuple[str, ...]:
    count = sum(not one.gated.has_passed for one in written)
    problem = "nothing of the answer may be published; `digest briefs list` says why."
    return (_note(told, problem, count, len(written)),) if count else ()


def _awaited(told: LanguageModelSettings, written: Sequence[Written]) -> tuple[str, ...]:
    waiting = [one for one in written if told.approved_only and one.answer.verdict is None and one.gated.has_passed]
    if not waiting:
        return ()
    stories = "1 story" if len(waiting) == 1 else f"{len(waiting)} stories"
    return (f"What {told.model} wrote of {stories} waits for an editor (`digest briefs list`): extracted until then.",)


def _allowance(database: Database, told: LanguageModelSettings, now: datetime) -> Allowance:
    """Return what one edition may still cost, today's other ones counted."""
    used_tokens, used_cost = spent_today(database, told, now)
    tokens = [told.tokens_per_edition] if told.tokens_per_edition else []
    tokens += [told.tokens_per_day - used_tokens] if told.tokens_per_day else []
    cost = [told.cost_per_edition] if told.cost_per_edition else []
    cost += [told.cost_per_day - used_cost] if told.cost_per_day else []
    return Allowance(min(tokens, default=None), min(cost, default=None), _price(told))


def _price(told: LanguageModelSettings) -> Price:
    return Price(told.prompt_price_per_million, told.answer_price_per_million)


def _written(one: _Wanted, answer: StoredAnswer, told: LanguageModelSettings) -> Written:
    is_approved = answer.verdict is Verdict.APPROVED
    origin = Origin(
        provider=answer.provider,
        model=answer.model,
        prompt_hash=answer.prompt_hash,
        approved_by=answer.verdict_by if is_approved else "",
        approved_at=answer.verdict_at if is_approved else None,
    )
    is_published = is_approved or (answer.verdict is None and not told.approved_only)
    gated = compress.gate(answer.answer, one.assignment, origin)
    return Written(one.cluster.lead, one.brief, gated, answer, is_published)
